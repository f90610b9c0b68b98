package sink

import (
	"context"

	"github.com/sowerdata/sower/column"
)

// Rehearsed are rows of a table that are tried.
type Rehearsed struct {
	Target *Target
	Batch  *column.Batch
}

// Rehearser is a Store that tries rows of several tables together.
type Rehearser interface {
	// Rehearse writes the rows of some tables in order, checks of the commit included, within one transaction that it
	// undoes: a row meets those before it that were taken. For each table it gives what each row met with, nil where it
	// was taken.
	Rehearse(ctx context.Context, list []Rehearsed) ([][]error, error)
}
