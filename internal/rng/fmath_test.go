package rng

import (
	"math"
	"math/big"
	"testing"
)

// checkClose fails t unless got is within the relative tolerance of want, or
// both are the same special value.
func checkClose(t *testing.T, what string, args []float64, got, want, tolerance float64) {
	t.Helper()
	switch {
	case got == want && math.Signbit(got) == math.Signbit(want), got != got && want != want:
		return
	case math.Abs(got-want) <= tolerance*math.Abs(want):
		return
	case math.Abs(want) < 0x1p-1000 && math.Abs(got-want) <= 0x1p-1074: // subnormal
		return
	}
	t.Fatalf("%s(%v) = %v, want %v", what, args, got, want)
}

// specials are the arguments that need care.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e15 + 1, 1 << 53, 1<<53 - 1, -(1<<53 - 1), 1e300, -1e300, 1e-300, -1e-300,
	math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 0x1p-1022, 0x1.fffffffffffffp-1023,
	1 - 0x1p-53, 1 + 0x1p-52, 709.782712893384, 709.79, -745.13321910194, -745.14, -708.5, 0x1p-28, 0x1p-60, 1e19, -1e19, 1e20 + 1, 1023, 1024, -1074, -1075,
}

func TestLog(t *testing.T) {
	check := func(x float64) {
		want := math.Log(x)
		if x > 0 && x < 0x1p-1022 { // which math.Log gets wrong on amd64
			want = math.Log(x*0x1p60) - 60*math.Ln2
		}
		checkClose(t, "Log", []float64{x}, Log(x), want, 1e-15)
	}
	for _, x := range specials {
		check(x)
	}
	for row := range int64(200000) {
		s := testKey.At(row, 0)
		check(math.Float64frombits(s.Uint64() >> 1)) // all magnitudes
		check(s.Float())
		check(1 + (s.Float()-0.5)/256)
	}
}

func TestExp(t *testing.T) {
	check := func(x float64) {
		checkClose(t, "Exp", []float64{x}, Exp(x), math.Exp(x), 1e-15)
	}
	for _, x := range specials {
		check(x)
	}
	for row := range int64(200000) {
		s := testKey.At(row, 0)
		check(1500 * (s.Float() - 0.5))
		check(2 * (s.Float() - 0.5))
		check(math.Float64frombits(s.Uint64()))
	}
}

func TestPow(t *testing.T) {
	check := func(x, y, tolerance float64) {
		if math.Abs(x) < 0x1p-1022 && math.Abs(y) < 1 { // see TestLog
			return
		}
		checkClose(t, "Pow", []float64{x, y}, Pow(x, y), math.Pow(x, y), tolerance)
	}
	for _, x := range specials {
		for _, y := range specials {
			if r := math.Pow(x, y); math.Abs(y) > 2000 && r != 0 && math.Abs(r) < math.MaxFloat64 {
				continue // math.Pow loses digits there; see TestPowExact
			}
			check(x, y, 1e-14)
		}
	}
	for row := range int64(200000) {
		s := testKey.At(row, 0)
		x, y := 10*s.Float(), 40*(s.Float()-0.5)
		check(x, y, 1e-14)
		// Over all magnitudes math.Pow is off by |y*log(x)| ulps or so.
		x = math.Float64frombits(s.Uint64() >> 1)
		check(x, 2*(s.Float()-0.5), 1e-13)
		checkClose(t, "Pow", []float64{x, 0.5}, Pow(x, 0.5), math.Sqrt(x), 0x1p-52)
	}
}

// TestPowExact compares integral powers with exact arithmetic, to 1 ulp also
// for large exponents and for subnormal results.
func TestPowExact(t *testing.T) {
	for _, c := range [][3]float64{ // by Python's decimal, 60 digits
		{1 - 0x1p-53, 1e15 + 1, 0.894918789813698637599738919936420298822104111886398845006330},
		{1 - 0x1p-53, -1e18, 1.645785863645927783624303916088e+48},
		{1 + 0x1p-52, 3e18, 1.987192621654610090781209109449e+289},
		{1.0001, 7e6, 9.793502502952125792209733337713e+303},
		{1.0001, -7e6, 1.021085152833281940454743411048e-304},
		{0x1p-1074, 0.3, 1.018908996936868010777882408128e-97},
		{123.456, 0.001, 1.004827499828603531994986042264e+00},
		{5, -300.7, 6.602671585494054677095291932950e-211},
		{0.3, 588.123, 3.040770823331423776264949851290e-308},
	} {
		checkClose(t, "Pow", c[:2], Pow(c[0], c[1]), c[2], 0x1p-52)
	}
	for row := range int64(3000) {
		s := testKey.At(row, 0)
		var x float64
		y := s.Range(-1100, 1100)
		switch row % 3 {
		case 0:
			x = math.Ldexp(1+s.Float(), int(s.Range(-2, 1))) // may over- or underflow
		case 1:
			x = 1 + (s.Float()-0.5)/16
		default:
			x = math.Exp2(float64(s.Range(-1022, 1023)) / float64(y)) // anywhere
		}
		b := new(big.Float).SetPrec(300).SetFloat64(x)
		p := new(big.Float).SetPrec(300).SetInt64(1)
		for n := max(y, -y); n > 0; n >>= 1 {
			if n&1 == 1 {
				p.Mul(p, b)
			}
			b.Mul(b, b)
		}
		if y < 0 {
			p.Quo(new(big.Float).SetPrec(300).SetInt64(1), p)
		}
		want, _ := p.Float64()
		checkClose(t, "Pow", []float64{x, float64(y)}, Pow(x, float64(y)), want, 0x1p-52)
		checkClose(t, "Pow", []float64{-x, float64(y)}, Pow(-x, float64(y)), math.Copysign(want, float64(1-2*(y&1))), 0x1p-52)
	}
}

// TestLogExpExact compares Log and Exp with the same functions at 200 bits.
func TestLogExpExact(t *testing.T) {
	for row := range int64(500) {
		s := testKey.At(row, 9)
		x := 40 * (s.Float() - 0.5)
		e := new(big.Float).SetPrec(200).SetInt64(1)
		term := new(big.Float).SetPrec(200).SetInt64(1)
		r := new(big.Float).SetPrec(200).SetFloat64(x / 64) // e^x = (e^(x/64))^64
		for n := int64(1); n < 60; n++ {
			term.Mul(term, r)
			term.Quo(term, new(big.Float).SetInt64(n))
			e.Add(e, term)
		}
		for range 6 {
			e.Mul(e, e)
		}
		want, _ := e.Float64()
		checkClose(t, "Exp", []float64{x}, Exp(x), want, 0x1p-52)
		// log(e^x rounded) = x + (rounded - e^x)/e^x
		d := new(big.Float).SetPrec(200).SetFloat64(want)
		d.Sub(d, e)
		d.Quo(d, e)
		d.Add(d, new(big.Float).SetPrec(200).SetFloat64(x))
		wantLog, _ := d.Float64()
		checkClose(t, "Log", []float64{want}, Log(want), wantLog, 0x1p-52)
	}
}
