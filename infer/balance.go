package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// The rows of a parent may have to come to something all together: the postings of an entry to nothing, the payments of an
// order to its total. A trigger says so, at commit mostly; or the tables' meaning does. The last row of each parent takes what
// the others leave.

// balance is what the rows of one parent come to.
type balance struct {
	by    string   // the column that refers to the parent, or that rows of one batch have the same
	terms []addend // what each row adds; none where only the number of rows is known
	total string   // the column of the parent that holds what they come to; "" for nothing at all
	most  bool     // they come to no more than that
	least int64    // rows of each parent
	says  string   // who wants it
}

// addend is a cell that a row adds: of all rows, or of those in which another column has a value, or has another one.
type addend struct {
	column string
	minus  bool
	side   string
	value  string
	other  bool
}

// balancing reads what triggers of the table want rows of one parent to come to: its own, or those that refer to it.
func (t *table) balancing() {
	t.refusals(func(refused sqlexpr.Expr, g *schema.Trigger) {
		t.balancedOn(refused, g.Before, "the trigger "+g.Name+" of "+t.name+" wants it")
	})
}

// refusals calls f for each condition under which one of the table's triggers refuses a row.
func (t *table) refusals(f func(refused sqlexpr.Expr, g *schema.Trigger)) {
	for _, g := range t.schema.Triggers {
		if g.Disabled || !g.Row || g.Code == nil {
			continue
		}
		for _, e := range effects(g.Code) {
			if e.insert != nil || e.caught {
				continue
			}
			var all []sqlexpr.Expr
			for _, c := range e.path {
				all = append(all, conjuncts(c.is, false)...)
			}
			if slices.ContainsFunc(all, never) {
				continue
			}
			for _, c := range all {
				for _, o := range disjuncts(c) {
					f(o, g)
				}
			}
		}
	}
}

// balancedOn reads a condition under which a row is refused.
func (t *table) balancedOn(e sqlexpr.Expr, before bool, says string) {
	of, not := affirmed(e)
	if before { // the row is not there yet: only what has an end can be told
		if _, is := of.(*sqlexpr.Binary); !is {
			return
		}
	}
	switch x := of.(type) {
	case *sqlexpr.Exists:
		if child, by, _, ok := t.belonging(x.Query); ok && not && child != t {
			child.balanced(&balance{by: by, least: 1, says: says})
		}
	case *sqlexpr.DistinctFrom:
		if x.Not == not {
			t.comesTo(x.L, x.R, "<>", says)
		}
	case *sqlexpr.Binary:
		op, l, r := x.Op, x.L, x.R
		if _, constant := wholeOf(l); constant {
			op, l, r = turned[op], r, l
		}
		if not {
			op = map[string]string{"=": "<>", "<>": "=", ">": "<=", ">=": "<", "<": ">=", "<=": ">"}[op]
		}
		if op == ">" || op == ">=" || op == "<" || op == "<=" {
			if t.comesTo(l, r, op, says) || before {
				return
			}
		}
		if k, is := wholeOf(r); before || is && t.fewRows(op, l, k, says) {
			return
		}
		if c, is := uncast(l).(*sqlexpr.Call); is && c.Name == "abs" && len(c.Args) == 1 && (op == ">" || op == ">=") {
			if _, constant := uncast(r).(*sqlexpr.Literal); constant { // rounding
				op, l, r = "<>", c.Args[0], &sqlexpr.Literal{Kind: sqlexpr.NumberLiteral, Text: "0"}
			}
		}
		if op == "<>" {
			t.comesTo(l, r, op, says)
		}
	}
}

// fewRows reads that there are too few rows of one parent.
func (t *table) fewRows(op string, e sqlexpr.Expr, k int64, says string) bool {
	if inner, _, is := coalesced(e); is {
		e = inner
	}
	sub, is := uncast(e).(*sqlexpr.Subquery)
	if !is || len(sub.Query.What) != 1 {
		return false
	}
	if c, is := uncast(sub.Query.What[0].Expr).(*sqlexpr.Call); !is || c.Name != "count" {
		return false
	}
	least := map[string]int64{"<": k, "<=": k + 1, "=": k + 1, "<>": k}[op]
	child, by, side, ok := t.belonging(sub.Query)
	if ok && side == nil && least > 0 && least < 10 {
		child.balanced(&balance{by: by, least: least, says: says})
	}
	return true
}

// belonging reads a query over the rows that belong to the parent of the row, or to the row itself: which table's, by which
// column, and in which of them another column has a value.
func (t *table) belonging(q *sqlexpr.Query) (child *table, by string, side *addend, ok bool) {
	if q.Other || len(q.From) != 1 || q.From[0].Of != nil || q.Where == nil {
		return nil, "", nil, false
	}
	child = t.draft.byName(q.From[0].Schema, q.From[0].Table, t.schema.Schema)
	if child == nil || !child.filled() || child.spec != nil {
		return nil, "", nil, false
	}
	for _, c := range conjuncts(q.Where, false) {
		of, not := affirmed(c)
		if mine, its, same, pair := pairOf(of); pair {
			if !same || not || by != "" || child.own(its) == nil {
				return nil, "", nil, false
			}
			by = child.own(its).Name
			if p, key := child.parentBy(by); !(t == child && t.own(mine) == child.own(its) || t == p && mine == key) {
				return nil, "", nil, false
			}
			continue
		}
		if side, ok = child.sideOf(of); !ok || not {
			return nil, "", nil, false
		}
	}
	return child, by, side, by != ""
}

// parentBy gives the table that a column refers to, and the column there.
func (t *table) parentBy(name string) (p *table, key string) {
	for _, fk := range t.schema.References() {
		if len(fk.Columns) == 1 && fk.Columns[0] == name {
			return t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)], fk.RefColumns[0]
		}
	}
	return nil, ""
}

// sideOf reads that a column has a value.
func (t *table) sideOf(e sqlexpr.Expr) (*addend, bool) {
	b, is := e.(*sqlexpr.Binary)
	if !is || b.Op != "=" && b.Op != "<>" {
		return nil, false
	}
	name, isColumn := plain(b.L)
	v, constant := uncast(b.R).(*sqlexpr.Literal)
	if !isColumn || !constant || t.own(name) == nil || v.Kind == sqlexpr.NullLiteral {
		return nil, false
	}
	return &addend{side: t.own(name).Name, value: v.Text, other: b.Op == "<>"}, true
}

// comesTo reads two amounts that may not compare so: they have to be the same, or what rows come to no more than a cell of
// their parent.
func (t *table) comesTo(l, r sqlexpr.Expr, op, says string) bool {
	if op[0] == '<' && op != "<>" {
		l, r = r, l
	}
	a, ok := t.amounts(l, false)
	b, also := t.amounts(r, op == "<>")
	if op != "<>" && (b.child != nil || a.child == nil || a.total != "") {
		return false
	}
	if !ok || !also {
		return false
	}
	s, ok := a.and(b)
	if !ok || s.child == nil || len(s.terms) == 0 || s.cell != "" && (s.child == t) == (op == "<>") {
		return false
	}
	if s.child != t && s.cell != "" {
		if s.total != "" {
			return false
		}
		s.total = s.cell
	}
	if op != "<>" && s.total == "" {
		return false
	}
	s.child.balanced(&balance{by: s.by, terms: s.terms, total: s.total, least: 1, most: op != "<>", says: says})
	return true
}

// added is a sum over rows of one parent, beside a cell of that parent.
type added struct {
	child *table
	by    string
	terms []addend
	total string
	cell  string // of the row that fires the trigger: the parent, or one of the rows, which is not there yet
}

func (a added) and(b added) (added, bool) {
	switch {
	case a.child == nil:
		a.child, a.by = b.child, b.by
	case b.child != nil && (a.child != b.child || a.by != b.by):
		return a, false
	}
	if a.total != "" && b.total != "" || a.cell != "" && b.cell != "" {
		return a, false
	}
	a.total += b.total
	a.cell += b.cell
	a.terms = append(a.terms, b.terms...)
	return a, true
}

// amounts reads sums, differences and cells of the parent.
func (t *table) amounts(e sqlexpr.Expr, minus bool) (added, bool) {
	switch e := uncast(e).(type) {
	case *sqlexpr.Literal:
		n, ok := wholeOf(e)
		return added{}, ok && n == 0 || strings.Trim(e.Text, "0.") == ""
	case *sqlexpr.Unary:
		if e.Op == "-" {
			return t.amounts(e.X, !minus)
		}
	case *sqlexpr.Call:
		if (e.Name == "coalesce" || e.Name == "ifnull" || e.Name == "round") && len(e.Args) > 0 {
			return t.amounts(e.Args[0], minus)
		}
	case *sqlexpr.ColumnRef:
		if name, mine := newCell(e); mine && t.own(name) != nil {
			return added{cell: t.own(name).Name}, true
		}
	case *sqlexpr.Binary:
		if e.Op == "+" || e.Op == "-" {
			l, ok := t.amounts(e.L, minus)
			r, also := t.amounts(e.R, minus != (e.Op == "-"))
			if ok && also {
				return l.and(r)
			}
		}
	case *sqlexpr.Subquery:
		return t.amountOf(e.Query, minus)
	}
	return added{}, false
}

// amountOf reads SELECT sum(...) FROM the rows of one parent, and SELECT total FROM the parent.
func (t *table) amountOf(q *sqlexpr.Query, minus bool) (a added, ok bool) {
	if len(q.What) != 1 {
		return a, false
	}
	what := uncast(q.What[0].Expr)
	for {
		c, is := what.(*sqlexpr.Call)
		if !is || c.Name != "coalesce" && c.Name != "ifnull" && c.Name != "round" || len(c.Args) == 0 {
			break
		}
		what = uncast(c.Args[0])
	}
	switch x := what.(type) {
	case *sqlexpr.Call:
		child, by, side, is := t.belonging(q)
		if !is || x.Name != "sum" || len(x.Args) != 1 {
			return a, false
		}
		a.child, a.by = child, by
		a.terms, ok = child.addends(x.Args[0], minus, side)
		return a, ok
	case *sqlexpr.ColumnRef:
		d, is := pairsOf(q, "=")
		p := t.draft.byName(d.schema, d.table, t.schema.Schema)
		name, isColumn := plain(x)
		if !is || !isColumn || p == nil || len(d.columns) != 1 || len(d.wants) > 0 || p.own(name) == nil {
			return a, false
		}
		if of, key := t.parentBy(d.columns[0]); of != p || key != d.refs[0] {
			return a, false
		}
		a.total = p.own(name).Name
		return a, true
	case *sqlexpr.Unary, *sqlexpr.Binary, *sqlexpr.CaseWhen:
		return t.amounts(splitSums(what, q), minus)
	}
	return a, false
}

// splitSums gives sums of one query as a query each.
func splitSums(e sqlexpr.Expr, q *sqlexpr.Query) sqlexpr.Expr {
	switch x := e.(type) {
	case *sqlexpr.Unary:
		return &sqlexpr.Unary{Op: x.Op, X: splitSums(x.X, q)}
	case *sqlexpr.Binary:
		return &sqlexpr.Binary{Op: x.Op, L: splitSums(x.L, q), R: splitSums(x.R, q)}
	case *sqlexpr.Literal, *sqlexpr.CaseWhen:
		return e
	}
	return columnOf(q, e)
}

// addends reads what each row adds.
func (t *table) addends(e sqlexpr.Expr, minus bool, when *addend) (out []addend, ok bool) {
	switch e := uncast(e).(type) {
	case *sqlexpr.ColumnRef:
		name, isColumn := plain(e)
		c := t.own(name)
		if !isColumn || c == nil {
			return nil, false
		}
		a := addend{column: c.Name, minus: minus}
		if when != nil {
			a.side, a.value, a.other = when.side, when.value, when.other
		}
		return []addend{a}, true
	case *sqlexpr.Literal:
		return nil, e.Kind == sqlexpr.NullLiteral || e.Text == "0"
	case *sqlexpr.Unary:
		if e.Op == "-" {
			return t.addends(e.X, !minus, when)
		}
	case *sqlexpr.Call:
		if (e.Name == "coalesce" || e.Name == "ifnull") && len(e.Args) == 2 {
			return t.addends(e.Args[0], minus, when)
		}
	case *sqlexpr.Binary:
		switch {
		case e.Op == "+" || e.Op == "-":
			l, ok := t.addends(e.L, minus, when)
			r, also := t.addends(e.R, minus != (e.Op == "-"), when)
			return append(l, r...), ok && also
		case e.Op == "*":
			for _, s := range [][2]sqlexpr.Expr{{e.L, e.R}, {e.R, e.L}} {
				if k, is := wholeOf(s[0]); is && (k == 1 || k == -1) {
					return t.addends(s[1], minus != (k < 0), when)
				}
				if _, is := uncast(s[0]).(*sqlexpr.CaseWhen); is {
					return t.addends(scaled(uncast(s[0]).(*sqlexpr.CaseWhen), s[1]), minus, when)
				}
			}
		}
	case *sqlexpr.CaseWhen:
		return t.addendsOf(e, minus, when)
	}
	return nil, false
}

// scaled multiplies each value of a CASE.
func scaled(c *sqlexpr.CaseWhen, by sqlexpr.Expr) *sqlexpr.CaseWhen {
	out := &sqlexpr.CaseWhen{Operand: c.Operand}
	for _, w := range c.Whens {
		out.Whens = append(out.Whens, sqlexpr.When{If: w.If, Then: &sqlexpr.Binary{Op: "*", L: w.Then, R: by}})
	}
	if c.Else != nil {
		out.Else = &sqlexpr.Binary{Op: "*", L: c.Else, R: by}
	}
	return out
}

// addendsOf reads CASE side WHEN 'debit' THEN amount ELSE -amount END.
func (t *table) addendsOf(e *sqlexpr.CaseWhen, minus bool, when *addend) (out []addend, ok bool) {
	if when != nil {
		return nil, false
	}
	var last *addend
	for _, w := range e.Whens {
		is := w.If
		if e.Operand != nil {
			is = &sqlexpr.Binary{Op: "=", L: e.Operand, R: w.If}
		}
		side, ok := t.sideOf(is)
		if !ok {
			return nil, false
		}
		more, ok := t.addends(w.Then, minus, side)
		if !ok {
			return nil, false
		}
		last, out = side, append(out, more...)
	}
	if e.Else == nil {
		return out, true
	}
	not := *last
	not.other = !not.other
	if len(e.Whens) > 1 {
		if more, ok := t.addends(e.Else, minus, &not); !ok || len(more) > 0 { // of further values
			return nil, false
		}
		return out, true
	}
	more, ok := t.addends(e.Else, minus, &not)
	return append(out, more...), ok
}

// balanced notes what rows of one parent come to.
func (t *table) balanced(b *balance) {
	if t.balance == nil {
		t.balance = b
		return
	}
	if o := t.balance; o.by == b.by {
		if len(o.terms) == 0 {
			o.terms, o.total, o.most = b.terms, b.total, b.most
		}
		o.least = max(o.least, b.least)
	}
}

// aNumber tells whether a column holds numbers that add up.
func aNumber(c *col) bool {
	return c != nil && c.schema != nil && (c.kind() == column.Int || c.kind() == column.Decimal || c.kind() == column.Float)
}
