package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// relate turns a condition over several columns into a Relation or an Equation. It tells whether it did,
// and whether the state can still be satisfied.
func (s *solver) relate(st *state, l lit) (ok, handled bool) {
	if d, is := l.e.(*DistinctFrom); is && d.Not != l.s.positive() { // they differ, and at most one of them is null
		a, b := columnOf(d.L), columnOf(d.R)
		if a == "" || b == "" || a == b || !s.comparable(a, b, "=") {
			return true, false
		}
		if s.col(st, b).dom.Null != NotNull && !s.col(st, a).setNull(NotNull) {
			return false, true
		}
		s.dropped = true
		st.between = append(st.between, Relation{Left: a, Right: b, Op: "<>", from: l.from})
		return true, true
	}
	b, is := l.e.(*Binary)
	if !is {
		if c, isCall := l.e.(*Call); isCall && c.Name == "starts_with" && len(c.Args) == 2 && l.s.positive() {
			name, text := affix(c.Args[1], false)
			return s.affixed(st, l, "starts", columnOf(c.Args[0]), name, text)
		}
		return true, false
	}
	op := b.Op
	switch {
	case op == "<@" && l.s.positive() || op == "@>" && l.s.positive():
		a, c := columnOf(b.L), columnOf(b.R)
		if op == "@>" {
			a, c = c, a
		}
		if a == "" || c == "" || !s.typeOf(a).same(s.typeOf(c)) {
			return true, false
		}
		return s.between(st, l, Relation{Left: a, Right: c, Op: "contained"})
	case (op == "~~" || op == "LIKE") && l.s.positive():
		return s.like(st, l, b.L, b.R)
	case !isComparison(op):
		return true, false
	}
	if !l.s.positive() {
		op = opposite(op)
	}
	if op == "=" {
		for _, p := range [][2]Expr{{b.L, b.R}, {b.R, b.L}} {
			if ok, handled := s.cut(st, l, p[0], p[1]); handled {
				return ok, true
			}
		}
		if ok, handled := s.equation(st, l, b.L, b.R); handled {
			return ok, true
		}
	}
	one, other := b.L, b.R
	if x, y, ok := s.distance(one, other); ok {
		one, other = x, y
	} else if x, y, ok := s.distance(other, one); ok {
		one, other, op = x, y, flip(op)
	}
	left, ok1 := s.linear(st, l, one, other, op)
	right, ok2 := s.linear(st, l, other, one, flip(op))
	if !ok1 || !ok2 || left.column == right.column || left.column == "" || right.column == "" {
		return true, false
	}
	r, ok := s.relation(left, op, right)
	if !ok {
		return true, false
	}
	return s.between(st, l, r)
}

// between notes a relation; where null does not satisfy the condition both columns get values.
func (s *solver) between(st *state, l lit, r Relation) (ok, handled bool) {
	r.from = l.from
	if l.s == mustTrue || l.s == mustFalse {
		if !s.col(st, r.Left).setNull(NotNull) || !s.col(st, r.Right).setNull(NotNull) {
			return false, true
		}
	}
	for _, o := range st.between { // a < b and b < a
		if o.Left == r.Right && o.Right == r.Left && o.Offset == "" && r.Offset == "" && (o.Op == "<" && r.Op[0] == '<' && r.Op != "<>" || r.Op == "<" && o.Op == "<=") {
			return s.oneNull(st, r.Left, r.Right), true
		}
		if o.Left == r.Left && o.Right == r.Right && o.Op == r.Op && o.Offset == r.Offset {
			return true, true
		}
	}
	st.between = append(st.between, r)
	return true, true
}

// oneNull makes one of two columns null that no values satisfy.
func (s *solver) oneNull(st *state, a, b string) bool {
	s.dropped = true
	return s.col(st, b).setNull(IsNull) || s.col(st, a).setNull(IsNull)
}

func stripCasts(e Expr) Expr {
	for {
		c, ok := e.(*Cast)
		if !ok {
			return e
		}
		e = c.X
	}
}

// columnOf gives the column that an expression is, through casts; "" for others.
func columnOf(e Expr) string {
	if c, ok := stripCasts(e).(*ColumnRef); ok {
		return c.Name
	}
	return ""
}

// comparable tells whether two columns' values compare as they are, by the operator.
func (s *solver) comparable(a, b, op string) bool {
	x, y := s.typeOf(a), s.typeOf(b)
	switch {
	case x.kind == kOpaque || x.kind == kJSON || x.kind == kJSONB:
		return x.kind == kOpaque && y.kind == kOpaque && x.name == y.name && (op == "=" || op == "<>")
	case x.text() && y.text():
		return op == "=" || op == "<>"
	}
	return x.same(y) || x.number() && y.number() || x.moment() && y.moment()
}

// side is one side of a comparison: a column and what is added to it.
type side struct {
	column string
	plus   *node // a number or an interval; nil for nothing
	minus  bool
}

// linear reads a side: a column, or one with a constant added. COALESCE with a constant falls away where its
// column is null only where the condition holds anyway, or else gets a value.
func (s *solver) linear(st *state, l lit, e, other Expr, op string) (side, bool) {
	e = stripKeeping(s, e)
	switch x := e.(type) {
	case *ColumnRef:
		return side{column: x.Name}, true
	case *Call:
		if x.Name != "coalesce" || len(x.Args) != 2 {
			return side{}, false
		}
		name := columnOf(x.Args[0])
		if name == "" {
			return side{}, false
		}
		if s.harmless(x.Args[1], other, op) {
			return side{column: name}, true
		}
		if len(Columns(x.Args[1])) == 0 && s.col(st, name).setNull(NotNull) {
			s.dropped = true
			return side{column: name}, true
		}
	case *Binary:
		if x.Op != "+" && x.Op != "-" {
			return side{}, false
		}
		name, k := columnOf(x.L), x.R
		if name == "" && x.Op == "+" {
			name, k = columnOf(x.R), x.L
		}
		if name == "" || len(Columns(k)) > 0 {
			return side{}, false
		}
		n, ok := s.constant(k)
		if !ok || n.konst.null || !n.t.number() && n.t.kind != kInterval {
			return side{}, false
		}
		return side{column: name, plus: &n, minus: x.Op == "-"}, true
	}
	return side{}, false
}

// stripKeeping takes casts off between types whose order is the same.
func stripKeeping(s *solver, e Expr) Expr {
	c, ok := e.(*Cast)
	if !ok || len(c.Type.Args) > 0 {
		return e
	}
	name := columnOf(c.X)
	if name == "" {
		return e
	}
	to := (&compiler{table: s.table, options: s.options}).scalar(TypeName{Schema: c.Type.Schema, Name: c.Type.Name, Quoted: c.Type.Quoted})
	from := s.typeOf(name)
	if to == nil || !(keeps(from, to) || from.kind == kDate && to.kind == kTimestamp || from.kind == kTimestamp && to.kind == kTimestamp || from.kind == kNumeric && to.kind == kNumeric) {
		return e
	}
	return c.X
}

// harmless tells whether a COALESCE's fallback satisfies e op other whatever the other side is: infinity, or
// the other side itself.
func (s *solver) harmless(fallback, other Expr, op string) bool {
	if fallback.String() == other.String() || columnOf(fallback) != "" && columnOf(fallback) == columnOf(other) {
		return op == "<=" || op == ">=" || op == "="
	}
	n, ok := s.constant(fallback)
	if !ok || n.konst.null || !n.t.moment() || n.konst.finite() {
		return false
	}
	if c, isCall := other.(*Call); isCall && c.Name == "coalesce" && len(c.Args) == 2 { // infinity against the other's infinity
		if m, ok := s.constant(c.Args[1]); ok && !m.konst.null && m.t.moment() && !m.konst.finite() && m.konst.n == n.konst.n {
			return op == ">=" || op == "<="
		}
	}
	return n.konst.n == infinite && (op == ">=" || op == ">") || n.konst.n == minusInfinite && (op == "<=" || op == "<")
}

// relation puts two sides into the form Left Op Right + Offset.
func (s *solver) relation(l side, op string, r side) (Relation, bool) {
	if !s.comparable(l.column, r.column, op) {
		return Relation{}, false
	}
	if op[0] == '>' {
		l, r, op = r, l, flip(op)
	}
	out := Relation{Left: l.column, Right: r.column, Op: op}
	if l.plus == nil && r.plus == nil {
		return out, true
	}
	if l.plus != nil && r.plus != nil {
		return out, false
	}
	k, minus := r.plus, r.minus
	if k == nil { // l + k op r: l op r - k
		k, minus = l.plus, !l.minus
		if k.t.kind == kInterval && k.konst.x.(*interval).months != 0 {
			return out, false // months cannot be taken to the other side
		}
	}
	sign := ""
	t := s.typeOf(r.column)
	switch {
	case k.t.kind == kInterval && (t.moment() || t.kind == kTime):
		i := k.konst.x.(*interval)
		if minus {
			i = i.times(-1)
		}
		text, ok := intervalText(i)
		out.Offset = text
		return out, ok
	case k.t.number():
		v, err := numericOf(*k)
		if err != nil || t.kind == kFloat || s.typeOf(l.column).kind == kFloat {
			return out, false
		}
		if minus {
			v = negNumeric(v)
		}
		out.Offset = sign + string(appendNumeric(nil, trimScale(v)))
		if t.kind == kDate {
			out.Offset += " days"
			if out.Offset == "1 days" || out.Offset == "-1 days" {
				out.Offset = strings.TrimSuffix(out.Offset, "s")
			}
		} else if !t.number() {
			return out, false
		}
		return out, true
	}
	return out, false
}

// equation reads column = arithmetic over other columns, or a sum that is constant.
func (s *solver) equation(st *state, l lit, left, right Expr) (ok, handled bool) {
	for _, p := range [][2]Expr{{left, right}, {right, left}} {
		name := columnOf(stripKeeping(s, p[0]))
		if name == "" {
			continue
		}
		text, cols, ok := s.arithmetic(p[1])
		if !ok || len(cols) < 2 || slices.Contains(cols, name) || !s.typeOf(name).number() {
			continue
		}
		return s.equal(st, l, Equation{Column: name, Expression: text, Columns: cols}), true
	}
	if e, ok := s.derivation(left, right); ok {
		return s.equal(st, l, e), true
	}
	// a + b + c = 100: the last is what is left
	n, isConst := s.constant(right)
	if !isConst || len(Columns(right)) > 0 || n.konst.null || !n.t.number() {
		return true, false
	}
	var terms []string
	if !s.sum(left, &terms) || len(terms) < 2 {
		return true, false
	}
	v, err := numericOf(n)
	if err != nil {
		return true, false
	}
	text := string(appendNumeric(nil, trimScale(v)))
	for _, t := range terms[:len(terms)-1] {
		text += " - " + plainName(t)
	}
	return s.equal(st, l, Equation{Column: terms[len(terms)-1], Expression: text, Columns: terms[:len(terms)-1]}), true
}

// equal notes an equation; a column is made only once.
func (s *solver) equal(st *state, l lit, e Equation) bool {
	for _, o := range st.equal {
		if o.Column == e.Column || slices.Contains(e.Columns, o.Column) || slices.Contains(o.Columns, e.Column) {
			st.rest = append(st.rest, l)
			return true
		}
	}
	if l.s == mustTrue || l.s == mustFalse {
		for _, c := range append([]string{e.Column}, e.Columns...) {
			if !s.col(st, c).setNull(NotNull) {
				return false
			}
		}
	}
	st.equal = append(st.equal, e)
	st.rest = append(st.rest, l) // the column's own bounds and its rounding are not in it
	return true
}

// sum collects the columns of a sum, each once.
func (s *solver) sum(e Expr, terms *[]string) bool {
	e = stripKeeping(s, e)
	if b, ok := e.(*Binary); ok && b.Op == "+" {
		return s.sum(b.L, terms) && s.sum(b.R, terms)
	}
	name := columnOf(e)
	if name == "" || !s.typeOf(name).number() || s.typeOf(name).kind == kFloat || slices.Contains(*terms, name) {
		return false
	}
	*terms = append(*terms, name)
	return true
}

// arithmetic writes a sum, difference or product of numbers as an expression of a blueprint.
func (s *solver) arithmetic(e Expr) (text string, cols []string, ok bool) {
	e = stripKeeping(s, e)
	switch x := e.(type) {
	case *ColumnRef:
		t := s.typeOf(x.Name)
		return plainName(x.Name), []string{x.Name}, t.kind == kInt || t.kind == kNumeric
	case *Binary:
		if x.Op != "+" && x.Op != "-" && x.Op != "*" {
			return "", nil, false
		}
		l, lc, ok1 := s.arithmetic(x.L)
		r, rc, ok2 := s.arithmetic(x.R)
		for _, c := range rc {
			if !slices.Contains(lc, c) {
				lc = append(lc, c)
			}
		}
		return "(" + l + " " + x.Op + " " + r + ")", lc, ok1 && ok2
	}
	n, isConst := s.constant(e)
	if len(Columns(e)) > 0 || !isConst || n.konst.null || n.t.kind != kInt && n.t.kind != kNumeric {
		return "", nil, false
	}
	return string(appendNumeric(nil, trimScale(*n.konst))), nil, true
}

// plainName is a column's name as expressions of a blueprint write it.
func plainName(s string) string {
	if sqlexpr.QuoteName(s) != s {
		return "cell(" + strconv.Quote(s) + ")"
	}
	return s
}
