package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
)

// outsideOf gives the condition that keeps rows out of a partial unique as a check of the columns that its predicate reads.
func (t *table) outsideOf(k *check.Check) *schema.Check {
	out := t.draft.condition(k)
	if e, err := t.parse(k.Expression); err == nil {
		out.Columns = check.Columns(e)
	}
	return out
}

// guardOutside lets rows that have no place in a partial unique be drawn again until they are outside of it: all but those
// of the part that is in its state.
func (t *table) guardOutside() {
	for _, c := range t.conditions() {
		name, is := strings.CutPrefix(c.Name, outside)
		if !is || t.spec != nil {
			continue
		}
		k := t.outsideOf(c)
		if _, err := t.draft.compile(t, k); err != nil || t.trusts(k) {
			continue
		}
		g := guard{check: name, redraw: t.redrawn(k.Columns)}
		if len(g.redraw) == 0 || !slices.ContainsFunc(t.schema.Uniques, func(u *schema.Unique) bool { return u.Name == name && u.Where != "" }) {
			continue
		}
		for i := range t.branches {
			if b := &t.branches[i]; b.index == nil || b.index.Name != name {
				g.parts = append(g.parts, b.part)
			}
		}
		if len(g.parts) == len(t.branches) {
			g.parts = nil
		}
		t.guards = append(t.guards, g)
	}
}

// free tells which of some rows a condition is not about: those of the part which is in the state of the partial unique that
// others stay out of; nil where it is about all.
func (t *table) free(k *schema.Check, pt *plan.Table, rows []int64) (free []bool) {
	name, is := strings.CutPrefix(k.Name, outside)
	if !is {
		return nil
	}
	free = make([]bool, len(rows))
	for _, b := range t.branches {
		if b.index == nil || b.index.Name != name {
			continue
		}
		for _, p := range pt.Parts {
			for i, row := range rows {
				free[i] = free[i] || p.Name == b.part && row >= p.First && row-p.First < p.Rows
			}
		}
	}
	return free
}

// letIn gives up on keeping rows out of a partial unique, where no generator does: all rows are distinct in its columns
// then. False where that is not possible.
func (t *table) letIn(k *schema.Check) bool {
	if t.dropStates() {
		return true
	}
	if t.spec != nil || !t.admit(k.Name) {
		return false
	}
	t.restart()
	return true
}

// anyBut tells whether anything is true that is not free.
func anyBut(bad, free []bool) bool {
	for i := range bad {
		if bad[i] && (i >= len(free) || !free[i]) {
			return true
		}
	}
	return false
}
