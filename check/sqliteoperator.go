package check

import (
	"math"
)

// collating gives the operand whose collation a comparison takes.
func collating(nodes ...snode) snode {
	for _, n := range nodes {
		if n.stated {
			return n
		}
	}
	for _, n := range nodes {
		if n.column {
			return n
		}
	}
	return snode{}
}

// sComparison compares values that are not null, after the affinities' conversions.
func sComparison(op string, l, r snode) func(a, b value) bool {
	la, ra := noAffinity, noAffinity // what is applied to each
	switch {
	case l.aff >= numericAffinity && r.aff < numericAffinity:
		ra = numericAffinity
	case r.aff >= numericAffinity && l.aff < numericAffinity:
		la = numericAffinity
	case l.aff == textAffinity && r.aff == noAffinity:
		ra = textAffinity
	case r.aff == textAffinity && l.aff == noAffinity:
		la = textAffinity
	}
	by := collating(l, r)
	return func(a, b value) bool { return holds(op, sCompare(sApply(a, la), sApply(b, ra), by.nocase, by.rtrim)) }
}

func (c *sCompiler) binary(e *Binary) (snode, error) {
	return c.two(e.L, e.R, func(l, r snode) (func(*machine, value, value) value, error) {
		if isComparison(e.Op) {
			cmp := sComparison(e.Op, l, r)
			return func(m *machine, a, b value) value {
				if a.null || b.null {
					return null
				}
				return sBool(cmp(a, b))
			}, nil
		}
		f := sOperator(e.Op)
		if f == nil {
			return nil, unknown("the operator %s", e.Op)
		}
		return func(m *machine, a, b value) value {
			if a.null || b.null {
				return null
			}
			return f(m, a, b)
		}, nil
	})
}

// sInteger64 casts a number to an integer, as the operators on bits do.
func sInteger64(v value) int64 {
	if v.scale != sReal {
		return v.n
	}
	f := v.float()
	switch {
	case f <= -9223372036854775808:
		return math.MinInt64
	case f >= 9223372036854775807:
		return math.MaxInt64
	}
	return int64(f)
}

func sOperator(op string) func(m *machine, a, b value) value {
	switch op {
	case "+", "-", "*", "/":
		return func(m *machine, a, b value) value { return sArithmetic(op, sNumber(a), sNumber(b)) }
	case "%":
		return func(m *machine, a, b value) value {
			a, b = sNumber(a), sNumber(b)
			x, y := sInteger64(a), sInteger64(b)
			switch {
			case y == 0:
				return null
			case y == -1:
				x = 0
			default:
				x %= y
			}
			if a.scale == sReal || b.scale == sReal {
				return sFloat(float64(x))
			}
			return sInt(x)
		}
	case "&":
		return func(m *machine, a, b value) value { return sInt(sInteger64(sNumber(a)) & sInteger64(sNumber(b))) }
	case "|":
		return func(m *machine, a, b value) value { return sInt(sInteger64(sNumber(a)) | sInteger64(sNumber(b))) }
	case "||":
		return func(m *machine, a, b value) value {
			x, ok1 := sTextOf(a)
			y, ok2 := sTextOf(b)
			if !ok1 || !ok2 {
				return m.fail(unknown("the text of a real number"))
			}
			return sString(m.take(append(append(m.buf, x...), y...)).b)
		}
	case "LIKE":
		return func(m *machine, a, b value) value { return sLike(m, b, a, 0) }
	case "GLOB":
		return func(m *machine, a, b value) value { return sGlob(m, b, a) }
	}
	return nil
}

func sArithmetic(op string, a, b value) value {
	if a.scale == sInteger && b.scale == sInteger {
		x, y := a.n, b.n
		switch op {
		case "+":
			if n, ok := add64(x, y); ok || y == 0 {
				return sInt(n)
			}
		case "-":
			if n := x - y; (n < x) == (y > 0) {
				return sInt(n)
			}
		case "*":
			if n, ok := mul64(x, y); ok {
				return sInt(n)
			}
		case "/":
			if y == 0 {
				return null
			}
			if y != -1 || x != math.MinInt64 {
				return sInt(x / y)
			}
		}
	}
	float := func(v value) float64 {
		if v.scale == sReal {
			return v.float()
		}
		return float64(v.n)
	}
	x, y := float(a), float(b)
	switch op {
	case "+":
		return sFloat(x + y)
	case "-":
		return sFloat(x - y)
	case "*":
		return sFloat(x * y)
	}
	if y == 0 {
		return null
	}
	return sFloat(x / y)
}
