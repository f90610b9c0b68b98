package sink

import (
	"context"

	"github.com/sowerdata/sower/column"
)

// Joiner is a Store that can load tables which refer to one another in a circle while their foreign keys
// are in place.
type Joiner interface {
	// Edges gives the foreign keys between different ones of the tables that the database holds every new
	// row to now.
	Edges(ctx context.Context, tables []*Target) ([]Edge, error)
	// Join opens a Group over the tables.
	Join(ctx context.Context, tables []*Target) (Group, error)
}

// Edge is a foreign key of one table that refers to another, by their places in a list.
type Edge struct {
	From, To   int
	Deferrable bool // it can wait for the commit
}

// Group loads several tables as one transaction: rows may refer to rows of any of them, and all stand,
// with their ledger rows, or none. It belongs to one goroutine.
type Group interface {
	// Order is the order in which the tables are to be written, by their places.
	Order() []int
	// Write adds a batch of the table at a place. b is valid only during the call.
	Write(ctx context.Context, table int, b *column.Batch) error
	// Commit makes everything stand, and gives the number of rows of each table.
	Commit(ctx context.Context) (rows []int64, err error)
	// Close releases the group; what is not committed is undone. After a failed Write or Commit it is the only call
	// that is allowed.
	Close() error
}

// Arrange orders n tables so that no edge leads from a table to a later one; false where they go round in
// a circle.
func Arrange(n int, edges []Edge) (order []int, ok bool) {
	waits := make([]int, n)
	for _, e := range edges {
		waits[e.From]++
	}
	for len(order) < n {
		next := -1
		for i, w := range waits {
			if w == 0 {
				next = i
				break
			}
		}
		if next < 0 {
			return nil, false
		}
		waits[next] = -1
		order = append(order, next)
		for _, e := range edges {
			if e.To == next {
				waits[e.From]--
			}
		}
	}
	return order, true
}
