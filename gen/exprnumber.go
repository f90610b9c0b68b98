package gen

import (
	"cmp"
	"math"
	"math/bits"
)

// The arithmetic of expressions. Integers and decimals are exact and say when they do not fit.

func (m *machine) addInt(a, b int64) int64 {
	c := a + b
	if (c > a) != (b > 0) && b != 0 {
		m.fail("%d + %d is too large", a, b)
	}
	return c
}

func (m *machine) subInt(a, b int64) int64 {
	c := a - b
	if (c < a) != (b > 0) && b != 0 {
		m.fail("%d - %d is too large", a, b)
	}
	return c
}

func (m *machine) mulInt(a, b int64) int64 {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case hi == 0 && lo <= math.MaxInt64:
	case hi == 0 && lo == 1<<63 && negative:
	default:
		m.fail("%d * %d is too large", a, b)
	}
	return a * b
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

var powers = func() (p [mostScale + 1]int64) {
	p[0] = 1
	for i := 1; i <= mostScale; i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// align brings two decimals to the larger of their scales.
func (m *machine) align(a, b value) (x, y int64, scale int32) {
	scale = max(a.scale, b.scale)
	return m.mulInt(a.i, powers[scale-a.scale]), m.mulInt(b.i, powers[scale-b.scale]), scale
}

func (m *machine) addDecimal(a, b value) value {
	x, y, scale := m.align(a, b)
	return value{i: m.addInt(x, y), scale: scale}
}

func (m *machine) subDecimal(a, b value) value {
	x, y, scale := m.align(a, b)
	return value{i: m.subInt(x, y), scale: scale}
}

func (m *machine) mulDecimal(a, b value) value {
	if a.scale+b.scale > mostScale {
		return m.fail("a product with %d digits behind the point: at most %d are supported, so round before", a.scale+b.scale, mostScale)
	}
	return value{i: m.mulInt(a.i, b.i), scale: a.scale + b.scale}
}

// compareDecimal compares in 128 bits, where no scale is too large.
func compareDecimal(a, b value) int {
	if (a.i < 0) != (b.i < 0) {
		if a.i < 0 {
			return -1
		}
		return 1
	}
	scale := max(a.scale, b.scale)
	aHi, aLo := bits.Mul64(magnitude(a.i), uint64(powers[scale-a.scale]))
	bHi, bLo := bits.Mul64(magnitude(b.i), uint64(powers[scale-b.scale]))
	order := cmp.Or(cmp.Compare(aHi, bHi), cmp.Compare(aLo, bLo))
	if a.i < 0 {
		return -order
	}
	return order
}

// rescale gives a decimal another scale, halves away from zero.
func (m *machine) rescale(v value, scale int32) value {
	if v.null {
		return v
	}
	if v.scale <= scale {
		return value{i: m.mulInt(v.i, powers[scale-v.scale]), scale: scale}
	}
	p := powers[v.scale-scale]
	q, r := v.i/p, v.i%p
	if magnitude(r) >= uint64(p)-magnitude(r) {
		if v.i < 0 {
			q--
		} else {
			q++
		}
	}
	return value{i: q, scale: scale}
}

// toward rounds a decimal to a whole number: down (-1), up (1).
func toward(v value, up bool) value {
	if v.null {
		return v
	}
	p := powers[v.scale]
	q, r := v.i/p, v.i%p
	switch {
	case r < 0 && !up:
		q--
	case r > 0 && up:
		q++
	}
	return value{i: q}
}

// decimalFloat gives a decimal as a float, correctly rounded up to 2^53.
func decimalFloat(v value) float64 { return float64(v.i) / float64(powers[v.scale]) }

// floatInt gives a float without fraction as an integer.
func (m *machine) floatInt(x float64) value {
	if !(x >= -0x1p63 && x < 0x1p63) {
		return m.fail("%v is no integer of 64 bits", x)
	}
	return value{i: int64(x)}
}

// floatDecimal rounds a float to a decimal, halves away from zero.
func (m *machine) floatDecimal(x float64, scale int32) value {
	v := m.floatInt(math.Round(float64(x * float64(powers[scale]))))
	v.scale = scale
	return v
}
