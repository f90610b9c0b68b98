package run

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// loadAll loads what is missing. Where another writer takes a unique value meanwhile, the cells are
// drawn again and the batches that did not stand are repeated. A table that the database does not take is left out
// where the options say so.
func (g *generation) loadAll(ctx context.Context, f found) ([]*work, error) {
	const tries = 5
	defer g.tellLeft()
	defer g.tellFewer()
	before, err := g.countTables(ctx)
	if err != nil {
		return nil, err
	}
	todo := g.todo(f)
	var missing int64
	for _, w := range todo {
		missing += w.todo
		g.report.Tables = append(g.report.Tables, TableReport{Name: w.table.Name, Stood: w.table.Rows - w.todo - int64(len(g.left[w.table.Name].Rows)), Total: w.table.Rows})
	}
	if missing > 0 && f != nil { // a resume: values may have come to stand since
		if err := g.save(ctx, sink.Running); err != nil { // this also brings the record to today's form
			return nil, err
		}
		if err := g.redrawAndSave(ctx, todo); err != nil {
			return nil, err
		}
	}
	for try := 1; ; try++ {
		retried := g.progress.retried
		err := load(ctx, g.store, todo, g.options, g.progress, func(unit []*work) error { return g.noteChanged(ctx, unit) })
		if err == nil && g.progress.retried == retried {
			return todo, g.noteAll(ctx, before, todo)
		}
		var at *tableError
		if errors.Is(err, sink.ErrUnique) && errors.As(err, &at) {
			if made := g.madeByTriggers(ctx, at.table); made != nil {
				err = made
			}
		}
		switch {
		case g.skip(ctx, err):
			if err := g.save(ctx, sink.Running); err != nil {
				return todo, err
			}
			try-- // there are only so many tables
		case err != nil && !errors.Is(err, sink.ErrUnique), try == tries:
			if errors.Is(err, sink.ErrRefused) || errors.Is(err, sink.ErrUnique) { // else the server may be gone
				if e := g.noteTriggers(ctx, before, todo); e != nil {
					g.options.log().Warn("what triggers did is not in the record of the run", "error", e)
				}
			}
			return todo, err
		case err != nil:
			g.options.log().Warn("a value came to stand during the load", "error", err)
		}
		// Without an error: a server that broke down meanwhile may have lost commits that it had acknowledged.
		var clash error
		if f, clash, err = g.standing(ctx, nil); err == nil {
			err = clash
		}
		if err != nil {
			return nil, err
		}
		todo = g.todo(f)
		if err := g.redrawAndSave(ctx, todo); err != nil {
			return nil, err
		}
	}
}

// noteAll notes what triggers did while tables were loaded.
func (g *generation) noteAll(ctx context.Context, before counts, todo []*work) error {
	if err := g.compareCounts(ctx, before, todo); err != nil {
		return err
	}
	_, err := g.findChanged(ctx, todo, triggered(g.plan))
	return err
}

// todo gives what is missing of all tables but those that are left out.
func (g *generation) todo(f found) []*work {
	var todo []*work
	for _, t := range filled(g.plan) {
		if !g.isSkipped(t.Name) {
			w := newWork(t, slices.Concat(f[t], g.left[t.Name].ranges()))
			g.spare(w)
			todo = append(todo, w)
		}
	}
	return todo
}

// standing finds this run's rows that exist. Where keys say otherwise than the ledger (someone deleted rows), the
// ledger is corrected. clash says that rows which the run did not make have keys of its own. Of fresh tables it has none.
func (g *generation) standing(ctx context.Context, fresh []*plan.Table) (f found, clash, err error) {
	f = found{}
	unkeyed, err := unkeyedTables(ctx, g.store, g.plan)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range filled(g.plan) {
		if slices.Contains(fresh, t) {
			continue
		}
		entries, err := g.store.Ledger(ctx, g.record.Number, t.Name)
		if err != nil {
			return nil, nil, err
		}
		ledger := committed(entries)
		if unkeyed[t] {
			back, err := g.rekeyed(ctx, t, ledger)
			if err != nil {
				return nil, nil, err
			}
			if !back {
				f[t] = ledger
				continue
			}
			unkeyed = nil
		}
		if !keyed(t) && g.record.State == sink.Complete {
			ledger = []sink.Range{{First: 0, N: t.Rows}} // rows without a key cannot be told from others
			if n, err := g.emptied(ctx, t); err != nil {
				return nil, nil, err
			} else if n {
				ledger = nil
			}
		}
		if f[t], err = present(ctx, g.store, t, ledger, g.options.chunk()); err != nil {
			return nil, nil, err
		}
		if keyed(t) && g.record.State == sink.Running && sum(f[t]) > sum(ledger) && !g.isSkipped(t.Name) {
			// Rows with this run's keys, which it did not write.
			if err := g.madeByTriggers(ctx, t); err != nil && !g.skip(ctx, err) {
				return nil, nil, err
			}
		}
		if n := sum(f[t]); keyed(t) && n > 0 && n != sum(ledger) && !g.isSkipped(t.Name) {
			others, err := g.notMade(ctx, t, f[t])
			if err != nil {
				return nil, nil, err
			}
			if len(others) > 0 {
				clash = cmp.Or(clash, inTheWay(g.record.Number, t, others))
				var own []sink.Range
				for _, r := range f[t] {
					own = append(own, missingOf(r, Left{Rows: others}.ranges())...)
				}
				f[t] = own
			}
		}
		if keyed(t) {
			if err := g.correctLedger(ctx, t, entries, f[t]); err != nil {
				return nil, nil, err
			}
		}
	}
	return f, clash, nil
}

// sum is the number of rows of ranges.
func sum(ranges []sink.Range) (n int64) {
	for _, r := range ranges {
		n += r.N
	}
	return n
}

func (g *generation) redrawAndSave(ctx context.Context, todo []*work) error {
	n, err := g.redraw(ctx, todo)
	if err != nil || n == 0 {
		return err
	}
	return g.save(ctx, sink.Running)
}

// emptied tells whether a table whose rows had a key that nothing makes any more holds none.
func (g *generation) emptied(ctx context.Context, t *plan.Table) (bool, error) {
	if t.Key == nil {
		return false, nil
	}
	n, err := g.store.CountRows(ctx, t.Schema)
	return n == 0, err
}
