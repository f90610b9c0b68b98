package postgres_test

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
)

// The journal's statements run with the rights of whoever restores: one that somebody with fewer could have
// written is refused, and so are statements that sower does not write.
func TestHostileJournal(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const make = `create table sower.journal (id bigint generated always as identity primary key, kind text, table_name text, name text, rank bigint, tablespace text, ddl text, after text[], validate text, state text default 'dropped', dropped timestamptz default now());`
		const plant = `insert into sower.journal (kind, table_name, name, rank, tablespace, ddl, after, validate) values ('index', 'public.t', 'x', 0, '', '`
		for _, c := range []struct{ name, setup, want string }{
			{"another's", "create schema sower authorization low; set role low; " + make + plant + "create table evil ()', '{}', '')", `others may have written them ("low")`},
			{"another may write", "create schema sower; " + make + "grant usage on schema sower to low; grant insert on sower.journal to low; " + plant + "create index x on public.t (a)', '{}', '')", `("low")`},
			{"all may write", "create schema sower; " + make + "grant insert on sower.journal to public; " + plant + "create index x on public.t (a)', '{}', '')", `("public")`},
			{"another statement", "create schema sower; " + make + plant + "create table evil ()', '{}', '')", "sower does not write"},
			{"two statements", "create schema sower; " + make + plant + "CREATE INDEX x on public.t (a); create table evil ()', '{}', '')", "42601"},
			{"behind a comment", "create schema sower; " + make + plant + "CREATE INDEX x on public.t (a)', '{\"drop table public.t\"}', '')", "sower does not write"},
			{"as sower writes it", "create schema sower; " + make + plant + "CREATE INDEX x on public.t (a)', array['comment on index public.x is ''y'''], '')", ""},
		} {
			url := s.NewDatabase(t, "hostile")
			s.Psql(t, url, "do $$ begin create role low; exception when duplicate_object then null; end $$; create table public.t (a int); "+c.setup)
			db := open(t, url, postgres.Options{})
			err := db.Restore(t.Context(), 1, nil, nil)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := s.Psql(t, url, "select to_regclass('evil') is null and to_regclass('public.t') is not null"); strings.TrimSpace(got) != "t" {
				t.Errorf("%s: it was run", c.name)
			}
		}
	})
}
