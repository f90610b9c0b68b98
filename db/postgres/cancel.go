package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// abortDelay is how long a canceled call waits for the server to answer the cancel request before the
// connection is given up.
const abortDelay = 3 * time.Second

// canceler ends the statement of a canceled context by a cancel request, so that the connection survives: the control
// connection holds the lock. A request names a connection, not a statement: one that comes late would strike the next.
// So it is waited for until the server has taken it, and what it may still strike is settled before anything else.
type canceler struct {
	pg   *pgconn.PgConn
	sent chan struct{} // closed when the request is done with

	owed atomic.Bool // a request was taken, and may strike yet
	echo atomic.Bool // a request has struck, and its second signal may come yet
	lost atomic.Bool // a request went out, and nobody knows what became of it
}

var _ ctxwatch.Handler = (*canceler)(nil)

// cancelerKey is where a connection has its canceler.
const cancelerKey = "sower canceler"

func newCanceler(pg *pgconn.PgConn) ctxwatch.Handler {
	c := &canceler{pg: pg}
	pg.CustomData()[cancelerKey] = c
	return c
}

// HandleCancel sends the request. Where the server does not answer to it, the connection's deadline ends the statement.
func (c *canceler) HandleCancel(context.Context) {
	deadline := time.Now().Add(abortDelay)
	_ = c.pg.Conn().SetDeadline(deadline)
	c.sent = make(chan struct{})
	go func() {
		defer close(c.sent)
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		// It comes back when the server has closed the request's connection, which it does behind the signal.
		if err := c.pg.CancelRequest(ctx); err != nil || ctx.Err() != nil {
			c.lost.Store(true)
			return
		}
		c.owed.Store(true)
	}()
}

// HandleUnwatchAfterCancel waits for the end of the request.
func (c *canceler) HandleUnwatchAfterCancel() {
	<-c.sent
	_ = c.pg.Conn().SetDeadline(time.Time{})
}

// Statements that a late cancel strikes instead of another, by how long it is waited for. A server that was asked itself
// has sent the signal before it closed the request; a pooler passes it on, on a busy machine much later. And a request is
// two signals, to the process and to its group: the second may come when the first has ended a statement already.
const (
	absorb     = "select pg_catalog.pg_sleep(2)"
	absorbEcho = "select pg_catalog.pg_sleep(0.2)"
)

// struck notes that a statement was ended by a cancel request: of that request only the second signal can come yet.
func (s *session) struck(err error) {
	if c, ok := s.pg.CustomData()[cancelerKey].(*canceler); ok && code(err) == canceled && c.owed.Swap(false) {
		c.echo.Store(true)
	}
}

// settle makes sure that no cancel request strikes what comes next: one that was taken strikes now or never, and
// a connection with one that went astray is closed. A transaction that it ends was canceled anyway.
func (s *session) settle() {
	c, ok := s.pg.CustomData()[cancelerKey].(*canceler)
	if !ok || s.pg.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, closeTimeout)
	defer cancel()
	if c.lost.Load() {
		_ = s.pg.Close(ctx)
		return
	}
	wait := absorb
	switch owed, echo := c.owed.Swap(false), c.echo.Swap(false); {
	case owed:
	case echo:
		wait = absorbEcho
	default:
		return
	}
	for ctx.Err() == nil {
		sql := wait
		if s.pg.TxStatus() == 'E' {
			sql = "rollback"
		}
		_, err := s.pg.Exec(ctx, sql).ReadAll()
		switch {
		case s.pg.IsClosed() || err == nil && sql == wait:
			return
		case code(err) == canceled:
			wait = absorbEcho
		}
	}
	_ = s.pg.Close(ctx)
}

// ping asks whether the server still has the connection.
func (s *session) ping(ctx context.Context) error {
	s.settle()
	return s.pg.Ping(ctx)
}

// canceled is the code of a statement that a cancel request, or statement_timeout, has ended.
const canceled = "57014"
