package check

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// fixedCell is a column's only value, put in its place.
type fixedCell struct {
	t      *typ
	column string
	text   *string // nil for null
	sqlite bool
}

func (e *fixedCell) String() string {
	switch {
	case e.text == nil:
		return "NULL"
	case e.t.number() || e.t.kind == kBool:
		return *e.text
	}
	return sqlexpr.QuoteString(*e.text)
}
func (e *fixedCell) Children() []Expr { return nil }

// outcome says what became of a condition that a Domain was asked to hold.
type outcome uint8

const (
	told        outcome = iota // the domain implies it
	notTold                    // the domain does not
	contradicts                // no value satisfies both
)

// narrow lets a domain hold a condition over its column alone. It looks at values only: what null makes of
// the condition is the caller's.
func (s *solver) narrow(d *Domain, name string, l lit) outcome {
	n := &narrowing{solver: s, d: d, name: name, sc: s.table.Column(name)}
	n.t = s.typeOf(name)
	return n.condition(l.e, l.s.positive())
}

type narrowing struct {
	*solver
	d    *Domain
	name string
	sc   *schema.Column
	t    *typ
}

// plain takes casts off that change no value: the column as its own type, or as a wider one.
func (n *narrowing) plain(e Expr) Expr {
	for {
		switch x := e.(type) {
		case *Cast:
			if len(x.Type.Args) > 0 || x.Type.Array != (n.t.kind == kArray) {
				return e
			}
			to := (&compiler{table: n.table, options: n.options}).scalar(TypeName{Schema: x.Type.Schema, Name: x.Type.Name, Quoted: x.Type.Quoted})
			if to == nil || !keeps(n.t, to) {
				return e
			}
			e = x.X
		case *Collate:
			if n.options.SQLite && !strings.EqualFold(x.Name, "binary") {
				return e
			}
			e = x.X
		default:
			return e
		}
	}
}

// keeps tells whether a cast leaves every value what it is.
func keeps(from, to *typ) bool {
	switch {
	case from.kind == kArray:
		return keeps(from.elem, to) || from.elem.same(to)
	case from.text() && to.text():
		return to.kind != kChar && from.kind != kCitext
	case from.kind == kEnum:
		return to.text()
	case from.kind == kInt:
		return to.kind == kNumeric || to.kind == kInt && to.width >= from.width || to.kind == kFloat && to.width == 8 && from.width < 8
	case from.kind == kFloat:
		return to.kind == kFloat && to.width >= from.width
	case from.kind == kDate:
		return to.kind == kDate
	}
	return from.same(to)
}

// isColumn tells whether an expression is the column itself.
func (n *narrowing) isColumn(e Expr) bool {
	c, ok := n.plain(e).(*ColumnRef)
	return ok && c.Name == n.name && !(n.options.SQLite && n.sc != nil && n.sc.Collation != "" && !strings.EqualFold(n.sc.Collation, "binary"))
}

// call gives the arguments of a call of one of the functions whose first argument is the column.
func (n *narrowing) call(e Expr, names ...string) ([]Expr, string, bool) {
	c, ok := n.plain(e).(*Call)
	if !ok || c.Schema != "" || len(c.Args) == 0 || !slices.Contains(names, c.Name) {
		return nil, "", false
	}
	return c.Args, c.Name, true
}

// condition holds a condition, or its opposite.
func (n *narrowing) condition(e Expr, positive bool) outcome {
	switch e := e.(type) {
	case *Not:
		return n.condition(e.X, !positive)
	case *ColumnRef:
		if n.t.kind == kBool {
			return n.values([]string{boolText(positive)}, true)
		}
	case *Logic:
		if e.Or == positive {
			return n.union(e)
		}
		for _, c := range e.List {
			if out := n.condition(c, positive); out != told {
				return out
			}
		}
		return told
	case *Binary:
		return n.binary(e, positive)
	case *AnyOf:
		return n.anyOf(e, positive)
	case *Call:
		if args, _, ok := n.call(e, "json_valid"); ok && len(args) == 1 && n.isColumn(args[0]) && positive && n.sc.Type.Kind == column.JSON {
			return told
		}
		if args, _, ok := n.call(e, "starts_with"); ok && len(args) == 2 && n.isColumn(args[0]) {
			if p, ok := n.text(args[1]); ok {
				return n.pattern("^"+regexp.QuoteMeta(p), !positive, false)
			}
		}
	case *NullTest:
		if path, _, ok := n.jsonPath(e.X); ok && len(path) > 0 {
			return n.at(path, Member{Absent: e.Not != positive})
		}
		if args, _, ok := n.call(e.X, "array_position"); ok && len(args) == 2 && n.isColumn(args[0]) && e.Not != positive {
			if v, ok := n.constant(args[1]); ok && v.konst.null {
				n.d.NoNulls = true
				return told
			}
		}
	}
	return notTold
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// union holds an OR whose sides all list values, or are all patterns.
func (n *narrowing) union(e *Logic) outcome {
	var values, patterns []string
	for _, c := range e.List {
		d := Domain{}
		side := &narrowing{solver: n.solver, d: &d, name: n.name, sc: n.sc, t: n.t}
		if side.condition(c, true) != told {
			return notTold
		}
		switch {
		case d.In != nil:
			values = append(values, d.In...)
		case len(d.Patterns) == 1 && !d.Patterns[0].Not && !d.Patterns[0].IgnoreCase:
			patterns = append(patterns, "(?:"+d.Patterns[0].Regexp+")")
		default:
			return notTold
		}
	}
	switch {
	case patterns == nil:
		return n.values(values, true)
	case values == nil:
		return n.pattern(strings.Join(patterns, "|"), false, false)
	}
	return notTold
}

func (n *narrowing) pattern(re string, not, fold bool) outcome {
	if _, err := regexp.Compile(re); err != nil {
		return notTold
	}
	p := Pattern{Regexp: re, Not: not, IgnoreCase: fold}
	if !slices.Contains(n.d.Patterns, p) {
		n.d.Patterns = append(n.d.Patterns, p)
	}
	return told
}

// binary holds comparisons and patterns.
func (n *narrowing) binary(e *Binary, positive bool) outcome {
	op := e.Op
	switch {
	case isPattern(op) && n.isColumn(e.L):
		p, ok := n.text(e.R)
		if !ok {
			return notTold
		}
		if !positive {
			op = opposite(op)
		}
		re, not, fold, ok := patternOf(op, p)
		if !ok {
			return notTold
		}
		return n.pattern(re, not, fold || n.t.kind == kCitext)
	case op == "<@" && positive && n.t.kind == kArray && n.isColumn(e.L):
		return n.elements(e.R)
	case n.t.kind == kJSONB || n.t.kind == kJSON:
		if out := n.members(e, positive); out != notTold || !isComparison(op) {
			return out
		}
	case op == "LIKE" || op == "GLOB":
		return n.patternSQLite(e, positive)
	case !isComparison(op):
		return notTold
	}
	l, r := e.L, e.R
	if len(Columns(l)) == 0 {
		l, r, op = r, l, flip(op)
	}
	if !positive {
		op = opposite(op)
	}
	if op == "=" {
		if out := n.same(l, r); out != notTold {
			return out
		}
		if out := n.same(r, l); out != notTold {
			return out
		}
	}
	if len(Columns(r)) > 0 {
		return notTold
	}
	return n.compare(l, op, r)
}

// same holds x = lower(x) and its like.
func (n *narrowing) same(x, f Expr) outcome {
	if !n.isColumn(x) || n.options.SQLite && n.t.kind != kText {
		return notTold
	}
	d := *n.d
	for {
		if n.isColumn(f) {
			if n.d.Lower != d.Lower && d.Upper || n.d.Upper != d.Upper && d.Lower {
				return notTold
			}
			*n.d = d
			return told
		}
		args, name, ok := n.call(f, "lower", "upper", "btrim", "trim", "replace", "regexp_replace", "ltrim", "rtrim")
		if !ok {
			return notTold
		}
		switch {
		case name == "lower" && len(args) == 1:
			d.Lower = true
		case name == "upper" && len(args) == 1:
			d.Upper = true
		case strings.HasSuffix(name, "trim") && len(args) == 1:
			d.Trimmed = true
		case name == "replace" && len(args) == 3:
			p, ok := n.text(args[1])
			if !ok || p == "" {
				return notTold
			}
			d.Patterns = append(slices.Clone(d.Patterns), Pattern{Regexp: regexp.QuoteMeta(p), Not: true})
		case name == "regexp_replace" && len(args) >= 3:
			p, ok := n.text(args[1])
			if !ok || n.options.SQLite {
				return notTold
			}
			r, err := translate(p, false)
			if err != nil || r.fold || r.Match(nil) || len(args) == 4 && !isText(n, args[3], "g") {
				return notTold
			}
			d.Patterns = append(slices.Clone(d.Patterns), Pattern{Regexp: r.text, Not: true})
		default:
			return notTold
		}
		f = args[0]
	}
}

func isText(n *narrowing, e Expr, want string) bool {
	p, ok := n.text(e)
	return ok && p == want
}

// compare holds a comparison of something made from the column with a constant.
func (n *narrowing) compare(l Expr, op string, r Expr) outcome {
	if n.isColumn(l) {
		return n.compareColumn(op, r)
	}
	if c, ok := n.plain(l).(*Call); ok && c.Schema == "" && len(c.Args) > 0 {
		if k := functions[c.Name]; k != nil && k.narrow != nil {
			return k.narrow(n, comparison{name: c.Name, args: c.Args, op: op, with: r})
		}
	}
	b, ok := n.plain(l).(*Binary)
	if !ok {
		return notTold
	}
	switch b.Op {
	case "+", "-":
		if !n.t.number() || n.t.kind == kFloat {
			return notTold
		}
		if n.isColumn(b.L) { // x + k op c: x op c - k
			return n.compareColumn(op, &Binary{Op: map[string]string{"+": "-", "-": "+"}[b.Op], L: r, R: b.R})
		}
		if n.isColumn(b.R) && b.Op == "+" {
			return n.compareColumn(op, &Binary{Op: "-", L: r, R: b.L})
		}
		if n.isColumn(b.R) { // k - x op c: x flip(op) k - c
			return n.compareColumn(flip(op), &Binary{Op: "-", L: b.L, R: r})
		}
	case "%":
		k, ok := n.valueText(b.R)
		if zero, isInt := n.integer(r); ok && isInt && zero == 0 && op == "=" && n.isColumn(b.L) && n.t.number() {
			return n.multiple(strings.TrimPrefix(k, "-"))
		}
	}
	return notTold
}

func (n *narrowing) multiple(k string) outcome {
	if k == "0" {
		return notTold
	}
	if n.d.Multiple == "" || n.d.Multiple == k {
		n.d.Multiple = k
		return told
	}
	a, ok1 := new(big.Int).SetString(n.d.Multiple, 10)
	b, ok2 := new(big.Int).SetString(k, 10)
	if !ok1 || !ok2 {
		return notTold
	}
	g := new(big.Int).GCD(nil, nil, a, b)
	n.d.Multiple = a.Mul(a, b.Div(b, g)).String()
	return told
}

// compareColumn holds a comparison of the column itself.
func (n *narrowing) compareColumn(op string, r Expr) outcome {
	if now, ok := nowOffset(r); ok && (n.t.moment()) {
		return n.moment(op, now)
	}
	switch {
	case n.t.moment():
		return n.compareMoment(op, r)
	case n.t.text():
		if text, ok := n.text(r); ok && text == "" && (op == ">" || op == "<>") && n.t.kind != kChar {
			return n.length(">=", 1, false)
		}
	}
	if op == "=" || op == "<>" {
		v, ok := n.valueText(r)
		if !ok || n.t.kind == kCitext || n.t.kind == kJSON || n.t.kind == kJSONB {
			return notTold
		}
		if n.t.kind == kInt && strings.Contains(v, ".") {
			if op == "=" {
				return contradicts
			}
			return told
		}
		if n.t.kind == kFloat && n.t.width == 4 {
			return notTold
		}
		return n.values([]string{v}, op == "=")
	}
	if n.t.kind == kTime || n.t.kind == kInterval {
		x, ok := n.constant(r)
		if !ok || x.konst.null || !x.t.same(n.t) {
			return notTold
		}
		text := ""
		if n.t.kind == kTime {
			text, ok = n.nodeText(x)
		} else {
			text, ok = intervalText(x.konst.x.(*interval))
		}
		if !ok {
			return notTold
		}
		return n.bound(op, text)
	}
	if !n.t.number() {
		return notTold
	}
	v, ok := n.valueText(r)
	if !ok {
		return notTold
	}
	return n.bound(op, v)
}
