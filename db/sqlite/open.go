package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sqlite3 "modernc.org/sqlite"

	"github.com/sowerdata/sower/sink"
)

// Options of Open. The zero Options open a standing file for writing.
type Options struct {
	ReadOnly    bool          // nothing is written, no file is made
	Create      bool          // a missing file is made; otherwise it is an error
	BusyTimeout time.Duration // how long to wait for another process's lock; 0: a minute, negative: without limit
	Log         *slog.Logger  // is told of such waits; may be nil
}

// DB is one SQLite file. It is safe for concurrent use.
type DB struct {
	path     string // absolute, symbolic links resolved
	name     string
	readOnly bool
	created  bool // the file had no content when it was opened
	loneWAL  bool // a read-only open of a file in WAL mode that no one had open
	timeout  time.Duration
	log      *slog.Logger

	reads  *sql.DB
	writes *sql.DB   // one connection
	writer *sql.Conn // that connection, from the first write on

	// mu is held by whoever writes; readers share it. So no reader of this process ever stands in the
	// way of a commit, nor a commit in a reader's.
	mu     sync.RWMutex
	source *source // what the virtual tables give, set while mu is held for writing
	widths map[int]bool
	run    atomic.Int64
	locks  sync.Map // *os.File -> path, of the lock that this DB holds
}

var _ sink.Store = (*DB)(nil)

// Open opens the database that a URL names: sqlite:PATH, sqlite://PATH or sqlite:///ABSOLUTE/PATH. The
// path is taken as it is, without percent-decoding. The only option behind a question mark is mode=ro.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	path, readOnly, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	o.ReadOnly = o.ReadOnly || readOnly
	switch {
	case o.BusyTimeout == 0:
		o.BusyTimeout = time.Minute
	case o.BusyTimeout < 0:
		o.BusyTimeout = 1 << 30 * time.Millisecond // 12 days
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{readOnly: o.ReadOnly, timeout: o.BusyTimeout, log: o.Log, widths: map[int]bool{}}
	if db.path, err = resolve(path, 0); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.name = nameOf(db.path)
	if err := db.look(o); err != nil {
		return nil, err
	}
	db.source = new(source)
	drv, err := newDriver(db.source)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", db.path, err)
	}
	mode := "rw"
	switch {
	case o.ReadOnly:
		mode = "ro"
	case db.created:
		mode = "rwc"
	}
	reading := []string{"foreign_keys=on", "temp_store=memory", fmt.Sprintf("busy_timeout=%d", min(o.BusyTimeout, 10*time.Second).Milliseconds())}
	// The writer waits for other processes in Go, where a cancelled context ends the wait. Its temporary
	// files bound the memory of sorting for an index: in memory SQLite would sort all of it.
	writing := []string{"foreign_keys=on", "temp_store=file", "busy_timeout=100", "cache_size=-24576"}
	if db.created {
		writing = append(writing, "synchronous=off")
	}
	db.reads = sql.OpenDB(&connector{drv: drv, dsn: db.dsn(mode), pragmas: reading})
	db.reads.SetMaxIdleConns(2)
	db.writes = sql.OpenDB(&connector{drv: drv, dsn: db.dsn(mode), pragmas: writing})
	db.writes.SetMaxOpenConns(1)
	if err := db.probe(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// look says whether the file is such that it can be opened, before SQLite makes anything of it.
func (db *DB) look(o Options) error {
	info, err := os.Stat(db.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !o.Create || o.ReadOnly {
			return fmt.Errorf("open %s: there is no such database file%s", db.path, createHint(o))
		}
		if dir, err := os.Stat(filepath.Dir(db.path)); err != nil {
			return fmt.Errorf("make %s: its directory: %w", db.path, err)
		} else if !dir.IsDir() {
			return fmt.Errorf("make %s: %s is no directory", db.path, filepath.Dir(db.path))
		}
		db.created = true
	case err != nil:
		return fmt.Errorf("open %s: %w", db.path, err)
	case info.IsDir():
		return fmt.Errorf("open %s: it is a directory, no database file", db.path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("open %s: it is no ordinary file", db.path)
	default:
		db.created = info.Size() == 0 && o.Create && !o.ReadOnly
	}
	return nil
}

func createHint(o Options) string {
	if o.ReadOnly {
		return ", and none is made for reading"
	}
	return ""
}

// probe makes SQLite read the file's header, and finds out whether it can be written.
func (db *DB) probe(ctx context.Context) error {
	_, walErr := os.Lstat(db.path + "-wal")
	conn, err := db.reads.Conn(ctx)
	if err != nil {
		return db.failure("open "+db.path, err)
	}
	defer conn.Close()
	var tables int
	err = db.patiently(ctx, func() error { return conn.QueryRowContext(ctx, "select count(*) from sqlite_schema").Scan(&tables) })
	if err != nil {
		return db.failure("open "+db.path, err)
	}
	if err := genuine(ctx, conn); err != nil {
		return db.failure("open "+db.path, err)
	}
	var journal string
	if err := conn.QueryRowContext(ctx, "pragma journal_mode").Scan(&journal); err != nil {
		return db.failure("open "+db.path, err)
	}
	db.loneWAL = db.readOnly && journal == "wal" && errors.Is(walErr, fs.ErrNotExist)
	if db.readOnly {
		return nil
	}
	return conn.Raw(func(c any) error {
		// SQLite opens a file that it may not write for reading, without a word.
		ro, err := c.(interface{ IsReadOnly(string) (bool, error) }).IsReadOnly("main")
		if err == nil && ro {
			err = fmt.Errorf("open %s: %w: the file's permissions, or its file system, do not let this user write", db.path, sink.ErrReadOnly)
		}
		return err
	})
}

// Close closes the file. One that was made and never written goes again.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
		db.writer = nil
	}
	errs = append(errs, db.writes.Close(), db.reads.Close())
	for f := range db.locks.Range {
		errs = append(errs, db.unlock(f.(*os.File)))
	}
	if db.loneWAL {
		db.tidyWAL()
	}
	if db.created {
		if info, err := os.Stat(db.path); err == nil && info.Size() == 0 {
			errs = append(errs, os.Remove(db.path))
		}
		db.created = false
	}
	return errors.Join(errs...)
}

// tidyWAL removes the -wal and -shm files that reading a file in WAL mode has made, and that SQLite
// leaves to the next writer: here, one that writes nothing.
func (db *DB) tidyWAL() {
	if info, err := os.Lstat(db.path + "-wal"); err != nil || info.Size() != 0 {
		return
	}
	pool := sql.OpenDB(&connector{drv: new(sqlite3.Driver), dsn: db.dsn("rw")})
	defer pool.Close()
	var tables int
	_ = pool.QueryRow("select count(*) from sqlite_schema").Scan(&tables) // where it fails, the files stay
}

// dsn is the file as SQLite's URI.
func (db *DB) dsn(mode string) string {
	path := filepath.ToSlash(db.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path) + "?mode=" + mode
}

// connector opens connections with their settings made.
type connector struct {
	drv     *sqlite3.Driver
	dsn     string
	pragmas []string
}

func (c *connector) Driver() driver.Driver { return c.drv }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, err := c.drv.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	for _, p := range c.pragmas {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "pragma "+p, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	if err := distrust(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// DatabaseOf gives the name of the database that a URL means, without opening it: the file's base name
// without its ending (app_demo of app_demo.db), symbolic links resolved, dangling ones too.
func DatabaseOf(url string) (string, error) {
	path, _, err := parseURL(url)
	if err != nil {
		return "", err
	}
	path, err = resolve(path, 0)
	if err != nil {
		return "", err
	}
	return nameOf(path), nil
}

func nameOf(path string) string {
	base := filepath.Base(path)
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		return name
	}
	return base
}

// resolve follows symbolic links as far as there are any: the file, and its directories, may be missing.
func resolve(path string, depth int) (string, error) {
	if depth > 255 {
		return "", errors.New("too many symbolic links")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	dir, base := filepath.Dir(path), filepath.Base(path)
	if dir == path {
		return path, nil
	}
	if dir, err = resolve(dir, depth+1); err != nil {
		return "", err
	}
	path = filepath.Join(dir, base)
	target, err := os.Readlink(path)
	if err != nil { // no link: the missing file itself
		return path, nil
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}
	return resolve(target, depth+1)
}

// parseURL gives the path of a URL.
func parseURL(url string) (path string, readOnly bool, err error) {
	fail := func(format string, args ...any) (string, bool, error) {
		return "", false, fmt.Errorf("database URL %q: %s", url, fmt.Sprintf(format, args...))
	}
	rest, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return fail("it does not begin with sqlite:")
	}
	path, options, _ := strings.Cut(rest, "?")
	for option := range strings.SplitSeq(options, "&") {
		switch option {
		case "":
		case "mode=ro":
			readOnly = true
		default:
			return fail("unknown option %q: the only one is mode=ro", option)
		}
	}
	path = strings.TrimPrefix(path, "//")
	if runtime.GOOS == "windows" && len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:] // sqlite:///C:/...
	}
	switch {
	case path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:"):
		if strings.HasPrefix(path, "file:") && !strings.Contains(path, ":memory:") && !strings.Contains(options, "memory") {
			return fail("give the file's path, sqlite:PATH, not a file: URI")
		}
		return fail("a database in memory would be gone with this process; give a file, sqlite:PATH")
	case strings.ContainsRune(path, 0):
		return fail("the path has a zero byte")
	case os.IsPathSeparator(path[len(path)-1]):
		return fail("the path is that of a directory")
	}
	return path, readOnly, nil
}
