package corpus

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestAppendBeside adds rows to tables whose uniques have few values: as many come as there is room for beside those
// that stand, the values that are free are found to the last one, and tables that are full serve as parents.
func TestAppendBeside(t *testing.T) {
	const ddl = `
create type grade as enum ('low', 'middle', 'high');
create table grades (grade grade primary key, note text);
create table limits (grade grade primary key references grades, most integer not null);
create table levels (grade grade not null, level integer not null, secret text, primary key (grade, level));
create table fields (x smallint, y smallint, crop text, primary key (x, y), check (x between 0 and 9 and y between 0 and 9));
create table months (month date primary key check (month = date_trunc('month', month)), total numeric(12, 2));
create table places (id serial primary key, name varchar(30) not null, gone boolean not null default false);
create unique index on places (lower(name)) where not gone;
create table nodes (id integer primary key, parent integer references nodes, name text unique);
create table queue (id bigserial primary key, user_id bigint not null unique);
create table settings (id serial primary key, only_one boolean not null default true unique check (only_one));
create table profiles (id serial primary key, title text not null, is_default boolean not null default false);
create unique index on profiles (is_default) where is_default;
create table spans (id serial primary key, span int4range not null, exclude using gist (span with &&));
create table terms (id serial primary key, from_day date not null, to_day date not null, check (from_day < to_day), exclude using gist (daterange(from_day, to_day) with &&));`
	full := map[string]int{"grades": 3, "limits": 3, "settings": 1, "fields": 100}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, n := range []int{20, 1000} {
			url := s.NewDatabase(t, "append_beside_"+strconv.Itoa(n)+"_test")
			apply(t, url, ddl)
			conn := connect(t, url)
			do := func(args ...string) {
				t.Helper()
				if code, out, errs := sower(append(args, "--database-url", url)...); code != 0 {
					t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
				}
			}
			rows := strconv.Itoa(n)
			do("generate", "--rows", rows)
			for times := 2; times <= 3; times++ {
				do("generate", "--rows", rows, "--append")
				for _, table := range []string{"grades", "limits", "levels", "fields", "places", "nodes", "queue", "settings", "profiles", "spans", "terms"} {
					want := times * n
					if most := full[table]; most > 0 {
						want = min(want, most)
					}
					got := ask(t, conn, "select count(*) from public."+table)[0][0]
					if got != strconv.Itoa(want) {
						t.Errorf("--rows %d: %s has %s rows after %d runs, want %d", n, table, got, times, want)
					}
				}
			}
			do("verify")
			do("verify", "--append")
			do("clean", "--all", "--yes")
			if left := ask(t, conn, "select (select count(*) from public.places) + (select count(*) from public.grades) + (select count(*) from public.nodes)")[0][0]; left != "0" {
				t.Errorf("--rows %d: %s rows stay after clean", n, left)
			}
		}
	})
}

// TestAppendSuccession adds rows that go on from the last ones that stand, again and again: what is true of the chains of
// triggers_succession after one run is true after three.
func TestAppendSuccession(t *testing.T) {
	e, err := readEntry("testdata/triggers_succession.txtar")
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, n := range []string{"1", "40"} {
			url := s.NewDatabase(t, "append_succession_"+n+"_test")
			apply(t, url, e.postgres)
			conn := connect(t, url)
			do := func(args ...string) {
				t.Helper()
				if code, out, errs := sower(append(args, "--database-url", url, "--rows", n)...); code != 0 {
					t.Fatalf("%v: exit code %d\n%s%s", args, code, out, errs)
				}
			}
			do("generate")
			do("verify")
			do("generate", "--append")
			do("generate", "--append")
			do("verify", "--append")
			ask(t, conn, "set search_path = public")
			for _, query := range e.facts {
				if got := ask(t, conn, query); got[0][0] != "0" && (n != "1" || !strings.Contains(query, "< 2")) {
					t.Errorf("%s rows: %s: %s", n, query, got[0][0])
				}
			}
			if got := ask(t, conn, "select count(*), max(height) from links")[0]; got[0] != got[1] || got[0] == "0" {
				t.Errorf("%s rows: %v", n, got)
			}
		}
	})
}

// TestCleanAdded takes back a run whose triggers added rows to other tables: those that refer to the run's rows go with
// them, whether the run filled that table or not; where somebody else added one, nothing is deleted.
func TestCleanAdded(t *testing.T) {
	const ddl = `
create table teams (id serial primary key, name text not null);
create table duties (id serial primary key, team_id integer references teams on delete restrict, title text not null, fixed boolean not null default false);
create table people (id serial primary key, name text not null, state text not null default 'new' check (state in ('new', 'there', 'gone')));
create table moves (id bigserial primary key, person_id integer not null references people, state text not null, at timestamptz not null default now());
create function duties_of_team() returns trigger language plpgsql as $$ begin
  insert into duties (team_id, title, fixed) values (new.id, 'opens', true), (new.id, 'closes', true); return new; end $$;
create trigger first_duties after insert on teams for each row execute function duties_of_team();
create function note_move() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' or old.state is distinct from new.state then insert into moves (person_id, state) values (new.id, new.state); end if; return new; end $$;
create trigger moved after insert or update on people for each row execute function note_move();`
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "clean_added_test")
		apply(t, url, ddl)
		conn := connect(t, url)
		do := func(want int, args ...string) {
			t.Helper()
			if code, out, errs := sower(append(args, "--database-url", url)...); code != want {
				t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, out, errs)
			}
		}
		const all = "select (select count(*) from public.teams) + (select count(*) from public.duties) + (select count(*) from public.people) + (select count(*) from public.moves)"
		do(0, "generate", "--rows", "30", "--exclude", "moves")
		do(0, "generate", "--rows", "30", "--exclude", "moves", "--append")
		do(0, "verify", "--exclude", "moves", "--append")
		if got := ask(t, conn, "select count(*) from public.duties where fixed and title in ('opens', 'closes')")[0][0]; got < "120" {
			t.Fatalf("triggers made %s rows of duties, want at least 120", got)
		}
		ask(t, conn, "insert into public.moves (person_id, state) select max(id), 'gone' from public.people returning id")
		do(1, "clean", "--all", "--yes")
		ask(t, conn, "delete from public.moves where id = (select max(id) from public.moves) returning id")
		do(0, "clean", "--all", "--yes")
		if left := ask(t, conn, all)[0][0]; left != "0" {
			t.Errorf("%s rows stay after clean", left)
		}
	})
}
