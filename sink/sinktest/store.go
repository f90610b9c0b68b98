package sinktest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

func (f *Factory) exerciseStore(t *testing.T) {
	if f.Reopen == nil {
		t.Fatal("a Store's Factory must have Reopen")
	}
	t.Run("unique violation", f.testUnique)
	t.Run("ledger", f.testLedger)
	t.Run("no ledger without a run", f.testNoLedger)
	t.Run("runs", f.testRuns)
	t.Run("lock", f.testLock)
	t.Run("reserve", f.testReserve)
	t.Run("standing", f.testStanding)
	t.Run("read rows", f.testReadRows)
	t.Run("scan rows", f.testScanRows)
	t.Run("query", f.testQuery)
	t.Run("create schema", f.testCreateSchema)
	t.Run("missing table", f.testMissing)
}

func (o *opened) store() sink.Store { return o.sink.(sink.Store) }

// attempt writes the batches in one transaction and gives the error of Write or Commit.
func attempt(ctx context.Context, l sink.Loader, batches ...*column.Batch) error {
	for _, b := range batches {
		if err := l.Write(ctx, b); err != nil {
			return err
		}
	}
	_, err := l.Commit(ctx)
	return err
}

// A unique violation is ErrUnique and leaves nothing of its transaction.
func (f *Factory) testUnique(t *testing.T) {
	o := f.open(t, itemsTable())
	target := o.targets[0]
	o.load(target, itemRows(0, 20))
	l := o.loader(target)
	bad := itemRows(30, 10) // new ids, and one name that stands
	names := new(column.Vec)
	names.Reset(column.Text)
	for i := range 10 {
		names.AppendString(itemName(int64(36 - i*4)))
	}
	bad.Vecs[1] = names
	err := attempt(o.ctx, l, itemRows(20, 10), bad)
	if !errors.Is(err, sink.ErrUnique) {
		t.Fatalf("a row whose name stands: got %v, want ErrUnique", err)
	}
	if !strings.Contains(err.Error(), "items") || !strings.Contains(err.Error(), "name") {
		t.Errorf("the error does not name table and column: %v", err)
	}
	o.close(l)
	o.stands(target, itemRows(0, 20))
	o.load(target, itemRows(20, 30))
	o.check(itemRows(0, 50))
}

// Reserved keys are disjoint, for good, and beyond all standing rows.
func (f *Factory) testReserve(t *testing.T) {
	o := f.open(t, itemsTable())
	s, target := o.store(), o.targets[0]
	reserve := func(s sink.Store, n int64) int64 {
		t.Helper()
		first, err := s.Reserve(o.ctx, target.Table, "id", n)
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	a := reserve(s, 100)
	if a < 1 {
		t.Errorf("the first key is %d", a)
	}
	b := reserve(s, 10)
	if b < a+100 {
		t.Errorf("keys %d and on were given after %d to %d", b, a, a+99)
	}
	o.load(target, itemRows(5000, 10)) // ids 5001 to 5010, not from any sequence
	other := o.reopen()
	c := reserve(other, 1)
	if c <= 5010 {
		t.Errorf("key %d was given, and 5010 stands", c)
	}
	if d := reserve(s, 1); d <= c {
		t.Errorf("keys %d and %d were given, one after the other", c, d)
	}
}

// DDL stands whole or not at all.
func (f *Factory) testCreateSchema(t *testing.T) {
	o := f.open(t)
	s := o.store()
	has := func(table string) bool {
		t.Helper()
		db, err := s.Inspect(o.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return db.Table(table) != nil
	}
	if err := s.CreateSchema(o.ctx, "create table first_one (id integer primary key);\ncreate table second_one (id integer, wrong wrong wrong(;\n"); err == nil {
		t.Error("wrong DDL was taken")
	}
	if has("first_one") {
		t.Error("DDL that failed left a table")
	}
	ddl := "-- made for a test; it's fine\ncreate table first_one (id integer primary key, t text default 'a;b');\ncreate table second_one (id integer references first_one);\n"
	if err := s.CreateSchema(o.ctx, ddl); err != nil {
		t.Fatal(err)
	}
	if !has("first_one") || !has("second_one") {
		t.Error("DDL left no table")
	}
	if err := s.CreateSchema(o.ctx, ddl); err == nil {
		t.Error("tables that stand were made once more")
	}
}

// A table that is not there is named.
func (f *Factory) testMissing(t *testing.T) {
	o := f.open(t)
	target := targetOf(itemsTable())
	l, err := o.sink.Loader(o.ctx, target)
	if err == nil {
		err = attempt(o.ctx, l, itemRows(0, 1))
		o.close(l)
	}
	if err == nil || !strings.Contains(err.Error(), "items") {
		t.Errorf("loading a missing table: %v", err)
	}
}
