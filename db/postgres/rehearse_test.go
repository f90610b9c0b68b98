package postgres_test

import (
	"errors"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// Rows of tables that wait for one another are tried together: that a parent comes later is no refusal. Rows of a table
// none of which is taken are not all tried.
func TestRehearseTogether(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, _ := fresh(t, s, `
create table methods (id int primary key, conf int not null);
create table confs (id int primary key, method int not null references methods deferrable initially deferred,
	unique (method, id));
alter table methods add foreign key (id, conf) references confs (method, id) deferrable initially deferred;
create table logins (method int references methods);
create function guard() returns trigger language plpgsql as
	'begin if not exists (select from methods where id = new.method) then raise exception ''no method''; end if;
	return new; end';
create trigger guard before insert on logins for each row execute function guard();
create table never (id int);
create function refuse() returns trigger language plpgsql as 'begin raise exception ''row % is refused'', new.id; end';
create trigger refuse before insert on never for each row execute function refuse();`)
		d := inspect(t, db)
		const n = 50
		ids := numbers(0, n)
		var list []sink.Rehearsed
		for _, name := range []string{"methods", "confs"} {
			tg := target(t, d, name)
			list = append(list, sink.Rehearsed{Target: tg, Batch: batch(0, tg, ids, ids)})
		}
		for _, name := range []string{"logins", "never"} {
			tg := target(t, d, name)
			list = append(list, sink.Rehearsed{Target: tg, Batch: batch(0, tg, ids)})
		}
		found, err := db.Rehearse(t.Context(), list)
		if err != nil || len(found) != len(list) {
			t.Fatalf("%d of %d tables: %v", len(found), len(list), err)
		}
		for i, of := range found[:3] {
			for row, e := range of {
				if e != nil {
					t.Fatalf("%s row %d: %v", list[i].Target.Name, row, e)
				}
			}
		}
		said := map[string]bool{}
		for row, e := range found[3] {
			if !errors.Is(e, sink.ErrRefused) {
				t.Fatalf("never row %d: %v", row, e)
			}
			said[e.Error()] = true
		}
		if len(said) >= n || len(said) < 10 {
			t.Errorf("%d of %d rows that are all refused were tried", len(said), n)
		}

		// Where a row that others wait for is missing, none of them stands.
		list[1].Batch = batch(0, list[1].Target, numbers(0, n-1), numbers(0, n-1))
		if found, err = db.Rehearse(t.Context(), list[:3]); err != nil {
			t.Fatal(err)
		}
		if e := found[2][0]; !errors.Is(e, sink.ErrRefused) {
			t.Errorf("logins row 0, whose method is undone: %v", e)
		}
	})
}
