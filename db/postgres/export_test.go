package postgres

import (
	"bytes"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// CountStatements counts the statements that go through db's control session while f runs.
func CountStatements(db *DB, f func()) int {
	counter := new(statements)
	db.ctl.pg.Frontend().Trace(counter, pgproto3.TracerOptions{SuppressTimestamps: true})
	defer db.ctl.pg.Frontend().Untrace()
	f()
	return counter.n
}

// statements counts the protocol's messages that end a statement's execution.
type statements struct{ n int }

func (s *statements) Write(p []byte) (int, error) {
	for _, line := range bytes.Split(p, []byte("\n")) {
		if f := bytes.Fields(line); len(f) > 1 && string(f[0]) == "F" && (string(f[1]) == "Execute" || string(f[1]) == "Query") {
			s.n++
		}
	}
	return len(p), nil
}

// SetPatience bounds how long questions to the server may take, and gives the bound before.
func SetPatience(d time.Duration) (before time.Duration) {
	before, patience = patience, d
	return before
}

// SetPartPages changes how many pages of a table are worth a connection, and gives the number before.
func SetPartPages(n int64) (before int64) {
	before, partPages = partPages, n
	return before
}
