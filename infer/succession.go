package infer

import (
	"maps"
	"slices"
	"strconv"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sqlexpr"
)

// A trigger may refuse a row that does not go on from the one before it: numbers without a gap, the hash of the block before,
// a balance to which an amount is added. Rows are such a succession then, all of the table's or those of each parent.

// succession is what a table's triggers want of a row and the one before it.
type succession struct {
	by     string                  // the column that both have the same; "" where all rows are one succession
	number string                  // the column that counts them
	first  int64                   // the first number
	cells  map[string]sqlexpr.Expr // what other columns hold, over cells of the row (new) and of the one before it (previous)
	sole   []string                // columns that are true of the first row alone, of which the rest is not asked
	last   *column.Batch           // of the last row that stands: the columns of reads; nil where the rows begin anew
	reads  []string
}

// previousRow is what cells of the row before are read of.
const previousRow = "previous"

// succeeding reads the successions that a table's triggers want: the one of them that says most.
func (t *table) succeeding() {
	found := map[string]*succession{}
	for _, g := range t.schema.Triggers {
		if g.Disabled || !g.Row || g.Code == nil || !g.Code.Names(t.schema.Name) {
			continue
		}
		for _, e := range effects(g.Code) {
			if e.insert == nil && !e.caught {
				t.succeedingOn(e.path, found)
			}
		}
	}
	for _, by := range slices.Sorted(maps.Keys(found)) {
		if s := found[by]; t.succeeds == nil || len(s.cells) > len(t.succeeds.cells) || t.succeeds.number == "" && s.number != "" {
			t.succeeds = s
		}
	}
}

// succeedingOn reads the conditions of a refusal.
func (t *table) succeedingOn(path []condition, found map[string]*succession) {
	var all []sqlexpr.Expr
	for _, c := range path {
		all = append(all, conjuncts(c.is, false)...)
	}
	if slices.ContainsFunc(all, never) {
		return
	}
	for _, c := range all {
		for _, o := range disjuncts(c) {
			by, name, e, ok := t.afterPrevious(o)
			if !ok {
				by, name, e, ok = t.abovePrevious(o)
			}
			if !ok {
				continue
			}
			s := found[by]
			if s == nil {
				s = &succession{by: by, cells: map[string]sqlexpr.Expr{}}
				found[by] = s
			}
			if first, is := counting(name, e); is && t.own(name).Type.Kind == column.Int {
				s.number, s.first = name, first
			} else {
				s.cells[name] = e
			}
			for _, k := range all {
				if flag, is := t.falseFlag(k); is && !slices.Contains(s.sole, flag) {
					s.sole = append(s.sole, flag)
				}
			}
		}
	}
}

// falseFlag reads that a boolean of the row is false.
func (t *table) falseFlag(e sqlexpr.Expr) (string, bool) {
	of, not := affirmed(e)
	if b, ok := of.(*sqlexpr.Binary); ok && (b.Op == "=" || b.Op == "<>") {
		l, is := uncast(b.R).(*sqlexpr.Literal)
		zero := is && (l.Kind == sqlexpr.BoolLiteral && l.Text == "false" || l.Kind == sqlexpr.NumberLiteral && l.Text == "0")
		if !is || !zero && l.Kind != sqlexpr.BoolLiteral && l.Text != "1" {
			return "", false
		}
		of, not = b.L, not != (zero != (b.Op == "<>"))
	}
	name, ok := newCell(of)
	if c := t.own(name); !ok || !not || c == nil || c.Type.Kind != column.Bool {
		return "", false
	}
	return t.own(name).Name, true
}

// afterPrevious reads that a cell of the row is not what the row before asks for: which that is, and which column both have the same.
func (t *table) afterPrevious(e sqlexpr.Expr) (by, name string, is sqlexpr.Expr, ok bool) {
	var l, r sqlexpr.Expr
	of, not := affirmed(e)
	switch x := of.(type) {
	case *sqlexpr.Binary:
		if x.Op != "<>" && x.Op != "=" || (x.Op == "=") != not {
			return
		}
		l, r = x.L, x.R
	case *sqlexpr.DistinctFrom:
		if x.Not != not {
			return
		}
		l, r = x.L, x.R
	default:
		return
	}
	for range 2 {
		if cell, is := newCell(l); is && t.own(cell) != nil {
			if by, e, ok := t.ofPrevious(r); ok {
				return by, t.own(cell).Name, e, true
			}
		}
		l, r = r, l
	}
	return
}

// abovePrevious reads that a number of the row is not above the largest of those before: it counts on from there.
func (t *table) abovePrevious(e sqlexpr.Expr) (by, name string, is sqlexpr.Expr, ok bool) {
	of, not := affirmed(e)
	b, isBinary := of.(*sqlexpr.Binary)
	if !isBinary {
		return
	}
	l, r, op := b.L, b.R, b.Op
	if _, mine := newCell(l); !mine {
		l, r, op = r, l, turned[op]
	}
	below := (op == "<" || op == "<=") && !not || (op == ">" || op == ">=") && not
	cell, mine := newCell(l)
	if !below || !mine || !t.counts(cell) {
		return
	}
	by, e, ok = t.ofPrevious(r)
	if inner, _, is := coalesced(e); is {
		e = inner
	}
	c, is2 := uncast(e).(*sqlexpr.ColumnRef)
	name = t.own(cell).Name
	return by, name, &sqlexpr.Binary{Op: "+", L: e, R: &sqlexpr.Literal{Kind: sqlexpr.NumberLiteral, Text: "1"}}, ok && is2 && c.Name == name
}

// ofPrevious writes cells of the row before in place of the queries for them; false where there is none, or it reads others.
func (t *table) ofPrevious(e sqlexpr.Expr) (by string, out sqlexpr.Expr, ok bool) {
	ok = true
	queries := 0
	out = sqlexpr.Replace(e, func(e sqlexpr.Expr) sqlexpr.Expr {
		switch x := e.(type) {
		case *sqlexpr.Subquery:
			of, what, is := t.lastRow(x.Query)
			if queries++; !is || queries > 1 && of != by {
				ok = false
				return e
			}
			by = of
			return what
		case *sqlexpr.Exists, *sqlexpr.Unknown, *sqlexpr.Param:
			ok = false
		}
		return e
	})
	return by, out, ok && queries > 0
}

// lastRow reads a query for a value of the table's last row, or of the last one that has a column the same as the row.
func (t *table) lastRow(q *sqlexpr.Query) (by string, what sqlexpr.Expr, ok bool) {
	if q.Other || len(q.From) != 1 || q.From[0].Of != nil || len(q.What) != 1 || t.draft.byName(q.From[0].Schema, q.From[0].Table, t.schema.Schema) != t {
		return "", nil, false
	}
	last := false
	if q.Where != nil {
		for _, c := range conjuncts(q.Where, false) {
			mine, its, same, pair := pairOf(c)
			switch {
			case pair && same && t.own(mine) != nil && t.own(mine) == t.own(its) && by == "":
				by = t.own(mine).Name
			case t.isLast(c):
				last = true
			default:
				return "", nil, false
			}
		}
	}
	if len(q.Order) > 0 && q.Order[0].Desc {
		name, is := plain(q.Order[0].Expr)
		last = last || is && t.counts(name)
	}
	what = sqlexpr.Replace(q.What[0].Expr, func(e sqlexpr.Expr) sqlexpr.Expr {
		if call, is := e.(*sqlexpr.Call); is && call.Name == "max" && len(call.Args) == 1 {
			last = true
			return call.Args[0]
		}
		if name, is := plain(e); is && t.own(name) != nil {
			return &sqlexpr.ColumnRef{Table: previousRow, Name: t.own(name).Name}
		}
		return e
	})
	return by, what, last
}

// counts tells whether a column may count the rows.
func (t *table) counts(name string) bool {
	c := t.own(name)
	return c != nil && c.Type.Kind == column.Int
}

// isLast reads n = NEW.n - 1, or n = (SELECT max(n) FROM the table).
func (t *table) isLast(e sqlexpr.Expr) bool {
	b, ok := e.(*sqlexpr.Binary)
	if !ok || b.Op != "=" {
		return false
	}
	l, r := b.L, b.R
	if _, is := plain(l); !is {
		l, r = r, l
	}
	name, is := plain(l)
	if !is || !t.counts(name) {
		return false
	}
	if q, is := uncast(r).(*sqlexpr.Subquery); is {
		_, what, ok := t.lastRow(q.Query)
		c, isCell := what.(*sqlexpr.ColumnRef)
		return ok && isCell && t.own(c.Name) == t.own(name)
	}
	minus, is := uncast(r).(*sqlexpr.Binary)
	if !is || minus.Op != "-" || !isOne(minus.R) {
		return false
	}
	mine, is := newCell(minus.L)
	return is && t.own(mine) == t.own(name)
}

// counting reads the number before and one more, and gives the first number.
func counting(name string, e sqlexpr.Expr) (first int64, ok bool) {
	plus := func(e sqlexpr.Expr) (sqlexpr.Expr, bool) {
		b, is := uncast(e).(*sqlexpr.Binary)
		if !is || b.Op != "+" || !isOne(b.R) {
			return nil, false
		}
		return uncast(b.L), true
	}
	before := func(e sqlexpr.Expr) bool {
		c, is := e.(*sqlexpr.ColumnRef)
		return is && c.Table == previousRow && c.Name == name
	}
	if of, k, is := coalesced(e); is {
		of, is = plus(of)
		return k, is && before(of)
	}
	of, is := plus(e)
	if !is {
		return 0, false
	}
	if inner, k, is := coalesced(of); is {
		return k + 1, before(uncast(inner))
	}
	return 1, before(of)
}

// coalesced reads coalesce(x, a whole number).
func coalesced(e sqlexpr.Expr) (x sqlexpr.Expr, k int64, ok bool) {
	c, is := uncast(e).(*sqlexpr.Call)
	if !is || len(c.Args) != 2 || c.Name != "coalesce" && c.Name != "ifnull" {
		return nil, 0, false
	}
	k, ok = wholeOf(c.Args[1])
	return c.Args[0], k, ok
}

// wholeOf reads a whole number.
func wholeOf(e sqlexpr.Expr) (n int64, ok bool) {
	if u, is := uncast(e).(*sqlexpr.Unary); is && u.Op == "-" {
		n, ok = wholeOf(u.X)
		return -n, ok
	}
	l, is := uncast(e).(*sqlexpr.Literal)
	if !is || l.Kind != sqlexpr.NumberLiteral {
		return 0, false
	}
	n, err := strconv.ParseInt(l.Text, 10, 64)
	return n, err == nil
}

func isOne(e sqlexpr.Expr) bool {
	n, ok := wholeOf(e)
	return ok && n == 1
}
