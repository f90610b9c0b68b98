package plan

import (
	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// fixedOf gives the cells of fixed rows as makers see them.
func fixedOf(spec *blueprint.Table, name string, rows int64) []gen.Fixed {
	out := make([]gen.Fixed, min(int64(len(spec.Fixed)), rows))
	for i := range out {
		for _, cell := range spec.Fixed[i].Cells {
			if cell.Column == name {
				out[i] = gen.Fixed{Given: true, Value: cell.Value.V}
			}
		}
	}
	return out
}

// given settles the cells of fixed rows.
func (b *builder) given(c *Column) error {
	failed := false
	for i, f := range c.Table.spec.Fixed {
		for _, cell := range f.Cells {
			if cell.Column != c.Name || int64(i) >= c.Table.Rows {
				continue
			}
			v, err := valueCell(c, cell.Value.V)
			if err != nil {
				b.problemOn(c, cell.Pos, "", "%s.%s: fixed row %s: %v", c.Table.Name, c.Name, f.Name, err)
				failed = true
				continue
			}
			if l := c.links[0]; l != nil && !v.Null(0) && (l.copied || l.null && c.refers()) {
				b.problemOn(c, cell.Pos, "leave the cell out", "%s.%s: fixed row %s: the row's parent is decided elsewhere (%s)", c.Table.Name, c.Name, f.Name, c.Nodes[0].Fill)
				failed = true
				continue
			}
			c.setFixed(int64(i), v)
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// refers tells whether the column refers to a parent in any part.
func (c *Column) refers() bool {
	for _, l := range c.links {
		if l != nil && !l.null {
			return true
		}
	}
	return false
}

func (c *Column) setFixed(row int64, v *column.Vec) {
	if c.fixed == nil {
		c.fixed = map[int64]*column.Vec{}
	}
	c.fixed[row] = v
}
