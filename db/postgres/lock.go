package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sowerdata/sower/sink"
)

// Two of a database's advisory locks are sower's: the bytes of "sower" and of "sowerw". The control session of a
// live run holds the first alone; its workers' sessions share the second. So whoever holds the first knows
// that a holder of the second works for a run that is dead, or for itself.
const (
	lockKey int64 = 0x73_6f_77_65_72
	workKey int64 = 0x73_6f_77_65_72_77
)

// How long Lock waits: for a run that is just ending; for the backends of a dead run to end by themselves, and
// then after they were told to.
const (
	lockWait = time.Second
	deadWait = time.Second
	killWait = 30 * time.Second
)

// heldLock is the lock of a live run, which the control session holds.
type heldLock struct {
	who    string
	shared bool               // with other loaders
	joined *sink.Run          // that a loader loads
	claims map[claim]struct{} // that go with it; only who has the turn touches them
}

// Lock takes the database for one live run: an advisory lock of the control session, which ends with
// its connection. Other sessions see who in pg_stat_activity. Should the connection be lost, the next
// call takes the lock again before it does anything, or fails. Backends that a dead run has left at work
// (a client's death does not end them at once) are gone when Lock comes back, so that nothing which is read then
// changes behind the reader's back.
func (db *DB) Lock(ctx context.Context, who string) (unlock func() error, err error) {
	return db.lockAs(ctx, &heldLock{who: who})
}

// lockAs takes the lock alone, or with others.
func (db *DB) lockAs(ctx context.Context, held *heldLock) (unlock func() error, err error) {
	err = db.control(ctx, func(s *session) error {
		if other := db.lock.Load(); other != nil { // the server would let the same session in twice
			return fmt.Errorf("lock %s: this process, as %s: %w", db.where, other.who, sink.ErrLocked)
		}
		if err := db.waitForLock(ctx, s, held); err != nil {
			return err
		}
		if !held.shared { // else a backend that is at work may be another loader's
			if err := db.endDead(ctx, s); err != nil {
				_ = db.release(ctx, s, held)
				return err
			}
		}
		db.lock.Store(held)
		return nil
	})
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	return func() error {
		ctx, cancel := context.WithTimeout(ctx, closeTimeout)
		defer cancel()
		return db.unlock(ctx, held)
	}, nil
}

func (db *DB) unlock(ctx context.Context, held *heldLock) error {
	select {
	case <-db.turn:
		defer func() { db.turn <- struct{}{} }()
	case <-ctx.Done():
		return fmt.Errorf("unlock %s: a call is still under way; the lock ends with the connection", db.where)
	}
	if !db.lock.CompareAndSwap(held, nil) {
		return nil
	}
	for s := db.popIdle(); s != nil; s = db.popIdle() { // they share the workers' lock
		_ = s.close()
	}
	if db.ctl == nil || db.ctl.pg.IsClosed() {
		return nil // it ended with the connection
	}
	return db.release(ctx, db.ctl, held)
}

func (db *DB) release(ctx context.Context, s *session, held *heldLock) error {
	for c := range held.claims {
		if err := db.unclaim(ctx, s, held, c); err != nil {
			return err
		}
	}
	_, err := s.row(ctx, "select pg_advisory_unlock"+held.suffix()+"($1::bigint), set_config('application_name', $2, false)", lockKey, db.cfg.RuntimeParams["application_name"])
	return explain(ctx, "unlock "+db.where, err)
}

// waitForLock takes the lock in s. It gives whoever has it a moment: a run that is just ending, or this one's
// own lost connection.
func (db *DB) waitForLock(ctx context.Context, s *session, held *heldLock) error {
	for end := time.Now().Add(lockWait); ; {
		err := db.takeLock(ctx, s, held)
		if !errors.Is(err, sink.ErrLocked) || time.Now().After(end) || pause(ctx, 100*time.Millisecond) != nil {
			return err
		}
	}
}

// takeLock takes the lock in s, with its claims, or says who has it.
func (db *DB) takeLock(ctx context.Context, s *session, held *heldLock) error {
	if err := db.bound(ctx, s, held); err != nil {
		return err
	}
	got, err := s.row(ctx, "select pg_try_advisory_lock"+held.suffix()+"($1::bigint)", lockKey)
	if err != nil {
		return explain(ctx, "lock "+db.where, err)
	}
	if toBool(got[0]) {
		if held.who != "" {
			_, err = s.row(ctx, "select set_config('application_name', $1, false)", held.who)
		}
		if err == nil {
			err = db.claimAgain(ctx, s, held)
		}
		return explain(ctx, "lock "+db.where, err)
	}
	const most = 5 // that are named
	var names []string
	if err := s.each(ctx, holders, func(r [][]byte) error {
		names = append(names, fmt.Sprintf("%s, process %s of the server%s", r[1], r[0], r[2]))
		return nil
	}, lockKey); err != nil {
		return explain(ctx, "lock "+db.where, err)
	}
	whose := "it has just ended"
	if n := len(names); n > most {
		whose = fmt.Sprintf("%s; and %d more", strings.Join(names[:most], "; "), n-most)
	} else if n > 0 {
		whose = strings.Join(names, "; ")
	}
	return &failure{text: fmt.Sprintf("lock %s: %s: %s", db.where, sink.ErrLocked, whose), causes: []error{sink.ErrLocked}}
}

// holders asks who holds an advisory lock of this database.
const holders = `
select l.pid, coalesce(nullif(a.application_name, ''), 'a session without a name'), coalesce(' since ' || to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')
  from pg_locks l left join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
   and (l.classid::bigint << 32) | l.objid::bigint = $1::bigint`

// endDead waits until no backend works for a run that is dead, and ends those that do not end by
// themselves. s holds the lock of live runs.
func (db *DB) endDead(ctx context.Context, s *session) error {
	what := "look for what a dead run has left in " + db.where
	started, told, refused := time.Now(), false, ""
	for {
		got, err := s.row(ctx, "select pg_try_advisory_lock($1::bigint)", workKey)
		if err == nil && toBool(got[0]) {
			_, err = s.row(ctx, "select pg_advisory_unlock($1::bigint)", workKey)
			return explain(ctx, what, err)
		}
		var pids, names []string
		if err == nil {
			err = s.each(ctx, holders, func(r [][]byte) error {
				pids, names = append(pids, string(r[0])), append(names, fmt.Sprintf("process %s of the server (%s)", r[0], r[1]))
				return nil
			}, workKey)
		}
		if err != nil {
			return explain(ctx, what, err)
		}
		if !told && len(pids) > 0 {
			told = true
			db.log().Warn("a run that has ended left backends at work; they end before this one begins", "backends", strings.Join(names, ", "))
		}
		switch age := time.Since(started); {
		case age > killWait:
			text := fmt.Sprintf("lock %s: %s: a run that is dead has left at work %s%s: have them ended (pg_terminate_backend), then try again", db.where, sink.ErrLocked, strings.Join(names, ", "), refused)
			return &failure{text: text, causes: []error{sink.ErrLocked}}
		case age > deadWait:
			for _, pid := range pids {
				if _, err := s.row(ctx, "select pg_terminate_backend($1::int)", pid); code(err) == noPrivilege {
					refused = ", which this role may not end"
				} else if err != nil {
					return explain(ctx, what, err)
				}
			}
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return explain(ctx, what, err)
		}
	}
}

// enlist makes s a worker of the live run, where there is one: it shares the workers' lock, and carries the
// run's name. Then the control session is asked whether the run still has its own lock: in this order, either a
// new run sees this worker, or this worker sees the new run.
func (db *DB) enlist(ctx context.Context, s *session) error {
	held := db.lock.Load()
	if held == nil || s.works == held {
		return nil
	}
	name := held.who
	if name == "" {
		name = db.cfg.RuntimeParams["application_name"]
	}
	if _, err := s.row(ctx, "select pg_advisory_lock_shared($1::bigint), set_config('application_name', $2, false)", workKey, name); err != nil {
		return explain(ctx, "join the run in "+db.where, err)
	}
	if err := db.bound(ctx, s, held); err != nil {
		return err
	}
	s.works = held
	return db.alive(ctx)
}

// alive makes sure of the control session, which takes its lock again where the connection was lost.
func (db *DB) alive(ctx context.Context) error {
	ping := func(s *session) error { return s.ping(ctx) }
	err := db.control(ctx, ping)
	if lost(err) || ended(err) {
		err = db.control(ctx, ping)
	}
	return err
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
