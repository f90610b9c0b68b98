package infer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/sqlexpr"
)

// A trigger may refuse a row because of the state of the row that it refers to: a review of a booking that was cancelled, an
// order of a customer who is locked. Only rows in such states as it takes are picked then.

// ask is what a trigger wants of the row of another table that goes with a row.
type ask struct {
	parent        *table
	columns, refs []string // what the two rows have the same
	wants         []want
}

// want is a condition over cells of one row, or that it does not hold.
type want struct {
	is  sqlexpr.Expr
	not bool
}

// operators are those of the blueprint's expressions, and turned those with the sides changed.
var (
	operators = map[string]string{"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
	turned    = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)

// expression writes the condition in the language of the blueprint, over cells of a table; false where that is not known to
// be the same.
func (w want) expression(t *table) (text string, ok bool) {
	text, nullable, ok := t.written(w.is, w.not)
	if w.not && nullable {
		text = "coalesce(" + text + ", true)" // of a null the trigger's condition does not hold
	}
	return text, ok
}

// written is a condition in the language of the blueprint, and whether it may be null.
func (t *table) written(e sqlexpr.Expr, negated bool) (text string, nullable, ok bool) {
	e, odd := affirmed(e)
	not := negated != odd
	if l, is := e.(*sqlexpr.Logic); is {
		var parts []string
		for _, o := range l.List {
			part, null, ok := t.written(o, false)
			if !ok {
				return "", false, false
			}
			parts, nullable = append(parts, "("+part+")"), nullable || null
		}
		text = strings.Join(parts, map[bool]string{true: " or ", false: " and "}[l.Or])
	} else {
		cell, null, contrary, ok := t.compared(e)
		if !ok {
			return "", false, false
		}
		text, nullable, not = cell, null, not != contrary
	}
	if not {
		text = "not (" + text + ")"
	}
	return text, nullable, true
}

// compared writes a condition over one cell, or its contrary.
func (t *table) compared(e sqlexpr.Expr) (text string, nullable, contrary, ok bool) {
	var l, r sqlexpr.Expr
	op := ""
	switch e := e.(type) {
	case *sqlexpr.Binary:
		l, r, op = e.L, e.R, e.Op
		if _, constant := uncast(l).(*sqlexpr.Literal); constant {
			l, r, op = r, l, turned[op]
		}
	case *sqlexpr.DistinctFrom:
		l, r, op = e.L, e.R, "<>"
		if e.Not {
			op = "="
		}
	case *sqlexpr.AnyOf:
		l, r, op, contrary = e.X, e.Array, e.Op, e.All
	case *sqlexpr.NullTest:
		l, contrary = e.X, e.Not
	default:
		l = e
	}
	ref, ok := uncast(l).(*sqlexpr.ColumnRef)
	if !ok {
		return "", false, false, false
	}
	on := t.byName[ref.Name]
	if c := t.own(ref.Name); c != nil {
		on = t.byName[c.Name]
	}
	if on == nil || on.schema == nil || len(on.fills) == 0 {
		return "", false, false, false
	}
	cell := meaning.Cell(on.name)
	nullable = !on.schema.NotNull
	switch x := e.(type) {
	case *sqlexpr.NullTest:
		return cell + " == nil", false, contrary, true
	case *sqlexpr.AnyOf:
		list, is := uncast(x.Array).(*sqlexpr.Array)
		if !is || len(list.List) == 0 || x.Op != map[bool]string{true: "<>", false: "="}[x.All] {
			return "", false, false, false
		}
		var values []string
		for _, i := range list.List {
			v, ok := constantOf(on, i)
			if !ok {
				return "", false, false, false
			}
			values = append(values, v)
		}
		return cell + " in [" + strings.Join(values, ", ") + "]", nullable, contrary, true
	}
	if op == "" {
		return cell + " == true", nullable, false, on.kind() == column.Bool
	}
	v, ok := constantOf(on, r)
	return cell + " " + operators[op] + " " + v, nullable, false, ok && operators[op] != ""
}

// fewParents are as many rows of a table as all have to be such as triggers take.
const fewParents = 5

// suits lets all rows of a table with few be such as a trigger takes, where its checks do not contradict.
func (t *table) suits(trigger string, wants []want) {
	if !t.filled() || t.spec != nil || t.rows >= fewParents {
		return
	}
	for _, w := range wants {
		e := sqlexpr.Expr(&sqlexpr.BoolTest{X: bare(w.is), Is: "true", Not: w.not})
		k := &check.Check{Name: "what " + trigger + " wants", Expression: e.String()}
		if e, err := t.parse(k.Expression); err != nil || slices.ContainsFunc(check.Columns(e), func(n string) bool { return t.schema.Column(n) == nil }) {
			continue
		}
		k.Columns = check.Columns(e)
		if cases, err := check.Solve(t.schema, append(t.conditions(), k), mostBranches, check.OptionsOf(t.draft.db, lastMoment)); err != nil || len(cases) == 0 {
			continue
		}
		t.wanted = append(t.wanted, k)
		t.columns, t.byName = nil, map[string]*col{}
		t.declare()
	}
}

// bare is an expression without casts and without the names of tables before columns.
func bare(e sqlexpr.Expr) sqlexpr.Expr {
	return sqlexpr.Replace(e, func(e sqlexpr.Expr) sqlexpr.Expr {
		switch e := e.(type) {
		case *sqlexpr.Cast:
			return e.X
		case *sqlexpr.ColumnRef:
			return &sqlexpr.ColumnRef{Name: e.Name, Quoted: e.Quoted}
		}
		return e
	})
}

// constantOf writes a constant of SQL for cells of a column.
func constantOf(on *col, e sqlexpr.Expr) (string, bool) {
	l, ok := uncast(e).(*sqlexpr.Literal)
	if !ok || l.Kind == sqlexpr.NullLiteral || l.Kind == sqlexpr.BytesLiteral {
		return "", false
	}
	switch on.kind() {
	case column.Text, column.Literal:
		if l.Kind != sqlexpr.StringLiteral || on.kind() == column.Literal && len(on.schema.Type.Enum) == 0 {
			return "", false
		}
		return quote(l.Text).String(), true
	case column.Int, column.Decimal, column.Float:
		_, err := strconv.ParseFloat(l.Text, 64)
		return l.Text, err == nil && l.Kind != sqlexpr.BoolLiteral
	case column.Bool:
		c := cmp.Or(map[string]string{"0": "false", "1": "true"}[l.Text], l.Text)
		return c, c == "true" || c == "false"
	}
	return "", false
}

// asking lets references lead to such rows alone as triggers take.
func (t *table) asking() {
	t.agreeToo()
	asked := map[*col][]want{}
	for _, a := range t.asks {
		if c := t.lookedAt(a); c != nil {
			asked[c] = append(asked[c], a.wants...)
		}
	}
	for _, c := range t.columns {
		wants := asked[c]
		if len(wants) == 0 {
			continue
		}
		p := c.reference.parent
		var all []string
		for _, w := range wants {
			if text, ok := w.expression(p); ok && !slices.Contains(all, text) {
				all = append(all, text)
				p.evenly(w)
			}
		}
		if len(all) == 0 || !p.filled() || p.spec != nil || !t.acyclic(p) {
			continue
		}
		taken := p.virtual("taken by triggers of "+t.name+"."+c.name, short("expression", quote(strings.Join(all, " and "))), "whether triggers of "+t.name+" take rows that refer to it")
		p.byName[taken].helps = false
		yes := t.virtual("yes", short("constant", true), "what the rows that are referred to have to be")
		for _, f := range uniqueFills(c.fills) {
			g := matchingToo(f.chosen().Generator, taken, yes)
			if !g.exists() || f.chosen().Generator.arg("matching").get(taken).exists() {
				continue
			}
			f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: g, Reason: f.chosen().Reason + "; triggers take no others", Confidence: 0.9, exact: f.chosen().exact, copies: f.chosen().copies})
			c.reads = append(c.reads, yes)
		}
	}
}

// evenly lets as many rows have one value of a list as another, where rows of one of them are asked for: few would be of a
// value that is seldom else, or none.
func (t *table) evenly(w want) {
	b, ok := bare(w.is).(*sqlexpr.Binary)
	if !ok || b.Op != "=" && b.Op != "<>" || t.spec != nil {
		return
	}
	ref, ok := b.L.(*sqlexpr.ColumnRef)
	if !ok {
		ref, ok = b.R.(*sqlexpr.ColumnRef)
	}
	if !ok || t.own(ref.Name) == nil {
		return
	}
	c := t.byName[t.own(ref.Name).Name]
	if c == nil || c.given || len(c.fills) == 0 || c.shared() == nil {
		return
	}
	f := c.shared()
	g := f.chosen().Generator
	if g.is("switch") { // of late, and before
		g = g.arg("else")
	}
	values := g.arg("weights").pairs()
	if !g.is("pick") || len(values) < 2 || int64(len(values)) > t.total() {
		return
	}
	l, constant := uncast(b.R).(*sqlexpr.Literal)
	if !constant {
		l, constant = uncast(b.L).(*sqlexpr.Literal)
	}
	var shares []entry
	that, all := 0, 0
	for _, v := range values {
		shares = append(shares, entry{key: v.key, value: raw("1")})
		n, _ := strconv.Atoi(v.value.str())
		if all += n; constant && v.key.str() == l.Text {
			that = n
		}
	}
	if (b.Op == "<>") != w.not { // all but that
		that = all - that
	}
	if (w.not || b.Op != "=") && 4*that > all { // there are enough
		return
	}
	f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: call("quota", "shares", mapped(shares)), Confidence: 0.85, exact: f.chosen().exact,
		Reason: "triggers ask for rows of single values of it"})
}

// lookedAt gives the column that refers to the row that a trigger looks at; nil where none does.
func (t *table) lookedAt(a ask) *col {
	for _, name := range a.columns {
		c := t.byName[name]
		if c == nil || c.given || c.reference == nil || c.reference.parent != a.parent || c.reference.leader != name || len(c.fills) == 0 {
			continue
		}
		k := c.reference.key
		if !slices.ContainsFunc(a.columns, func(n string) bool {
			at := slices.Index(k.Columns, n)
			return at < 0 || k.RefColumns[at] != a.refs[slices.Index(a.columns, n)]
		}) {
			return c
		}
	}
	return nil
}

// looked tells whether a trigger looks at the row that a column refers to.
func (t *table) looked(c *col) bool {
	return slices.ContainsFunc(t.asks, func(a ask) bool { return t.lookedAt(a) == c })
}
