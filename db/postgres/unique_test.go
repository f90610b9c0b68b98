package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// everyUnique has primary keys, unique constraints and unique indexes with all that they can have, and foreign keys that
// depend on them. Those of t_stays stay, one by one.
const everyUnique = `
	create type mood as enum ('calm', 'wild'); create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create domain code as text;
	create table acc (id uuid constraint "acc ""pk" primary key, email text not null, handle varchar(30) collate "C", a int, b int not null, c date, d numeric,
		constraint acc_email unique (email) include (a, b) with (fillfactor = 71), constraint acc_handle unique (handle) deferrable initially deferred, unique (d, c) deferrable);
	alter table acc add constraint acc_a unique nulls not distinct (a);
	create unique index acc_b on acc (b desc nulls last, handle text_pattern_ops) include (c) with (deduplicate_items = off); create unique index acc_c on acc (c, id) where false;
	create unique index acc_odd on acc (email collate "POSIX", b);
	comment on constraint "acc ""pk" on acc is 'it''s the key'; comment on index "acc ""pk" is 'its index'; comment on index acc_b is 'an index'; comment on constraint acc_email on acc is 'e';
	alter table acc cluster on acc_email; create unique index acc_ident on acc (b); alter table acc replica identity using index acc_ident;
	create table ev (id uuid, n int, acc uuid references acc on delete cascade deferrable initially deferred, mail text references acc (email) on update cascade, self uuid, primary key (id, n), unique (self));
	alter table ev add constraint ev_self foreign key (self) references ev (self); alter table ev add constraint later foreign key (acc) references acc match full not valid;
	comment on constraint later on ev is 'not yet'; alter table ev cluster on ev_pkey;
	create index ev_acc on ev (acc); create index ev_mail on ev (lower(mail));
	create table wide (a uuid, b uuid, constraint wide_pk primary key (b, a)); create table wide2 (a uuid not null); create unique index wide2_i on wide2 (a); alter table wide2 add primary key using index wide2_i;
	create table t_stays (id uuid primary key, f float8 unique, m mood unique, n text collate blind unique, k code unique, x text, y text, constraint twin unique (x, y));
	create unique index twin2 on t_stays (y, x); create unique index e on t_stays (lower(x)); create unique index p on t_stays (y) where y > 'a';
	create view grouped as select id, x, count(*) as n from t_stays group by id;
	create table outside (id int primary key, acc int references acc (a));`

// uniquesOf are the names of all uniques of a table.
func allUniques(t *testing.T, s *pgtest.Server, url, table string) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(s.Psql(t, url, "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where i.indisunique and i.indrelid = '"+table+"'::regclass order by 1")), "\n")
}

// catalogued is all that the catalog has of the indexes and constraints of the schemas of people, but numbers.
func catalogued(t *testing.T, s *pgtest.Server, url string) string {
	t.Helper()
	return s.Psql(t, url, `select n.nspname, c.relname, pg_get_indexdef(i.indexrelid), c.reloptions, c.relowner, c.relpersistence, (select spcname from pg_tablespace where oid = c.reltablespace), obj_description(c.oid, 'pg_class'),
			regexp_replace((to_jsonb(i) - 'indexrelid' - 'indrelid')::text, ':location \d+', '', 'g'), t.relreplident, (select jsonb_agg(to_jsonb(a) - 'attrelid' - 'attname' order by attnum) from pg_attribute a where a.attrelid = c.oid)
			from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'other') order by 1, 2`) +
		s.Psql(t, url, `select conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid), conindid::regclass, to_jsonb(k) - 'oid' - 'conindid' - 'conrelid' - 'confrelid', obj_description(oid, 'pg_constraint') from pg_constraint k
			where connamespace in ('public'::regnamespace, to_regnamespace('other')) order by 1, 2`) +
		s.Psql(t, url, `select attrelid::regclass::text, attname, attnotnull from pg_attribute where attrelid in ('acc'::regclass, 'ev'::regclass, 'wide'::regclass, 'wide2'::regclass, 't_stays'::regclass) and attnum > 0 order by 1, 2`) +
		s.Psql(t, url, `select p.refobjid::regclass::text, k.conname, p.deptype from pg_depend p join pg_constraint k on k.oid = p.objid and p.classid = 'pg_constraint'::regclass
			where p.refclassid = 'pg_class'::regclass and k.connamespace = 'public'::regnamespace order by 1, 2, 3`)
}

// unkeyedTargets are targets of all tables, that name all of their uniques.
func unkeyedTargets(t *testing.T, s *pgtest.Server, db *postgres.DB, url string, tables ...string) (out []*sink.Target) {
	t.Helper()
	d := inspect(t, db)
	for _, name := range tables {
		tg := target(t, d, name)
		tg.Uniques = allUniques(t, s, url, name)
		out = append(out, tg)
	}
	return out
}

// Primary keys and uniques come back as they were, with all that depends on them, whatever ended the first try.
func TestUniquesComeBack(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		everyUnique := everyUnique
		if s.Version < 15 {
			everyUnique = strings.Replace(everyUnique, "nulls not distinct", "", 1)
		}
		for _, c := range []struct{ name, then, undo string }{
			{"as they were", "", ""},
			{"stopped after the first", "stop", ""},
			{"the index is built, as the journal knows", "stop", "update sower.journal set state = 'built' where kind in ('primary', 'unique')"},
			{"renamed and moved", "", "create schema other; alter table acc rename email to mail; alter table acc set schema other; alter table other.acc rename to accounts"},
		} {
			db, url := fresh(t, s, everyUnique)
			if s.Version >= 15 {
				space := fmt.Sprintf("spare_%d", rand.Uint64())
				s.Psql(t, url, "set allow_in_place_tablespaces = on; create tablespace "+space+" location ''")
				s.Psql(t, url, "alter index acc_handle set tablespace "+space+"; alter index wide_pk set tablespace "+space+"; alter index acc_b set tablespace "+space)
			}
			before, whole := catalogued(t, s, url), inspect(t, db)
			targets := unkeyedTargets(t, s, db, url, "acc", "ev", "wide", "wide2", "t_stays")
			told, err := db.Loadings(t.Context(), targets)
			if err != nil {
				t.Fatal(err)
			}
			pieces, err := db.Pieces(t.Context(), targets)
			if err != nil {
				t.Fatal(err)
			}
			if _, kept, err := db.Strip(t.Context(), targets); err != nil || len(kept) != 1 || kept["t_stays"] == "" {
				t.Fatal(kept, err)
			}
			if got := s.Psql(t, url, "select string_agg(c.relname, ' ' order by c.relname) from pg_index i join pg_class c on c.oid = i.indexrelid where indrelid::regclass::text !~ 'sower|pg_|outside'"); got !=
				"acc_a acc_c e journal_pkey p t_stays_f_key t_stays_k_key t_stays_m_key t_stays_n_key t_stays_pkey twin twin2" {
				t.Errorf("%s: there stay %s", c.name, got)
			}
			var n int
			for _, l := range told {
				n += l.Uniques
			}
			if w, err := db.Journaled(t.Context()); err != nil || w.Uniques != n || n == 0 {
				t.Errorf("%s: told %d, and then %+v, %v", c.name, n, w, err)
			}
			if missing, err := db.Missing(t.Context(), pieces); err != nil || len(missing) < n {
				t.Errorf("%s: missing are %v, %v", c.name, missing, err)
			}
			if d := cmp.Diff(uniquesOf(whole), uniquesOf(inspect(t, db))); d != "" {
				t.Errorf("%s: while they are away, the schema has other uniques: %s", c.name, d)
			}
			if away, err := db.Unkeyed(t.Context(), targets); err != nil || !away[0] || !away[1] || !away[2] || away[4] {
				t.Errorf("%s: unkeyed %v, %v", c.name, away, err)
			}
			if c.then == "stop" {
				ctx, cancel := context.WithCancel(t.Context())
				if err := db.Restore(ctx, sink.Restoring{Connections: 2, Note: func(sink.Restored) { cancel() }}); !errors.Is(err, context.Canceled) {
					t.Fatalf("%s: %v", c.name, err)
				}
				cancel()
			}
			if c.undo != "" {
				s.Psql(t, url, c.undo)
			}
			if err := db.Restore(t.Context(), sink.Restoring{Connections: 3}); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if strings.Contains(c.undo, "rename") {
				s.Psql(t, url, "alter table other.accounts rename to acc; alter table other.acc set schema public; alter table acc rename mail to email; drop schema other")
			}
			if after := catalogued(t, s, url); after != before {
				t.Errorf("%s: the catalog has changed:\n%s", c.name, differing(before, after))
			}
			if w, err := db.Journaled(t.Context()); w.Total() != 0 || err != nil {
				t.Errorf("%s: left %v, %v", c.name, w, err)
			}
		}
	})
}

// uniquesOf gives the uniques of all tables.
func uniquesOf(d *schema.Database) map[string][]*schema.Unique {
	out := map[string][]*schema.Unique{}
	for _, t := range d.Tables {
		out[t.Name] = t.Uniques
		if t.PrimaryKey != nil {
			out[t.Name+" primary"] = []*schema.Unique{t.PrimaryKey}
		}
	}
	return out
}

// differing gives the lines that only one of two texts has.
func differing(before, after string) string {
	var out []string
	b, a := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, l := range b {
		if !slices.Contains(a, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range a {
		if !slices.Contains(b, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

// Uniques stay where something that the load does not see may need them.
func TestUniquesStay(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const table = "create table t (id uuid primary key, a text unique); create index on t (a);"
		for _, c := range []struct {
			name, ddl string
			uniques   int
		}{
			{"nothing is in the way", "", 2},
			{"a publication", "create publication p for table t", 0},
			{"a default that calls a function", "create function f() returns text language sql as 'select a from t limit 1'; alter table t alter a set default f()", 0},
			{"a check that calls a function", "create function f(text) returns boolean language sql as 'select not exists (select 1 from t where a = $1)'; create table u (a text check (f(a)))", 0},
			{"a key of a table that stays", "create table u (id uuid references t)", 1},
			{"a row", "insert into t values (gen_random_uuid(), 'x')", 0},
			{"a table that inherits", "create table u () inherits (t)", 0},
			{"an event trigger", "create function f() returns event_trigger language plpgsql as 'begin end'; create event trigger f on ddl_command_end execute function f()", 0},
		} {
			db, url := fresh(t, s, table+c.ddl)
			targets := unkeyedTargets(t, s, db, url, "t")
			before := s.Psql(t, url, "select conname, conindid::regclass, pg_get_constraintdef(oid) from pg_constraint where contype in ('p', 'u', 'f') order by 1")
			told, err := db.Loadings(t.Context(), targets)
			if err != nil || told[0].Uniques != c.uniques {
				t.Errorf("%s: told %+v, %v", c.name, told, err)
			}
			if _, _, err := db.Strip(t.Context(), targets); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if w, err := db.Journaled(t.Context()); err != nil || w.Uniques != c.uniques {
				t.Errorf("%s: in the journal are %+v, %v", c.name, w, err)
			}
			if err := db.Restore(t.Context(), sink.Restoring{}); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if after := s.Psql(t, url, "select conname, conindid::regclass, pg_get_constraintdef(oid) from pg_constraint where contype in ('p', 'u', 'f') order by 1"); after != before {
				t.Errorf("%s: %s", c.name, differing(before, after))
			}
		}
	})
}

// Rows that have the same cells in a unique are named, with those that the run made; all else comes back, and once they are
// gone, the rest does.
func TestUniquesOfTwins(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "create table t (id uuid primary key, a text constraint one unique, b int); create index on t (b); create unique index pair on t (b, a); create table c (t uuid references t)")
		targets := unkeyedTargets(t, s, db, url, "t", "c")
		if _, kept, err := db.Strip(t.Context(), targets); err != nil || len(kept) != 0 {
			t.Fatal(kept, err)
		}
		s.Psql(t, url, `create table sower.ledger (run bigint, table_name text, first_row bigint, row_count bigint); begin; insert into t values ('00000000-0000-4000-8000-000000000001', 'x', 1); insert into sower.ledger values (1, 't', 0, 1); commit;
			insert into t values ('00000000-0000-4000-8000-000000000001', 'x', 2), ('00000000-0000-4000-8000-000000000002', null, null), ('00000000-0000-4000-8000-000000000003', null, null); drop table sower.ledger`)
		err := db.Restore(t.Context(), sink.Restoring{Connections: 2})
		wants(t, err, "t_pkey", "00000000-0000-4000-8000-000000000001", "(0,1)", "(0,2)", "one of", "sower repair")
		if w, err := db.Journaled(t.Context()); err != nil || w.Uniques != 2 || w.Keys != 1 || w.Indexes != 0 {
			t.Errorf("left %+v, %v", w, err)
		}
		s.Psql(t, url, "delete from t where ctid = '(0,2)'")
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
			t.Error(err)
		}
		if n := s.Psql(t, url, "select count(*) from pg_constraint where conrelid in ('t'::regclass, 'c'::regclass) and contype in ('p', 'u', 'f') and convalidated"); n != "3" {
			t.Errorf("%s constraints are back", n)
		}
	})
}
