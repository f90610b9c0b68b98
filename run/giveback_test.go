package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// takenDDL has indexes and keys that a load takes away, and a table whose trigger refuses every row.
const takenDDL = `
	create table users (id int primary key, name varchar(10) not null);
	create index users_name on users (name);
	create table orders (id int primary key, user_id int not null references users);
	create index on orders (user_id);
	create table lines (id int primary key, order_id int not null references orders);
	create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
	create trigger lines_guard before insert on lines for each row execute function refuse();`

const takenTables = `
  users: {rows: 50, columns: {id: sequence, name: {pick: [a, b]}}}
  orders: {rows: 100, columns: {id: sequence, user_id: {reference: users}}}
  lines: {rows: 100, columns: {id: sequence, order_id: {reference: orders}}}
`

// taken runs a test on a database of its own, with a function that gives its indexes and keys.
func taken(t *testing.T, sql string, test func(t *testing.T, s sink.Store, catalog func() string)) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		url := srv.NewDatabase(t, "taken")
		s, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, sql)
		test(t, s, func() string {
			return srv.Psql(t, url, "select pg_get_indexdef(indexrelid), indisvalid from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where nspname = 'public' order by 1") +
				srv.Psql(t, url, "select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' order by 1")
		})
	})
}

func journaled(t *testing.T, s sink.Store) int {
	t.Helper()
	n, err := s.(sink.Rebuilder).Journaled(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n.Total()
}

// A run that ends with an error has brought back what it took away, and says so; the same call still completes it.
func TestErrorGivesBack(t *testing.T) {
	taken(t, takenDDL, func(t *testing.T, s sink.Store, catalog func() string) {
		before := catalog()
		b := blueprintOf(t, takenTables)
		for range 2 { // the second call finds rows standing
			report, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{Strategy: run.Rebuild})
			if err == nil || len(report.Rebuilt) == 0 {
				t.Fatalf("rebuilt %v, %v", report.Rebuilt, err)
			}
			if after := catalog(); after != before {
				t.Errorf("the schema has changed:\n%s", differing(before, after))
			}
			if notices := strings.Join(report.Notices, "\n"); !strings.Contains(notices, "in place again") || strings.Contains(notices, "not in place yet") {
				t.Errorf("notices:\n%s", notices)
			}
			if n := journaled(t, s); n != 0 {
				t.Errorf("%d pieces are left in the journal", n)
			}
		}
		want(t, s, 100, "select count(*) from orders")
		create(t, s, "drop trigger lines_guard on lines")
		if report := generate(t, s, b, 1, run.Options{Strategy: run.Rebuild}); report.Rows != 100 {
			t.Errorf("then made %d rows", report.Rows)
		}
		if after := catalog(); after != before {
			t.Errorf("when it is whole the schema has changed:\n%s", differing(before, after))
		}
		holds(t, s, b, run.Options{})
	})
}

// A circle that is half loaded has rows without their parents: they go, all keys are back and hold, and the same call
// makes the rows anew.
func TestHalfCircleGivesBack(t *testing.T) {
	taken(t, circleDDL(""), func(t *testing.T, s sink.Store, catalog func() string) {
		before := catalog()
		b := blueprintOf(t, circleTables)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		batches := 0
		report, err := run.Generate(ctx, s, builder(t, s, b, 1), run.Options{Strategy: run.Rebuild, BatchRows: 100, Workers: 1, Progress: func(e run.Event) {
			if e.Phase == "load" {
				if batches++; batches == 5 {
					cancel()
				}
			}
		}})
		if err == nil {
			t.Fatal("the run was not interrupted")
		}
		if n, notices := journaled(t, s), strings.Join(report.Notices, "\n"); n != 0 || !strings.Contains(notices, "in place again") {
			t.Errorf("%d pieces are left in the journal, notices:\n%s", n, notices)
		}
		if after := catalog(); after != before {
			t.Errorf("the schema has changed:\n%s", differing(before, after))
		}
		want(t, s, 0, "select (select count(*) from people) + (select count(*) from rooms) + (select count(*) from departments)")
		generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
		if after := catalog(); after != before || journaled(t, s) != 0 {
			t.Errorf("when it is whole the schema has changed:\n%s", differing(before, after))
		}
		holds(t, s, b, run.Options{})
	})
}
