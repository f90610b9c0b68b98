package sqlite

import (
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const askedDDL = `
create table "T t" (
	id integer primary key, n decimal(8,2), name text collate nocase, at timestamp, flag boolean, code varchar(5), "rowid" int, raw blob, anything,
	twice int generated always as (id * 2) stored, upper_name as (upper(name)),
	check (n > 0 and n < 100), constraint named check (name = 'A'), constraint twice check (twice > 4), constraint qualified check ("T t".id > 1), constraint up check (upper_name = 'B'),
	constraint kinds check (typeof(n) = 'integer'), constraint times check (at < '2020-01-01'), constraint flags check (flag), constraint codes check (code glob '[a-z]*' and length(code) < 3),
	constraint raws check (length(raw) = 2), constraint whatever check (typeof(anything) = 'text')
);
create unique index lowered on "T t" (lower(name), code) where id < 100;
create table strict_one (a any, b int) strict;
insert into "T t" (id, n, code, anything) values (3, 5, 'x', 'y');
`

// A file that is only read is asked, and stays as it is.
func TestHolds(t *testing.T) {
	path := create(t, askedDDL).path
	db := open(t, "sqlite:"+path, Options{ReadOnly: true})
	s, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tab := s.Table("T t")
	cells := func(k column.Kind, xs ...any) *column.Vec {
		v := new(column.Vec)
		v.Reset(k)
		for _, x := range xs {
			switch x := x.(type) {
			case nil:
				v.AppendNull()
			case int:
				v.AppendInt(int64(x))
			case string:
				v.AppendString(x)
			}
		}
		return v
	}
	money := cells(column.Decimal, 0, 150, nil)
	money.Scale = 2
	b := &column.Batch{N: 3, Names: []string{"id", "n", "name", "at", "flag", "code", "rowid", "raw", "anything"}, Vecs: []*column.Vec{
		cells(column.Int, 1, 2, 3), money, cells(column.Text, "a", "b", nil), cells(column.Timestamp, 0, 4_000_000_000_000_000, nil), cells(column.Bool, 1, 0, nil),
		cells(column.Text, "ab", "abc", nil), cells(column.Int, 9, 8, 7), cells(column.Bytes, "\x00'", "", nil), cells(column.Text, "1", nil, ""),
	}}
	const y, n, u = sink.True, sink.False, sink.Unknown
	want := map[string][]sink.Truth{
		"T t_n_check": {n, y, u}, "named": {y, n, u}, "twice": {n, n, y}, "qualified": {n, y, y}, "up": {n, y, u}, "kinds": {y, n, n}, "times": {y, n, u}, "flags": {y, n, u},
		"codes": {y, n, u}, "raws": {y, n, u}, "whatever": {y, n, y},
	}
	for _, k := range tab.Checks {
		got, err := db.Holds(t.Context(), tab, k.Expression, b)
		if err != nil || !slices.Equal(got, want[k.Name]) {
			t.Errorf("%s: %s: %v, want %v (%v)", k.Name, k.Expression, got, want[k.Name], err)
		}
		delete(want, k.Name)
	}
	if len(want) > 0 {
		t.Errorf("not asked: %v", want)
	}
	_, err = db.Holds(t.Context(), tab, "nope(id)", b)
	if err == nil || !strings.Contains(err.Error(), "nope(id)") || !strings.Contains(err.Error(), "T t") {
		t.Errorf("%v", err)
	}
	if got, err := db.Holds(t.Context(), tab, "id is null", &column.Batch{N: 2}); err != nil || !slices.Equal(got, []sink.Truth{y, y}) {
		t.Errorf("%v, %v", got, err)
	}
	one := &column.Batch{N: 1, Names: []string{"a"}, Vecs: []*column.Vec{cells(column.Text, "12")}}
	if got, err := db.Holds(t.Context(), s.Table("strict_one"), "typeof(a) = 'text'", one); err != nil || got[0] != y {
		t.Errorf("any of a strict table: %v, %v", got, err)
	}

	u1 := tab.Uniques[1]
	b = &column.Batch{N: 6, Names: []string{"id", "name", "code"}, Vecs: []*column.Vec{
		cells(column.Int, 96, 97, 98, 99, 100, 7), cells(column.Text, "a", "A", "a", nil, "A", nil), cells(column.Text, "x", "x", "y", "x", "x", "x")}}
	if got, err := db.Distinct(t.Context(), tab, u1.Expressions, u1.Where, b); err != nil || !slices.Equal(got, []int{1}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := db.Distinct(t.Context(), tab, u1.Expressions, "", b); err != nil || !slices.Equal(got, []int{1, 4}) {
		t.Errorf("%v, %v", got, err)
	}
	// The standing rows are seen again.
	if n, err := db.CountRows(t.Context(), tab); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestKeys(t *testing.T) {
	db := create(t, `create table countries (code text primary key, name text collate nocase, n numeric, d date);
		insert into countries values ('de', 'Germany', 1.25, '2020-02-03'), ('Fr', 'france', 2, null), ('at', null, null, '2021-01-01');
		create table bare (a int, b text); insert into bare values (2, 'x'), (1, 'b'), (1, 'a');`)
	s, err := db.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	read := func(table *schema.Table, limit int64, columns ...string) string {
		b, err := db.Keys(t.Context(), table, columns, limit)
		if err != nil {
			return err.Error()
		}
		var out []string
		for i := range b.N {
			for _, v := range b.Vecs {
				out = append(out, v.String(i))
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ got, want string }{
		{read(s.Table("countries"), 9, "code", "n", "d"), "Fr 2.00  at  2021-01-01 de 1.25 2020-02-03"},
		{read(s.Table("countries"), 2, "name"), "france "},
		{read(s.Table("bare"), 9, "a", "b"), "1 a 1 b 2 x"},
		{read(s.Table("bare"), 0, "a"), ""},
		{read(s.Table("bare"), 1, "c"), `read keys of bare: the table has no column "c"`},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
