package run

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// maxParents bounds the rows of one standing table that serve as parents: memory holds them as long as the
// plan. They are the first by key, so that rows which come later change nothing.
const maxParents = 100_000

// Standing reads the rows of a blueprint's standing tables that its references need, as plan.Options wants
// them; nil where it has none.
func Standing(ctx context.Context, s sink.Store, b *blueprint.Blueprint, db *schema.Database) (map[string]*column.Batch, error) {
	columns := plan.StandingColumns(b, db)
	if len(columns) == 0 {
		return nil, nil
	}
	o, ok := s.(sink.Oracle)
	if !ok {
		return nil, fmt.Errorf("this database cannot give the rows of standing tables")
	}
	out := map[string]*column.Batch{}
	for name, cols := range columns {
		t := db.Table(name)
		if t == nil || len(cols) == 0 { // the plan says what is wrong, or nobody refers to it
			continue
		}
		rows, err := o.Keys(ctx, t, cols, maxParents)
		if err != nil {
			return nil, fmt.Errorf("%s: reading the rows that stand: %w", name, err)
		}
		out[name] = rows
	}
	return out, nil
}

// filled gives the tables that a run writes: all but the standing ones and those that triggers fill, which are never loaded, counted,
// locked, analyzed or verified.
func filled(p *plan.Plan) []*plan.Table {
	out := make([]*plan.Table, 0, len(p.Tables))
	for _, t := range p.Tables {
		if !t.Standing && !t.Triggered {
			out = append(out, t)
		}
	}
	return out
}
