package sink

import (
	"context"
	"time"

	"github.com/sowerdata/sower/column"
)

// Pricer is a Store that estimates how long its database works on rows that are loaded, and what room they take. It
// writes nothing.
type Pricer interface {
	// Price gives what each load takes. The estimate goes by figures that were measured once, times how much slower than
	// there the database answers now: slower, as an earlier call gave it, or 0 to find that out by a short trial.
	Price(ctx context.Context, loads []Load, slower float64) (*Prices, error)
}

// Prices are what loads take.
type Prices struct {
	Of     []Price // in the order of the loads
	Slower float64 // how many times slower the database is than where the figures were measured
	Holds  float64 // bytes that the database has on disk before them
	Record float64 // bytes that the record of a run takes beside its rows
}

// Load is a table that is to be filled.
type Load struct {
	Target  *Target
	Loading Loading       // as Rebuilder.Loadings gives it
	Rows    int64         // to come
	Bytes   []float64     // of a cell on average, for each of the target's columns
	Sample  *column.Batch // some of the rows, with the target's columns
}

// RowBytes is the size of a row's cells on average.
func (l *Load) RowBytes() (sum float64) {
	for _, b := range l.Bytes {
		sum += b
	}
	return sum
}

// CellBytes is the size of a column's cells on average; 8 for a column that the target does not have.
func (l *Load) CellBytes(column string) float64 {
	for i, name := range l.Target.Columns {
		if name == column {
			return l.Bytes[i]
		}
	}
	return 8
}

// Price is what a database takes for a table. Times are those of one connection by itself.
type Price struct {
	Bytes  float64         // on disk: rows and indexes
	Rows   time.Duration   // to take the rows, with what stays in place meanwhile
	Serial bool            // the database does one thing at a time, for all tables
	Pieces []time.Duration // to build each of the indexes and keys after the load, and to gather statistics
}

// Build is the time of all pieces, one after another.
func (p *Price) Build() (sum time.Duration) {
	for _, d := range p.Pieces {
		sum += d
	}
	return sum
}
