package run_test

import (
	"context"
	"slices"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// A rule that rests on a column of another table which triggers changed is no damage where it does not hold; other
// rules of the row are.
func TestRulesOverChangedParents(t *testing.T) {
	onPostgres(t, `
		create table users (id int primary key, created_at timestamp not null);
		create table sessions (id int primary key, user_id int not null references users, created_at timestamp not null);
		create function late() returns trigger language plpgsql as $$ begin new.created_at := '2030-01-01'; return new; end $$;
		create trigger late before insert on users for each row execute function late();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  users: {rows: 40, columns: {id: sequence, created_at: {timestamp: {from: "2025-01-01", to: "2025-02-01"}}}}
  sessions: {rows: 80, columns: {id: sequence, user_id: {reference: users}, created_at: {timestamp: {from: "2025-01-01", to: "2025-03-01"}, not_before: [user_id.created_at]}}}
`)
		generate(t, s, b, 1, run.Options{})
		v := holds(t, s, b, run.Options{})
		if !slices.ContainsFunc(v.Rules, func(f run.Finding) bool {
			return f.Text == "sessions.created_at is not before user_id.created_at: not held, since triggers changed users.created_at"
		}) {
			t.Errorf("%+v", v.Rules)
		}
		create(t, s, "update sessions set created_at = '2031-01-01' where id = 3")
		if v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), run.Options{}, nil); err != nil || v.Broken() == 0 {
			t.Errorf("damage was not found: %v, %+v", err, v)
		}
	})
}
