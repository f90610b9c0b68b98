package run

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// takeWhole finds the tables that hold exactly the run's rows, all as they were made, and to which no others refer: they need
// no marks. None where the database cannot empty tables at once.
func (c *cleaning) takeWhole(ctx context.Context) (taken []*plan.Table, err error) {
	e, ok := c.Cleaning.(sink.Emptier)
	if !ok {
		return nil, nil
	}
	var tables []*plan.Table
	var targets []*sink.Target
	var counts []int64
	for _, t := range filled(c.plan) {
		if n := sum(c.made[t]); n > 0 && len(t.Adopted) == 0 && len(otherwise(t.Out)) == 0 && len(findBy(t, c.findings.Changed[t.Name])) > 0 {
			tables, targets, counts = append(tables, t), append(targets, Target(t)), append(counts, n)
		}
	}
	if len(tables) == 0 {
		return nil, nil
	}
	may, err := e.Emptyable(ctx, targets, counts)
	if err != nil {
		return nil, err
	}
	var proven []*sink.Target
	for i, t := range tables {
		if !may[i] {
			continue
		}
		ok, err := c.holdsWhole(ctx, e, t)
		if err != nil {
			return nil, err
		}
		if ok {
			proven = append(proven, targets[i])
		}
	}
	for i, ok := range e.Take(proven) {
		if ok {
			at := slices.IndexFunc(tables, func(t *plan.Table) bool { return t.Name == proven[i].Name })
			taken = append(taken, tables[at])
		}
	}
	return taken, nil
}

// holdsWhole tells whether a table is proven to hold the rows that were made.
func (c *cleaning) holdsWhole(ctx context.Context, e sink.Emptier, t *plan.Table) (bool, error) {
	var done atomic.Int64
	total := sum(c.made[t])
	connections := c.options.workers()
	if total < smallTable {
		connections = 1
	}
	x := &exact{
		table: t, list: c.made[t], skip: c.findings.Changed[t.Name], workers: connections, batch: c.options.BatchSize(t), whole: true,
		read: func(n int64) { c.progress.read("verify", t.Name, min(done.Add(n), total), total, n) },
		scan: func(ctx context.Context, target *sink.Target, each func(int, *column.Batch) error) error {
			return e.ScanWhole(ctx, target, connections, each)
		},
	}
	return x.holds(ctx)
}

// emptyTaken empties the tables that are taken as they are. Where they were changed meanwhile, or others use them, their
// rows are marked as all others, and none are taken.
func (c *cleaning) emptyTaken(ctx context.Context, taken *[]*plan.Table) error {
	e, ok := c.Cleaning.(sink.Emptier)
	if !ok || len(*taken) == 0 {
		return nil
	}
	if ok, err := e.EmptyTaken(ctx); ok || err != nil {
		return err
	}
	late := *taken
	*taken = nil
	e.Take(nil)
	return c.look(ctx, func(t *plan.Table) bool { return slices.Contains(late, t) }, nil)
}
