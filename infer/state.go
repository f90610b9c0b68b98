package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// A partial unique over a foreign key says of what each parent has one at most: its default address, its running entry. Rows in
// that state are a part of their own, at most one for each parent, and all others stay out of the index. So the state
// occurs as often as there is room for it, and the table has as many rows as are asked for.

// state is a partial unique with the foreign key among its columns; nil where it holds a single row of the table.
type state struct {
	index  *schema.Unique
	key    *schema.ForeignKey
	parent *table
}

// usualState is the share of a table's rows that are in such a state, where there is room for them.
const usualState = 0.75

// states finds the partial uniques whose rows are a part of their own.
func (t *table) states() (out []state) {
	if t.stateless || t.spec != nil || len(t.draft.referred(t.schema)) > 0 || t.merged == 1 || t.kept != nil || t.rows < 2 {
		return nil
	}
	for _, u := range t.uniques() {
		if u.Where == "" || slices.Contains(t.admitted, u) {
			continue
		}
		if t.constant(u) {
			out = append(out, state{index: u})
		} else if fk, p := t.ownerOf(u); fk != nil {
			out = append(out, state{u, fk, p})
		}
	}
	return out
}

// ownerOf finds a foreign key within the columns of a unique, whose parent is filled, that no other key shares a column with.
func (t *table) ownerOf(u *schema.Unique) (*schema.ForeignKey, *table) {
	for _, fk := range t.foreignKeys() {
		p := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
		if p == nil || p == t || t.draft.within[fk] != nil || !p.filled() || p.rows == 0 || !t.acyclic(p) || slices.ContainsFunc(fk.Columns, func(n string) bool { return !slices.Contains(u.Columns, n) }) {
			continue
		}
		if !slices.ContainsFunc(t.foreignKeys(), func(o *schema.ForeignKey) bool {
			return o != fk && slices.ContainsFunc(o.Columns, func(n string) bool { return slices.Contains(fk.Columns, n) })
		}) {
			return fk, p
		}
	}
	return nil, nil
}

// constant tells whether an index has no column, so that it holds one row.
func (t *table) constant(u *schema.Unique) bool {
	return len(u.Expressions) > 0 && len(u.Columns) == 0 && !slices.ContainsFunc(u.Expressions, func(e string) bool {
		x, err := t.parse(e)
		return err != nil || len(check.Columns(x)) > 0
	})
}

// occupied tells whether a row that stands may be the one that a state has room for.
func (t *table) occupied(s state) bool {
	d := t.draft
	if !d.hasRows(t.schema) || !d.options.Append && d.beside[t.schema] == 0 {
		return false
	}
	if s.key == nil {
		return true
	}
	p := d.byTable[d.table(s.key.RefSchema, s.key.RefTable)]
	return p == nil || p.standing
}

// inState gives the ways to satisfy the table's checks in each of its states, one each. Rows stay out of the indexes
// elsewhere; a state that no row can be in, or that other columns tell apart by many values, is none.
func (t *table) inState() (out []branch) {
	var states []state
	for _, s := range t.states() {
		if t.occupied(s) {
			t.deny(s.index)
			continue
		}
		if b := t.inOne(s); b != nil && t.fewIn(s, b) {
			t.deny(s.index)
			states = append(states, s)
		}
	}
	for _, s := range states {
		if b := t.inOne(s); b != nil {
			out = append(out, *b)
		} else if s.key != nil {
			t.denied = slices.DeleteFunc(slices.Clone(t.denied), func(u *schema.Unique) bool { return u == s.index })
		}
	}
	for i := range out {
		out[i].share /= float64(len(out))
	}
	return out
}

// inOne gives a way to be in a state under the conditions of the table's rows; nil where there is none.
func (t *table) inOne(s state) *branch {
	others := slices.DeleteFunc(t.conditions(), func(c *check.Check) bool { return c.Name == outside+s.index.Name })
	in := &check.Check{Name: "within " + s.index.Name, Expression: "(" + s.index.Where + ") is true", Columns: s.index.Depends}
	cases, err := check.Solve(t.schema, append(others, in), 1, check.OptionsOf(t.draft.db, lastMoment))
	if err != nil || len(cases) == 0 {
		return nil
	}
	b := &branch{Case: cases[0], share: usualState, index: s.index}
	for _, name := range s.index.Depends {
		if d, c := b.domain(name), t.byName[name]; d != nil && c != nil && d.Null == check.IsNull {
			b.share = max(b.share, nullShare(c))
		}
	}
	if s.key == nil {
		b.one, b.Name = true, "the_one"
		return b
	}
	b.each, b.key, b.Name = s.parent, s.key, "one_of_"+s.parent.schema.Name
	if slices.ContainsFunc(s.key.Columns, func(n string) bool { d := b.domain(n); return d != nil && (d.Null == check.IsNull || d.In != nil) }) {
		return nil
	}
	return b
}

// fewIn tells whether a parent has room for few rows in a state: besides the key, the index has columns of a few values at
// most, and it is not the key that its predicate is about.
func (t *table) fewIn(s state, b *branch) bool {
	if s.key == nil {
		return true
	}
	for _, n := range s.index.Columns {
		if sc := t.schema.Column(n); !slices.Contains(s.key.Columns, n) && (sc == nil || sc.Type.Kind != column.Bool && len(legal(sc, values(b.domain(n)))) == 0) {
			return false
		}
	}
	return slices.ContainsFunc(s.index.Depends, func(n string) bool { return !slices.Contains(s.index.Columns, n) }) || len(s.index.Columns) > len(s.key.Columns)
}

// dropStates lets no part be there for a state any more; false where none is.
func (t *table) dropStates() bool {
	if t.stateless || !slices.ContainsFunc(t.branches, func(b branch) bool { return b.inState() }) {
		return false
	}
	states := t.states()
	t.stateless = true
	t.denied = slices.DeleteFunc(slices.Clone(t.denied), func(u *schema.Unique) bool {
		return slices.ContainsFunc(states, func(s state) bool { return s.index == u && s.key != nil })
	})
	t.restart()
	return true
}

// inState tells whether the rows of a branch are those in a state that each parent, or the table, has once.
func (b *branch) inState() bool { return b.key != nil || b.one }

// room is the number of rows of a branch in a state.
func (b *branch) room(rows int64) int64 {
	if b.one {
		return 1
	}
	n := min(b.each.rows, max(1, int64(float64(rows)*b.share)))
	if b.most != nil {
		n = min(n, *b.most)
	}
	return n
}

// fillStates lets the columns of keys follow the parents of their part.
func (t *table) fillStates(c *col) {
	for i := range t.branches {
		b := &t.branches[i]
		if b.key == nil || len(c.fills) != len(t.branches) {
			continue
		}
		if at := slices.Index(b.key.Columns, c.name); at >= 0 {
			k := Candidate{Generator: short("cell", b.part+"."+b.key.RefColumns[at]), Reason: "each has one at most: " + b.key.Name, Confidence: 1, exact: true, copies: true}
			c.fills[i] = &fill{candidates: []Candidate{k}}
		}
	}
}

// sameParent tells whether all parts fill a reference with rows of the same parent.
func (c *col) sameParent() bool {
	var first *fill
	for i, f := range c.fills {
		b := &c.table.branches[i]
		switch {
		case b.key != nil && slices.Contains(b.key.Columns, c.name):
		case first == nil:
			first = f
		case f != first:
			return false
		}
	}
	return true
}
