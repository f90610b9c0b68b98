package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// manySmall gives tables that refer to one another in every way, in two schemas, and the foreign keys that may go.
const manySmall = `
	create schema "Odd ""one"; create table root (id int primary key, a int, b int, unique (a, b), "select" int unique);
	create table one (id int primary key, r int references root); create table two (id int primary key, r int references root on delete cascade, o int constraint "a ""b" references one on update set null);
	comment on constraint "a ""b" on two is 'it''s there'; alter table two alter constraint two_r_fkey deferrable initially deferred;
	create table "Odd ""one"."order" (id int primary key, "select" int references root ("select"), a int, b int, foreign key (a, b) references root (a, b) match full on update restrict on delete set default);
	create table self (id int primary key, up int references self, r int references root); create table late (id int primary key, r int); alter table late add constraint late_r foreign key (r) references root not valid;
	create table held (id int primary key, r int references root); create table full_ (id int primary key, r int references root);
	create table none (id int primary key); insert into root values (1, 2, 3, 4); insert into full_ values (1, 1);`

// keysThere is all that the catalog has of foreign keys, but numbers.
func keysThere(t *testing.T, s *pgtest.Server, url string) string {
	t.Helper()
	return s.Psql(t, url, `select conrelid::regclass::text, conname, pg_get_constraintdef(oid), conindid::regclass, to_jsonb(k) - 'oid', obj_description(oid, 'pg_constraint'),
		(select count(*) from pg_trigger g where g.tgconstraint = k.oid and g.tgenabled = 'O') from pg_constraint k where contype = 'f' order by 1, 2`)
}

// Foreign keys of many tables go in one transaction, and come back as they were, the journal with them.
func TestKeysOfManyTables(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, manySmall)
		var targets []*sink.Target
		d := inspect(t, db)
		for _, tb := range d.Tables {
			tg := target(t, d, d.Qualified(tb), "id")
			tg.Keys = true
			targets = append(targets, tg)
		}
		before := keysThere(t, s, url)
		for _, busy := range []bool{false, true} {
			release := func() {}
			if busy { // then every table goes by itself, and that one stays
				release = holding(t, s, url, "lock table held in access share mode")
			}
			n := postgres.CountStatements(db, func() {
				stripped, kept, err := db.Strip(t.Context(), targets)
				if err != nil {
					t.Fatal(err)
				}
				want := map[bool]int{false: 6, true: 5}[busy]
				if len(stripped) != want || len(kept) != len(targets)-want {
					t.Errorf("busy %v: stripped %v, kept %v", busy, stripped, kept)
				}
			})
			release()
			if left := s.Psql(t, url, "select count(*) from pg_constraint where contype = 'f'"); left != map[bool]string{false: "1", true: "2"}[busy] {
				t.Errorf("busy %v: %s keys are left", busy, left)
			}
			if !busy && n > 80 {
				t.Errorf("it took %d statements", n)
			}
			s.Psql(t, url, "insert into one values (1, 1); insert into two values (1, 1, 1); insert into late values (1, 77)")
			if err := db.Restore(t.Context(), sink.Restoring{Connections: 2, Statistics: targets}); err != nil {
				t.Fatal(err)
			}
			if after := keysThere(t, s, url); after != before {
				t.Errorf("busy %v: %s", busy, differing(before, after))
			}
			if n, err := db.Journaled(t.Context()); n.Total() != 0 || err != nil {
				t.Errorf("left %v, %v", n, err)
			}
			s.Psql(t, url, "truncate one, two, late")
		}

		// A row without a parent is named, with its key; all other keys are valid, and the journal keeps that one.
		if _, _, err := db.Strip(t.Context(), targets); err != nil {
			t.Fatal(err)
		}
		s.Psql(t, url, "insert into one values (1, 77)")
		err := db.Restore(t.Context(), sink.Restoring{Connections: 2})
		if err == nil || !strings.Contains(err.Error(), "one_r_fkey") || !strings.Contains(err.Error(), "(77)") {
			t.Errorf("it says %v", err)
		}
		if n, err := db.Journaled(t.Context()); n.Total() != 1 || err != nil {
			t.Errorf("left %v, %v", n, err)
		}
		s.Psql(t, url, "delete from one")
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
			t.Fatal(err)
		}
		if after := keysThere(t, s, url); after != before {
			t.Error(differing(before, after))
		}
	})
}

// What the statement of a key says of it is what the server says, or else it is tried.
func TestKeysThatAreTried(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		if s.Version < 18 {
			return
		}
		db, url := fresh(t, s, `create extension btree_gist; create table p (id int, at daterange, primary key (id, at without overlaps));
			create table a (id int primary key, p int, at daterange, foreign key (p, period at) references p (id, period at)); create table b (id int primary key references a)`)
		before := keysThere(t, s, url)
		d := inspect(t, db)
		a, b := target(t, d, "a", "id"), target(t, d, "b", "id")
		a.Keys, b.Keys = true, true
		if stripped, kept, err := db.Strip(t.Context(), []*sink.Target{a, b}); err != nil || fmt.Sprint(stripped) != "[b]" {
			t.Error(stripped, kept, err)
		}
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
			t.Fatal(err)
		}
		if after := keysThere(t, s, url); after != before {
			t.Error(differing(before, after))
		}
	})
}
