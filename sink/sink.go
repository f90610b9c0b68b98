package sink

import (
	"context"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Sink takes rows.
type Sink interface {
	// Loader opens a loader for one table. Several may be open at once; each belongs to one goroutine.
	Loader(ctx context.Context, t *Target) (Loader, error)
	// Finish ends a load of whole tables: statistics, files put in place.
	Finish(ctx context.Context, tables []*Target) error
	// Close releases what the sink holds. Without Finish, files do not appear.
	Close() error
}

// Separate is a Sink that is faster where its loaders are of different tables.
type Separate interface {
	Sink
	// Separate only marks it.
	Separate()
}

// Target is one table to load and the columns that batches bring, in order.
type Target struct {
	Table   *schema.Table // name and types; a sink that is no database may find no columns in it
	Name    string        // as the plan and the ledger name it
	Columns []string
	Kinds   []column.Kind
	First   int64 // number of the first row to come; a sink that keeps rows in order begins there
	Keys    bool  // Strip takes only foreign keys away
	// Uniques are the names of primary keys, unique constraints and unique indexes in which all rows to come are distinct:
	// those of them are taken away, too, to which nothing refers but foreign keys that are.
	Uniques []string
}

// Loader loads batches of one table. Write and Commit make one transaction: all batches written since
// the last Commit stand whole after it, together with their ledger rows, or not at all.
type Loader interface {
	// Write adds a batch. b is valid only during the call.
	Write(ctx context.Context, b *column.Batch) error
	// Commit makes what was written stand and gives the number of rows, as the receiver counted them.
	Commit(ctx context.Context) (rows int64, err error)
	// Close releases the loader; what was written and not committed is undone. After a failed Write or
	// Commit, Close is the only call that is allowed.
	Close() error
}

// Range is a run of row numbers of a table.
type Range struct {
	First, N int64
}
