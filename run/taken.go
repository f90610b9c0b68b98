package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// noteTaken keeps which rows of a table triggers took away after they were written: a verification does not miss them,
// and another call does not make them again. A table of which none is left counts as left out.
func (g *generation) noteTaken(ctx context.Context, s *schema.Table) error {
	at := slices.IndexFunc(g.plan.Tables, func(t *plan.Table) bool {
		return t.Schema == s && t.Rows > 0 && !t.Standing && !t.Triggered
	})
	if at < 0 || g.isSkipped(g.plan.Tables[at].Name) {
		return nil
	}
	t := g.plan.Tables[at]
	stands, err := g.stillThere(ctx, t)
	if err != nil {
		return err
	}
	if sum(stands) == 0 {
		tr := g.progress.table(t.Name)
		g.report.Rows -= tr.Made
		tr.Made, tr.Stood = 0, 0
		g.leaveOut(t, "triggers took all its rows away again"+g.writers(ctx, s))
		return nil
	}
	var gone []int64
	for _, r := range missing(t.Rows, slices.Concat(stands, g.left[t.Name].ranges(), adoptedRanges(t))) {
		if int64(len(gone))+r.N > mostLeft {
			return nil // the notice of the counts says it
		}
		for row := r.First; row < r.First+r.N; row++ {
			gone = append(gone, row)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err = g.leaver(t)(ctx, gone, "triggers took them away again"+g.writers(ctx, s))
	return err
}

// stillThere gives the rows of a table that stand, as far as its key tells: of a table without one all, or none.
func (g *generation) stillThere(ctx context.Context, t *plan.Table) ([]sink.Range, error) {
	all := []sink.Range{{First: 0, N: t.Rows}}
	if t.Key != nil {
		return present(ctx, g.store, t, all, g.options.chunk())
	}
	n, err := g.store.CountRows(ctx, t.Schema)
	if err != nil {
		return nil, fmt.Errorf("%s: count the rows that triggers left: %w", t.Name, err)
	}
	if n == 0 {
		return nil, nil
	}
	return all, nil
}
