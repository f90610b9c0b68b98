package postgres_test

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// everyForm has indexes and keys of every form.
const everyForm = `
	create extension if not exists pg_trgm; create schema other; create type mood as enum ('calm', 'wild');
	create table parent (id int primary key, a int, b text, unique (a, b), unique (b));
	create table t (id int primary key, a int, b text, c text collate "C", d timestamp, m mood, p int references parent, x jsonb);
	alter table t add constraint "two ""words" foreign key (a, b) references parent (a, b) match full on update cascade on delete set null deferrable initially deferred;
	alter table t add constraint later foreign key (p) references parent (id) on delete restrict not valid;
	comment on constraint later on t is 'it''s later';
	create index plain on t (a); create index two on t (b desc, c asc nulls first); create index last on t (a desc nulls last);
	create index expr on t (lower(b), (a + 1), (x ->> 'it''s; (not'));
	create index coll on t (b collate "C", c collate "POSIX"); create index pat on t (b text_pattern_ops);
	create index part on t (a) where b = ')' and m = 'calm'; create index incl on t (a) include (c, d) with (fillfactor = 70);
	create index trgm on t using gist (b gist_trgm_ops (siglen = 32)); create index gin on t using gin (x jsonb_path_ops) with (fastupdate = off); create index brin on t using brin (d) with (pages_per_range = 4);
	create index hash on t using hash (b); create index "Odd ""name;" on t (m);
	alter index expr alter column 1 set statistics 300; comment on index expr is 'a comment; with '' in it';`

// Of its facts each index and each key is made again as it was, statistics targets and comments too, wherever its table is
// by then and whatever its columns are called.
func TestFacts(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		describe := func(url, table string) string {
			return s.Psql(t, url, `select pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'), (select array_agg(attstattarget order by attnum) from pg_attribute where attrelid = i.indexrelid) from pg_index i where indrelid = '`+table+`'::regclass order by 1`) +
				s.Psql(t, url, `select conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint') from pg_constraint where conrelid = '`+table+`'::regclass and contype = 'f' order by 1`)
		}
		for _, c := range []struct{ name, ddl, table, then string }{
			{"as it was", "", "t", ""},
			{"renamed, moved and its columns renamed", "alter table t set schema other; alter table other.t rename to u; alter table other.u rename a to aa; alter table other.u rename p to pp; alter table parent set schema other; alter table other.parent rename id to key",
				"other.u", "alter table other.parent rename key to id; alter table other.parent set schema public; alter table other.u rename to t; alter table other.t set schema public; alter table t rename aa to a; alter table t rename pp to p"},
		} {
			db, url := fresh(t, s, everyForm)
			before := describe(url, "t")
			if stripped, kept, err := db.Strip(t.Context(), []*sink.Target{target(t, inspect(t, db), "t", "id")}); err != nil || len(stripped) != 1 {
				t.Fatal(stripped, kept, err)
			}
			if n := s.Psql(t, url, "select count(*) from sower.journal"); n != "16" {
				t.Errorf("%s: %s pieces in the journal; in place is\n%s", c.name, n, describe(url, "t"))
			}
			if c.ddl != "" {
				s.Psql(t, url, c.ddl)
				// Expressions are text, and name columns as they were.
				err := db.Restore(t.Context(), sink.Restoring{Connections: 2})
				if err == nil || !strings.Contains(err.Error(), "sower repair --forget expr") || strings.Count(err.Error(), "--forget") != 1 {
					t.Errorf("%s: %v", c.name, err)
				}
				s.Psql(t, url, c.then)
			}
			if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
				t.Fatal(c.name, err)
			}
			if after := describe(url, "t"); after != before {
				t.Errorf("%s: it was\n%s\nand is\n%s", c.name, before, after)
			}
			if n, err := db.Journaled(t.Context()); n.Total() != 0 || err != nil {
				t.Errorf("%s: left %v, %v", c.name, n, err)
			}
		}
	})
}

// A journal whose facts somebody has changed runs nothing but the making of an index or a key.
func TestPlantedFacts(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, plant := range []string{
			`update sower.journal set facts = jsonb_set(facts, '{predicate}', '"true); drop table victim; --"')`,
			`update sower.journal set facts = jsonb_set(facts, '{predicate}', '"a > 0), (b"')`,
			`update sower.journal set facts = jsonb_set(facts, '{columns,0}', '{"number": 0, "expression": "a), (lower(b)"}')`,
			`update sower.journal set facts = jsonb_set(facts, '{columns,0}', '{"number": 0, "expression": "a /* ( */"}')`,
			`update sower.journal set facts = jsonb_set(facts, '{columns,0}', '{"number": 0, "expression": "fooe''\\'' ) , (b) --"}')`,
			`update sower.journal set facts = jsonb_set(facts, '{method}', '"btree (a); drop table victim; --"')`,
			`update sower.journal set facts = jsonb_set(facts, '{with}', '["fillfactor=70); drop table victim; --"]')`,
			`update sower.journal set name = 'x on victim (a); drop table victim; --'`,
		} {
			db, url := fresh(t, s, "create table victim (a int); create table t (a int, b text); create index i on t (a) where b > ''")
			if _, _, err := db.Strip(t.Context(), []*sink.Target{target(t, inspect(t, db), "t", "a")}); err != nil {
				t.Fatal(err)
			}
			s.Psql(t, url, plant)
			err := db.Restore(t.Context(), sink.Restoring{})
			if err == nil && !strings.Contains(plant, "set name") {
				t.Errorf("%s: it was taken", plant)
			}
			if got := s.Psql(t, url, "select to_regclass('victim') is not null"); got != "t" {
				t.Errorf("%s: it was run", plant)
			}
		}
	})
}

// What others do to tables whose pieces wait ends well, or says what to do; that done, all is well.
func TestRestoreAfterDDL(t *testing.T) {
	const ddl = `create schema other; create table parent (id int primary key); create table t (id int primary key, p int, note text, n int);
		alter table t add constraint to_parent foreign key (p) references parent; create index on_note on t (note); create index on_n on t (n) where n > 0;
		create table whole (id int primary key) partition by range (id);`
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, c := range []struct {
			name, ddl, says, then string
			indexes, keys         int
		}{
			{"drop the table", "drop table t", "", "", 0, 0},
			{"drop and make it again", "drop table t; create table t (id int, p int, note text, n int)", "", "", 0, 0},
			{"rename", "alter table t rename to u", "", "", 2, 1},
			{"move", "alter table t set schema other", "", "", 2, 1},
			{"drop the parent", "drop table parent", "", "", 2, 0},
			{"rename the parent", "alter table parent rename to elder", "", "", 2, 1},
			{"add a column", "alter table t add c int not null default 3", "", "", 2, 1},
			{"rename a column", "alter table t rename note to remark", "", "", 2, 1},
			{"rename a column in an expression", "alter table t rename n to m", "--forget on_n", "forget on_n", 1, 1},
			{"drop a column", "alter table t drop note", "its column \"note\" was dropped", "forget on_note", 1, 1},
			{"drop a key's column", "alter table t drop p", "--forget to_parent", "forget to_parent", 2, 0},
			{"another type", "alter table t alter note type int using 1", "", "", 2, 1},
			{"another type of a key", "alter table t alter p type text", "--forget to_parent", "forget to_parent", 2, 0},
			{"the same index", "create index on_note on t (note)", "", "", 2, 1},
			{"another index of its name", "create index on_note on t (n)", "--forget on_note", "drop index on_note", 2, 1},
			{"another table of an index's name", "create table public.on_note ()", "--forget on_note", "drop table public.on_note", 2, 1},
			{"the same key", "alter table t add constraint to_parent foreign key (p) references parent", "", "", 2, 1},
			{"another constraint of its name", "alter table t add constraint to_parent check (p > 0)", "--forget to_parent", "alter table t drop constraint to_parent", 2, 1},
			{"truncate", "truncate t, parent", "", "", 2, 1},
			{"a key whose commit the server lost", "update sower.journal set state = 'added' where kind = 'key'", "", "", 2, 1},
			{"attach", "alter table whole attach partition t for values from (0) to (100)", "", "", 2, 1},
			{"rows without parents", "insert into t values (1, 77)", "sower clean", "delete from t", 2, 1},
		} {
			if c.name == "attach" {
				c.ddl = "alter table t rename to part; create table t2 (like part) partition by range (id); alter table t2 attach partition part for values from (0) to (100); alter table t2 detach partition part"
			}
			db, url := fresh(t, s, ddl)
			if stripped, kept, err := db.Strip(t.Context(), []*sink.Target{target(t, inspect(t, db), "t", "id")}); err != nil || len(stripped) != 1 {
				t.Fatal(stripped, kept, err)
			}
			s.Psql(t, url, c.ddl)
			err := db.Restore(t.Context(), sink.Restoring{Connections: 2})
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.name, err)
			}
			how := sink.Restoring{Connections: 2}
			if name, ok := strings.CutPrefix(c.then, "forget "); ok {
				how.Forget = []string{name}
			} else if c.then != "" {
				s.Psql(t, url, c.then)
			}
			if c.says != "" {
				if err := db.Restore(t.Context(), how); err != nil {
					t.Errorf("%s: then: %v", c.name, err)
				}
			}
			if n, err := db.Journaled(t.Context()); n.Total() != 0 || err != nil {
				t.Errorf("%s: left %v, %v", c.name, n, err)
			}
			indexes := s.Psql(t, url, "select count(*) from pg_class where relkind = 'i' and relname in ('on_note', 'on_n')")
			keys := s.Psql(t, url, "select count(*) from pg_constraint where contype = 'f' and convalidated and conname = 'to_parent'")
			if indexes+keys != itoa(c.indexes)+itoa(c.keys) {
				t.Errorf("%s: %s indexes and %s keys, want %d and %d", c.name, indexes, keys, c.indexes, c.keys)
			}
			t.Logf("%-36s %s", c.name, map[bool]string{true: "goes on", false: "says " + c.says + "; then: " + c.then}[c.says == ""])
		}
	})
}

func itoa(n int) string { return string(rune('0' + n)) }
