package rng

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestKeysDiffer(t *testing.T) {
	k := NewKey(7, "a")
	keys := []Key{
		k, NewKey(8, "a"), NewKey(7), NewKey(7, ""), NewKey(7, "", ""),
		NewKey(7, "ab", "c"), NewKey(7, "a", "bc"), NewKey(7, "abc"), NewKey(7, "b"),
		k.Derive(), k.Derive(""), k.Derive("a"), k.Derive("a", "b"),
		k.Derive("a").Derive("b"), k.Derive("ab"), NewKey(8, "a").Derive("a"),
		{k.A, k.B + 1}, Key{k.A, k.B + 1}.Derive("a"), Key{k.A + 1, k.B}.Derive("a"),
	}
	seen := map[Key]int{}
	for i, k := range keys {
		if j, ok := seen[k]; ok {
			t.Errorf("keys %d and %d are equal", i, j)
		}
		seen[k] = i
	}
	if NewKey(7, "a") != k {
		t.Error("NewKey is not a function")
	}
}

// unmix inverts Mix, which shows that it is a bijection.
func unmix(x uint64) uint64 {
	unshift := func(x uint64, n uint) uint64 {
		y := x
		for range 64 / n {
			y = x ^ y>>n
		}
		return y
	}
	inverse := func(a uint64) uint64 { // of an odd number, by Newton
		y := a
		for range 6 {
			y *= 2 - a*y
		}
		return y
	}
	x = unshift(x, 31) * inverse(0x94d049bb133111eb)
	x = unshift(x, 27) * inverse(0xbf58476d1ce4e5b9)
	return unshift(x, 30)
}

func TestMixBijective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Uint64().Draw(t, "x")
		if y := unmix(Mix(x)); y != x {
			t.Fatalf("Mix(%#x) goes back to %#x", x, y)
		}
	})
}

// TestAvalanche checks that the first draws of neighbouring cells differ in 32
// of 64 bits on average, and that each bit flips half of the time.
func TestAvalanche(t *testing.T) {
	const rows = 1 << 16
	for name, next := range map[string]func(row int64) (a, b Stream){
		"row": func(row int64) (a, b Stream) { return testKey.At(row, 0), testKey.At(row+1, 0) },
		"attempt": func(row int64) (a, b Stream) {
			return testKey.At(row, 0), testKey.At(row, 1)
		},
		"swap": func(row int64) (a, b Stream) { return testKey.At(row, 1), testKey.At(row+1, 0) },
		"far":  func(row int64) (a, b Stream) { return testKey.At(row, 0), testKey.At(row+1<<40, 0) },
		"key":  func(row int64) (a, b Stream) { return testKey.At(row, 0), Key{testKey.A + 1, testKey.B}.At(row, 0) },
		"keyB": func(row int64) (a, b Stream) { return testKey.At(row, 0), Key{testKey.A, testKey.B + 1}.At(row, 0) },
		"draw": func(row int64) (a, b Stream) {
			a = testKey.At(row, 0)
			b = a
			b.Uint64()
			return a, b
		},
	} {
		var flips [64]int
		total := 0
		for row := range int64(rows) {
			a, b := next(row)
			d := a.Uint64() ^ b.Uint64()
			total += bits.OnesCount64(d)
			for i := range flips {
				flips[i] += int(d >> i & 1)
			}
		}
		// The standard deviation of the mean is 4/sqrt(rows) = 0.016.
		if mean := float64(total) / rows; math.Abs(mean-32) > 0.08 {
			t.Errorf("%s: %.3f bits flip, want 32 +- 0.08", name, mean)
		}
		for i, n := range flips { // standard deviation 128
			if math.Abs(float64(n)-rows/2) > 5*128 {
				t.Errorf("%s: bit %d flips %d times of %d", name, i, n, rows)
			}
		}
	}
}

// TestRowsByAttempts checks first draws over a grid of rows and attempts
// against each other: the joint distribution of neighbours is flat.
func TestRowsByAttempts(t *testing.T) {
	const side = 512
	var rowPairs, attemptPairs, draws [256]int
	nibble := func(row, attempt int) int {
		s := testKey.At(int64(row), uint32(attempt))
		return int(s.N(16))
	}
	for row := range side {
		for a := range side {
			x := nibble(row, a)
			rowPairs[x<<4|nibble(row+1, a)]++
			attemptPairs[x<<4|nibble(row, a+1)]++
			s := testKey.At(int64(row), uint32(a))
			s.Uint64()
			draws[x<<4|int(s.N(16))]++
		}
	}
	checkChi(t, "next row", rowPairs[:], flat(side*side, 256))
	checkChi(t, "next attempt", attemptPairs[:], flat(side*side, 256))
	checkChi(t, "next draw", draws[:], flat(side*side, 256))
}

func TestCellsDistinct(t *testing.T) {
	var starts []uint64
	for row := range int64(1 << 16) {
		for attempt := range uint32(8) {
			starts = append(starts, testKey.At(row-1<<15, attempt).s)
		}
	}
	slices.Sort(starts)
	if n := len(slices.Compact(starts)); n != 1<<19 {
		t.Errorf("%d distinct streams, want %d", n, 1<<19)
	}
}

func TestNUniform(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 7, 10, 64, 100, 1000} {
		counts := make([]int, n)
		total := 200 * int(n)
		for row := range total {
			s := testKey.At(int64(row), 0)
			counts[s.N(n)]++
		}
		if n == 1 {
			continue
		}
		checkChi(t, "N", counts, flat(total, int(n)))
	}
	// With n = 3/4 of 2^64 a quarter of the draws is rejected; without, the
	// lowest of each 3 results would be twice as likely.
	const n = 3 << 62
	var thirds, residues [3]int
	for row := range 30000 {
		s := testKey.At(int64(row), 1)
		x := s.N(n)
		if x >= n {
			t.Fatalf("N(%d) = %d", uint64(n), x)
		}
		thirds[x>>62]++
		residues[x%3]++
	}
	checkChi(t, "N large, thirds", thirds[:], flat(30000, 3))
	checkChi(t, "N large, residues", residues[:], flat(30000, 3))
}

func TestRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		lo, hi := min(a, b), max(a, b)
		s := testKey.At(rapid.Int64().Draw(t, "row"), 0)
		for range 20 {
			if x := s.Range(lo, hi); x < lo || x > hi {
				t.Fatalf("Range(%d, %d) = %d", lo, hi, x)
			}
		}
	})
	counts := make([]int, 6)
	signs := make([]int, 4)
	s := testKey.At(0, 0)
	for range 6000 {
		counts[s.Range(-2, 3)+2]++
		signs[uint64(s.Range(math.MinInt64, math.MaxInt64))>>62]++
	}
	checkChi(t, "Range", counts, flat(6000, 6))
	checkChi(t, "Range, all", signs, flat(6000, 4))
	if x := s.Range(math.MaxInt64, math.MaxInt64); x != math.MaxInt64 {
		t.Errorf("Range of one = %d", x)
	}
	mustPanic(t, "Range(1, 0)", func() { s.Range(1, 0) })
}

func TestFloatAndChance(t *testing.T) {
	const total = 100000
	s := testKey.At(0, 0)
	bins := make([]int, 100)
	openBins := make([]int, 100)
	hits := make([]int, 2)
	for range total {
		x, y := s.Float(), s.open()
		if x < 0 || x >= 1 || y <= 0 || y >= 1 {
			t.Fatal("out of range", x, y)
		}
		bins[int(100*x)]++
		openBins[int(100*y)]++
		if s.Chance(3, 10) {
			hits[1]++
		} else {
			hits[0]++
		}
		if !s.Chance(5, 5) || s.Chance(0, 5) {
			t.Fatal("Chance is wrong at the ends")
		}
	}
	checkChi(t, "Float", bins, flat(total, 100))
	checkChi(t, "open", openBins, flat(total, 100))
	checkChi(t, "Chance", hits, func(i int) float64 { return []float64{0.7, 0.3}[i] * total })
}
