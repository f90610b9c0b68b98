package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// unit is what columns of a set are drawn as that are not numbered by their values alone: a pair, or a column by the
// values of an expression over it.
type unit interface {
	drawn() []*Column // its columns, or those of the parents' row numbers
	card() uint64     // its values
	describe() string
	// give lets the columns' nodes in a part (-1: of all of them) draw the digit of a combination's number at a place.
	give(s *together, at place, key rng.Key, part int)
	// given gives the digit of a fixed row whose other cells have the drawn digit; known is false where no digit has
	// the row's cells.
	given(row int64, drawn uint64) (digit uint64, known, null bool)
}

// units gives what of a set has units, in a part (-1: in all of them), and whether all of them can be numbered.
func (s *together) units(b *builder, part int) (out []unit, ok bool) {
	if s.pair != nil {
		if p := s.twosome(part); p != nil {
			out = append(out, p)
		} else if k := s.kindred(b, part); k != nil {
			out = append(out, k)
		} else {
			return nil, false
		}
	}
	if s.index == "" {
		return out, true
	}
	all, ok := s.classes(b, part)
	for _, k := range all {
		out = append(out, k)
	}
	return out, ok
}

// single gives the column that is drawn for one of the set's, where its values are numbered in a part; nil where they
// are not.
func (s *together) single(name string, part int) *Column {
	c := s.table.byName[name]
	if c == nil || c.state != compiled {
		return nil
	}
	if c.Link != nil {
		c = c.Link
	}
	n := c.Shared()
	if part >= 0 {
		n = c.Nodes[part]
	}
	if n == nil || n.joint != nil || n.match != nil || len(n.Inputs) > 0 || n.When != nil || n.Local && part < 0 && len(s.table.Parts) > 1 {
		return nil
	}
	if ix, ok := n.Fill.(gen.Indexed); !ok || ix.Card() == 0 {
		return nil
	}
	return c
}

// indexGiven gives the index of a fixed row's cell among the values of a column.
func indexGiven(c *Column, ix gen.Indexed, row int64) (uint64, bool) {
	cell := c.FixedCell(row)
	if c.Target == nil {
		return indexOf(ix, cell.String(0), c.Single)
	}
	live, is := ix.(*livePick)
	if !is {
		return uint64(cell.Ints[0]), true
	}
	for i, r := range live.live {
		if int64(r) == cell.Ints[0] {
			return uint64(i), true
		}
	}
	return 0, false
}

// unitText names what has a unit's values.
func unitText(c *Column) string {
	if c.Target != nil {
		return c.Target.Name
	}
	return fmt.Sprintf("the values of %s", c.Name)
}

// leastOf gives the sets that the others follow from: what is distinct in few columns is so in more.
func leastOf(sets []*together) (least []*together) {
	slices.SortStableFunc(sets, func(a, b *together) int { return len(a.names) - len(b.names) })
	for _, s := range sets {
		for _, o := range sets { // a set within one of unordered pairs is one of these, so that it holds the other
			if o.unordered() && !s.unordered() && s.within(o.names) && slices.Contains(s.names, o.pair.Left) && slices.Contains(s.names, o.pair.Right) {
				s.pair = o.pair
			}
		}
	}
	for i, s := range sets {
		if !slices.ContainsFunc(sets[:i], func(held *together) bool { return held.within(s.names) && held.holds(s.pair) }) {
			least = append(least, s)
		}
	}
	return slices.DeleteFunc(least, func(s *together) bool { // in the same columns
		return s.pair == nil && s.index == "" && slices.ContainsFunc(least, func(o *together) bool { return o != s && o.pair != nil && o.within(s.names) })
	})
}

// unordered tells whether the order of two of the set's columns does not matter.
func (s *together) unordered() bool { return s.pair != nil && !s.pair.Ordered }

// holds tells whether a set of these columns keeps a pair of a wider one too.
func (s *together) holds(pair *blueprint.Pair) bool {
	return s.index == "" && (pair == nil || s.pair != nil && (pair.Ordered || !s.pair.Ordered) && (pair.Equal || !s.pair.Equal))
}

// kind puts sets with units before others: these cannot be held by drawing again.
func (s *together) kind() int {
	if s.pair != nil || s.index != "" {
		return 1
	}
	return 0
}
