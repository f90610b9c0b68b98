package run_test

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Rows that a trigger takes one by one, and that clash with one another under it, stay as far as they fit.
func TestClashingRows(t *testing.T) {
	onPostgres(t, `
		create table berths (id int primary key, pier int not null);
		create table moorings (id int primary key, berth_id int not null references berths);
		create function one_a_pier() returns trigger language plpgsql as $$
		begin
			if exists (select from berths where pier = new.pier) then raise exception 'pier % is taken', new.pier; end if;
			return new;
		end $$;
		create trigger one_a_pier before insert on berths for each row execute function one_a_pier();`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  berths: {rows: 60, columns: {id: sequence, pier: {integer: {min: 1, max: 10}}}}
  moorings: {rows: 80, columns: {id: sequence, berth_id: {reference: berths}}}
`)
		o := run.Options{BatchRows: 60, Workers: 1}
		report := generate(t, s, b, 1, o)
		want(t, s, 0, "select count(distinct pier) - count(*) from berths")
		if n := query(t, s, "select count(*) from berths"); n < 9 {
			t.Errorf("%d berths stand: one for each pier has room", n)
		}
		if text := strings.Join(report.Notices, "\n"); !strings.Contains(text, "is taken") {
			t.Errorf("the trigger's words are not in: %s", text)
		}
		if again := generate(t, s, b, 1, o); again.Rows != 0 {
			t.Errorf("the second call made %d rows", again.Rows)
		}
		holds(t, s, b, o)
	})
}

// A table of which triggers take all rows away after they were written counts as left out, one of which they take some
// is without these.
func TestTakenAway(t *testing.T) {
	onPostgres(t, `
		create table crumbs (id int primary key);
		create table odds (id int primary key);
		create table others (id int primary key);
		create function sweep() returns trigger language plpgsql as $$ begin
			execute format('delete from %I where id = $1 and (mod($1, 2) = 1 or %L = ''all'')', tg_table_name, tg_argv[0]) using new.id;
			return null;
		end $$;
		create constraint trigger sweep after insert on crumbs deferrable initially deferred for each row execute function sweep('all');
		create trigger sweep after insert on odds for each row execute function sweep('odd');`, func(t *testing.T, s sink.Store) {
		b := blueprintOf(t, `
  crumbs: {rows: 30, columns: {id: sequence}}
  odds: {rows: 31, columns: {id: sequence}}
  others: {rows: 10, columns: {id: sequence}}
`)
		o := run.Options{SkipUnsatisfiable: true}
		for i := range 2 {
			report := generate(t, s, b, 1, o)
			if len(report.Skipped) != 1 || report.Skipped[0].Table != "crumbs" || !strings.Contains(report.Skipped[0].Reason, "triggers took all its rows away again") {
				t.Errorf("call %d: left out: %+v", i, report.Skipped)
			}
			if i == 1 && report.Rows != 0 {
				t.Errorf("the second call made %d rows", report.Rows)
			}
		}
		want(t, s, 0, "select count(*) from crumbs")
		want(t, s, 15, "select count(*) from odds")
		want(t, s, 10, "select count(*) from others")
		holds(t, s, b, o)
	})
}
