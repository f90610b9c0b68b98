package run_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// cleanDDL has what cleaning tells apart: a key of one column, of two, none; a tree, a circle, and keys
// that would act on what refers.
const cleanDDL = `
create table users (id integer primary key, name text not null, boss_id integer references users (id), team_id integer);
create table teams (id integer primary key, title text not null, lead_id integer not null references users (id));
create table tags (id integer primary key, word text not null);
create table user_tags (user_id integer not null references users (id) on delete cascade, tag_id integer not null references tags (id), weight integer, primary key (user_id, tag_id));
create table visits (user_id integer not null references users (id), page text, seconds integer);
create table notes (id integer primary key, user_id integer references users (id) on delete set null, tag_id integer references tags (id) on delete cascade);
`

const cleanBlueprint = `
sower: 1
name: town
parameters:
  people: {type: integer, default: 300, min: 0, help: people}
tables:
  users:
    rows: ${people}
    columns:
      id: sequence
      name: {person: full_name}
      boss_id: {reference: {table: users, column: id}}
      team_id: {reference: {table: teams, column: id}}
  teams:
    rows: 20
    columns:
      id: sequence
      title: {word: color}
      lead_id: {reference: {table: users, column: id}}
  tags:
    rows: 50
    columns:
      id: sequence
      word: {word: animal}
  user_tags:
    rows: 900
    unique: [[user_id, tag_id]]
    columns:
      user_id: {reference: {table: users, column: id}}
      tag_id: {reference: {table: tags, column: id}}
      weight: {integer: {min: 1, max: 9}}
  visits:
    rows: 700
    columns:
      user_id: {reference: {table: users, column: id}}
      page: {pick: [home, shop, help]}
      seconds: {integer: {min: 1, max: 3}}
`

func town(t testing.TB) *blueprint.Blueprint { return townOf(t, nil) }

// townOf is the town with values over its parameters.
func townOf(t testing.TB, given map[string]blueprint.Given) *blueprint.Blueprint {
	t.Helper()
	doc, err := blueprint.Open(fstest.MapFS{"town.yaml": {Data: []byte(cleanBlueprint)}}, "town.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(given, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var townTables = []string{"users", "teams", "tags", "user_tags", "visits", "notes"}

// townSQL is the schema; PostgreSQL has one more key than the order of the statements allows.
func townSQL(kind string) string {
	if kind == "postgres" {
		return cleanDDL + "alter table users add foreign key (team_id) references teams (id);"
	}
	return strings.Replace(cleanDDL, "team_id integer)", "team_id integer references teams (id))", 1)
}

func clean(t testing.TB, s sink.Store, b *blueprint.Blueprint, o run.CleanOptions) *run.Cleaned {
	t.Helper()
	c, err := run.Clean(context.Background(), s, builder(t, s, b, 1), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// whole tells whether every rule holds.
func whole(t testing.TB, s sink.Store, b *blueprint.Blueprint) {
	t.Helper()
	v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Rules {
		if !f.OK {
			t.Errorf("broken: %s: %s", f.Text, f.Detail)
		}
	}
}

// exec changes the database by other means than sower's.
func (db database) exec(t testing.TB, s sink.Store, sql string) {
	t.Helper()
	if err := s.CreateSchema(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

func of(c *run.Cleaned, table string) run.CleanedTable {
	for _, t := range c.Tables {
		if t.Name == table {
			return t
		}
	}
	return run.CleanedTable{}
}

// Cleaning takes exactly the run's rows away, with its record; a dry run says the same and does nothing.
func TestClean(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, townSQL(db.kind))
		db.exec(t, s, "insert into users (id, name) values (100000, 'Somebody'); insert into tags values (100000, 'thing'); insert into user_tags values (100000, 100000, 1); insert into visits values (100000, 'home', 1)")
		generate(t, s, b, 1, run.Options{})
		dry := clean(t, s, b, run.CleanOptions{DryRun: true})
		for table, n := range map[string]int64{"users": 300, "teams": 20, "tags": 50, "user_tags": 900, "visits": 700} {
			if got := of(dry, table); got.Deleted != n || got.Missing+got.Changed+got.Spared != 0 {
				t.Errorf("dry: %+v, want %d", got, n)
			}
			want(t, s, n+map[string]int64{"users": 1, "tags": 1, "user_tags": 1, "visits": 1}[table], "select count(*) from "+table)
		}
		c := clean(t, s, b, run.CleanOptions{Options: run.Options{BatchRows: 64}})
		if !c.Forgotten || c.Left != "" || c.Stay() != 0 {
			t.Errorf("%+v", c)
		}
		for table, n := range map[string]int64{"users": 1, "teams": 0, "tags": 1, "user_tags": 1, "visits": 1} {
			want(t, s, n, "select count(*) from "+table)
		}
		if runs, err := s.Runs(context.Background()); err != nil || len(runs) != 0 {
			t.Errorf("%d runs are recorded, %v", len(runs), err)
		}
		if db.kind == "postgres" {
			want(t, s, 0, "select count(*) from pg_namespace where nspname = 'sower'")
		} else {
			want(t, s, 0, "select count(*) from sqlite_schema where name like 'sower%'")
		}
		if _, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{}); err == nil || !strings.Contains(err.Error(), "no run is recorded") {
			t.Errorf("cleaned twice: %v", err)
		}
	})
}

// What someone changed stays, with what it refers to, and the record stays with it.
func TestCleanChanged(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, townSQL(db.kind))
		generate(t, s, b, 1, run.Options{})
		db.exec(t, s, "update users set name = 'Changed' where id = 299; update user_tags set weight = 77 where user_id = (select min(user_id) from user_tags) and tag_id = (select min(tag_id) from user_tags where user_id = (select min(user_id) from user_tags)); delete from visits")
		c := clean(t, s, b, run.CleanOptions{})
		users, tagged, visits := of(c, "users"), of(c, "user_tags"), of(c, "visits")
		if users.Changed != 1 || users.Spared < 1 || len(users.Examples) != 1 || !strings.Contains(users.Examples[0], `name of id 299 is "Changed"`) {
			t.Errorf("users: %+v", users)
		}
		if tagged.Changed != 1 || tagged.Deleted != 899 || of(c, "tags").Spared != 1 || visits.Missing != 700 {
			t.Errorf("user_tags %+v, tags %+v, visits %+v", tagged, of(c, "tags"), visits)
		}
		if c.Forgotten {
			t.Error("the record is gone although rows stay")
		}
		want(t, s, 1, "select count(*) from user_tags")
		want(t, s, 1, "select count(*) from tags")
		want(t, s, users.Changed+users.Spared, "select count(*) from users")
		again := clean(t, s, b, run.CleanOptions{})
		if of(again, "users").Changed != 1 || of(again, "users").Deleted != 0 || of(again, "tags").Missing != 49 {
			t.Errorf("again: %+v", again)
		}
		if c := clean(t, s, b, run.CleanOptions{Forget: true}); !c.Forgotten || c.Stay() == 0 {
			t.Errorf("with Forget: %+v", c)
		}
	})
}

// Where rows of others hang on the run's, nothing is deleted, and they are named: rows of a table that
// the plan does not have, and rows of others in a table that it has, whatever the key would do to them.
func TestCleanDepended(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, townSQL(db.kind))
		generate(t, s, b, 1, run.Options{})
		db.exec(t, s, "insert into notes values (1, 7, 3), (2, 8, null); insert into user_tags select 9, max(id), 5 from tags where id not in (select tag_id from user_tags where user_id = 9)")
		for _, dry := range []bool{true, false} {
			c, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{DryRun: dry})
			if !errors.Is(err, run.ErrDepended) || !strings.Contains(err.Error(), "2 rows of "+map[string]string{"postgres": "public."}[db.kind]+"notes refer to rows of users") {
				t.Fatal(err)
			}
			if len(c.Dependents) != 4 {
				t.Errorf("%+v", c.Dependents)
			}
		}
		want(t, s, 300, "select count(*) from users")
		want(t, s, 901, "select count(*) from user_tags")
		db.exec(t, s, "delete from notes; delete from user_tags where weight = 5 and user_id = 9")
		clean(t, s, b, run.CleanOptions{})
		want(t, s, 0, "select count(*) from users")
	})
}

// Of equal rows without a key, as many go as the run made.
func TestCleanEqualRows(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, townSQL(db.kind))
		generate(t, s, b, 1, run.Options{})
		db.exec(t, s, "update visits set seconds = 9 where user_id = 1; insert into users (id, name) values (5000, 'x')")
		changed := query(t, s, "select count(*) from visits where seconds = 9")
		db.exec(t, s, "insert into visits select 5000, page, seconds from visits where user_id = 2")
		doubled := query(t, s, "select count(*) from visits where user_id = 5000")
		c, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{})
		if changed > 0 { // a changed row without a key is a row of others
			if !errors.Is(err, run.ErrDepended) {
				t.Fatalf("%+v, %v", c, err)
			}
			db.exec(t, s, "delete from visits where seconds = 9")
			c = clean(t, s, b, run.CleanOptions{})
		}
		// As many rows of others stand as are missing: they may be those, changed.
		if v := of(c, "visits"); v.Deleted != 700-changed || v.Missing+v.Untold != changed || v.Untold != min(changed, doubled) || c.Forgotten != (v.Untold == 0) {
			t.Errorf("%+v, changed %d", v, changed)
		}
		want(t, s, doubled, "select count(*) from visits")
	})
}

// Where a trigger changed rows without a key, nobody can tell them from others: they stay, that is said, and so does
// the record.
func TestCleanTriggeredWithoutKey(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, strings.Replace(townSQL(db.kind), "visits (user_id integer not null references users (id),", "visits (user_id integer not null,", 1))
		if db.kind == "sqlite" {
			create(t, s, "create trigger stamp after insert on visits begin update visits set page = 'page ' || new.page where rowid = new.rowid; end")
		} else {
			create(t, s, "create function stamp() returns trigger language plpgsql as $$ begin new.page := 'page ' || new.page; return new; end $$; create trigger stamp before insert on visits for each row execute function stamp()")
		}
		generate(t, s, b, 1, run.Options{})
		for _, dry := range []bool{true, false} {
			c := clean(t, s, b, run.CleanOptions{DryRun: dry})
			if v := of(c, "visits"); v.Untold != 700 || v.Missing != 0 || v.Deleted != 0 || !strings.Contains(v.Reason, "they may be the same, changed since") || c.Forgotten {
				t.Errorf("%+v", c)
			}
			want(t, s, 700, "select count(*) from visits")
		}
		want(t, s, 0, "select count(*) from users")
		db.exec(t, s, "delete from visits")
		if c := clean(t, s, b, run.CleanOptions{}); !c.Forgotten {
			t.Errorf("%+v", c)
		}
	})
}

// An adopted row stays, and further runs are cleaned one by one.
func TestCleanAdopted(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), scenario(t, nil)
		create(t, s, ddl(t, db.kind))
		generate(t, s, b, 1, run.Options{})
		clean(t, s, b, run.CleanOptions{})
		want(t, s, 0, "select count(*) from users")
		db.exec(t, s, "insert into users (id, username, email, created_at, updated_at, is_active) select '"+admin+"', 'root', 'root@example.com', '2025-01-01', '2025-01-01', true")
		report := generate(t, s, b, 1, run.Options{})
		if len(report.Adopted) != 1 {
			t.Fatalf("adopted %v", report.Adopted)
		}
		generate(t, s, b, 1, run.Options{Append: true})
		c, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{Options: run.Options{Append: true}})
		if err != nil || c.Run != 3 && c.Run != 2 {
			t.Fatalf("%+v, %v", c, err)
		}
		verify(t, s, b, 1, run.Options{})
		c = clean(t, s, b, run.CleanOptions{})
		if of(c, "users").Adopted != 1 || !c.Forgotten {
			t.Errorf("%+v", c)
		}
		want(t, s, 1, "select count(*) from users")
		want(t, s, 0, "select count(*) from content_items")
	})
}

// TestCleaner is the process that TestCleanKilled kills.
func TestCleaner(t *testing.T) {
	url := os.Getenv("SOWER_TEST_CLEANER")
	if url == "" {
		return // run by TestCleanKilled only
	}
	s, err := openURL(url)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, s, town(t), run.CleanOptions{Options: run.Options{BatchRows: 20}})
}

func openURL(url string) (sink.Store, error) {
	if strings.HasPrefix(url, "sqlite:") {
		return sqlite.Open(context.Background(), url, sqlite.Options{})
	}
	return postgres.Open(context.Background(), url, postgres.Options{})
}

// openToMake is openURL, which makes a missing file.
func openToMake(url string) (sink.Store, error) {
	if strings.HasPrefix(url, "sqlite:") {
		return sqlite.Open(context.Background(), url, sqlite.Options{Create: true})
	}
	return openURL(url)
}

// A cleaning that is killed is gone on with by the same call, and a load after it is whole again.
func TestCleanKilled(t *testing.T) {
	urls := map[string]func(t *testing.T) string{"sqlite": func(t *testing.T) string {
		path := "sqlite:" + filepath.Join(t.TempDir(), "x_test.db")
		s, err := sqlite.Open(context.Background(), path, sqlite.Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, townSQL("sqlite"))
		return path
	}, "postgres": func(t *testing.T) string {
		url := pgtest.Shared(t, 0).NewDatabase(t, "clean")
		s, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, townSQL("postgres"))
		return url
	}}
	for kind, open := range urls {
		t.Run(kind, func(t *testing.T) {
			url := open(t)
			s, err := openURL(url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			b := town(t)
			partly := 0
			for i := range 12 {
				generate(t, s, b, 1, run.Options{})
				c := exec.Command(os.Args[0], "-test.run", "^TestCleaner$", "-test.count=1")
				c.Env = append(os.Environ(), "SOWER_TEST_CLEANER="+url)
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(100+i*40) * time.Millisecond)
				_ = c.Process.Kill()
				_ = c.Wait() // it says that it was killed
				if n := query(t, s, "select count(*) from visits"); n < 700 {
					partly++
				}
				if i%2 == 0 { // the load completes what is missing
					generate(t, s, b, 1, run.Options{})
					whole(t, s, b)
					want(t, s, 700, "select count(*) from visits")
				}
				_, err := run.Clean(context.Background(), s, builder(t, s, b, 1), run.CleanOptions{})
				if err != nil && !strings.Contains(err.Error(), "no run is recorded") {
					t.Fatal(err)
				}
				for _, table := range townTables {
					want(t, s, 0, "select count(*) from "+table)
				}
			}
			t.Logf("%d of 12 were killed after their first deletion", partly)
		})
	}
}
