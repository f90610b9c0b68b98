package sink

import (
	"context"
	"errors"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// ErrRefused marks an error from Write or Commit by which a rule of the table, or one of its triggers, did not
// take a row. The same rows will not be taken again.
var ErrRefused = errors.New("the database does not take a row")

// ErrParent marks an ErrRefused by which a row refers to a row that is not there.
var ErrParent = errors.New("a row refers to one that is not there")

// RefusedBy is within an error that marks a refusal by a trigger of one of several tables: which one.
type RefusedBy struct{ Table *schema.Table }

func (r *RefusedBy) Error() string { return "a trigger of " + r.Table.Name + " refused it" }

// TriggerReader is a Store that tells which triggers write a table.
type TriggerReader interface {
	// Writers gives the enabled insert triggers of the tables in of whose text names t and writes.
	Writers(ctx context.Context, t *schema.Table, of []*schema.Table) ([]Writer, error)
}

// Writer is a trigger that writes.
type Writer struct {
	Table    *schema.Table // whose trigger it is
	Trigger  string
	Function string // that it calls; "" where it has none of its own
}

// Prober is a Store that tries rows one by one.
type Prober interface {
	// Try writes each row of b by itself, checks of the commit included, and undoes it: at once, or, where they are tried
	// together, once all were written, so that a row meets those before it that were taken. It gives what each row met
	// with: nil where it was taken.
	Try(ctx context.Context, t *Target, b *column.Batch, together bool) ([]error, error)
}
