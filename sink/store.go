package sink

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// Store is a database: a sink that can also be read, that remembers runs, and that reserves keys.
type Store interface {
	Sink
	// Dialect writes SQL for this database.
	Dialect() gen.Dialect
	// DatabaseName is the server's own word for the database that this connection is in (SQLite: the
	// file's base name without its ending, symlinks resolved).
	DatabaseName(ctx context.Context) (string, error)
	// Inspect reflects the schema.
	Inspect(ctx context.Context) (*schema.Database, error)
	// CreateSchema runs DDL, all in one transaction.
	CreateSchema(ctx context.Context, ddl string) error

	// Lock takes the database for one live run; a second gets an ErrLocked that says who holds it.
	Lock(ctx context.Context, who string) (unlock func() error, err error)
	// Runs gives the recorded runs in order of their numbers; none where no run was ever recorded.
	// It writes nothing, and needs no right to write.
	Runs(ctx context.Context) ([]*Run, error)
	// SaveRun records a run (inserts it and sets its Number where that is 0, else updates it), and makes
	// the record's tables where they are missing.
	SaveRun(ctx context.Context, r *Run) error
	// UseRun names the run that the ledger rows of Loaders opened from now on belong to.
	UseRun(number int64)
	// Ledger gives what is committed of a run's table, in order of parts and rows.
	Ledger(ctx context.Context, run int64, table string) ([]Entry, error)
	// SaveLedger puts entries in the place of those that the ledger has for a run's table.
	SaveLedger(ctx context.Context, run int64, table string, entries []Entry) error
	// ClearLedger forgets the ledger of a run whose rows are gone.
	ClearLedger(ctx context.Context, run int64) error

	// Reserve takes n values of the integer key column of t for this run, for good: it moves the
	// sequence (where one feeds the column) beyond them and beyond all standing keys, and gives the
	// first of them.
	Reserve(ctx context.Context, t *schema.Table, col string, n int64) (first int64, err error)
	// Standing gives the indexes i of those values whose value already stands in t.col, in order.
	// The values are not null.
	Standing(ctx context.Context, t *schema.Table, col string, values *column.Vec) ([]int, error)
	// ReadRows reads the rows of t whose key column has one of the given values, in the order of keys:
	// dst (one Vec a column of target, Reset by the callee to target.Kinds) gets a row for each key that
	// stands, and found[i] tells which do. Values come back as the cells that were written.
	ReadRows(ctx context.Context, t *Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, err error)
	// ScanRows reads all rows of t, some at a time, in an order of the database's own. rows is valid only during the
	// call of each.
	ScanRows(ctx context.Context, t *Target, each func(rows *column.Batch) error) error
	// SampleRows is ScanRows for about that share of the rows, above 0 and below 1, from all over the table: the same
	// ones each time, as long as the table stays as it is.
	SampleRows(ctx context.Context, t *Target, share float64, each func(rows *column.Batch) error) error
	Counter
	// QueryInt runs a query that gives one integer. Where keys is not nil it is the query's parameter
	// (see gen.Dialect.InKeys).
	QueryInt(ctx context.Context, sql string, keys *column.Vec) (int64, error)
	// QueryInts runs a query that gives one row of n integers.
	QueryInts(ctx context.Context, sql string, keys *column.Vec, n int) ([]int64, error)
}

// Scanner is a Store that reads a table over several connections at once.
type Scanner interface {
	// ScanBeside is Store.ScanRows over several connections, all of which see the rows of one moment. each is called by as
	// many goroutines, with the number of its reader, from 0; rows is valid only during the call.
	ScanBeside(ctx context.Context, t *Target, connections int, each func(reader int, rows *column.Batch) error) error
}

// Checker is a Store that can tell beforehand what of the server, the role and the tables would make a load
// fail.
type Checker interface {
	// Check gives one error for all that is in the way; nil where nothing is. It writes nothing.
	Check(ctx context.Context, tables []*Target) error
}

// Guarded is a Store that tells what makes it riskier to write to than it looks.
type Guarded interface {
	// Risks looks at the server, the role and some tables. It writes nothing.
	Risks(ctx context.Context, tables []*schema.Table) (*Risks, error)
}

// Risks are reasons to think twice.
type Risks struct {
	Standby    bool     // the server is in recovery: it takes no writes
	Superuser  string   // the role, where it is a superuser; "" where it is none
	Remote     string   // the server's address, where that is another machine's; "" where it is this one's
	Replicated []string // tables whose changes others receive, with the publication: "public.users (publication p)"
}

// ErrReplicated says that what is written would go on to the subscribers of other databases.
var ErrReplicated = errors.New("changes of these tables are replicated to other databases")

// Run is the record of one run, as provenance stores it.
type Run struct {
	Number    int64 // from 1
	Blueprint string
	State     State
	Identity  string // hash of what decides the rows: blueprint, parameters, seed, output version
	Plan      []byte // the resolved plan, JSON
	Version   string // of the binary that made it
	Started   time.Time
	Finished  time.Time // zero while not finished
	Shape     []byte    // the schema that it was made for (schema.Shape, JSON); SaveRun keeps what is recorded where it is nil
	Grows     int64     // number of the run that this one adds rows to, because more were asked for; 0: none
	// Batches are the bounds of batches, frozen while loaders of several processes share the run (JSON, as package run
	// writes it): the run is in the middle of its phases. nil: it is not.
	Batches []byte
	Shards  int // by which it is loaded, or was; 0: it was not, or no loader has come yet
}

// Form is the version of the form in which databases keep the record of runs. A store reads older forms as they are,
// and brings them to this one when it first writes.
//
//  1. runs; the ledger of a run that is not whole
//  2. the form itself; ledgers stay, with digests and parts; the schema; room for shards and frozen batches
const Form = 2

// ErrForm says that a newer version of sower keeps the record of runs in a form that this one does not know.
var ErrForm = errors.New("the record of runs has a newer form")

// FormError is ErrForm with its numbers.
func FormError(form int64, by string) error {
	return fmt.Errorf("%w: form %d, made by sower %s, and this version knows forms up to %d: use sower %s or a later one; nothing was read or changed",
		ErrForm, form, by, Form, by)
}

// Entry is a range of rows that was committed as a whole, as the ledger keeps it.
type Entry struct {
	Range
	Part   int            // 0: the rows themselves; k: their cells in the columns that part k of the run added
	Digest *column.Digest // of what was written; nil where an older form of the record has none
}

// State of a run.
type State string

// The states of a run.
const (
	Running    State = "running"    // begun and not whole: live, or interrupted
	Complete   State = "complete"   // all rows stand
	Superseded State = "superseded" // its rows were gone when a later run began
)

// ErrLocked says that another run is live. It wraps the text that names it.
var ErrLocked = errors.New("another run is using this database")

// ErrUnique marks an error from Write or Commit that was a unique violation. Sinks wrap it so that
// errors.Is finds it.
var ErrUnique = errors.New("a unique value already stands")

// ErrRetry marks an error after which nothing of a loader's transaction stands, and the same again may
// succeed: a deadlock, a connection that was lost before the commit.
var ErrRetry = errors.New("nothing of it stands, and it may be tried again")

// ErrConnections marks an error by which there is no further connection. Those that are open work on.
var ErrConnections = errors.New("no more connections are to be had")

// ErrStands marks an error from Write by which the ledger has the batch already: another loader has committed it, and
// nothing of this one stands.
var ErrStands = errors.New("the batch stands already")

// ErrReadOnly marks a database, or a role, that does not take writes.
var ErrReadOnly = errors.New("the database is read-only")

// Filler is a Store that can fill columns that came after the rows.
type Filler interface {
	// MayFill is an error where Fill would run code that is not trusted. It is asked before anything is written.
	MayFill(ctx context.Context, tables []*Target) error
	// Fill gives rows that exist their cells in some columns, as one transaction with an entry in the ledger of the run
	// that UseRun named, of the given part. The first keys columns of t find the row; of the others, cells are written
	// that are null or the column's default, which has to be constant. It gives the number of rows that were found, and
	// by column, in order, the places in b of those that have another cell after all.
	Fill(ctx context.Context, t *Target, keys int, b *column.Batch, part int) (rows int64, kept map[string][]int, err error)
}
