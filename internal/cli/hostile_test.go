package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// hostile are things that a role with few rights, who owns the database and its tables, leaves there for a superuser
// who runs sower. Whatever of it runs says so in the server's log, with the role that it ran as.
var hostile = []struct {
	kind, sql string
	super     string // what only a superuser could do, and did without thinking
}{
	{kind: "operators and functions that fit better", sql: `
set search_path = pg_catalog, pg_temp; do $$ declare a text; o text; begin
  foreach a in array array['name, text', 'text, name', 'oid, regclass', '"char", text', 'oid, int', 'int, oid', 'smallint, bigint', 'oid, bigint', 'tid, text', 'regclass, regclass', 'oidvector, oid'] loop
    execute format('create function public.op(%s) returns boolean language plpgsql as $f$ begin raise log ''EVIL %% ran as %%'', current_database(), current_user; return true; end $f$', a);
    foreach o in array array['=', '<>', '<', '~', '<=', '&&'] loop
      execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.op)', o, split_part(a, ', ', 1), split_part(a, ', ', 2));
    end loop;
  end loop;
  foreach a in array array['format(text, text, text)', 'format(text, name)', 'format(text, name, name)', 'quote_ident(name)', 'count(bigint)', 'count(integer)', 'array_to_string(name[], text)', 'coalesce_(text)', 'to_regclass(name)', 'current_setting(name)',
    'set_config(text, text, integer)', 'generate_series(integer, bigint)', 'pg_get_expr(pg_node_tree, bigint)', 'format_type(oid, bigint)', 'has_table_privilege(oid, name)', 'unnest(name[])', 'nextval(text)', 'array_agg(name)', 'concat(name, text)', 'string_agg(name, text)'] loop
    execute format('create function public.%s returns text language plpgsql as $f$ begin raise log ''EVIL %% ran as %%'', current_database(), current_user; return null; end $f$', a);
  end loop;
  foreach a in array array['name, text', 'text, name', 'name, name', 'text, int', 'text, oid'] loop
    execute format('create function public.joined(%s) returns text language plpgsql as $f$ begin raise log ''EVIL %% ran as %%'', current_database(), current_user; return null; end $f$', a);
    execute format('create operator public.|| (leftarg = %s, rightarg = %s, function = public.joined)', split_part(a, ', ', 1), split_part(a, ', ', 2));
  end loop;
end $$`},
	{kind: "trigger on insert and delete", sql: `create trigger x before insert or delete on public.thing for each row execute function public.evil()`},
	{kind: "trigger on a statement", sql: `create trigger x after insert or delete or truncate on public.thing for each statement execute function public.evil()`},
	{kind: "deferred constraint trigger", sql: `create constraint trigger x after insert or delete on public.thing deferrable initially deferred for each row execute function public.evil()`},
	{kind: "condition of a trigger", sql: `create trigger x before insert on public.thing for each row when (public.evil(new.name) = 'x') execute function suppress_redundant_updates_trigger()`},
	{kind: "trigger on update, and a new column", sql: `alter table public.thing add city text; create trigger x before update on public.thing for each row execute function public.evil()`},
	{kind: "trigger of a partition", sql: `create trigger x before insert or delete on public.part_low for each row execute function public.evil()`},
	{kind: "check", sql: `alter table public.thing add check (public.evil(name) = name)`},
	{kind: "operator in a check", sql: `create function public.op2(text, text) returns boolean language plpgsql immutable as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; return true; end $$;
		create operator public.=== (leftarg = text, rightarg = text, function = public.op2); alter table public.thing add check (name operator(public.===) 'x')`},
	{kind: "default", sql: `alter table public.thing add extra text default public.evil('x')`},
	{kind: "default of the server's own functions", sql: `alter table public.thing add extra xml; alter table public.thing alter extra set default pg_catalog.query_to_xml($$select public.evil('x')$$, true, true, '')`},
	{kind: "generated column", sql: `alter table public.thing add extra text generated always as (public.evil(name)) stored`},
	{kind: "index over a constant", sql: `create index on public.thing ((public.evil('x')))`},
	{kind: "unique index over an expression", sql: `create unique index on public.thing (public.evil(name))`},
	{kind: "condition of an index", sql: `create index on public.thing (id) where public.evil(name) = 'x'`},
	{kind: "statistics", sql: `create statistics public.st on (public.evil('x' || left(name, 0))), id from public.thing`},
	{kind: "check of a domain", sql: `create domain public.word as text check (public.evil(value) = value); alter table public.thing add extra public.word`},
	{kind: "a domain that could get a check", sql: `create domain public.word as text; alter table public.thing add extra public.word`},
	{kind: "rule", sql: `create rule x as on insert to public.thing do also select public.evil('x'); create rule y as on delete to public.thing do also select public.evil('x')`},
	{kind: "row security", sql: `alter table public.thing enable row level security; alter table public.thing force row level security; create policy x on public.thing using (public.evil(name) = name) with check (public.evil(name) = name)`},
	{kind: "casts of an enum", sql: `create function public.shown(public.mood) returns text language plpgsql immutable as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; return 'ok'; end $$;
		create function public.meant(text) returns public.mood language plpgsql immutable as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; return null; end $$;
		create cast (public.mood as text) with function public.shown(public.mood) as implicit; create cast (text as public.mood) with function public.meant(text) as assignment`},
	{kind: "difference of a range", sql: `create function public.apart(float8, float8) returns float8 language plpgsql immutable as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; return 1; end $$;
		create type public.span as range (subtype = float8, subtype_diff = public.apart); alter table public.thing add extra public.span`},
	{kind: "views in the schema sower", sql: `drop schema if exists sower_old; create view public.seen as select public.evil('x') as x`, super: `drop schema if exists sower cascade; create schema sower authorization hostile_low; set role hostile_low;
		create view sower.run as select 1::bigint as number, public.evil('x') as blueprint, 'complete' as state, 'x' as identity, ''::bytea as plan, '' as version, now() as started, now() as finished;
		create view sower.ledger as select 1::bigint as run, public.evil('x') as table_name, 1::bigint as first_row, 1::bigint as row_count; create view sower.journal as select 1::bigint as id, public.evil('x') as kind; reset role`},
	{kind: "tables in the schema sower", super: `drop schema if exists sower cascade; create schema sower authorization hostile_low; set role hostile_low;
		create table sower.run (number bigint, blueprint text, state text, identity text, plan bytea, version text, started timestamptz, finished timestamptz);
		create table sower.ledger (run bigint, table_name text, first_row bigint, row_count bigint); create trigger x before insert or update or delete on sower.run for each row execute function public.evil(); reset role`},
	{kind: "a planted journal", super: `drop table if exists sower.journal; create table sower.journal (id bigint generated always as identity primary key, kind text, table_name text, name text, rank bigint, tablespace text, ddl text, after text[], validate text, state text default 'dropped', dropped timestamptz default now());
		alter table sower.journal owner to hostile_low; insert into sower.journal (kind, table_name, name, rank, tablespace, ddl, after, validate) values ('index', '"public"."thing"', 'x', 0, '', 'CREATE INDEX x ON public.thing USING btree (public.evil(name))', '{}', '')`},
	{kind: "event trigger", super: `create event trigger x on ddl_command_end execute function public.evil_ddl()`},
}

const hostileBase = `
create function public.evil() returns trigger language plpgsql as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; if tg_op = 'DELETE' then return old; end if; return new; end $$;
create function public.evil(x text) returns text language plpgsql immutable as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; return x; end $$;
create function public.evil_ddl() returns event_trigger language plpgsql as $$ begin raise log 'EVIL % ran as %', current_database(), current_user; end $$;
create type public.mood as enum ('ok', 'sad');
create table public.thing (id bigint generated by default as identity primary key, name text not null, feels public.mood not null, price numeric(8, 2) not null check (price > 0), made timestamptz not null default now());
create table public.part (id bigint generated by default as identity, thing bigint not null references public.thing on delete cascade, primary key (id)) partition by range (id);
create table public.part_low partition of public.part for values from (minvalue) to (maxvalue);
create index on public.thing (name)`

// hostileCommands are all that connect to a database. Those that write do so.
var hostileCommands = []struct {
	name string
	args []string
}{
	{"inspect", []string{"inspect"}},
	{"init", []string{"init"}},
	{"plan", []string{"plan", "--rows", "20"}},
	{"preview", []string{"preview", "thing", "--rows", "20"}},
	{"digest", []string{"digest", "--rows", "20"}},
	{"export", []string{"export", "--rows", "20", "--dir", "DIR"}},
	{"verify", []string{"verify"}},
	{"again", []string{"generate", "--rows", "10"}},
	{"generate", []string{"generate", "--rows", "20", "--append", "--seed", "7"}},
	{"repair", []string{"repair"}},
	{"clean", []string{"clean", "--yes"}},
}

// Nothing that a role with few rights leaves in a database runs with the rights of a superuser who runs any command
// there: it refuses, or does without it. The matrix is printed.
func TestHostileMatrix(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		s.Psql(t, "postgres", `do $$ begin create role hostile_low login; exception when duplicate_object then null; end $$`)
		rows := make([]string, len(hostile))
		var wg sync.WaitGroup
		turn := make(chan bool, 3)
		for i, h := range hostile {
			wg.Go(func() {
				turn <- true
				defer func() { <-turn }()
				url := s.NewDatabase(t, "hostile")
				name := url[strings.LastIndex(url, "/")+1:]
				name, _, _ = strings.Cut(name, "?")
				s.Psql(t, url, "alter database "+name+" owner to hostile_low; alter schema public owner to hostile_low; set role hostile_low; "+hostileBase)
				if code, text := hostileRun(t, url, "generate", "--rows", "10"); code != 0 {
					t.Errorf("%s: before it is there: %s", h.kind, text)
				}
				s.Psql(t, url, "set role hostile_low; "+h.sql)
				s.Psql(t, url, h.super)
				log := filepath.Join(s.Dir, "server.log")
				mark := len(readFile(t, log))
				row := fmt.Sprintf("%-42s", h.kind)
				for _, c := range hostileCommands {
					args := c.args
					if c.name == "export" {
						args = []string{"export", "--rows", "20", "--dir", t.TempDir()}
					}
					code, text := hostileRun(t, url, args[0], args[1:]...)
					outcome := "not run"
					// That what was added after the run is not filled is true, and no refusal.
					if code != 0 && !(c.name == "verify" && strings.Contains(text, "is new: sower generate")) {
						outcome = "refused"
						if !strings.Contains(text, "code of others would run") && !strings.Contains(text, "is not believed") {
							outcome = "FAILED"
							t.Errorf("%s, %s: %s", h.kind, c.name, text)
						}
					}
					if n := strings.Count(string(readFile(t, log)[mark:]), "EVIL "+name+" ran as "+pgtest.User); n > 0 {
						t.Errorf("%s, %s: it ran %d times as the superuser (exit code %d): %s", h.kind, c.name, n, code, text)
						mark = len(readFile(t, log))
						outcome = "RAN"
					}
					row += fmt.Sprintf(" %-9s", outcome)
				}
				rows[i] = row
			})
		}
		wg.Wait()
		head := fmt.Sprintf("%-42s", "")
		for _, c := range hostileCommands {
			head += fmt.Sprintf(" %-9s", c.name)
		}
		t.Log("\n" + head + "\n" + strings.Join(rows, "\n"))
	})
}

func readFile(t *testing.T, name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	return b
}

// hostileRun runs a command against a database.
func hostileRun(t *testing.T, url, command string, args ...string) (code int, text string) {
	var out bytes.Buffer
	code = Main(append([]string{command, "--database-url", url}, args...), strings.NewReader(""), &out, &out, []string{"HOME=" + t.TempDir(), "TERM=dumb"})
	return code, out.String()
}
