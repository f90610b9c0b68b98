package rng

import (
	"fmt"
	"slices"
	"testing"
)

// families are Splits and Mixtures of several sizes, with their numbers of parents and children.
func families(t testing.TB) map[string]struct {
	Family
	parents, total int64
} {
	out := map[string]struct {
		Family
		parents, total int64
	}{}
	add := func(name string, f Family, parents, total int64, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = struct {
			Family
			parents, total int64
		}{f, parents, total}
	}
	for _, n := range []int64{1, 2, 3, 100, 5000, 70001} {
		for _, each := range [][3]int64{{0, 7, 4}, {1, 7, 3}, {2, 2, 2}, {0, 1 << 40, 2}} {
			s, err := NewSplit(NewKey(1, "family"), n, n*each[2], each[0], each[1])
			add(fmt.Sprint("split ", n, each), s, n, n*each[2], err)
		}
		counts, total := make([]int64, n), int64(0)
		for p := range counts {
			counts[p] = int64(p) * 7 % 5
			total += counts[p]
		}
		add(fmt.Sprint("dealt ", n), NewDealt(counts), n, total, nil)
		m, err := NewMixture(NewKey(1, "family"), []int64{0, 1, 5, 9}, []int64{n / 3, n - n/3 - n/4, 0, n / 4})
		add(fmt.Sprint("mixture ", n), m, n, n-n/3-n/4+9*(n/4), err)
	}
	return out
}

// Children, Parent and Bounds agree, and the intervals of children follow one another without gaps.
func TestFamily(t *testing.T) {
	for name, f := range families(t) {
		bounds := f.Bounds(nil, 0, f.parents)
		if int64(len(bounds)) != f.parents+1 || bounds[0] != 0 || bounds[f.parents] != f.total {
			t.Fatalf("%s: %d bounds from %d to %d, want %d to %d", name, len(bounds), bounds[0], bounds[len(bounds)-1], 0, f.total)
		}
		for p := int64(0); p < f.parents; p += 1 + f.parents/1000 {
			first, n := f.Children(p)
			if first != bounds[p] || n != bounds[p+1]-first {
				t.Fatalf("%s: Children(%d) = %d, %d, want %d to %d", name, p, first, n, bounds[p], bounds[p+1])
			}
			for k := range n {
				if q, rank := f.Parent(first + k); q != p || rank != k {
					t.Fatalf("%s: Parent(%d) = %d, %d, want %d, %d", name, first+k, q, rank, p, k)
				}
			}
		}
		for _, part := range [][2]int64{{f.parents / 3, f.parents - f.parents/5}, {f.parents, f.parents}, {0, 0}, {f.parents - 1, f.parents}} {
			if part[0] > part[1] {
				continue
			}
			if got := f.Bounds(nil, part[0], part[1]); !slices.Equal(got, bounds[part[0]:part[1]+1]) {
				t.Errorf("%s: the bounds of %v are not those of the whole", name, part)
			}
		}
	}
}

// A Mixture keeps its numbers exactly, and no end of the parents is favoured.
func TestMixtureCounts(t *testing.T) {
	kinds, has := []int64{0, 1, 2, 7, 40}, []int64{1000, 40000, 30000, 20000, 17}
	m, err := NewMixture(NewKey(3, "mixture"), kinds, has)
	if err != nil {
		t.Fatal(err)
	}
	got, firstHalf := map[int64]int64{}, map[int64]int64{}
	bounds := m.Bounds(nil, 0, m.parents)
	for p := range m.parents {
		count := bounds[p+1] - bounds[p]
		got[count]++
		if p < m.parents/2 {
			firstHalf[count]++
		}
	}
	for j, kind := range kinds {
		if got[kind] != has[j] {
			t.Errorf("%d parents have %d children, want %d", got[kind], kind, has[j])
		}
		// Hypergeometric: half of them, within five standard deviations of at most sqrt(n)/2.
		if off := firstHalf[kind]*2 - has[j]; off*off > 25*has[j] {
			t.Errorf("%d of %d parents with %d children are in the first half", firstHalf[kind], has[j], kind)
		}
	}
	if _, err := NewMixture(NewKey(1, "x"), []int64{1}, []int64{-1}); err == nil {
		t.Error("a negative number was taken")
	}
}

// The tails of the normal nodes: counts stay within their bounds however full or empty the slots are, and their variance
// is that of the hypergeometric law at each filling.
func TestSplitTails(t *testing.T) {
	const parents = 40000
	for _, fill := range []int64{1, 5, 50, 95, 99} { // percent of the slots
		for _, slots := range []int64{1, 7, 1000} {
			total := parents * slots * fill / 100
			s, err := NewSplit(NewKey(7, "tails"), parents, total, 0, slots)
			if err != nil {
				t.Fatal(err)
			}
			var sum int64
			var square float64
			mean := float64(total) / parents
			bounds := s.Bounds(nil, 0, parents)
			for p := range parents {
				n := bounds[p+1] - bounds[p]
				if n < 0 || n > slots {
					t.Fatalf("a parent has %d children, at most %d", n, slots)
				}
				sum += n
				square += (float64(n) - mean) * (float64(n) - mean)
			}
			share := float64(fill) / 100
			want := float64(slots) * share * (1 - share)
			if got := square / parents; sum != total || got < 0.93*want || got > 1.07*want {
				t.Errorf("%d slots, %d %% full: variance %.4g, want %.4g; %d children, want %d", slots, fill, got, want, sum, total)
			}
		}
	}
}

func BenchmarkFamilyEach(b *testing.B) {
	s, err := NewSplit(NewKey(1, "bench"), 10_000_000, 40_000_000, 1, 7)
	if err != nil {
		b.Fatal(err)
	}
	m, err := NewMixture(NewKey(1, "bench"), []int64{1, 2, 3, 4, 5, 6, 7}, []int64{1e6, 2e6, 2e6, 2e6, 1e6, 1e6, 1e6})
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]Family{"split": s, "mixture": m} {
		b.Run(name+"/parents in order", func(b *testing.B) {
			var dst []int64
			for at := int64(0); at < int64(b.N); at += 1024 {
				dst = f.Bounds(dst[:0], at%9_000_000, at%9_000_000+1024)
			}
		})
		b.Run(name+"/child at random", func(b *testing.B) {
			var sum int64
			for i := range b.N {
				p, _ := f.Parent(int64(i) * 7919 % 30_000_000)
				sum += p
			}
		})
	}
}
