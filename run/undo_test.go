package run_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// replan makes the plan of a recorded run from the blueprint's text in the record.
func replan(t testing.TB, s sink.Store) run.Replan {
	t.Helper()
	db, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	oracle, _ := s.(sink.Oracle)
	return func(resolved *plan.Resolved) (*plan.Plan, error) {
		doc, err := blueprint.OpenSource(resolved.Source)
		if err != nil {
			return nil, err
		}
		given := map[string]blueprint.Given{}
		for name, v := range resolved.Parameters {
			given[name] = blueprint.Given{Value: fmt.Sprint(v)}
		}
		b, err := doc.Resolve(given, plan.Generators())
		if err != nil {
			return nil, err
		}
		if resolved.Growth != nil {
			b = b.Counted(resolved.Growth.Counts)
		}
		made, err := infer.Complete(context.Background(), b, db, infer.Options{Seed: resolved.Seed, AppendRun: resolved.Append, Oracle: oracle})
		if err != nil {
			return nil, err
		}
		made.Plan.Growth = resolved.Growth
		return made.Plan, nil
	}
}

// All runs go, the last one first; what others made and what somebody changed stays.
func TestUndo(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s, b := db.open(), town(t)
		create(t, s, townSQL(db.kind))
		db.exec(t, s, "insert into users (id, name) values (100000, 'Somebody')")
		generate(t, s, b, 1, run.Options{})
		generate(t, s, b, 1, run.Options{Append: true})
		generate(t, s, b, 1, run.Options{Append: true})
		want(t, s, 901, "select count(*) from users")
		db.exec(t, s, "update tags set word = 'changed' where id = (select max(id) from tags)")
		var order []int64
		err := run.Undo(context.Background(), s, replan(t, s), run.CleanOptions{Forget: true}, func(c *run.Cleaned, err error) { order = append(order, c.Run) })
		if err != nil || len(order) != 3 || order[0] != 3 || order[2] != 1 {
			t.Fatalf("%v, %v", order, err)
		}
		for table, n := range map[string]int64{"users": 1, "teams": 0, "tags": 1, "user_tags": 0, "visits": 0} {
			want(t, s, n, "select count(*) from "+table)
		}
		if runs, err := s.Runs(context.Background()); err != nil || len(runs) != 0 {
			t.Errorf("%d runs are recorded, %v", len(runs), err)
		}
	})
}

// TestFreshProcess is the process that TestFreshKilled kills.
func TestFreshProcess(t *testing.T) {
	url := os.Getenv("SOWER_TEST_FRESH")
	if url == "" {
		return // run by TestFreshKilled only
	}
	seed, err := strconv.ParseUint(os.Getenv("SOWER_TEST_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openURL(url)
	if err != nil {
		t.Fatal(err)
	}
	startAnew(t, s, seed)
}

// startAnew undoes all runs and fills with another seed.
func startAnew(t testing.TB, s sink.Store, seed uint64) {
	t.Helper()
	if err := run.Undo(context.Background(), s, replan(t, s), run.CleanOptions{Options: run.Options{BatchRows: 30}}, nil); err != nil {
		t.Fatal(err)
	}
	generate(t, s, town(t), seed, run.Options{BatchRows: 30})
}

// Killed anywhere between the first deletion and the last row, the same again ends in the new rows alone.
func TestFreshKilled(t *testing.T) {
	urls := map[string]string{"postgres": pgtest.Shared(t, 0).NewDatabase(t, "fresh"), "sqlite": "sqlite:" + filepath.Join(t.TempDir(), "x_test.db")}
	for kind, url := range urls {
		t.Run(kind, func(t *testing.T) {
			s, err := openToMake(url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			create(t, s, townSQL(kind))
			db := database{kind: kind}
			db.exec(t, s, "insert into users (id, name) values (100000, 'Somebody')")
			generate(t, s, town(t), 1, run.Options{})
			for i := range uint64(10) {
				c := exec.Command(os.Args[0], "-test.run", "^TestFreshProcess$", "-test.count=1")
				c.Env = append(os.Environ(), "SOWER_TEST_FRESH="+url, "SOWER_TEST_SEED="+strconv.FormatUint(2+i, 10))
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(60+i*50) * time.Millisecond)
				_ = c.Process.Kill()
				_ = c.Wait() // it says that it was killed
				startAnew(t, s, 2+i)
				want(t, s, 301, "select count(*) from users")
				want(t, s, 700, "select count(*) from visits")
				want(t, s, 900, "select count(*) from user_tags")
				v, err := run.Verify(context.Background(), s, builder(t, s, town(t), 2+i), run.Options{}, nil)
				if err != nil || v.Broken() > 0 {
					t.Fatalf("%+v, %v", v, err)
				}
			}
		})
	}
}
