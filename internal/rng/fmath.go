package rng

import "math"

// Log returns the natural logarithm of x within 1 ulp. Log(0) is -Inf,
// Log(x < 0) and Log(NaN) are NaN, Log(+Inf) is +Inf.
//
// The algorithm and constants are those of e_log.c in FreeBSD's msun, (C) 1993
// Sun Microsystems, as ported to Go's math package: x = 2^k*(1+f) with 1+f in
// [sqrt(1/2),sqrt(2)), and a minimax polynomial in s = f/(2+f).
func Log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
	)
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	f, k := frexp(x)
	f -= 1
	kf := float64(k)

	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	t1 := float64(s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7)))))))
	t2 := float64(s4 * (l2 + float64(s4*(l4+float64(s4*l6)))))
	r := t1 + t2
	hfsq := float64(float64(0.5*f) * f)
	lo := float64(s*(hfsq+r)) + float64(kf*ln2Lo)
	return float64(kf*ln2Hi) - ((hfsq - lo) - f)
}

// frexp splits a positive finite x into 2^exp*frac with frac in
// [sqrt(1/2),sqrt(2)).
func frexp(x float64) (frac float64, exp int) {
	if x < 0x1p-1022 {
		x = float64(x * 0x1p54)
		exp = -54
	}
	b := math.Float64bits(x)
	exp += int(b>>52) - 1023
	frac = math.Float64frombits(b&(1<<52-1) | 1023<<52) // [1,2)
	if frac >= math.Sqrt2 {
		frac = float64(frac * 0.5)
		exp++
	}
	return frac, exp
}

// Exp returns e to the power of x within 1 ulp. It is +Inf above 709.78, 0
// below -745.13, and NaN for NaN.
//
// The algorithm and constants are those of e_exp.c in FreeBSD's msun, (C) 2004
// Sun Microsystems, as ported to Go's math package: x = k*ln2 + r with |r| <=
// ln2/2, and a Remez rational approximation of e^r.
func Exp(x float64) float64 {
	const (
		ln2Hi     = 6.93147180369123816490e-01
		ln2Lo     = 1.90821492927058770002e-10
		log2e     = 1.44269504088896338700e+00
		p1        = 1.66666666666666657415e-01
		p2        = -2.77777777770155933842e-03
		p3        = 6.61375632143793436117e-05
		p4        = -1.65339022054652515390e-06
		p5        = 4.13813679705723846039e-08
		overflow  = 7.09782712893383973096e+02
		underflow = -7.45133219101941108420e+02
	)
	switch {
	case x != x:
		return x
	case x > overflow:
		return math.Inf(1)
	case x < underflow:
		return 0
	case x > -0x1p-28 && x < 0x1p-28:
		return 1 + x
	}
	kf := math.Floor(float64(log2e*x) + 0.5)
	hi := x - float64(kf*ln2Hi)
	lo := float64(kf * ln2Lo)
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	y := 1 - ((lo - float64(r*c)/(2-c)) - hi)
	return scale(y, int(kf))
}

// scale returns y*2^k for y in [1/2,2).
func scale(y float64, k int) float64 {
	if k > -1021 && k < 1023 {
		return float64(y * math.Float64frombits(uint64(k+1023)<<52))
	}
	return math.Ldexp(y, k)
}

// Pow returns x to the power of y within 1 ulp. The special cases are those of
// [math.Pow]; in particular Pow(x, 0) and Pow(1, y) are 1, and Pow of a
// negative finite x is NaN unless y is an integer.
//
// The algorithm and constants are those of e_pow.c in FreeBSD's msun, (C) 2004
// Sun Microsystems: log2(x) to about 80 bits in two parts, times y in two
// parts, and a Remez approximation of 2^r.
func Pow(x, y float64) float64 {
	ax := math.Abs(x)
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y:
		return math.NaN()
	}
	sign := 1.0
	if math.Signbit(x) && math.Floor(y) == y { // integer, or infinite
		if isOdd(y) {
			sign = -1
		}
	} else if x < 0 && ax <= math.MaxFloat64 {
		return math.NaN()
	}
	switch {
	case math.Abs(y) > math.MaxFloat64:
		switch {
		case ax == 1:
			return 1
		case (ax > 1) == (y > 0):
			return math.Inf(1)
		}
		return 0
	case ax == 0 || ax > math.MaxFloat64:
		if (ax == 0) == (y > 0) {
			return float64(sign * 0)
		}
		return math.Inf(int(sign))
	case ax == 1:
		return sign
	case y > 0x1p64 || y < -0x1p64: // |log2(x)| >= 2^-53, so over- or underflow
		if (ax > 1) == (y > 0) {
			return math.Inf(int(sign))
		}
		return float64(sign * 0)
	}

	t1, t2 := log2(ax)
	y1 := high(y)
	lo := float64((y-y1)*t1) + float64(y*t2)
	hi := float64(y1 * t1)
	switch z := hi + lo; {
	case z > 1025:
		return math.Inf(int(sign))
	case z < -1077:
		return float64(sign * 0)
	}
	return float64(sign * exp2(hi, lo))
}

// isOdd reports whether the integral or infinite y is an odd integer.
func isOdd(y float64) bool {
	y = math.Abs(y)
	return y < 0x1p53 && int64(y)&1 == 1
}

// high returns x with the low 32 bits of its representation cleared, so that
// the product of two such numbers is exact.
func high(x float64) float64 {
	return math.Float64frombits(math.Float64bits(x) &^ (1<<32 - 1))
}

// log2 returns the logarithm to base 2 of a positive finite x, as a sum whose
// first part has 21 significant bits.
func log2(x float64) (hi, lo float64) {
	const (
		l1      = 5.99999999999994648725e-01
		l2      = 4.28571428578550184252e-01
		l3      = 3.33333329818377432918e-01
		l4      = 2.72728123808534006489e-01
		l5      = 2.30660745775561754067e-01
		l6      = 2.06975017800338417784e-01
		cp      = 9.61796693925975554329e-01  // 2/(3 ln2)
		cpHi    = 9.61796700954437255859e-01  // its first 24 bits
		cpLo    = -7.02846165095275826516e-09 // and the rest
		log15   = 5.84962487220764160156e-01  // log2(1.5), its first 24 bits
		log15Lo = 1.35003920212974897128e-08  // and the rest
	)
	if x < 0x1p-1022 {
		x = float64(x * 0x1p54)
		hi = -54
	}
	b := math.Float64bits(x)
	n := hi + float64(int(b>>52)-1023)
	m := math.Float64frombits(b&(1<<52-1) | 1023<<52) // [1,2)

	// Reduce to m near base 1 or 1.5.
	base, baseHi, baseLo := 1.0, 0.0, 0.0
	switch top := b >> 32 & (1<<20 - 1); {
	case top <= 0x3988e: // m < sqrt(3/2)
	case top < 0xbb67a: // m < sqrt(3)
		base, baseHi, baseLo = 1.5, log15, log15Lo
	default:
		n++
		m = float64(m * 0.5)
	}

	// ss = sh+sl = (m-base)/(m+base)
	u := m - base
	v := 1 / (m + base)
	ss := float64(u * v)
	sh := high(ss)
	th := high(m + base)
	tl := m - (th - base)
	sl := float64(v * ((u - float64(sh*th)) - float64(sh*tl)))
	// log(m/base) = 2*ss*(1 + ss^2/3 + ...)
	s2 := float64(ss * ss)
	r := float64(float64(s2*s2) * (l1 + float64(s2*(l2+float64(s2*(l3+float64(s2*(l4+float64(s2*(l5+float64(s2*l6)))))))))))
	r += float64(sl * (sh + ss))
	s2 = float64(sh * sh)
	th = high(3 + s2 + r)
	tl = r - ((th - 3) - s2)
	u = float64(sh * th)
	v = float64(sl*th) + float64(tl*ss)
	// times 2/(3 ln2)
	ph := high(u + v)
	pl := v - (ph - u)
	zh := float64(cpHi * ph)
	zl := float64(cpLo*ph) + float64(pl*cp) + baseLo

	hi = high(((zh + zl) + baseHi) + n)
	lo = zl - (((hi - n) - baseHi) - zh)
	return hi, lo
}

// exp2 returns 2^(hi+lo), with |lo| small against hi and the sum in
// [-1077,1025].
func exp2(hi, lo float64) float64 {
	const (
		ln2   = 6.93147180559945286227e-01
		ln2Hi = 6.93147182464599609375e-01  // its first 24 bits
		ln2Lo = -1.90465429995776804525e-09 // and the rest
		p1    = 1.66666666666666019037e-01
		p2    = -2.77777777770155933842e-03
		p3    = 6.61375632143793436117e-05
		p4    = -1.65339022054652515390e-06
		p5    = 4.13813679705723846039e-08
	)
	n := math.Floor(hi + lo + 0.5)
	hi -= n
	t := high(lo + hi)
	u := float64(t * ln2Hi)
	v := float64((lo-(t-hi))*ln2) + float64(t*ln2Lo)
	z := u + v
	w := v - (z - u)
	t = float64(z * z)
	t1 := z - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	r := float64(z*t1)/(t1-2) - (w + float64(z*w))
	return scale(1-(r-z), int(n))
}
