package check

import (
	"slices"
)

// pair compiles two operands and gives an untyped literal the other's type.
func (c *compiler) pair(le, re Expr) (l, r node, err error) {
	if l, err = c.compile(le); err != nil {
		return l, r, err
	}
	if r, err = c.compile(re); err != nil {
		return l, r, err
	}
	return c.settle(l, r)
}

func (c *compiler) settle(l, r node) (node, node, error) {
	var err error
	switch {
	case l.t.kind == kUnknown && r.t.kind == kUnknown:
		if l.raw != nil || r.raw != nil {
			if l, err = c.coerce(l, textType); err == nil {
				r, err = c.coerce(r, textType)
			}
		}
	case l.t.kind == kUnknown:
		l, err = c.coerce(l, r.t)
	case r.t.kind == kUnknown:
		r, err = c.coerce(r, l.t)
	}
	return l, r, err
}

// compareFunc compares two values that are not null.
type compareFunc func(m *machine, a, b value) value

func isComparison(op string) bool {
	switch op {
	case "=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// holds tells whether an order of values satisfies a comparison operator.
func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// comparison gives a comparison over the types of two operands; the conversions that it needs are in it.
func (c *compiler) comparison(op string, l, r node) (compareFunc, error) {
	order := op != "=" && op != "<>"
	t := l.t
	if l.t.kind == kRow && r.t.kind == kRow {
		return c.compareRows(op, l.t, r.t)
	}
	if l.t.number() && r.t.number() {
		if t = wider(l.t, r.t); t.kind == kFloat {
			t = float8Type
		}
	} else if !l.t.same(r.t) {
		switch {
		case l.t.moment() && r.t.moment():
			t = timestampType
		case l.t.kind == kCitext && r.t.text() || r.t.kind == kCitext && l.t.text():
			t = textType // citext is cast to text where the other is text
		case l.t.text() && r.t.text():
			t = charType
			if l.t.kind == kText && r.t.kind == kText {
				t = textType
			}
		default:
			return nil, unknown("%s %s %s", l.t.name, op, r.t.name)
		}
	}
	if t.kind == kRow || t.kind == kUnknown || t.kind == kOpaque || t.kind == kJSON || order && t.kind == kJSONB {
		return nil, unknown("the operator %s over %s", op, t.name)
	}
	if t.kind == kArray && (t.elem.kind == kOpaque || t.elem.kind == kJSON || order && t.elem.text()) {
		return nil, unknown("the operator %s over %s", op, t.name)
	}
	if order && (t.text() || t.kind == kRange && t.elem.text()) && !(l.t.bytes || r.t.bytes) {
		// In every collation the empty text comes first; other orders hang on the collation.
		empty := func(n node) bool { return n.konst != nil && !n.konst.null && len(n.konst.b) == 0 }
		if t.kind == kCitext || !empty(l) && !empty(r) {
			return nil, unknown("the order of texts (%s), which depends on the collation", op)
		}
	}
	lf, err := conversion(l.t, t)
	if err != nil {
		return nil, err
	}
	rf, err := conversion(r.t, t)
	if err != nil {
		return nil, err
	}
	if lf == nil && rf == nil {
		switch t.kind {
		case kBool, kInt, kDate, kTime, kTimestamp, kEnum:
			return compareInts(op), nil
		case kCitext:
			return func(m *machine, a, b value) value {
				if foldsBeyond(a.b) || foldsBeyond(b.b) {
					return m.fail(errLocale)
				}
				return boolean(holds(op, t.compare(a, b)))
			}, nil
		}
		return func(m *machine, a, b value) value { return boolean(holds(op, t.compare(a, b))) }, nil
	}
	return func(m *machine, a, b value) value {
		if lf != nil {
			a = lf(m, a)
		}
		if rf != nil {
			b = rf(m, b)
		}
		if m.err != nil {
			return null
		}
		return boolean(holds(op, t.compare(a, b)))
	}, nil
}

func compareInts(op string) compareFunc {
	switch op {
	case "=":
		return func(m *machine, a, b value) value { return boolean(a.n == b.n) }
	case "<>":
		return func(m *machine, a, b value) value { return boolean(a.n != b.n) }
	case "<":
		return func(m *machine, a, b value) value { return boolean(a.n < b.n) }
	case "<=":
		return func(m *machine, a, b value) value { return boolean(a.n <= b.n) }
	case ">":
		return func(m *machine, a, b value) value { return boolean(a.n > b.n) }
	}
	return func(m *machine, a, b value) value { return boolean(a.n >= b.n) }
}

// foldsBeyond tells whether a text has a character beyond ASCII that case might change.
func foldsBeyond(b []byte) bool { return slices.ContainsFunc([]rune(string(b)), foldsRune) }

// compareRows compares rows field by field, in three-valued logic.
func (c *compiler) compareRows(op string, lt, rt *typ) (compareFunc, error) {
	if len(lt.fields) != len(rt.fields) {
		return nil, unknown("a comparison of rows of %d and %d fields", len(lt.fields), len(rt.fields))
	}
	strict := op
	if op == "<=" || op == ">=" {
		strict = op[:1]
	}
	var eqs, steps []compareFunc
	for i := range lt.fields {
		l, r := node{t: lt.fields[i]}, node{t: rt.fields[i]}
		eq, err := c.comparison("=", l, r)
		if err != nil {
			return nil, err
		}
		step := eq
		if strict != "=" && strict != "<>" {
			if step, err = c.comparison(strict, l, r); err != nil {
				return nil, err
			}
		}
		eqs, steps = append(eqs, eq), append(steps, step)
	}
	return func(m *machine, a, b value) value {
		x, y := a.x.(*list).elems, b.x.(*list).elems
		unsure := false
		for i := range eqs {
			if x[i].null || y[i].null {
				if strict != "=" && strict != "<>" {
					return null
				}
				unsure = true
				continue
			}
			if !eqs[i](m, x[i], y[i]).isTrue() {
				switch strict {
				case "=":
					return boolean(false)
				case "<>":
					return boolean(true)
				}
				return steps[i](m, x[i], y[i])
			}
		}
		if unsure {
			return null
		}
		return boolean(op == "=" || op == "<=" || op == ">=")
	}, nil
}

// binary compiles an infix operator.
func (c *compiler) binary(e *Binary) (node, error) {
	if isComparison(e.Op) {
		l, r, err := c.pair(e.L, e.R)
		if err != nil {
			return l, err
		}
		return c.compare(e.Op, l, r)
	}
	l, err := c.compile(e.L)
	if err != nil {
		return l, err
	}
	r, err := c.compile(e.R)
	if err != nil {
		return r, err
	}
	return c.operate(e.Op, l, r)
}

// compare compiles a comparison of two nodes.
func (c *compiler) compare(op string, l, r node) (node, error) {
	if l.t.kind == kUnknown && (l.isNull() || r.isNull()) {
		return constant(boolType, null), nil
	}
	f, err := c.comparison(op, l, r)
	if err != nil {
		return l, err
	}
	return strict2(boolType, l, r, f), nil
}

// strict2 compiles a function of two arguments that is null where one of them is. Both are evaluated
// first: one that fails makes the row fail.
func strict2(t *typ, l, r node, f func(m *machine, a, b value) value) node {
	le, re := l.eval, r.eval
	if l.isNull() {
		return constant(t, null)
	}
	if r.konst != nil {
		if r.konst.null {
			return constant(t, null)
		}
		b := *r.konst
		return fold(node{t: t, eval: func(m *machine) value {
			a := le(m)
			if a.null {
				return null
			}
			return f(m, a, b)
		}}, l)
	}
	return fold(node{t: t, eval: func(m *machine) value {
		a, b := le(m), re(m)
		if a.null || b.null {
			return null
		}
		return f(m, a, b)
	}}, l, r)
}

// strict1 compiles a function of one argument that is null where it is.
func strict1(t *typ, x node, f func(m *machine, a value) value) node {
	xe := x.eval
	return fold(node{t: t, eval: func(m *machine) value {
		a := xe(m)
		if a.null {
			return null
		}
		return f(m, a)
	}}, x)
}

// anyOf compiles X op ANY (array) and ALL.
func (c *compiler) anyOf(e *AnyOf) (node, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	var a node
	if lit, ok := e.Array.(*Array); ok && x.t.kind != kUnknown { // the elements' literals take x's type
		elems := make([]node, len(lit.List))
		for i, le := range lit.List {
			if elems[i], err = c.compile(le); err != nil {
				return x, err
			}
			if elems[i].t.kind == kUnknown && isComparison(e.Op) {
				if elems[i], err = c.coerce(elems[i], x.t); err != nil {
					return x, err
				}
			}
		}
		if x.t.kind == kRow {
			return c.anyRow(e, x, elems)
		}
		et, err := c.unify(elems)
		if err != nil {
			return x, err
		}
		a = fold(node{t: arrayOf(et), eval: func(m *machine) value {
			out := &list{elems: make([]value, len(elems))}
			for i := range elems {
				out.elems[i] = elems[i].eval(m)
			}
			return value{x: out}
		}}, elems...)
	} else if a, err = c.compile(e.Array); err != nil {
		return x, err
	}
	if a.t.kind == kUnknown {
		if a, err = c.coerce(a, arrayOf(x.t)); err != nil {
			return x, err
		}
	}
	if a.t.kind != kArray {
		return x, unknown("ANY over %s", a.t.name)
	}
	if x.t.kind == kUnknown {
		if x, err = c.coerce(x, a.t.elem); err != nil {
			return x, err
		}
	}
	f, err := c.elementwise(e.Op, x, a)
	if err != nil {
		return x, err
	}
	all := e.All
	loop := func(m *machine, v value, elems []value) value {
		out := boolean(all)
		for _, el := range elems {
			if v.null || el.null {
				out = null
				continue
			}
			got := f(m, v, el)
			if m.err != nil {
				return null
			}
			if got.null {
				out = null
			} else if got.isTrue() != all {
				return got
			}
		}
		return out
	}
	if n := constantSet(e, x, a); n != nil {
		return *n, nil
	}
	return fold(node{t: boolType, eval: func(m *machine) value {
		v, l := x.eval(m), a.eval(m)
		if l.null {
			return null
		}
		return loop(m, v, l.x.(*list).elems)
	}}, x, a), nil
}

// elementwise gives the operator between x and one element of a.
func (c *compiler) elementwise(op string, x, a node) (compareFunc, error) {
	el := node{t: a.t.elem}
	if isComparison(op) {
		return c.comparison(op, x, el)
	}
	n, err := c.operate(op, node{t: x.t, eval: func(m *machine) value { return m.stack[len(m.stack)-2] }}, node{t: el.t, eval: func(m *machine) value { return m.stack[len(m.stack)-1] }})
	if err != nil {
		return nil, err
	}
	return func(m *machine, p, q value) value {
		m.stack = append(m.stack, p, q)
		v := n.eval(m)
		m.stack = m.stack[:len(m.stack)-2]
		return v
	}, nil
}

// constantSet compiles = ANY and <> ALL of constant texts or integers as a look-up.
func constantSet(e *AnyOf, x, a node) *node {
	if a.konst == nil || a.konst.null || !x.t.same(a.t.elem) || !(e.Op == "=" && !e.All || e.Op == "<>" && e.All) {
		return nil
	}
	elems := a.konst.x.(*list).elems
	for _, el := range elems {
		if el.null {
			return nil
		}
	}
	all, eval := e.All, x.eval
	switch x.t.kind {
	case kText, kUUID, kBytes:
		set := map[string]bool{}
		for _, el := range elems {
			set[string(el.b)] = true
		}
		return &node{t: boolType, eval: func(m *machine) value {
			v := eval(m)
			if v.null {
				return v
			}
			return boolean(set[string(v.b)] != all)
		}}
	case kInt, kDate, kTimestamp, kEnum:
		set := map[int64]bool{}
		for _, el := range elems {
			set[el.n] = true
		}
		return &node{t: boolType, eval: func(m *machine) value {
			v := eval(m)
			if v.null {
				return v
			}
			return boolean(set[v.n] != all)
		}}
	}
	return nil
}

// anyRow compiles (a, b) IN ((1, 2), (3, 4)).
func (c *compiler) anyRow(e *AnyOf, x node, elems []node) (node, error) {
	var list []Expr
	for _, el := range e.Array.(*Array).List {
		list = append(list, &Binary{Op: e.Op, L: e.X, R: el})
	}
	if len(list) == 1 {
		return c.compile(list[0])
	}
	return c.compile(&Logic{Or: !e.All, List: list})
}

// opposite gives the operator that is true where op is false.
func opposite(op string) string {
	switch op {
	case "=":
		return "<>"
	case "<>":
		return "="
	case "<":
		return ">="
	case "<=":
		return ">"
	case ">":
		return "<="
	case ">=":
		return "<"
	}
	if op[0] == '!' {
		return op[1:]
	}
	return "!" + op
}
