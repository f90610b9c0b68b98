package postgres_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

const asked = `
create extension citext;
create schema s;
create type s."Mood" as enum ('sad', 'it''s ok');
create type s.pair as (a int, b text);
create domain s.email as citext check (value ~ '@' and value <> 'VALUE "VALUE');
create domain s.work as s.email check (value like '%work%');
create domain s.tags as text[] check (cardinality(value) <= 2);
create domain s.mood as s."Mood" check (value <> 'sad');
create function s.nice(x text) returns boolean immutable language sql as 'select x <> ''''';
create table log (x int);
create function s.writes(x int) returns boolean language sql as 'insert into public.log values (x) returning true';
create table s."T t" (
  id int primary key, n numeric(8,2), at timestamptz, until timestamptz, "we""ird" text, "order" int, mail s.work, tags s.tags, grid int[][], mood s."Mood", better s.mood, p s.pair, doc jsonb, r int4range,
  code char(3), bits bit(3), raw bytea, u uuid, day date, addr inet, kinds char(2)[], name varchar(5) collate "C", twice int generated always as (id * 2) stored,
  constraint money check (n > 0 and n < 100),
  constraint times check (until > at),
  constraint odd check ("we""ird" <> 'VALUE'),
  constraint word check ("order" between 1 and 3),
  constraint grids check (grid[2][1] = 3 and array_ndims(grid) = 2),
  constraint moods check (mood = any (array['it''s ok', 'sad']::s."Mood"[]) and better is null),
  constraint pairs check ((p).a > 1 and (p).b = 'x,"y'),
  constraint docs check (jsonb_typeof(doc -> 'a') = 'array'),
  constraint ranges check (lower(r) = 1 and not isempty(r)),
  constraint codes check (length(code) = 2 and code = 'ab'),
  constraint bitty check (bits = b'101'),
  constraint rawly check (octet_length(raw) = 3),
  constraint ids check (u <> '00000000-0000-0000-0000-000000000000' and id > 1),
  constraint days check (day >= date '2020-01-01' and extract(isodow from day) < 6),
  constraint nets check (addr <<= inet '10.0.0.0/8'),
  constraint kindly check ('cd' = any (kinds)),
  constraint named check (s.nice(name) and name < 'a'),
  constraint twice check (twice > 4),
  constraint whole check ("T t" is not null or id > 0),
  constraint writing check (s.writes(id)),
  constraint fails check (1 / ("order" - 3) > 0)
);
create unique index lowered on s."T t" (lower("we""ird"), "order") where id < 100;
`

func TestHolds(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		_, url := fresh(t, s, asked)
		db := open(t, url, postgres.Options{ReadOnly: true})
		tab := inspect(t, db).Table("s.T t")
		money := vec(column.Decimal, 0, 1, nil, 9999)
		money.Scale = 2
		cols := map[string]*column.Vec{
			"id": vec(column.Int, 1, 2, 3, 4), "n": money, "at": vec(column.Timestamp, 0, 5, nil, -1), "until": vec(column.Timestamp, 1, 5, 1, nil),
			`we"ird`: vec(column.Text, "VALUE", `"q"'\`, nil, ""), "order": vec(column.Int, 0, 1, 3, nil), "mail": vec(column.Text, "a@work", "b@home", "work", nil),
			"tags": vec(column.Literal, `{a,b}`, `{a,"b,\"c",d}`, nil, "{}"), "grid": vec(column.Literal, "{{1,2},{3,4}}", "{{1},{2}}", "{}", nil), "mood": vec(column.Text, "sad", "it's ok", nil, "sad"),
			"better": vec(column.Text, "sad", "it's ok", nil, nil), "p": vec(column.Literal, `(2,"x,""y")`, "(1,)", nil, "(,)"), "doc": vec(column.JSON, `{"a": [1]}`, `{"a": 1}`, `{}`, nil),
			"r": vec(column.Literal, "[1,4]", "empty", "(0,3]", nil), "code": vec(column.Text, "ab", "abc", "b", nil), "bits": vec(column.Literal, "101", "100", nil, "101"),
			"raw": vec(column.Bytes, "\x00\"\\", "ab", "", nil), "u": vec(column.UUID, [16]byte{1}, [16]byte{1}, [16]byte{}, nil), "day": vec(column.Date, 20000, 1, 20002, nil),
			"addr": vec(column.Literal, "10.1.2.3", "11.0.0.1", nil, "::1"), "kinds": vec(column.Literal, `{ab,cd}`, "{abc}", "{}", nil), "name": vec(column.Text, "B", "", "b", nil),
		}
		b := &column.Batch{N: 4}
		for _, c := range tab.Columns {
			if v := cols[c.Name]; v != nil {
				b.Names, b.Vecs = append(b.Names, c.Name), append(b.Vecs, v)
			}
		}
		const y, n, u = sink.True, sink.False, sink.Unknown
		want := map[string][]sink.Truth{
			"money": {n, y, u, y}, "times": {y, n, u, u}, "odd": {n, y, u, y}, "word": {n, y, y, u}, "grids": {y, n, u, u}, "moods": {n, n, u, y}, "pairs": {y, n, u, u}, "docs": {y, n, u, u},
			"ranges": {y, n, y, u}, "codes": {y, n, n, u}, "bitty": {y, n, u, y}, "rawly": {y, n, n, u}, "ids": {n, y, n, u}, "days": {y, n, n, u}, "nets": {y, n, u, n}, "kindly": {y, n, n, u},
			"named": {y, n, n, u}, "twice": {n, n, y, y}, "whole": {y, y, y, y}, "email_check": {y, y, n, u}, "work_check": {y, n, y, u}, "tags_check": {y, n, u, y}, "mood_check": {n, y, u, u},
		}
		for _, k := range tab.Checks {
			got, err := db.Holds(t.Context(), tab, k.Expression, b)
			switch k.Name {
			case "writing":
				wants(t, err, "s.writes(id)", `s.T t`, "read-only")
				continue
			case "fails":
				wants(t, err, `(1 / ("order" - 3)) > 0`, "division by zero")
				continue
			}
			if err != nil || !slices.Equal(got, want[k.Name]) {
				t.Errorf("%s: %s: %v, want %v (%v)", k.Name, k.Expression, got, want[k.Name], err)
			}
			delete(want, k.Name)
		}
		if len(want) > 0 {
			t.Errorf("not asked: %v", want)
		}

		// What the batch does not have is null; many rows are asked in pieces; no rows are no question.
		many := &column.Batch{N: 12_345, Names: []string{"id"}, Vecs: []*column.Vec{numbers(0, 12_345)}}
		got, err := db.Holds(t.Context(), tab, `((id % 5000) = 0) OR ("order" > 5)`, many)
		if err != nil || len(got) != many.N || got[5000] != y || got[10_000] != y || got[5001] != u {
			t.Errorf("%d answers, %v", len(got), err)
		}
		none := &column.Batch{N: 2, Names: []string{"code"}, Vecs: []*column.Vec{vec(column.Text, "a", "b")}}
		if got, err := db.Holds(t.Context(), tab, "(id IS NULL)", none); err != nil || !slices.Equal(got, []sink.Truth{y, y}) {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := db.Holds(t.Context(), tab, "(id > 0)", &column.Batch{}); err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		_, err = db.Holds(t.Context(), tab, "(VALUE > 0)", b)
		wants(t, err, "(VALUE > 0)", "batch of one column")
		_, err = db.Holds(t.Context(), tab, "(id + 1)", many)
		wants(t, err, "(id + 1)", "boolean")
		if n := s.Psql(t, url, "select count(*) from log"); n != "0" {
			t.Errorf("asking has written %s rows", n)
		}
		bad := &column.Batch{N: 1, Names: []string{"day"}, Vecs: []*column.Vec{vec(column.Bool, true)}}
		_, err = db.Holds(t.Context(), tab, "(day > '2020-01-01'::date)", bad)
		wants(t, err, `"day"`, "date", "boolean")
	})
}

func TestDistinct(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, _ := fresh(t, s, asked+`create table nn (a text, b int); create unique index on nn (lower(a), b) nulls not distinct;`)
	d := inspect(t, db)
	tab := d.Table("s.T t")
	u := tab.Uniques[1]
	b := &column.Batch{N: 7, Names: []string{"id", `we"ird`, "order"}, Vecs: []*column.Vec{
		numbers(95, 102), vec(column.Text, "a", "A", "a", nil, nil, "A", "a"), vec(column.Int, 1, 1, 2, 1, 1, 1, 1)}}
	if got, err := db.Distinct(t.Context(), tab, u.Expressions, u.Where, b); err != nil || !slices.Equal(got, []int{1}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := db.Distinct(t.Context(), tab, u.Expressions, "", b); err != nil || !slices.Equal(got, []int{1, 5, 6}) {
		t.Errorf("%v, %v", got, err)
	}
	nn := d.Table("nn")
	b = &column.Batch{N: 3, Names: []string{"a"}, Vecs: []*column.Vec{vec(column.Text, nil, "x", nil)}}
	if got, err := db.Distinct(t.Context(), nn, nn.Uniques[0].Expressions, "", b); err != nil || !slices.Equal(got, []int{2}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err := db.Distinct(t.Context(), nn, []string{"nope(a)"}, "", b)
	wants(t, err, "nope(a)", "nn")
}

func TestKeys(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, _ := fresh(t, s, `
create type mood as enum ('z', 'a');
create table countries (code char(2) primary key, name text unique, n numeric(6,1), mood mood);
insert into countries values ('de', 'Germany', 1.5, 'a'), ('Fr', 'Äland', null, 'z'), ('at', null, 2, null);
create table child () inherits (countries); insert into child values ('xx', 'x', 0, 'z');
create table plain (j json, m mood, i int); insert into plain values ('{"b":1}', 'a', 1), ('{"a":1}', 'z', 2), (null, 'z', 3);
create table parts (id int primary key, t text) partition by range (id); create table part partition of parts for values from (0) to (10); insert into parts select x, x::text from generate_series(0, 9) x;`)
		d := inspect(t, db)
		read := func(table string, limit int64, columns ...string) (rows []string) {
			t.Helper()
			b, err := db.Keys(t.Context(), d.Table(table), columns, limit)
			if err != nil {
				t.Fatal(err)
			}
			if b.N != b.Vecs[0].Len() || !slices.Equal(b.Names, columns) {
				t.Errorf("%d rows of %q", b.N, b.Names)
			}
			for i := range b.N {
				var cells []string
				for k, v := range b.Vecs {
					if want := d.Table(table).Column(columns[k]).Type.Kind; v.Kind != want {
						t.Errorf("%s: kind %s", columns[k], v.Kind)
					}
					cells = append(cells, v.String(i))
				}
				rows = append(rows, strings.Join(cells, " "))
			}
			return rows
		}
		for _, c := range []struct {
			got, want []string
		}{
			{read("countries", 10, "code", "n", "mood"), []string{"Fr  z", "at 2.0 ", "de 1.5 a"}},
			{read("countries", 2, "name"), []string{"Äland", ""}},
			{read("child", 10, "code"), []string{"xx"}},
			{read("plain", 10, "j", "m"), []string{`{"a":1} z`, `{"b":1} a`, " z"}},
			{read("plain", 10, "m", "i"), []string{"z 2", "z 3", "a 1"}},
			{read("parts", 3, "t"), []string{"0", "1", "2"}},
			{read("parts", 0, "t"), nil},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%q, want %q", c.got, c.want)
			}
		}
		_, err := db.Keys(t.Context(), d.Table("plain"), []string{"nope"}, 1)
		wants(t, err, "public.plain", `"nope"`)
	})
}

// A check whose function never returns ends the question, which names it.
func TestCheckThatNeverReturns(t *testing.T) {
	before := postgres.SetPatience(time.Second)
	defer postgres.SetPatience(before)
	db, _ := fresh(t, pgtest.Shared(t, 0), `create function endless(int) returns boolean language plpgsql as 'begin loop perform 1; end loop; end';
create table t (id int check (endless(id)))`)
	d := inspect(t, db)
	tg := target(t, d, "t")
	_, err := db.Holds(t.Context(), tg.Table, "endless(id)", batch(0, tg, numbers(0, 3)))
	wants(t, err, "endless(id)", "public.t", "no answer within 1s", "does not return")
	if n, err := db.CountRows(t.Context(), tg.Table); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}
