package sink

import (
	"context"

	"github.com/sowerdata/sower/column"
)

// Cleaner is a Store that can take rows back.
type Cleaner interface {
	// Clean opens a cleaning. With dry, nothing that others could see is written.
	Clean(ctx context.Context, dry bool) (Cleaning, error)
}

// Cleaning takes rows of a run away: first they are read and marked, then what hangs on them is looked
// at, then they are deleted. A mark is of a row as it was read: one that changes after stays. It belongs
// to one goroutine, and no other call of its Store may be made before it is closed.
type Cleaning interface {
	// Read is Store.ReadRows, and gives the place of each row that was found.
	Read(ctx context.Context, t *Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, places []Place, err error)
	// Scan reads all rows of t, some at a time. rows is valid only during the call of each, which may call Mark.
	Scan(ctx context.Context, t *Target, each func(rows *column.Batch, places []Place) error) error
	// Mark says that rows of t are the run's, in the order in which they were made. Those that are kept stay.
	Mark(ctx context.Context, t *Target, places []Place, kept bool) error
	// Spare keeps every marked row that a kept one refers to, on and on, and gives their numbers by target.
	Spare(ctx context.Context) (map[string]int64, error)
	// MarkReferring marks the rows of t, without a mark, that refer to rows that are to go, and gives their number.
	MarkReferring(ctx context.Context, t *Target) (int64, error)
	// Dependents counts the rows of others (without a mark) that refer to rows that are to go.
	Dependents(ctx context.Context) ([]Dependent, error)
	// Marked is the number of rows of t that are to go.
	Marked(ctx context.Context, t *Target) (int64, error)
	// Begin records that the run is whole no more. counted are the targets whose rows only the ledger tells
	// from others, with their rows: of a run that was complete, the ledger gets them back.
	Begin(ctx context.Context, r *Run, counted map[string]int64) error
	// Empty deletes, at once, the rows of those tables that hold nothing but marked rows that go, where that is the
	// same to others as deleting every row, and gives their numbers by target. What it leaves is for Delete.
	Empty(ctx context.Context) (map[string]int64, error)
	// Delete deletes the marked rows of t that are not kept, the last ones first, in transactions of n rows;
	// with whole in one transaction, and their ledger rows with them. It gives the number deleted.
	Delete(ctx context.Context, t *Target, n int64, whole bool, each func(deleted int64)) (int64, error)
	// DeleteTogether deletes them from tables that refer to one another, in one transaction.
	DeleteTogether(ctx context.Context, tables []*Target) (deleted []int64, err error)
	// Forget deletes the record of a run, and with the last one the tables in which runs are recorded. left
	// says why something of these had to stay, "" where nothing did.
	Forget(ctx context.Context, run int64) (left string, err error)
	// Whole tells that nothing stands before Finish.
	Whole() bool
	// Finish makes everything stand that does not yet.
	Finish(ctx context.Context) error
	// Close ends the cleaning; what does not stand is undone.
	Close() error
}

// Place is where a row stands, and in which version, in the database's own terms.
type Place string

// Dependent is a foreign key by which rows of others refer to rows that are to go.
type Dependent struct {
	Table, Constraint string // of those who refer
	Parent            string
	Rows              int64
}

// Emptier is a Cleaning that takes tables as they are, without a mark for each row.
type Emptier interface {
	// Emptyable tells of each table whether it has that many rows, and may be emptied at once: where that is the same to
	// others as deleting every row, and no table refers to it but such ones.
	Emptyable(ctx context.Context, tables []*Target, rows []int64) ([]bool, error)
	// ScanWhole is Scanner.ScanBeside; the cleaning remembers which versions of rows are read.
	ScanWhole(ctx context.Context, t *Target, connections int, each func(reader int, rows *column.Batch) error) error
	// Take says which of the tables that ScanWhole has read go whole, in the place of those that were said before, and
	// tells of each whether it can: no table refers to it but such ones.
	Take(tables []*Target) []bool
	// EmptyTaken empties them, and their ledger, in one transaction. False: nothing was changed, since one of them no
	// longer holds what was read, or others use it.
	EmptyTaken(ctx context.Context) (bool, error)
}
