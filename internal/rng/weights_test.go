package rng

import (
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAliasExact adds up the columns of the table and compares the sums with
// the weights, which is independent of any draw.
func TestAliasExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weight := rapid.OneOf(rapid.Uint64Range(0, 5), rapid.Uint64Range(0, 1000), rapid.Uint64Range(0, math.MaxUint64/64))
		weights := rapid.SliceOfN(weight, 1, 64).Draw(t, "weights")
		a, err := NewAlias(weights)
		sum := uint64(0)
		for _, w := range weights {
			sum += w
		}
		if sum == 0 {
			if err == nil {
				t.Fatal("no error")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got := make([]big.Int, len(weights))
		for i, c := range a.cols {
			var x big.Int
			got[i].Add(&got[i], x.SetUint64(c.cut))
			got[c.other].Add(&got[c.other], x.SetUint64(sum-c.cut))
		}
		for i, w := range weights {
			want := new(big.Int).SetUint64(w)
			want.Mul(want, big.NewInt(int64(len(weights))))
			if got[i].Cmp(want) != 0 {
				t.Fatalf("class %d has %v, want %v", i, &got[i], want)
			}
		}
	})
}

func TestAliasPick(t *testing.T) {
	weights := []uint64{5, 0, 1, 100, 20, 20, 3, 0, 51}
	a, err := NewAlias(weights)
	if err != nil {
		t.Fatal(err)
	}
	const total = 200000
	counts := make([]int, len(weights))
	for row := range int64(total) {
		s := testKey.At(row, 0)
		counts[a.Pick(&s)]++
	}
	checkChi(t, "Alias", counts, func(i int) float64 { return float64(weights[i]) / 200 * total })
}

func TestAliasErrors(t *testing.T) {
	for _, w := range [][]uint64{nil, {}, {0}, {0, 0}, {math.MaxUint64, 1}} {
		if _, err := NewAlias(w); err == nil {
			t.Errorf("no error for %v", w)
		}
	}
	if _, err := NewAlias([]uint64{math.MaxUint64 - 1, 1, 0}); err != nil {
		t.Error(err)
	}
}

func TestApportion(t *testing.T) {
	for _, c := range []struct {
		n       int64
		weights []uint64
		want    []int64
	}{
		{245, []uint64{10, 9, 1}, []int64{123, 110, 12}},
		{0, []uint64{1, 2}, []int64{0, 0}},
		{0, []uint64{0, 0}, []int64{0, 0}},
		{0, nil, []int64{}},
		{1, []uint64{1, 1, 1}, []int64{1, 0, 0}},
		{2, []uint64{1, 1, 1}, []int64{1, 1, 0}},
		{5, []uint64{0, 1, 0}, []int64{0, 5, 0}},
		{10, []uint64{1, 0, 1, 1}, []int64{4, 0, 3, 3}},
		// The Alabama paradox: one seat more costs the third party one.
		{10, []uint64{6, 6, 2}, []int64{4, 4, 2}},
		{11, []uint64{6, 6, 2}, []int64{5, 5, 1}},
		{math.MaxInt64, []uint64{1, 1}, []int64{1 << 62, 1<<62 - 1}},
		{4, []uint64{math.MaxUint64, math.MaxUint64}, []int64{2, 2}},
		{4, []uint64{1 << 63, 1 << 62, 1 << 62}, []int64{2, 1, 1}},
	} {
		if d := cmp.Diff(c.want, Apportion(c.n, c.weights)); d != "" {
			t.Errorf("Apportion(%d, %v): (-want +got)\n%s", c.n, c.weights, d)
		}
	}
	mustPanic(t, "negative", func() { Apportion(-1, []uint64{1}) })
	mustPanic(t, "all zero", func() { Apportion(1, []uint64{0}) })
	mustPanic(t, "empty", func() { Apportion(1, nil) })
}

func TestApportionQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 1<<40), 1, 50).Draw(t, "weights")
		weights = append(weights, 3)
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n")
		sum, left := new(big.Int), n
		for _, w := range weights {
			sum.Add(sum, new(big.Int).SetUint64(w))
		}
		for i, k := range Apportion(n, weights) {
			left -= k
			// |k*sum - n*w| < sum
			d := new(big.Int).Mul(big.NewInt(k), sum)
			d.Sub(d, new(big.Int).Mul(big.NewInt(n), new(big.Int).SetUint64(weights[i])))
			if d.CmpAbs(sum) >= 0 || weights[i] == 0 && k != 0 {
				t.Fatalf("share %d of %d is %d", i, n, k)
			}
		}
		if left != 0 {
			t.Fatalf("%d left", left)
		}
	})
}

func TestClasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 50), 0, 30).Draw(t, "counts")
		k := Key{rapid.Uint64().Draw(t, "A"), rapid.Uint64().Draw(t, "B")}
		c := NewClasses(k, counts)
		rows := int64(0)
		for _, n := range counts {
			rows += n
		}
		got := make([]int64, len(counts))
		for row := range rows {
			class, rank := c.Of(row)
			if rank < 0 || rank >= counts[class] {
				t.Fatalf("row %d: class %d, rank %d", row, class, rank)
			}
			if r := c.Row(class, rank); r != row {
				t.Fatalf("row %d comes back as %d", row, r)
			}
			got[class]++
		}
		if d := cmp.Diff(counts, got); d != "" && len(counts) > 0 {
			t.Fatal(d)
		}
	})
}

func TestClassesLarge(t *testing.T) {
	const rows = 1_000_000_007
	counts := Apportion(rows, []uint64{10, 9, 1})
	c := NewClasses(testKey, counts)
	seen := make([]int, 3)
	const total = 100000
	for row := range int64(total) {
		class, rank := c.Of(row)
		seen[class]++
		if c.Row(class, rank) != row {
			t.Fatal("no inverse of", row)
		}
	}
	checkChi(t, "classes", seen, func(i int) float64 { return float64(counts[i]) / rows * total })
}

func TestClassesPanics(t *testing.T) {
	c := NewClasses(testKey, []int64{2, 0, 3})
	for what, f := range map[string]func(){
		"row 5":    func() { c.Of(5) },
		"row -1":   func() { c.Of(-1) },
		"rank 2":   func() { c.Row(0, 2) },
		"rank -1":  func() { c.Row(0, -1) },
		"no rank":  func() { c.Row(1, 0) },
		"class 3":  func() { c.Row(3, 0) },
		"negative": func() { NewClasses(testKey, []int64{-1}) },
		"overflow": func() { NewClasses(testKey, []int64{math.MaxInt64, 1}) },
		"empty":    func() { NewClasses(testKey, nil).Of(0) },
	} {
		mustPanic(t, what, f)
	}
}
