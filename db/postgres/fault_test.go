package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// A canceled context ends a COPY at once, and what it wrote is gone.
func TestCancelWhileCopying(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, _ := fresh(t, s, `create table t (id int);
create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.01); return new; end';
create trigger slow before insert on t for each row execute function slow();`)
		tg := target(t, inspect(t, db), "t")
		l, err := db.Loader(t.Context(), tg)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write(t.Context(), batch(0, tg, numbers(0, 3))); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped := make(chan time.Time, 1)
		time.AfterFunc(200*time.Millisecond, func() {
			stopped <- time.Now()
			cancel(errors.New("the user pressed Ctrl-C"))
		})
		err = l.Write(ctx, batch(3, tg, numbers(0, 100_000)))
		if d := time.Since(<-stopped); d > 2*time.Second {
			t.Errorf("it took %v to stop", d)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		wants(t, err, "copy public.t rows 3-100002", "Ctrl-C")
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		count(t, db, tg, 0)
		// The connection is good for another.
		load(t, db, tg, batch(0, tg, numbers(0, 3)))
		count(t, db, tg, 3)

		// So does a call on the control connection, which keeps its lock.
		unlock, err := db.Lock(t.Context(), "me")
		if err != nil {
			t.Fatal(err)
		}
		short, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer end()
		if _, err := db.QueryInt(short, "select count(pg_sleep(30))", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline", err)
		}
		if n, err := db.QueryInt(t.Context(), "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()", nil); err != nil || n != 1 {
			t.Errorf("%d locks held, %v", n, err)
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
	})
}

func TestKilledBackend(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		db, url := fresh(t, s, "create table t (id int)")
		tg := target(t, inspect(t, db), "t")
		l, err := db.Loader(t.Context(), tg)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write(t.Context(), batch(0, tg, numbers(0, 10))); err != nil {
			t.Fatal(err)
		}
		kill := "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sower' and state = 'idle in transaction'"
		if got := s.Psql(t, url, kill); got != "t" {
			t.Fatalf("killed %q", got)
		}
		waitFor(t, func() bool {
			return s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'sower' and state like 'idle in%'") == "0"
		})
		err = l.Write(t.Context(), batch(10, tg, numbers(0, 10)))
		wants(t, err, "copy public.t rows 10-19", "what was committed stands")
		if c := serverCode(err); c != "57P01" {
			t.Errorf("code %q of %v, want 57P01", c, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		count(t, db, tg, 0)
		load(t, db, tg, batch(0, tg, numbers(0, 10)))
		count(t, db, tg, 10)

		// The control connection is made anew, with its lock.
		unlock, err := db.Lock(t.Context(), "run 1")
		if err != nil {
			t.Fatal(err)
		}
		killControl := "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'run 1'"
		s.Psql(t, url, killControl)
		waitFor(t, func() bool {
			return s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'run 1'") == "0"
		})
		_, err = db.CountRows(t.Context(), tg.Table) // meets the dead connection
		if err != nil && serverCode(err) != "57P01" {
			t.Errorf("%v", err)
		}
		count(t, db, tg, 10)
		other := open(t, url, postgres.Options{})
		_, err = other.Lock(t.Context(), "run 2")
		wants(t, err, "run 1")
		if !errors.Is(err, sink.ErrLocked) {
			t.Errorf("got %v, want ErrLocked", err)
		}
		// If another took it meanwhile, nothing goes on.
		s.Psql(t, url, killControl)
		waitFor(t, func() bool {
			return s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'run 1'") == "0"
		})
		unlock2, err := other.Lock(t.Context(), "run 2")
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.CountRows(t.Context(), tg.Table)
		for serverCode(err) == "57P01" {
			_, err = db.CountRows(t.Context(), tg.Table)
		}
		wants(t, err, "was lost", "lock", "run 2")
		if !errors.Is(err, sink.ErrLocked) {
			t.Errorf("got %v, want ErrLocked", err)
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
		if err := unlock2(); err != nil {
			t.Error(err)
		}
		count(t, db, tg, 10)
	})
}

func waitFor(t *testing.T, f func() bool) {
	t.Helper()
	for range 200 {
		if f() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}
