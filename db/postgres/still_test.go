package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// Code that the owner of a table attaches while a superuser loads it, fills its columns or cleans it does not run: each
// transaction looks again, and holds the table so that nothing is attached until it ends.
func TestHostileMeanwhile(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const base = `do $$ begin create role sower_owner; exception when duplicate_object then null; end $$; create table public.t (id bigint primary key, x bigint) partition by range (id);
			create table public.low partition of public.t for values from (0) to (1000); alter table public.t owner to sower_owner; alter table public.low owner to sower_owner; grant create on schema public to sower_owner; set role sower_owner;
			create function public.evil() returns trigger language plpgsql as $$ begin raise log 'EVIL ran as %', current_user; if tg_op = 'DELETE' then return old; end if; return new; end $$;
			create function public.evil(x bigint) returns boolean language plpgsql immutable as $$ begin raise log 'EVIL ran as %', current_user; return true; end $$;`
		for _, c := range []struct{ name, attach string }{
			{"a trigger", "create trigger x before insert or update or delete on public.t for each row execute function public.evil()"},
			{"a trigger of a partition", "create trigger x before insert or update or delete on public.low for each row execute function public.evil()"},
			{"a deferred trigger", "create constraint trigger x after insert or update or delete on public.t deferrable initially deferred for each row execute function public.evil()"},
			{"a check", "alter table public.t add check (public.evil(x)) not valid"},
			{"an index", "create index on public.low ((public.evil(x)))"},
			{"a rule", "create rule x as on insert to public.low do also select public.evil(1); create rule y as on update to public.low do also select public.evil(1); create rule z as on delete to public.low do also select public.evil(1)"},
			{"another table in its place", "alter table public.t rename to gone; create table public.t (id bigint primary key, x bigint); create trigger x before insert or update or delete on public.t for each row execute function public.evil()"},
		} {
			url := s.NewDatabase(t, "meanwhile")
			s.Psql(t, url, base)
			db := open(t, url, postgres.Options{})
			all := target(t, inspect(t, db), "t")
			if err := db.Check(t.Context(), []*sink.Target{all}); err != nil {
				t.Fatal(err)
			}
			if err := db.SaveRun(t.Context(), &sink.Run{Blueprint: "b", State: sink.Running, Identity: "i", Plan: []byte("{}"), Started: time.Now()}); err != nil {
				t.Fatal(err)
			}
			l, err := db.Loader(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			rows := func(first int64) *column.Batch {
				return batch(first, all, numbers(first, first+2), numbers(first, first+2))
			}
			if err := l.Write(t.Context(), rows(0)); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			cleaning, err := db.Clean(t.Context(), false)
			if err != nil {
				t.Fatal(err)
			}
			if err := cleaning.Scan(t.Context(), all, func(b *column.Batch, places []sink.Place) error {
				return cleaning.Mark(t.Context(), all, places, false)
			}); err != nil {
				t.Fatal(err)
			}
			mark := logSize(t, s)
			s.Psql(t, url, "set role sower_owner; "+c.attach)
			mark2 := logSince(t, s, mark)
			mark += int64(len(mark2)) // making an index calls its function, as its owner
			wrote := l.Write(t.Context(), rows(2))
			_ = l.Close()
			_, _, filled := db.Fill(t.Context(), all, 1, rows(0), 1)
			_, deleted := cleaning.Delete(t.Context(), all, 10, false, func(int64) {})
			_ = cleaning.Close()
			for what, err := range map[string]error{"Write": wrote, "Fill": filled, "Delete": deleted} {
				unharmed := what == "Delete" && !strings.Contains(c.attach, "delete") || what == "Fill" && c.name == "a check" // it says so below
				if err == nil && !unharmed || err != nil && !strings.Contains(err.Error(), "code of others would run") && !strings.Contains(err.Error(), "gone") {
					t.Errorf("%s: %s: %v", c.name, what, err)
				}
			}
			if log := logSince(t, s, mark); strings.Contains(log, "EVIL ran as "+pgtest.User) {
				t.Errorf("%s: it was run:\n%s", c.name, log)
			}
		}
	})
}
