package rng

import (
	"math"
	"testing"
)

// testKey is the key all statistical tests derive theirs from; the tests are
// deterministic.
var testKey = NewKey(1, "rng_test")

// chiLimit is how many standard deviations (after Wilson and Hilferty) a
// chi-square statistic may be off, upwards or downwards: a false alarm has a
// probability of 6e-5 for a freshly chosen seed.
const chiLimit = 4

// checkChi fails t if the observed counts are not a plausible sample of the
// expected ones, by Pearson's chi-square test. Cells should be expected 5 times
// or more; those expected never must be empty.
func checkChi(t *testing.T, what string, observed []int, expected func(i int) float64) {
	t.Helper()
	var x float64
	df := -1.0
	for i, o := range observed {
		e := expected(i)
		if e == 0 {
			if o != 0 {
				t.Errorf("%s: cell %d has %d, want none", what, i, o)
			}
			continue
		}
		df++
		x += (float64(o) - e) * (float64(o) - e) / e
	}
	checkChiValue(t, what, x, df)
}

// checkChiValue fails t if x is not a plausible chi-square statistic.
func checkChiValue(t *testing.T, what string, x, df float64) {
	t.Helper()
	v := 2 / (9 * df)
	if z := (math.Cbrt(x/df) - (1 - v)) / math.Sqrt(v); math.Abs(z) > chiLimit {
		t.Errorf("%s: chi-square %.1f for %g degrees of freedom, off by %.1f standard deviations", what, x, df, z)
	}
}

// flat returns the expectation of total spread evenly over cells.
func flat(total, cells int) func(int) float64 {
	return func(int) float64 { return float64(total) / float64(cells) }
}

// mustPanic fails t unless f panics.
func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}
