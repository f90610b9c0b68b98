package run

import (
	"context"
	"slices"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// exact proves that a table holds the rows of a list as they were made, without looking any of them up: as many rows with
// the same digest. Every row is made once and read once, by several goroutines, and no cell becomes a text.
type exact struct {
	table   *plan.Table
	list    []sink.Range
	skip    []string // columns that are not compared
	workers int
	batch   int64         // rows that are made at once
	whole   bool          // the table is to hold no other rows; else those whose keys are not of the run do not count
	read    func(n int64) // told of rows that were read; may be nil
	scan    wideScan
}

// holds is true where that is proven. Where not, the rows may be there all the same: somebody's others, or cells that are equal
// though their digests are not.
func (e *exact) holds(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var made, read column.Digest
	var there int64
	var wg sync.WaitGroup
	wg.Go(func() {
		var err error
		if made, err = e.made(ctx); err != nil {
			cancel(err)
		}
	})
	read, there, err := e.stands(ctx)
	if err != nil {
		cancel(err)
	}
	wg.Wait()
	return made == read && there == sum(e.list), context.Cause(ctx)
}

// columns are those that are compared.
func (e *exact) columns() (out []*plan.Column) {
	for _, c := range e.table.Out {
		if !slices.Contains(e.skip, c.Name) {
			out = append(out, c)
		}
	}
	return out
}

// made sums up the rows of the list.
func (e *exact) made(ctx context.Context) (all column.Digest, err error) {
	columns := e.columns()
	next := make(chan sink.Range)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range e.workers {
		wg.Go(func() {
			var m rows.Maker
			var s column.Summer
			var d column.Digest
			for r := range next {
				b, err := m.Batch(e.table, columns, r.First, int(r.N))
				if err != nil {
					cancel(err)
					return
				}
				d.Add(s.Sum(b))
			}
			mu.Lock()
			defer mu.Unlock()
			all.Add(d)
		})
	}
feed:
	for _, r := range batches(e.list, e.batch) {
		select {
		case next <- r:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return all, context.Cause(ctx)
}

// stands sums up the rows of the table.
func (e *exact) stands(ctx context.Context) (all column.Digest, n int64, err error) {
	target := Target(e.table)
	for i := len(target.Columns) - 1; i >= 0; i-- {
		if slices.Contains(e.skip, target.Columns[i]) {
			target.Columns, target.Kinds = slices.Delete(target.Columns, i, i+1), slices.Delete(target.Kinds, i, i+1)
		}
	}
	own := e.own(target)
	readers := make([]struct {
		column.Summer
		column.Digest
		n int64
	}, max(e.workers, 1))
	err = e.scan(ctx, target, func(reader int, b *column.Batch) error {
		r := &readers[reader]
		for i, sum := range r.Rows(b) {
			if own == nil || own(b, i) {
				r.AddRow(sum)
				r.n++
			}
		}
		if e.read != nil {
			e.read(int64(b.N))
		}
		return nil
	})
	for i := range readers {
		all.Add(readers[i].Digest)
		n += readers[i].n
	}
	return all, n, err
}

// own tells which rows have keys of the list, where keys count up; nil for all.
func (e *exact) own(target *sink.Target) func(b *column.Batch, i int) bool {
	if e.whole || e.table.Key == nil {
		return nil
	}
	first, ok := e.table.Key.Consecutive()
	at := slices.Index(target.Columns, e.table.Key.Name)
	if !ok || at < 0 || target.Kinds[at] != column.Int {
		return nil
	}
	return func(b *column.Batch, i int) bool {
		v := b.Vecs[at]
		if v.Null(i) {
			return false
		}
		row := v.Ints[i] - first
		next, found := slices.BinarySearchFunc(e.list, row, func(r sink.Range, row int64) int {
			return int(min(max(r.First-row, -1), 1))
		})
		return found || next > 0 && row < e.list[next-1].First+e.list[next-1].N
	}
}

// wideScan reads all rows of a table, several readers at once.
type wideScan func(ctx context.Context, t *sink.Target, each func(reader int, b *column.Batch) error) error

// scanOf gives what reads tables of a store, over several connections where it can.
func scanOf(s sink.Store, connections int) wideScan {
	return func(ctx context.Context, t *sink.Target, each func(int, *column.Batch) error) error {
		if wide, ok := s.(sink.Scanner); ok && connections > 1 {
			return wide.ScanBeside(ctx, t, connections, each)
		}
		return s.ScanRows(ctx, t, func(b *column.Batch) error { return each(0, b) })
	}
}
