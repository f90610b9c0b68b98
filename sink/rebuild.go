package sink

import "context"

// Rebuilder is a Store that can load empty tables bare: their secondary indexes and foreign keys are
// dropped before and built again after, which is faster by far. What is dropped is never lost: the DDL
// that restores it stands in a journal inside the database, written in the transaction of the drop.
type Rebuilder interface {
	// Loadings tells how each of the tables would be loaded if it were given to Strip now. It writes nothing.
	Loadings(ctx context.Context, tables []*Target) ([]Loading, error)
	// Strip drops what Restore will build again, of those tables that are empty. It gives the tables that
	// were stripped, and for the others why everything stays in place.
	Strip(ctx context.Context, tables []*Target) (stripped []string, kept map[string]string, err error)
	// Journaled is the number of pieces that wait in the journal. It writes nothing.
	Journaled(ctx context.Context) (int, error)
	// Restore brings back everything in the journal over several connections at once, and calls note, which may be
	// nil, as it goes. A store that gathers a table's statistics best beside the rebuilding of others does so for the
	// tables in statistics, and notes each; Finish is to be given the others. An error names what could not be
	// restored, and why; that stays in the journal.
	Restore(ctx context.Context, connections int, statistics []*Target, note func(Restored)) error
}

// Loading is how a table would be loaded.
type Loading struct {
	Indexes, Keys int    // that Strip would take away
	Kept          string // why everything stays in place; "" where it does not
	Format        string // in which rows travel; "" where there is only one
}

// Restored is one piece that Restore has brought back.
type Restored struct {
	Phase string // "indexes", "keys", "statistics"
	Name  string // of the index or constraint, with its table; of the target whose statistics were gathered
	Done  int    // pieces of the phase restored so far
	Of    int
}
