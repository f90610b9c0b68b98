package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// waitShown is how long a statement may take before it is asked whether it waits for a lock.
	waitShown = 1500 * time.Millisecond
	// lockPatience is how long a statement waits for a lock where the options do not say otherwise.
	lockPatience = time.Minute
)

// lockTimeout is the setting of how long the statements of a session wait for a lock, in milliseconds.
func (db *DB) lockTimeout() string {
	wait := db.opt.LockTimeout
	switch {
	case wait == 0:
		wait = lockPatience
	case wait < 0:
		wait = 0 // the server's word for no limit
	}
	return strconv.FormatInt(wait.Milliseconds(), 10)
}

// obstacle is a session that holds a lock which another waits for.
type obstacle struct {
	pid  string // "0": a prepared transaction
	text string // who it is
}

// lockWatch follows one statement that takes long.
type lockWatch struct {
	s     *session
	stop  chan struct{}
	ended chan struct{}

	on      string // what is locked, once that is known
	holders []obstacle
}

// watched does one statement. Where it waits for a lock of another session, the log is told who holds it, and where it
// does not get it in time, the error says so.
func (s *session) watched(do func() error) error {
	s.settle()
	w := &lockWatch{s: s, stop: make(chan struct{}), ended: make(chan struct{})}
	t := time.AfterFunc(waitShown, w.follow)
	started := time.Now()
	err := do()
	s.struck(err)
	if !t.Stop() {
		close(w.stop)
		<-w.ended
	}
	if code(err) == lockTimeout && len(w.holders) > 0 {
		err = &failure{text: w.timedOut(time.Since(started), err), causes: []error{err}}
	}
	return err
}

// follow asks again and again who is in the way, until the statement has ended. Each answer that is new is said.
func (w *lockWatch) follow() {
	defer close(w.ended)
	said := ""
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		w.ask()
		if now := w.key(); now != "" && now != said {
			said = now
			w.s.db.log().Warn("waiting for a lock that another session holds", "on", w.on, "held by", holderText(w.holders))
		}
		select {
		case <-w.stop:
			return
		case <-time.After(pause):
		}
	}
}

func (w *lockWatch) key() string {
	if len(w.holders) == 0 {
		return ""
	}
	var pids []string
	for _, h := range w.holders {
		pids = append(pids, h.pid)
	}
	return w.on + " " + strings.Join(pids, " ")
}

// ask notes who is in the way now. Without a connection to ask by, it stays unknown. The answer is waited for even where
// the statement ends meanwhile: a request that is canceled late could meet another statement.
func (w *lockWatch) ask() {
	ctx, cancel := context.WithTimeout(w.s.ctx, closeTimeout)
	defer cancel()
	pid := int64(w.s.pg.PID())
	w.s.db.askAside(ctx, func(s *session) error {
		row, err := s.row(ctx, `select case when l.relation is not null then l.relation::regclass::text when l.locktype in ('transactionid', 'tuple') then 'a row' else l.locktype end
			from pg_locks l where l.pid = $1::int and not l.granted limit 1`, pid)
		if err != nil || row == nil {
			return err
		}
		found, err := obstacles(ctx, s, "unnest(pg_blocking_pids($1::int)) b (pid)", pid)
		if err != nil {
			return err
		}
		// This program's own connections end by themselves.
		found = slices.DeleteFunc(found, func(o obstacle) bool { _, own := w.s.db.own.Load(o.pid); return own })
		if len(found) > 0 {
			w.on, w.holders = string(row[0]), found
		}
		return nil
	})
}

func (w *lockWatch) timedOut(after time.Duration, err error) string {
	text := fmt.Sprintf("%s: waited %s for a lock on %s, which %s holds", shortReason(err), after.Round(time.Second), w.on, holderText(w.holders))
	var end []string
	for _, h := range w.holders {
		if h.pid != "0" {
			end = append(end, fmt.Sprintf("select pg_terminate_backend(%s)", h.pid))
		}
	}
	if len(end) == 0 {
		return text + ": commit or roll it back (see pg_prepared_xacts), then run the same command again"
	}
	return text + ": let it commit or roll back, or end it (" + strings.Join(end, "; ") + "), then run the same command again"
}

func shortReason(err error) string {
	return strings.TrimSuffix(strings.SplitN(err.Error(), " (SQLSTATE", 2)[0], ".")
}

func holderText(holders []obstacle) string {
	var texts []string
	for _, h := range holders {
		texts = append(texts, h.text)
	}
	return strings.Join(texts, ", and ")
}

// obstacles describes the sessions whose pids a FROM clause b (pid) gives.
func obstacles(ctx context.Context, s *session, from string, args ...any) (out []obstacle, err error) {
	sql := `select distinct b.pid, coalesce(nullif(a.application_name, ''), 'no name'), coalesce(a.usename, a.backend_type, '?'), coalesce(a.state, ''),
	coalesce(to_char(coalesce(a.state_change, a.xact_start), 'HH24:MI:SS'), ''), left(regexp_replace(coalesce(a.query, ''), '\s+', ' ', 'g'), 80)
	from ` + from + ` left join pg_stat_activity a on a.pid = b.pid order by 1`
	err = s.each(ctx, sql, func(r [][]byte) error {
		o := obstacle{pid: string(r[0])}
		if o.pid == "0" {
			o.text = "a prepared transaction"
		} else {
			o.text = fmt.Sprintf("process %s (%s, %s", r[0], r[1], r[2])
			if len(r[3]) > 0 {
				o.text += fmt.Sprintf(", %s since %s UTC", r[3], r[4])
			}
			if o.text += ")"; len(r[5]) > 0 && string(r[5]) != "<insufficient privilege>" {
				o.text += ": " + string(r[5])
			}
		}
		out = append(out, o)
		return nil
	}, args...)
	return out, err
}

// lockers describes the sessions that hold locks on tables, given by their quoted names.
func (db *DB) lockers(ctx context.Context, s *session, tables []string) string {
	var list []string
	for _, t := range tables {
		list = append(list, text(t)+"::regclass")
	}
	found, err := obstacles(ctx, s, "(select l.pid from pg_locks l where l.relation in ("+strings.Join(list, ", ")+
		") and l.granted and l.pid <> pg_backend_pid() and l.database = (select oid from pg_database where datname = current_database())) b (pid)")
	if err != nil || len(found) == 0 {
		return "another session"
	}
	return holderText(found)
}

// askAside lends a connection for a question beside a statement that is under way: the control session where it is free, else
// one of a closed loader, or a new one where more are allowed. Nothing is asked where there is none.
func (db *DB) askAside(ctx context.Context, f func(s *session) error) {
	select {
	case <-db.turn:
		defer func() { db.turn <- struct{}{} }()
		if s := db.ctl; s != nil && !db.closed && !s.pg.IsClosed() && s.pg.TxStatus() == 'I' {
			_ = f(s)
			return
		}
	default:
	}
	s, err := db.takeSession(ctx)
	if err != nil {
		return
	}
	_ = f(s)
	_ = db.giveSession(s)
}
