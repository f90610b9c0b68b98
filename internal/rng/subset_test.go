package rng

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSubsetDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(0, 70), rapid.IntRange(0, 3000), rapid.IntRange(0, 1<<31-1)).Draw(t, "n")
		k := rapid.IntRange(0, min(n, 3000)).Draw(t, "k")
		s := testKey.At(rapid.Int64().Draw(t, "row"), 0)
		prefix := []int32{-7, -8}
		got := s.Subset(prefix, k, n)
		if d := cmp.Diff(prefix, got[:2]); d != "" || len(got) != 2+k {
			t.Fatalf("dst is not kept: %v", got)
		}
		seen := map[int32]bool{}
		for _, x := range got[2:] {
			if x < 0 || int(x) >= n || seen[x] {
				t.Fatalf("%d is out of range or a duplicate", x)
			}
			seen[x] = true
		}
	})
}

// TestSubsetFrequencies checks that at each place of the result all elements
// are equally likely, as are all ordered pairs at the first and last place.
func TestSubsetFrequencies(t *testing.T) {
	for _, c := range []struct{ k, n, total int }{
		{2, 6, 20000}, {3, 6, 20000}, {5, 6, 20000}, {6, 6, 20000}, {4, 40, 50000}, {35, 40, 50000},
		{3, 1024, 200000}, {1000, 1024, 2000}, {3, 1025, 200000}, {300, 1025, 3000}, {1025, 1025, 1500},
	} {
		first, last, all := make([]int, c.n), make([]int, c.n), make([]int, c.n)
		pairs := make([]int, c.n*c.n)
		var buf []int32
		for row := range c.total {
			s := testKey.At(int64(row), 0)
			buf = s.Subset(buf[:0], c.k, c.n)
			first[buf[0]]++
			last[buf[c.k-1]]++
			pairs[int(buf[0])*c.n+int(buf[c.k-1])]++
			for _, x := range buf {
				all[x]++
			}
		}
		name := fmt.Sprintf("%d of %d: ", c.k, c.n)
		if c.total >= 5*c.n {
			checkChi(t, name+"first", first, flat(c.total, c.n))
			checkChi(t, name+"last", last, flat(c.total, c.n))
		}
		if c.total >= 5*c.n*c.n {
			checkChi(t, name+"pairs", pairs, func(i int) float64 {
				if i/c.n == i%c.n {
					return 0
				}
				return float64(c.total) / float64(c.n*(c.n-1))
			})
		}
		// Each element is included with probability p; the counts are
		// binomial, less variable than Poisson by 1-p.
		p := float64(c.k) / float64(c.n)
		if c.k < c.n {
			x := 0.0
			for _, o := range all {
				e := float64(c.total) * p
				x += (float64(o) - e) * (float64(o) - e) / (e * (1 - p)) * float64(c.n-1) / float64(c.n)
			}
			checkChiValue(t, name+"included", x, float64(c.n-1))
		}
	}
}

func TestSubsetPanics(t *testing.T) {
	s := testKey.At(0, 0)
	mustPanic(t, "3 of 2", func() { s.Subset(nil, 3, 2) })
	mustPanic(t, "-1 of 2", func() { s.Subset(nil, -1, 2) })
}

func TestNoAllocation(t *testing.T) {
	p := NewPerm(testKey, 1e9)
	a, err := NewAlias([]uint64{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	z, err := NewZipf(1e6, 1.2)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := NewSplit(testKey, 1e6, 5e6, 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClasses(testKey, []int64{5e8, 3e8})
	dst := make([]int32, 0, 1024)
	row := int64(0)
	for what, f := range map[string]func(s *Stream){
		"N":        func(s *Stream) { sinkU += s.N(5) },
		"Normal":   func(s *Stream) { sinkF += s.Normal() },
		"UUID":     func(*Stream) { sinkB += testKey.UUID(row, 0)[3] },
		"Perm":     func(*Stream) { sinkU += p.At(uint64(row)) },
		"NewPerm":  func(*Stream) { q := NewPerm(testKey, 70); sinkU += q.At(3) },
		"Alias":    func(s *Stream) { sinkI += int64(a.Pick(s)) },
		"Zipf":     func(s *Stream) { sinkU += z.Pick(s) },
		"Children": func(*Stream) { _, n := sp.Children(row); sinkI += n },
		"Parent":   func(*Stream) { n, _ := sp.Parent(row); sinkI += n },
		"Classes":  func(*Stream) { _, n := c.Of(row); sinkI += c.Row(0, n%7) },
		"sparse":   func(s *Stream) { sinkI += int64(len(s.Subset(dst, 400, 1024))) },
		"dense":    func(s *Stream) { sinkI += int64(len(s.Subset(dst, 900, 1024))) },
		"large":    func(s *Stream) { sinkI += int64(len(s.Subset(dst, 256, 1e6))) },
	} {
		var s Stream
		if n := testing.AllocsPerRun(100, func() {
			s = testKey.At(row, 0)
			f(&s)
			row++
		}); n != 0 {
			t.Errorf("%s allocates %g times", what, n)
		}
	}
}
