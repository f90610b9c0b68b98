package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/sowerdata/sower/sink"
)

// retries bounds how often a piece of work is tried again that left nothing behind.
const retries = 5

// backoff waits before the try after n failed ones: a tenth of a second, doubled each time, and up to as
// much again at random, so that those who met do not meet again.
func backoff(ctx context.Context, n int) error {
	d := 100 * time.Millisecond << min(n, 6)
	return pause(ctx, d+rand.N(d))
}

// ended tells whether the server has ended the connection, or is about to come up.
func ended(err error) bool {
	switch c := code(err); c {
	case "57P01", "57P02", "57P03", "57P05", "25P03":
		return true
	default:
		return strings.HasPrefix(c, "08")
	}
}

// passing tells whether err is of a kind that goes by: nothing stands of what was tried, and the same may
// succeed. Of a COMMIT that is not so: see settle.
func passing(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sink.ErrLocked) {
		return false
	}
	switch code(err) {
	case "40P01", "40001", tooMany: // deadlock, serialization; another session may end
		return true
	case "":
		return lost(err)
	}
	return ended(err)
}

// again marks an error that goes by, for those who may repeat the work.
func again(err error) error {
	if err == nil || !passing(err) {
		return err
	}
	return &failure{text: err.Error(), causes: []error{err, sink.ErrRetry}}
}

// repeatedly does work that leaves nothing behind where it fails, again where its error goes by.
func repeatedly(ctx context.Context, work func() error) error {
	for n := 0; ; n++ {
		err := work()
		if err == nil || n == retries || !passing(err) || backoff(ctx, n) != nil {
			return err
		}
	}
}

// settle finds out what became of a COMMIT whose answer was lost. Once the backend is gone (it is told to
// go, where it does not) nothing of it can come to stand any more, and the ledger says whether it did.
func (db *DB) settle(ctx context.Context, pid uint32, run int64, table string, first int64) (stood bool, err error) {
	if run == 0 {
		return false, errors.New("no ledger tells whether it stands")
	}
	started := time.Now()
	err = repeatedly(ctx, func() error {
		return db.control(ctx, func(s *session) error {
			for {
				there, err := s.row(ctx, "select 1 from pg_stat_activity where pid = $1::int", int64(pid))
				if err != nil {
					return err
				}
				if there == nil {
					break
				}
				if age := time.Since(started); age > killWait {
					return fmt.Errorf("process %d of the server still works at it", pid)
				} else if age > deadWait {
					if _, err := s.row(ctx, "select pg_terminate_backend($1::int)", int64(pid)); err != nil && code(err) != noPrivilege {
						return err
					}
				}
				if err := pause(ctx, 50*time.Millisecond); err != nil {
					return err
				}
			}
			n, err := s.number(ctx, "select count(*) from sower.ledger where run = $1 and table_name = $2 and part = 0 and first_row = $3", run, table, first)
			stood = n > 0
			return err
		})
	})
	return stood, err
}
