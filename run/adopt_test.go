package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
)

// A fixed row is one row, however many runs there are: an existing row with the same unique cells, and the same ones in
// all others that the blueprint gives, takes its place; one that differs is named.
func TestFixedRowsOfFurtherRuns(t *testing.T) {
	const tables = `
		create table roles (id integer primary key, name varchar(20) not null unique, level integer not null);
		create table places (country varchar(2) not null, code varchar(10) not null, name varchar(20) not null, primary key (country, code));
		create table people (id integer primary key, role_id integer not null references roles, email varchar(60) not null unique, active boolean not null);`
	b := blueprintOf(t, `
  roles:
    rows: 4
    fixed:
      boss: {cells: {name: boss, level: 9}}
      guest: {cells: {name: guest}}
    columns: {id: sequence, name: {template: "r{id}"}, level: {integer: {min: 1, max: 5}}}
  places:
    rows: 6
    unique: [[country, code]]
    fixed: {home: {cells: {country: de, code: home}}}
    columns: {country: {pick: [de, fr]}, code: {pattern: "[a-z]{9}"}, name: {pick: [inn, mill]}}
  people:
    rows: 20
    fixed: {root: {cells: {email: root@example.com, active: true}}}
    columns:
      id: sequence
      role_id: {reference: {table: roles, exact: {boss: 5}}}
      email: {template: "p{id}@example.com"}
      active: {quota: {shares: {true: 50, false: 50}}}
`)
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, tables)
		generate(t, s, b, 1, run.Options{})
		for n := int64(2); n < 4; n++ {
			report := generate(t, s, b, 1, run.Options{Append: true})
			if got := strings.Join(report.Adopted, ", "); got != "roles boss, roles guest, places home, people root" {
				t.Errorf("adopted: %s", got)
			}
			want(t, s, 2+2*n, "select count(*) from roles")
			want(t, s, 1+5*n, "select count(*) from places")
			want(t, s, 1+19*n, "select count(*) from people")
			want(t, s, 1, "select count(*) from people where email = 'root@example.com'")
			// The boss of the first run is the boss of all: five refer to it in each run, of which root may be one.
			if got := query(t, s, "select count(*) from people p join roles r on r.id = p.role_id where r.name = 'boss'"); got < 4*n || got > 5*n {
				t.Errorf("%d refer to the boss", got)
			}
			holds(t, s, b, run.Options{})
			holds(t, s, b, run.Options{Append: true})
		}
		if again := generate(t, s, b, 1, run.Options{}); again.Rows != 0 || again.State != "already complete" {
			t.Errorf("again: %s, %d rows", again.State, again.Rows)
		}
		create(t, s, "update roles set level = 3 where name = 'boss'")
		_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), run.Options{Append: true})
		const text = `roles: the fixed row boss: a row with name "boss" is in the database already, but its level is "3", not "9"`
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v", err)
		}
		want(t, s, 8, "select count(*) from roles")
	})
}
