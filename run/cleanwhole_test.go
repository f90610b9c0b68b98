package run_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sowerdata/sower/run"
)

// Tables that hold the run's rows alone are taken as they are. What others do to them after they were read is seen: a row
// that they changed stays, and so does one that they added.
func TestCleanWhole(t *testing.T) {
	for _, c := range []struct {
		name, meanwhile string
		left            int64 // rows of the two tables to which nothing refers
	}{
		{"nobody", "", 0},
		{"an update", "update user_tags set weight = 99 where ctid = (select min(ctid) from user_tags)", 1},
		{"the same cells again", "update visits set page = page where ctid = (select min(ctid) from visits)", 0},
		{"another's row", "insert into visits values ((select min(id) from users), 'mine', 99)", 1},
		{"another's parent", "insert into users values (1000000, 'mine', null, null); insert into visits values (1000000, 'mine', 99)", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, db database) {
				if db.kind != "postgres" {
					return
				}
				s := db.open()
				create(t, s, townSQL(db.kind))
				b := town(t)
				generate(t, s, b, 1, run.Options{})
				o := run.CleanOptions{}
				done := false
				o.Progress = func(e run.Event) {
					if strings.HasPrefix(e.Text, "looking for what refers") && !done && c.meanwhile != "" {
						other := db.open()
						create(t, other, c.meanwhile)
						done = true
					}
				}
				out, err := run.Clean(t.Context(), s, builder(t, s, b, 1), o)
				if c.name == "another's row" { // it refers to one of the run's
					if !errors.Is(err, run.ErrDepended) {
						t.Fatalf("a row that refers to the run's: %v", err)
					}
					return
				}
				if n := query(t, s, "select (select count(*) from visits) + (select count(*) from user_tags)"); n != c.left || err != nil {
					t.Errorf("%d rows are left, want %d; %+v, %v", n, c.left, out, err)
				}
			})
		})
	}
}
