package studio

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/profile"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const (
	mostStanding = 20_000 // rows of a table that are read to tell how its cells are distributed
	agreeing     = 0.85   // share of cells in the same bars from which on two sides are alike
	nullsApart   = 0.05   // difference of the shares of nulls from which on they are not
)

// Standing asks what the database holds of a table. Of large ones it reads a sample of rows, and counts the nulls of all.
func (w *Workbench) Standing(ctx context.Context, name string) (*Standing, error) {
	if w.options.Store == nil {
		return nil, errors.New("no database is named: start with --database-url to see what it holds")
	}
	p, err := w.current()
	if err != nil {
		return nil, err
	}
	t := p.table(name)
	switch {
	case t == nil:
		return nil, p.missing(name)
	case t.Schema == nil:
		return nil, fmt.Errorf("%s: the database has no such table", name)
	}
	x := &standing{store: w.options.Store, table: t, out: &Standing{Shown: p.at, Table: name, Asked: -1, Columns: []StandingColumn{}}}
	if err := x.look(ctx); err != nil {
		return nil, err
	}
	return x.out, nil
}

// standing is a look at one table.
type standing struct {
	store  sink.Store
	table  *plan.Table
	target *sink.Target
	asked  *profile.Sample // nil where none of its rows are made
	out    *Standing
}

func (x *standing) look(ctx context.Context) (err error) {
	t := x.table
	if x.out.Found, err = x.store.CountRows(ctx, t.Schema); err != nil {
		return err
	}
	x.target = run.Target(t)
	if t.Standing || t.Triggered {
		x.target = readable(t.Schema, t.Name)
	}
	most := min(profile.Most(len(x.target.Columns)), mostStanding)
	if !t.Standing && !t.Triggered {
		x.out.Asked = t.Rows
		if x.asked, err = profile.Planned(t, t.Out, most); err != nil {
			return err
		}
	}
	found, err := profile.Standing(ctx, x.store, x.target, x.out.Found, most)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		x.out.Problem = shown.Text(err.Error())
	}
	x.say(found)
	for i := range x.target.Columns {
		x.out.Columns = append(x.out.Columns, x.compare(i, found))
	}
	if x.out.Problem != "" || found.Whole {
		return nil
	}
	nulls, err := profile.Nulls(ctx, x.store, t.Schema, x.target.Columns, x.out.Found)
	for i, share := range nulls {
		x.out.Columns[i].Nulls = share
	}
	return err
}

// readable are the columns of a table whose rows are read and not made.
func readable(t *schema.Table, name string) *sink.Target {
	out := &sink.Target{Table: t, Name: name}
	for _, c := range t.Columns {
		if c.Type.Kind != column.Invalid {
			out.Columns, out.Kinds = append(out.Columns, c.Name), append(out.Kinds, c.Type.Kind)
		}
	}
	return out
}

// say tells which rows the figures are of.
func (x *standing) say(found *profile.Sample) {
	rows := func(s *profile.Sample) string {
		if s.Whole {
			return "all rows"
		}
		return fmt.Sprintf("a sample of %d rows", s.Rows)
	}
	if found != nil {
		x.out.Looked = "found: " + rows(found) + " that stand"
	}
	if x.asked != nil {
		x.out.Looked += "; asked: " + rows(x.asked) + " of the plan"
	}
}

func (x *standing) compare(i int, found *profile.Sample) StandingColumn {
	t := x.table
	out := StandingColumn{Name: shown.Text(x.target.Columns[i]), Agrees: -1, Telling: -1, Plots: []Plot{}}
	if s := t.Schema.Column(x.target.Columns[i]); s != nil {
		out.Type = shown.Text(diagram.TypeText(s.Type))
	}
	var sides []*column.Vec
	if x.asked != nil {
		var like *column.Vec
		if found != nil {
			like = found.Cells(i, nil)
		}
		sides = append(sides, x.asked.Cells(i, like))
	}
	if found != nil {
		var like *column.Vec
		if len(sides) > 0 {
			like = sides[0]
		}
		sides = append(sides, found.Cells(i, like))
	}
	if len(sides) == 0 {
		return out
	}
	of := profile.Of(sides...)
	at := 0 // of the side that was found
	if x.asked != nil {
		out.Asked, at = sideOf(of.Sides[0]), 1
	}
	if found != nil {
		out.Found = sideOf(of.Sides[at])
		out.Nulls = shareOf(out.Found.Nulls, out.Found.Cells)
	}
	out.Telling = of.Telling()
	for _, p := range of.Plots {
		plot := Plot{Title: p.Title, Kind: p.Kind}
		for _, b := range p.Bars {
			bar := Bar{Label: b.Label}
			if x.asked != nil {
				bar.Count = b.Counts[0]
			}
			if found != nil {
				bar.Found = b.Counts[at]
			}
			plot.Bars = append(plot.Bars, bar)
		}
		out.Plots = append(out.Plots, plot)
	}
	if out.Asked != nil && out.Found != nil && out.Asked.Cells > 0 && out.Found.Cells > 0 {
		x.apart(&out, of, x.asked.Whole && found.Whole)
	}
	return out
}

// apart says where asked and found part ways.
func (x *standing) apart(c *StandingColumn, of *profile.Profile, whole bool) {
	if c.Telling >= 0 && c.Asked.Cells > c.Asked.Nulls && c.Found.Cells > c.Found.Nulls {
		c.Agrees = of.Plots[c.Telling].Agreement()
	}
	// Of few cells in many bars two samples agree less, by chance alone; all rows that were asked for and all that stand do not.
	bars := 1
	if c.Telling >= 0 {
		bars = len(of.Plots[c.Telling].Bars)
	}
	chance := 0.6 * math.Sqrt(float64(bars)*(1/float64(c.Asked.Cells)+1/float64(c.Found.Cells)))
	if whole && x.out.Found == x.out.Asked {
		chance = 0
	}
	asked := shareOf(c.Asked.Nulls, c.Asked.Cells)
	switch {
	case math.Abs(asked-c.Nulls) > nullsApart+chance/2:
		c.Apart = fmt.Sprintf("%.0f %% nulls were asked for, and %.0f %% are", 100*asked, 100*c.Nulls)
	case c.Agrees >= 0 && c.Agrees < agreeing-chance:
		c.Apart = fmt.Sprintf("%.0f %% of the cells lie elsewhere", 100*(1-c.Agrees))
	case c.Asked.Distinct == c.Asked.Cells-c.Asked.Nulls && c.Asked.Distinct > 1 && c.Found.Distinct*2 < c.Found.Cells-c.Found.Nulls:
		c.Apart = "all were to be different, and most are not"
	}
}

func sideOf(s profile.Side) *Side {
	return &Side{Cells: s.Cells, Nulls: s.Nulls, Distinct: s.Distinct, Least: s.Least, Greatest: s.Greatest}
}

func shareOf(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
