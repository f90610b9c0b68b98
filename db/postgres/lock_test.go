package postgres_test

import (
	"bytes"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// backends that work for a run which is dead are gone before another run begins, and what they had not
// committed with them; the old run, should it live after all, does not get in again.
func TestDeadRun(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		old, url := fresh(t, s, "create table t (id int)")
		tg := target(t, inspect(t, old), "t")
		unlock, err := old.Lock(t.Context(), "run 1")
		if err != nil {
			t.Fatal(err)
		}
		l, err := old.Loader(t.Context(), tg)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write(t.Context(), batch(0, tg, numbers(0, 10))); err != nil {
			t.Fatal(err)
		}
		if got := s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'run 1'"); got != "2" {
			t.Errorf("%s connections carry the run's name", got)
		}
		s.Psql(t, url, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database())")
		other := open(t, url, postgres.Options{})
		unlock2, err := other.Lock(t.Context(), "run 2")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'run 1'"); got != "0" {
			t.Errorf("%s backends of the dead run are left", got)
		}
		if n, err := l.Commit(t.Context()); err == nil {
			t.Errorf("the dead run committed %d rows", n)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := old.Loader(t.Context(), tg); !errors.Is(err, sink.ErrLocked) {
			t.Errorf("the dead run got a loader: %v", err)
		}
		count(t, other, tg, 0)
		if err := unlock(); err != nil {
			t.Error(err)
		}
		load(t, other, tg, batch(0, tg, numbers(0, 10)))
		if err := unlock2(); err != nil {
			t.Error(err)
		}
		// Nothing of a run that has ended stands in the way of the next one.
		started := time.Now()
		unlock, err = old.Lock(t.Context(), "run 3")
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(started); d > 500*time.Millisecond {
			t.Errorf("the next run waited %v", d)
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
		count(t, old, tg, 10)
	})
}

// proxy stands between a DB and its server, and can cut the connection that sends a COMMIT: after it was
// passed on, or before.
type proxy struct {
	ln   net.Listener
	to   string
	mode atomic.Int32
	wg   sync.WaitGroup
}

const (
	pass int32 = iota
	cutAfterCommit
	cutBeforeCommit
)

// through starts a proxy, and gives the URL that leads through it.
func through(t *testing.T, raw string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: u.Host}
	if p.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p.wg.Go(func() {
		for {
			c, err := p.ln.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() { p.ln.Close(); p.wg.Wait() })
	u.Host = p.ln.Addr().String()
	return p, u.String()
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	up, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer up.Close()
	var deaf atomic.Bool // the server's answers are lost
	p.wg.Go(func() {
		defer c.Close()
		answer := make([]byte, 64<<10)
		for {
			n, err := up.Read(answer)
			if err != nil || deaf.Load() {
				return
			}
			if _, err := c.Write(answer[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		commit := bytes.HasPrefix(buf[:n], []byte("Q")) && bytes.HasSuffix(buf[:n], []byte("commit\x00"))
		mode := pass
		if commit {
			mode = p.mode.Swap(pass)
		}
		if mode == cutBeforeCommit {
			return
		}
		if mode == cutAfterCommit {
			deaf.Store(true)
		}
		if _, err := up.Write(buf[:n]); err != nil {
			return
		}
		if mode == cutAfterCommit {
			time.Sleep(200 * time.Millisecond) // the server works at it
			return
		}
	}
}

// A COMMIT whose answer is lost is looked up: the rows stand once, whether it had arrived or not.
func TestUnknownCommit(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		_, raw := fresh(t, s, "create table t (id int); create table slow (id int)")
		s.Psql(t, raw, `create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.1); return null; end';
			create constraint trigger slow after insert on slow deferrable initially deferred for each row execute function slow()`)
		p, url := through(t, raw)
		db := open(t, url, postgres.Options{})
		unlock, err := db.Lock(t.Context(), "run")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		r := newRun()
		if err := db.SaveRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		db.UseRun(r.Number)
		d := inspect(t, db)
		for _, name := range []string{"t", "slow"} { // slow: the COMMIT is under way when the connection is cut
			tg := target(t, d, name)
			for i, mode := range []int32{cutBeforeCommit, cutAfterCommit, pass} {
				first := int64(10 * i)
				l, err := db.Loader(t.Context(), tg)
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Write(t.Context(), batch(first, tg, numbers(first, first+10))); err != nil {
					t.Fatal(err)
				}
				p.mode.Store(mode)
				n, err := l.Commit(t.Context())
				ledger, lerr := db.Ledger(t.Context(), r.Number, name)
				if lerr != nil {
					t.Fatal(lerr)
				}
				stands := false
				for _, r := range ledger {
					stands = stands || r.First == first
				}
				switch {
				case err == nil && (n != 10 || !stands):
					t.Errorf("%s %d: %d rows were reported, and stand: %t", name, mode, n, stands)
				case err != nil && (stands || !errors.Is(err, sink.ErrRetry)):
					t.Errorf("%s %d: stand: %t, %v", name, mode, stands, err)
				case mode == cutBeforeCommit && err == nil, mode != cutBeforeCommit && name == "t" && err != nil:
					t.Errorf("%s %d: %v", name, mode, err)
				}
				if err == nil { // the loader goes on
					if err := l.Write(t.Context(), batch(first+100, tg, numbers(0, 1))); err != nil {
						t.Errorf("%s %d: %v", name, mode, err)
					} else if n, err := l.Commit(t.Context()); n != 1 || err != nil {
						t.Errorf("%s %d: %d, %v", name, mode, n, err)
					}
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// An index build or the check of a key whose backend is ended is tried again.
func TestKilledRestore(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const ddl = `create table p (id int primary key); create table t (id int primary key, p_id int references p, note text);
			create function slow(text) returns text language plpgsql immutable set search_path = '' as 'begin perform pg_sleep(0.01); return $1; end';
			create index slow_note on t (slow(note)); create index plain_note on t (note);`
		db, url := fresh(t, s, ddl)
		tg := target(t, inspect(t, db), "t", "id")
		unlock, err := db.Lock(t.Context(), "run")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if stripped, kept, err := db.Strip(t.Context(), []*sink.Target{tg}); err != nil || len(stripped) != 1 {
			t.Fatal(stripped, kept, err)
		}
		load(t, db, tg, batch(0, tg, numbers(0, 100)))
		s.Psql(t, url, "update t set note = 'x'")
		killed := make(chan int, 1)
		go func() {
			n := 0
			for end := time.Now().Add(20 * time.Second); n < 2 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				out, _ := s.RunPsql(t.Context(), url, "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'create index%slow_note%' and pid <> pg_backend_pid()")
				if strings.Contains(out, "t") {
					n++
				}
			}
			killed <- n
		}()
		if err := db.Restore(t.Context(), sink.Restoring{Connections: 2}); err != nil {
			t.Fatal(err)
		}
		if n := <-killed; n != 2 {
			t.Errorf("%d builds were ended", n)
		}
		if got := s.Psql(t, url, "select count(*) from pg_index where indrelid = 't'::regclass and indisvalid union all select count(*) from pg_constraint where contype = 'f' and convalidated"); got != "3\n1" {
			t.Errorf("indexes and keys: %q", got)
		}
		if n, err := db.Journaled(t.Context()); n.Total() != 0 || err != nil {
			t.Errorf("%d pieces in the journal, %v", n, err)
		}
	})
}
