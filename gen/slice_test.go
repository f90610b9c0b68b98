package gen

import (
	"testing"

	"github.com/sowerdata/sower/column"
)

// TestSlice: parts of parts see their own cells, and the memory of views is used again.
func TestSlice(t *testing.T) {
	in := new(column.Vec)
	in.Reset(column.Int)
	for i := range int64(20) {
		in.AppendInt(i)
	}
	s := &Span{Rows: Rows{First: 100, N: 20}, Attempt: 3, Inputs: []*column.Vec{in, in, in}, Scratch: new(Scratch)}
	check := func(s *Span, first int64) {
		t.Helper()
		for i := range s.Rows.N {
			if s.Rows.At(i) != 100+first+int64(i) || s.Attempt != 3 {
				t.Fatalf("row %d is %d", i, s.Rows.At(i))
			}
			for _, v := range s.Inputs {
				if v.Len() != s.Rows.N || v.Ints[i] != first+int64(i) {
					t.Fatalf("cell %d is %d, want %d", i, v.Ints[i], first+int64(i))
				}
			}
		}
	}
	work := func() {
		for from := range 10 {
			outer, done := s.Slice(from, from+10)
			check(&outer, int64(from))
			for k := range 5 {
				inner, done := outer.Slice(k, k+5)
				check(&inner, int64(from+k))
				done()
			}
			check(&outer, int64(from))
			whole, same := outer.Slice(0, 10)
			check(&whole, int64(from))
			same()
			done()
		}
	}
	work()
	list := s.Rows
	list.List = []int64{5, 6, 7}
	if sub := (Rows{N: 3, List: list.List}).Slice(1, 3); sub.N != 2 || sub.At(0) != 6 || sub.At(1) != 7 {
		t.Error(sub)
	}
	if n := testing.AllocsPerRun(10, func() {
		for from := range 10 {
			outer, done := s.Slice(from, from+10)
			_, inner := outer.Slice(1, 2)
			inner()
			done()
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
