package rng

import "testing"

// FuzzPerm: a permutation of any size has an inverse; small ones are gone through wholly.
func FuzzPerm(f *testing.F) {
	for _, n := range []uint64{0, 1, 2, 3, 64, 65, 4095, 4096, 1 << 20, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
		f.Add(n, uint64(1), uint64(2), uint64(3))
	}
	f.Fuzz(func(t *testing.T, n, a, b, at uint64) {
		p := NewPerm(Key{a, b}, n)
		if n < 4096 {
			seen := make([]bool, n)
			for i := range n {
				j := p.At(i)
				if j >= n || seen[j] || p.Inverse(j) != i {
					t.Fatalf("size %d: %d goes to %d", n, i, j)
				}
				seen[j] = true
			}
			return
		}
		for i := range uint64(16) {
			i = (at + i*0x9e3779b97f4a7c15) % n
			if j := p.At(i); j >= n || p.Inverse(j) != i {
				t.Fatalf("size %d: %d goes to %d and back to %d", n, i, j, p.Inverse(j))
			}
		}
	})
}

// FuzzQuota: classes have exactly the rows that they were given, and a row's place in its class leads back.
func FuzzQuota(f *testing.F) {
	f.Add(uint16(1000), uint64(90), uint64(7), uint64(3), uint64(1))
	f.Add(uint16(7), uint64(1), uint64(1), uint64(1), uint64(2))
	f.Add(uint16(1), uint64(0), uint64(1<<63), uint64(1<<63), uint64(3))
	f.Fuzz(func(t *testing.T, rows uint16, a, b, c, seed uint64) {
		weights := []uint64{a, b, c}
		if a|b|c == 0 {
			return
		}
		n := int64(rows)
		want := Apportion(n, weights)
		classes := NewClasses(Key{seed, ^seed}, want)
		got := make([]int64, len(want))
		for row := range n {
			class, rank := classes.Of(row)
			if rank < 0 || rank >= want[class] || classes.Row(class, rank) != row {
				t.Fatalf("row %d is number %d of class %d, and that is row %d", row, rank, class, classes.Row(class, rank))
			}
			got[class]++
		}
		for i := range want {
			if got[i] != want[i] || weights[i] == 0 && got[i] != 0 {
				t.Fatalf("class %d has %d rows, want %d", i, got[i], want[i])
			}
		}
	})
}

// FuzzSplit: children are shared out exactly, each parent's number is within its bounds, and every child
// knows its parent.
func FuzzSplit(f *testing.F) {
	f.Add(uint16(10), uint16(100), uint8(0), uint8(255), uint64(1))
	f.Add(uint16(1), uint16(1), uint8(1), uint8(1), uint64(2))
	f.Fuzz(func(t *testing.T, parents, total uint16, least, most uint8, seed uint64) {
		s, err := NewSplit(Key{seed, 1}, int64(parents), int64(total), int64(least), int64(most))
		if err != nil {
			return
		}
		at := int64(0)
		for p := range int64(parents) {
			first, n := s.Children(p)
			if first != at || n < int64(least) || n > int64(most) {
				t.Fatalf("parent %d has %d children from %d on, want %d to %d from %d on", p, n, first, least, most, at)
			}
			for i := range n {
				if q, rank := s.Parent(first + i); q != p || rank != i {
					t.Fatalf("child %d is number %d of parent %d, want %d of %d", first+i, rank, q, i, p)
				}
			}
			at += n
		}
		if at != int64(total) {
			t.Fatalf("%d children, want %d", at, total)
		}
	})
}
