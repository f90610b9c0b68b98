package run_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// blueprintOf reads the tables of a blueprint.
func blueprintOf(t testing.TB, tables string) *blueprint.Blueprint {
	t.Helper()
	doc, err := blueprint.Open(fstest.MapFS{"b.yaml": {Data: []byte("sower: 1\nname: test\ntables:\n" + tables)}}, "b.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// holds verifies a run, whatever the number of its rules.
func holds(t testing.TB, s sink.Store, b *blueprint.Blueprint, o run.Options) *run.Verdict {
	t.Helper()
	v, err := run.Verify(context.Background(), s, builder(t, s, b, 1), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Rules {
		if !f.OK {
			t.Errorf("broken: %s: %s", f.Text, f.Detail)
		}
	}
	if v.Cells == 0 {
		t.Error("no cell was compared")
	}
	return v
}

// A circle of three tables, all of whose keys are needed, with a self-reference in it and a table that
// hangs on it.
const circleTables = `
  badges: {rows: 900, columns: {id: sequence, owner_id: {reference: people}}}
  departments: {rows: 300, columns: {id: sequence, head_id: {reference: people}, head_name: {cell: head_id.name}}}
  people: {rows: 900, columns: {id: sequence, name: {pick: [Ann, Bob]}, room_id: {reference: rooms}}}
  rooms: {rows: 400, columns: {id: uuid, floor: {integer: {max: 3}}, department_id: {reference: departments}, twin_id: {reference: rooms, nulls: 0.5}}}
`

func circleDDL(deferrable string) string {
	return strings.NewReplacer("UUID", "uuid", "DEFER", deferrable).Replace(`
		create table departments (id integer primary key, head_id integer not null, head_name varchar(20) not null);
		create table people (id integer primary key, name varchar(20) not null, room_id uuid not null);
		create table rooms (id uuid primary key, floor integer not null, department_id integer not null references departments DEFER, twin_id uuid references rooms DEFER);
		create table badges (id integer primary key, owner_id integer not null references people DEFER);
		alter table departments add constraint head foreign key (head_id) references people DEFER;
		alter table people add constraint room foreign key (room_id) references rooms DEFER;
		create index on people (room_id);`)
}

const circleSQLite = `
	create table departments (id integer primary key, head_id integer not null references people, head_name varchar(20) not null);
	create table people (id integer primary key, name varchar(20) not null, room_id uuid not null references rooms);
	create table rooms (id uuid primary key, floor integer not null, department_id integer not null references departments, twin_id uuid references rooms);
	create table badges (id integer primary key, owner_id integer not null references people);`

// circles runs a test on a circle in SQLite and in PostgreSQL, with keys that can wait and keys that cannot.
func circles(t *testing.T, test func(t *testing.T, open func() sink.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x_test.db")
		open := func() sink.Store {
			s, err := sqlite.Open(context.Background(), "sqlite:"+path, sqlite.Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return s
		}
		create(t, open(), circleSQLite)
		test(t, open)
	})
	for _, deferrable := range []string{"", "deferrable"} {
		t.Run("keys"+deferrable, func(t *testing.T) {
			pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
				url := srv.NewDatabase(t, "circle")
				open := func() sink.Store {
					s, err := postgres.Open(context.Background(), url, postgres.Options{})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { s.Close() })
					return s
				}
				create(t, open(), circleDDL(deferrable))
				test(t, open)
			})
		})
	}
}

// A circle is loaded with its keys taken away, in place, and beside rows that stand; an interrupted load
// is completed.
func TestCircles(t *testing.T) {
	b := blueprintOf(t, circleTables)
	circles(t, func(t *testing.T, open func() sink.Store) {
		s := open()
		report := generate(t, s, b, 1, run.Options{BatchRows: 70, Workers: 3})
		if report.State != "complete" || report.Rows != 2500 {
			t.Errorf("%s, %d rows", report.State, report.Rows)
		}
		if _, ok := s.(*postgres.DB); ok && len(report.Rebuilt) != 3 {
			t.Errorf("keys were taken away from %v", report.Rebuilt)
		}
		holds(t, s, b, run.Options{})
		// A further run finds tables that hold rows.
		report = generate(t, s, b, 1, run.Options{Append: true, BatchRows: 70})
		if len(report.Rebuilt) != 0 || report.Rows != 2500 {
			t.Errorf("appended %d rows, built again %v", report.Rows, report.Rebuilt)
		}
		holds(t, s, b, run.Options{Append: true})
		want(t, s, 1800, "select count(*) from people")
	})
}

// Whatever moment a load of a circle ends at, the same call completes it.
func TestCirclesInterrupted(t *testing.T) {
	b := blueprintOf(t, circleTables)
	circles(t, func(t *testing.T, open func() sink.Store) {
		for _, strategy := range []run.Strategy{run.Auto, run.InPlace} {
			for _, stop := range []int{1, 2, 4, 9, 17, 25} {
				s := open()
				create(t, s, "delete from badges")
				empty(t, s)
				ctx, cancel := context.WithCancel(context.Background())
				n := 0
				_, err := run.Generate(ctx, s, builder(t, s, b, 1), run.Options{Strategy: strategy, BatchRows: 70, Progress: func(e run.Event) {
					if e.Phase == "load" {
						if n++; n == stop {
							cancel()
						}
					}
				}})
				cancel()
				if err == nil && n >= stop && stop < 17 {
					t.Errorf("%s %d: the run was not interrupted", strategy, stop)
				}
				s.Close()
				s = open()
				generate(t, s, b, 1, run.Options{Strategy: strategy, BatchRows: 70})
				holds(t, s, b, run.Options{})
				want(t, s, 900, "select count(*) from people")
			}
		}
	})
}

// empty takes all rows of the circle away, and the record of runs.
func empty(t *testing.T, s sink.Store) {
	t.Helper()
	if _, ok := s.(*postgres.DB); ok {
		create(t, s, "truncate badges, departments, people, rooms; drop schema if exists sower cascade")
		return
	}
	create(t, s, "delete from departments; delete from people; delete from rooms; drop table if exists sower_run; drop table if exists sower_ledger; drop table if exists sower_form; drop table if exists sower_key")
}

// TestCircleVictim is the process that TestCircleKills kills.
func TestCircleVictim(t *testing.T) {
	url, strategy, _ := strings.Cut(os.Getenv("SOWER_TEST_CIRCLE_VICTIM"), " ")
	if url == "" {
		return // run by TestCircleKills only
	}
	s, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	generate(t, s, blueprintOf(t, circleTables), 1, run.Options{Strategy: run.Strategy(strategy), BatchRows: 30, Workers: 2})
}

// A process that is killed in the midst of a circle leaves nothing that the same call does not complete.
func TestCircleKills(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		b := blueprintOf(t, circleTables)
		url := srv.NewDatabase(t, "circle_kill")
		s, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, circleDDL(""))
		keys := func() string {
			return srv.Psql(t, url, "select conname, pg_get_constraintdef(oid), convalidated from pg_constraint where contype = 'f' order by 1")
		}
		before := keys()
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		for _, strategy := range []run.Strategy{run.Auto, run.InPlace} {
			victim := func() *exec.Cmd {
				c := exec.Command(os.Args[0], "-test.run", "^TestCircleVictim$", "-test.count=1")
				c.Env = append(os.Environ(), fmt.Sprintf("SOWER_TEST_CIRCLE_VICTIM=%s %s", url, strategy))
				return c
			}
			started := time.Now()
			if out, err := victim().CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			whole := time.Since(started)
			for range 6 {
				empty(t, s)
				c := victim()
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(whole/5 + time.Duration(r.Int64N(int64(whole)*4/5)))
				_ = c.Process.Kill()
				_ = c.Wait() // it says that it was killed
				generate(t, s, b, 1, run.Options{Strategy: strategy})
				holds(t, s, b, run.Options{})
				if after := keys(); after != before {
					t.Fatalf("the keys have changed:\n%s", differing(before, after))
				}
			}
		}
	})
}
