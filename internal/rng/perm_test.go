package rng

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// permKey returns the i-th of a sequence of keys.
func permKey(i int) Key {
	s := testKey.At(int64(i), 77)
	return Key{s.Uint64(), s.Uint64()}
}

func TestPermBijective(t *testing.T) {
	for n := range uint64(4096) {
		p := NewPerm(permKey(int(n)), n)
		if p.Len() != n {
			t.Fatalf("Len() = %d, want %d", p.Len(), n)
		}
		seen := make([]bool, n)
		for i := range n {
			j := p.At(i)
			if j >= n || seen[j] {
				t.Fatalf("n=%d: image %d of %d is out of range or a duplicate", n, j, i)
			}
			seen[j] = true
			if k := p.Inverse(j); k != i {
				t.Fatalf("n=%d: Inverse(At(%d)) = %d", n, i, k)
			}
		}
	}
}

func TestPermInverseLarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := Key{rapid.Uint64().Draw(t, "A"), rapid.Uint64().Draw(t, "B")}
		n := rapid.OneOf(rapid.Uint64Range(1, 1<<63), rapid.Uint64Range(1, 1<<20)).Draw(t, "n")
		p := NewPerm(k, n)
		for range 10 {
			i := rapid.Uint64Range(0, n-1).Draw(t, "i")
			j := p.At(i)
			if j >= n {
				t.Fatalf("n=%d: At(%d) = %d", n, i, j)
			}
			if got := p.Inverse(j); got != i {
				t.Fatalf("n=%d: Inverse(At(%d)) = %d", n, i, got)
			}
		}
	})
}

func TestPermRange(t *testing.T) {
	for _, n := range []uint64{0, 1, 64, 65, 1e6} {
		p := NewPerm(testKey, n)
		mustPanic(t, fmt.Sprintf("At(%d)", n), func() { p.At(n) })
		mustPanic(t, fmt.Sprintf("Inverse(%d)", n), func() { p.Inverse(n) })
	}
}

// TestPermAll checks that all permutations of 3 and 4 elements are equally
// likely over keys.
func TestPermAll(t *testing.T) {
	for n, factorial := range map[uint64]int{3: 6, 4: 24} {
		index := map[string]int{}
		counts := make([]int, factorial)
		total := 2000 * factorial
		for i := range total {
			p := NewPerm(permKey(i), n)
			s := ""
			for j := range n {
				s += string(rune('0' + p.At(j)))
			}
			if _, ok := index[s]; !ok {
				index[s] = len(index)
			}
			counts[index[s]]++
		}
		checkChi(t, fmt.Sprintf("permutations of %d", n), counts, flat(total, factorial))
	}
}

// TestPermFirst checks, over keys, that the images of single elements are flat.
func TestPermFirst(t *testing.T) {
	sizes := []uint64{65, 66, 97, 100, 127, 128, 129, 200, 257, 500, 1000}
	for n := uint64(2); n <= 64; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		first, last := make([]int, n), make([]int, n)
		total := 100 * int(n)
		for i := range total {
			p := NewPerm(permKey(i), n)
			first[p.At(0)]++
			last[p.Inverse(n-1)]++
		}
		checkChi(t, fmt.Sprintf("n=%d: image of 0", n), first, flat(total, int(n)))
		checkChi(t, fmt.Sprintf("n=%d: origin of n-1", n), last, flat(total, int(n)))
	}
}

// TestPermPairs checks, over keys, the joint distribution of the images of two
// elements: all pairs of different values are equally likely.
func TestPermPairs(t *testing.T) {
	for _, n := range []uint64{65, 80, 100} {
		for _, e := range [][2]uint64{{0, 1}, {0, 8}, {3, 11}, {7, n - 1}} {
			counts := make([]int, n*n)
			total := 20 * len(counts)
			for i := range total {
				p := NewPerm(permKey(i), n)
				counts[p.At(e[0])*n+p.At(e[1])]++
			}
			checkChi(t, fmt.Sprintf("n=%d: images of %v", n, e), counts, func(i int) float64 {
				if uint64(i)/n == uint64(i)%n {
					return 0
				}
				return float64(total) / float64(n*(n-1))
			})
		}
	}
}

// TestPermSequence checks a single key's images of consecutive elements: their
// single and joint distributions over coarse bins are flat, and so are those of
// the differences.
func TestPermSequence(t *testing.T) {
	const total, bins = 1 << 18, 32
	for _, n := range []uint64{1 << 21, 1e7, 1e9, 1<<40 + 1, 1 << 63} {
		for _, stride := range []uint64{1, 2, 1000, 1024} {
			if stride*total > n/2 {
				continue
			}
			p := NewPerm(testKey, n)
			one, low := make([]int, bins), make([]int, bins)
			pairs, diffs := make([]int, bins*bins), make([]int, bins)
			bin := func(x uint64) int { return int(float64(x) / float64(n) * bins) }
			prev := p.At(0)
			for i := range uint64(total) {
				x := p.At((i + 1) * stride)
				one[bin(x)]++
				low[x%bins]++
				pairs[bin(prev)*bins+bin(x)]++
				diffs[bin((x-prev+n)%n)]++
				prev = x
			}
			name := fmt.Sprintf("n=%d stride %d: ", n, stride)
			// Drawing without replacement makes the counts more even than
			// independent draws; with 1/8 of the elements or less this is
			// within the tolerance only for the large sizes.
			if n > 8*total {
				checkChi(t, name+"bins", one, flat(total, bins))
				checkChi(t, name+"low bits", low, flat(total, bins))
			}
			checkChi(t, name+"pairs", pairs, flat(total, bins*bins))
			checkChi(t, name+"differences", diffs, flat(total, bins))
		}
	}
}

// TestPermCorrelation checks that the rank correlation of element and image is
// that of random permutations, over keys.
func TestPermCorrelation(t *testing.T) {
	for _, n := range []uint64{8, 50, 100, 1000, 5000} {
		const keys = 300
		var sum, sumSquares float64
		for i := range keys {
			p := NewPerm(permKey(i), n)
			mid := float64(n-1) / 2
			var r float64
			for j := range n {
				r += (float64(j) - mid) * (float64(p.At(j)) - mid)
			}
			r /= float64(n) * (float64(n)*float64(n) - 1) / 12
			z := r * math.Sqrt(float64(n)-1) // mean 0, variance 1
			sum += z
			sumSquares += z * z
		}
		if mean := sum / math.Sqrt(keys); math.Abs(mean) > 4 {
			t.Errorf("n=%d: correlation %.2f standard deviations off 0", n, mean)
		}
		if v := sumSquares / keys; math.Abs(v-1) > 4*math.Sqrt(2.0/keys) {
			t.Errorf("n=%d: variance of the correlation %.2f, want 1", n, v)
		}
	}
}
