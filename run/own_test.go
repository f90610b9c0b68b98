package run_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// brokenRules are the rules that do not hold.
func brokenRules(t testing.TB, s sink.Store, b *blueprint.Blueprint, o run.Options) (out []string) {
	t.Helper()
	v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Rules {
		if !f.OK {
			out = append(out, f.Text+": "+f.Detail)
		}
	}
	return out
}

// What verify counts are the rows of its run, whatever stands beside them, in tables whose key has several columns or
// that have none; and it finds what is missing in either run.
func TestVerifyBesideOtherRuns(t *testing.T) {
	// shelves have an identity in their key, fits are told by their parents' keys, marks by their own, notes by nothing.
	const tables = `
		create table boxes (id integer primary key, name varchar(20));
		create table shelves (box_id integer not null references boxes, no integer not null, primary key (box_id, no));
		create table fits (a integer not null references boxes, b integer not null references boxes, primary key (a, b));
		create table marks (x integer not null, lang varchar(5) not null, weight integer not null, primary key (x, lang));
		create table notes (x integer, kind varchar(10));
		insert into marks values (-7, 'xx', 99); insert into notes values (-7, 'c');`
	b := blueprintOf(t, `
  boxes: {rows: 30, columns: {id: sequence, name: {pick: [small, large]}}}
  shelves: {rows: 40, columns: {box_id: {reference: boxes}, no: sequence}}
  fits: {rows: 50, unique: [[a, b]], columns: {a: {reference: boxes}, b: {reference: boxes}}}
  marks:
    rows: 1300
    unique: [[x, lang]]
    columns: {x: {integer: {min: 1, max: 2000000000}}, lang: {pick: [de, en]}, weight: {integer: {min: 1, max: 9}}}
  notes: {rows: 20, columns: {x: {integer: {min: 1, max: 2000000000}}, kind: {quota: {shares: {a: 25, b: 75}}}}}
`)
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, tables)
		generate(t, s, b, 1, run.Options{})
		for range 2 {
			generate(t, s, b, 1, run.Options{Append: true})
		}
		want(t, s, 150, "select count(*) from fits")
		holds(t, s, b, run.Options{})
		v := holds(t, s, b, run.Options{Append: true})
		texts := make([]string, len(v.Rules))
		for i, f := range v.Rules {
			texts[i] = f.Text
		}
		for _, text := range []string{"shelves has 40 rows", "fits has 50 rows", "marks has 1300 rows", "notes has 20 rows, but for rows that are not of this run (41)"} {
			if !slices.Contains(texts, text) {
				t.Errorf("%q is missing in %q", text, texts)
			}
		}
		// The first and the last run each lose what is theirs.
		for _, damage := range []struct{ sql, first, last string }{
			{"delete from fits where a = (select min(a) from fits) and b = (select min(b) from fits where a = (select min(a) from fits))", "fits has 50 rows: found 49", ""},
			{"delete from shelves where no = (select max(no) from shelves)", "", "shelves has 40 rows: found 39"},
			{"update marks set weight = 10 where x = (select max(x) from marks)", "", ""},
			{"delete from notes where kind = 'a'", "notes: every cell", "notes: every cell"},
		} {
			create(t, s, damage.sql)
			first, last := strings.Join(brokenRules(t, s, b, run.Options{}), "\n"), strings.Join(brokenRules(t, s, b, run.Options{Append: true}), "\n")
			if !strings.Contains(first, damage.first) || !strings.Contains(last, damage.last) {
				t.Errorf("after %s: the first run:\n%s\nthe last one:\n%s", damage.sql, first, last)
			}
		}
	})
}

// That each row of a table has one of another is a rule of each part, and of the run's rows.
func TestVerifyPartsOfOneParent(t *testing.T) {
	for name, key := range map[string]string{"counted": "id: sequence", "uuid": "id: uuid"} {
		t.Run(name, func(t *testing.T) {
			b := blueprintOf(t, `
  deal: {rows: 60, columns: {id: sequence}}
  side:
    parts: {debit: {each: deal}, credit: {each: deal}}
    columns:
      `+key+`
      deal_id: {part: {debit: {cell: debit.id}, credit: {cell: credit.id}}}
      amount: {part: {debit: 100, credit: -100}}
`)
			everywhere(t, func(t *testing.T, db database) {
				s := db.open()
				kind := map[string]string{"counted": "integer", "uuid": map[string]string{"sqlite": "varchar(36)", "postgres": "uuid"}[db.kind]}[name]
				create(t, s, "create table deal (id integer primary key); create table side (id "+kind+" primary key, deal_id integer not null references deal, amount integer not null)")
				generate(t, s, b, 1, run.Options{})
				holds(t, s, b, run.Options{})
				generate(t, s, b, 1, run.Options{Append: true})
				holds(t, s, b, run.Options{})
				holds(t, s, b, run.Options{Append: true})
				create(t, s, "update side set deal_id = 2 where deal_id = 6 and amount = -100")
				if got := strings.Join(brokenRules(t, s, b, run.Options{}), "\n"); !strings.Contains(got, "every row of deal has") {
					t.Errorf("a row follows another deal: %s", got)
				}
			})
		})
	}
}

// A run that did not come to its end is no success, and verify names the tables that lack rows.
func TestVerifyUnfinished(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, "create table a (id integer primary key); create table b (id integer primary key, n integer not null)")
		create(t, s, map[string]string{
			"sqlite":   "create trigger never before insert on b begin select raise(abort, 'never'); end",
			"postgres": "create function never() returns trigger language plpgsql as $$ begin raise exception 'never'; end $$; create trigger never before insert on b for each row execute function never()",
		}[db.kind])
		b := blueprintOf(t, `
  a: {rows: 30, columns: {id: sequence}}
  b: {rows: 40, columns: {id: sequence, n: {integer: {min: 8, max: 90}}}}
`)
		if _, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{}); err == nil {
			t.Fatal("no error")
		}
		const text = "run 1 came to its end: these tables are not whole: b (0 of 40 rows); sower generate"
		if got := brokenRules(t, s, b, run.Options{}); len(got) == 0 || !strings.HasPrefix(got[0], text) {
			t.Errorf("%q", got)
		}
		create(t, s, map[string]string{"sqlite": "drop trigger never", "postgres": "drop trigger never on b"}[db.kind])
		generate(t, s, b, 1, run.Options{})
		holds(t, s, b, run.Options{})
	})
}

// A key that is NOT VALID holds nothing by itself: verify finds the run's rows that refer to nothing by it, and no others.
func TestVerifyDangling(t *testing.T) {
	onPostgres(t, `
		create table beds (garden integer not null, no integer not null, primary key (garden, no));
		create table plants (id integer primary key, garden integer, no integer);
		insert into plants values (-1, 7, 7);
		alter table plants add constraint plants_bed foreign key (garden, no) references beds not valid;`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  beds: {rows: 12, unique: [[garden, no]], columns: {garden: {integer: {min: 20, max: 60}}, no: {integer: {min: 1, max: 9}}}}
  plants: {rows: 40, columns: {id: sequence, garden: {reference: {table: beds, column: garden}}, no: {cell: garden.no}}}
`)
		generate(t, s, b, 1, run.Options{})
		holds(t, s, b, run.Options{}) // the row that was there before dangles, and is nobody's
		create(t, s, "alter table plants disable trigger all; alter table beds disable trigger all; delete from beds where (garden, no) = (select garden, no from plants where id = 1)")
		const text = "plants: no row refers to nothing by (garden, no), of which the key plants_bed is NOT VALID: not so in "
		if got := strings.Join(brokenRules(t, s, b, run.Options{}), "\n"); !strings.Contains(got, text) {
			t.Errorf("%s", got)
		}
	})
}
