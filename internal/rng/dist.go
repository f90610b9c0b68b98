package rng

import (
	"fmt"
	"math"
)

// Normal returns a draw from the normal distribution with mean 0 and standard
// deviation 1. It takes one draw of the stream and lies within +-8.3.
//
// It inverts the distribution function by algorithm AS241, PPND16, of Wichura,
// "The percentage points of the normal distribution", Applied Statistics 37,
// 1988, whose relative error is about 1e-16.
func (s *Stream) Normal() float64 {
	return quantile(s.open())
}

// quantile returns the z that a standard normal number is below with
// probability p, for p in (0,1).
func quantile(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q*horner(&normalCenter[0], r)) / horner(&normalCenter[1], r)
	}
	r := p
	if q > 0 {
		r = 1 - p
	}
	r = math.Sqrt(-Log(r))
	var z float64
	if r <= 5 {
		r -= 1.6
		z = horner(&normalMiddle[0], r) / horner(&normalMiddle[1], r)
	} else {
		r -= 5
		z = horner(&normalTail[0], r) / horner(&normalTail[1], r)
	}
	if q < 0 {
		return -z
	}
	return z
}

// horner returns c[0] + c[1]*x + ... + c[7]*x^7.
func horner(c *[8]float64, x float64) float64 {
	y := float64(c[7]*x) + c[6]
	y = float64(y*x) + c[5]
	y = float64(y*x) + c[4]
	y = float64(y*x) + c[3]
	y = float64(y*x) + c[2]
	y = float64(y*x) + c[1]
	return float64(y*x) + c[0]
}

// The coefficients of AS241: numerator and denominator, lowest order first, for
// the center |p-1/2| <= 0.425, the middle down to p = exp(-25), and the tail.
var (
	normalCenter = [2][8]float64{{
		3.3871328727963666080e0, 1.3314166789178437745e+2,
		1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4,
		3.3430575583588128105e+4, 2.5090809287301226727e+3,
	}, {
		1, 4.2313330701600911252e+1,
		6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4,
		2.8729085735721942674e+4, 5.2264952788528545610e+3,
	}}
	normalMiddle = [2][8]float64{{
		1.42343711074968357734e0, 4.63033784615654529590e0,
		5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1,
		2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}, {
		1, 2.05319162663775882187e0,
		1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2,
		5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}}
	normalTail = [2][8]float64{{
		6.65790464350110377720e0, 5.46378491116411436990e0,
		1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3,
		2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}, {
		1, 5.99832206555887937690e-1,
		1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5,
		1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}}
)

// Exponential returns a draw from the exponential distribution with mean 1, by
// inversion. It takes one draw of the stream and lies in (0,37).
func (s *Stream) Exponential() float64 {
	return -Log(s.open())
}

const (
	zipfMaxN        = 1 << 53
	zipfMaxExponent = 100
	// zipfSure is the rank from which candidates are not rejected: the
	// probability of that is below exponent^2/zipfSure^2 there, and for the
	// largest n the test is lost in rounding errors.
	zipfSure = 1 << 24
)

// Zipf draws ranks 0 to n-1, rank k with probability proportional to
// (k+1)^-exponent: Zipf's law, the finite zeta distribution. It has no table,
// seldom takes more than one draw, and is safe for concurrent use. Make it with
// [NewZipf].
//
// It is the rejection-inversion of Hormann and Derflinger, "Rejection-inversion
// to generate variates from monotone discrete distributions", ACM TOMACS 6(3),
// 1996, with the squeeze of that paper. Probabilities are exact but for the
// rounding of floating-point numbers: not all of the ranks with a probability
// below 2^-50 or so can occur.
type Zipf struct {
	n        float64
	exponent float64
	lo, span float64 // the integral's end at n+1/2, and from there to the start
	squeeze  float64
}

// NewZipf returns the Zipf distribution over n ranks. It returns an error if n
// is zero or above 2^53, or if the exponent is not in (0,100].
func NewZipf(n uint64, exponent float64) (*Zipf, error) {
	if n == 0 || n > zipfMaxN {
		return nil, fmt.Errorf("rng: Zipf over %d ranks; it must be 1 to 2^53", n)
	}
	if !(exponent > 0 && exponent <= zipfMaxExponent) {
		return nil, fmt.Errorf("rng: Zipf exponent %v; it must be above 0 and at most %d", exponent, zipfMaxExponent)
	}
	z := &Zipf{n: float64(n), exponent: exponent}
	z.lo = z.integral(z.n + 0.5)
	z.span = (z.integral(1.5) - 1) - z.lo
	z.squeeze = 2 - z.inverse(z.integral(2.5)-z.weight(2))
	return z, nil
}

// Pick returns a random rank in [0,n).
func (z *Zipf) Pick(s *Stream) uint64 {
	for {
		u := z.lo + float64(s.open()*z.span)
		x := z.inverse(u)
		k := min(max(math.Floor(x+0.5), 1), z.n)
		if k-x <= z.squeeze || k >= zipfSure || u >= z.integral(k+0.5)-z.weight(k) {
			return uint64(k) - 1
		}
	}
}

// weight returns x^-exponent, for x >= 1.
func (z *Zipf) weight(x float64) float64 {
	return Exp(float64(-z.exponent * Log(x)))
}

// integral returns the integral of weight from 1 to x: (x^(1-e)-1)/(1-e), or
// log(x) for e = 1.
func (z *Zipf) integral(x float64) float64 {
	l := Log(x)
	return float64(l * expm1Over(float64((1-z.exponent)*l)))
}

// inverse returns the x with integral(x) = y.
func (z *Zipf) inverse(y float64) float64 {
	t := max(float64((1-z.exponent)*y), -1) // below by rounding only
	return Exp(float64(y * log1pOver(t)))
}

// expm1Over returns (e^t-1)/t, 1 for t = 0, without cancellation (Kahan; Higham,
// "Accuracy and stability of numerical algorithms", 2002, section 1.14.1).
func expm1Over(t float64) float64 {
	e := Exp(t)
	if t > 1 || t < -1 {
		return (e - 1) / t
	}
	if e == 1 {
		return 1
	}
	return (e - 1) / Log(e)
}

// log1pOver returns log(1+t)/t, 1 for t = 0, likewise, for t >= -1.
func log1pOver(t float64) float64 {
	u := 1 + t
	if u == 1 {
		return 1
	}
	return Log(u) / (u - 1)
}
