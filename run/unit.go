package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// unitsOf groups work as the plan's tables go together: tables that refer to one another in a circle are one
// unit.
func unitsOf(todo []*work) [][]*work {
	var units [][]*work
	for i, w := range todo {
		if i == 0 || todo[i-1].table.Unit != w.table.Unit {
			units = append(units, nil)
		}
		units[len(units)-1] = append(units[len(units)-1], w)
	}
	return units
}

// loadUnit loads tables that refer to one another in a circle. Where the database holds them to keys that
// make no circle (the load has taken some away), and no trigger wants them in one transaction, they are loaded one after the
// other, like any table; else all together, in one transaction.
func loadUnit(ctx context.Context, s sink.Sink, unit []*work, o *Options, p *progress) error {
	unit = slices.DeleteFunc(slices.Clone(unit), func(w *work) bool { return w.todo == 0 })
	j, ok := s.(sink.Joiner)
	atOnce := atOnce(unit, o)
	if len(unit) < 2 && !atOnce || !ok {
		return loadEach(ctx, s, unit, o, p)
	}
	for n := 0; ; n++ {
		edges, err := j.Edges(ctx, targetsOf(unit))
		if err != nil {
			return err
		}
		edges = slices.DeleteFunc(edges, func(e sink.Edge) bool { // a key whose cells are all null holds nobody
			return !slices.Contains(unit[e.From].table.Parents, unit[e.To].table)
		})
		if order, ok := sink.Arrange(len(unit), edges); ok && !atOnce {
			var arranged []*work
			for _, i := range order {
				arranged = append(arranged, unit[i])
			}
			return loadEach(ctx, s, arranged, o, p)
		}
		err = loadTogether(ctx, s, j, unit, o, p)
		if errors.Is(err, sink.ErrRefused) {
			return &refusal{table: refuser(ctx, s, unit, err), err: err}
		}
		if err == nil || !errors.Is(err, sink.ErrRetry) || n == retries {
			return err
		}
		p.again(unit[0].table.Name, err)
		if !backoff(ctx, n) {
			return err
		}
	}
}

// atOnce tells whether triggers want the rows of a unit in one transaction, and one batch is not all of them.
func atOnce(unit []*work, o *Options) bool {
	var tables []*plan.Table
	for _, w := range unit {
		tables = append(tables, w.table)
	}
	return plan.AtOnce(tables) && (len(unit) > 1 || unit[0].todo > o.BatchSize(unit[0].table))
}

// atOnceOf tells which tables triggers want whole in one transaction.
func atOnceOf(p *plan.Plan) map[*plan.Table]bool {
	out := map[*plan.Table]bool{}
	for _, unit := range p.Units() {
		all := plan.AtOnce(unit)
		for _, t := range unit {
			out[t] = all
		}
	}
	return out
}

// refuser gives the table of a unit whose rows were refused together with the others': the one that err names, or the first of
// which a row, tried alone, is refused for another reason than that its parents are not there yet.
func refuser(ctx context.Context, s sink.Sink, unit []*work, err error) *plan.Table {
	var at *tableError
	if errors.As(err, &at) {
		return at.table
	}
	var by *sink.RefusedBy
	if errors.As(err, &by) {
		if i := slices.IndexFunc(unit, func(w *work) bool { return w.table.Schema == by.Table }); i >= 0 {
			return unit[i].table
		}
	}
	p, ok := s.(sink.Prober)
	for _, w := range unit {
		if !ok || len(w.ranges) == 0 {
			continue
		}
		var m rows.Maker
		b, err := m.Batch(w.table, w.table.Out, w.ranges[0].First, int(min(w.ranges[0].N, tried)))
		if err != nil {
			continue
		}
		found, err := p.Try(ctx, w.target, b, false)
		if err == nil && slices.ContainsFunc(found, func(e error) bool { return errors.Is(e, sink.ErrRefused) && !errors.Is(e, sink.ErrParent) }) {
			return w.table
		}
	}
	return unit[0].table
}

// loadEach loads one table after the other.
func loadEach(ctx context.Context, s sink.Sink, todo []*work, o *Options, p *progress) error {
	for _, w := range todo {
		if err := loadTables(ctx, s, []*work{w}, o, p); err != nil {
			return err
		}
	}
	return nil
}

// tableError is an error of loading one table.
type tableError struct {
	table *plan.Table
	err   error
}

func (e *tableError) Error() string { return e.err.Error() }
func (e *tableError) Unwrap() error { return e.err }

// loadTogether loads tables as one transaction.
func loadTogether(ctx context.Context, s sink.Sink, j sink.Joiner, unit []*work, o *Options, p *progress) (err error) {
	g, err := j.Join(ctx, targetsOf(unit))
	if err != nil {
		return err
	}
	defer func() {
		if e := g.Close(); e != nil && err == nil && ctx.Err() == nil {
			err = e
		}
	}()
	m := newBatchMaker(s)
	bytes := make([]int64, len(unit))
	for _, i := range g.Order() {
		w, started := unit[i], time.Now()
		for _, at := range batches(w.ranges, o.BatchSize(w.table)) {
			b, err := m.batch(w.table, at)
			if err != nil {
				return err
			}
			if err := g.Write(ctx, i, b); err != nil {
				return &tableError{w.table, fmt.Errorf("load %s rows %d-%d: %w", w.table.Name, at.First, at.First+at.N-1, err)}
			}
			bytes[i] += b.Bytes()
		}
		p.took(w.table.Name, time.Since(started))
	}
	counted, err := g.Commit(ctx)
	if err != nil {
		return err
	}
	for i, w := range unit {
		if counted[i] != w.todo {
			return fmt.Errorf("%s: %d rows were sent and %d counted", w.table.Name, w.todo, counted[i])
		}
		p.add(w.table.Name, counted[i], bytes[i], nil)
	}
	return nil
}

func targetsOf(todo []*work) []*sink.Target {
	out := make([]*sink.Target, len(todo))
	for i, w := range todo {
		out[i] = w.target
	}
	return out
}

// circular tells which tables are in a circle with others.
func circular(p *plan.Plan) map[*plan.Table]bool {
	out := map[*plan.Table]bool{}
	for _, unit := range p.Units() { // a standing table needs nobody
		for _, t := range unit {
			out[t] = len(unit) > 1
		}
	}
	return out
}
