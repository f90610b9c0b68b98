package run_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Rows that a trigger refuses by themselves are left out of tables that can do without; the run's record has them, so
// that another call adds nothing, and a verification misses no others.
func TestLeaveOut(t *testing.T) {
	onPostgres(t, `
		create table kinds (id int primary key, free boolean not null);
		create table notes (id int primary key, kind int not null references kinds, note varchar(20));
		create table lines (kind int not null, note varchar(20));
		create table replies (id int primary key, note_id int not null references notes, other_id int references notes);
		create table likes (reply_id int not null references replies);
		create table last (id int primary key);
		create function free_only() returns trigger language plpgsql as $$
		begin
			if new.note is not null and not (select free from kinds where id = new.kind) then raise exception 'kind % has no notes', new.kind; end if;
			return new;
		end $$;
		create function never() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
		create trigger notes_free before insert on notes for each row execute function free_only();
		create trigger lines_free before insert on lines for each row execute function free_only();
		create trigger last_never before insert on last for each row execute function never();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  kinds: {rows: 10, columns: {id: sequence, free: {boolean: 0.5}}}
  notes: {rows: 300, columns: {id: sequence, kind: {reference: kinds}, note: {pick: [a, b], nulls: 0.2}}}
  lines: {rows: 300, columns: {kind: {integer: {min: 1, max: 10}}, note: {pick: [a, b], nulls: 0.2}}}
  replies: {rows: 200, columns: {id: sequence, note_id: {reference: notes}, other_id: {reference: notes, nulls: 0.5}}}
  likes: {rows: 150, columns: {reply_id: {reference: replies}}}
  last: {rows: 5, columns: {id: sequence}}
`)
		o := run.Options{BatchRows: 40, Workers: 2}
		for range 2 { // the second call loads nothing more
			_, err := run.Generate(context.Background(), s, builder(t, s, b, 1), o)
			if err == nil || !strings.Contains(err.Error(), "of 5 of its rows tried one by one, 5 were refused") {
				t.Fatalf("got %v", err)
			}
		}
		create(t, s, "drop trigger last_never on last")
		report := generate(t, s, b, 1, o)
		if report.Rows != 5 {
			t.Errorf("made %d rows", report.Rows)
		}
		for _, table := range []string{"notes", "lines"} {
			n := query(t, s, "select count(*) from "+table)
			if n < 100 || n > 250 {
				t.Errorf("%s: %d rows", table, n)
			}
			if text := fmt.Sprintf("%s: %d of its 300 rows are left out: the database refused each of them", table, 300-n); !strings.Contains(strings.Join(report.Notices, "\n"), text) {
				t.Errorf("no notice of %q in %q", text, report.Notices)
			}
		}
		v := holds(t, s, b, o)
		if text := strings.Join(report.Notices, "\n"); !strings.Contains(text, " of its 200 rows are left out: they refer to rows that are left out") || !strings.Contains(text, " of its 150 rows are left out: they") {
			t.Errorf("notices: %s", text)
		}
		if n := query(t, s, "select count(*) from likes"); n < 20 || n > 130 {
			t.Errorf("%d likes", n)
		}
		told := 0
		for _, f := range v.Rules {
			if strings.Contains(f.Text, "has 300 rows, but for rows that were left out (") {
				told++
			}
		}
		if told != 2 {
			t.Errorf("%+v", v.Rules)
		}
		if again := generate(t, s, b, 1, o); again.Rows != 0 || again.State != "already complete" {
			t.Errorf("again: %s, %d rows", again.State, again.Rows)
		}
		create(t, s, "delete from replies where id = (select max(id) from replies r where not exists (select from likes l where l.reply_id = r.id)); delete from lines where ctid = (select min(ctid) from lines)")
		if v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), o, nil); err != nil || v.Broken() != 3 {
			t.Errorf("damage was not found: %v, %+v", err, v)
		}
	})
}
