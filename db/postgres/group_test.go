package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// Tables that refer to one another in a circle are loaded together whatever their keys are like, and all of
// it stands or nothing.
func TestJoin(t *testing.T) {
	shapes := map[string]string{
		"not null": `create table a (id int primary key, b_id int not null); create table b (id int primary key, a_id int not null references a);
			alter table a add foreign key (b_id) references b`,
		"deferrable": `create table a (id int primary key, b_id int not null); create table b (id int primary key, a_id int not null references a);
			alter table a add foreign key (b_id) references b deferrable`,
		"all deferred": `create table a (id int primary key, b_id int not null); create table b (id int primary key, a_id int not null references a deferrable initially deferred);
			alter table a add foreign key (b_id) references b deferrable`,
		"identity": `create table a (id int generated always as identity primary key, b_id int not null, twice int generated always as (b_id * 2) stored);
			create table b (id int primary key, a_id int not null references a); alter table a add foreign key (b_id) references b`,
		"partitioned": `create table a (id int, b_id int not null, primary key (id)) partition by hash (id); create table a0 partition of a for values with (modulus 2, remainder 0);
			create table a1 partition of a for values with (modulus 2, remainder 1); create table b (id int primary key, a_id int not null references a); alter table a add foreign key (b_id) references b`,
	}
	for name, ddl := range shapes {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
				db, url := fresh(t, s, ddl)
				d := inspect(t, db)
				r := newRun()
				if err := db.SaveRun(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				db.UseRun(r.Number)
				tables := []*sink.Target{target(t, d, "a", "id", "b_id"), target(t, d, "b", "id", "a_id")}
				edges, err := db.Edges(t.Context(), tables)
				if err != nil || len(edges) != 2 {
					t.Fatalf("edges %v, %v", edges, err)
				}
				fill := func(from, to, shift int64) error {
					g, err := db.Join(t.Context(), tables)
					if err != nil {
						t.Fatal(err)
					}
					defer func() {
						if err := g.Close(); err != nil {
							t.Error(err)
						}
					}()
					for _, i := range g.Order() {
						for at := from; at < to; at += 50 { // several batches
							if err := g.Write(t.Context(), i, batch(at, tables[i], numbers(at, at+50), numbers(at+shift, at+50+shift))); err != nil {
								return err
							}
						}
					}
					n, err := g.Commit(t.Context())
					if err == nil && (n[0] != to-from || n[1] != to-from) {
						t.Errorf("%d rows were counted", n)
					}
					return err
				}
				if err := fill(0, 100, 0); err != nil {
					t.Fatal(err)
				}
				count(t, db, tables[0], 100)
				count(t, db, tables[1], 100)
				for _, tg := range tables {
					ledger, err := db.Ledger(t.Context(), r.Number, tg.Name)
					if err != nil || len(ledger) != 2 {
						t.Errorf("ledger of %s: %v, %v", tg.Name, ledger, err)
					}
				}
				// The last rows refer to rows that are not there: nothing of it stands.
				if err := fill(100, 200, 1); err == nil || serverCode(err) != "23503" {
					t.Errorf("orphans: %v", err)
				}
				if name != "identity" { // a key that stands
					s.Psql(t, url, "begin; set constraints all deferred; with x as (insert into a (id, b_id) values (150, 150)) insert into b values (150, 150); commit")
					if err := fill(100, 200, 0); !errors.Is(err, sink.ErrUnique) {
						t.Errorf("a double key: %v", err)
					}
				}
				if got := s.Psql(t, url, "select count(*) from a where id between 100 and 199 and id <> 150"); got != "0" {
					t.Errorf("%s rows of a failed group stand", got)
				}
				if got := s.Psql(t, url, "select count(*) from pg_class where relname like 'sower_stage%'"); got != "0" {
					t.Errorf("%s temporary tables are left", got)
				}
			})
		})
	}
}
