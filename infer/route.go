package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// What is true on the way to where a trigger refuses the row, over cells of the row alone, is a condition that no row may
// satisfy, as a check would say it.

// guardOf begins the names of checks that a trigger's conditions make.
const guardOf = "what it refuses: "

// unguard gives such a check up, which no generator satisfies: the trigger refuses some rows then, which are left out. It
// gives false where there is no such check.
func (t *table) unguard(k *schema.Check) bool {
	at := slices.IndexFunc(t.wanted, func(w *check.Check) bool { return w.Name == k.Name && strings.HasPrefix(w.Name, guardOf) })
	if at < 0 {
		return false
	}
	t.wanted = slices.Delete(slices.Clone(t.wanted), at, at+1)
	t.kept, t.all, t.tries = nil, nil, 0
	t.restart()
	return true
}

// guarded takes the conditions over the row alone under which its triggers refuse it as further checks.
func (t *table) guarded() {
	for _, g := range t.schema.Triggers {
		if g.Disabled || !g.Row || g.Code == nil || g.When && g.Code.When == nil {
			continue
		}
		set := map[string]bool{}
		for _, name := range routine.Targets(g.Code.Body) {
			if cell, ok := strings.CutPrefix(name, "new."); ok {
				set[cell] = true
			}
		}
		for _, e := range effects(g.Code) {
			if e.insert != nil || e.caught {
				continue
			}
			if k := t.avoids(g, e.path, set); k != nil {
				t.wanted = append(t.wanted, k)
				t.columns, t.byName = nil, map[string]*col{}
				t.declare()
			}
		}
	}
}

// avoids makes a check of conditions that no row may satisfy together; nil where one depends on anything but cells of the row
// that the trigger leaves as they are, or it is of no use.
func (t *table) avoids(g *schema.Trigger, path []condition, set map[string]bool) *check.Check {
	all := &sqlexpr.Logic{}
	for _, c := range path {
		switch answered(c.is, func(sqlexpr.Expr) answer { return unknown }) {
		case holds:
			continue // as it is on insert
		case fails:
			return nil
		}
		e, ok := t.overRow(c.is, set)
		if !ok {
			return nil
		}
		if not, is := e.(*sqlexpr.BoolTest); !is || not.Is != "true" {
			e = &sqlexpr.BoolTest{X: e, Is: "true"}
		}
		all.List = append(all.List, e)
	}
	if len(all.List) == 0 {
		return nil
	}
	k := &check.Check{Name: guardOf + g.Name, Expression: untrue(all).String()}
	e, err := t.parse(k.Expression)
	if err != nil {
		return nil
	}
	k.Columns = check.Columns(e)
	o := check.OptionsOf(t.draft.db, lastMoment)
	if len(k.Columns) == 0 || slices.ContainsFunc(k.Columns, func(n string) bool { return t.schema.Column(n) == nil }) {
		return nil
	}
	if _, err := check.Compile(t.schema, k.Expression, "", o); err != nil {
		return nil
	}
	if cases, err := check.Solve(t.schema, append(t.conditions(), k), mostBranches, o); err != nil || len(cases) == 0 {
		return nil
	}
	return k
}

// overRow writes a condition over the row as one over the table's columns; false where it reads anything else, or a cell that
// is set.
func (t *table) overRow(e sqlexpr.Expr, set map[string]bool) (sqlexpr.Expr, bool) {
	alone := true
	out := sqlexpr.Replace(e, func(e sqlexpr.Expr) sqlexpr.Expr {
		switch e := e.(type) {
		case *sqlexpr.ColumnRef:
			name, ok := newCell(e)
			if ok = ok && !set[name] && t.schema.Column(name) != nil; ok {
				return &sqlexpr.ColumnRef{Name: name, Quoted: true}
			}
			alone = false
		case *sqlexpr.Subquery, *sqlexpr.Exists, *sqlexpr.Unknown, *sqlexpr.Param:
			alone = false
		}
		return e
	})
	return out, alone
}
