package postgres_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

func decimals(scale int32, xs ...any) *column.Vec {
	v := vec(kindDecimal, xs...)
	v.Scale = scale
	return v
}

// pairs are cells of a kind, and the types that give them back as they were written.
var pairs = []struct {
	types string
	cells *column.Vec
	text  []string // what the server makes of the cells, where that is worth a look
}{
	{"boolean | text", vec(kindBool, true, false, nil), nil},
	{"smallint | integer | bigint | numeric | numeric(10,0) | numeric(12,2) | real | double precision | text | varchar(9)", vec(kindInt, 0, 7, -7, 32767, -32768, nil), nil},
	{"bigint | numeric | text", vec(kindInt, math.MaxInt64, math.MinInt64, 1), []string{"9223372036854775807", "-9223372036854775808", "1"}},
	{"double precision | numeric | text", vec(kindFloat, 0.1, -2.5, 1e15, 1.0/3, 1e-7, 123456.78, nil), nil},
	{"double precision", vec(kindFloat, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324, 1e300), []string{"NaN", "Infinity", "-Infinity", "1.7976931348623157e+308", "5e-324", "1e+300"}},
	{"real", vec(kindFloat, float64(float32(0.1)), float64(float32(1e-40)), 1e10), []string{"0.1", "1e-40", "1e+10"}},
	{"numeric(12,2) | numeric | double precision | text", decimals(2, 123456, -5, 1, nil), nil},
	{"numeric(18,18)", decimals(18, math.MaxInt64/10, 1), nil},
	{"numeric(18,0) | bigint | numeric", vec(kindInt, 999999999999999999), nil},
	{"date | text", vec(kindDate, 0, 20000, -719162, nil), []string{"1970-01-01", "2024-10-04", "0001-01-01", ""}},
	{"date", vec(kindDate, 2145042905, -2440588, -719163, 2932897), []string{"5874897-12-31", "4714-11-24 BC", "0001-12-31 BC", "10000-01-01"}},
	{"time | time(6) | text", vec(kindTime, 0, 86_399_999_999, day, 1, nil), []string{"00:00:00", "23:59:59.999999", "24:00:00", "00:00:00.000001", ""}},
	{"timestamp | timestamptz | text", vec(kindTimestamp, 0, -1, 1_746_072_000_000_001, nil), nil},
	{"timestamp", vec(kindTimestamp, 106751990*day+1, -719163*day+1, -210866803200000000), []string{"294247-01-09 00:00:00.000001", "0001-12-31 00:00:00.000001 BC", "4714-11-24 00:00:00 BC"}},
	{"timestamptz(3)", vec(kindTimestamp, -719163*day+1000, 253402300800000000), []string{"0001-12-31 00:00:00.001+00 BC", "10000-01-01 00:00:00+00"}},
	{"uuid | text | varchar(36) | char(36)", vec(kindUUID, [16]byte{1, 2, 3, 15: 255}, nil), []string{"01020300-0000-0000-0000-0000000000ff", ""}},
	{"text | varchar | varchar(20) | bpchar | name", vec(kindText, "", "a\\b\tc\nd\re", `\N`, "é😀", "'\"", nil), nil},
	{"char(5)", vec(kindText, "ab", "", "abcde", " b"), []string{"ab", "", "abcde", " b"}}, // what fills it up is not of the value
	{"public.citext | public.email", vec(kindText, "A@b.c", "x@y.z"), nil},
	{"integer", vec(kindText, "-42", "7", nil), nil},
	{"public.mood | public.moody", vec(kindText, "ok", "not 'so' \\ good", nil), nil},
	{"jsonb", vec(kindJSON, `{"a": 1, "bb": [true, null, "x\"\\\n"]}`, `[]`, `"s"`, `null`, `1.50`, nil), nil},
	{"json | text", vec(kindJSON, `{"b":1,  "a":  [1.50]}`, `{}`, nil), nil},
	{"bytea", vec(kindBytes, "", "\x00\x01\\\n\xff", strings.Repeat("\x80", 3000), nil), nil},
	{"interval", vec(kindLiteral, "1 year 2 mons 3 days 04:05:06.7", "-00:00:01", nil), nil},
	{"inet", vec(kindLiteral, "10.0.0.1", "::1/64"), nil},
	{"text[]", vec(kindLiteral, `{a,"b c","d\"e\\f",NULL,"null"}`, "{}", nil), nil},
	{"int4range", vec(kindLiteral, "[1,5)", "empty", "(,)"), nil},
	{"point", vec(kindLiteral, "(1,2.5)"), nil},
	{"bit(3)", vec(kindLiteral, "101"), nil},
	{"timetz", vec(kindLiteral, "01:02:03+05:30"), nil},
	{"tsvector", vec(kindLiteral, "'a':1 'b''c':2"), nil},
	{"public.pair", vec(kindLiteral, `(1,"x,y")`), nil},
	{"numeric(30,5)", vec(kindLiteral, "1234567890123456789012345.12345"), nil},
	{"xml", vec(kindLiteral, "<a>1</a>"), nil},
	{"oid", vec(kindLiteral, "4294967295"), nil},
	{"pg_lsn", vec(kindLiteral, "16/B374D848"), nil},
	{"money", vec(kindLiteral, "-$1,234.50", "$0.05"), nil},
	{"macaddr", vec(kindLiteral, "08:00:2b:01:02:03"), nil},
}

// Every kind goes into every type that takes it, and comes back as the cell that was written.
func TestPairs(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `create extension citext; create type mood as enum ('ok', 'not ''so'' \ good'); create domain moody as mood;
create domain email as citext check (value ~ '@'); create type pair as (a int, b text);`)
		var ddl strings.Builder
		n := 0
		each := func(f func(name, typ string, p int)) {
			n = 0
			for p := range pairs {
				for typ := range strings.SplitSeq(pairs[p].types, " | ") {
					n++
					f(fmt.Sprint("t", n), typ, p)
				}
			}
		}
		each(func(name, typ string, _ int) {
			fmt.Fprintf(&ddl, "create table %s (id int primary key, x %s);\n", name, typ)
		})
		if err := db.CreateSchema(t.Context(), ddl.String()); err != nil {
			t.Fatal(err)
		}
		d := inspect(t, db)
		each(func(name, typ string, p int) {
			want := pairs[p].cells
			tg := target(t, d, name)
			tg.Kinds[1] = want.Kind
			if !postgres.Accepts(want.Kind, tg.Table.Columns[1].Type) {
				t.Errorf("%s into %s is not accepted", want.Kind, typ)
				return
			}
			b := batch(0, tg, numbers(0, int64(want.Len())), want)
			if err := tryLoad(t, db, tg, b); err != nil {
				t.Errorf("%s into %s: %v", want.Kind, typ, err)
				return
			}
			got := new(column.Batch)
			if _, err := db.ReadRows(t.Context(), tg, "id", b.Vecs[0], got); err != nil {
				t.Errorf("%s from %s: %v", want.Kind, typ, err)
				return
			}
			g := got.Vecs[1]
			for i := range want.Len() {
				if g.Kind == kindDecimal && g.Scale != want.Scale && typ == "double precision" {
					continue // a double does not remember the scale
				}
				if !want.Equal(i, g, i) || g.Scale != want.Scale {
					t.Errorf("%s in %s: got %q (scale %d), want %q (scale %d)", want.Kind, typ, g.String(i), g.Scale, want.String(i), want.Scale)
				}
			}
			if pairs[p].text != nil && typ != "text" && typ != "char(36)" {
				for i, w := range pairs[p].text {
					if g := s.Psql(t, url, fmt.Sprintf("set timezone = 'UTC'; set datestyle = 'ISO'; select x::text from %s where id = %d", name, i)); g != w {
						t.Errorf("%s in %s: the server has %q, want %q", want.Kind, typ, g, w)
					}
				}
			}
			// The column's own equality finds what was written; json, point and xml have none.
			if typ == "json" || typ == "point" || typ == "xml" {
				return
			}
			probe := vec(want.Kind)
			probe.Scale = want.Scale
			for i := range want.Len() {
				if !want.Null(i) {
					probe.AppendCell(want, i)
				}
			}
			stand, err := db.Standing(t.Context(), tg.Table, "x", probe)
			if err != nil || len(stand) != probe.Len() {
				t.Errorf("%s in %s: %v of %d cells stand, %v", want.Kind, typ, stand, probe.Len(), err)
			}
		})
	})
}

func TestReadRowsErrors(t *testing.T) {
	s := pgtest.Shared(t, 0)
	db, _ := fresh(t, s, `create table t (id int, at timestamp, n numeric); insert into t values (1, '294270-01-01', 'NaN'), (2, null, null), (2, now(), 1)`)
	tg := target(t, inspect(t, db), "t", "id", "at")
	got := new(column.Batch)
	_, err := db.ReadRows(t.Context(), tg, "id", numbers(1, 2), got)
	wants(t, err, "read rows of public.t", `column "at"`, `"294270-01-01 00:00:00"`, "timestamp")
	tg = target(t, inspect(t, db), "t", "n")
	tg.Kinds[0] = kindDecimal
	_, err = db.ReadRows(t.Context(), tg, "id", numbers(1, 2), got)
	wants(t, err, `column "n"`, "NaN")
	_, err = db.ReadRows(t.Context(), &sink.Target{Table: tg.Table, Columns: []string{"nope"}, Kinds: tg.Kinds}, "id", numbers(1, 2), got)
	wants(t, err, `no column "nope"`)
	_, err = db.ReadRows(t.Context(), tg, "nope", numbers(1, 2), got)
	wants(t, err, `no column "nope"`)
	_, err = db.ReadRows(t.Context(), tg, "id", vec(kindUUID, [16]byte{}), got)
	wants(t, err, "no cells of kind uuid")
	// A null key finds nothing; of rows with one key the first is given.
	tg = target(t, inspect(t, db), "t", "id")
	found, err := db.ReadRows(t.Context(), tg, "id", vec(kindInt, nil, 2, 3), got)
	if err != nil || len(found) != 3 || found[0] || !found[1] || found[2] || got.N != 1 {
		t.Errorf("found %v, %d rows, %v", found, got.N, err)
	}
	// No columns at all: only who stands.
	found, err = db.ReadRows(t.Context(), &sink.Target{Table: tg.Table}, "id", numbers(1, 4), got)
	if err != nil || !found[0] || !found[1] || found[2] || got.N != 2 {
		t.Errorf("found %v, %d rows, %v", found, got.N, err)
	}
}
