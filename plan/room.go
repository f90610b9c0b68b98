package plan

import "github.com/sowerdata/sower/gen"

// Room is how many different combinations the cells of columns that are unique together can have in rows that stand
// and those of the plan: known where all rows are dealt theirs from one numbering. It is not where one of the columns
// refers to rows that the plan makes, since no row that stands refers to these.
func (t *Table) Room(columns []string) (card uint64, known bool) {
	for _, name := range columns {
		c := t.byName[name]
		if c == nil || c.drawn().Target != nil && !c.drawn().Target.Standing {
			return 0, false
		}
		if n, ok := c.numbering(len(columns) == 1); ok {
			card, known = n, true
		}
	}
	return card, known
}

// drawn is the column whose draw gives the cells: that of parent row numbers, where there is one.
func (c *Column) drawn() *Column {
	if c.Link != nil {
		return c.Link
	}
	return c
}

// Source is the column of the same rows that is drawn where this one copies its cells, in some part of the table at
// least: the column itself where it copies none.
func (c *Column) Source() *Column {
	for _, n := range c.Nodes {
		if n.copies() && len(n.Inputs[0].Links) == 0 && n.Inputs[0].Column != c {
			return n.Inputs[0].Column.Source()
		}
	}
	return c
}

// numbering gives the length of the numbering that deals the column its cells, by itself or together with others.
func (c *Column) numbering(alone bool) (uint64, bool) {
	d := c.drawn()
	if len(d.Nodes) == 0 || d.Shared() == nil || d.Nodes[0].Local && len(c.Table.Parts) > 1 {
		return 0, false
	}
	n, fill := d.Nodes[0], d.Nodes[0].Fill
	if w, ok := fill.(interface{ Unwrap() gen.Filler }); ok { // some are null
		fill = w.Unwrap()
	}
	switch ix, ok := fill.(gen.Indexed); {
	case n.joint != nil:
		return n.joint.at.perm.Len(), !n.joint.turns
	case ok && alone && (isDistinct(fill) || c.Table.Rows == 1):
		return ix.Card(), ix.Card() > 0
	}
	return 0, false
}

// Positions tells how the rows of columns that are unique together lie in their numbering, and Deal gives a row the
// combination at another position of it: by an attempt whose number is beyond those that count.
func (t *Table) Positions(columns []*Column) (at func(row int64) uint64, deal func(row int64, position uint64)) {
	dealer := columns[0]
	for _, c := range columns {
		if _, ok := c.numbering(len(columns) == 1); ok {
			dealer = c
		}
	}
	at = func(row int64) uint64 { return gen.Position(row, dealer.drawn().Attempt(row), t.Rows) }
	return at, func(row int64, position uint64) { dealer.SetAttempt(row, gen.At(position)) }
}

func isDistinct(f gen.Filler) bool {
	d, ok := f.(gen.Distinct)
	return ok && d.Distinct()
}
