package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Tables of every odd kind are filled with as many rows as were asked for, and sequences go on behind them.
func TestOddTables(t *testing.T) {
	onPostgres(t, `
		create table nothing ();
		create table only_id (id bigserial primary key);
		create table always (id int generated always as identity primary key, n int not null, twice int generated always as (n * 2) stored);
		create table keyless (a int not null, b varchar(10) not null);
		create table waits (id int primary key, place int not null, unique (place) deferrable initially deferred);
		create table base (id int primary key, name varchar(20) not null);
		create table derived (extra int not null, primary key (id)) inherits (base);
		create table parted (id int not null, region varchar(10) not null, primary key (id, region)) partition by list (region);
		create table parted_a partition of parted for values in ('a'); create table parted_rest partition of parted default;
		create unlogged table fast (id int primary key);
		create sequence shared_ids increment by 10; create table left_side (id int primary key default nextval('shared_ids')); create table right_side (id int primary key default nextval('shared_ids'));
		create sequence falling increment by -1; create table below (id int primary key default nextval('falling'));
		create table numbered (code int primary key, place serial not null);`,
		func(t *testing.T, s sink.Store) {
			b := blueprintOf(t, `
  nothing: {rows: 30}
  only_id: {rows: 40}
  always: {rows: 50, columns: {id: sequence, n: {integer: {max: 9}}}}
  keyless: {rows: 60, columns: {a: {integer: {max: 9}}, b: {pick: [x, y]}}}
  waits: {rows: 70, columns: {id: sequence, place: {integer: {max: 1000}, unique: true}}}
  base: {rows: 80, columns: {id: sequence, name: {pick: [x, y]}}}
  derived: {rows: 90, columns: {id: sequence, name: {pick: [x, y]}, extra: {integer: {max: 9}}}}
  parted: {rows: 100, columns: {id: sequence, region: {pick: [a, b, c]}}}
  fast: {rows: 10, columns: {id: sequence}}
  left_side: {rows: 25, columns: {id: sequence}}
  right_side: {rows: 25, columns: {id: sequence}}
  below: {rows: 15, columns: {id: sequence}}
  numbered: {rows: 20, columns: {code: sequence, place: {integer: {min: 100, max: 500}}}}
`)
			for _, o := range []run.Options{{Workers: 2, BatchRows: 16}, {Workers: 2, BatchRows: 16, Append: true, Strategy: run.Rebuild}} {
				report := generate(t, s, b, 1, o)
				if report.Rows != 615 || report.State != "complete" {
					t.Errorf("%s, %d rows", report.State, report.Rows)
				}
				if again := generate(t, s, b, 1, run.Options{}); again.Rows != 0 {
					t.Errorf("again made %d rows", again.Rows)
				}
			}
			for table, n := range map[string]int64{"nothing": 30, "only_id": 40, "always": 50, "keyless": 60, "waits": 70, "only base": 80, "derived": 90, "parted": 100, "fast": 10, "left_side": 25, "below": 15} {
				want(t, s, 2*n, "select count(*) from "+table)
			}
			want(t, s, 0, "select count(*) from left_side join right_side using (id)")
			want(t, s, 0, "select count(*) from below where id > -1")
			create(t, s, "insert into left_side default values; insert into right_side default values; insert into below default values; insert into only_id default values; insert into numbered (code) values (-1); insert into always (n) values (1)")
			want(t, s, 1, "select count(*) from numbered where place > (select max(place) from numbered where code > 0)")
		})
}

// What is in the way of a load is said before anything is written.
func TestRefusals(t *testing.T) {
	onPostgres(t, `create table t (id int primary key); create function refuse() returns trigger language plpgsql as 'begin return new; end'`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, "\n  t: {rows: 10, columns: {id: sequence}}\n")
		create(t, s, "alter table t enable row level security; alter table t force row level security")
		generate(t, s, b, 1, run.Options{}) // a superuser passes
		want(t, s, 10, "select count(*) from t")
		_, err := run.Generate(context.Background(), weak{s}, builder(t, s, b, 1), run.Options{Append: true})
		if err == nil || !strings.Contains(err.Error(), "it is shut") {
			t.Errorf("got %v", err)
		}
		want(t, s, 10, "select count(*) from t")
	})
}

// weak is a Store whose tables cannot be filled.
type weak struct{ sink.Store }

func (weak) Check(context.Context, []*sink.Target) error { return errShut }

var errShut = errorText("it is shut")

type errorText string

func (e errorText) Error() string { return string(e) }

// A column of single precision holds every generator's cells as it rounds them: rules, cells and clean agree on that.
func TestSinglePrecision(t *testing.T) {
	onPostgres(t, "create table singles (id int primary key, n real not null, picked real not null, shared real not null, computed real not null, computed_from real not null, lat real not null, drawn real, told text not null, doc jsonb not null, wide double precision not null, named text not null, chosen int not null, given real not null)",
		func(t *testing.T, s sink.Store) {
			b := blueprintOf(t, `
  singles:
    rows: 300
    columns:
      id: sequence
      n: {constant: 0.1}
      picked: {pick: [0.1, 0.35, 2.7]}
      shared: {quota: {shares: {0.3: 60, 0.7: 40}}}
      computed: {expression: id / 7.0}
      computed_from: {expression: computed * 2 + picked}
      lat: {address: latitude}
      drawn: {float: {min: 0, max: 1}, nulls: 0.1}
      told: {template: "{picked}"}
      doc: {object: {p: {cell: picked, nulls: 0.2}}}
      wide: {cell: picked}
      named: {expression: text(picked)}
      chosen: {switch: {"on": picked, cases: {0.1: {constant: 1}, 0.35: {constant: 2}, 2.7: {constant: 3}}}}
      given: {constant: 1}
    fixed: {first: {cells: {given: 0.1}}}
`)
			generate(t, s, b, 1, run.Options{})
			if v := holds(t, s, b, run.Options{}); v.Cells != 4200 {
				t.Errorf("%d cells were compared", v.Cells)
			}
			want(t, s, 0, "select count(*) from singles where told <> picked::text or named <> told or coalesce(doc->>'p', told) <> told or wide <> picked")
			clean(t, s, b, run.CleanOptions{})
			want(t, s, 0, "select count(*) from singles")
		})
}

// Distinct cells of single precision keep away from those of fixed rows, by themselves and together with others.
func TestSinglePrecisionDistinct(t *testing.T) {
	onPostgres(t, "create table singles (id int primary key, stepped real not null unique, picked real not null unique, a real not null, b int not null, unique (a, b))",
		func(t *testing.T, s sink.Store) {
			b := blueprintOf(t, `
  singles:
    rows: 10
    fixed: {one: {cells: {stepped: 0.3, picked: 0.7, a: 0.1, b: 1}}}
    unique: [[a, b]]
    columns:
      id: sequence
      stepped: {float: {min: 0, max: 1, step: 0.1}, unique: true}
      picked: {pick: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.1], unique: true}
      a: {pick: [0.1, 0.2, 0.3, 0.4, 0.5]}
      b: {integer: {min: 1, max: 2}}
`)
			for seed := uint64(1); seed <= 6; seed++ {
				if _, err := run.Generate(context.Background(), s, builder(t, s, b, seed), run.Options{}); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				want(t, s, 1, "select count(*) from singles where stepped = 0.3::real and picked = 0.7::real and a = 0.1::real and b = 1")
				if _, err := run.Clean(context.Background(), s, builder(t, s, b, seed), run.CleanOptions{}); err != nil {
					t.Fatal(err)
				}
				want(t, s, 0, "select count(*) from singles")
			}
		})
}
