package run_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// No index finds children by their parent here.
const forestDDL = `
create table trees (id integer primary key, name text not null, up_id integer references trees (id));
create table leaves (id integer primary key, tree_id integer not null references trees (id), pad text not null);
create table nests (id integer primary key, tree_id integer references trees (id), leaf_id integer references leaves (id), pad text not null);
`

func forest(t testing.TB, trees int) *blueprint.Blueprint {
	t.Helper()
	text := fmt.Sprintf(`
sower: 1
name: forest
tables:
  trees:
    rows: %d
    columns:
      id: sequence
      name: {person: full_name}
      up_id: {constant: null}
  leaves:
    rows: %d
    columns:
      id: sequence
      tree_id: {reference: {table: trees, column: id}}
      pad: {constant: "%s"}
`, trees, 4*trees, strings.Repeat("x", 400))
	doc, err := blueprint.Open(fstest.MapFS{"forest.yaml": {Data: []byte(text)}}, "forest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// touched is the number of pages that sessions of this database have looked at so far.
func touched(t testing.TB, s sink.Store) int64 {
	t.Helper()
	const sql = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
	for last, end := query(t, s, sql), time.Now().Add(20*time.Second); ; {
		time.Sleep(700 * time.Millisecond) // a session tells what it did when it ends
		n := query(t, s, sql)
		if n-last < 2000 || time.Now().After(end) {
			return n
		}
		last = n
	}
}

// Four times the rows cost about four times the work, not sixteen times: where tables hold the run's rows alone, and
// where they hold rows of others too, with no index on the columns that refer.
func TestCleanIsLinear(t *testing.T) {
	cases := map[string]string{
		"alone": "",
		"mixed": `insert into trees values (1000000, 'mine', null); insert into leaves values (1000000, 1000000, 'mine');
insert into nests select i + 0, null, null, repeat('y', 400) from generate_series(1, %d) i`,
	}
	for name, others := range cases {
		t.Run(name, func(t *testing.T) {
			var work []int64
			everywhere(t, func(t *testing.T, db database) {
				if db.kind != "postgres" {
					return // there the keys are not asked row by row
				}
				for _, trees := range []int{1500, 6000} {
					s, b := db.open(), forest(t, trees)
					create(t, s, "drop table if exists nests, leaves, trees cascade;"+forestDDL)
					generate(t, s, b, 1, run.Options{})
					mine := int64(0)
					if others != "" {
						db.exec(t, s, fmt.Sprintf(others, trees))
						mine = 1
					}
					before := touched(t, s)
					clean(t, s, b, run.CleanOptions{})
					work = append(work, touched(t, s)-before)
					want(t, s, mine, "select count(*) from trees")
					want(t, s, mine, "select count(*) from leaves")
					want(t, s, 0, "select count(*) from pg_class where relname like 'sower%'")
				}
				if few, many := work[len(work)-2], work[len(work)-1]; many > 8*few {
					t.Errorf("7,500 rows were cleaned with %d pages looked at, 30,000 with %d", few, many)
				} else {
					t.Logf("7,500 rows: %d pages looked at; 30,000: %d", few, many)
				}
			})
		})
	}
}

// What a changed row refers to stays, along a chain of any length, which is followed once.
func TestCleanSparesChains(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), chain(t, 30000)
		create(t, s, "create table links (id integer primary key, name text not null, up_id integer)")
		generate(t, s, b, 1, run.Options{})
		build := builder(t, s, b, 1) // the blueprint knows nothing of the key
		if db.kind == "postgres" {
			db.exec(t, s, "alter table links add foreign key (up_id) references links")
		} else {
			db.exec(t, s, "create table other (id integer primary key, name text not null, up_id integer references other (id)); insert into other select * from links; drop table links; alter table other rename to links")
		}
		db.exec(t, s, "update links set name = 'Changed' where id = 20000")
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		c, err := run.Clean(ctx, s, build, run.CleanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if l := of(c, "links"); l.Changed != 1 || l.Spared != 19999 || l.Deleted != 10000 {
			t.Errorf("%+v", l)
		}
		want(t, s, 20000, "select count(*) from links")
	})
}

func chain(t testing.TB, rows int) *blueprint.Blueprint {
	t.Helper()
	text := fmt.Sprintf("sower: 1\nname: chain\ntables:\n  links:\n    rows: %d\n    columns:\n      id: sequence\n      name: {person: full_name}\n      up_id: {expression: \"id > 1 && id != 20001 ? id - 1 : id\"}\n", rows)
	doc, err := blueprint.Open(fstest.MapFS{"chain.yaml": {Data: []byte(text)}}, "chain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Triggers, rules, policies and those who may not truncate see deletions as they always did.
func TestCleanDeletesWhereSomebodyLooks(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), forest(t, 40)
		create(t, s, forestDDL+"create table log (what text)")
		if db.kind == "sqlite" {
			create(t, s, "create trigger felled after delete on leaves begin insert into log values ('leaf'); end")
		} else {
			create(t, s, `create function felled() returns trigger language plpgsql as $$ begin insert into public.log values ('leaf'); return null; end $$;
create trigger felled after delete on leaves for each row execute function felled();
create function never() returns trigger language plpgsql as $$ begin raise exception 'truncated'; end $$;
create trigger never before truncate on trees for each statement execute function never();`)
		}
		generate(t, s, b, 1, run.Options{})
		clean(t, s, b, run.CleanOptions{})
		want(t, s, 160, "select count(*) from log")
		want(t, s, 0, "select count(*) from trees")
	})
}

// A table whose partition others refer to, and tables that refer to each other.
func TestCleanPartitions(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		if db.kind != "postgres" {
			return
		}
		s, b := db.open(), forest(t, 60)
		create(t, s, `create table trees (id integer primary key, name text not null, up_id integer) partition by range (id);
create table trees_low partition of trees for values from (minvalue) to (31);
create table trees_high partition of trees for values from (31) to (maxvalue);
create table leaves (id integer primary key, tree_id integer not null references trees (id), pad text not null);
create table nests (id integer primary key, tree_id integer references trees_low (id) on delete cascade)`)
		generate(t, s, b, 1, run.Options{})
		db.exec(t, s, "insert into nests values (1, 7)")
		if _, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{}); !errors.Is(err, run.ErrDepended) || !strings.Contains(err.Error(), "1 rows of public.nests refer to rows of trees") {
			t.Fatal(err)
		}
		db.exec(t, s, "delete from nests")
		clean(t, s, b, run.CleanOptions{})
		want(t, s, 0, "select count(*) from trees")
		want(t, s, 0, "select count(*) from leaves")
	})
}

// A table that others made a partition of theirs goes as a whole, like any other, also where the keys are the whole's.
func TestCleanMadePartition(t *testing.T) {
	for name, keys := range map[string]string{
		"its own keys":     "",
		"the whole's keys": "alter table all_jobs add foreign key (user_id) references users (id)",
	} {
		t.Run(name, func(t *testing.T) {
			onPostgres(t, ddl(t, "postgres"), func(t *testing.T, s sink.Store) {
				b := scenario(t, nil)
				generate(t, s, b, 1, run.Options{})
				create(t, s, `create table all_jobs (like generation_jobs) partition by range (id);
					alter table all_jobs attach partition generation_jobs for values from (minvalue) to (1000000000);`+keys)
				if _, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{}); err != nil {
					t.Fatal(err)
				}
				want(t, s, 0, "select (select count(*) from users) + (select count(*) from content_items) + (select count(*) from generation_jobs)")
			})
		})
	}
}
