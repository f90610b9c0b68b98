package sink

import (
	"context"
	"time"
)

// Pricer is a Store that estimates how long its database works on rows that are loaded. It writes nothing.
type Pricer interface {
	// Price gives what each load takes, in the order of loads. The estimate goes by figures that were measured once, times
	// how much slower than there the database answers now, which it gives too.
	Price(ctx context.Context, loads []Load) (prices []Price, slower float64, err error)
}

// Load is a table that is to be filled.
type Load struct {
	Target  *Target
	Loading Loading   // as Rebuilder.Loadings gives it
	Rows    int64     // to come
	Bytes   []float64 // of a cell on average, for each of the target's columns
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

// Price is how long a database works for a table, each figure that of one connection by itself.
type Price struct {
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
