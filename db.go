package sower

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// DB is a database that is filled, or looked at.
type DB struct {
	store sink.Store
	guard *driver.Guard // nil: it may not be written
	log   *slog.Logger
}

// OpenOption is what Open is told beside the address.
type OpenOption func(*opening)

type opening struct {
	driver.Options
	guard    driver.Guard
	readOnly bool
}

// ReadOnly connects for reading: Plan, Rows, Schema and Verify, of any database.
func ReadOnly() OpenOption { return func(o *opening) { o.readOnly = true } }

// CreateFile makes a missing SQLite file.
func CreateFile() OpenOption { return func(o *opening) { o.Create = true } }

// AllowDatabase lets a database of exactly this name be written, though it ends neither in _demo nor in _test.
func AllowDatabase(name string) OpenOption {
	return func(o *opening) { o.guard.Allowed = append(o.guard.Allowed, name) }
}

// AllowSuperuser lets a superuser write to another machine's server.
func AllowSuperuser() OpenOption { return func(o *opening) { o.guard.Superuser = true } }

// TrustCodeOf lets triggers, functions and records of a role of the database run with the rights of the one that connects.
func TrustCodeOf(role string) OpenOption {
	return func(o *opening) { o.TrustCodeOf = append(o.TrustCodeOf, role) }
}

// LockTimeout is how long a lock of another session is waited for: a minute unless given, without limit where negative.
func LockTimeout(d time.Duration) OpenOption { return func(o *opening) { o.LockTimeout = d } }

// Log writes what is done to a logger.
func Log(l *slog.Logger) OpenOption { return func(o *opening) { o.Log = l } }

// Open connects to a database: postgres://user:password@host:port/name, libpq's "key=value ..." or sqlite:PATH. But with
// ReadOnly it is an error where the database may not be written.
func Open(ctx context.Context, address string, options ...OpenOption) (*DB, error) {
	o := opening{Options: driver.Options{Application: "sower"}}
	for _, option := range options {
		option(&o)
	}
	d := driver.Of(address)
	if _, err := driver.DatabaseOf(address); d == nil || err != nil && !o.readOnly {
		return nil, err
	}
	if !o.readOnly {
		if err := o.guard.CheckAddress(address); err != nil {
			return nil, asAllowed(err)
		}
	}
	o.ReadOnly = o.readOnly
	store, err := d.Open(ctx, address, o.Options)
	if err != nil {
		return nil, err
	}
	db := &DB{store: store, log: o.Log}
	if o.readOnly {
		return db, nil
	}
	if err := o.guard.CheckServer(ctx, store); err != nil {
		return nil, errors.Join(asAllowed(err), store.Close())
	}
	db.guard = &o.guard
	return db, nil
}

// asAllowed says by which option what the guard refuses is allowed.
func asAllowed(err error) error {
	var name *driver.NotAllowedError
	var role *driver.SuperuserError
	switch {
	case errors.As(err, &name):
		return fmt.Errorf("%w: sower.AllowDatabase(%q)", err, name.Database)
	case errors.As(err, &role):
		return fmt.Errorf("%w: sower.AllowSuperuser()", err)
	}
	return err
}

// Close closes the connections.
func (db *DB) Close() error { return db.store.Close() }

// Schema reads the tables, columns, keys and checks of the database.
func (db *DB) Schema(ctx context.Context) (*schema.Database, error) { return db.store.Inspect(ctx) }

// CreateTables runs the DDL of a database's own tables.
func (db *DB) CreateTables(ctx context.Context, ddl string) error {
	if err := db.writable(); err != nil {
		return err
	}
	return db.store.CreateSchema(ctx, ddl)
}

func (db *DB) writable() error {
	if db.guard == nil {
		return errors.New("the database was opened with sower.ReadOnly: it is not written")
	}
	return nil
}

// Plan says what Fill with the same options would make: every table with its rows, every column with its generator.
func (db *DB) Plan(ctx context.Context, options ...Option) (*plan.Plan, error) {
	a := asked(options)
	s, err := db.store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	build, err := a.Builder(ctx, db.store, s, a.run.Append, false)
	if err != nil {
		return nil, err
	}
	return build(0)
}

// Rows makes rows of a table as Fill with the same options would make them, from row number first on, which is 0 for the
// table's first row, without those before them and without writing anything. It ends after the table's last row, or with
// an error.
func (db *DB) Rows(ctx context.Context, table string, first int64, options ...Option) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		p, err := db.Plan(ctx, options...)
		if err != nil {
			yield(Row{}, err)
			return
		}
		PlannedRows(ctx, p, table, first)(yield)
	}
}

// Fill fills the database's tables, or completes a fill that was interrupted. Asked for more rows than before, with
// everything else the same, it adds the difference; asked for the same again, it adds nothing (run.Report.State says so).
// The error is a *LeftOutError where tables were left out that nothing satisfies, and all others are filled.
func (db *DB) Fill(ctx context.Context, options ...Option) (*run.Report, error) {
	if err := db.writable(); err != nil {
		return nil, err
	}
	a := asked(options)
	o := a.run
	o.SkipUnsatisfiable = a.Blueprint == nil && !a.Strict
	o.Who, o.Log = request.Who(), db.log
	if a.fresh {
		if err := a.StartAnew(ctx, db.store, run.CleanOptions{Options: o}, nil); err != nil {
			return nil, err
		}
	}
	report, err := a.Generate(ctx, db.store, o, nil)
	if left := report.LeftOut(); err == nil && !a.Skip && len(left) > 0 {
		err = &LeftOutError{Tables: left}
	}
	return report, err
}

// LeftOutError says that a database is filled, but for some tables.
type LeftOutError struct{ Tables []plan.LeftOut }

func (e *LeftOutError) Error() string {
	text := fmt.Sprintf("%s is left out: %s", e.Tables[0].Table, e.Tables[0].Reason)
	if n := len(e.Tables) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// Verify asks the database each rule that the rows of a fill with the same options must obey, makes the rows once more and
// compares every cell. It writes nothing.
func (db *DB) Verify(ctx context.Context, options ...Option) (*run.Verdict, error) {
	a := asked(options)
	build, o, err := db.recorded(ctx, a)
	if err != nil {
		return nil, err
	}
	return run.Verify(ctx, db.store, build, o, nil)
}

// Clean deletes the rows that a fill with the same options made and nobody changed since, and its record.
func (db *DB) Clean(ctx context.Context, options ...Option) (*run.Cleaned, error) {
	if err := db.writable(); err != nil {
		return nil, err
	}
	a := asked(options)
	build, o, err := db.recorded(ctx, a)
	if err != nil {
		return nil, err
	}
	return run.Clean(ctx, db.store, build, run.CleanOptions{Options: o})
}

// Repair brings back indexes and foreign keys that a killed fill had dropped.
func (db *DB) Repair(ctx context.Context) (err error) {
	if err := db.writable(); err != nil {
		return err
	}
	unlock, err := db.store.Lock(ctx, request.Who())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if r, ok := db.store.(sink.Rebuilder); ok {
		if err := run.Repair(ctx, r, run.Options{Log: db.log}, nil); err != nil {
			return err
		}
	}
	return run.Lost(ctx, db.store)
}

// recorded gives what makes the plan of a recorded run.
func (db *DB) recorded(ctx context.Context, a *asking) (run.Builder, run.Options, error) {
	o := a.run
	o.Who, o.Log = request.Who(), db.log
	s, err := db.store.Inspect(ctx)
	if err != nil {
		return nil, o, err
	}
	o.Replan = a.Replan(ctx, db.store, s, nil)
	build, err := a.RecordedBuilder(ctx, db.store, s, o.Append)
	return build, o, err
}

// asking is what the options of a call come to.
type asking struct {
	request.Request
	run   run.Options
	fresh bool
}

func asked(options []Option) *asking {
	a := &asking{Request: request.Request{Seed: 1}}
	for _, option := range options {
		option(a)
	}
	return a
}
