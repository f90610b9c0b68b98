package rng

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// checkSplit checks sums, bounds and inverse for all parents and children.
func checkSplit(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, s *Split, parents, total, lo, hi int64) {
	t.Helper()
	next := int64(0)
	for p := range parents {
		first, count := s.Children(p)
		if first != next || count < lo || count > hi {
			t.Fatalf("%d over %d in %d..%d: parent %d has %d from %d, want from %d", total, parents, lo, hi, p, count, first, next)
		}
		for r := range count {
			if q, rank := s.Parent(first + r); q != p || rank != r {
				t.Fatalf("%d over %d in %d..%d: child %d of %d is the %d of %d", total, parents, lo, hi, r, p, rank, q)
			}
		}
		next += count
	}
	if next != total {
		t.Fatalf("%d over %d in %d..%d: %d were dealt out", total, parents, lo, hi, next)
	}
}

func TestSplitSmall(t *testing.T) {
	for parents := range int64(10) {
		for lo := range int64(4) {
			for hi := lo; hi < lo+5; hi++ {
				for total := parents * lo; total <= parents*hi; total++ {
					s, err := NewSplit(permKey(int(total)), parents, total, lo, hi)
					if err != nil {
						t.Fatal(err)
					}
					checkSplit(t, s, parents, total, lo, hi)
				}
			}
		}
	}
}

func TestSplitRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := Key{rapid.Uint64().Draw(t, "A"), rapid.Uint64().Draw(t, "B")}
		parents := rapid.Int64Range(1, 9000).Draw(t, "parents")
		lo := rapid.Int64Range(0, 3).Draw(t, "min")
		hi := lo + rapid.Int64Range(0, 10).Draw(t, "max-min")
		total := rapid.Int64Range(parents*lo, parents*hi).Draw(t, "total")
		s, err := NewSplit(k, parents, total, lo, hi)
		if err != nil {
			t.Fatal(err)
		}
		checkSplit(t, s, parents, total, lo, hi)
	})
}

func TestSplitLarge(t *testing.T) {
	for _, c := range []struct{ parents, total, lo, hi int64 }{
		{1e9, 5e9, 0, 20}, {1e9, 5e9, 5, 5}, {1e9, 5e9, 1, math.MaxInt64}, {3e8, 10, 0, 1},
		{1e12, 1e12 - 3, 0, 1}, {7, 1 << 53, 0, math.MaxInt64}, {7, 1 << 53, 1000, 1 << 52},
		{1 << 53, 1 << 53, 0, math.MaxInt64}, {1<<53 - 1, 1<<53 - 5, 0, 2}, {2, 1 << 53, 0, 1 << 53},
	} {
		s, err := NewSplit(testKey, c.parents, c.total, c.lo, c.hi)
		if err != nil {
			t.Fatal(err)
		}
		if first, count := s.Children(c.parents - 1); first+count != c.total {
			t.Errorf("%v: the last children end at %d", c, first+count)
		}
		next, _ := s.Children(0)
		if next != 0 {
			t.Errorf("%v: the first child is %d", c, next)
		}
		for i := range int64(1000) {
			stream := testKey.At(i, 3)
			p := stream.Range(0, c.parents-2)
			first, count := s.Children(p)
			next, _ := s.Children(p + 1)
			if count < c.lo || count > c.hi || first+count != next {
				t.Fatalf("%v: parent %d has %d from %d, the next from %d", c, p, count, first, next)
			}
			child := stream.Range(0, c.total-1)
			p, rank := s.Parent(child)
			if first, count := s.Children(p); first+rank != child || rank >= count {
				t.Fatalf("%v: child %d is %d of %d, which has %d from %d", c, child, rank, p, count, first)
			}
		}
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range [][4]int64{
		{-1, 0, 0, 1}, {1, -1, 0, 1}, {1, 1, -1, 1}, {1, 0, 0, -1}, {2, 3, 2, 1}, {2, 3, 2, 5},
		{2, 11, 2, 5}, {0, 1, 0, 5}, {1, 0, 1, 1}, {1 << 54, 5, 0, 5}, {1, 1 << 54, 0, math.MaxInt64},
		{1 << 53, 5, 1 << 40, 1 << 41},
	} {
		if _, err := NewSplit(testKey, c[0], c[1], c[2], c[3]); err == nil {
			t.Errorf("no error for %v", c)
		}
	}
	s, err := NewSplit(testKey, 2, 3, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	mustPanic(t, "parent 2", func() { s.Children(2) })
	mustPanic(t, "parent -1", func() { s.Children(-1) })
	mustPanic(t, "child 3", func() { s.Parent(3) })
	mustPanic(t, "child -1", func() { s.Parent(-1) })
	if s, err = NewSplit(testKey, 0, 0, 3, 5); err != nil {
		t.Fatal(err)
	}
	mustPanic(t, "no parents", func() { s.Children(0) })
}

// logChoose returns the logarithm of n over k.
func logChoose(n, k int64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// hyperPMF is the probability of x with units taken of all slots, part of them
// favourable.
func hyperPMF(x, units, part, all int64) float64 {
	if x > part || x > units || units-x > all-part || x < 0 {
		return 0
	}
	return math.Exp(logChoose(part, x) + logChoose(all-part, units-x) - logChoose(all, units))
}

func TestHypergeometric(t *testing.T) {
	const total = 50000
	for _, c := range [][3]int64{{5, 10, 20}, {10, 10, 15}, {32, 500, 1000}, {1, 1, 3}, {12, 1 << 20, 1 << 21}} {
		var counts [33]int
		for row := range int64(total) {
			s := testKey.At(row, 5)
			counts[s.hypergeometric(c[0], c[1], c[2])]++
		}
		checkTail(t, fmt.Sprint("hypergeometric", c), counts[:], func(x int) float64 {
			return total * hyperPMF(int64(x), c[0], c[1], c[2])
		})
	}
}

// checkTail is checkChi with cells expected less than 5 times pooled.
func checkTail(t *testing.T, what string, counts []int, expected func(i int) float64) {
	t.Helper()
	var pooled []int
	var want []float64
	rest, restWant := 0, 0.0
	for i, n := range counts {
		if e := expected(i); e >= 5 {
			pooled, want = append(pooled, n), append(want, e)
		} else {
			rest, restWant = rest+n, restWant+e
		}
	}
	pooled[0], want[0] = pooled[0]+rest, want[0]+restWant
	checkChi(t, what, pooled, func(i int) float64 { return want[i] })
}

// TestHyperNormal compares the normal approximation with the exact law where
// it is worst, in the smallest nodes that use it: the total variation distance
// is below 2% if one half is twice the other, and 1% otherwise, sampling error
// included.
func TestHyperNormal(t *testing.T) {
	const total = 200000
	for _, c := range [][4]int64{
		{33, 1, 2, 1000}, {33, 1, 3, 1000}, {33, 2, 5, 1000}, {66, 4, 8, 16}, {500, 64, 128, 100}, {100, 32, 60, 5},
	} {
		counts := map[int64]int{}
		for row := range int64(total) {
			s := testKey.At(row, 6)
			counts[s.hyperNormal(c[0], c[1], c[2], c[3])]++
		}
		distance := 0.0
		for x := range c[0] + 1 {
			distance += math.Abs(float64(counts[x])/total-hyperPMF(x, c[0], c[1]*c[3], c[2]*c[3])) / 2
		}
		if distance > 0.01 && c[2] != 3 || distance > 0.02 {
			t.Errorf("%v: total variation distance %.4f", c, distance)
		}
	}
}

// TestSplitLaw compares the counts of many parents with the hypergeometric law,
// and those of neighbours with independence.
func TestSplitLaw(t *testing.T) {
	const parents = 100003
	for _, c := range []struct{ total, lo, hi int64 }{
		{5 * parents, 0, 20}, {5 * parents, 2, 20}, {5 * parents, 0, math.MaxInt64},
		{parents / 10, 0, 3}, {29 * parents / 10, 0, 3}, {19 * parents / 2, 0, 10},
	} {
		s, err := NewSplit(testKey, parents, c.total, c.lo, c.hi)
		if err != nil {
			t.Fatal(err)
		}
		slots := min(c.hi-c.lo, 1e6)
		units := c.total - parents*c.lo
		pmf := func(x int) float64 { return hyperPMF(int64(x), slots, units, parents*slots) }
		counts, pairs := make([]int, 40), make([]int, 40*40)
		for p := range int64(parents - 1) {
			_, a := s.Children(p)
			_, b := s.Children(p + 1)
			counts[a-c.lo]++
			pairs[(a-c.lo)*40+b-c.lo]++
		}
		name := fmt.Sprintf("%+v", c)
		checkTail(t, name, counts, func(x int) float64 { return (parents - 1) * pmf(x) })
		checkTail(t, name+" pairs", pairs, func(i int) float64 { return (parents - 1) * pmf(i/40) * pmf(i%40) })
	}
}

// TestSplitKeys compares the count of one parent over many keys with the law.
func TestSplitKeys(t *testing.T) {
	const total = 20000
	for _, p := range []int64{0, 12, 23} {
		counts, free := make([]int, 101), make([]int, 101)
		for i := range total {
			s, err := NewSplit(permKey(i), 24, 100, 0, 8)
			if err != nil {
				t.Fatal(err)
			}
			_, n := s.Children(p)
			counts[n]++
			if s, err = NewSplit(permKey(i), 24, 100, 0, math.MaxInt64); err != nil {
				t.Fatal(err)
			}
			_, n = s.Children(p)
			free[n]++
		}
		checkTail(t, fmt.Sprint("parent ", p), counts, func(x int) float64 { return total * hyperPMF(int64(x), 8, 100, 24*8) })
		checkTail(t, fmt.Sprint("free parent ", p), free, func(x int) float64 { // binomial
			return total * math.Exp(logChoose(100, int64(x))-float64(x)*math.Log(24)+float64(100-x)*math.Log(23.0/24))
		})
	}
}

// TestSplitVariance checks the spread of the children of the first half of the
// parents over keys.
func TestSplitVariance(t *testing.T) {
	const keys, parents, total, slots = 2000, 1 << 13, 40000, 20
	var sum, squares float64
	for i := range keys {
		s, err := NewSplit(permKey(i), parents, total, 0, slots)
		if err != nil {
			t.Fatal(err)
		}
		first, _ := s.Children(parents / 2)
		d := float64(first - total/2)
		sum += d
		squares += d * d
	}
	want := total / 4.0 * (parents*slots - total) / (parents*slots - 1)
	if m := sum / math.Sqrt(want*keys); math.Abs(m) > 4 {
		t.Errorf("mean off by %.2f standard deviations", m)
	}
	if r := squares / keys / want; math.Abs(r-1) > 4*math.Sqrt(2.0/keys) {
		t.Errorf("variance is %.3f of what it should be", r)
	}
}
