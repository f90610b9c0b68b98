package sink

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Rebuilder is a Store that can load empty tables bare: their secondary indexes and foreign keys, and those primary keys
// and uniques that a target names, are dropped before and built again after, which is faster by far. What is dropped is
// never lost: what restores it stands in a journal inside the database, written in the transaction of the drop.
type Rebuilder interface {
	// Format names the format in which rows of a table travel; "" where there is only one. It asks nobody.
	Format(t *Target) (string, error)
	// Loadings tells how each of the tables would be loaded if they were given to Strip now. It writes nothing.
	Loadings(ctx context.Context, tables []*Target) ([]Loading, error)
	// Strip drops what Restore will build again, of those tables that are empty. It gives the tables that
	// were stripped, and for the others why everything stays in place.
	Strip(ctx context.Context, tables []*Target) (stripped []string, kept map[string]string, err error)
	// Journaled tells what waits in the journal. It writes nothing.
	Journaled(ctx context.Context) (Waiting, error)
	// Pieces gives the indexes and keys of tables that Strip could drop, in an order in which they can be made again. It
	// writes nothing.
	Pieces(ctx context.Context, tables []*Target) ([]Piece, error)
	// Missing gives those of the pieces that are not in place though their tables are, each with a statement that puts it
	// there: a text for people to read, which nobody runs. It writes nothing.
	Missing(ctx context.Context, pieces []Piece) ([]Piece, error)
	// Restore brings back everything in the journal. A store that gathers a table's statistics best beside the rebuilding
	// of others does so for those of r, and notes each; Finish is to be given the others. An error names what could not be
	// restored, and why; that stays in the journal. Where ctx ends, all that is not restored yet stays there.
	Restore(ctx context.Context, r Restoring) error
}

// Unkeyer is a Rebuilder that can take primary keys and uniques away, too.
type Unkeyer interface {
	Rebuilder
	// Unkeyed tells of each table whether a primary key or a unique of it waits in the journal: rows of it are not found
	// by their keys then, or only by reading all of it. It writes nothing.
	Unkeyed(ctx context.Context, tables []*Target) ([]bool, error)
}

// Restoring says how the journal's pieces are restored.
type Restoring struct {
	Connections int            // over which pieces are built at once
	Statistics  []*Target      // tables whose statistics are to be gathered
	Note        func(Restored) // is told of each piece, from one goroutine at a time; may be nil
	Uniques     bool           // only primary keys and uniques are
	Forget      []string       // names of indexes and constraints that are given up
	Stopping    func() bool    // once it says so, statistics are left out; may be nil
}

// Piece is an index or a key, as the record of a run names it.
type Piece struct {
	Key    bool   `json:"key,omitempty"`    // a foreign key
	Unique bool   `json:"unique,omitempty"` // a primary key or a unique constraint
	Table  string `json:"table"`            // as it is shown
	ID     int64  `json:"id,omitempty"`     // of the table, where the database numbers them
	Name   string `json:"name"`
	SQL    string `json:"sql"` // which makes it again
}

// String names it.
func (p Piece) String() string {
	kind := "index"
	switch {
	case p.Key:
		kind = "foreign key"
	case p.Unique:
		kind = "key"
	}
	return kind + " " + p.Name + " of " + p.Table
}

// Waiting are the pieces in a journal.
type Waiting struct {
	Indexes, Keys int
	Unchecked     int // keys that are in place, against which rows that were there before have not been checked
	Uniques       int // primary keys, unique constraints and unique indexes, which Indexes does not count
}

// Total is the number of pieces.
func (w Waiting) Total() int { return w.Indexes + w.Keys + w.Unchecked + w.Uniques }

// String counts them: "3 indexes, 1 foreign key".
func (w Waiting) String() string {
	var parts []string
	for _, x := range []struct {
		n            int
		one, several string
	}{{w.Uniques, "primary key or unique", "primary keys and uniques"}, {w.Indexes, "index", "indexes"}, {w.Keys, "foreign key", "foreign keys"}, {w.Unchecked, "foreign key that is not validated", "foreign keys that are not validated"}} {
		switch x.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+x.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", x.n, x.several))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// Loading is how a table would be loaded.
type Loading struct {
	Indexes, Keys int    // that Strip would take away
	Uniques       int    // primary keys and uniques that it would
	Kept          string // why everything stays in place; "" where it does not
}

// Restored is one piece that Restore has brought back, or is at.
type Restored struct {
	Phase      string // "uniques", "indexes", "keys", "statistics"
	Name       string // of the index or constraint, with its table; of the target whose statistics were gathered
	Done       int    // pieces of the phase restored so far
	Of         int
	Underway   bool          // it takes long and is not done yet
	Percent    int           // of what is under way, where that is known; 0 elsewhere
	Connection int           // that does it, from 1
	Took       time.Duration // of what is done
}

// How often a piece that takes long is noted.
const (
	firstUnderway = 2 * time.Second
	nextUnderway  = 10 * time.Second
)

// Underway calls note now and then, first after two seconds, until stop is called, which waits for a call that is under way.
func Underway(note func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for wait := firstUnderway; ; wait = nextUnderway {
			select {
			case <-done:
				return
			case <-time.After(wait):
				note()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
