package studio

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// mostRows are the rows that one request may ask for; mostCell are the characters of a cell that are sent.
const (
	mostRows = 500
	mostCell = 400
)

// Rows makes rows of a table from row first on, at most as many as there are. No row before them is made.
func (w *Workbench) Rows(table string, first int64, n int) (*Rows, error) {
	p, err := w.current()
	if err != nil {
		return nil, err
	}
	t, err := p.made(table)
	if err != nil {
		return nil, err
	}
	first = max(0, min(first, t.Rows))
	n = int(min(int64(min(max(n, 0), mostRows)), t.Rows-first))
	out := &Rows{Shown: p.at, Table: table, First: first, Columns: []string{}, Cells: make([][]*string, n)}
	cols := append([]*plan.Column{}, t.Out...)
	at := map[*plan.Column]int{} // of link columns
	for _, c := range t.Out {
		out.Columns = append(out.Columns, shown.Text(c.Name))
		if c.Link != nil && c.Link.Table == t {
			if _, there := at[c.Link]; !there {
				at[c.Link] = len(cols)
				cols = append(cols, c.Link)
			}
		}
	}
	var m rows.Maker
	b, err := m.Batch(t, cols, first, n)
	if err != nil {
		return nil, err
	}
	for r := range n {
		out.Cells[r] = make([]*string, len(t.Out))
		for i := range t.Out {
			out.Cells[r][i] = cell(b.Vecs[i], r)
		}
	}
	for _, c := range t.Out {
		parents := []int64{}
		if k, ok := at[c.Link]; ok {
			for r := range n {
				row := int64(-1)
				if v := b.Vecs[k]; !v.Null(r) {
					row = v.Ints[r]
				}
				parents = append(parents, row)
			}
		}
		out.Parents = append(out.Parents, parents)
	}
	return out, nil
}

// columnNamed finds a column that is written.
func columnNamed(t *plan.Table, name string) (*plan.Column, error) {
	for _, c := range t.Out {
		if shown.Text(c.Name) == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%s has no column %q", t.Name, name)
}

// cell gives a cell as the page shows it: nil for a null.
func cell(v *column.Vec, i int) *string {
	if v.Null(i) {
		return nil
	}
	text := v.String(i)
	if len(text) > mostCell {
		runes := []rune(text)
		if len(runes) > mostCell {
			text = string(runes[:mostCell]) + "…"
		}
	}
	text = shown.Text(text)
	return &text
}
