package run_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// A schema with everything that a drop could lose.
const furniture = `
	alter table content_items add constraint by_day unique (id, created_at) deferrable;
	create index "Odd "" name" on content_items (lower(title) varchar_pattern_ops desc nulls last, creator_id) include (is_private) with (fillfactor = 71) where quality_score > 0.25;
	comment on index "Odd "" name" is 'it''s kept';
	create index stats_target on generation_jobs ((length(prompt)), status); alter index stats_target alter column 1 set statistics 77;
	create index clustered on content_items_auto (created_at); alter table content_items_auto cluster on clustered;
	create unique index ident on users (email); alter table users replica identity using index ident;
	alter table generation_jobs alter constraint generation_jobs_user_id_fkey deferrable initially deferred;
	comment on constraint generation_jobs_user_id_fkey on generation_jobs is 'who asked';
	alter table generation_jobs add constraint not_checked foreign key (user_id) references users (id) on delete cascade not valid;
	alter table users add column best integer references content_items (id) on delete set null;
	create index hashed on users using hash (username);
	create extension if not exists btree_gist; alter table content_items add exclude using gist (id with =);
`

// spaced gives a statement that makes an index in a tablespace of its own.
func spaced(t *testing.T, srv *pgtest.Server) string {
	t.Helper()
	url := srv.NewDatabase(t, "tablespace")
	name := fmt.Sprintf("spare_%d", rand.Uint64())
	srv.Psql(t, url, "set allow_in_place_tablespaces = on; create tablespace "+name+" location ''")
	return "create index spaced on generation_jobs (created_at, user_id) tablespace " + name
}

// dump gives the schema's definition, without what belongs to sower and what differs from dump to dump.
func dump(t *testing.T, s *pgtest.Server, url string) string {
	t.Helper()
	cmd, err := s.PsqlCommand(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	bin, err := exec.LookPath("pg_dump")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(bin, "--schema-only", "--exclude-schema=sower", url)
	c.Env = cmd.Env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("pg_dump: %v\n%s", err, out)
	}
	return regexp.MustCompile(`(?m)^(--|\\(un)?restrict).*\n`).ReplaceAllString(string(out), "")
}

// The schema is the same after a load that took indexes and keys away, and after one that was
// interrupted at any moment and repaired.
func TestRebuildLeavesTheSchemaAsItWas(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		if srv.Version > 15 {
			return // the system's pg_dump cannot read a newer server; TestRebuildCatalog looks at those
		}
		url := srv.NewDatabase(t, "rebuild")
		open := func() sink.Store {
			s, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}
		s := open()
		create(t, s, ddl(t, "postgres")+furniture+spaced(t, srv))
		before := dump(t, srv, url)
		b := scenario(t, nil)
		report := generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
		if len(report.Rebuilt) != 4 {
			t.Errorf("rebuilt %v", report.Rebuilt)
		}
		if after := dump(t, srv, url); after != before {
			t.Errorf("the schema has changed:\n%s", differing(before, after))
		}
		verify(t, s, b, 1, run.Options{})

		for _, stop := range []string{"load 3", "load 30", "indexes 1", "indexes 20", "keys 1", "keys 3", "finish 1"} {
			create(t, s, "truncate users, content_items, content_items_auto, generation_jobs; drop schema if exists sower cascade")
			ctx, cancel := context.WithCancel(context.Background())
			n := 0
			phase, at, _ := strings.Cut(stop, " ")
			other := open()
			_, err := run.Generate(ctx, other, builder(t, other, b, 1), run.Options{Strategy: run.Rebuild, BatchRows: 100, Progress: func(e run.Event) {
				if e.Phase == phase {
					if n++; n >= atoi(at) {
						cancel()
					}
				}
			}})
			cancel()
			other.Close()
			if err == nil {
				t.Fatalf("%s: the run was not interrupted", stop)
			}
			// users.best makes a circle: half loaded, it has rows whose parents are not there yet, and its key waits.
			same := func(when string) {
				lines := strings.Split(differing(before, dump(t, srv, url)), "\n")
				if left := slices.DeleteFunc(lines, func(l string) bool { return l == "" || phase == "load" && strings.Contains(l, "users_best_fkey") }); len(left) > 0 {
					t.Errorf("%s: %s the schema has changed:\n%s", stop, when, strings.Join(left, "\n"))
				}
			}
			same("after the run")
			if err := run.Repair(context.Background(), open().(sink.Rebuilder), run.Options{}, nil); err != nil && !(phase == "load" && strings.Contains(err.Error(), "users_best_fkey")) {
				t.Fatalf("%s: repair: %v", stop, err)
			}
			same("after repair")
			s := open()
			generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
			if after := dump(t, srv, url); after != before {
				t.Errorf("%s: when it is whole the schema has changed:\n%s", stop, differing(before, after))
			}
			verify(t, s, b, 1, run.Options{})
		}
	})
}

// A function in an index of a table calls another one by its bare name: keys that refer to such a table are checked all
// the same when they come back.
func TestRebuildBesideIndexedFunction(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		if srv.Version >= 17 { // which has no such index
			return
		}
		s, err := postgres.Open(context.Background(), srv.NewDatabase(t, "rebuild"), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, `
			create function double_of(n int) returns int immutable language sql as 'select n * 2';
			create function around(n int) returns int immutable language sql as 'select double_of(n) + 1';
			create table places (id serial primary key, n int not null);
			create index on places (around(n));
			create table visits (id int primary key, a int not null references places, b int not null references places, c int not null references places, d int not null references places);`)
		report := generate(t, s, blueprintOf(t, `
  places: {rows: 50, columns: {id: sequence, n: {integer: {max: 9}}}}
  visits: {rows: 100, columns: {id: sequence, a: {reference: places}, b: {reference: places}, c: {reference: places}, d: {reference: places}}}
`), 1, run.Options{Strategy: run.Rebuild, Workers: 1, Connections: 4}) // new sessions, which have not planned anything yet
		if !slices.Contains(report.Rebuilt, "visits") {
			t.Errorf("rebuilt %v", report.Rebuilt)
		}
		want(t, s, 4, "select count(*) from pg_constraint where contype = 'f' and convalidated")
	})
}

// The rows are the same whatever the strategy, the connections, the batches and COPY's format.
func TestRowsAreTheSame(t *testing.T) {
	b := scenario(t, nil)
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		first := ""
		for _, c := range []struct {
			copy string
			o    run.Options
		}{
			{"", run.Options{}},
			{"text", run.Options{Workers: 1, Strategy: run.Rebuild, Connections: 1}},
			{"binary", run.Options{Workers: 5, BatchRows: 77, Strategy: run.Rebuild, Connections: 4}},
			{"binary", run.Options{Workers: 3, BatchRows: 1000, Strategy: run.InPlace}},
		} {
			url := srv.NewDatabase(t, "same")
			s, err := postgres.Open(context.Background(), url, postgres.Options{Copy: c.copy})
			if err != nil {
				t.Fatal(err)
			}
			create(t, s, ddl(t, "postgres"))
			got := sums(srv, t, url, generate(t, s, b, 1, c.o).Plan)
			s.Close()
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s %+v: counts and sums are\n%s\nwant\n%s", c.copy, c.o, got, first)
			}
		}
	})
}

// differing gives the lines that only one of two texts has.
func differing(before, after string) string {
	var out strings.Builder
	b, a := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, l := range b {
		if !slices.Contains(a, l) {
			out.WriteString("- " + l + "\n")
		}
	}
	for _, l := range a {
		if !slices.Contains(b, l) {
			out.WriteString("+ " + l + "\n")
		}
	}
	return out.String()
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// The same on every version, by the catalog's own words; and orphans that others wrote meanwhile are
// named and their key stays in the journal.
func TestRebuildCatalog(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		url := srv.NewDatabase(t, "rebuild")
		open := func() sink.Store {
			s, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}
		s := open()
		create(t, s, ddl(t, "postgres")+furniture+spaced(t, srv))
		catalog := func() string {
			return srv.Psql(t, url, `select c.relname, c.reltablespace, pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid), indisclustered, indisreplident, indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
				join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' order by 1`) +
				srv.Psql(t, url, `select conname, conrelid::regclass, pg_get_constraintdef(oid), convalidated, condeferrable, condeferred, obj_description(oid, 'pg_constraint') from pg_constraint where contype = 'f' order by 1`) +
				srv.Psql(t, url, `select attrelid::regclass, attnum, attstattarget from pg_attribute where attstattarget > 0 order by 1, 2`)
		}
		before := catalog()
		b := scenario(t, nil)
		generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
		if after := catalog(); after != before {
			t.Errorf("the catalog has changed:\n%s", differing(before, after))
		}
		verify(t, s, b, 1, run.Options{})

		create(t, s, "truncate users, content_items, content_items_auto, generation_jobs; drop schema sower cascade")
		orphan := false
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{Strategy: run.Rebuild, Workers: 1, Progress: func(e run.Event) {
			if e.Phase == "load" && e.Table == "generation_jobs" && !orphan {
				orphan = true
				srv.Psql(t, url, "insert into generation_jobs (id, user_id, job_type, prompt, status, created_at, updated_at) values (-1, '00000000-0000-4000-8000-00000000dead', 'x', 'p', 'pending', now(), now())")
			}
		}})
		if err == nil || !strings.Contains(err.Error(), "00000000-0000-4000-8000-00000000dead") || !strings.Contains(err.Error(), "sower repair") {
			t.Errorf("an orphan of others: %v", err)
		}
		r := s.(sink.Rebuilder)
		if n, err := r.Journaled(context.Background()); n.Total() != 1 || err != nil {
			t.Errorf("%d pieces are left in the journal, %v", n, err)
		}
		srv.Psql(t, url, "delete from generation_jobs where id = -1")
		generate(t, open(), b, 1, run.Options{})
		if after := catalog(); after != before {
			t.Errorf("after the orphan was deleted the catalog has changed:\n%s", differing(before, after))
		}
		verify(t, s, b, 1, run.Options{})
	})
}
