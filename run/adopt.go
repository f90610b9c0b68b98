package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// adopt lets existing rows take the place of fixed rows: of those that say so (adopt: true) by their key, whatever the
// other cells are; of all others by the cells of a unique that the blueprint gives, where all cells that it gives are the
// same. So a fixed row stays one row, however many runs there are.
func (g *generation) adopt(ctx context.Context) error {
	for _, t := range filled(g.plan) {
		if t.Schema == nil || len(t.Named) == 0 {
			continue
		}
		n, err := g.store.CountRows(ctx, t.Schema)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		for _, name := range slices.SortedFunc(maps.Keys(t.Named), func(a, b string) int { return int(t.Named[a] - t.Named[b]) }) {
			row := t.Named[name]
			if row >= t.Rows {
				continue
			}
			found, err := g.existing(ctx, t, name, row)
			if err != nil {
				return fmt.Errorf("%s: the fixed row %s: %w", t.Name, name, err)
			}
			if found == nil {
				continue
			}
			if err := g.takePlace(t, row, found); err != nil {
				return err
			}
			g.report.Adopted = append(g.report.Adopted, t.Name+" "+name)
		}
	}
	return nil
}

// takePlace lets a row of one, with all cells of the table, be a row of the plan.
func (g *generation) takePlace(t *plan.Table, row int64, found *column.Batch) error {
	cells := map[string]*string{}
	for i, c := range t.Out {
		cells[c.Name] = nil
		if !found.Vecs[i].Null(0) {
			text := found.Vecs[i].String(0)
			cells[c.Name] = &text
		}
	}
	if err := t.Adopt(row, cells); err != nil {
		return err
	}
	return t.TooLate(g.plan, row)
}

// existing finds the row of the database that a fixed row stands for; nil where there is none.
func (g *generation) existing(ctx context.Context, t *plan.Table, name string, row int64) (*column.Batch, error) {
	if t.Key != nil && slices.Contains(t.Adoptable, name) {
		var m rows.Maker
		b, err := m.Batch(t, []*plan.Column{t.Key}, row, 1)
		if err != nil {
			return nil, err
		}
		return g.readOne(ctx, t, t.Key.Name, b.Vecs[0])
	}
	for _, u := range t.Schema.Uniques {
		given := givenCells(t, u, row)
		if given == nil {
			continue
		}
		var found *column.Batch
		var err error
		if len(given) == 1 {
			found, err = g.readOne(ctx, t, given[0].Name, given[0].FixedCell(row))
		} else {
			found, err = g.scanOne(ctx, t, given, row)
		}
		if err != nil || found == nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		if err := sameGiven(t, row, found, given); err != nil {
			return nil, err
		}
		return found, nil
	}
	return nil, nil
}

// givenCells are the columns of a unique, where the blueprint gives all their cells in a row and none is null.
func givenCells(t *plan.Table, u *schema.Unique, row int64) (out []*plan.Column) {
	if u.Where != "" || len(u.Expressions) > 0 {
		return nil
	}
	for _, name := range u.Columns {
		c := t.Column(name)
		if c == nil || !slices.Contains(t.Out, c) || c.FixedCell(row) == nil || c.FixedCell(row).Null(0) {
			return nil
		}
		out = append(out, c)
	}
	return out
}

// sameGiven is an error where an existing row has another cell than the blueprint gives.
func sameGiven(t *plan.Table, row int64, found *column.Batch, by []*plan.Column) error {
	for i, c := range t.Out {
		cell := c.FixedCell(row)
		if cell == nil || cell.Equal(0, found.Vecs[i], 0) {
			continue
		}
		var same []string
		for _, k := range by {
			same = append(same, fmt.Sprintf("%s %s", k.Name, shown(k.FixedCell(row), 0)))
		}
		return fmt.Errorf("a row with %s is in the database already, but its %s is %s, not %s: give the fixed row the same cells, or other unique ones, or change that row",
			strings.Join(same, ", "), c.Name, shown(found.Vecs[i], 0), shown(cell, 0))
	}
	return nil
}

// readOne reads the row in which a column has a value; nil where there is none.
func (g *generation) readOne(ctx context.Context, t *plan.Table, by string, value *column.Vec) (*column.Batch, error) {
	out := new(column.Batch)
	for range t.Out {
		out.Vecs = append(out.Vecs, new(column.Vec))
	}
	found, err := g.store.ReadRows(ctx, Target(t), by, value, out)
	if err != nil || len(found) == 0 || !found[0] {
		return nil, err
	}
	return out, nil
}

// scanOne is readOne for several columns together: it reads the table.
func (g *generation) scanOne(ctx context.Context, t *plan.Table, by []*plan.Column, row int64) (out *column.Batch, err error) {
	f := &finder{table: t, by: by, maker: new(rows.Maker), scan: func(ctx context.Context, t *sink.Target, each func(*column.Batch, []sink.Place) error) error {
		return g.store.ScanRows(ctx, t, func(read *column.Batch) error { return each(read, nil) })
	}}
	_, err = f.find(ctx, []sink.Range{{First: row, N: 1}}, func(pairs []pair, _, read *column.Batch, _ []sink.Place) error {
		out = new(column.Batch)
		for _, v := range read.Vecs {
			one := new(column.Vec)
			one.ResetAs(v)
			one.AppendCell(v, pairs[0].read)
			out.Vecs = append(out.Vecs, one)
		}
		return nil
	})
	return out, err
}
