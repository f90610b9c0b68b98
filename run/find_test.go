package run_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

const unkeyed = `
create table places (region integer not null, no integer not null, name varchar(40) not null, height real, price numeric(8,2), seen timestamp, primary key (region, no));
create table visits (region integer, no integer, what varchar(10), share double precision, foreign key (region, no) references places (region, no));`

const unkeyedBlueprint = `
  places:
    rows: 900
    unique: [[region, no]]
    columns:
      region: {integer: {min: 1, max: 40}}
      no: {integer: {min: 1, max: 40}}
      name: {pick: [inn, mill, "the old, tall tower"]}
      height: {float: {min: 0, max: 9}, nulls: 0.2}
      price: {decimal: {max: 900, scale: 2}, nulls: 0.2}
      seen: {timestamp: {from: 2025-01-01, to: 2026-01-01}}
  visits:
    rows: 700
    columns:
      region: {reference: {table: places, column: region}, nulls: 0.1}
      no: {cell: region.no}
      what: {pick: [walk, rest], nulls: 0.1}
      share: {pick: [0.1, 0.5, -0.0]}
`

// Rows that no single column tells apart are compared too, whatever stands beside them: by a key of several columns,
// or by all cells. Equal rows are told by how many there are.
func TestVerifyWithoutOneKey(t *testing.T) {
	for _, atOnce := range []int64{500_000, 130} { // one pass, and several
		t.Run(fmt.Sprint(atOnce), func(t *testing.T) {
			was := *run.FoundAtOnce
			*run.FoundAtOnce = atOnce
			defer func() { *run.FoundAtOnce = was }()
			everywhere(t, func(t *testing.T, db database) {
				s := db.open()
				create(t, s, unkeyed)
				b := blueprintOf(t, unkeyedBlueprint)
				generate(t, s, b, 1, run.Options{})
				const cells = 900*6 + 700*4
				if v := holds(t, s, b, run.Options{}); v.Cells != cells {
					t.Errorf("%d cells were compared, not %d", v.Cells, cells)
				}
				// A row of others beside them, for which counting alone would be to blame.
				create(t, s, "insert into places values (99, 99, 'ours', 1, 1, null)")
				broken := func(what string, wants ...string) {
					t.Helper()
					v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for _, f := range v.Rules {
						if strings.HasSuffix(f.Text, "every cell is the one that was made") && !f.OK {
							got = append(got, f.Table+": "+f.Detail)
						}
					}
					if !slices.EqualFunc(got, wants, strings.Contains) {
						t.Errorf("%s: got %q, want %q", what, got, wants)
					}
				}
				broken("another row beside")
				key := "(region, no) = (select region, no from places where region < 99 and not exists (select 1 from visits v where v.region = places.region and v.no = places.no) order by region, no limit 1)"
				create(t, s, "update places set price = 1000 where "+key)
				broken("a cell is another", `places: 1 differ: price of region `)
				create(t, s, "delete from places where "+key)
				broken("a row is gone", `places: 1 differ: row `)
				create(t, s, "insert into visits select region, no, what, share from visits limit 1")
				broken("a row stands twice", `places: 1 differ: row `)
				create(t, s, "update visits set what = 'swim' where what = 'rest' and share = 0.5")
				n := query(t, s, "select count(*) from visits where what = 'swim'")
				broken("rows without a key are others", `places: 1 differ: row `, fmt.Sprintf("visits: %d differ: row ", n))
				create(t, s, "delete from visits where what = 'swim'")
				left := query(t, s, "select count(*) from visits")
				c := clean(t, s, b, run.CleanOptions{Forget: true})
				for _, x := range c.Tables {
					switch {
					case x.Name == "places" && (x.Deleted+x.Spared != 899 || x.Missing != 1):
						t.Errorf("clean: %+v", x)
					case x.Name == "visits" && (x.Deleted != left && x.Deleted != left-1 || x.Missing+x.Untold < n):
						t.Errorf("clean, with %d rows left: %+v", left, x)
					}
				}
			})
		})
	}
}

// What triggers change is known of tables with keys of several columns, too; rows without a key that triggers may have
// changed are counted alone.
func TestTriggersWithoutOneKey(t *testing.T) {
	onPostgres(t, unkeyed+`
		create table numbers (a int not null, b int not null, n int, primary key (a, b));
		create function shout() returns trigger language plpgsql as $$ begin new.name := upper(new.name); return new; end $$;
		create function rest() returns trigger language plpgsql as $$ begin new.what := 'rest'; return new; end $$;
		create function move() returns trigger language plpgsql as $$ begin new.a := new.a + 1000; return new; end $$;
		create trigger shout before insert on places for each row execute function shout();
		create trigger rest before insert on visits for each row execute function rest();
		create trigger move before insert on numbers for each row execute function move();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, unkeyedBlueprint+`
  numbers: {rows: 50, columns: {a: sequence, b: sequence, n: {integer: {max: 9}}}}
`)
		generate(t, s, b, 1, run.Options{})
		v := holds(t, s, b, run.Options{})
		for _, want := range []string{
			"places: every cell is the one that was made, but for those that triggers changed (name)",
			"visits: its rows have no key, and triggers may have changed them: they are counted, not compared",
			"numbers: its rows cannot be told from others: they are counted, not compared",
		} {
			if !slices.ContainsFunc(v.Rules, func(f run.Finding) bool { return f.Text == want }) {
				t.Errorf("%q is missing: %+v", want, v.Rules)
			}
		}
		create(t, s, "delete from visits")
		c := clean(t, s, b, run.CleanOptions{Forget: true})
		for _, x := range c.Tables {
			if x.Name == "numbers" && x.Reason != "triggers changed what its rows could be told from others by" {
				t.Errorf("numbers: %+v", x)
			}
			if x.Name == "places" && x.Changed > 0 {
				t.Errorf("places: %+v", x)
			}
		}
	})
}
