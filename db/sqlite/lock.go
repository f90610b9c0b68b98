package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sowerdata/sower/sink"
)

// errHeld says that another has the lock file locked.
var errHeld = errors.New("the lock is held")

// Lock takes the file for one live run: the operating system's lock on a file beside it, which ends with
// the process that holds it, however that ends. The lock file says who holds it, and is removed after.
// The database file itself is not touched.
func (db *DB) Lock(ctx context.Context, who string) (unlock func() error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if db.readOnly {
		return nil, fmt.Errorf("lock %s: %w: it was opened for reading", db.path, sink.ErrReadOnly)
	}
	path := db.path + ".sower-lock"
	f, err := lockFile(path)
	switch {
	case errors.Is(err, errHeld):
		return nil, fmt.Errorf("lock %s: %w: %s", db.path, sink.ErrLocked, holderOf(path))
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("lock %s: %w: no file can be made beside it: %w", db.path, sink.ErrReadOnly, err)
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", db.path, err)
	}
	text := fmt.Sprintf("%s, process %d, since %s\n", strings.ReplaceAll(who, "\n", " "), os.Getpid(), time.Now().Format(time.DateTime))
	_, err = f.WriteAt([]byte(text), 0)
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if err != nil {
		unlockFile(f, path)
		return nil, fmt.Errorf("lock %s: %w", db.path, err)
	}
	// The DB holds the file: were it collected, the lock would go with it.
	db.locks.Store(f, path)
	return func() error { return db.unlock(f) }, nil
}

// unlock lets go of one lock, once.
func (db *DB) unlock(f *os.File) error {
	path, held := db.locks.LoadAndDelete(f)
	if !held {
		return nil
	}
	if err := unlockFile(f, path.(string)); err != nil {
		return fmt.Errorf("unlock %s: %w", db.path, err)
	}
	return nil
}

// holderOf reads who holds a lock.
func holderOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "it did not say who it is"
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1000))
	if who := strings.TrimSpace(string(text)); err == nil && who != "" {
		return who
	}
	return "it has not said yet who it is"
}
