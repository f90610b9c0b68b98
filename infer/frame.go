package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// A trigger may hold a cell of a row against one of the row that it refers to: an encounter lies within its visit, a line comes
// after its order, an amount is no more than a limit. The cell is made from the ends that its parent has then.

// end is what a trigger wants of a cell: that it is not below, or not above, a cell of the row of another table.
type end struct {
	ask                 // which row that is
	mine, theirs string // columns
	above        bool   // mine is not above theirs; else not below
	strict       bool   // nor the same
	says         string
}

// framing reads what triggers want of cells beside those of a parent.
func (t *table) framing() {
	t.refusals(func(refused sqlexpr.Expr, g *schema.Trigger) {
		for _, one := range conjuncts(refused, false) {
			t.frames(one, "the trigger "+g.Name+" wants it")
			t.accords(one, "the trigger "+g.Name+" wants it")
		}
	})
}

// frames reads a condition under which a row is refused.
func (t *table) frames(e sqlexpr.Expr, says string) {
	of, not := affirmed(e)
	if x, is := of.(*sqlexpr.Exists); is {
		t.framedBy(x.Query, not, says)
		return
	}
	b, is := of.(*sqlexpr.Binary)
	if !is || turned[b.Op] == "" || b.Op == "=" || b.Op == "<>" {
		return
	}
	l, r, op := b.L, b.R, b.Op
	if _, mine := newCell(l); !mine {
		l, r, op = r, l, turned[op]
	}
	name, mine := newCell(l)
	sub, is := stripped(r).(*sqlexpr.Subquery)
	if !mine || !is || t.own(name) == nil || len(sub.Query.What) != 1 {
		return
	}
	theirs, isColumn := plain(stripped(sub.Query.What[0].Expr))
	if d, ok := pairsOf(sub.Query, "="); ok && isColumn && len(d.wants) == 0 {
		t.framed(d, name, theirs, op, !not, says)
	}
}

// stripped takes casts and what stands for a null away.
func stripped(e sqlexpr.Expr) sqlexpr.Expr {
	for {
		e = uncast(e)
		c, is := e.(*sqlexpr.Call)
		if !is || c.Name != "coalesce" && c.Name != "ifnull" || len(c.Args) != 2 {
			return e
		}
		e = c.Args[0]
	}
}

// framedBy reads a query for the row of another table: there is one, or none, whose cells lie so beside the row's.
func (t *table) framedBy(q *sqlexpr.Query, not bool, says string) {
	if q.Other || q.Where == nil {
		return
	}
	d, ok := pairsOf(q, "=")
	if !ok || len(d.wants) > 0 {
		return
	}
	for _, c := range conjuncts(q.Where, false) {
		of, odd := affirmed(c)
		list := []sqlexpr.Expr{of}
		if l, is := of.(*sqlexpr.Logic); is && !l.Or && !odd {
			list = l.List
		}
		for _, one := range list {
			b, is := one.(*sqlexpr.Binary)
			if !is {
				continue
			}
			l, r, op := b.L, b.R, b.Op
			if _, mine := newCell(l); !mine {
				l, r, op = r, l, turned[op]
			}
			name, mine := newCell(l)
			if theirs, isColumn := plain(stripped(r)); mine && isColumn && op != "=" && op != "<>" && op != "" {
				t.framed(d, name, theirs, op, not == odd, says)
			}
		}
	}
}

// framed notes that a cell is refused where it compares so with one of the other row; or where it does not.
func (t *table) framed(d demand, mine, theirs, op string, refused bool, says string) {
	p := t.draft.byName(d.schema, d.table, t.schema.Schema)
	if p == nil || p == t || !p.filled() || p.spec != nil || p.own(theirs) == nil || t.own(mine) == nil {
		return
	}
	if refused {
		op = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op]
	}
	e := end{ask: ask{parent: p, columns: slices.Clone(d.columns), refs: slices.Clone(d.refs)}, mine: t.own(mine).Name, theirs: p.own(theirs).Name,
		above: op[0] == '<', strict: len(op) == 1, says: says}
	for i := range e.columns {
		if t.own(e.columns[i]) == nil || p.own(e.refs[i]) == nil {
			return
		}
		e.columns[i], e.refs[i] = t.own(e.columns[i]).Name, p.own(e.refs[i]).Name
	}
	if !slices.ContainsFunc(t.held, func(o end) bool { return o.mine == e.mine && o.theirs == e.theirs && o.above == e.above }) {
		t.held = append(t.held, e)
	}
}

// interval are the ends between which a cell lies.
type interval struct {
	by       *col
	lo, hi   *end
	from, to int // hundredths of what lies between
}

// fitEnds makes the cells that triggers hold against those of a parent.
func (t *table) fitEnds() {
	if t.spec != nil || t.total() == 0 {
		return
	}
	of := map[string]*interval{}
	var names []string
	for i := range t.held {
		e := &t.held[i]
		c, by := t.byName[e.mine], t.lookedAt(e.ask)
		if by == nil || c == nil || c.schema == nil || c.given || c.reference != nil || len(c.fills) == 0 || t.unmeant[c.name] || t.wantsUnique(c) || !t.acyclic(e.parent) {
			continue
		}
		if their := e.parent.byName[e.theirs]; their == nil || their.kind() != c.kind() && !(isMoment(their) && isMoment(c)) || len(their.fills) == 0 {
			continue
		}
		v := of[c.name]
		if v == nil {
			v = &interval{by: by, to: 100}
			of[c.name], names = v, append(names, c.name)
		}
		switch {
		case v.by != by:
		case e.above && v.hi == nil:
			v.hi = e
		case !e.above && v.lo == nil:
			v.lo = e
		}
	}
	t.inOrder(of, names)
	for _, name := range names {
		c, v := t.byName[name], of[name]
		if g := t.between(c, v); g.exists() {
			says := v.lo
			if says == nil {
				says = v.hi
			}
			for _, f := range uniqueFills(c.fills) {
				if !f.chosen().Generator.isNull() {
					f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: says.says, Confidence: 0.95, exact: true, copies: true, meant: true})
				}
			}
			if c.plain == nil {
				c.plain = &plainly{nulls: c.nulls}
			}
			c.notBefore, c.follows, c.after = nil, true, nil
			c.reads = append(c.reads, v.by.name)
		}
	}
}

// isMoment tells whether a column holds days or moments.
func isMoment(c *col) bool { return c.kind() == column.Timestamp || c.kind() == column.Date }

// inOrder lets a beginning lie before its end: both have the ends that one of them has.
func (t *table) inOrder(of map[string]*interval, names []string) {
	for _, a := range names {
		for _, b := range names {
			x, y := of[a], of[b]
			if a == b || x.by != y.by || !isMoment(t.byName[a]) || !isMoment(t.byName[b]) || t.rankAt(t.byName[a]) >= t.rankAt(t.byName[b]) || x.to < 100 || y.from > 0 {
				continue
			}
			if x.hi == nil {
				x.hi = y.hi
			}
			if y.lo == nil {
				y.lo = x.lo
			}
			if x.hi != nil && x.lo != nil && y.lo != nil {
				x.to, y.from = 50, 50
			}
		}
	}
}

// between makes cells from the ends that a parent has. An end that is null is none.
func (t *table) between(c *col, v *interval) yaml {
	by := meaning.Cell(v.by.name)
	cell := func(e *end) string { return cellOf(by, e.theirs) }
	null := func(e *end) bool { return !e.parent.own(e.theirs).NotNull }
	from, to := v.from, v.to
	if v.lo != nil && v.lo.strict {
		from = max(from, 1)
	}
	if v.hi != nil && v.hi.strict {
		to = min(to, 99)
	}
	share := "cell(" + quote(t.virtual(c.name+" share", call("integer", "min", from, "max", to), "where "+c.name+" lies between its ends, in hundredths")).String() + ")"
	if isMoment(c) {
		return t.momentBetween(c, v, cell, null, share)
	}
	if !aNumber(c) || v.lo != nil && null(v.lo) || v.hi != nil && null(v.hi) {
		return yaml{}
	}
	scaled := func(size string) string {
		if c.kind() == column.Int {
			return "floor((" + size + ") * " + share + " / 100)"
		}
		return fmt.Sprintf("round(floor((%s) * %s) * 0.01, %d)", size, share, max(c.schema.Type.Scale, 2))
	}
	text := ""
	switch {
	case v.lo != nil && v.hi != nil:
		text = cell(v.lo) + " + " + scaled(cell(v.hi)+" - "+cell(v.lo))
	case v.lo != nil:
		text = cell(v.lo) + " + " + scaled("max(abs("+cell(v.lo)+"), 10)")
	default: // above nothing, where it can be
		text = "min(" + cell(v.hi) + ", max(" + t.leastOf(c) + ", " + scaled(cell(v.hi)) + "))"
	}
	return short("expression", quote(text))
}

// leastOf is the least that a number can be by its checks, and is not below nothing.
func (t *table) leastOf(c *col) string {
	if d := t.branches[0].domain(c.name); d != nil && d.Min != nil && !strings.HasPrefix(d.Min.Value, "-") {
		if c.kind() == column.Int && d.Min.Open {
			return "(" + d.Min.Value + " + 1)"
		}
		if d.Min.Open {
			return "(" + d.Min.Value + " + " + unitOf(max(c.schema.Type.Scale, 2)).FloatString(max(c.schema.Type.Scale, 2)) + ")"
		}
		return d.Min.Value
	}
	return "0"
}

func (t *table) momentBetween(c *col, v *interval, cell func(*end) string, null func(*end) bool, share string) yaml {
	unit, much := "second", 7200
	if c.kind() == column.Date || v.lo != nil && v.lo.parent.byName[v.lo.theirs].kind() == column.Date || v.hi != nil && v.hi.parent.byName[v.hi.theirs].kind() == column.Date {
		unit, much = "day", 1
	}
	step := func(from, size string) string {
		return fmt.Sprintf("plus(%s, floor((%s) * %s / 100), %q)", from, size, share, unit)
	}
	later := func(from string) string { return step(from, fmt.Sprint(30*much)) }
	sooner := func(to string) string {
		return fmt.Sprintf("plus(%s, 0 - floor(%d * (100 - %s) / 100), %q)", to, 30*much, share, unit)
	}
	text := ""
	switch {
	case v.lo != nil && v.hi != nil:
		lo, hi := cell(v.lo), cell(v.hi)
		text = step(lo, fmt.Sprintf("elapsed(%s, %s, %q)", lo, hi, unit))
		if null(v.hi) {
			text = fmt.Sprintf("%s == nil ? %s : %s", hi, later(lo), text)
		}
		if null(v.lo) {
			return yaml{}
		}
	case v.lo != nil && !null(v.lo):
		text = later(cell(v.lo))
	case v.hi != nil && !null(v.hi):
		text = sooner(cell(v.hi))
	default:
		return yaml{}
	}
	if c.kind() == column.Date {
		text = "date(" + text + ")"
	}
	return short("expression", quote(text))
}
