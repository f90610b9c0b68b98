package sinktest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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

func textVec(xs ...string) *column.Vec {
	v := new(column.Vec)
	v.Reset(column.Text)
	for _, x := range xs {
		v.AppendString(x)
	}
	return v
}

// Standing finds which values stand already.
func (f *Factory) testStanding(t *testing.T) {
	o := f.open(t, itemsTable())
	s, target := o.store(), o.targets[0]
	odd := itemRows(0, 6000)
	names := odd.Col("name")
	hard := []string{"", " ", `\N`, "it's", `"quoted"`, "a\tb\nc", "日本語 😀", "0123", "{a,b}"}
	b := itemRows(0, 6000)
	b.Vecs[1] = textVec(hard...)
	for i := len(hard); i < 6000; i++ {
		b.Vecs[1].AppendCell(names, i)
	}
	o.load(target, b)
	standing := func(col string, values *column.Vec, want ...int) {
		t.Helper()
		got, err := s.Standing(o.ctx, target.Table, col, values)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("Standing in %s: %v, want %v", col, got, want)
		}
	}
	standing("name", textVec())
	standing("name", textVec("item 1", "item 100", "Item 100", "item 5999", "item 6000", "", " ", "  ", "item 100"), 1, 3, 5, 6, 8)
	standing("name", textVec(hard...), 0, 1, 2, 3, 4, 5, 6, 7, 8)
	ids, refs := new(column.Vec), new(column.Vec)
	ids.Reset(column.Int)
	refs.Reset(column.UUID)
	var all []int
	for i := range 7000 {
		ids.AppendInt(int64(7000 - i))
		refs.AppendUUID(itemRef(int64(6999 - i)))
		if i >= 1000 {
			all = append(all, i)
		}
	}
	standing("id", ids, all...)
	standing("ref", refs, all...)
}

// ReadRows gives rows in the order of keys, and says which are missing.
func (f *Factory) testReadRows(t *testing.T) {
	o := f.open(t, kindsTable(), itemsTable())
	s := o.store()
	kinds := o.targets[0]
	rows := hardRows(kinds, 0, 200)
	o.load(kinds, rows)
	o.load(o.targets[1], itemRows(0, 6000))

	ids := new(column.Vec)
	ids.Reset(column.Int)
	want := &column.Batch{Names: kinds.Columns}
	for k := range kinds.Columns {
		v := new(column.Vec)
		v.Reset(kinds.Kinds[k])
		v.Scale = rows.Vecs[k].Scale
		want.Vecs = append(want.Vecs, v)
	}
	var stand []bool
	for i := range 200 {
		id := int64((i*7)%250) + 1
		ids.AppendInt(id)
		stand = append(stand, id <= 200)
		if id <= 200 {
			want.N++
			for k := range want.Vecs {
				want.Vecs[k].AppendCell(rows.Vecs[k], int(id-1))
			}
		}
	}
	got := new(column.Batch)
	for range 2 { // dst is used again
		found, err := s.ReadRows(o.ctx, kinds, "id", ids, got)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(found, stand) {
			t.Errorf("found %v, want %v", found, stand)
		}
		compare(t, kinds, want, got)
	}

	items := o.targets[1]
	refs := new(column.Vec)
	refs.Reset(column.UUID)
	names := textVec()
	for i := range int64(6000) {
		refs.AppendUUID(itemRef(i))
		names.AppendString(itemName(i))
	}
	for key, keys := range map[string]*column.Vec{"ref": refs, "name": names} {
		found, err := s.ReadRows(o.ctx, items, key, keys, got)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(found, false) || len(found) != 6000 {
			t.Errorf("by %s: not all rows were found", key)
		}
		compare(t, items, itemRows(0, 6000), got)
	}
	refs.Reset(column.UUID)
	if found, err := s.ReadRows(o.ctx, items, "ref", refs, got); err != nil || len(found) != 0 || got.N != 0 {
		t.Errorf("no keys: found %v, %d rows, %v", found, got.N, err)
	}
}

// ScanRows gives all rows, each once.
func (f *Factory) testScanRows(t *testing.T) {
	o := f.open(t, kindsTable(), itemsTable())
	s := o.store()
	want := []*column.Batch{hardRows(o.targets[0], 0, 200), itemRows(0, 12_000)}
	for k, target := range o.targets {
		none := true
		err := s.ScanRows(o.ctx, target, func(rows *column.Batch) error { none = none && rows.N == 0; return nil })
		if err != nil || !none {
			t.Errorf("%s has no rows: got some (%v), %v", target.Name, !none, err)
		}
		o.load(target, want[k])
		got := &column.Batch{Names: target.Columns, N: want[k].N}
		for _, v := range want[k].Vecs {
			w := new(column.Vec)
			w.ResetAs(v)
			got.Vecs = append(got.Vecs, w)
		}
		all, place := column.Batch{}, map[int64]int{}
		for _, v := range got.Vecs {
			w := new(column.Vec)
			w.ResetAs(v)
			all.Vecs = append(all.Vecs, w)
		}
		err = s.ScanRows(o.ctx, target, func(rows *column.Batch) error {
			for i := range rows.N {
				place[rows.Vecs[0].Ints[i]] = all.N
				for k, v := range rows.Vecs {
					all.Vecs[k].AppendCell(v, i)
				}
				all.N++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var some []int64
		for range 2 {
			var again []int64
			if err := s.SampleRows(o.ctx, target, 0.25, func(rows *column.Batch) error {
				for i := range rows.N {
					again = append(again, rows.Vecs[0].Ints[i])
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if slices.Sort(again); some != nil && !slices.Equal(some, again) {
				t.Errorf("%s: a sample has other rows the second time", target.Name)
			}
			some = again
		}
		slices.Sort(some)
		if n := len(some); n != len(slices.Compact(some)) || want[k].N > 1000 && (n < want[k].N/8 || n > want[k].N/2) {
			t.Errorf("%s: a quarter of %d rows is %d", target.Name, want[k].N, n)
		}
		for _, x := range some {
			if _, stands := place[x]; !stands {
				t.Errorf("%s: the sample has a row that is not there: %d", target.Name, x)
			}
		}
		if all.N != want[k].N || len(place) != all.N {
			t.Fatalf("%s: %d rows, %d of them different, want %d", target.Name, all.N, len(place), want[k].N)
		}
		for i := range want[k].N {
			for k, v := range all.Vecs {
				got.Vecs[k].AppendCell(v, place[want[0].Vecs[0].Ints[0]+int64(i)])
			}
		}
		compare(t, target, want[k], got)
	}
	stop := errors.New("stop")
	if err := s.ScanRows(o.ctx, o.targets[1], func(*column.Batch) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of each is not passed on: %v", err)
	}
	if n, err := s.CountRows(o.ctx, o.targets[1].Table); err != nil || n != 12_000 {
		t.Errorf("after a scan that was stopped: %d rows, %v", n, err)
	}
}

// Queries give one integer, with keys as their parameter.
func (f *Factory) testQuery(t *testing.T) {
	o := f.open(t, itemsTable())
	s, d := o.store(), o.store().Dialect()
	o.load(o.targets[0], itemRows(0, 100))
	table := d.Ident(o.targets[0].Table.Schema, o.targets[0].Table.Name)
	query := func(where string, keys *column.Vec, want int64) {
		t.Helper()
		sql := "select count(*) from " + table + " where " + where
		n, err := s.QueryInt(o.ctx, sql, keys)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n != want {
			t.Errorf("%s: got %d, want %d", sql, n, want)
		}
	}
	query(d.Ident("id")+" <= 10", nil, 10)
	query(d.Ident("name")+" = "+d.Text("item 7"), nil, 1)
	ids, refs := new(column.Vec), new(column.Vec)
	ids.Reset(column.Int)
	refs.Reset(column.UUID)
	for i := range int64(50) {
		ids.AppendInt(76 + i)
		refs.AppendUUID(itemRef(90 + i))
	}
	query(d.InKeys(d.Ident("id")), ids, 25)
	query(d.InKeys(d.Ident("ref")), refs, 10)
	query(d.InKeys(d.Ident("name")), textVec("item 1", "nobody", "it's"), 1)
	if _, err := s.QueryInt(o.ctx, "select count(*) from no_such_table_here", nil); err == nil || !strings.Contains(err.Error(), "no_such_table_here") {
		t.Errorf("a query of a missing table: %v", err)
	}
	if name, err := s.DatabaseName(o.ctx); err != nil || name == "" {
		t.Errorf("DatabaseName: %q, %v", name, err)
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
