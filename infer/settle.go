package infer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
)

// mostDrafts bounds how often the draft is mended: each time a candidate gives way, a row count is lowered or a
// table is dropped, of which there are finitely many; this is for mistakes of ours.
const mostDrafts = 400

// settle plans and tries the draft until it holds, and leaves the plan in the result.
func (d *draft) settle(ctx context.Context) error {
	for _, t := range slices.Clone(d.tables) {
		if t.empty != "" && d.byTable[t.schema] == t && t.filled() {
			d.drop(t, t.empty)
		}
	}
	for _, t := range slices.Clone(d.tables) {
		if t.never != nil && d.byTable[t.schema] == t && !t.standing {
			if err := d.refuse(t, *t.never); err != nil {
				return err
			}
		}
	}
	for range mostDrafts {
		d.guard()
		p, err := d.plan(ctx)
		if err != nil {
			ps, other := problems(err)
			if other != nil {
				return other
			}
			if err := d.mend(ps); err != nil {
				return err
			}
			continue
		}
		again, err := d.try(ctx, p)
		if err != nil {
			return err
		}
		if !again {
			d.result.Plan = p
			return nil
		}
	}
	return fmt.Errorf("the schema of %s: no draft held after %d changes: please report this", d.db.Name, mostDrafts)
}

// mend changes the draft so that a plan's problems go away.
func (d *draft) mend(ps blueprint.Problems) error {
	done := map[any]bool{} // one change for each table and column at a time
	changed := false
	slices.SortStableFunc(ps, func(a, b blueprint.Problem) int { return cmp.Compare(b.Column, "") - cmp.Compare(a.Column, "") }) // the others often follow from those of columns
	for _, p := range ps {
		if p.Pos.File != fileName {
			return ps // a mistake of the given blueprint
		}
		at := d.places[p.Pos.Line]
		if p.Table != "" {
			if t := d.named2(p.Table); t != nil {
				at.table = t
				if p.Column != "" && t.byName[p.Column] != nil {
					at.column = t.byName[p.Column]
				}
			}
		}
		t := at.table
		switch {
		case t == nil || d.byTable[t.schema] != t:
			return ps // a mistake of ours: it names no table
		case done[t] || at.column != nil && done[at.column] || at.column == nil && slices.ContainsFunc(t.columns, func(c *col) bool { return done[c] }):
			changed = true
			continue
		case p.HasMost && t.spec == nil && t.number(p.Text):
			done[t], changed = true, true
			continue
		case at.column != nil && at.column.fewValues(&p):
			if !at.column.hasMore() || !at.column.demote() {
				w := at.column.settleForWidest()
				if t.spec != nil || !d.lower(t, w.part, w.most, w.why) {
					break
				}
				done[t] = true
			}
			done[at.column], changed = true, true
			continue
		case p.HasMost && t.spec == nil && d.lower(t, p.Part, p.Most, p.Text):
			done[t] = true
			changed = true
			continue
		case at.column != nil && len(t.branches) > 1 && (strings.Contains(p.Text, "may give the same value") || strings.Contains(p.Text, "nulls counted as equal")):
			t.collapse(at.column)
			done[t], changed = true, true
			continue
		case at.column != nil && at.column.demote():
			done[at.column] = true
			changed = true
			continue
		}
		if c := t.weakest(p.Text); c != nil && (done[c] || c.demote()) {
			done[c], changed = true, true
			continue
		}
		if t.otherBranch() {
			done[t], changed = true, true
			continue
		}
		if t.rows <= fewRows && strings.Contains(p.Text, "no draw of") && t.spec == nil && d.lower(t, t.branches[0].part, 0, p.Text) {
			done[t], changed = true, true // too few parents for what its check asks
			continue
		}
		u := Unsatisfied{Table: t.name, Why: p.Text}
		if at.column != nil {
			u.Columns = []string{at.column.name}
		}
		if err := d.refuse(t, u); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return ps
	}
	return nil
}

// hasMore tells whether a column has a further candidate that gives values; where its checks say what it may be, one
// that keeps them by construction.
func (c *col) hasMore() bool {
	return slices.ContainsFunc(c.fills, func(f *fill) bool {
		if f.at+1 >= len(f.candidates) {
			return false
		}
		next := &f.candidates[f.at+1]
		return next.Generator != string(null) && (next.exact || !f.chosen().exact || !c.restricted())
	})
}

// restricted tells whether the checks say what the column may be, in some way to satisfy them.
func (c *col) restricted() bool {
	return slices.ContainsFunc(c.table.branches, func(b branch) bool { return restricts(b.domain(c.name)) })
}

// fewValues tells whether a problem is that a column has fewer distinct values than rows, and remembers the candidates
// that have the most: the others are tried, and where none has enough, these it is.
func (c *col) fewValues(p *blueprint.Problem) bool {
	if !p.HasMost {
		return c.widest != nil
	}
	if w := c.widest; w == nil || p.Most > w.most {
		c.widest = &widest{most: p.Most, part: p.Part, why: p.Text}
		for _, f := range c.fills {
			c.widest.at = append(c.widest.at, f.at)
		}
	}
	return true
}

// settleForWidest goes back to the candidates that have the most distinct values.
func (c *col) settleForWidest() *widest {
	w := c.widest
	c.widest = nil
	for i, f := range c.fills {
		f.at = w.at[i]
	}
	return w
}

// fewRows are so few that a check between references may have no way for want of parents.
const fewRows = 10

// number gives columns that are distinct together, and cannot be numbered as they are, generators whose values
// can: without nulls, or the next candidate. False where there is nothing to change.
func (t *table) number(problem string) bool {
	if !strings.Contains(problem, "cannot be drawn without repetition") {
		return false
	}
	changed := false
	for _, c := range t.columns {
		if c.given || c.schema == nil || !strings.Contains(problem, c.name+" (") {
			continue
		}
		if c.nulls > 0 {
			c.nulls, changed = 0, true
		} else if c.reference == nil && c.demote() {
			changed = true
		}
	}
	return changed
}

func (d *draft) named2(name string) *table {
	for _, t := range d.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

// demote lets the next candidate of each fill take its turn; false where there is none.
func (c *col) demote() bool {
	changed := false
	for _, f := range uniqueFills(c.fills) {
		if f.demote() {
			changed = true
		}
	}
	if changed && c.follows {
		c.notBefore, c.follows, c.after = nil, false, nil
	}
	if !changed && len(c.notBefore) > 0 {
		c.notBefore, changed = nil, true
	}
	return changed
}

// weakest finds the column that a problem without a place may be about: the least sure one that is named in it.
func (t *table) weakest(text string) *col {
	var out *col
	for _, c := range t.columns {
		if !c.written() || !namedIn(text, c.name) || c.exhausted() {
			continue
		}
		if out == nil || c.confidence() < out.confidence() {
			out = c
		}
	}
	return out
}

func (c *col) exhausted() bool {
	return !slices.ContainsFunc(c.fills, func(f *fill) bool { return f.at+1 < len(f.candidates) }) && len(c.notBefore) == 0
}

func (c *col) confidence() float64 {
	least := 1.0
	for _, f := range c.fills {
		least = min(least, f.chosen().Confidence)
	}
	return least
}

// lower gives a table, or one of its parts, as many rows as fit; false where it has no more. Where a partial
// unique is in the way, rows stay out of it first.
func (d *draft) lower(t *table, part string, most int64, why string) bool {
	for _, s := range t.unique {
		if s.index != nil && t.deny(s.index) {
			t.restart()
			return true
		}
	}
	was := t.rows
	for i := range t.branches {
		if b := &t.branches[i]; b.part == part && part != "" && most < b.rows {
			t.rows -= b.rows - most
			b.rows = most
		}
	}
	if part == "" && most < t.rows {
		t.rows = most
		t.divide()
	}
	if t.rows == was {
		return false
	}
	i := slices.IndexFunc(d.result.Lowered, func(l Lowered) bool { return l.Table == t.name })
	if i < 0 {
		d.result.Lowered = append(d.result.Lowered, Lowered{Table: t.name, From: was})
		i = len(d.result.Lowered) - 1
	}
	d.result.Lowered[i].To, d.result.Lowered[i].Why = t.rows, why
	return true
}

// collapse leaves out ways to satisfy the checks, so that a column which has to be distinct over all rows is filled
// alike in those that are left.
func (t *table) collapse(c *col) {
	var keep []branch
	var like *fill
	for i, f := range c.fills {
		if f.chosen().Generator == string(null) {
			continue
		}
		if like == nil {
			like = f
		}
		if f == like && len(c.fills) == len(t.branches) {
			keep = append(keep, t.branches[i])
		}
	}
	if len(keep) == 0 || len(keep) == len(t.branches) {
		keep = t.branches[:1:1]
	}
	t.kept = keep
	t.restart()
}

// otherBranch goes on with one of the ways to satisfy the checks alone; false where all have been tried.
func (t *table) otherBranch() bool {
	if t.spec != nil {
		return false
	}
	if t.all == nil {
		t.all = slices.Clone(t.branches)
	}
	if len(t.all) < 2 || t.tries >= len(t.all) {
		return false
	}
	t.kept = t.all[t.tries : t.tries+1 : t.tries+1]
	t.tries++
	t.restart()
	return true
}

// restart chooses the table's columns anew, after what is asked of them has changed.
func (t *table) restart() {
	t.columns, t.byName = nil, map[string]*col{}
	t.declare()
	t.references()
	if t.draft.byTable[t.schema] != t {
		return
	}
	t.fillRest()
	t.order()
}

// refuse drops a table that cannot be satisfied, or ends with an error where that was not asked for.
func (d *draft) refuse(t *table, u Unsatisfied) error {
	if !d.options.Skip {
		return &Unsatisfiable{Problems: []Unsatisfied{u}}
	}
	why := u.Why
	if u.Constraint != "" {
		why = fmt.Sprintf("%s (%s): %s", u.Constraint, u.Expression, u.Why)
	}
	d.drop(t, why)
	for _, o := range slices.Clone(d.tables) { // references to it are null now
		if d.byTable[o.schema] == o && o.filled() && o.refersTo(t) {
			o.restart()
		}
	}
	return nil
}

func (t *table) refersTo(p *table) bool {
	return slices.ContainsFunc(t.columns, func(c *col) bool { return c.reference != nil && c.reference.parent == p })
}

// choicesMade lists the choices of all columns.
func (d *draft) choicesMade() (out []Choice) {
	for _, t := range d.tables {
		for _, c := range t.columns {
			if !c.written() || c.virtual || !t.filled() {
				continue
			}
			k := Choice{Table: t.name, Column: c.name, Confidence: c.confidence(), Reason: c.fills[0].chosen().Reason}
			for _, f := range uniqueFills(c.fills) {
				k.Generators = append(k.Generators, f.chosen().Generator)
				k.Fallback = k.Fallback || f.chosen().fallback
			}
			out = append(out, k)
		}
	}
	return out
}
