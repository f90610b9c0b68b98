package run_test

import (
	"context"
	"slices"
	"testing"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Cells that somebody wrote into a new column before it was filled stay as they are, and are no damage; what is changed after
// that is.
func TestCellsOfOthers(t *testing.T) {
	onPostgres(t, `
		create table one (id int primary key, a int not null);
		create table two (x int, y int, a int not null, primary key (x, y));`, func(t *testing.T, s sink.Store) {
		b := func(more string) string {
			return `
  one: {rows: 40, columns: {id: sequence, a: {integer: {min: 1, max: 9}}` + more + `}}
  two: {rows: 40, unique: [[x, y]], columns: {x: {integer: {min: 1, max: 9}}, y: {integer: {min: 1, max: 9}}, a: {integer: {min: 1, max: 9}}` + more + `}}
`
		}
		generate(t, s, blueprintOf(t, b("")), 1, run.Options{})
		create(t, s, `alter table one add n int default 0, add m text; update one set n = 77 where id in (3, 4, 5); update one set m = 'mine' where id in (5, 40);
			alter table two add n int default 0, add m text; update two set n = 77 where y = 3`)
		larger := blueprintOf(t, b(", n: {integer: {min: 1, max: 9}}, m: {text: {words: {min: 1, max: 2}}}"))
		report := generate(t, s, larger, 1, run.Options{BatchRows: 7})
		if !slices.Contains(report.Notices, "one: n was written by others before in 3 of the rows: those cells stay, and are none of the run's") {
			t.Errorf("notices: %q", report.Notices)
		}
		holds(t, s, larger, run.Options{})
		if n, err := s.QueryInt(context.Background(), `select count(*) from public.one where (n = 77) = (id in (3, 4, 5)) and (m = 'mine') = (id in (5, 40)) and n > 0 and m > ''`, nil); err != nil || n != 40 {
			t.Errorf("%d rows are as they should be, %v", n, err)
		}
		for _, damage := range []string{"update one set n = 78 where id = 6", "update one set m = 'x' where id = 3"} {
			create(t, s, damage)
			if v, err := run.Verify(context.Background(), s, builder(t, s, larger, 1), run.Options{}, nil); err != nil || v.Broken() == 0 {
				t.Errorf("%s was not found: %v", damage, err)
			}
			create(t, s, "update one set n = 1 where id = 6")
		}
	})
}
