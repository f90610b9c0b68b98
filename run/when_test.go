package run_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
)

const whenTables = `
	create table teams (id integer primary key, lead_id integer not null);
	create table agents (id integer primary key, team_id integer not null references teams);
	create table tickets (id integer primary key, team_id integer not null references teams, state varchar(10) not null, closed_at timestamp, closed_by integer references agents,
		approved_by integer references agents, reopens_id integer references tickets, stars smallint,
		check ((state = 'closed') = (closed_by is not null)));`

const whenBlueprint = `
  teams: {rows: 12, columns: {id: sequence, lead_id: {integer: {min: 1, max: 9}}}}
  agents: {rows: 80, columns: {id: sequence, team_id: {reference: teams}}}
  tickets:
    rows: 600
    columns:
      id: sequence
      team_id: {reference: teams}
      state: {pick: [open, closed]}
      closed_at: {timestamp: {from: 2025-01-01, to: 2025-12-31, precision: 0}, when: 'state == "closed"'}
      closed_by: {reference: {table: agents, matching: {team_id: team_id}}, when: 'state == "closed"'}
      approved_by: {cell: closed_by, when: 'closed_by != nil and id % 2 == 0'}
      reopens_id: {reference: tickets, when: 'state == "open" and id > 1'}
      stars: {integer: {min: 1, max: 5}, when: 'closed_by != nil', nulls: 0.5}
`

// What a condition lets be there is there in those rows alone, references among them; the database is asked, and what is
// changed afterwards breaks the rule by name.
func TestWhen(t *testing.T) {
	b := blueprintOf(t, whenBlueprint)
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, whenTables)
		report := generate(t, s, b, 1, run.Options{Workers: 3, BatchRows: 37})
		if report.State != "complete" || report.Rows != 692 {
			t.Fatalf("state %s, %d rows", report.State, report.Rows)
		}
		holds(t, s, b, run.Options{})
		for _, sql := range []string{
			"select count(*) from tickets where (state = 'closed') <> (closed_by is not null) or (closed_at is null) <> (closed_by is null)",
			"select count(*) from tickets t join agents a on a.id = t.closed_by where a.team_id <> t.team_id",
			"select count(*) from tickets where (approved_by is not null) <> (state = 'closed' and id % 2 = 0) or approved_by <> closed_by",
			"select count(*) from tickets where (reopens_id is not null) <> (state = 'open' and id > 1) or reopens_id >= id",
			"select count(*) from tickets where stars is not null and closed_by is null",
		} {
			want(t, s, 0, sql)
		}
		for _, c := range []struct{ sql, broken string }{
			{"update tickets set closed_at = null where id = (select max(id) from tickets where state = 'closed')", `tickets.closed_at is there where state == "closed", and nowhere else`},
			{"update tickets set approved_by = 1 where id = (select min(id) from tickets where state = 'open')", "tickets.approved_by is null unless closed_by != nil and id % 2 == 0"},
			{"update tickets set reopens_id = 1 where id = (select max(id) from tickets where state = 'closed')", `tickets.reopens_id is null unless state == "open" and id > 1`},
			{"update tickets set stars = 3 where id = (select max(id) from tickets where state = 'open')", "tickets.stars is null unless closed_by != nil"},
		} {
			db.exec(t, s, c.sql)
			v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, f := range v.Rules {
				found = found || !f.OK && strings.HasPrefix(f.Text, c.broken)
			}
			if !found {
				t.Errorf("after %q nothing says that it is broken: %s", c.sql, c.broken)
			}
		}
	})
}
