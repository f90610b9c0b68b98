package sinktest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// ledger gives the committed ranges, touching ones joined.
func (o *opened) ledger(s sink.Store, run int64, table string) []sink.Range {
	o.Helper()
	entries, err := s.Ledger(o.ctx, run, table)
	if err != nil {
		o.Fatal(err)
	}
	var joined []sink.Range
	for _, e := range entries {
		r := e.Range
		if k := len(joined) - 1; k >= 0 && joined[k].First+joined[k].N == r.First {
			joined[k].N += r.N
		} else {
			joined = append(joined, r)
		}
	}
	return joined
}

// Ledger rows stand exactly with their batches.
func (f *Factory) testLedger(t *testing.T) {
	o := f.open(t, itemsTable())
	s, target := o.store(), o.targets[0]
	target.Name = "the plan's name"
	runs := []*sink.Run{newRun("one"), newRun("two")}
	for _, r := range runs {
		if err := s.SaveRun(o.ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	one, two := runs[0].Number, runs[1].Number
	expect := func(s sink.Store, run int64, want ...sink.Range) {
		t.Helper()
		if got := o.ledger(s, run, target.Name); !slices.Equal(got, want) {
			t.Errorf("ledger of run %d: %v, want %v", run, got, want)
		}
	}
	s.UseRun(one)
	l := o.loader(target)
	o.write(l, itemRows(0, 10))
	o.write(l, itemRows(10, 10))
	o.write(l, itemRows(40, 10))
	o.write(l, itemRows(60, 0))
	expect(s, one)
	o.commit(l, 30)
	expect(s, one, sink.Range{N: 20}, sink.Range{First: 40, N: 10})
	o.write(l, itemRows(50, 10))
	o.close(l)
	expect(s, one, sink.Range{N: 20}, sink.Range{First: 40, N: 10})

	l = o.loader(target)
	if err := attempt(o.ctx, l, itemRows(20, 10), itemRows(45, 10)); err == nil {
		t.Error("rows that stand were written once more")
	}
	o.close(l)
	expect(s, one, sink.Range{N: 20}, sink.Range{First: 40, N: 10})

	s.UseRun(two)
	o.load(target, itemRows(100, 5))
	expect(s, one, sink.Range{N: 20}, sink.Range{First: 40, N: 10})
	expect(s, two, sink.Range{First: 100, N: 5})

	other := o.reopen()
	expect(other, one, sink.Range{N: 20}, sink.Range{First: 40, N: 10})
	o.digests(s, other, target)
	if err := other.ClearLedger(o.ctx, one); err != nil {
		t.Fatal(err)
	}
	expect(s, one)
	expect(s, two, sink.Range{First: 100, N: 5})
	if n, err := s.CountRows(o.ctx, target.Table); err != nil || n != 55 {
		t.Errorf("CountRows says %d, %v; want 55", n, err)
	}
}

// digests of batches come back, and so do those of entries that take the place of others.
func (o *opened) digests(s, other sink.Store, target *sink.Target) {
	o.Helper()
	three := newRun("three")
	if err := s.SaveRun(o.ctx, three); err != nil {
		o.Fatal(err)
	}
	s.UseRun(three.Number)
	b, bare := itemRows(200, 10), itemRows(210, 10)
	sum := new(column.Summer).Sum(b)
	b.Digest = &sum
	l := o.loader(target)
	o.write(l, b)
	o.commit(l, 10)
	o.write(l, bare)
	o.commit(l, 10)
	o.close(l)
	expect := func(want ...sink.Entry) {
		o.Helper()
		got, err := other.Ledger(o.ctx, three.Number, target.Name)
		if err != nil || !reflect.DeepEqual(got, want) {
			o.Errorf("the ledger: %v, %v; want %v", got, err, want)
		}
	}
	expect(sink.Entry{Range: sink.Range{First: 200, N: 10}, Digest: &sum}, sink.Entry{Range: sink.Range{First: 210, N: 10}})
	twice := sum
	twice.Add(sum)
	entries := []sink.Entry{{Range: sink.Range{First: 205, N: 5}, Digest: &twice}, {Range: sink.Range{First: 205, N: 5}, Part: 2, Digest: &sum}}
	if err := s.SaveLedger(o.ctx, three.Number, target.Name, entries); err != nil {
		o.Fatal(err)
	}
	expect(entries...)
}

func (o *opened) reopen() sink.Store {
	o.Helper()
	s := o.f.Reopen(o.T, o.sink).(sink.Store)
	o.Cleanup(func() { s.Close() })
	return s
}

// UseRun(0), or none, writes no ledger: it needs no tables for it.
func (f *Factory) testNoLedger(t *testing.T) {
	o := f.open(t, itemsTable())
	s, target := o.store(), o.targets[0]
	o.load(target, itemRows(0, 10))
	r := newRun("one")
	if err := s.SaveRun(o.ctx, r); err != nil {
		t.Fatal(err)
	}
	s.UseRun(r.Number)
	s.UseRun(0)
	o.load(target, itemRows(10, 10))
	for _, run := range []int64{0, r.Number} {
		if got := o.ledger(s, run, target.Name); len(got) != 0 {
			t.Errorf("ledger of run %d: %v, want none", run, got)
		}
	}
	o.check(itemRows(0, 20))
}

func newRun(identity string) *sink.Run {
	return &sink.Run{
		Blueprint: "genonaut", State: sink.Running, Identity: identity, Plan: []byte(`{"a": [1, "é \\ 😀"]}`), Version: "v1.2.3 (test)",
		Started: time.Date(2025, 5, 1, 23, 59, 58, 123_456_000, time.FixedZone("", -4*3600)),
	}
}

// Runs are recorded and updated; asking for them writes nothing.
func (f *Factory) testRuns(t *testing.T) {
	o := f.open(t, itemsTable())
	s := o.store()
	before, err := s.Inspect(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect := func(s sink.Store, want ...*sink.Run) {
		t.Helper()
		got, err := s.Runs(o.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d runs, want %d", len(got), len(want))
		}
		for i, g := range got {
			w := want[i]
			if g.Number != w.Number || g.Blueprint != w.Blueprint || g.State != w.State || g.Identity != w.Identity ||
				string(g.Plan) != string(w.Plan) || g.Version != w.Version || string(g.Shape) != string(w.Shape) || g.Grows != w.Grows || !g.Started.Equal(w.Started) || !g.Finished.Equal(w.Finished) {
				t.Errorf("run %d:\ngot  %+v\nwant %+v", i, *g, *w)
			}
		}
	}
	expect(s)
	if ranges, err := s.Ledger(o.ctx, 1, "items"); err != nil || len(ranges) != 0 {
		t.Errorf("ledger where no run was: %v, %v", ranges, err)
	}
	one, two := newRun("one"), newRun("two")
	if err := s.SaveRun(o.ctx, one); err != nil {
		t.Fatal(err)
	}
	if one.Number != 1 {
		t.Errorf("the first run has the number %d, want 1", one.Number)
	}
	expect(s, one)
	other := o.reopen()
	if err := other.SaveRun(o.ctx, two); err != nil {
		t.Fatal(err)
	}
	if two.Number != 2 {
		t.Errorf("the second run has the number %d, want 2", two.Number)
	}
	one.State, one.Finished, one.Plan = sink.Complete, one.Started.Add(time.Hour+time.Microsecond), []byte(`[]`)
	one.Shape, one.Grows = []byte{0, 0xff}, 7
	if err := s.SaveRun(o.ctx, one); err != nil {
		t.Fatal(err)
	}
	expect(s, one, two)
	expect(other, one, two)
	if err := s.SaveRun(o.ctx, &sink.Run{Number: 77, Blueprint: "none", State: sink.Complete}); err == nil {
		t.Error("a run that was never recorded was updated")
	}
	after, err := s.Inspect(o.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Tables) != len(before.Tables) {
		t.Errorf("Inspect shows %d tables, and %d before the records were made", len(after.Tables), len(before.Tables))
	}
}

// One live run at a time.
func (f *Factory) testLock(t *testing.T) {
	o := f.open(t, itemsTable())
	s, other := o.store(), o.reopen()
	for _, pair := range [][2]sink.Store{{s, other}, {other, s}, {s, s}} {
		unlock, err := pair[0].Lock(o.ctx, "run 3 of genonaut")
		if err != nil {
			t.Fatal(err)
		}
		_, err = pair[1].Lock(o.ctx, "another one")
		if !errors.Is(err, sink.ErrLocked) {
			t.Fatalf("a second Lock: got %v, want ErrLocked", err)
		}
		if !strings.Contains(err.Error(), "run 3 of genonaut") {
			t.Errorf("the error does not name the holder: %v", err)
		}
		o.load(o.targets[0]) // a lock does not stand in the way of loaders
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
	}
}
