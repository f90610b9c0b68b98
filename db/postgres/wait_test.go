package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// logged is what was logged, with the time of each line.
type logged struct {
	sync.Mutex
	bytes.Buffer
	first time.Time
}

func (l *logged) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	if l.first.IsZero() {
		l.first = time.Now()
	}
	return l.Buffer.Write(p)
}

func (l *logged) text() string {
	l.Lock()
	defer l.Unlock()
	return l.String()
}

// holding runs statements in a transaction that stays open until the test ends, or stop is called.
func holding(t *testing.T, s *pgtest.Server, url, sql string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c, err := s.PsqlCommand(ctx, url, "-c", "set application_name = 'a person'; begin; "+sql+"; select pg_sleep(100)")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		s.Psql(t, url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'a person' and datname = current_database()")
		cancel()
		_ = c.Wait()
	})
	t.Cleanup(stop)
	for range 200 {
		if s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'a person' and datname = current_database() and wait_event = 'PgSleep'") != "0" {
			return stop
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the other session does not hold its lock")
	return nil
}

// Whoever holds a lock that something waits for is named soon, and where the lock does not come, the error says what to do.
func TestLockWaits(t *testing.T) {
	const ddl = `create table parent (id serial primary key); create table child (id int primary key, parent_id int references parent, note text);
		create index child_note on child (note); insert into parent values (1)`
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		for _, c := range []struct {
			name, hold string
			strip      bool
			do         func(db *postgres.DB, parent, child *sink.Target) error
		}{
			{"load", "lock table parent", false, func(db *postgres.DB, parent, _ *sink.Target) error {
				return tryLoad(t, db, parent, batch(0, parent, numbers(5, 9)))
			}},
			{"reserve", "lock table parent", false, func(db *postgres.DB, parent, _ *sink.Target) error {
				_, err := db.Reserve(t.Context(), parent.Table, "id", 3)
				return err
			}},
			{"statistics", "lock table parent in share update exclusive mode", false, func(db *postgres.DB, parent, _ *sink.Target) error {
				return db.Finish(t.Context(), []*sink.Target{parent})
			}},
			{"record", "create schema sower", false, func(db *postgres.DB, _, _ *sink.Target) error {
				return db.SaveRun(t.Context(), &sink.Run{Blueprint: "x", State: sink.Running, Started: time.Now(), Plan: []byte("{}")})
			}},
			{"schema", "create table made (id int)", false, func(db *postgres.DB, _, _ *sink.Target) error {
				return db.CreateSchema(t.Context(), "create table made (id int)")
			}},
			{"restore a key", "lock table parent in row exclusive mode", true, func(db *postgres.DB, _, _ *sink.Target) error {
				return db.Restore(t.Context(), sink.Restoring{Connections: 1})
			}},
			{"restore an index", "insert into child values (77)", true, func(db *postgres.DB, _, _ *sink.Target) error {
				return db.Restore(t.Context(), sink.Restoring{Connections: 1})
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				_, url := fresh(t, s, ddl)
				log := new(logged)
				db := open(t, url, postgres.Options{Log: slog.New(slog.NewTextHandler(log, nil)), LockTimeout: 3 * time.Second})
				d := inspect(t, db)
				parent, child := target(t, d, "parent", "id"), target(t, d, "child", "id")
				if c.strip {
					if stripped, kept, err := db.Strip(t.Context(), []*sink.Target{child}); err != nil || len(stripped) != 1 {
						t.Fatal(stripped, kept, err)
					}
				}
				stop := holding(t, s, url, c.hold)
				started := time.Now()
				err := c.do(db, parent, child)
				if err == nil || !strings.Contains(err.Error(), "waited ") || !strings.Contains(err.Error(), "a person") || !strings.Contains(err.Error(), "pg_terminate_backend(") {
					t.Errorf("after %v: %v", time.Since(started), err)
				}
				if text := log.text(); !strings.Contains(text, "waiting for a lock") || !strings.Contains(text, "a person") || !strings.Contains(text, "begin; ") {
					t.Errorf("log: %s", text)
				} else if soon := log.first.Sub(started); soon > 2500*time.Millisecond {
					t.Errorf("it was said after %v", soon)
				}
				stop()
				if err := c.do(db, parent, child); err != nil {
					t.Errorf("once the lock is free: %v", err)
				}
			})
		}
	})
}

// Readers that stay in their transaction keep the indexes and keys of their tables, and of those that refer to them, in
// place; all others are dropped, and the wait is bounded for all tables together.
func TestReadersKeepKeys(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		ddl := "create table parent (id int primary key); create table free (id int primary key, note text); create index on free (note);"
		for i := range 5 {
			ddl += fmt.Sprintf("create table child%d (id int primary key, parent_id int references parent); create index on child%[1]d (parent_id);", i)
		}
		_, url := fresh(t, s, ddl)
		log := new(logged)
		db := open(t, url, postgres.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
		d := inspect(t, db)
		var targets []*sink.Target
		for i := range 5 {
			targets = append(targets, target(t, d, fmt.Sprintf("child%d", i), "id"))
		}
		targets = append(targets, target(t, d, "free", "id"))
		holding(t, s, url, "select * from parent")
		started := time.Now()
		stripped, kept, err := db.Strip(t.Context(), targets)
		if err != nil || len(stripped) != 1 || stripped[0] != "free" || len(kept) != 5 {
			t.Fatal(stripped, kept, err)
		}
		if took := time.Since(started); took > 6*time.Second {
			t.Errorf("it took %v", took)
		}
		for table, why := range kept {
			if !strings.Contains(why, "others are using it: process ") || !strings.Contains(why, "a person") {
				t.Errorf("%s: %s", table, why)
			}
		}
		if n := strings.Count(log.text(), "in place, since another session uses it"); n != 5 {
			t.Errorf("it was said %d times:\n%s", n, log.text())
		}
		if n := s.Psql(t, url, "select count(*) from pg_constraint where contype = 'f'"); n != "5" {
			t.Errorf("%s keys are left", n)
		}
	})
}
