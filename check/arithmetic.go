package check

import (
	"math"
)

// operate compiles any operator but comparisons.
func (c *compiler) operate(op string, l, r node) (node, error) {
	no := func() (node, error) { return node{}, unknown("the operator %s over %s and %s", op, l.t.name, r.t.name) }
	switch op {
	case "~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*", "^@":
		return c.match(op, l, r)
	case "||":
		return c.concat(l, r)
	case "->", "->>", "#>", "#>>", "?", "?|", "?&":
		return c.jsonOperator(op, l, r)
	case "@>", "<@", "&&", "<<", ">>", "-|-", "&<", "&>":
		return c.contains(op, l, r)
	case "OPERATOR":
		return no()
	}
	l, r, err := c.settle(l, r)
	if err != nil {
		return l, err
	}
	if l.t.number() && r.t.number() {
		return arithmetic(op, l, r)
	}
	switch op {
	case "+", "-", "*", "/":
		return c.momentArithmetic(op, l, r)
	}
	return no()
}

// arithmetic compiles an operator between numbers.
func arithmetic(op string, l, r node) (node, error) {
	t := wider(l.t, r.t)
	if t.kind == kFloat && (l.t.kind != kFloat || r.t.kind != kFloat) {
		t = float8Type
	}
	if op == "^" && t.kind == kInt {
		t = float8Type
	}
	var err error
	if l, err = convert(l, t, nil); err == nil {
		r, err = convert(r, t, nil)
	}
	if err != nil {
		return l, err
	}
	switch t.kind {
	case kInt:
		return intArithmetic(op, t, l, r)
	case kNumeric:
		return numericArithmetic(op, l, r)
	}
	return floatArithmetic(op, t, l, r)
}

func intArithmetic(op string, t *typ, l, r node) (node, error) {
	fit := func(m *machine, n int64, ok bool) value {
		v, err := fitInt(n, t.width)
		if !ok {
			err = errRange
		}
		if err != nil {
			return m.fail(err)
		}
		return v
	}
	var f func(m *machine, a, b value) value
	switch op {
	case "+":
		f = func(m *machine, a, b value) value { n, ok := add64(a.n, b.n); return fit(m, n, ok || b.n == 0) }
	case "-":
		f = func(m *machine, a, b value) value {
			n := a.n - b.n
			return fit(m, n, (n < a.n) == (b.n > 0))
		}
	case "*":
		f = func(m *machine, a, b value) value { n, ok := mul64(a.n, b.n); return fit(m, n, ok) }
	case "/":
		f = func(m *machine, a, b value) value {
			switch {
			case b.n == 0:
				return m.fail(errDivision)
			case b.n == -1:
				return fit(m, -a.n, a.n != math.MinInt64)
			}
			return integer(a.n / b.n)
		}
	case "%":
		f = func(m *machine, a, b value) value {
			switch b.n {
			case 0:
				return m.fail(errDivision)
			case -1:
				return integer(0)
			}
			return integer(a.n % b.n)
		}
	case "&":
		f = func(m *machine, a, b value) value { return integer(a.n & b.n) }
	case "|":
		f = func(m *machine, a, b value) value { return integer(a.n | b.n) }
	case "#":
		f = func(m *machine, a, b value) value { return integer(a.n ^ b.n) }
	case "<<", ">>":
		return node{}, unknown("the operator %s", op)
	default:
		return node{}, unknown("the operator %s over integers", op)
	}
	return strict2(t, l, r, f), nil
}

func numericArithmetic(op string, l, r node) (node, error) {
	settle := func(m *machine, v value, err error) value {
		if err != nil {
			return m.fail(err)
		}
		return v
	}
	var f func(m *machine, a, b value) value
	switch op {
	case "+":
		f = func(m *machine, a, b value) value { return addNumeric(a, b) }
	case "-":
		f = func(m *machine, a, b value) value { return addNumeric(a, negNumeric(b)) }
	case "*":
		f = func(m *machine, a, b value) value { return mulNumeric(a, b) }
	case "/":
		f = func(m *machine, a, b value) value { v, err := divNumeric(a, b); return settle(m, v, err) }
	case "%":
		f = func(m *machine, a, b value) value { v, err := modNumeric(a, b); return settle(m, v, err) }
	default:
		return node{}, unknown("the operator %s over numeric", op)
	}
	return strict2(numericType, l, r, f), nil
}

func floatArithmetic(op string, t *typ, l, r node) (node, error) {
	var f func(a, b float64) float64
	switch op {
	case "+":
		f = func(a, b float64) float64 { return a + b }
	case "-":
		f = func(a, b float64) float64 { return a - b }
	case "*":
		f = func(a, b float64) float64 { return a * b }
	case "/":
		f = func(a, b float64) float64 { return a / b }
	default:
		return node{}, unknown("the operator %s over %s", op, t.name)
	}
	return strict2(t, l, r, func(m *machine, a, b value) value {
		x, y := a.float(), b.float()
		if op == "/" && y == 0 && x == x {
			return m.fail(errDivision)
		}
		z := f(x, y)
		if t.width == 4 {
			z = float64(float32(z))
		}
		if math.IsInf(z, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) || z == 0 && (op == "*" && x != 0 && y != 0 || op == "/" && x != 0 && !math.IsInf(y, 0)) {
			return m.fail(errRange)
		}
		return float(z)
	}), nil
}

// unary compiles a prefix operator.
func (c *compiler) unary(e *Unary) (node, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	switch {
	case e.Op == "-" && x.t.kind == kInt:
		return intArithmetic("-", x.t, constant(x.t, integer(0)), x)
	case e.Op == "-" && x.t.kind == kNumeric:
		return strict1(x.t, x, func(m *machine, a value) value { return negNumeric(a) }), nil
	case e.Op == "-" && x.t.kind == kFloat:
		return strict1(x.t, x, func(m *machine, a value) value { return float(-a.float()) }), nil
	case e.Op == "-" && x.t.kind == kInterval:
		return strict1(x.t, x, func(m *machine, a value) value { return value{x: a.x.(*interval).times(-1)} }), nil
	case e.Op == "~" && x.t.kind == kInt:
		return strict1(x.t, x, func(m *machine, a value) value { return integer(^a.n) }), nil
	case e.Op == "@" && x.t.number():
		return c.builtin("abs", []node{x})
	}
	return x, unknown("the operator %s before %s", e.Op, x.t.name)
}
