package sinktest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
)

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
