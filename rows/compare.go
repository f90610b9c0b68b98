package rows

import (
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
)

// Difference is what differs between two plans in one table, or in one of its columns.
type Difference struct {
	Table  string   `json:"table"`
	Column string   `json:"column,omitempty"` // "" where it is the table itself
	Change Change   `json:"change"`
	Rows   [2]int64 `json:"rows,omitzero"`    // of a table whose number of rows changes: before and after
	Cells  int64    `json:"cells,omitempty"`  // of a changed column: cells that differ
	Of     int64    `json:"of,omitempty"`     // of a changed column: cells that were compared
	Before string   `json:"before,omitempty"` // how a column is filled in the one plan
	After  string   `json:"after,omitempty"`  // and in the other
}

// Change says how something differs.
type Change string

// The changes.
const (
	New     Change = "new"     // in the second plan alone
	Gone    Change = "gone"    // in the first plan alone
	Changed Change = "changed" // in both: other cells, or another number of rows
)

// Compare makes the first rows of each table, most of them at the most, by two plans and tells what differs:
// tables in the order of the second plan, those that are gone behind them.
func Compare(a, b *plan.Plan, most int64) (out []Difference, err error) {
	for _, tb := range b.Tables {
		ta := a.Table(tb.Name)
		switch {
		case ta == nil:
			out = append(out, Difference{Table: tb.Name, Change: New, Rows: [2]int64{0, tb.Rows}})
			continue
		case ta.Rows != tb.Rows:
			out = append(out, Difference{Table: tb.Name, Change: Changed, Rows: [2]int64{ta.Rows, tb.Rows}})
		}
		if out, err = compareTable(out, ta, tb, min(ta.Rows, tb.Rows, most)); err != nil {
			return nil, err
		}
	}
	for _, ta := range a.Tables {
		if b.Table(ta.Name) == nil {
			out = append(out, Difference{Table: ta.Name, Change: Gone, Rows: [2]int64{ta.Rows, 0}})
		}
	}
	return out, nil
}

func compareTable(out []Difference, ta, tb *plan.Table, n int64) ([]Difference, error) {
	var ma, mb Maker
	ba, err := ma.Batch(ta, ta.Out, 0, int(n))
	if err != nil {
		return nil, err
	}
	bb, err := mb.Batch(tb, tb.Out, 0, int(n))
	if err != nil {
		return nil, err
	}
	for i, c := range tb.Out {
		d := Difference{Table: tb.Name, Column: c.Name, After: describe(c)}
		at := slices.Index(ba.Names, c.Name)
		if at < 0 {
			d.Change = New
			out = append(out, d)
			continue
		}
		d.Before = describe(ta.Out[at])
		if d.Cells, d.Of = differing(ba.Vecs[at], bb.Vecs[i]), n; d.Cells > 0 {
			d.Change = Changed
			out = append(out, d)
		}
	}
	for _, c := range ta.Out {
		if !slices.Contains(bb.Names, c.Name) {
			out = append(out, Difference{Table: tb.Name, Column: c.Name, Change: Gone, Before: describe(c)})
		}
	}
	return out, nil
}

// differing counts the cells that are not the same; those of different kinds are compared as texts.
func differing(a, b *column.Vec) (n int64) {
	for i := range a.Len() {
		same := a.Null(i) == b.Null(i) && (a.Null(i) || a.String(i) == b.String(i))
		if !same {
			n++
		}
	}
	return n
}

func describe(c *plan.Column) string {
	if n := c.Shared(); n != nil {
		return n.Fill.String()
	}
	return "differs from part to part"
}
