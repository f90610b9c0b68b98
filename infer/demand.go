package infer

import (
	"reflect"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// A trigger that refuses rows unless a row of another table goes with them asks for what a foreign key asks for: that row is
// there, and cells of both agree. Such demands are read from what the trigger refuses, and become keys that no constraint states.

// demand is one of them: the columns of the row, the other table, and the columns there that have the same values.
type demand struct {
	schema, table string
	columns, refs []string
	there         bool   // the row has to be there even where columns are null
	wants         []want // of the other row
}

// demands reads them from what a trigger refuses.
func demands(r *routine.Routine) (out []demand) {
	for _, e := range effects(r) {
		if e.insert != nil {
			continue
		}
		for _, d := range demandsOf(e.path) {
			if !slices.ContainsFunc(out, func(o demand) bool { return reflect.DeepEqual(o, d) }) {
				out = append(out, d)
			}
		}
	}
	return out
}

// demandsOf reads the conditions of a refusal, of which one has to be false: the first from the inside that asks for other
// rows. That the body did not return before counts for what follows at once.
func demandsOf(path []condition) (out []demand) {
	var all []sqlexpr.Expr
	for _, c := range path {
		all = append(all, conjuncts(c.is, false)...)
	}
	if slices.ContainsFunc(all, never) {
		return nil // for rows that are inserted
	}
	for end := len(path); end > 0; {
		start := end - 1
		for start > 0 && path[start-1].of == path[end-1].of && path[start-1].returned == path[end-1].returned {
			start--
		}
		if path[end-1].returned && end < len(path) {
			end = start
			continue
		}
		var group []sqlexpr.Expr
		for _, c := range path[start:end] {
			group = append(group, conjuncts(c.is, false)...)
		}
		for _, c := range group {
			for _, either := range disjuncts(c) {
				within := conjuncts(either, false)
				if slices.ContainsFunc(within, never) {
					continue
				}
				for _, one := range within {
					d, ok := demandOf(one)
					if !ok {
						continue
					}
					d.there = d.there && !slices.ContainsFunc(d.columns, func(n string) bool {
						return slices.ContainsFunc(slices.Concat(all, within), func(e sqlexpr.Expr) bool { return saysNotNull(e, n) })
					})
					out = append(out, d)
					break // what is false of one is false of all
				}
			}
			if len(out) > 0 {
				return out
			}
		}
		end = start
	}
	return nil
}

// conjuncts takes a condition apart at AND, or its contrary at OR.
func conjuncts(e sqlexpr.Expr, not bool) (out []sqlexpr.Expr) {
	of, odd := affirmed(e)
	not = not != odd
	if l, ok := of.(*sqlexpr.Logic); ok && l.Or == not {
		for _, o := range l.List {
			out = append(out, conjuncts(o, not)...)
		}
		return out
	}
	if not {
		return []sqlexpr.Expr{&sqlexpr.Not{X: of}}
	}
	return []sqlexpr.Expr{of}
}

// disjuncts takes a condition apart at OR, or its contrary at AND.
func disjuncts(e sqlexpr.Expr) (out []sqlexpr.Expr) {
	of, not := affirmed(e)
	l, ok := of.(*sqlexpr.Logic)
	if !ok || l.Or == not {
		return []sqlexpr.Expr{e}
	}
	for _, o := range l.List {
		if not {
			o = &sqlexpr.Not{X: o}
		}
		out = append(out, disjuncts(o)...)
	}
	return out
}

// never tells whether a condition is false, or null, of a row that is inserted: it is about another operation, or about
// the row as it was.
func never(e sqlexpr.Expr) bool {
	if answered(e, func(sqlexpr.Expr) answer { return unknown }) == fails {
		return true
	}
	of, _ := affirmed(e)
	b, ok := of.(*sqlexpr.Binary)
	return ok && (readsOld(b.L) || readsOld(b.R))
}

func readsOld(e sqlexpr.Expr) bool {
	c, ok := uncast(e).(*sqlexpr.ColumnRef)
	return ok && strings.EqualFold(c.Table, "old")
}

// saysNotNull tells whether a condition is that a cell of the row is not null.
func saysNotNull(e sqlexpr.Expr, name string) bool {
	of, not := affirmed(e)
	n, ok := of.(*sqlexpr.NullTest)
	if !ok || n.Not == not {
		return false
	}
	c, ok := newCell(n.X)
	return ok && c == name
}

// demandOf reads the condition that no row may satisfy.
func demandOf(c sqlexpr.Expr) (d demand, ok bool) {
	e, not := affirmed(c)
	switch x := e.(type) {
	case *sqlexpr.Exists:
		if not {
			d, ok = pairsOf(x.Query, "=")
			d.there = true
			return d, ok
		}
		if d, ok = pairsOf(x.Query, "<>"); ok {
			d.wants = nil // it is enough that the cells are the same
			return d, true
		}
		if d, ok = pairsOf(x.Query, "="); ok && len(d.wants) == 1 {
			d.wants[0].not = !d.wants[0].not
			return d, true
		}
		return d, false
	case *sqlexpr.NullTest:
		if q, is := uncast(x.X).(*sqlexpr.Subquery); is && x.Not == not {
			d, ok = pairsOf(q.Query, "=")
			d.there = true
			return d, ok
		}
	case *sqlexpr.AnyOf:
		name, mine := newCell(x.X)
		q, is := x.Array.(*sqlexpr.Subquery)
		if outside := x.Op == "<>" && x.All; mine && is && (outside || x.Op == "=" && !x.All) {
			d, _ = pairsOf(q.Query, "=")
			return d.and(name, q.Query), d.table != "" && outside != not
		}
	case *sqlexpr.Binary:
		if x.Op == "<>" && !not || x.Op == "=" && not {
			if d, ok := differs(x.L, x.R); ok {
				return d, true
			}
		}
	case *sqlexpr.DistinctFrom:
		if x.Not == not {
			if d, ok := differs(x.L, x.R); ok {
				return d, true
			}
		}
	}
	return stateOf(e, not)
}

// differs reads that a cell is another one than that of the row of another table which goes with it: it may not be.
func differs(l, r sqlexpr.Expr) (d demand, ok bool) {
	for range 2 {
		name, mine := newCell(l)
		if q, is := uncast(r).(*sqlexpr.Subquery); mine && is {
			d, ok = pairsOf(q.Query, "=")
			return d.and(name, q.Query), ok
		}
		l, r = r, l
	}
	return d, false
}

// and is the demand with one more column, which is the same as the only one that a query gives.
func (d demand) and(name string, q *sqlexpr.Query) demand {
	what := "" // none
	if len(q.What) == 1 {
		what, _ = plain(q.What[0].Expr)
	}
	d.columns, d.refs = append(d.columns, name), append(d.refs, what)
	return d
}

// plain gives the name of the column that an expression is.
func plain(e sqlexpr.Expr) (string, bool) {
	c, ok := uncast(e).(*sqlexpr.ColumnRef)
	if !ok || strings.EqualFold(c.Table, "new") {
		return "", false
	}
	return c.Name, true
}

// stateOf reads a condition over a cell of another row: (SELECT state FROM table WHERE its cells are those of the row) <> 'open'.
func stateOf(e sqlexpr.Expr, not bool) (d demand, ok bool) {
	var of *sqlexpr.Subquery
	queries := 0
	sqlexpr.Walk(e, func(e sqlexpr.Expr) {
		switch e := e.(type) {
		case *sqlexpr.Subquery:
			of = e
			queries++
		case *sqlexpr.Exists:
			queries++
		}
	})
	if queries != 1 || of == nil || len(of.Query.What) != 1 {
		return d, false
	}
	what, isColumn := of.Query.What[0].Expr.(*sqlexpr.ColumnRef)
	d, ok = pairsOf(of.Query, "=")
	if !ok || !isColumn || what.Name == "*" || len(d.wants) > 0 {
		return d, false
	}
	is := sqlexpr.Replace(e, func(e sqlexpr.Expr) sqlexpr.Expr {
		if q, ok := e.(*sqlexpr.Subquery); ok {
			return q.Query.What[0].Expr
		}
		return e
	})
	d.wants = []want{{is: is, not: !not}}
	return d, !readsNew(is)
}

// pairsOf reads SELECT what FROM table WHERE its cells are those of the row; one of them is not, for the operator <>.
func pairsOf(q *sqlexpr.Query, op string) (d demand, ok bool) {
	if q.Other || len(q.From) != 1 || q.From[0].Of != nil {
		return d, false
	}
	d.schema, d.table = q.From[0].Schema, q.From[0].Table
	if q.Where == nil {
		return d, false
	}
	differ := false
	for _, c := range conjuncts(q.Where, false) {
		of, not := affirmed(c)
		if l, is := of.(*sqlexpr.Logic); is && l.Or != not {
			return demand{}, false
		}
		mine, its, same, ok := pairOf(of)
		switch {
		case ok:
			differ = differ || same == not
			d.columns, d.refs = append(d.columns, mine), append(d.refs, its)
		case !readsNew(c):
			d.wants = append(d.wants, want{is: of, not: not})
		}
	}
	return d, len(d.columns) > 0 && differ == (op != "=")
}

// pairOf reads that a cell of the row is the same as a column of another table, or that it is not.
func pairOf(e sqlexpr.Expr) (mine, its string, same, ok bool) {
	var l, r sqlexpr.Expr
	switch e := e.(type) {
	case *sqlexpr.Binary:
		if e.Op != "=" && e.Op != "<>" {
			return "", "", false, false
		}
		l, r, same = e.L, e.R, e.Op == "="
	case *sqlexpr.DistinctFrom:
		l, r, same = e.L, e.R, e.Not
	default:
		return "", "", false, false
	}
	for range 2 {
		if mine, ok = newCell(l); ok {
			its, ok = plain(r)
			return mine, its, same, ok
		}
		l, r = r, l
	}
	return "", "", false, false
}

// demanded gives tables the keys that their triggers ask for.
func (d *draft) demanded() {
	for _, t := range d.tables {
		if t.standing || t.spec != nil {
			continue
		}
		if d.db.Dialect != "sqlite" {
			t.guarded()
		}
		t.succeeding()
		t.balancing()
		t.keeping()
		t.framing()
		for _, g := range t.schema.Triggers {
			if g.Disabled || !g.Row || g.Code == nil {
				continue
			}
			for _, want := range demands(g.Code) {
				t.demand(g, want)
			}
		}
	}
	for _, t := range d.tables {
		if !t.standing {
			t.unite()
		}
	}
}

// demand gives the table a key that a trigger asks for. What agrees with a cell of the other row, and refers to a third
// table itself, lets that cell refer there too.
func (t *table) demand(g *schema.Trigger, want demand) {
	p := t.draft.byName(want.schema, want.table, t.schema.Schema)
	if p == nil || p == t || p.leadsTo(t, nil) {
		return
	}
	for i, n := range want.columns {
		c, ref := t.own(n), p.own(want.refs[i])
		if c == nil || ref == nil || slices.Contains(want.columns[:i], c.Name) {
			return
		}
		want.columns[i], want.refs[i] = c.Name, ref.Name
	}
	for i, n := range want.columns {
		for _, fk := range t.schema.References() {
			o := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
			if len(fk.Columns) != 1 || fk.Columns[0] != n || o == nil || o == p || p.standing || o.leadsTo(p, nil) {
				continue
			}
			p.carries(&schema.ForeignKey{Name: "what " + g.Name + " wants", Columns: []string{want.refs[i]}, RefSchema: fk.RefSchema, RefTable: fk.RefTable, RefColumns: fk.RefColumns})
		}
	}
	if len(want.wants) > 0 {
		t.asks = append(t.asks, ask{parent: p, columns: want.columns, refs: want.refs, wants: want.wants})
		p.suits(g.Name, want.wants)
	}
	t.carries(&schema.ForeignKey{Name: "what " + g.Name + " wants", Columns: want.columns, RefSchema: p.schema.Schema, RefTable: p.schema.Name, RefColumns: want.refs})
	for _, n := range want.columns {
		if sc := t.schema.Column(n); want.there && !sc.NotNull {
			t.wanted = append(t.wanted, &check.Check{Name: "what " + g.Name + " wants", Expression: "(" + ident(n) + " IS NOT NULL)", Columns: []string{n}})
			t.columns, t.byName = nil, map[string]*col{}
			t.declare()
		}
	}
}

// carries adds a key that no constraint of the table states.
func (t *table) carries(k *schema.ForeignKey) {
	if slices.ContainsFunc(t.foreignKeys(), func(o *schema.ForeignKey) bool {
		return slices.Equal(o.Columns, k.Columns) && o.RefSchema == k.RefSchema && o.RefTable == k.RefTable
	}) {
		return
	}
	t.carried = append(t.carried, k)
	if !slices.Contains(t.draft.carriers, t) {
		t.draft.carriers = append(t.draft.carriers, t)
	}
}

// leadsTo tells whether a table's keys lead to another one.
func (t *table) leadsTo(to *table, seen []*table) bool {
	if t == to {
		return true
	}
	seen = append(seen, t)
	return slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool {
		p := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
		return p != nil && !slices.Contains(seen, p) && p.leadsTo(to, seen)
	})
}
