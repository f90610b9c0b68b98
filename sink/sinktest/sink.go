package sinktest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// Every kind comes back as it was written, cell by cell.
func (f *Factory) testCells(t *testing.T) {
	o := f.open(t, kindsTable())
	// Enough rows that each hard cell of each column comes with and without the nulls around it.
	rows := hardRows(o.targets[0], 0, 300)
	o.load(o.targets[0], rows)
	o.check(rows)
}

// Batches may have any size, none included; nothing of a batch is kept after Write.
func (f *Factory) testBatchSizes(t *testing.T) {
	o := f.open(t, itemsTable())
	l := o.loader(o.targets[0])
	o.commit(l, 0)
	var first int64
	for _, n := range []int{0, 1, 4096, 0, 2, 4096, 1} {
		b := itemRows(first, n)
		o.write(l, b)
		for _, v := range b.Vecs {
			scribble(v)
		}
		o.commit(l, int64(n))
		first += int64(n)
	}
	o.commit(l, 0)
	o.close(l)
	o.check(itemRows(0, int(first)))
}

// scribble overwrites the memory of a Vec, as its next batch will.
func scribble(v *column.Vec) {
	clear(v.Ints)
	clear(v.Floats)
	for i := range v.Data {
		v.Data[i] = '?'
	}
	k := v.Kind
	v.Reset(k)
}

// A target's columns come in its own order, and may be fewer than the table's.
func (f *Factory) testColumnOrder(t *testing.T) {
	o := f.open(t, itemsTable())
	all := o.targets[0]
	target := &sink.Target{Table: all.Table, Name: all.Name}
	rows := itemRows(0, 50)
	b := &column.Batch{N: rows.N}
	for _, name := range []string{"id", "made_at", "ref", "name"} {
		b.Names = append(b.Names, name)
		b.Vecs = append(b.Vecs, rows.Col(name))
		target.Columns = append(target.Columns, name)
		target.Kinds = append(target.Kinds, rows.Col(name).Kind)
	}
	o.targets[0] = target
	o.load(target, b)
	o.check(b)
}

// A transaction may hold several batches, and a loader several transactions.
func (f *Factory) testCommits(t *testing.T) {
	o := f.open(t, itemsTable(), kindsTable())
	l := o.loader(o.targets[0])
	other := o.loader(o.targets[1])
	for i := range int64(6) {
		o.write(l, itemRows(i*30, 10))
		o.write(l, itemRows(i*30+10, 20))
		if i%2 == 1 {
			o.commit(l, 60)
		}
		o.write(other, hardRows(o.targets[1], i*5, 5))
	}
	o.commit(other, 30)
	o.close(l)
	o.close(other)
	o.check(itemRows(0, 180), hardRows(o.targets[1], 0, 30))
}

// Close without Commit leaves nothing, and does not stand in the way of the same rows from another.
func (f *Factory) testAbort(t *testing.T) {
	o := f.open(t, itemsTable())
	target := o.targets[0]
	l := o.loader(target)
	o.write(l, itemRows(0, 100))
	o.commit(l, 100)
	o.write(l, itemRows(100, 100))
	o.write(l, itemRows(200, 4096))
	o.close(l)
	if !f.Whole {
		o.stands(target, itemRows(0, 100))
	}
	o.load(target, itemRows(100, 50))
	o.check(itemRows(0, 150))
}

// A sink whose rows appear as a whole shows nothing without Finish; others keep what was committed.
func (f *Factory) testNoFinish(t *testing.T) {
	o := f.open(t, itemsTable())
	target := o.targets[0]
	o.load(target, itemRows(0, 10))
	if f.Whole {
		o.closeSink()
		o.stands(target, itemRows(0, 0))
		return
	}
	o.stands(target, itemRows(0, 10))
}

// Several loaders of several tables, each on a goroutine, take ranges from a common counter.
func (f *Factory) testParallel(t *testing.T) {
	o := f.open(t, itemsTable(), kindsTable())
	const loaders, batches, items, hard = 4, 40, 250, 3 // the last two are rows a batch
	var total atomic.Int64
	var wg sync.WaitGroup
	for k := range o.targets {
		batch := func(i int64) *column.Batch {
			if k == 0 {
				return itemRows(i*items, items)
			}
			return hardRows(o.targets[k], i*hard, hard)
		}
		var next atomic.Int64
		for w := range loaders {
			wg.Go(func() {
				l, err := o.sink.Loader(o.ctx, o.targets[k])
				if err != nil {
					t.Error(err)
					return
				}
				defer l.Close()
				var waiting int64
				for {
					i := next.Add(1) - 1
					if i < batches {
						b := batch(i)
						if err := l.Write(o.ctx, b); err != nil {
							t.Error(err)
							return
						}
						waiting += int64(b.N)
					}
					if i >= batches || i%3 == int64(w%3) {
						n, err := l.Commit(o.ctx)
						if err != nil || n != waiting {
							t.Errorf("Commit says %d rows, %v; want %d", n, err, waiting)
							return
						}
						total.Add(n)
						waiting = 0
					}
					if i >= batches {
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if got := total.Load(); got != batches*(items+hard) {
		t.Fatalf("all commits together say %d rows, want %d", got, batches*(items+hard))
	}
	o.check(itemRows(0, batches*items), hardRows(o.targets[1], 0, batches*hard))
}

// A cancelled context fails the call and leaves nothing of the transaction.
func (f *Factory) testCancelled(t *testing.T) {
	o := f.open(t, itemsTable())
	target := o.targets[0]
	ctx, cancel := context.WithCancel(o.ctx)
	l := o.loader(target)
	o.write(l, itemRows(0, 10))
	o.commit(l, 10)
	o.write(l, itemRows(10, 10))
	cancel()
	if n, err := l.Commit(ctx); err == nil {
		t.Errorf("Commit under a cancelled context says %d rows and no error", n)
	}
	o.close(l)
	if !f.Whole {
		o.stands(target, itemRows(0, 10))
	}
	o.load(target, itemRows(10, 5))
	o.check(itemRows(0, 15))
}

// A table that gets no rows is there all the same.
func (f *Factory) testNoRows(t *testing.T) {
	o := f.open(t, itemsTable(), kindsTable())
	o.close(o.loader(o.targets[0]))
	o.check(itemRows(0, 0), hardRows(o.targets[1], 0, 0))
}
