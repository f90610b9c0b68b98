package report

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/profile"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// table is a table of the page.
type table struct {
	key       string // as the plan names it
	qualified string // as the schema does
	ID        string // of its box and its section
	Name      string
	Made      int64
	Stood     int64
	Asked     int64
	Took      float64 // seconds, of all workers together
	Speed     int64
	Found     *int64 // rows that the database has; nil where it was not asked
	Looked    string // which rows the columns' figures are of
	Problem   string // why the database could not be asked
	Columns   []*col
}

// col is a column of the page.
type col struct {
	Name, Type string
	Generators []string
	Unique     bool
	Asked      *profile.Side
	Found      *profile.Side
	FoundNulls float64 // share of all rows
	Plot       *drawnPlot
	Agrees     *float64 // share of the cells that lie in the same bars; nil where one side has no plot
}

// look asks for each table what its columns were to be, and what the database holds.
func (p *pageData) look(ctx context.Context, in *Input) error {
	counted := map[string]int64{}
	if len(in.Plans) == 0 {
		return nil
	}
	skipped := map[string]bool{}
	if in.Report != nil {
		for _, l := range in.Report.Skipped {
			skipped[l.Table] = true
		}
	}
	for _, t := range in.Plans[0].Tables {
		if t.Standing || t.Triggered || skipped[t.Name] {
			continue
		}
		x, err := p.lookAt(ctx, in, t)
		if err != nil {
			return err
		}
		if x.Found != nil {
			counted[x.qualified] = *x.Found
		}
	}
	d := in.Plans[0].Database
	if in.Store != nil {
		fresh, err := in.Store.Inspect(ctx)
		if err != nil {
			return err
		}
		d = fresh
	}
	if d == nil {
		return nil
	}
	return p.draw(d, counted)
}

func (p *pageData) lookAt(ctx context.Context, in *Input, t *plan.Table) (*table, error) {
	x := &table{key: t.Name, qualified: t.Name, Name: shown.Text(t.Name)}
	if t.Schema != nil {
		x.qualified = in.Plans[0].Database.Qualified(t.Schema)
	}
	p.Tables = append(p.Tables, x)
	most := profile.Most(len(t.Out))
	asked := &profile.Sample{Whole: true}
	for _, pl := range in.Plans {
		same := pl.Table(t.Name)
		if same == nil || len(same.Out) != len(t.Out) {
			continue
		}
		s, err := profile.Planned(same, same.Out, most)
		if err != nil {
			return nil, fmt.Errorf("making rows of %s for the report: %w", t.Name, err)
		}
		x.Asked += same.Rows
		asked.Append(s)
	}
	var found *profile.Sample
	if in.Store != nil && t.Schema != nil {
		var err error
		if found, err = x.ask(ctx, in.Store, t, most); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			x.Problem, found = shown.Text(err.Error()), nil
		}
	}
	x.say(asked, found)
	for i, c := range t.Out {
		x.Columns = append(x.Columns, columnOf(t, c))
		x.compare(x.Columns[i], i, asked, found)
	}
	if found != nil && !found.Whole {
		x.Problem = x.countNulls(ctx, in.Store, t)
	}
	return x, nil
}

// ask reads rows of the table from the database.
func (x *table) ask(ctx context.Context, s sink.Store, t *plan.Table, most int64) (*profile.Sample, error) {
	n, err := s.CountRows(ctx, t.Schema)
	if err != nil {
		return nil, err
	}
	x.Found = &n
	return profile.Standing(ctx, s, run.Target(t), n, most)
}

// say tells which rows the figures are of.
func (x *table) say(asked, found *profile.Sample) {
	rows := func(s *profile.Sample) string {
		if s.Whole {
			return "all " + thousands(int64(s.Rows))
		}
		return "a sample of " + thousands(int64(s.Rows))
	}
	x.Looked = "asked: from " + rows(asked) + " rows of the plan"
	if found != nil {
		x.Looked += "; found: from " + rows(found) + " rows in the database"
	}
}

// countNulls asks for the nulls of all rows of a table of which only a sample was read.
func (x *table) countNulls(ctx context.Context, s sink.Store, t *plan.Table) string {
	nulls, err := profile.Nulls(ctx, s, t.Schema, plan.Names(t.Out), *x.Found)
	if err != nil {
		return shown.Text(err.Error())
	}
	for i, share := range nulls {
		x.Columns[i].FoundNulls = share
	}
	return ""
}

func columnOf(t *plan.Table, c *plan.Column) *col {
	out := &col{Name: shown.Text(c.Name), Type: c.Kind.String(), Unique: c.Unique}
	if t.Schema != nil {
		if s := t.Schema.Column(c.Name); s != nil {
			out.Type = shown.Text(diagram.TypeText(s.Type))
		}
	}
	if n := c.Shared(); n != nil {
		out.Generators = []string{shown.Text(n.Fill.String())}
		return out
	}
	for i, n := range c.Nodes {
		out.Generators = append(out.Generators, shown.Text(t.Parts[i].Name+": "+n.Fill.String()))
	}
	return out
}

// compare looks at the cells of both sides.
func (x *table) compare(c *col, i int, asked, found *profile.Sample) {
	a := asked.Cells(i, nil)
	if found == nil {
		of := profile.Of(a)
		c.Asked = &of.Sides[0]
		c.Plot = draw(choose(of), 1)
		return
	}
	f := found.Cells(i, a)
	if asked.Rows == 0 {
		a = asked.Cells(len(asked.Vecs), f)
	}
	of := profile.Of(a, f)
	c.Asked, c.Found = &of.Sides[0], &of.Sides[1]
	if n := of.Sides[1].Cells; n > 0 {
		c.FoundNulls = float64(of.Sides[1].Nulls) / float64(n)
	}
	plot := choose(of)
	c.Plot = draw(plot, 2)
	if plot != nil && of.Sides[0].Cells > of.Sides[0].Nulls && of.Sides[1].Cells > of.Sides[1].Nulls {
		same := plot.Agreement()
		c.Agrees = &same
	}
}
