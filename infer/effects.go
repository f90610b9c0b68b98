package infer

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// effect is an INSERT, or a refusal of the row, in the body of a trigger, and the conditions under which it comes to that.
type effect struct {
	insert *routine.Insert // nil: the row is refused
	path   []condition     // all of them hold, the outermost first
	caught bool            // a handler may catch the refusal
}

// condition is one of an effect's, with what variables hold in their place.
type condition struct {
	is       sqlexpr.Expr
	of       int  // the statement that asks it
	returned bool // the body went on, since it did not return there
}

// The bounds of what is followed through a body: parts of a variable's value, and conditions of all effects together.
const (
	mostValue = 300
	mostPath  = 200_000
)

// effects follows the body of a trigger for a row that is inserted. What follows a refusal goes by rows that were not
// refused.
func effects(r *routine.Routine) []effect {
	f := &follower{values: map[string]sqlexpr.Expr{}, records: map[string]*sqlexpr.Query{}, trace: &trace{of: r}}
	var path []condition
	if r.When != nil {
		path = append(path, condition{is: r.When})
	}
	f.list(r.Body, path)
	return f.out
}

// follower is a place in a body.
type follower struct {
	values  map[string]sqlexpr.Expr // of variables, and of fields: "r.field"; nil where nobody knows
	records map[string]*sqlexpr.Query
	found   sqlexpr.Expr // what FOUND says; nil where nobody knows
	*trace
}

// trace is what has been met with on the way, in whatever branch.
type trace struct {
	of    *routine.Routine
	next  int // the number of the last statement with a condition
	taken int // conditions of effects
	out   []effect
}

// list follows statements. It gives the conditions, beyond those of path, of each RETURN in them; one without any ends the
// list.
func (f *follower) list(list []routine.Statement, path []condition) (returns [][]condition, refused bool) {
	base := len(path)
	path = path[:base:base]
	for _, s := range list {
		if f.taken > mostPath {
			return returns, false
		}
		inner, raises := f.statement(s, path)
		for _, r := range inner {
			own := slices.DeleteFunc(slices.Concat(path[base:], r), func(c condition) bool { return c.returned })
			if returns = append(returns, own); len(r) == 0 {
				return returns, false
			}
			path = append(path, condition{is: untrue(all(r)), of: f.next, returned: true})
		}
		if raises {
			return returns, true
		}
	}
	return returns, false
}

func (f *follower) statement(s routine.Statement, path []condition) (returns [][]condition, refused bool) {
	switch s := s.(type) {
	case *routine.Block:
		before, from := f.copy(), len(f.out)
		returns, refused = f.list(s.Body, path)
		for i := from; i < len(f.out) && len(s.Handlers) > 0; i++ {
			f.out[i].caught = true
		}
		for _, h := range s.Handlers {
			in := before.copy()
			in.unknown(routine.Targets(s.Body))
			more, _ := in.list(h, f.with(path, &sqlexpr.Unknown{Text: "EXCEPTION"}))
			for _, r := range more {
				returns = append(returns, append([]condition{{is: &sqlexpr.Unknown{Text: "EXCEPTION"}}}, r...))
			}
			f.unknown(routine.Targets(h))
			refused = false
		}
	case *routine.If:
		return f.branches(s, path)
	case *routine.Loop:
		f.unknown(routine.Targets([]routine.Statement{s}))
		again := f.copy()
		more, _ := again.list(s.Body, f.with(path, &sqlexpr.Unknown{Text: "LOOP"}))
		f.found = nil
		for _, r := range more {
			returns = append(returns, append([]condition{{is: &sqlexpr.Unknown{Text: "LOOP"}}}, r...))
		}
	case *routine.Assign:
		f.assign(strings.Join(s.To, "."), s.Value)
	case *routine.Select:
		f.selects(s, path)
	case *routine.Insert:
		n := *s
		n.Values = nil
		for _, row := range s.Values {
			n.Values = append(n.Values, f.all(row))
		}
		if s.Query != nil {
			n.Query = f.query(s.Query)
		}
		f.meet(effect{insert: &n, path: path})
		f.unknown(s.Into)
		f.found = nil
	case *routine.Change:
		f.found = nil
		if q := f.query(&sqlexpr.Query{From: []sqlexpr.Source{{Schema: s.Schema, Table: s.Table, As: s.As}}, Where: s.Where}); !s.Joined {
			f.found = &sqlexpr.Exists{Query: q}
		}
		f.unknown(s.Into)
	case *routine.Raise:
		if !s.Notice {
			f.meet(effect{path: path})
			return nil, true
		}
	case *routine.Return:
		return [][]condition{nil}, false
	}
	return returns, refused
}

// branches follows IF: each branch under its condition, and under that those before it do not hold.
func (f *follower) branches(s *routine.If, path []condition) (returns [][]condition, refused bool) {
	before := f.copy()
	f.next++
	of := f.next
	type end struct {
		at   *follower
		sets []string
	}
	var ends []end
	refused = true
	one := func(list []routine.Statement, also []condition) {
		at := before.copy()
		inner, raises := at.list(list, slices.Concat(path, also))
		left := raises
		for _, r := range inner {
			returns = append(returns, slices.Concat(also, r))
			left = left || len(r) == 0
		}
		if refused = refused && raises; !left {
			ends = append(ends, end{at, routine.Targets(list)})
		}
	}
	var not []condition
	for _, b := range s.Branches {
		c := before.put(b.If)
		if never(c) { // of another operation
			continue
		}
		one(b.Then, slices.Concat(not, []condition{{is: c, of: of}}))
		not = append(not, condition{is: untrue(c), of: of})
	}
	if len(s.Else) > 0 {
		one(s.Else, not)
	} else {
		refused = false
		ends = append(ends, end{at: before})
	}
	// A variable that one branch alone sets, and that had no value, holds that: without it conditions are not true.
	set := map[string]int{}
	for i, e := range ends {
		for _, v := range e.sets {
			if _, twice := set[v]; twice && set[v] != i {
				set[v] = -1
			} else if !twice {
				set[v] = i
			}
		}
	}
	for v, i := range set {
		name, _, _ := strings.Cut(v, ".")
		if name == "new" {
			continue
		}
		had := before.values[v] != nil || before.records[v] != nil
		f.unknown([]string{v})
		if i < 0 || had {
			continue
		}
		at := ends[i].at
		for k, e := range at.values {
			if k == v || strings.HasPrefix(k, v+".") {
				f.values[k] = e
			}
		}
		if q := at.records[v]; q != nil {
			f.records[v] = q
		}
	}
	for i, e := range ends {
		if i == 0 {
			f.found = e.at.found
		} else if f.found != e.at.found {
			f.found = nil
		}
	}
	if len(ends) == 0 && !refused { // every way has returned
		returns = append(returns, nil)
	}
	return returns, refused
}

// selects follows a query: what it gives to variables, and in SQLite what it raises.
func (f *follower) selects(s *routine.Select, path []condition) {
	q := f.query(s.Query)
	f.unknown(s.Into)
	f.found = &sqlexpr.Exists{Query: q}
	switch {
	case q.Other:
	case len(s.Into) == 1 && (len(q.What) != 1 || isAll(q.What[0].Expr)):
		f.records[s.Into[0]] = q
	case len(s.Into) > 0:
		for i, v := range s.Into {
			if len(s.Into) == len(q.What) {
				f.set(v, columnOf(q, q.What[i].Expr))
			}
		}
		if len(s.Into) == 1 {
			f.records[s.Into[0]] = q
		}
	}
	f.next++
	under := func(list ...sqlexpr.Expr) []condition {
		for _, e := range list {
			path = append(path[:len(path):len(path)], condition{is: e, of: f.next})
		}
		return path
	}
	if raises(q) && len(q.From) > 0 {
		path = under(&sqlexpr.Exists{Query: &sqlexpr.Query{From: q.From, On: q.On, Where: q.Where}})
	} else if raises(q) && q.Where != nil {
		path = under(q.Where)
	}
	given := path
	for _, i := range q.What {
		path = given
		if refuses(i.Expr) {
			f.meet(effect{path: path})
		}
		c, ok := i.Expr.(*sqlexpr.CaseWhen)
		if !ok {
			continue
		}
		for _, w := range c.Whens {
			is := w.If
			if c.Operand != nil {
				is = &sqlexpr.Binary{Op: "=", L: c.Operand, R: w.If}
			}
			if before := path; refuses(w.Then) {
				f.meet(effect{path: under(is)})
				path = before
			}
			path = under(untrue(is))
		}
		if c.Else != nil && refuses(c.Else) {
			f.meet(effect{path: path})
		}
	}
}

// refuses tells whether an expression is SQLite's RAISE, but for RAISE(IGNORE).
func refuses(e sqlexpr.Expr) bool {
	c, ok := e.(*sqlexpr.Call)
	if !ok || c.Name != "raise" || len(c.Args) == 0 {
		return false
	}
	how, ok := c.Args[0].(*sqlexpr.ColumnRef)
	return ok && !strings.EqualFold(how.Name, "ignore")
}

// raises tells whether a query may raise.
func raises(q *sqlexpr.Query) bool {
	return slices.ContainsFunc(q.What, func(i sqlexpr.Item) (is bool) {
		sqlexpr.Walk(i.Expr, func(e sqlexpr.Expr) { is = is || refuses(e) })
		return is
	})
}

func (f *follower) meet(e effect) {
	f.out = append(f.out, e)
	f.taken += len(e.path)
}

func (f *follower) copy() *follower {
	c := *f
	c.values, c.records = maps.Clone(f.values), maps.Clone(f.records)
	return &c
}

func (f *follower) with(path []condition, e sqlexpr.Expr) []condition {
	return append(path[:len(path):len(path)], condition{is: e, of: f.next})
}

// unknown forgets what variables hold.
func (f *follower) unknown(names []string) {
	for _, v := range names {
		delete(f.records, v)
		maps.DeleteFunc(f.values, func(k string, _ sqlexpr.Expr) bool { return k == v || strings.HasPrefix(k, v+".") })
	}
}

func (f *follower) assign(to string, e sqlexpr.Expr) {
	if strings.HasPrefix(to, "new.") {
		return // the cell that is asked for is still that of the row
	}
	if e != nil {
		e = f.put(e)
	}
	f.unknown([]string{to})
	if e != nil {
		f.set(to, e)
	}
}

func (f *follower) set(to string, e sqlexpr.Expr) {
	if sqlexpr.Size(e) <= mostValue {
		f.values[to] = e
	}
}

func (f *follower) all(list []sqlexpr.Expr) (out []sqlexpr.Expr) {
	for _, e := range list {
		out = append(out, f.put(e))
	}
	return out
}

func (f *follower) query(q *sqlexpr.Query) *sqlexpr.Query {
	return f.put(&sqlexpr.Subquery{Query: q}).(*sqlexpr.Subquery).Query
}

// put writes what variables hold in their place. A table's name in a query hides a record of that name.
func (f *follower) put(e sqlexpr.Expr) sqlexpr.Expr {
	hidden := map[string]bool{}
	hide := func(q *sqlexpr.Query) {
		for _, s := range q.From {
			hidden[s.Table], hidden[s.As] = true, true
		}
	}
	sqlexpr.Walk(e, func(e sqlexpr.Expr) {
		switch e := e.(type) {
		case *sqlexpr.Exists:
			hide(e.Query)
		case *sqlexpr.Subquery:
			hide(e.Query)
		}
	})
	out := sqlexpr.Replace(e, func(e sqlexpr.Expr) sqlexpr.Expr {
		c, ok := e.(*sqlexpr.ColumnRef)
		switch {
		case !ok:
			if text, is := f.argument(e); is {
				return &sqlexpr.Literal{Kind: sqlexpr.StringLiteral, Text: text}
			}
			return ofInsert(e)
		case c.Table == "" && c.Name == "found" && !c.Quoted && f.found != nil:
			return f.found
		case c.Table == "" && f.values[c.Name] != nil:
			return f.values[c.Name]
		case c.Table != "" && !hidden[c.Table]:
			if v := f.values[c.Table+"."+c.Name]; v != nil {
				return v
			}
			if q := f.records[c.Table]; q != nil {
				return field(q, c)
			}
		}
		return e
	})
	if sqlexpr.Size(out) > mostValue && sqlexpr.Size(out) > 2*sqlexpr.Size(e) {
		return e
	}
	return out
}

// ofInsert is what is left of an expression where a row is inserted: coalesce(NEW.id, OLD.id) is NEW.id.
func ofInsert(e sqlexpr.Expr) sqlexpr.Expr {
	switch x := e.(type) {
	case *sqlexpr.Call:
		if x.Name != "coalesce" {
			break
		}
		if left := slices.DeleteFunc(slices.Clone(x.Args), readsOld); len(left) == 1 && len(x.Args) > 1 {
			return left[0]
		}
	case *sqlexpr.CaseWhen:
		for i, w := range x.Whens {
			is := w.If
			if x.Operand != nil {
				is = &sqlexpr.Binary{Op: "=", L: x.Operand, R: w.If}
			}
			switch {
			case never(is):
				continue
			case !never(untrue(is)):
				return e
			}
			return x.Whens[i].Then
		}
		if x.Else != nil {
			return x.Else
		}
	}
	return e
}

// argument reads TG_ARGV[n].
func (f *follower) argument(e sqlexpr.Expr) (string, bool) {
	x, ok := e.(*sqlexpr.Index)
	if !ok {
		return "", false
	}
	c, ok := x.X.(*sqlexpr.ColumnRef)
	n, err := strconv.Atoi(x.I.String())
	if !ok || c.Table != "" || c.Name != "tg_argv" || err != nil {
		return "", false
	}
	return f.of.Arg(n)
}

// field is the value of a record's field: a column of the query that filled it.
func field(q *sqlexpr.Query, c *sqlexpr.ColumnRef) sqlexpr.Expr {
	for _, i := range q.What {
		of, ok := i.Expr.(*sqlexpr.ColumnRef)
		if i.As == c.Name || i.As == "" && ok && of.Name == c.Name {
			return columnOf(q, i.Expr)
		}
	}
	if slices.ContainsFunc(q.What, func(i sqlexpr.Item) bool { return isAll(i.Expr) }) {
		return columnOf(q, &sqlexpr.ColumnRef{Name: c.Name})
	}
	return c
}

// columnOf is the query for one of its columns.
func columnOf(q *sqlexpr.Query, what sqlexpr.Expr) sqlexpr.Expr {
	one := *q
	one.What = []sqlexpr.Item{{Expr: what}}
	return &sqlexpr.Subquery{Query: &one}
}

func isAll(e sqlexpr.Expr) bool {
	c, ok := e.(*sqlexpr.ColumnRef)
	return ok && c.Name == "*"
}

func untrue(e sqlexpr.Expr) sqlexpr.Expr { return &sqlexpr.BoolTest{X: e, Is: "true", Not: true} }

// all is that all of some conditions hold.
func all(list []condition) sqlexpr.Expr {
	if len(list) == 1 {
		return list[0].is
	}
	and := &sqlexpr.Logic{}
	for _, c := range list {
		and.List = append(and.List, c.is)
	}
	return and
}
