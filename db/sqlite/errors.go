package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite"

	"github.com/sowerdata/sower/sink"
)

// SQLite's result codes, https://www.sqlite.org/rescode.html.
const (
	codeError      = 1
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeIOErr      = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeConstraint = 19
	codeNotADB     = 26

	codeCheck            = codeConstraint | 1<<8
	codeForeignKey       = codeConstraint | 3<<8
	codeNotNull          = codeConstraint | 5<<8
	codeTrigger          = codeConstraint | 7<<8
	codePrimaryKey       = codeConstraint | 6<<8
	codeUnique           = codeConstraint | 8<<8
	codeRowid            = codeConstraint | 10<<8
	codeReadOnlyRollback = codeReadOnly | 3<<8
)

// code gives SQLite's extended result code of an error, 0 where it has none.
func code(err error) int {
	var e *sqlite3.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// failure says what an error of SQLite means here. what is what was being done, with its place. The
// driver's error stays reachable.
func (db *DB) failure(what string, err error) error {
	if err == nil {
		return nil
	}
	c := code(err)
	switch c {
	case codeUnique, codePrimaryKey, codeRowid:
		return fmt.Errorf("%s: %w: %w", what, sink.ErrUnique, err)
	case codeTrigger, codeCheck, codeNotNull:
		return fmt.Errorf("%s: %w: %w", what, sink.ErrRefused, err)
	case codeReadOnlyRollback:
		return fmt.Errorf("%s: an interrupted write must be rolled back first: open %s once for writing: %w", what, db.path, err)
	}
	switch c & 0xff {
	case codeBusy, codeLocked:
		return fmt.Errorf("%s: %s is in use: another program has held a lock on it for more than %s: let it commit or end it, then run the same command again: %w", what, db.path, db.timeout, err)
	case codeReadOnly:
		return fmt.Errorf("%s: %w: the permissions of %s, of its directory, or of the file system do not let this user write: %w", what, sink.ErrReadOnly, db.path, err)
	case codeCantOpen:
		return fmt.Errorf("%s: SQLite cannot open %s, or make its journal beside it: look at the permissions of both the file and its directory: %w", what, db.path, err)
	case codeFull:
		return fmt.Errorf("%s: no space left for %s: make room on its disk (while indexes are built, also where temporary files lie: SQLITE_TMPDIR), or raise its max_page_count; what was committed stands: %w", what, db.path, err)
	case codeIOErr:
		return fmt.Errorf("%s: the disk failed under %s: %w", what, db.path, err)
	case codeNotADB:
		return fmt.Errorf("%s: %s is no SQLite database, or an encrypted one: %w", what, db.path, err)
	case codeCorrupt:
		return fmt.Errorf("%s: %s is damaged; `pragma integrity_check` tells where: %w", what, db.path, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// waitShown is how long another program may hold the file before that is said.
const waitShown = 1500 * time.Millisecond

// patiently runs do until SQLite is not busy, for as long as the timeout and the context allow.
func (db *DB) patiently(ctx context.Context, do func() error) error {
	end := time.Now().Add(db.timeout)
	shown := time.AfterFunc(waitShown, func() {
		db.log.Warn("waiting for a lock: the file is in use by another program, which SQLite does not name", "file", db.path, "at most", db.timeout)
	})
	defer shown.Stop()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := do()
		if c := code(err) & 0xff; c != codeBusy && c != codeLocked || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
