package run_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// people is a town of so many.
func people(t testing.TB, n int64) *blueprint.Blueprint {
	return townOf(t, map[string]blueprint.Given{"people": {Value: n}})
}

// Asking for more adds the difference, asking for the same again adds nothing, asking for fewer says what to do; every
// rule of every part holds, and cleaning takes all of them away.
func TestGrow(t *testing.T) {
	everywhere(t, func(t *testing.T, db database) {
		s := db.open()
		create(t, s, townSQL(db.kind))
		db.exec(t, s, "insert into users (id, name) values (100000, 'Somebody')")
		with := func() run.Options { return run.Options{Replan: replan(t, s)} }
		generate(t, s, people(t, 300), 1, with())
		before := query(t, s, "select count(*) from users where id < 100000")
		for _, c := range []struct{ people, made int64 }{{340, 40}, {340, 0}, {400, 60}, {400, 0}} {
			report := generate(t, s, people(t, c.people), 1, with())
			if report.Rows != c.made || (c.made == 0) != (report.State == "already complete") {
				t.Errorf("%d people: %d rows, %s", c.people, report.Rows, report.State)
			}
			want(t, s, c.people+1, "select count(*) from users")
			want(t, s, 700, "select count(*) from visits")
			v, err := run.Verify(context.Background(), s, builder(t, s, people(t, c.people), 1), with(), nil)
			if err != nil || v.Broken() > 0 || v.Run != 1 || v.Cells < 4*before {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		for _, fewer := range []int64{300, 340, 399} {
			_, err := run.Generate(context.Background(), s, builder(t, s, people(t, fewer), 1), with())
			if !errors.Is(err, run.ErrFewer) || !strings.Contains(err.Error(), "--fresh") {
				t.Errorf("%d people: %v", fewer, err)
			}
		}
		if _, err := run.Generate(context.Background(), s, builder(t, s, people(t, 500), 2), with()); !errors.Is(err, run.ErrOtherRun) {
			t.Errorf("another seed: %v", err)
		}
		want(t, s, 401, "select count(*) from users")
		c, err := run.Clean(context.Background(), s, builder(t, s, people(t, 400), 1), run.CleanOptions{Options: with()})
		if err != nil || of(c, "users").Deleted != 400 || !c.Forgotten {
			t.Errorf("%+v, %v", c, err)
		}
		want(t, s, 1, "select count(*) from users")
		want(t, s, 0, "select count(*) from user_tags")
	})
}

// TestGrowProcess is the process that TestGrowKilled kills.
func TestGrowProcess(t *testing.T) {
	url := os.Getenv("SOWER_TEST_GROW")
	if url == "" {
		return // run by TestGrowKilled only
	}
	n, err := strconv.ParseInt(os.Getenv("SOWER_TEST_PEOPLE"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openURL(url)
	if err != nil {
		t.Fatal(err)
	}
	generate(t, s, people(t, n), 1, run.Options{Replan: replan(t, s), BatchRows: 50})
}

// Growing that was killed is completed by the same call, and nothing is doubled.
func TestGrowKilled(t *testing.T) {
	urls := map[string]string{"postgres": pgtest.Shared(t, 0).NewDatabase(t, "grow"), "sqlite": "sqlite:" + filepath.Join(t.TempDir(), "x_test.db")}
	for kind, url := range urls {
		t.Run(kind, func(t *testing.T) {
			var s sink.Store
			s, err := openToMake(url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			create(t, s, townSQL(kind))
			with := run.Options{Replan: replan(t, s)}
			generate(t, s, people(t, 300), 1, with)
			partly := 0
			for i := range int64(6) {
				n := 300 + (i+1)*2000
				c := exec.Command(os.Args[0], "-test.run", "^TestGrowProcess$", "-test.count=1")
				c.Env = append(os.Environ(), "SOWER_TEST_GROW="+url, "SOWER_TEST_PEOPLE="+strconv.FormatInt(n, 10))
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(100+i*60) * time.Millisecond)
				_ = c.Process.Kill()
				_ = c.Wait() // it says that it was killed
				if made := query(t, s, "select count(*) from users"); made > n-2000 && made < n {
					partly++
				}
				generate(t, s, people(t, n), 1, with)
				want(t, s, n, "select count(*) from users")
			}
			v, err := run.Verify(context.Background(), s, builder(t, s, people(t, 12300), 1), with, nil)
			if err != nil || v.Broken() > 0 {
				t.Fatalf("%+v, %v", v, err)
			}
			t.Logf("%d of 6 were killed between the first and the last row", partly)
		})
	}
}
