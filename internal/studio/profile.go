package studio

import (
	"fmt"
	"strconv"

	"github.com/sowerdata/sower/internal/profile"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

const (
	sampleRows   = 2000    // of a profile
	familyRows   = 200_000 // of a table whose rows are counted by parent: all of them
	mostFamilies = 12      // sizes of families that have a bar of their own
)

// Profile samples a column: rows at equal distances from the first to the last.
func (w *Workbench) Profile(table, name string) (*Profile, error) {
	p, err := w.current()
	if err != nil {
		return nil, err
	}
	t, err := p.made(table)
	if err != nil {
		return nil, err
	}
	c, err := columnNamed(t, name)
	if err != nil {
		return nil, err
	}
	out := &Profile{Shown: p.at, Table: table, Column: name, Of: t.Rows, Plots: []Plot{}, Readings: []Reading{}}
	for _, r := range w.options.Reasons[[2]string{table, name}].Readings {
		r.Why = shown.Text(r.Why)
		out.Readings = append(out.Readings, r)
	}
	sample, err := profile.Planned(t, []*plan.Column{c}, sampleRows)
	if err != nil {
		return nil, err
	}
	made := profile.Of(sample.Cells(0, nil))
	side := made.Sides[0]
	out.Sampled, out.Nulls, out.Distinct, out.Least, out.Greatest = side.Cells, side.Nulls, side.Distinct, side.Least, side.Greatest
	for _, p := range made.Plots {
		out.Plots = append(out.Plots, plotOf(p))
	}
	if c.Link != nil && c.Link.Table == t && c.Link.Target != nil && t.Rows > 0 && t.Rows <= familyRows {
		plot, err := families(t, c.Link)
		if err != nil {
			return nil, err
		}
		out.Plots = append(out.Plots, *plot)
	}
	return out, nil
}

// plotOf is a picture as the page has it.
func plotOf(p profile.Plot) Plot {
	out := Plot{Title: p.Title, Kind: p.Kind}
	for _, b := range p.Bars {
		out.Bars = append(out.Bars, Bar{Label: b.Label, Count: b.Counts[0]})
	}
	return out
}

// families counts how many rows of the parent have how many rows here, from every row of the table.
func families(t *plan.Table, link *plan.Column) (*Plot, error) {
	plot := &Plot{Title: "rows for each row of " + shown.Text(link.Target.Name), Kind: "histogram"}
	sizes := map[int64]int64{}
	var m rows.Maker
	const batch = 5000
	for first := int64(0); first < t.Rows; first += batch {
		b, err := m.Batch(t, []*plan.Column{link}, first, int(min(batch, t.Rows-first)))
		if err != nil {
			return nil, err
		}
		for i := range b.N {
			if !b.Vecs[0].Null(i) {
				sizes[b.Vecs[0].Ints[i]]++
			}
		}
	}
	var greatest int64
	for _, n := range sizes {
		greatest = max(greatest, n)
	}
	width := greatest/mostFamilies + 1
	for from := int64(0); from <= greatest; from += width {
		name := strconv.FormatInt(from, 10)
		if width > 1 {
			name += "–" + strconv.FormatInt(from+width-1, 10)
		}
		plot.Bars = append(plot.Bars, Bar{Label: name})
	}
	for _, n := range sizes {
		plot.Bars[n/width].Count++
	}
	plot.Bars[0].Count += max(link.Target.Rows-int64(len(sizes)), 0)
	if link.Target.Rows > 0 {
		plot.Title += fmt.Sprintf(", %.3g on average", float64(t.Rows)/float64(link.Target.Rows))
	}
	return plot, nil
}
