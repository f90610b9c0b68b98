package sinktest

import (
	"context"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Factory makes the sinks that Exercise tests.
type Factory struct {
	// Open makes a fresh, empty sink in which the tables stand, made by the sink's own DDL from their
	// columns' Types (Name, Kind, Width, Length, Precision, Scale), primary key and uniques. Columns with
	// an Identity have their own sequence. Called once for each subtest, which closes the sink; whatever
	// else Open made is undone by t.Cleanup.
	Open func(t *testing.T, tables []*schema.Table) sink.Sink

	// Reopen opens the same database once more, as a second process would. Required of Stores.
	Reopen func(t *testing.T, s sink.Sink) sink.Sink

	// Read gives all rows of a target in the order of its first column, as Vecs of target.Kinds, read by
	// other means than the sink's own where there are any. A table that is not there has no rows. nil
	// where what was written cannot be read.
	Read func(t *testing.T, s sink.Sink, target *sink.Target) *column.Batch

	// Whole says that rows can be read only after Finish and Close, and that a table's rows are taken in
	// the order of their numbers, from 0 and without gaps (a file).
	Whole bool

	// Holds tells whether a column can hold its kind's cells; nil: all can.
	Holds func(c *schema.Column) bool
}

// Exercise runs the suite as subtests of t under the given name.
func Exercise(t *testing.T, name string, f Factory) {
	t.Run(name, func(t *testing.T) {
		t.Run("cells", f.testCells)
		t.Run("batch sizes", f.testBatchSizes)
		t.Run("columns in another order", f.testColumnOrder)
		t.Run("several commits", f.testCommits)
		t.Run("abort", f.testAbort)
		t.Run("no finish", f.testNoFinish)
		t.Run("several loaders", f.testParallel)
		t.Run("cancelled", f.testCancelled)
		t.Run("no rows", f.testNoRows)

		s := f.Open(t, nil)
		_, isStore := s.(sink.Store)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if isStore {
			t.Run("store", f.exerciseStore)
		}
	})
}

// opened is a fresh sink with its targets.
type opened struct {
	*testing.T
	f       *Factory
	ctx     context.Context
	sink    sink.Sink
	targets []*sink.Target
	closed  bool
}

func (f *Factory) open(t *testing.T, tables ...*schema.Table) *opened {
	t.Helper()
	if f.Holds != nil {
		for _, table := range tables {
			var held []*schema.Column
			for _, c := range table.Columns {
				if f.Holds(c) {
					held = append(held, c)
				}
			}
			table.Columns = held
		}
	}
	o := &opened{T: t, f: f, ctx: t.Context(), sink: f.Open(t, tables)}
	t.Cleanup(func() {
		if !o.closed {
			o.sink.Close()
		}
	})
	if s, ok := o.sink.(sink.Store); ok {
		tables = o.inspected(s, tables)
	}
	for _, table := range tables {
		o.targets = append(o.targets, targetOf(table))
	}
	return o
}

// inspected gives the tables as the store reflects them, which is what a run works with.
func (o *opened) inspected(s sink.Store, tables []*schema.Table) []*schema.Table {
	o.Helper()
	db, err := s.Inspect(o.ctx)
	if err != nil {
		o.Fatal(err)
	}
	var got []*schema.Table
	for _, want := range tables {
		table := db.Table(want.Name)
		if table == nil {
			o.Fatalf("Inspect does not show table %s", want.Name)
		}
		for _, c := range want.Columns {
			g := table.Column(c.Name)
			if g == nil {
				o.Fatalf("Inspect does not show column %s.%s", want.Name, c.Name)
			}
			if g.Type.Kind != c.Type.Kind {
				o.Errorf("Inspect says that %s.%s holds %s, want %s", want.Name, c.Name, g.Type.Kind, c.Type.Kind)
			}
			if g.NotNull != c.NotNull {
				o.Errorf("Inspect says NotNull %t of %s.%s", g.NotNull, want.Name, c.Name)
			}
		}
		got = append(got, table)
	}
	return got
}

func targetOf(t *schema.Table) *sink.Target {
	target := &sink.Target{Table: t, Name: t.Name}
	for _, c := range t.Columns {
		target.Columns = append(target.Columns, c.Name)
		target.Kinds = append(target.Kinds, c.Type.Kind)
	}
	return target
}

func (o *opened) loader(t *sink.Target) sink.Loader {
	o.Helper()
	l, err := o.sink.Loader(o.ctx, t)
	if err != nil {
		o.Fatal(err)
	}
	return l
}

// load writes the batches, one transaction each, and closes the loader.
func (o *opened) load(t *sink.Target, batches ...*column.Batch) {
	o.Helper()
	l := o.loader(t)
	for _, b := range batches {
		o.write(l, b)
		o.commit(l, int64(b.N))
	}
	o.close(l)
}

func (o *opened) write(l sink.Loader, b *column.Batch) {
	o.Helper()
	if err := l.Write(o.ctx, b); err != nil {
		o.Fatal(err)
	}
}

func (o *opened) commit(l sink.Loader, want int64) {
	o.Helper()
	n, err := l.Commit(o.ctx)
	if err != nil {
		o.Fatal(err)
	}
	if n != want {
		o.Fatalf("Commit says %d rows, want %d", n, want)
	}
}

func (o *opened) close(l sink.Loader) {
	o.Helper()
	if err := l.Close(); err != nil {
		o.Fatal(err)
	}
}

// check finishes the load and holds what stands against what was written.
func (o *opened) check(want ...*column.Batch) {
	o.Helper()
	if err := o.sink.Finish(o.ctx, o.targets); err != nil {
		o.Fatal(err)
	}
	if o.f.Whole {
		o.closeSink()
	}
	for i, w := range want {
		o.stands(o.targets[i], w)
	}
}

// stands compares one table with what it should hold.
func (o *opened) stands(t *sink.Target, want *column.Batch) {
	o.Helper()
	if s, ok := o.sink.(sink.Store); ok {
		n, err := s.CountRows(o.ctx, t.Table)
		if err != nil {
			o.Fatal(err)
		}
		if n != int64(want.N) {
			o.Errorf("CountRows of %s says %d, want %d", t.Name, n, want.N)
		}
	}
	if o.f.Read != nil {
		compare(o.T, t, want, o.f.Read(o.T, o.sink, t))
	}
}

func (o *opened) closeSink() {
	o.Helper()
	o.closed = true
	if err := o.sink.Close(); err != nil {
		o.Fatal(err)
	}
}

// compare holds two batches of a target against each other, cell by cell.
func compare(t *testing.T, target *sink.Target, want, got *column.Batch) {
	t.Helper()
	if got.N != want.N {
		t.Errorf("%s has %d rows, want %d", target.Name, got.N, want.N)
		return
	}
	wrong := 0
	for c, name := range target.Columns {
		w, g := want.Col(name), got.Col(name)
		if w == nil || g == nil || g.Kind != w.Kind || g.Len() != want.N {
			t.Errorf("%s.%s was not read as a column of %d cells", target.Name, name, want.N)
			continue
		}
		if w.Kind == column.Decimal && g.Scale != w.Scale {
			t.Errorf("%s.%s came back with scale %d, want %d", target.Name, name, g.Scale, w.Scale)
			continue
		}
		for i := range want.N {
			if w.Equal(i, g, i) {
				continue
			}
			if wrong++; wrong <= 10 {
				t.Errorf("%s.%s (%s) row %d: got %s, want %s", target.Name, name, target.Kinds[c], i, show(g, i), show(w, i))
			}
		}
	}
	if wrong > 10 {
		t.Errorf("%s: %d cells are wrong", target.Name, wrong)
	}
}
