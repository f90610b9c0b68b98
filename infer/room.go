package infer

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// widen gives columns that are distinct together, and have too few values or cannot be numbered, other generators:
// without nulls, the next candidate, or parents that are alike in more rows. False where there is nothing to change.
func (t *table) widen(p *blueprint.Problem) bool {
	cause, changed := p.Cause, false
	if cause == nil {
		return false
	}
	for _, c := range t.columns {
		if c.given || c.schema == nil {
			continue
		}
		switch {
		case slices.Contains(cause.Repeats, c.name):
			if c.nulls > 0 {
				c.nulls, changed = 0, true
			} else if c.reference == nil && c.demote() {
				changed = true
			}
		case c.reference != nil || !slices.Contains(cause.Counted, c.name):
		case (c.kind() == column.Text || c.kind() == column.Date) && c.hasMore() && c.demote():
			changed = true
		case c.kind() == column.Int && p.HasMost && c.stretched(p.Most):
			changed = true
		case c.kind() == column.Int && t.byClass(c) && c.hasMore() && c.demote():
			changed = true
		}
	}
	return changed || p.CausedBy(blueprint.NothingMatches) && t.concentrate(p.Most)
}

// stretched gives an integer that no check bounds a larger end, where its table has no more than most rows for want of
// it; false where it has enough already.
func (c *col) stretched(most int64) (changed bool) {
	t := c.table
	for i := range t.branches {
		if d := t.branches[i].domain(c.name); d != nil && (d.Max != nil || d.In != nil || d.Multiple != "") {
			return false
		}
	}
	for _, f := range uniqueFills(c.fills) {
		k := f.chosen()
		if !k.Generator.open("integer") || k.Generator.has("step") {
			continue
		}
		lo, err1 := strconv.ParseInt(k.Generator.arg("min").str(), 10, 64)
		hi, err2 := strconv.ParseInt(k.Generator.arg("max").str(), 10, 64)
		end := int64(math.MaxInt32)
		if c.schema.Type.Width == 2 {
			end = math.MaxInt16
		}
		if err1 != nil || err2 != nil || hi < 0 || lo < math.MinInt32 || hi >= end {
			continue
		}
		factor := t.rows/max(most, 1) + 1
		k.Generator = call("integer", "min", lo, "max", min(end, lo+(hi-lo+1)*min(factor, math.MaxInt32)*2-1))
		changed = true
	}
	return changed
}

// concentrate lets the parents that the table's references match have fewer parents of their own, so that more of them
// agree: by as much as a problem says is missing.
func (t *table) concentrate(most int64) (changed bool) {
	done := map[*col]bool{}
	for _, c := range t.columns {
		if c.reference == nil {
			continue
		}
		for _, ref := range slices.Sorted(maps.Keys(c.reference.matching)) {
			one, other := c.reference.parent.byName[ref].source(), t.byName[c.reference.matching[ref]].source()
			if one == nil || other == nil || one.reference.parent != other.reference.parent {
				continue
			}
			both := []*col{one, other}
			if i := slices.IndexFunc(both, func(c *col) bool { return c.table.wantsUnique(c) }); i >= 0 {
				if both[i].freed() {
					return true
				}
				continue
			}
			for _, from := range both {
				if !done[from] {
					done[from] = true
					changed = from.narrow(float64(most)/float64(t.rows)) || changed
				}
			}
		}
	}
	return changed
}

// freed lets a column that is distinct for partial uniques alone have values that come twice: rows stay out of these.
func (c *col) freed() bool {
	if c.table.single(c.name) != nil || c.table.spec != nil {
		return false
	}
	for _, s := range c.table.unique {
		if len(s.columns) == 1 && s.columns[0] == c.name && s.index != nil && c.table.deny(s.index) {
			c.table.restart()
			return true
		}
	}
	return false
}

// source gives the reference that a column's cells come from, over copies; nil where it is none, or matches others.
func (c *col) source() *col {
	const deepest = 20 // copies of copies
	for range deepest {
		if c == nil || c.given || c.virtual || c.reference == nil || c.reference.parent == c.table {
			return nil
		}
		if c.reference.leader == c.name {
			if len(c.reference.matching) > 0 {
				return nil
			}
			return c
		}
		at := slices.Index(c.reference.key.Columns, c.name)
		if at < 0 {
			return nil
		}
		c = c.reference.parent.byName[c.reference.key.RefColumns[at]]
	}
	return nil
}

// narrow lets a reference lead to a share of the parents that it has led to, and somewhat fewer.
func (c *col) narrow(share float64) (changed bool) {
	for _, f := range uniqueFills(c.fills) {
		k := f.chosen()
		if !k.Generator.open("reference") {
			continue
		}
		was := c.reference.parent.rows
		if top := k.Generator.arg("top"); top.exists() {
			was, _ = strconv.ParseInt(top.str(), 10, 64)
		}
		if top := int64(float64(was) * min(0.8*share, 0.8)); top >= 1 || was > 1 {
			k.Generator, changed = k.Generator.with("top", max(top, 1)), true
		}
	}
	return changed
}

// hasMore tells whether a column has a further candidate that gives values; where its checks say what it may be, one
// that keeps them by construction.
func (c *col) hasMore() bool {
	return slices.ContainsFunc(c.fills, func(f *fill) bool {
		if f.at+1 >= len(f.candidates) {
			return false
		}
		next := &f.candidates[f.at+1]
		return !next.Generator.isNull() && (next.exact || !f.chosen().exact || !c.restricted())
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
		c.widest = &widest{most: p.Most, part: p.Part, why: p.Message}
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
			b.most = &most
			if t.divide(); t.rows == was {
				return true // the other parts take its rows
			}
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
