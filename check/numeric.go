package check

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Exact decimal arithmetic as PostgreSQL's numeric does it: sums and products are exact, quotients are
// rounded to the scale that select_div_scale of its numeric.c chooses.

var (
	errDivision = errors.New("division by zero")
	errRange    = errors.New("value out of range")
)

var powers [19]int64

func init() {
	powers[0] = 1
	for i := 1; i < len(powers); i++ {
		powers[i] = powers[i-1] * 10
	}
}

func pow10(n int32) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func (v value) big() *big.Int {
	if b, ok := v.x.(*big.Int); ok {
		return b
	}
	return big.NewInt(v.n)
}

// mul64 multiplies where the product fits.
func mul64(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	p := a * b
	if p/b != a || a == -1 && b == math.MinInt64 || b == -1 && a == math.MinInt64 {
		return 0, false
	}
	return p, true
}

func add64(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

// rescaled gives v's unscaled value at a scale that is not smaller.
func (v value) rescaled(scale int32) (int64, bool) {
	if v.x != nil || scale-v.scale >= int32(len(powers)) {
		return 0, false
	}
	return mul64(v.n, powers[scale-v.scale])
}

func (v value) rescaledBig(scale int32) *big.Int {
	return new(big.Int).Mul(v.big(), pow10(scale-v.scale))
}

func compareNumeric(a, b value) int {
	s := max(a.scale, b.scale)
	x, ok1 := a.rescaled(s)
	y, ok2 := b.rescaled(s)
	if ok1 && ok2 {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return a.rescaledBig(s).Cmp(b.rescaledBig(s))
}

func addNumeric(a, b value) value {
	s := max(a.scale, b.scale)
	x, ok1 := a.rescaled(s)
	y, ok2 := b.rescaled(s)
	if ok1 && ok2 {
		if sum, ok := add64(x, y); ok {
			return value{n: sum, scale: s}
		}
	}
	return wide(new(big.Int).Add(a.rescaledBig(s), b.rescaledBig(s)), s)
}

func negNumeric(a value) value {
	if a.x == nil && a.n != math.MinInt64 {
		return value{n: -a.n, scale: a.scale}
	}
	return wide(new(big.Int).Neg(a.big()), a.scale)
}

func mulNumeric(a, b value) value {
	if a.x == nil && b.x == nil {
		if p, ok := mul64(a.n, b.n); ok {
			return value{n: p, scale: a.scale + b.scale}
		}
	}
	return wide(new(big.Int).Mul(a.big(), b.big()), a.scale+b.scale)
}

func isZero(v value) bool { return v.x == nil && v.n == 0 }

// groups gives the weight and the value of the first group of four decimal digits, of which numeric is
// made inside PostgreSQL.
func groups(v value) (weight int32, first int64) {
	digits := new(big.Int).Abs(v.big()).String()
	whole := int32(len(digits)) - v.scale // digits before the point, below 0 for leading zeros behind it
	weight = (whole+3)/4 - 1
	if whole <= 0 {
		weight = -((-whole)/4 + 1)
	}
	n := whole - weight*4 // digits of the first group
	text := digits
	if int(n) < len(digits) {
		text = digits[:n]
	}
	first, _ = strconv.ParseInt(text, 10, 64)
	for range int(n) - len(text) {
		first *= 10
	}
	return weight, first
}

// divNumeric divides, rounding as PostgreSQL does.
func divNumeric(a, b value) (value, error) {
	if isZero(b) {
		return null, errDivision
	}
	var w1, w2 int32
	var f1, f2 int64
	if !isZero(a) {
		w1, f1 = groups(a)
	}
	w2, f2 = groups(b)
	q := w1 - w2
	if f1 <= f2 {
		q--
	}
	scale := min(max(16-q*4, a.scale, b.scale, 0), 1000)
	// a / b at scale+1 digits, then rounded half away from zero
	num := new(big.Int).Mul(a.big(), pow10(scale+b.scale))
	den := new(big.Int).Mul(b.big(), pow10(a.scale))
	return wide(divRound(num, den), scale), nil
}

// divRound divides and rounds half away from zero.
func divRound(num, den *big.Int) *big.Int {
	neg := num.Sign()*den.Sign() < 0
	num, den = new(big.Int).Abs(num), new(big.Int).Abs(den)
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Lsh(r, 1).Cmp(den) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if neg {
		q.Neg(q)
	}
	return q
}

// modNumeric gives the remainder with the dividend's sign.
func modNumeric(a, b value) (value, error) {
	if isZero(b) {
		return null, errDivision
	}
	s := max(a.scale, b.scale)
	x, ok1 := a.rescaled(s)
	y, ok2 := b.rescaled(s)
	if ok1 && ok2 && y != -1 {
		return value{n: x % y, scale: s}, nil
	}
	return wide(new(big.Int).Rem(a.rescaledBig(s), b.rescaledBig(s)), s), nil
}

// roundNumeric rounds half away from zero to a number of digits behind the point.
func roundNumeric(v value, scale int32) value {
	if scale >= v.scale {
		if n, ok := v.rescaled(scale); ok {
			return value{n: n, scale: scale}
		}
		return wide(v.rescaledBig(scale), scale)
	}
	q := divRound(v.big(), pow10(v.scale-scale))
	if scale < 0 {
		return wide(q.Mul(q, pow10(-scale)), 0)
	}
	return wide(q, scale)
}

// truncNumeric cuts digits off, towards zero; with up or down it gives ceil or floor, at scale 0.
func truncNumeric(v value, scale int32, towards int) value {
	if scale >= v.scale {
		return roundNumeric(v, scale)
	}
	q, r := new(big.Int).QuoRem(v.big(), pow10(v.scale-scale), new(big.Int))
	if r.Sign() != 0 && r.Sign() == towards {
		q.Add(q, big.NewInt(int64(towards)))
	}
	if scale < 0 {
		return wide(q.Mul(q, pow10(-scale)), 0)
	}
	return wide(q, scale)
}

// parseNumeric reads a decimal number.
func parseNumeric(s string) (value, error) {
	t := strings.TrimSpace(s)
	mantissa, exp := t, int64(0)
	if i := strings.IndexAny(t, "eE"); i >= 0 {
		e, err := strconv.ParseInt(t[i+1:], 10, 32)
		if err != nil || e > 1000 || e < -1000 {
			return null, fmt.Errorf("%q is no number", s)
		}
		mantissa, exp = t[:i], e
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := whole + frac
	if strings.Trim(strings.TrimLeft(digits, "+-"), "0123456789") != "" || strings.Trim(digits, "+-") == "" || strings.ContainsAny(frac, "+-") || len(digits) > 2000 {
		return null, fmt.Errorf("%q is no number", s)
	}
	b, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return null, fmt.Errorf("%q is no number", s)
	}
	scale := int64(len(frac)) - exp
	if scale < 0 {
		b.Mul(b, pow10(int32(-scale)))
		scale = 0
	}
	return wide(b, int32(scale)), nil
}

// appendNumeric appends the number as PostgreSQL prints it.
func appendNumeric(dst []byte, v value) []byte {
	if v.x == nil && v.scale < 60 {
		return column.AppendDecimal(dst, v.n, int(v.scale))
	}
	digits := new(big.Int).Abs(v.big()).String()
	if n := int(v.scale) + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if v.big().Sign() < 0 {
		dst = append(dst, '-')
	}
	cut := len(digits) - int(v.scale)
	dst = append(dst, digits[:cut]...)
	if v.scale > 0 {
		dst = append(append(dst, '.'), digits[cut:]...)
	}
	return dst
}

// appendFloat appends a float as PostgreSQL prints it with extra_float_digits 1.
func appendFloat(dst []byte, f float64, width int) []byte {
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	size, most := 64, 15
	if width == 4 {
		size, most = 32, 6
	}
	e := strconv.AppendFloat(nil, f, 'e', -1, size)
	at := strings.LastIndexByte(string(e), 'e')
	exp, _ := strconv.Atoi(string(e[at+1:]))
	if f != 0 && (exp < -4 || exp >= most) {
		return append(dst, e...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, size)
}

// toFloat gives the nearest float.
func toFloat(v value) float64 {
	if v.x == nil && v.scale == 0 && bits.Len64(uint64(max(v.n, -v.n))) <= 53 {
		return float64(v.n)
	}
	f, _ := strconv.ParseFloat(string(appendNumeric(nil, v)), 64)
	return f
}

// fromFloat gives the numeric that a cast makes of a float: 15 significant digits, or 6.
func fromFloat(f float64, width int) (value, error) {
	if f != f || math.IsInf(f, 0) {
		return null, fmt.Errorf("%v is not understood as a numeric", f)
	}
	digits := 15
	if width == 4 {
		digits = 6
	}
	return parseNumeric(strconv.FormatFloat(f, 'g', digits, 64))
}

// toInt rounds a numeric to an integer of a width in bytes.
func toInt(v value, width int) (value, error) {
	r := v
	if v.scale > 0 {
		r = roundNumeric(v, 0)
	}
	if r.x != nil {
		return null, errRange
	}
	return fitInt(r.n, width)
}

func fitInt(n int64, width int) (value, error) {
	if width < 8 {
		if limit := int64(1) << (8*width - 1); n < -limit || n >= limit {
			return null, errRange
		}
	}
	return integer(n), nil
}
