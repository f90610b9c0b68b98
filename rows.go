package sower

import (
	"context"
	"fmt"
	"iter"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// Row is one row of a table.
type Row struct {
	batch *column.Batch
	at    int
}

// Number is the row's number in its table, from 0.
func (r Row) Number() int64 { return r.batch.First + int64(r.at) }

// Columns are the names of the row's columns.
func (r Row) Columns() []string { return r.batch.Names }

// Text gives a cell as text, in the form in which a database takes it. ok is false where it is null, or there is no such
// column.
func (r Row) Text(name string) (text string, ok bool) {
	v := r.batch.Col(name)
	if v == nil || v.Null(r.at) {
		return "", false
	}
	return v.String(r.at), true
}

// batchRows is how many rows are made at a time.
const batchRows = 256

// PlannedRows makes rows of a planned table, from row number first on. It ends after the table's last row, or with an error.
func PlannedRows(ctx context.Context, p *plan.Plan, table string, first int64) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		t := p.Table(table)
		switch {
		case t == nil:
			yield(Row{}, fmt.Errorf("the plan has no table %q", table))
			return
		case first < 0:
			yield(Row{}, fmt.Errorf("%s: row %d: rows are numbered from 0", table, first))
			return
		}
		var m rows.Maker
		for ; first < t.Rows; first += batchRows {
			if err := ctx.Err(); err != nil {
				yield(Row{}, err)
				return
			}
			b, err := m.Batch(t, t.Out, first, int(min(batchRows, t.Rows-first)))
			if err != nil {
				yield(Row{}, err)
				return
			}
			for i := range int(min(batchRows, t.Rows-first)) {
				if !yield(Row{b, i}, nil) {
					return
				}
			}
		}
	}
}
