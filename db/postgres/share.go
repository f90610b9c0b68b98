package postgres

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/sowerdata/sower/sink"
)

var _ sink.Shared = (*DB)(nil)

// claimKey is the first number of the advisory locks by which loaders claim tables: the bytes of "sowe".
const claimKey int64 = 0x73_6f_77_65

// claim is the second number: of a run's table. Two tables that share one are claimed together.
type claim int32

func claimOf(run int64, table string) claim {
	h := fnv.New32a()
	fmt.Fprintf(h, "%d %s", run, table)
	return claim(h.Sum32())
}

// suffix is that of the functions that take and give back a lock of this kind.
func (h *heldLock) suffix() string {
	if h.shared {
		return "_shared"
	}
	return ""
}

// LockShared takes the lock of live runs together with other loaders. Backends that work are not ended: they may be
// those of the others. What a dead loader has left in the midst of a transaction, the ledger tells.
func (db *DB) LockShared(ctx context.Context, who string) (unlock func() error, err error) {
	return db.lockAs(ctx, &heldLock{who: who, shared: true, claims: map[claim]struct{}{}})
}

// loaderSettings bound how long the server keeps what a loader has whose machine is gone, or stands still: its locks, and
// its transaction, which others wait for.
const loaderSettings = "set tcp_keepalives_idle = 20; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; " +
	"set idle_in_transaction_session_timeout = '60s'"

// bound gives a session of a loader its settings.
func (db *DB) bound(ctx context.Context, s *session, held *heldLock) error {
	if !held.shared {
		return nil
	}
	return explain(ctx, "prepare the session", s.run(ctx, loaderSettings))
}

// Claim takes a table for this loader alone, with the control session, which takes it again should it be lost.
func (db *DB) Claim(ctx context.Context, run int64, table string) (release func() error, ok bool, err error) {
	held, c := db.lock.Load(), claimOf(run, table)
	if held == nil || !held.shared {
		return nil, false, fmt.Errorf("claim %s: only a loader does", table)
	}
	err = db.control(ctx, func(s *session) error {
		if ok, err = tryClaim(ctx, s, c); ok {
			held.claims[c] = struct{}{}
		}
		return err
	})
	if err != nil || !ok {
		return nil, false, explain(ctx, "claim "+table, err)
	}
	ctx = context.WithoutCancel(ctx)
	return func() error {
		return db.control(ctx, func(s *session) error { return db.unclaim(ctx, s, held, c) })
	}, true, nil
}

func tryClaim(ctx context.Context, s *session, c claim) (bool, error) {
	got, err := s.row(ctx, "select pg_try_advisory_lock($1::int, $2::int)", claimKey, int64(c))
	return err == nil && toBool(got[0]), err
}

func (db *DB) unclaim(ctx context.Context, s *session, held *heldLock, c claim) error {
	delete(held.claims, c)
	_, err := s.row(ctx, "select pg_advisory_unlock($1::int, $2::int)", claimKey, int64(c))
	return explain(ctx, "release a claim", err)
}

// ShareRun names the run that this loader loads.
func (db *DB) ShareRun(r *sink.Run) {
	db.UseRun(r.Number)
	<-db.turn
	defer func() { db.turn <- struct{}{} }()
	if held := db.lock.Load(); held != nil {
		held.joined = r
	}
}

// claimAgain makes sure that the run of a lock whose session was lost is as it was, and takes its claims again.
func (db *DB) claimAgain(ctx context.Context, s *session, held *heldLock) error {
	if r := held.joined; r != nil {
		row, err := s.row(ctx, "select 1 from sower.run where number = $1 and state = $2 and batches = $3::bytea", r.Number, string(r.State), bytesText(r.Batches))
		if err != nil {
			return err
		}
		if row == nil {
			return &failure{text: fmt.Sprintf("run %d was prepared again, completed or taken back meanwhile", r.Number), causes: []error{sink.ErrLocked}}
		}
	}
	for c := range held.claims {
		switch ok, err := tryClaim(ctx, s, c); {
		case err != nil:
			return err
		case !ok:
			return &failure{text: "another loader has claimed a table of this one meanwhile", causes: []error{sink.ErrLocked}}
		}
	}
	return nil
}

// ChangeRun changes the record of a run while its row is locked.
func (db *DB) ChangeRun(ctx context.Context, number int64, change func(r *sink.Run) error) error {
	err := db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			row, err := s.row(ctx, "select "+runColumns+", shape, grows, shards, batches from sower.run where number = $1 for update", number)
			if err != nil {
				return err
			}
			if row == nil {
				return fmt.Errorf("there is no run %d: was the record deleted?", number)
			}
			r, err := runOf(row)
			if err != nil {
				return err
			}
			if err := change(r); err != nil {
				return err
			}
			return updateRun(ctx, s, r)
		})
	})
	return db.recordError(ctx, "change the record of the run", err)
}

// Committed gives rows of a table that the ledger has.
func (db *DB) Committed(ctx context.Context, run int64, table string, within sink.Range) (ranges []sink.Range, err error) {
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, `select first_row, row_count from sower.ledger
 where run = $1 and table_name = $2 and part = 0 and first_row < $4::bigint and first_row + row_count > $3::bigint order by 1`, func(r [][]byte) error {
			first, n := toInt(r[0]), toInt(r[1])
			if k := len(ranges) - 1; k >= 0 && ranges[k].First+ranges[k].N == first {
				ranges[k].N += n
			} else {
				ranges = append(ranges, sink.Range{First: first, N: n})
			}
			return nil
		}, run, table, within.First, within.First+within.N)
	})
	return ranges, db.recordError(ctx, "read the ledger", err)
}
