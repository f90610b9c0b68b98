package check

// Comparisons of several values at once: GREATEST and LEAST, rows, OVERLAPS.

// extremes takes comparisons with GREATEST and LEAST apart: what is at most the least of some is at most
// each. A null among them does not count, so that this gives NOT FALSE only.
func (x *expansion) extremes(e *Binary, s sense) (dnf, bool) {
	if s != notFalse {
		return nil, false
	}
	l, r, op := e.L, e.R, e.Op
	if c, ok := l.(*Call); ok && (c.Name == "greatest" || c.Name == "least") && c.Schema == "" {
		l, r, op = r, l, flip(op)
	}
	c, ok := r.(*Call)
	if !ok || c.Schema != "" || c.Name != "greatest" && c.Name != "least" {
		return nil, false
	}
	least := c.Name == "least"
	if op == "=" { // a = least(a, b) where a is the least
		var others []Expr
		for _, a := range c.Args {
			if a.String() != l.String() {
				others = append(others, a)
			}
		}
		if len(others) == len(c.Args) {
			return x.oneExtreme(c.Args, l, least, s), true
		}
		op = ">="
		if least {
			op = "<="
		}
		return x.all(others, func(a Expr) dnf { return x.expand(&Binary{Op: op, L: l, R: a}, s) }), true
	}
	if least && op[0] == '<' || !least && op[0] == '>' {
		return x.all(c.Args, func(a Expr) dnf { return x.expand(&Binary{Op: op, L: l, R: a}, s) }), true
	}
	if op == "<>" {
		return nil, false
	}
	x.dropped = true                        // all of them null
	return x.any(c.Args, func(a Expr) dnf { // l >= least(...): one of them will do, if it is there
		return x.product(x.isNull(a, false), x.expand(&Binary{Op: op, L: l, R: a}, s))
	}), true
}

// oneExtreme gives the ways in which the least or greatest of some values is another value: one of them is it, and the
// others are not beyond it.
func (x *expansion) oneExtreme(args []Expr, is Expr, least bool, s sense) (out dnf) {
	op := "<="
	if least {
		op = ">="
	}
	x.dropped = true // all of them null
	for i, a := range args {
		way := x.product(x.isNull(a, false), x.expand(&Binary{Op: "=", L: a, R: is}, s))
		for j, other := range args {
			if j != i {
				way = x.product(way, x.expand(&Binary{Op: op, L: other, R: is}, s))
			}
		}
		out = append(out, way...)
	}
	return out
}

// rowwise takes a comparison of two rows apart, column by column from the left.
func (x *expansion) rowwise(e *Binary, s sense) (dnf, bool) {
	l, ok1 := e.L.(*Row)
	r, ok2 := e.R.(*Row)
	if !ok1 || !ok2 || len(l.List) != len(r.List) || len(l.List) == 0 || s == notTrue {
		return nil, false
	}
	op := e.Op
	if s == mustFalse {
		op, s = opposite(op), mustTrue
	}
	pair := func(op string, i int) Expr { return &Binary{Op: op, L: l.List[i], R: r.List[i]} }
	var all []Expr
	for i := range l.List {
		all = append(all, pair(op, i))
	}
	switch op {
	case "=":
		return x.all(all, func(e Expr) dnf { return x.expand(e, s) }), true
	case "<>":
		return x.any(all, func(e Expr) dnf { return x.expand(e, s) }), true
	}
	if s == notFalse {
		x.dropped = true // nulls at which it ends
	}
	var out dnf
	before := always
	for i := range l.List {
		o := op
		if i < len(l.List)-1 {
			o = op[:1] // before the last column, those that are equal leave it to the next
		}
		out = append(out, x.product(before, x.expand(pair(o, i), s))...)
		before = x.product(before, x.expand(pair("=", i), mustTrue))
	}
	return out, true
}

// overlap gives the ways in which two periods, each from its first moment to its last, overlap: each begins before the
// other one ends. That PostgreSQL takes a period's ends in any order is left out.
func (x *expansion) overlap(e *Call, s sense) dnf {
	if !s.positive() {
		return x.atom(e, s)
	}
	x.dropped = true
	compared := func(op string, l, r int) Expr { return &Binary{Op: op, L: e.Args[l], R: e.Args[r]} }
	return x.all([]Expr{compared("<=", 0, 1), compared("<=", 2, 3), compared("<", 0, 3), compared("<", 2, 1)}, func(e Expr) dnf { return x.expand(e, s) })
}
