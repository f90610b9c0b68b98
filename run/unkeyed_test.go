package run_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
)

// constraints lists all indexes and constraints of the scenario's tables.
func constraints(t *testing.T, srv *pgtest.Server, url string) string {
	t.Helper()
	return srv.Psql(t, url, "select conrelid::regclass::text, conname, pg_get_constraintdef(oid), conindid::regclass, convalidated from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2") +
		srv.Psql(t, url, "select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid, indisprimary from pg_index i join pg_class c on c.oid = i.indrelid where relnamespace = 'public'::regnamespace order by 1")
}

// Rows that others write while primary keys and uniques are away, and that clash with the run's, are named beside these;
// what cannot come back waits, and comes back once they are gone.
func TestTwinsOfOthers(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		url := srv.NewDatabase(t, "twins")
		s, err := postgres.Open(t.Context(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, ddl(t, "postgres"))
		before := constraints(t, srv, url)
		b := scenario(t, nil)
		twice := false
		_, err = run.Generate(t.Context(), s, builder(t, s, b, 1), run.Options{Strategy: run.Rebuild, Workers: 1, Progress: func(e run.Event) {
			if e.Phase == "load" && e.Table == "content_items" && !twice {
				twice = true
				srv.Psql(t, url, "insert into users select * from users where ctid = '(0,2)'")
			}
		}})
		if err == nil || !strings.Contains(err.Error(), "(0,2) (made by sower)") || !strings.Contains(err.Error(), "sower repair") {
			t.Fatalf("got %v", err)
		}
		others := regexp.MustCompile(`(\(\d+,\d+\)) \(not made by sower\)`).FindStringSubmatch(err.Error())
		if others == nil {
			t.Fatalf("the other's row is not named: %v", err)
		}
		if w, err := s.Journaled(t.Context()); err != nil || w.Uniques != 3 || w.Keys == 0 || w.Indexes != 0 {
			t.Errorf("left %+v, %v", w, err)
		}
		if _, err := run.Clean(t.Context(), s, builder(t, s, b, 1), run.CleanOptions{}); err == nil {
			t.Error("rows were cleaned, though nobody can tell what refers to them")
		}
		srv.Psql(t, url, "delete from users where ctid = '"+others[1]+"'")
		if err := run.Repair(t.Context(), s, run.Options{}, nil); err != nil {
			t.Fatal(err)
		}
		generate(t, s, b, 1, run.Options{})
		verify(t, s, b, 1, run.Options{})
		if after := constraints(t, srv, url); after != before {
			t.Errorf("the schema has changed:\n%s", differing(before, after))
		}
	})
}

// A run whose keys are away goes on by the ledger; where rows were deleted meanwhile, or written, keys come back first, and
// tell which.
func TestResumeWithoutKeys(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		for _, c := range []struct {
			name, sql string
			users     int64
		}{
			{"as it was", "select 1", 0},
			{"rows deleted", "delete from users where ctid in ('(0,1)', '(0,3)')", 0},
			{"all rows deleted", "truncate users cascade", 0},
			{"a row of others", "insert into users select gen_random_uuid(), 'another', 'another@example.com', created_at, updated_at, preferences, is_active from users limit 1", 1},
		} {
			url := srv.NewDatabase(t, "resume")
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			create(t, s, ddl(t, "postgres"))
			before := constraints(t, srv, url)
			b := scenario(t, nil)
			abandon := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			_, err = run.Generate(ctx, s, builder(t, s, b, 1), run.Options{Strategy: run.Rebuild, BatchRows: 50, Workers: 1, Abandon: abandon, Progress: func(e run.Event) {
				if e.Phase == "load" && e.Table == "content_items" && ctx.Err() == nil {
					cancel()
					close(abandon)
				}
			}})
			cancel()
			if w, e := s.Journaled(t.Context()); err == nil || e != nil || w.Uniques != 3 {
				t.Fatalf("%s: %v, %+v, %v", c.name, err, w, e)
			}
			srv.Psql(t, url, c.sql)
			missing := 0
			if _, err := run.Verify(t.Context(), s, builder(t, s, b, 1), run.Options{}, func(f run.Finding) {
				if strings.Contains(f.Text, "the key users_") && strings.Contains(f.Detail, "sower repair") {
					missing++
				}
			}); err != nil || missing != 3 {
				t.Errorf("%s: verify names %d keys that are away, %v", c.name, missing, err)
			}
			generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
			if after := constraints(t, srv, url); after != before {
				t.Errorf("%s: the schema has changed:\n%s", c.name, differing(before, after))
			}
			verify(t, s, b, 1, run.Options{})
			want(t, s, 0, "select count(*) - (select sum(row_count)::int from sower.ledger where table_name = 'users') - "+string(rune('0'+c.users))+" from users")
			s.Close()
		}
	})
}
