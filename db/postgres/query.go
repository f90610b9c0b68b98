package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// session is one connection. It belongs to one goroutine at a time.
type session struct {
	db     *DB // whose log is told of waits
	pg     *pgconn.PgConn
	ctx    context.Context // never canceled: for rollbacks and goodbyes, which have no caller's context
	forget func()          // tells the DB that the connection is gone
	works  *heldLock       // the run whose workers' lock it shares, or nil
	used   time.Time       // of the control session: when it was last lent
	done   int             // statements that succeeded
	own    string          // the search path that the role has by itself
	path   string          // the one that is in force between transactions
}

// closeTimeout bounds what a session does after its caller has gone.
const closeTimeout = 5 * time.Second

func (s *session) close() error {
	ctx, cancel := context.WithTimeout(s.ctx, closeTimeout)
	defer cancel()
	s.db.own.Delete(pidText(s))
	err := s.pg.Close(ctx)
	select {
	case <-s.pg.CleanupDone(): // the server has let go of what the session held
	case <-ctx.Done():
	}
	if s.forget != nil {
		s.forget()
		s.forget = nil
	}
	return err
}

func pidText(s *session) string { return strconv.FormatUint(uint64(s.pg.PID()), 10) }

// run runs statements without parameters, whose rows do not matter.
func (s *session) run(ctx context.Context, sql string) error {
	err := s.watched(func() error {
		_, err := s.pg.Exec(ctx, sql).ReadAll()
		return err
	})
	s.count(err)
	return err
}

func (s *session) count(err error) {
	if err == nil {
		s.done++
	}
}

// exec runs one statement and gives the number of its rows.
func (s *session) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	var tag pgconn.CommandTag
	err := s.watched(func() (err error) {
		tag, err = s.pg.ExecParams(ctx, sql, texts(args), nil, nil, nil).Close()
		return err
	})
	s.count(err)
	return tag.RowsAffected(), err
}

// execFirst is exec as the first statement of a transaction, which it opens in the same round trip.
func (s *session) execFirst(ctx context.Context, sql string, args ...any) error {
	batch := new(pgconn.Batch)
	batch.ExecParams(begin, nil, nil, nil, nil)
	batch.ExecParams(sql, texts(args), nil, nil, nil)
	return s.batch(ctx, batch)
}

// all runs statements, each one in the protocol that takes no second one behind it, in one round trip.
func (s *session) all(ctx context.Context, statements []string) error {
	if len(statements) == 0 {
		return nil
	}
	batch := new(pgconn.Batch)
	for _, sql := range statements {
		batch.ExecParams(sql, nil, nil, nil, nil)
	}
	return s.batch(ctx, batch)
}

func (s *session) batch(ctx context.Context, batch *pgconn.Batch) error {
	err := s.watched(func() error {
		_, err := s.pg.ExecBatch(ctx, batch).ReadAll()
		return err
	})
	s.count(err)
	return err
}

// each runs a query and calls f for each row. The row is valid only during the call.
func (s *session) each(ctx context.Context, sql string, f func(row [][]byte) error, args ...any) error {
	return s.eachAs(ctx, sql, nil, f, args...)
}

// eachAs is each with the formats of the columns: 1 for the binary one.
func (s *session) eachAs(ctx context.Context, sql string, formats []int16, f func(row [][]byte) error, args ...any) error {
	var err error
	closed := s.watched(func() error {
		r := s.pg.ExecParams(ctx, sql, texts(args), nil, nil, formats)
		for r.NextRow() {
			if err == nil {
				err = f(r.Values())
			}
		}
		_, closed := r.Close()
		return closed
	})
	if closed != nil {
		return closed
	}
	s.done++
	return err
}

// row runs a query for its first row; nil where it has none.
func (s *session) row(ctx context.Context, sql string, args ...any) (row [][]byte, err error) {
	err = s.each(ctx, sql, func(r [][]byte) error {
		if row == nil {
			row = make([][]byte, len(r))
			for i := range r {
				row[i] = bytes.Clone(r[i])
			}
		}
		return nil
	}, args...)
	return row, err
}

// transact runs f in a transaction, which begin opens.
func (s *session) transact(ctx context.Context, begin string, f func() error) error {
	err := s.run(ctx, begin)
	if err == nil {
		err = f()
	}
	if err == nil {
		err = s.run(ctx, "commit")
	}
	if err != nil {
		s.rollback()
	}
	return err
}

// rollback ends what transaction there is, even when the caller's context has ended.
func (s *session) rollback() {
	s.settle()
	if s.pg.IsClosed() || s.pg.TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, closeTimeout)
	defer cancel()
	// An error has closed the connection, which undoes as well.
	_ = s.run(ctx, "rollback")
}

const (
	readOnly = "begin isolation level repeatable read read only; set local search_path = " + controlPath + "; set local row_security = off"
	begin    = "begin"
	// What a crash of the server must not take back although later statements went by it.
	durable = "begin; set local synchronous_commit = on"
)

// control lends the control session; calls take turns. It connects anew where the connection was lost,
// and then takes the lock of a live run again. Where the loss shows at the first statement of f, nothing
// of which is done then, f is called once more.
func (db *DB) control(ctx context.Context, f func(s *session) error) error {
	select {
	case <-db.turn:
		return db.inTurn(ctx, f)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// inTurn is control for a caller who has the turn; it gives it back.
func (db *DB) inTurn(ctx context.Context, f func(s *session) error) error {
	defer func() { db.turn <- struct{}{} }()
	undone := false
	try := func(s *session) error {
		before := s.done
		err := f(s)
		undone = err != nil && s.done == before
		return err
	}
	err := db.lend(ctx, try)
	if undone && ctx.Err() == nil && (lost(err) || ended(err)) {
		_ = db.ctl.close()
		err = db.lend(ctx, f)
	}
	return err
}

func (db *DB) lend(ctx context.Context, f func(s *session) error) error {
	if db.closed {
		return fmt.Errorf("%s: the database is closed", db.where)
	}
	if db.ctl != nil && db.ctl.pg.IsClosed() {
		_ = db.ctl.close()
		db.ctl = nil
	}
	if db.ctl != nil && time.Since(db.ctl.used) > staleAfter && db.ctl.ping(ctx) != nil && ctx.Err() == nil {
		_ = db.ctl.close() // the server has ended it meanwhile
		db.ctl = nil
	}
	if db.ctl == nil {
		s, err := db.connectPatiently(ctx, "set row_security = off", noViews,
			"select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'")
		if err != nil {
			return err
		}
		if held := db.lock.Load(); held != nil {
			if err := db.waitForLock(ctx, s, held); err != nil {
				_ = s.close()
				return fmt.Errorf("the connection to %s was lost, and with it the lock of this run: %w", db.where, err)
			}
		}
		db.ctl = s
	}
	defer func() { db.ctl.used = time.Now() }()
	if err := db.ctl.use(ctx, db.basePath()); err != nil {
		return err
	}
	return f(db.ctl)
}

// staleAfter is how long the control session may lie idle before it is looked at.
const staleAfter = time.Second

// read lends a session in a read-only transaction with one snapshot: the control session, or, where
// that is busy and connections are not limited, one of a closed loader or a new one.
func (db *DB) read(ctx context.Context, f func(s *session) error) error {
	within := func(s *session) error {
		return s.transact(ctx, readOnly, func() error {
			if base := db.basePath(); base != controlPath {
				if err := s.useHere(ctx, base); err != nil {
					return err
				}
			}
			return f(s)
		})
	}
	select {
	case <-db.turn:
		return db.inTurn(ctx, within)
	default:
	}
	if db.opt.MaxConns == 0 && db.room() {
		s, err := db.takeSession(ctx)
		if err == nil {
			defer db.giveSession(s)
			return within(s)
		}
		if code(err) == tooMany {
			db.fewer.Do(func() {
				db.log().Warn("the server lets no more connections in: reading goes on over fewer", "error", err)
			})
		}
	}
	return db.control(ctx, within)
}

// answer is read for one statement, which needs no transaction of its own in the control session: fewer round trips.
func (db *DB) answer(ctx context.Context, f func(s *session) error) error {
	select {
	case <-db.turn:
		return db.inTurn(ctx, f)
	default:
		return db.read(ctx, f)
	}
}

// texts gives arguments in the text format: nil, string, []byte (as it is), bool, int64.
func texts(args []any) [][]byte {
	values := make([][]byte, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case nil:
		case string:
			values[i] = []byte(a)
		case []byte:
			values[i] = a
			if a == nil {
				values[i] = []byte{}
			}
		case int64:
			values[i] = strconv.AppendInt(nil, a, 10)
		case bool:
			values[i] = strconv.AppendBool(nil, a)
		default:
			panic(fmt.Sprintf("argument %d has type %T", i, a))
		}
	}
	return values
}

func toInt(b []byte) int64 {
	n, _ := strconv.ParseInt(string(b), 10, 64)
	return n
}

// toOID reads the catalog's number of an object; 0 where there is none.
func toOID(b []byte) uint32 {
	n, _ := strconv.ParseUint(string(b), 10, 32)
	return uint32(n)
}

func toBool(b []byte) bool { return len(b) == 1 && b[0] == 't' }

// toInts reads the text of an array of integers, or of an int2vector.
func toInts(b []byte) (ns []int) {
	for _, f := range bytes.FieldsFunc(b, func(r rune) bool { return r == ' ' || r == ',' || r == '{' || r == '}' }) {
		n, err := strconv.Atoi(string(f))
		if err != nil {
			n = 0
		}
		ns = append(ns, n)
	}
	return ns
}

var errNoRow = errors.New("the server gave no row")

// number runs a query for one integer.
func (s *session) number(ctx context.Context, sql string, args ...any) (int64, error) {
	row, err := s.row(ctx, sql, args...)
	switch {
	case err != nil:
		return 0, err
	case row == nil:
		return 0, errNoRow
	}
	n, err := strconv.ParseInt(string(row[0]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the server's answer %q is not an integer", row[0])
	}
	return n, nil
}
