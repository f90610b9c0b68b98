package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// What is told beforehand, by a connection that cannot write, is what Strip then does.
func TestLoadings(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `
			create table parent (id int primary key, at timestamp); create index on parent (at);
			create table child (id int primary key, p int references parent, q int references parent, note text unique); alter table child add constraint odd foreign key (q) references parent not valid;
			create index on child (p); create index on child (lower(note)); create unique index on child (q);
			create function helper(text) returns text language sql immutable as 'select left($1, 2)';
			create function unsure(text) returns text language plpgsql immutable as 'begin return helper($1); end';
			create function sure(text) returns text language plpgsql immutable set search_path = public as 'begin return helper($1); end';
			create index on child (unsure(note)); create index on child (sure(note)); create index on child (id) where id > abs(3);
			create table bare (id int primary key);
			create table full_ (id int, p int references parent); insert into full_ values (1, null);
			create table parted (id int, p int references parent) partition by range (id);
			create table part1 partition of parted for values from (0) to (1000);`)
		reader := open(t, url, postgres.Options{ReadOnly: true})
		d := inspect(t, db)
		var targets []*sink.Target
		for _, name := range []string{"parent", "child", "bare", "full_", "parted"} {
			targets = append(targets, target(t, d, name, "id"))
		}
		circle := target(t, d, "child", "id")
		circle.Keys = true
		targets = append(targets, circle)
		got, err := reader.Loadings(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []sink.Loading{
			{Indexes: 1},
			{Indexes: 4, Keys: 3},
			{Kept: "it has no secondary index and no foreign key"},
			{Kept: "it holds rows"},
			{Kept: "it is a partition, or has tables that inherit from it"},
			{Keys: 3},
		} {
			if got[i] != want {
				t.Errorf("%s: %+v, want %+v", targets[i].Name, got[i], want)
			}
			if f, err := reader.Format(targets[i]); err != nil || f != "text" && f != "binary" {
				t.Errorf("%s: format %q, %v", targets[i].Name, f, err)
			}
		}
		stripped, kept, err := db.Strip(t.Context(), targets[:5])
		if err != nil {
			t.Fatal(err)
		}
		for i, tg := range targets[:5] {
			if kept[tg.Name] != got[i].Kept {
				t.Errorf("%s: told %q, and then %q", tg.Name, got[i].Kept, kept[tg.Name])
			}
		}
		if n := s.Psql(t, url, "select string_agg(table_name || ' ' || kind || ' ' || n, ', ' order by table_name, kind) from (select table_name, kind, count(*) n from sower.journal group by 1, 2) x"); strings.ReplaceAll(n, `"`, "") != "public.child index 4, public.child key 3, public.parent index 1" {
			t.Errorf("stripped %v: %s", stripped, n)
		}
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
			t.Fatal(err)
		}

		// Whoever does not own a table, or may not make the journal, takes nothing away.
		s.Psql(t, url, "drop schema if exists sower; create role loadings login password 'pw'; alter table bare owner to loadings; create index on bare (id, id)")
		defer s.Psql(t, url, "drop owned by loadings; drop role loadings")
		weak := open(t, "postgres://loadings:pw@"+url[strings.Index(url, "@")+1:], postgres.Options{ReadOnly: true})
		if got, err = weak.Loadings(t.Context(), targets[1:3]); err != nil || got[0].Kept != "the role may not make the journal" {
			t.Errorf("%+v, %v", got, err)
		}
		s.Psql(t, url, "create schema sower authorization loadings")
		if got, err = weak.Loadings(t.Context(), targets[1:3]); err != nil || got[0].Kept != "the role does not own it" || got[1].Indexes != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// The statistics of tables are gathered beside the rebuilding of others, behind their own indexes, so that those over
// expressions have some; each once, in whatever number of connections.
func TestRestoreGathersStatistics(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, connections := range []int{1, 2, 5} {
			db, url := fresh(t, s, `create table p (id int primary key); create table a (id int primary key references p, note text); create table b (id int primary key references a, note text);
				create index a_note on a (lower(note)); create index b_note on b using gin (to_tsvector('simple', note)); create index b_id on b (id, note);
				create table c (id int);`)
			d := inspect(t, db)
			var targets []*sink.Target
			for _, name := range []string{"p", "a", "b", "c", "a"} {
				targets = append(targets, target(t, d, name, "id"))
			}
			if _, kept, err := db.Strip(t.Context(), targets[:3]); err != nil || len(kept) != 1 {
				t.Fatal(kept, err)
			}
			s.Psql(t, url, "insert into p select generate_series(1, 500); insert into a select id, 'note ' || id from p; insert into b select * from a; insert into c select id from p")
			seen := map[string]int{}
			var order []string
			err := db.Restore(t.Context(), sink.Restoring{Connections: connections, Statistics: targets, Note: func(r sink.Restored) {
				seen[r.Phase]++
				order = append(order, r.Phase+" "+r.Name)
				if r.Done != seen[r.Phase] || r.Of != map[string]int{"indexes": 3, "keys": 2, "statistics": 4}[r.Phase] {
					t.Errorf("%+v", r)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(seen) != "map[indexes:3 keys:2 statistics:4]" {
				t.Errorf("%v", order)
			}
			at := func(text string) int {
				for i, o := range order {
					if strings.HasPrefix(o, text) {
						return i
					}
				}
				return -1
			}
			if at("indexes b_note") > at("statistics b") || at("indexes b_id") > at("statistics b") || at("keys b_id_fkey") > at("statistics b") {
				t.Errorf("statistics before the indexes: %q", order)
			}
			if got := s.Psql(t, url, "select string_agg(distinct tablename, ' ' order by tablename) from pg_stats where schemaname = 'public'"); got != "a a_note b b_note c p" {
				t.Errorf("statistics of %s", got)
			}
		}
	})
}
