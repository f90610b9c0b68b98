package infer

import (
	"slices"

	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sqlexpr"
)

// accord is that a trigger wants a cell of a row that a row refers to the same as one of another such row, or of the row
// itself: a payment and its invoice are of one customer, a reply is on the page of what it replies to.
type accord struct {
	of    ask // whose columns are wanted
	what  string
	with  *ask // nil for the row itself
	other string
	says  string
}

// accords reads a condition under which a row is refused.
func (t *table) accords(e sqlexpr.Expr, says string) {
	var l, r sqlexpr.Expr
	of, not := affirmed(e)
	switch x := of.(type) {
	case *sqlexpr.Binary:
		if (x.Op != "<>" || not) && (x.Op != "=" || !not) {
			return
		}
		l, r = stripped(x.L), stripped(x.R)
	case *sqlexpr.DistinctFrom:
		if x.Not != not {
			return
		}
		l, r = stripped(x.L), stripped(x.R)
	default:
		return
	}
	a, what, ok := t.cellThere(l)
	b, other, also := t.cellThere(r)
	switch {
	case ok && also:
		t.accordant = append(t.accordant, accord{of: b, what: other, with: &a, other: what, says: says}, accord{of: a, what: what, with: &b, other: other, says: says})
		return
	case !ok && !also:
		return
	case also:
		a, what, r = b, other, l
	}
	if mine, is := newCell(r); is && t.own(mine) != nil && a.parent == t {
		t.accordant = append(t.accordant, accord{of: a, what: what, other: t.own(mine).Name, says: says})
	}
}

// cellThere reads a query for a cell of a row that the row refers to.
func (t *table) cellThere(e sqlexpr.Expr) (a ask, what string, ok bool) {
	sub, is := e.(*sqlexpr.Subquery)
	if !is || len(sub.Query.What) != 1 {
		return a, "", false
	}
	d, is := pairsOf(sub.Query, "=")
	name, isColumn := plain(stripped(sub.Query.What[0].Expr))
	p := t.draft.byName(d.schema, d.table, t.schema.Schema)
	if !is || !isColumn || len(d.wants) > 0 || p == nil || p.own(name) == nil {
		return a, "", false
	}
	for i := range d.columns {
		if t.own(d.columns[i]) == nil || p.own(d.refs[i]) == nil {
			return a, "", false
		}
		a.columns, a.refs = append(a.columns, t.own(d.columns[i]).Name), append(a.refs, p.own(d.refs[i]).Name)
	}
	a.parent = p
	return a, p.own(name).Name, true
}

// agreeToo lets references lead to such rows alone as agree with the row as triggers want it: one of two that agree with each
// other, the first that may be picked so.
func (t *table) agreeToo() {
	var done []*ask
	for i := range t.accordant {
		a := &t.accordant[i]
		c := t.lookedAt(a.of)
		if c == nil || t.unmeant[c.name] || slices.ContainsFunc(done, func(o *ask) bool { return a.with != nil && slices.Equal(o.columns, a.with.columns) }) {
			continue
		}
		path, reads := a.other, a.other
		if a.with != nil {
			by := t.lookedAt(*a.with)
			if by == nil || by == c || meaning.Cell(by.name) != by.name || t.reaches(by, c) || !a.with.parent.filled() {
				continue
			}
			path, reads = by.name+"."+a.other, by.name
		}
		for _, f := range uniqueFills(c.fills) {
			was := f.chosen()
			g := matchingToo(was.Generator, a.what, path)
			if !g.exists() || was.Generator.arg("matching").get(a.what).exists() {
				continue
			}
			f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: was.Reason + "; " + a.says, Confidence: 0.9, exact: was.exact, copies: was.copies, meant: true})
			done = append(done, &a.of)
			c.reads = append(c.reads, reads)
		}
	}
}
