package run_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

const triggerTables = `
  users: {rows: 100, columns: {id: sequence, email: {pick: [Ann@x.example, bob@x.example]}, updated_at: {timestamp: {from: "2025-01-01", to: "2025-02-01"}}, posts: {constant: 0}}}
  posts: {rows: 300, columns: {id: sequence, user_id: {reference: users}, title: {pick: [a, b]}}}
`

const triggerDDL = `
	create table users (id int primary key, email varchar(50) not null, updated_at timestamp not null, posts int not null);
	create table posts (id int primary key, user_id int not null references users, title varchar(20) not null);
	create table audit (id serial primary key, what text not null);
	create function touch_audit() returns trigger language plpgsql as $$ begin insert into public.audit (what) values (tg_table_name); return null; end $$;
	create function tidy() returns trigger language plpgsql as $$ begin new.email := lower(new.email); new.updated_at := now(); return new; end $$;
	create function count_posts() returns trigger language plpgsql as $$ begin update users set posts = posts + 1 where id = new.user_id; return null; end $$;
	create trigger touch_audit after insert on users for each row execute function touch_audit();
	create trigger tidy before insert on users for each row execute function tidy();
	create trigger count_posts after insert on posts for each row execute function count_posts();`

// What triggers add and change is reported; a verification does not take it for damage, and still finds damage.
func TestTriggers(t *testing.T) {
	onPostgres(t, triggerDDL, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, triggerTables)
		report := generate(t, s, b, 1, run.Options{BatchRows: 30, Workers: 2})
		notices := strings.Join(report.Notices, "\n")
		for _, text := range []string{"audit: 100 rows were added by triggers (touch_audit of users)", "users.email: triggers changed it", "users.updated_at: triggers changed it, in 100 of 100", "users.posts: triggers changed it"} {
			if !strings.Contains(notices, text) {
				t.Errorf("no notice of %q in:\n%s", text, notices)
			}
		}
		if strings.Contains(notices, "posts.") && strings.Contains(notices, "posts.title") {
			t.Errorf("notices:\n%s", notices)
		}
		holds(t, s, b, run.Options{})
		if again := generate(t, s, b, 1, run.Options{}); again.Rows != 0 {
			t.Errorf("again made %d rows", again.Rows)
		}
		holds(t, s, b, run.Options{})
		create(t, s, "update users set id = id + 1000 where id = 5 and not exists (select from posts where user_id = 5); update posts set title = 'other' where id = 7")
		v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
		if err != nil || v.Broken() == 0 {
			t.Errorf("damage was not found: %v, %+v", err, v)
		}
	})
}

// A table whose rows would trigger others' is refused: what refers to those is left out with it, and the keys that the
// load took away come back.
func TestRefusedTriggersRows(t *testing.T) {
	onPostgres(t, `
		create table bills (id int primary key, note varchar(20) not null);
		create table moves (id int primary key, note varchar(20) not null);
		create table lines (id int primary key, move_id int not null references moves, n int not null);
		create table others (id int primary key);
		create index on lines (n);
		create function move() returns trigger language plpgsql as $$ begin insert into moves values (new.id, new.note); return new; end $$;
		create function refuse() returns trigger language plpgsql as $$ begin raise exception 'nobody is signed in'; end $$;
		create trigger move after insert on bills for each row execute function move();
		create trigger refuse after insert on bills for each row execute function refuse();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  bills: {rows: 50, columns: {id: sequence, note: {pick: [a, b]}}}
  moves: {triggered: true, parts: {of_bills: {each: bills}}, columns: {id: {cell: of_bills.id}, note: {cell: of_bills.note}}}
  lines: {rows: 100, columns: {id: sequence, move_id: {reference: moves}, n: {integer: {max: 9}}}}
  others: {rows: 10, columns: {id: sequence}}
`)
		report := generate(t, s, b, 1, run.Options{Strategy: run.Rebuild, SkipUnsatisfiable: true})
		var left []string
		for _, l := range report.Skipped {
			left = append(left, l.Table)
		}
		if !slices.Equal(left, []string{"bills", "moves", "lines"}) {
			t.Errorf("left out: %+v", report.Skipped)
		}
		want(t, s, 0, "select count(*) from lines")
		want(t, s, 0, "select count(*) from pg_constraint where not convalidated")
		holds(t, s, b, run.Options{})
	})
}

// A trigger that refuses rows is named, with its place and words, and how many of a few rows it refuses; with
// SkipUnsatisfiable the table is left out with those that need it.
func TestRefusingTrigger(t *testing.T) {
	onPostgres(t, `
		create table users (id int primary key);
		create table orders (id int primary key, user_id int not null references users);
		create table lines (id int primary key, order_id int not null references orders);
		create table others (id int primary key);
		create function check_orders() returns trigger language plpgsql as $$
		begin
			if new.id > 0 then raise exception 'user % may not order', new.user_id; end if;
			return new;
		end $$;
		create trigger orders_guard before insert on orders for each row execute function check_orders();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  users: {rows: 50, columns: {id: sequence}}
  orders: {rows: 100, columns: {id: sequence, user_id: {reference: users}}}
  lines: {rows: 100, columns: {id: sequence, order_id: {reference: orders}}}
  others: {rows: 10, columns: {id: sequence}}
`)
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{BatchRows: 100})
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range []string{"public.orders", "its trigger orders_guard (function", "check_orders) refused it: user ", "may not order", "line 3 at RAISE", "of 20 of its rows tried one by one, ", "or leave the table out"} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%q is not in: %v", text, err)
			}
		}
		want(t, s, 0, "select count(*) from orders")
		report := generate(t, s, b, 1, run.Options{BatchRows: 100, SkipUnsatisfiable: true})
		var left []string
		for _, l := range report.Skipped {
			left = append(left, l.Table)
		}
		if !slices.Equal(left, []string{"orders", "lines"}) || !strings.Contains(report.Skipped[1].Reason, "refers to orders") || report.State != "complete" {
			t.Errorf("%s, left out: %+v", report.State, report.Skipped)
		}
		want(t, s, 10, "select count(*) from others")
		v := holds(t, s, b, run.Options{})
		if !slices.ContainsFunc(v.Rules, func(f run.Finding) bool { return strings.Contains(f.Text, "lines was left out") }) {
			t.Errorf("%+v", v.Rules)
		}
		if again := generate(t, s, b, 1, run.Options{SkipUnsatisfiable: true}); again.Rows != 0 || len(again.Skipped) != 2 {
			t.Errorf("again made %d rows, left out %v", again.Rows, again.Skipped)
		}
		// Once the trigger is gone, the same call completes the run.
		create(t, s, "drop trigger orders_guard on orders")
		if last := generate(t, s, b, 1, run.Options{}); last.Rows != 200 || len(last.Skipped) != 0 {
			t.Errorf("then made %d rows, left out %v", last.Rows, last.Skipped)
		}
		if v := holds(t, s, b, run.Options{}); slices.ContainsFunc(v.Rules, func(f run.Finding) bool { return strings.Contains(f.Text, "left out") }) {
			t.Errorf("%+v", v.Rules)
		}
		runs, err := s.Runs(context.Background())
		if err != nil || len(runs) != 1 || !json.Valid(runs[0].Plan) {
			t.Errorf("%d runs, %v", len(runs), err)
		}
	})
}

// Rows that a trigger of another table makes stand in the way of those that are to be written: that is said
// and never passed over.
func TestRowsMadeByTriggers(t *testing.T) {
	onPostgres(t, `
		create table animals (id int primary key, name varchar(10) not null);
		create table cats (id int primary key references animals, lives int not null default 9);
		create function make_cat() returns trigger language plpgsql as $$ begin insert into cats (id) values (new.id); return null; end $$;
		create trigger make_cat after insert on animals for each row execute function make_cat();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  animals: {rows: 60, columns: {id: sequence, name: {pick: [a, b]}}}
  cats: {rows: 60, columns: {id: {reference: animals, unique: true}, lives: {integer: {max: 8}}}}
`)
		for range 2 { // the second call finds the rows standing
			_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{})
			if err == nil || !strings.Contains(err.Error(), "the trigger make_cat of animals (function public.make_cat) makes rows there") || !strings.Contains(err.Error(), "--exclude cats") {
				t.Errorf("got %v", err)
			}
		}
		report := generate(t, s, b, 1, run.Options{SkipUnsatisfiable: true})
		if len(report.Skipped) != 1 || report.Skipped[0].Table != "cats" {
			t.Errorf("left out: %v", report.Skipped)
		}
		want(t, s, 60, "select count(*) from cats where lives = 9")
	})
}

// Rows that triggers add to a table without a key, which is filled too, stand beside those that were made; a
// verification tells them by their number alone, as it does rows that others write, and finds when some are missing.
func TestAddedRows(t *testing.T) {
	onPostgres(t, `
		create table repos (id int primary key, gone boolean not null);
		create table totals (live bigint not null, gone bigint not null);
		create function add_totals() returns trigger language plpgsql as $$ begin
			insert into totals (live, gone) select count(*) filter (where not r.gone), -count(*) filter (where r.gone) from new_rows r; return null; end $$;
		create trigger repos_totals after insert on repos referencing new table as new_rows for each statement execute function add_totals();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  repos: {rows: 100, columns: {id: sequence, gone: {boolean: 0.5}}}
  totals: {rows: 20, columns: {live: {integer: {min: 5, max: 9}}, gone: {integer: {min: 0, max: 3}}}}
`)
		generate(t, s, b, 1, run.Options{BatchRows: 50, Workers: 1})
		want(t, s, 22, "select count(*) from totals")
		v := holds(t, s, b, run.Options{})
		if !slices.ContainsFunc(v.Rules, func(f run.Finding) bool {
			return f.Text == "totals has 20 rows, but for rows that triggers added (2)"
		}) {
			t.Errorf("%+v", v.Rules)
		}
		create(t, s, "insert into totals values (6, 1)")
		v = holds(t, s, b, run.Options{})
		if !slices.ContainsFunc(v.Rules, func(f run.Finding) bool {
			return f.Text == "totals has 20 rows, but for rows that triggers added or that are not of this run (3)"
		}) {
			t.Errorf("%+v", v.Rules)
		}
		create(t, s, "delete from totals where ctid in (select ctid from totals limit 4)")
		if v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil); err != nil || v.Broken() != 1 {
			t.Errorf("damage was not found: %v, %+v", err, v)
		}
	})
}

// A run that ends early has told in its record what triggers did in the tables that it had loaded.
func TestTriggersBeforeAFailure(t *testing.T) {
	onPostgres(t, `
		create table a (id int primary key, made timestamp not null, n int not null);
		create table log (what text not null);
		create table b (id int primary key, a_id int not null references a);
		create table c (id int primary key, b_id int not null references b);
		create function stamp() returns trigger language plpgsql as $$ begin new.made := now(); insert into log values ('a'); return new; end $$;
		create function count_b() returns trigger language plpgsql as $$ begin update a set n = n + 1 where id = new.a_id; return null; end $$;
		create function never() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
		create trigger stamp before insert on a for each row execute function stamp();
		create trigger count_b after insert on b for each row execute function count_b();
		create trigger never before insert on c for each row execute function never();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  log: {rows: 7, columns: {what: {constant: made}}}
  a: {rows: 30, columns: {id: sequence, made: {timestamp: {from: "2020-01-01", to: "2021-01-01"}}, n: {constant: 0}}}
  b: {rows: 60, columns: {id: sequence, a_id: {reference: a}}}
  c: {rows: 10, columns: {id: sequence, b_id: {reference: b}}}
`)
		broken := func() (out []string) {
			v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range v.Rules {
				if !f.OK {
					out = append(out, f.Text)
				}
			}
			return out
		}
		for range 2 {
			if _, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{}); err == nil {
				t.Fatal("no error")
			}
			if got := broken(); !slices.Equal(got, []string{"run 1 came to its end", "c has 10 rows", "c: every cell is the one that was made"}) {
				t.Errorf("broken: %q", got)
			}
		}
		create(t, s, "drop trigger never on c")
		generate(t, s, b, 1, run.Options{})
		holds(t, s, b, run.Options{})
	})
}
