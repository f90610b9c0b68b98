package run_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// TestVictim is the process that TestKills kills: it generates into the database that it is told.
func TestVictim(t *testing.T) {
	url := os.Getenv("SOWER_TEST_VICTIM")
	if url == "" {
		return // run by TestKills only
	}
	s, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	generate(t, s, scenario(t, nil), 1, run.Options{Strategy: run.Rebuild, BatchRows: 150, Workers: 3})
}

// A process that is killed at any moment leaves nothing that the same call does not complete: every rule
// holds, no row is lost or doubled, and the schema is what it was.
func TestKills(t *testing.T) {
	const kills = 10 // on each server; package fault has more
	pgtest.Each(t, func(t *testing.T, srv *pgtest.Server) {
		url := srv.NewDatabase(t, "kill")
		s, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		create(t, s, ddl(t, "postgres"))
		b := scenario(t, nil)
		catalog := func() string {
			return srv.Psql(t, url, "select indexrelid::regclass::text, indisvalid from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where nspname = 'public' order by 1") +
				srv.Psql(t, url, "select conname, pg_get_constraintdef(oid), conindid::regclass from pg_constraint where connamespace = 'public'::regnamespace order by 1")
		}
		before := catalog()
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		whole := victimTime(t, url)
		killed := 0
		for range kills {
			srv.Psql(t, url, "truncate users, content_items, content_items_auto, generation_jobs; drop schema if exists sower cascade")
			for range 1 + r.IntN(3) { // a run may be killed more than once
				c := victim(url)
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(r.Int64N(int64(whole))))
				if c.Process.Kill() == nil {
					killed++
				}
				_ = c.Wait() // it says that it was killed
			}
			complete(t, s, url)
			verify(t, s, b, 1, run.Options{})
			want(t, s, 2245, "select count(*) from generation_jobs")
			if after := catalog(); after != before {
				t.Fatalf("the schema has changed:\n%s", differing(before, after))
			}
			if left := srv.Psql(t, url, `select to_regclass('sower.journal') is null,
				(select sum(row_count) from sower.ledger where digest is not null) - (select count(*) from generation_jobs) - (select count(*) from users)
				- (select count(*) from content_items) - (select count(*) from content_items_auto)`); strings.TrimSpace(left) != "t|0" {
				t.Errorf("left behind: %q", left)
			}
		}
		if killed < kills {
			t.Errorf("only %d processes were killed", killed)
		}
	})
}

func victim(url string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run", "^TestVictim$", "-test.count=1")
	c.Env = append(os.Environ(), "SOWER_TEST_VICTIM="+url)
	return c
}

// victimTime is how long a run takes that is left alone.
func victimTime(t *testing.T, url string) time.Duration {
	t.Helper()
	started := time.Now()
	if out, err := victim(url).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return time.Since(started)
}

// complete repeats the call; a backend of the killed process may hold the lock for a moment yet.
func complete(t *testing.T, s sink.Store, url string) {
	t.Helper()
	for try := 0; ; try++ {
		_, err := run.Generate(context.Background(), s, builder(t, s, scenario(t, nil), 1), run.Options{Strategy: run.Rebuild})
		if err == nil {
			return
		}
		if !errors.Is(err, sink.ErrLocked) || try == 100 {
			t.Fatal(fmt.Errorf("after a kill: %w", err))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
