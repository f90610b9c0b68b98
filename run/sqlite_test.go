package run_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
)

// TestSQLiteVictim is the process that TestSQLiteKills kills: it generates into the file that it is told.
func TestSQLiteVictim(t *testing.T) {
	path := os.Getenv("SOWER_TEST_SQLITE_VICTIM")
	if path == "" {
		return // run by TestSQLiteKills only
	}
	generate(t, file(t, path), scenario(t, nil), 1, run.Options{Strategy: run.Rebuild, BatchRows: 150, Workers: 3})
}

func file(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	s, err := sqlite.Open(context.Background(), "sqlite:"+path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A process that is killed at any moment leaves a file that the same call completes, or that repair
// makes whole: every rule holds, no row is lost or doubled, and the shell prints the schema as it was.
func TestSQLiteKills(t *testing.T) {
	const kills = 12
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	s, err := sqlite.Open(context.Background(), "sqlite:"+empty, sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	// Indexes between the tables, so that their places matter.
	create(t, s, "create table before (id integer primary key, x); create index before_x on before (x);"+ddl(t, "sqlite"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	shell := func(path, command string) string {
		out, err := exec.Command("sqlite3", "-batch", "-init", os.DevNull, path, command).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return string(out)
	}
	schema := func(path string) string {
		var own []string // without sower's records
		for stmt := range strings.SplitAfterSeq(shell(path, ".schema"), ";\n") {
			if !strings.Contains(stmt, "sower_") && !strings.Contains(stmt, "sqlite_") {
				own = append(own, stmt)
			}
		}
		return strings.Join(own, "")
	}
	before := schema(empty)
	content, err := os.ReadFile(empty)
	if err != nil {
		t.Fatal(err)
	}
	victim := func(path string) *exec.Cmd {
		c := exec.Command(os.Args[0], "-test.run", "^TestSQLiteVictim$", "-test.count=1")
		c.Env = append(os.Environ(), "SOWER_TEST_SQLITE_VICTIM="+path)
		return c
	}
	fresh := func() string {
		path := filepath.Join(t.TempDir(), "kill_test.db")
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	started := time.Now()
	if out, err := victim(fresh()).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(started)
	b := scenario(t, nil)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	killed, waiting := 0, 0
	for i := range kills {
		path := fresh()
		for range 1 + r.IntN(3) { // a run may be killed more than once
			c := victim(path)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.Int64N(int64(whole))))
			if c.Process.Kill() == nil {
				killed++
			}
			_ = c.Wait() // it says that it was killed
		}
		s := file(t, path)
		n, err := s.Journaled(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n.Total() > 0 {
			waiting++
		}
		if i%2 == 1 {
			if err := run.Repair(context.Background(), s, run.Options{}, nil); err != nil {
				t.Fatal(err)
			}
			if after := schema(path); after != before {
				t.Fatalf("repaired, the schema has changed:\n%s", differing(before, after))
			}
		}
		generate(t, s, b, 1, run.Options{Strategy: run.Rebuild})
		verify(t, s, b, 1, run.Options{})
		want(t, s, 2245, "select count(*) from generation_jobs")
		want(t, s, 0, "select count(*) from sqlite_schema where name = 'sower_journal'")
		want(t, s, 2245, "select sum(n) from sower_ledger where name = 'generation_jobs' and length(digest) = 16")
		if after := schema(path); after != before {
			t.Fatalf("the schema has changed:\n%s", differing(before, after))
		}
		if ok := strings.TrimSpace(shell(path, "pragma integrity_check")); ok != "ok" {
			t.Fatal(ok)
		}
		s.Close()
	}
	if killed < kills || waiting == 0 {
		t.Errorf("only %d processes were killed, and %d journals were found", killed, waiting)
	}
}

// A run that is interrupted brings its indexes back before it ends, and says so.
func TestSQLiteInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x_test.db")
	s, err := sqlite.Open(context.Background(), "sqlite:"+path, sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, ddl(t, "sqlite"))
	indexes, err := s.QueryInt(context.Background(), "select count(*) from sqlite_schema where type = 'index'", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	report, err := run.Generate(ctx, s, builder(t, s, scenario(t, nil), 1), run.Options{Strategy: run.Rebuild, Progress: func(e run.Event) {
		if e.Phase == "indexes" {
			cancel()
		}
	}})
	if err == nil || len(report.Rebuilt) != 4 || !strings.Contains(strings.Join(report.Notices, "\n"), "in place again") {
		t.Errorf("rebuilt %v, notices %v, %v", report.Rebuilt, report.Notices, err)
	}
	if n, err := s.Journaled(context.Background()); n.Total() != 0 || err != nil {
		t.Errorf("%d in the journal, %v", n, err)
	}
	want(t, s, indexes, "select count(*) from sqlite_schema where type = 'index' and name not like 'sqlite_autoindex_sower%' and tbl_name not like 'sower%'")
}

// Foreign keys that refer to no key, or to no table, stand in many a schema: SQLite then takes no row of either table,
// and the others are filled.
func TestSQLiteReferencesToNoKey(t *testing.T) {
	s, err := sqlite.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "keys_test.db"), sqlite.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, `
		create table people (id integer references things, name text not null);
		create table things (id integer primary key, label text not null);
		create table roles (person integer not null references people, role text not null);
		create table uses (thing integer not null references things, note text);
		create table logs (id integer primary key, place integer not null references places (id));
		create table counters (id serial primary key, made year not null);`)
	db, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	build := func(n int) (*plan.Plan, error) {
		r, err := infer.Infer(t.Context(), db, infer.Options{Seed: 1, AppendRun: n})
		if err != nil {
			return nil, err
		}
		want := []string{
			"logs (its foreign key refers to the table places, which is not there: SQLite takes no rows)",
			"people (the foreign key of roles refers to no key of it: SQLite takes no rows)",
			"roles (its foreign key to people refers to no key: SQLite takes no rows)",
		}
		if !slices.Equal(r.LeftOut, want) {
			t.Errorf("left out: %q", r.LeftOut)
		}
		return r.Plan, nil
	}
	if _, err := run.Generate(t.Context(), s, build, run.Options{}); err != nil {
		t.Fatal(err)
	}
	want(t, s, 300, "select (select count(*) from things) + (select count(*) from uses) + (select count(*) from counters)")
}
