package rng

import (
	"fmt"
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	// Far into the tail, against the independent math.Erfc.
	for p := 0.5; p > 1e-300; p *= 0.93 {
		z := quantile(p)
		if got := math.Erfc(-z/math.Sqrt2) / 2; math.Abs(got-p) > 1e-12*p {
			t.Errorf("quantile(%g) = %g, below which is %g", p, z, got)
		}
		if p > 0x1p-40 {
			q := 1 - p
			if z := quantile(1-q) + quantile(q); z != 0 {
				t.Errorf("quantile(%g) is not symmetric: %g", p, z)
			}
		}
	}
	if z := quantile(0.975); math.Abs(z-1.959963984540054) > 1e-15 {
		t.Errorf("quantile(0.975) = %.16g", z)
	}
}

func TestNormal(t *testing.T) {
	const total, bins = 200000, 60
	counts := make([]int, bins+2) // of width 0.1 from -3 to 3, and the tails
	var sum, squares float64
	for row := range int64(total) {
		s := testKey.At(row, 0)
		x := s.Normal()
		sum += x
		squares += x * x
		counts[1+int(min(max(math.Floor(x*10)+bins/2, -1), bins))]++
	}
	below := func(i int) float64 { // bin i
		switch {
		case i <= 0:
			return 0
		case i > bins+1:
			return 1
		}
		return math.Erfc(-float64(i-1-bins/2)/10/math.Sqrt2) / 2
	}
	checkChi(t, "Normal", counts, func(i int) float64 { return total * (below(i+1) - below(i)) })
	if m := sum / math.Sqrt(total); math.Abs(m) > 4 {
		t.Errorf("mean off by %.2f standard deviations", m)
	}
	if v := squares / total; math.Abs(v-1) > 4*math.Sqrt(2.0/total) {
		t.Errorf("variance %.4f", v)
	}
}

func TestExponential(t *testing.T) {
	const total, bins = 200000, 50
	counts := make([]int, bins+1)
	for row := range int64(total) {
		s := testKey.At(row, 0)
		x := s.Exponential()
		if x <= 0 {
			t.Fatal(x)
		}
		counts[min(int(x*10), bins)]++
	}
	checkChi(t, "Exponential", counts, func(i int) float64 {
		above := math.Exp(-float64(i) / 10)
		if i < bins {
			above -= math.Exp(-float64(i+1) / 10)
		}
		return total * above
	})
}

// TestZipf compares picks with the exact probabilities, rank by rank.
func TestZipf(t *testing.T) {
	const total = 300000
	for _, n := range []uint64{1, 2, 3, 10, 1000} {
		for _, e := range []float64{0.01, 0.5, 0.99, 1, 1 + 1e-12, 1.01, 1.5, 2, 3, 10} {
			z, err := NewZipf(n, e)
			if err != nil {
				t.Fatal(err)
			}
			counts := make([]int, n)
			for row := range int64(total) {
				s := testKey.At(row, uint32(n))
				counts[z.Pick(&s)]++
			}
			if n == 1 {
				continue
			}
			norm := 0.0
			for k := range n {
				norm += math.Pow(float64(k+1), -e)
			}
			checkTail(t, fmt.Sprintf("Zipf n=%d e=%g", n, e), counts, func(i int) float64 {
				return total * math.Pow(float64(i+1), -e) / norm
			})
		}
	}
}

// TestZipfLarge compares picks with sums of probabilities over octaves of
// ranks.
func TestZipfLarge(t *testing.T) {
	const total = 200000
	for _, n := range []uint64{1e6, 1e9, 1 << 53} {
		for _, e := range []float64{0.5, 0.8, 1, 1.2, 2} {
			z, err := NewZipf(n, e)
			if err != nil {
				t.Fatal(err)
			}
			counts := make([]int, 54)
			for row := range int64(total) {
				s := testKey.At(row, 0)
				k := z.Pick(&s)
				if k >= n {
					t.Fatalf("n=%d e=%g: rank %d", n, e, k)
				}
				counts[uint(math.Log2(float64(k+1)))]++
			}
			mass := make([]float64, 54)
			norm := 0.0
			for j := range mass {
				a, b := uint64(1)<<j, min(uint64(1)<<(j+1), n+1)
				if b <= a {
					break
				}
				if j < 12 {
					for k := a; k < b; k++ {
						mass[j] += math.Pow(float64(k), -e)
					}
				} else { // midpoint rule, relative error below 1e-8
					x, y := float64(a)-0.5, float64(b)-0.5
					if e == 1 {
						mass[j] = math.Log(y / x)
					} else {
						mass[j] = (math.Pow(y, 1-e) - math.Pow(x, 1-e)) / (1 - e)
					}
				}
				norm += mass[j]
			}
			checkTail(t, fmt.Sprintf("Zipf n=%d e=%g", n, e), counts, func(j int) float64 { return total * mass[j] / norm })
		}
	}
}

func TestZipfExtremes(t *testing.T) {
	for _, n := range []uint64{1, 2, 1 << 53} {
		for _, e := range []float64{math.SmallestNonzeroFloat64, 1e-9, 1 - 0x1p-53, 40, 100} {
			z, err := NewZipf(n, e)
			if err != nil {
				t.Fatal(err)
			}
			for row := range int64(1000) {
				s := testKey.At(row, 0)
				if k := z.Pick(&s); k >= n || e >= 40 && k > 0 {
					t.Fatalf("n=%d e=%g: rank %d", n, e, k)
				}
			}
		}
	}
	for _, c := range []struct {
		n uint64
		e float64
	}{{0, 1}, {1<<53 + 1, 1}, {5, 0}, {5, -1}, {5, math.NaN()}, {5, math.Inf(1)}, {5, 101}} {
		if _, err := NewZipf(c.n, c.e); err == nil {
			t.Errorf("no error for %v", c)
		}
	}
}
