package sink

import (
	"context"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Truth is what a condition says of a row.
type Truth int8

// The truth values of SQL. A check constraint takes a row of which it says Unknown.
const (
	Unknown Truth = -1 // null
	False   Truth = 0
	True    Truth = 1
)

// Oracle is a Store that tells what its own expressions say of rows that do not stand in it. It writes
// nothing, so that a standby or a role that may only read can be asked as well. Columns that a batch does
// not have are null, but for generated ones, which the database computes.
type Oracle interface {
	// Holds tells what an expression over the columns of t, as the schema has it, says of each row of b. In the
	// check of a domain VALUE is the only column of b, or the one of t.Checks. An error names the expression.
	Holds(ctx context.Context, t *schema.Table, expression string, b *column.Batch) ([]Truth, error)
	// Distinct gives the rows of b, in order, that an earlier row clashes with under a unique index of t over
	// these expressions, partial where the condition where is not "". Rows with a null in the index do not
	// clash, unless the index says NULLS NOT DISTINCT.
	Distinct(ctx context.Context, t *schema.Table, expressions []string, where string, b *column.Batch) (duplicates []int, err error)
	// Keys reads the cells of some columns, in the kinds of their types, of the first limit rows of t by its
	// primary key, or by these columns where it has none. Texts are in the order of their bytes. Tables that
	// inherit from t are not read.
	Keys(ctx context.Context, t *schema.Table, columns []string, limit int64) (*column.Batch, error)
}

// Tail is a Store that reads the last row of a table.
type Tail interface {
	// Last reads the cells of some columns of the row with the largest value in the first of them, an integer; a batch
	// without rows where there is none.
	Last(ctx context.Context, t *schema.Table, columns []string) (*column.Batch, error)
}

// Counter is a Store that counts rows.
type Counter interface {
	// CountRows is the number of rows of t, whoever wrote them.
	CountRows(ctx context.Context, t *schema.Table) (int64, error)
}
