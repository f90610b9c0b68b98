package infer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
)

// mostMends bounds how often a table is mended: each time a candidate gives way or a row count is lowered. A table that
// does not hold after that is left out.
const mostMends = 300

// After so many of them a table gives up what its columns mean, and after more all tables what they mean among one another.
const (
	ownMends = 40
	allMends = 90
)

// settle plans and tries the draft until it holds, and leaves the plan in the result.
func (d *draft) settle(ctx context.Context) error {
	for _, t := range slices.Clone(d.tables) {
		if t.never != nil && d.byTable[t.schema] == t && t.filled() {
			if err := d.refuse(t, *t.never); err != nil {
				return err
			}
		}
	}
	for {
		d.followThose()
		d.guard()
		d.refit()
		p, err := d.plan(ctx)
		if err != nil {
			ps, other := problems(err)
			if other != nil {
				return other
			}
			if d.undoWays() {
				continue
			}
			if err := d.mend(ctx, ps); err != nil {
				return err
			}
			continue
		}
		fine, err := d.satisfies(p)
		if err != nil {
			return err
		}
		if !fine {
			d.undoWays()
			continue
		}
		again, err := d.fits(ctx, p)
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if again, err = d.try(ctx, p); err != nil {
			return err
		}
		if !again {
			if again, err = d.rehearse(ctx, p); err != nil {
				return err
			}
		}
		if !again {
			d.result.Plan = p
			return nil
		}
	}
}

// followThose divides the rows of tables anew that follow rows of a table which is left out by now.
func (d *draft) followThose() {
	for _, t := range slices.Clone(d.tables) {
		if d.byTable[t.schema] == t && slices.ContainsFunc(t.branches, func(b branch) bool { return b.each != nil && d.byTable[b.each.schema] != b.each }) {
			t.kept = nil
			t.restart()
		}
	}
}

// mended counts what was changed in a table, which is left out where that finds no end.
func (d *draft) mended(t *table, why string) error {
	t.mends++
	switch {
	case d.byTable[t.schema] != t || t.spec != nil:
	case t.mends == ownMends:
		t.aloneAgain()
	case t.mends == allMends && d.related:
		d.related = false
		for _, o := range slices.Clone(d.tables) {
			if d.byTable[o.schema] == o && o.filled() && o.spec == nil {
				o.aloneAgain()
			}
		}
	}
	if t.mends <= mostMends || d.byTable[t.schema] != t {
		return nil
	}
	return d.refuse(t, Unsatisfied{Table: t.name, Why: fmt.Sprintf("no choice of its generators held, of %d that were tried; the last one failed so: %s", mostMends, why)})
}

// mend changes the draft so that a plan's problems go away. Rows are lowered and tables left out only where nothing
// else is to be changed: a problem of one table may come from another one.
func (d *draft) mend(ctx context.Context, ps blueprint.Problems) error {
	slices.SortStableFunc(ps, func(a, b blueprint.Problem) int { return cmp.Compare(b.Column, "") - cmp.Compare(a.Column, "") }) // the others often follow from those of columns
	for _, mend := range []func(context.Context, *blueprint.Problem, place) (any, error){d.another, d.giveUp} {
		done := map[any]bool{} // one change for each table and column at a time
		for i := range ps {
			p := &ps[i]
			at := d.placeOf(p)
			t := at.table
			if p.Pos.File != FileName || t == nil {
				return ps // a mistake of the given blueprint, or one of ours
			}
			if d.byTable[t.schema] != t || done[t] || at.column != nil && done[at.column] || at.column == nil && slices.ContainsFunc(t.columns, func(c *col) bool { return done[c] }) {
				continue
			}
			what, err := mend(ctx, p, at)
			if err != nil {
				return err
			}
			if what != nil {
				done[what] = true
				if err := d.mended(t, p.Message); err != nil {
					return err
				}
			}
		}
		if len(done) > 0 {
			return nil
		}
	}
	return ps
}

// place is what a problem is about.
type place struct {
	table  *table
	column *col
}

// placeOf finds what a problem is about.
func (d *draft) placeOf(p *blueprint.Problem) place {
	at := place{table: d.named2(p.Table)}
	if at.table != nil {
		at.column = at.table.byName[p.Column]
	}
	return at
}

// another makes other choices because of a problem, and tells for which table or column; nil where there are none.
func (d *draft) another(_ context.Context, p *blueprint.Problem, at place) (any, error) {
	t, c := at.table, at.column
	if c != nil {
		if o := c.reader(); o != nil && o.demote() {
			return o, nil
		}
	}
	if p.HasMost && t.unmember() {
		return t, nil
	}
	switch {
	case p.CausedBy(blueprint.NoUnit) && (t.unclass() || t.unpair()):
		return t, nil
	case p.HasMost && t.spec == nil && t.widen(p):
		return t, nil
	case t.spared && !t.unspared && p.CausedBy(blueprint.NoDraw):
		t.unspared = true
		return t, nil
	case c != nil && c.virtual && c.reference == nil && p.HasMost && p.Most == 0:
		t.restart() // without the table that a pair of type and id can no longer refer to
		return t, nil
	case c != nil && c.fewValues(p):
		if (c.hasMore() || p.HasMost && p.Most == 0) && c.demote() { // null too, rather than no row
			return c, nil
		}
		return nil, nil
	case p.HasMost:
		return nil, nil
	case c != nil && len(t.branches) > 1 && p.CausedBy(blueprint.PartsMeet) && t.dropStates():
		return t, nil
	case p.CausedBy(blueprint.SameTwice):
		if from := t.weakest(p); from != nil && from.demote() {
			return from, nil
		}
		return nil, nil
	case c != nil && len(t.branches) > 1 && p.CausedBy(blueprint.PartsMeet):
		t.collapse(c)
		return t, nil
	case c != nil && c.demote():
		return c, nil
	}
	if c := t.weakest(p); c != nil && c.demote() {
		return c, nil
	}
	return nil, nil
}

// giveUp takes rows away because of a problem, or the whole table, and tells from which.
func (d *draft) giveUp(ctx context.Context, p *blueprint.Problem, at place) (any, error) {
	t := at.table
	if p.Part == "" && (at.column == nil || at.column.reference != nil) && t.dropStates() {
		return t, nil
	}
	part, most, why := p.Part, p.Most, p.Message
	has := p.HasMost
	if at.column != nil && at.column.widest != nil {
		w := at.column.settleForWidest()
		part, most, why, has = w.part, w.most, w.why, true
	}
	if has && (t.merge() || t.undivide()) {
		return t, nil
	}
	if has && most == 0 && t.rows == 1 && t.otherBranch() {
		return t, nil // the parents that are there may do for another
	}
	if has && t.spec == nil && d.lower(t, part, most, why) {
		return t, nil
	}
	if c := at.column; c != nil && c.demote() {
		return c, nil
	}
	if c := t.weakest(p); c != nil && c.demote() {
		return c, nil
	}
	if p.CausedBy(blueprint.NoDraw) {
		if picked, err := d.pick(ctx, t, slices.Compact(slices.Sorted(slices.Values(p.Cause.Columns))), "its check"); picked || err != nil {
			return t, err
		}
	}
	if t.dropStates() || t.unmerge() || t.otherBranch() {
		return t, nil
	}
	if why := t.tooFewParents(); why != "" && p.CausedBy(blueprint.NoDraw) && t.spec == nil && d.lower(t, t.branches[0].part, 0, why) {
		return t, nil
	}
	u := Unsatisfied{Table: t.name, Why: p.Message}
	if at.column != nil {
		u.Columns = []string{at.column.name}
	} else if p.Cause != nil {
		u.Columns = p.Cause.Columns
	}
	return t, d.refuse(t, u)
}

// tooFewParents says of references that must differ that their parent has a single row; "" where that is not so.
func (t *table) tooFewParents() string {
	for i := range t.branches {
		for _, r := range t.branches[i].Between {
			left, right := t.byName[r.Left], t.byName[r.Right]
			if !strict(r.Op) || left == nil || right == nil || left.reference == nil || right.reference == nil || left.reference.parent != right.reference.parent {
				continue
			}
			if p := left.reference.parent; !p.standing && p.rows < 2 {
				return fmt.Sprintf("%s and %s must differ, which needs 2 rows of %s: it has %d", r.Left, r.Right, p.name, p.rows)
			}
		}
	}
	return ""
}

// strict tells whether a comparison of a check.Relation is false of equal values.
func strict(op string) bool { return op == "<>" || op == "<" }

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
	if hidden := c.table.byName[apartName(c.name)]; !changed && hidden != nil {
		changed = hidden.demote()
	}
	if changed && c.plain != nil && !slices.ContainsFunc(c.fills, func(f *fill) bool { return f.chosen().meant }) {
		c.unmean()
	}
	if changed && c.follows {
		c.notBefore, c.follows, c.after = nil, false, nil
	}
	if !changed && len(c.notBefore) > 0 {
		c.notBefore, changed = nil, true
	}
	return changed
}

// unmean gives up what the column means, and what that asked for.
func (c *col) unmean() {
	if c.table.unmeant == nil {
		c.table.unmeant = map[string]bool{}
	}
	c.table.unmeant[c.name] = true
	c.nulls, c.reads, c.plain = c.plain.nulls, nil, nil
}

// weakest finds the column that a problem without a place may be about: the least sure one of those that it names.
func (t *table) weakest(p *blueprint.Problem) *col {
	if p.Cause == nil {
		return nil
	}
	var out *col
	for _, c := range t.columns {
		if !c.written() || !slices.Contains(p.Cause.Columns, c.name) || c.exhausted() {
			continue
		}
		if out == nil || c.weaker(out) {
			out = c
		}
	}
	return out
}

func (c *col) exhausted() bool {
	return !slices.ContainsFunc(c.fills, func(f *fill) bool { return f.at+1 < len(f.candidates) }) && len(c.notBefore) == 0
}

// weaker tells whether a column gives way before another one: for what it means, or as it is less sure.
func (c *col) weaker(o *col) bool {
	if (c.plain != nil) != (o.plain != nil) {
		return c.plain != nil
	}
	return c.confidence() < o.confidence()
}

func (c *col) confidence() float64 {
	least := 1.0
	for _, f := range c.fills {
		least = min(least, f.chosen().Confidence)
	}
	return least
}

// collapse leaves out ways to satisfy the checks, so that a column which has to be distinct over all rows is filled
// alike in those that are left.
func (t *table) collapse(c *col) {
	var keep []branch
	var like *fill
	for _, f := range c.fills { // one of many values, where there is one
		g := f.chosen().Generator
		if !g.isNull() && (like == nil || like.listed() && !f.listed()) {
			like = f
		}
	}
	for i, f := range c.fills {
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

// listed tells whether the fill is one of a few values.
func (f *fill) listed() bool {
	return f.chosen().Generator.is("pick", "constant")
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

// merge lets one way stand for all ways to satisfy the checks, where some want a reference filled that matches others
// and may be null: rows that have no parent there are null, and the checks are held by drawing again. It gives false
// where there is no such reference, or where that has been tried.
func (t *table) merge() bool {
	if t.spec != nil || t.merged != 0 || t.kept == nil && len(t.branches) < 2 {
		return false
	}
	if !slices.ContainsFunc(t.columns, func(c *col) bool {
		return c.reference != nil && c.reference.optional && len(c.reference.matching) > 0 && c.nullable() && c.nulls == 0 && c.schema != nil
	}) {
		return false
	}
	t.merged, t.before, t.kept = 1, t.kept, nil
	t.restart()
	return true
}

// unmerge goes back on merge; false where nothing is merged.
func (t *table) unmerge() bool {
	if t.merged != 1 {
		return false
	}
	t.merged, t.kept = 2, t.before
	t.restart()
	return true
}

// restart chooses the table's columns anew, after what is asked of them has changed.
func (t *table) restart() {
	t.columns, t.byName = nil, map[string]*col{}
	t.declare()
	for _, o := range t.draft.referring(t.schema) {
		for _, fk := range o.foreignKeys() {
			if t.draft.table(fk.RefSchema, fk.RefTable) == t.schema {
				if c := t.byName[o.paired(fk)]; c != nil {
					c.unique = true
				}
			}
		}
	}
	t.references()
	if t.draft.byTable[t.schema] != t {
		return
	}
	t.fillRest()
	t.order()
	if r := t.draft.reads[t]; r != nil {
		r.Columns = nil
	}
	t.meanings()
	t.kinAgain()
	for _, o := range t.draft.tables { // those that refer to it look at columns that are new
		if o.filled() && (o == t || slices.ContainsFunc(o.asks, func(a ask) bool { return a.parent == t })) {
			o.asking()
		}
	}
}

// refuse drops a table that cannot be satisfied, or ends with an error where that was not asked for.
func (d *draft) refuse(t *table, u Unsatisfied) error {
	u.WayOut = d.wayOut(t, &u)
	if !d.options.Skip {
		if err := t.givenProblem(&u); err != nil {
			return err
		}
		return &Unsatisfiable{Problems: []Unsatisfied{u}}
	}
	why := u.String()
	if u.WayOut != "" {
		why += "; to settle it in a blueprint (sower init writes one): " + u.WayOut
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
