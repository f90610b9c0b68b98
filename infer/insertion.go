package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// insertion is an INSERT of one row in the body of a trigger.
type insertion struct {
	schema, table string
	columns       []string // none where they are those of the table, in their order
	values        []sqlexpr.Expr
	maybe         bool // not for every row that fires the trigger, or for some more than once
	guarded       bool // not where the row is there already
}

// answer says whether a condition holds where a row is inserted.
type answer uint8

const (
	unknown answer = iota
	holds
	fails
	absent  // it asks whether the row to be made is there already: no
	present // the same the other way round
)

// insertions finds what a trigger inserts when rows are: INSERT INTO table with VALUES, or with a SELECT without FROM. known
// answers conditions about the row.
func insertions(r *routine.Routine, known func(sqlexpr.Expr) answer) (out []insertion) {
	for _, e := range effects(r) {
		if e.insert == nil {
			continue
		}
		n := insertion{schema: e.insert.Schema, table: e.insert.Table, columns: e.insert.Columns, guarded: e.insert.OnConflict}
		at := holds
		under := func(c sqlexpr.Expr) {
			switch a := answered(c, known); {
			case at == fails || a == fails:
				at = fails
			case a == absent:
				n.guarded = true
			case at == unknown || a == unknown:
				at = unknown
			case a == present:
				at = present
			}
		}
		for _, c := range e.path {
			under(c.is)
		}
		if q := e.insert.Query; q != nil {
			if q.Other || len(q.From) > 0 {
				continue // of any number of rows
			}
			if q.Where != nil {
				under(q.Where)
			}
			for _, i := range q.What {
				n.values = append(n.values, i.Expr)
			}
		} else if len(e.insert.Values) > 0 {
			n.values, n.maybe = e.insert.Values[0], len(e.insert.Values) > 1
		}
		n.maybe = n.maybe || at == unknown
		if at != fails && at != present && len(n.values) > 0 && (len(n.columns) == 0 || len(n.columns) == len(n.values)) {
			out = append(out, n)
		}
	}
	return out
}

// answered answers a condition where it is about the operation or about whether the row is there already; known is asked for
// the others.
func answered(e sqlexpr.Expr, known func(sqlexpr.Expr) answer) answer {
	e, not := affirmed(e)
	a := unknown
	switch x := e.(type) {
	case *sqlexpr.Literal:
		a = yes(x.Kind == sqlexpr.BoolLiteral && x.Text == "true")
	case *sqlexpr.ColumnRef:
		if x.Table == "" && strings.EqualFold(x.Name, "found") {
			a = present
		}
	case *sqlexpr.Exists:
		a = present
	case *sqlexpr.Logic:
		all := holds // of OR: that none holds
		if x.Or {
			all = fails
		}
		a = all
		for _, o := range x.List {
			switch b := answered(o, known); {
			case b == all:
			case b == inverse(all):
				return negated(b, not)
			case a == all || a == b:
				a = b
			default:
				a = unknown
			}
		}
	case *sqlexpr.Binary:
		if op, ok := operationOf(x.R); ok && isOperation(x.L) && (x.Op == "=" || x.Op == "<>") {
			a = yes((op == "insert") == (x.Op == "="))
		}
	case *sqlexpr.AnyOf:
		if list, ok := x.Array.(*sqlexpr.Array); ok && isOperation(x.X) && (x.Op == "=" && !x.All || x.Op == "<>" && x.All) {
			a = yes(x.All != slices.ContainsFunc(list.List, func(e sqlexpr.Expr) bool { op, _ := operationOf(e); return op == "insert" }))
		}
	}
	if a == unknown {
		a = known(e)
	}
	return negated(a, not)
}

func yes(b bool) answer {
	if b {
		return holds
	}
	return fails
}

func inverse(a answer) answer {
	return map[answer]answer{unknown: unknown, holds: fails, fails: holds, absent: present, present: absent}[a]
}

func negated(a answer, not bool) answer {
	if not {
		return inverse(a)
	}
	return a
}

// affirmed takes the negations of a condition away, and tells whether their number is odd. A count of rows that is held
// against zero asks whether there is one.
func affirmed(e sqlexpr.Expr) (of sqlexpr.Expr, not bool) {
	for {
		switch x := e.(type) {
		case *sqlexpr.Not:
			e, not = x.X, !not
			continue
		case *sqlexpr.BoolTest:
			if x.Is == "true" || x.Is == "false" {
				e, not = x.X, not != (x.Not != (x.Is == "false"))
				continue
			}
		case *sqlexpr.Binary:
			if q, some, ok := counted(x); ok {
				return &sqlexpr.Exists{Query: q}, not == some
			}
		}
		return e, not
	}
}

// counted reads (SELECT count(*) FROM ...) > 0 and its like: whether there are some rows, or none.
func counted(x *sqlexpr.Binary) (q *sqlexpr.Query, some, ok bool) {
	sub, isQuery := uncast(x.L).(*sqlexpr.Subquery)
	n, isNumber := x.R.(*sqlexpr.Literal)
	if !isQuery || !isNumber || sub.Query.Other || len(sub.Query.What) != 1 || len(sub.Query.From) == 0 {
		return nil, false, false
	}
	c, isCall := sub.Query.What[0].Expr.(*sqlexpr.Call)
	if !isCall || c.Name != "count" || len(c.Args) != 0 {
		return nil, false, false
	}
	one := *sub.Query
	one.What = nil
	switch x.Op + n.Text {
	case ">0", ">=1", "<>0":
		return &one, true, true
	case "=0", "<1", "<=0":
		return &one, false, true
	}
	return nil, false, false
}

// isOperation tells whether an expression is TG_OP.
func isOperation(e sqlexpr.Expr) bool {
	c, ok := uncast(e).(*sqlexpr.ColumnRef)
	return ok && c.Table == "" && c.Name == "tg_op"
}

// operationOf is the operation that TG_OP is compared with, in small letters.
func operationOf(e sqlexpr.Expr) (string, bool) {
	l, ok := uncast(e).(*sqlexpr.Literal)
	if !ok || l.Kind != sqlexpr.StringLiteral {
		return "", false
	}
	return strings.ToLower(l.Text), true
}

// uncast takes the casts around an expression away.
func uncast(e sqlexpr.Expr) sqlexpr.Expr {
	for {
		c, ok := e.(*sqlexpr.Cast)
		if !ok {
			return e
		}
		e = c.X
	}
}

// newCell gives the column of the row that fires a trigger which an expression copies.
func newCell(e sqlexpr.Expr) (string, bool) {
	c, ok := uncast(e).(*sqlexpr.ColumnRef)
	if !ok || !strings.EqualFold(c.Table, "new") {
		return "", false
	}
	return c.Name, true
}

// readsNew tells whether an expression reads the row that fires a trigger.
func readsNew(e sqlexpr.Expr) (is bool) {
	sqlexpr.Walk(e, func(e sqlexpr.Expr) {
		_, cell := newCell(e)
		is = is || cell
	})
	return is
}
