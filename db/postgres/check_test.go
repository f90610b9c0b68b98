package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// What would make a load fail is told beforehand, all of it, with what to do.
func TestCheck(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `create table good (id int); create table shut (id int); create table secret (id int); create table forced (id int);
			alter table secret enable row level security; alter table forced enable row level security; alter table forced force row level security;
			create policy p on secret using (id > 5); create publication pub for table good`)
		d := inspect(t, db)
		role := "some_" + d.Name
		s.Psql(t, url, `create role "`+role+`" login password 'pw'; grant select, insert on good, secret to "`+role+`"; alter table forced owner to "`+role+`"`)
		t.Cleanup(func() {
			s.Psql(t, url, `reassign owned by "`+role+`" to current_user; drop owned by "`+role+`"; drop role "`+role+`"`)
		})
		targets := []*sink.Target{target(t, d, "good"), target(t, d, "shut"), target(t, d, "secret"), target(t, d, "forced")}
		if err := db.Check(t.Context(), targets); err != nil {
			t.Errorf("a superuser: %v", err)
		}
		weak := open(t, "postgres://"+role+":pw@"+url[strings.Index(url, "@")+1:], postgres.Options{})
		err := weak.Check(t.Context(), targets)
		wants(t, err, `public.shut: the role lacks the right to select and to insert`, `grant select, insert on "public"."shut" to "`+role+`"`,
			"public.secret: row-level security hides rows from the role: fill it as its owner", `alter table "public"."forced" no force row level security`)
		if err != nil && strings.Contains(err.Error(), "good") {
			t.Errorf("%v", err)
		}
		if err := weak.Check(t.Context(), targets[:1]); err != nil {
			t.Errorf("a table that it may fill: %v", err)
		}
		// A subscription that never connects is enough for its tables.
		s.Psql(t, url, "create subscription far connection 'host=127.0.0.1 port=1 dbname=x' publication pub with (connect = false, slot_name = none)")
		t.Cleanup(func() { s.Psql(t, url, "drop subscription far") })
		s.Psql(t, url, "insert into pg_subscription_rel (srsubid, srrelid, srsubstate) select oid, 'good'::regclass, 'r' from pg_subscription where subname = 'far'")
		wants(t, db.Check(t.Context(), targets), "public.good: its rows come by logical replication (subscription far)")

		s.Psql(t, url, `alter database "`+d.Name+`" set default_transaction_read_only = on`)
		err = open(t, url, postgres.Options{}).Check(t.Context(), nil)
		wants(t, err, "default_transaction_read_only")
		if !errors.Is(err, sink.ErrReadOnly) {
			t.Errorf("%v", err)
		}
		s.Psql(t, url, `set default_transaction_read_only = off; alter database "`+d.Name+`" reset default_transaction_read_only`)
	})
}

// Rows of which no column is given are made by the database's defaults.
func TestDefaultRows(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, `create table none (); create table ids (id serial primary key); create table always (id int generated always as identity, note text default 'x')`)
		d := inspect(t, db)
		r := newRun()
		if err := db.SaveRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		db.UseRun(r.Number)
		for _, name := range []string{"none", "ids", "always"} {
			tg := target(t, d, name, []string{}...)
			tg.Columns, tg.Kinds = nil, nil
			load(t, db, tg, &column.Batch{First: 0, N: 70}, &column.Batch{First: 70, N: 5})
			if got := s.Psql(t, url, "select count(*) from "+name); got != "75" {
				t.Errorf("%s has %s rows", name, got)
			}
			if ledger, err := db.Ledger(t.Context(), r.Number, name); err != nil || len(ledger) != 2 {
				t.Errorf("%s: ledger %v, %v", name, ledger, err)
			}
		}
		if got := s.Psql(t, url, "select count(distinct id), min(note) from always"); got != "75|x" {
			t.Errorf("always: %s", got)
		}
	})
}
