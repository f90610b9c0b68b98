package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// notMade gives, of the rows that have keys of the run's, those that it did not make: most of their other cells are not
// those that were made. It is asked where the ledger says that other rows are there: some were deleted, or inserted.
func (g *generation) notMade(ctx context.Context, t *plan.Table, there []sink.Range) (out []int64, err error) {
	var compared []int
	for j, c := range t.Out {
		if c != t.Key && !g.fresh[c] && c.Otherwise() == nil && !slices.Contains(g.changed[t.Name], c.Name) {
			compared = append(compared, j)
		}
	}
	if len(compared) == 0 || g.record.Identity != g.plan.Identity() {
		return nil, nil
	}
	var m rows.Maker
	for _, r := range batches(there, 5000) {
		var list []int64
		for row := r.First; row < r.First+r.N; row++ {
			if !t.Adopted[row] {
				list = append(list, row)
			}
		}
		if len(list) == 0 {
			continue
		}
		made, err := m.Rows(t, t.Out, list)
		if err != nil {
			return nil, err
		}
		var read column.Batch
		for range t.Out {
			read.Vecs = append(read.Vecs, new(column.Vec))
		}
		stands, err := g.store.ReadRows(ctx, Target(t), t.Key.Name, made.Col(t.Key.Name), &read)
		if err != nil {
			return nil, err
		}
		at := 0
		for i := range made.N {
			if !stands[i] {
				continue
			}
			differ := 0
			for _, j := range compared {
				if !made.Vecs[j].Equal(i, read.Vecs[j], at) {
					differ++
				}
			}
			at++
			if 2*differ > len(compared) {
				out = append(out, list[i])
			}
		}
	}
	return out, nil
}

// inTheWay is an error where rows that the run did not make have its keys, so that it cannot be completed.
func inTheWay(run int64, t *plan.Table, rows []int64) error {
	return fmt.Errorf("%s: %d rows that were not made by run %d have keys (%s) that it took for its own rows, some of which are gone: "+
		"give these rows other keys, or delete them, and run the same command again; or start anew with --fresh, which leaves them as they are",
		t.Name, len(rows), run, t.Key.Name)
}
