package rows

import (
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

// Scan makes cells of all rows of a table, in their order. It is a plan.Scan.
func Scan(t *plan.Table, read []plan.Input, each func(first int64, cells []*column.Vec) error) error {
	const batch = 1 << 12
	var m Maker
	cells := make([]*column.Vec, len(read))
	for first := int64(0); first < t.Rows; first += batch {
		m.reset()
		f := m.frame(t, gen.Rows{First: first, N: int(min(batch, t.Rows-first))})
		for i, in := range read {
			v, err := f.through(in.Links, in.Column)
			if err != nil {
				return err
			}
			cells[i] = v
		}
		if err := each(first, cells); err != nil {
			return err
		}
	}
	return nil
}
