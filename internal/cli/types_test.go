package cli

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// modifiedTypes has a column of every type that takes a modifier, with its modifiers, of domains over them and arrays.
const modifiedTypes = `
create domain d_vc as varchar(5); create domain d_iv as interval hour to minute; create domain d_ts as timestamp(0);
create domain d_num as numeric(6,2); create domain d_bit as bit(3); create domain d_arr as varchar(3)[]; create domain d_tz as timetz(1);
create table spans (id serial primary key, i1 interval year, i2 interval month, i3 interval day, i4 interval hour, i5 interval minute,
	i6 interval second, i7 interval second(0), i8 interval second(2), i9 interval year to month, i10 interval day to hour,
	i11 interval day to minute, i12 interval day to second, i13 interval day to second(0), i14 interval hour to minute,
	i15 interval hour to second, i16 interval minute to second(1), i17 interval(0), i18 interval(3), i19 interval,
	u1 interval hour not null unique, u2 interval year not null unique, u3 interval minute not null unique,
	t0 time(0), t2 time(2), t6 time, z0 timetz(0), z2 timetz(2), z6 timetz, z1 timetz(1) not null unique,
	ts0 timestamp(0), ts3 timestamp(3), tz0 timestamptz(0), tz3 timestamptz(3), tz6 timestamptz,
	a1 interval year to month[], a2 interval hour[], a3 time(0)[], a4 timetz(0)[], a5 timestamp(0)[], a6 timestamptz(3)[],
	a7 interval second(0)[], d1 d_iv, d2 d_ts, d3 d_tz, da1 d_iv[], da2 d_ts[], da3 d_tz[]);
create table others (id serial primary key, b1 bit(1), b3 bit(3), b9 bit(9), v1 varbit(1), v3 varbit(3), v7 varbit(7), v20 varbit(20),
	vb varbit, n1 numeric(1000,500), n2 numeric(6,2), n3 numeric(38,20), n4 numeric, n5 numeric(18,18), n6 numeric(5,0), n7 numeric(50,50),
	n8 numeric(20,18), c1 char(1), c5 char(5), bp bpchar, qc "char", nm name, vc1 varchar(1), vc varchar,
	rp regproc, rpe regprocedure, ro regoper, roe regoperator, rc regclass, rt regtype, rr regrole, rn regnamespace, rcf regconfig,
	rd regdictionary, cu refcursor, d1 d_vc, d4 d_num, d5 d_bit, d6 d_arr,
	a7 bit(3)[], a8 varbit(3)[], a9 numeric(6,2)[], a10 char(5)[], a11 varchar(2)[], a12 d_vc[], a15 "char"[], a16 name[], a17 regclass[],
	a18 regtype[], a20 numeric(1000,500)[], a21 regproc[], a22 d_num[], a23 d_bit[])`

// Cells are what the database gives back, whatever modifiers its types have.
func TestTypeModifiers(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		address := s.NewDatabase(t, "modifiers")
		s.Psql(t, address, modifiedTypes)
		tables := []string{"spans", "others"}
		if s.Version >= 15 { // scales below zero, and above the precision
			s.Psql(t, address, `create table scales (id serial primary key, n1 numeric(3,5), n2 numeric(2,-3), n3 numeric(3,-3), n4 numeric(4,-20),
				n5 numeric(1000,1000), n6 numeric(1000,-1000), a1 numeric(3,5)[], a2 numeric(2,-3)[])`)
			tables = append(tables, "scales")
		}
		for _, args := range [][]string{{"generate"}, {"verify"}, {"clean", "--yes"}} {
			code, out, errs := call(t, nil, append(args, "--database-url", address, "--rows=100")...)
			if code != 0 || strings.Contains(out, "BROKEN") {
				t.Fatalf("%s ended with %d:\n%s%s", args[0], code, out, errs)
			}
			want := "100"
			if args[0] == "clean" {
				want = "0"
			}
			for _, table := range tables {
				if got := s.Psql(t, address, "select count(*) from "+table); got != want {
					t.Errorf("after %s %s has %s rows, want %s", args[0], table, got, want)
				}
			}
		}
	})
}

// What a column with a modifier would not give back is refused before anything is written.
func TestIntervalsThatAreLost(t *testing.T) {
	s := pgtest.Shared(t, 0)
	address := s.NewDatabase(t, "lost")
	s.Psql(t, address, `create table t (y interval year, h interval hour, s interval second(1))`)
	for column, want := range map[string]string{
		"y: {interval: {max: 5, unit: months}}":              "t.y: interval: the column keeps whole years alone",
		"y: {interval: {max: 5}}":                            "t.y: interval: the column keeps whole years alone",
		"h: {interval: {max: 90, unit: minutes}}":            "t.h: interval: the column keeps whole hours alone",
		"s: {interval: {max: 90, unit: milliseconds}}":       "t.s: interval: the column keeps seconds of 1 digit behind the point",
		"h: {interval: {max: 3, unit: months}}":              "",
		"h: {interval: {max: 120, step: 60, unit: minutes}}": "",
	} {
		file := t.TempDir() + "/b.yaml"
		write(t, file, "sower: 1\nname: lost\ntables:\n  t:\n    rows: 5\n    columns:\n      "+column+"\n")
		code, _, errs := call(t, nil, "plan", file, "--database-url", address)
		if (code == 0) != (want == "") || !strings.Contains(errs, want) {
			t.Errorf("%s ended with %d:\n%s", column, code, errs)
		}
	}
}
