package plan

import (
	"fmt"

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
		p := s.twosome(part)
		if p == nil {
			return nil, false
		}
		out = append(out, p)
	}
	return out, true
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
	if n == nil || n.joint != nil || n.match != nil || len(n.Inputs) > 0 || n.Local && part < 0 && len(s.table.Parts) > 1 {
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
