package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// undoHalves deletes this run's rows of tables that refer to one another, where not all of them are whole and the database
// does not hold them to the keys of their circle, which the load dropped: such rows may refer to rows that never came. The
// same call again makes them anew.
func (g *generation) undoHalves(ctx context.Context) error {
	for _, unit := range g.plan.Units() {
		half, err := g.isHalf(ctx, unit)
		if err != nil {
			return err
		}
		if half {
			if err := g.undo(ctx, unit); err != nil {
				return err
			}
		}
	}
	return nil
}

// isHalf tells whether some rows of a circle stand and others do not, while its keys are dropped.
func (g *generation) isHalf(ctx context.Context, unit []*plan.Table) (bool, error) {
	unit = writtenOf(unit)
	j, ok := g.store.(sink.Joiner)
	if len(unit) < 2 || !ok {
		return false, nil
	}
	var targets []*sink.Target
	for _, t := range unit {
		targets = append(targets, Target(t))
	}
	edges, err := j.Edges(ctx, targets)
	if err != nil {
		return false, err
	}
	if _, dropped := sink.Arrange(len(unit), edges); !dropped {
		return false, nil // each of its loads was one transaction
	}
	some, all := false, true
	for _, t := range unit {
		tr := g.progress.table(t.Name)
		n := tr.Made + tr.Stood
		some = some || n > 0
		all = all && (n >= t.Rows-int64(len(g.left[t.Name].Rows)) && !g.isSkipped(t.Name))
	}
	return some && !all, nil
}

// writtenOf gives the tables of a unit that the run writes.
func writtenOf(unit []*plan.Table) (out []*plan.Table) {
	for _, t := range unit {
		if !t.Standing && !t.Triggered && t.Rows > 0 {
			out = append(out, t)
		}
	}
	return out
}

// undo deletes this run's rows of tables that refer to one another, however triggers have changed them.
func (g *generation) undo(ctx context.Context, unit []*plan.Table) error {
	unit = writtenOf(unit)
	cleaner, ok := g.store.(sink.Cleaner)
	if !ok {
		return nil
	}
	var names []string
	var targets []*sink.Target
	for _, t := range unit {
		names, targets = append(names, t.Name), append(targets, Target(t))
	}
	what := strings.Join(names, ", ")
	g.progress.phase("restore", fmt.Sprintf("deleting the rows of %s, which refer to one another and are not whole", what))
	c := &cleaning{plan: g.plan, record: g.record, findings: findings{Changed: g.changed, Left: g.left}, options: &CleanOptions{Options: *g.options},
		out: &Cleaned{}, byTable: map[*plan.Table]*CleanedTable{}, anyCells: true}
	c.progress = &progress{options: &Options{}, report: &Report{}}
	err := func() (err error) {
		if c.made, err = c.ranges(ctx, g.store); err != nil {
			return err
		}
		if c.Cleaning, err = cleaner.Clean(ctx, false); err != nil {
			return err
		}
		defer c.Close()
		for _, t := range unit {
			c.byTable[t] = new(CleanedTable)
			if err := c.mark(ctx, t); err != nil {
				return err
			}
		}
		if err := c.Begin(ctx, g.record, nil); err != nil {
			return err
		}
		if _, err := c.Empty(ctx); err != nil {
			return err
		}
		if _, err := c.DeleteTogether(ctx, targets); err != nil {
			return err
		}
		return c.Finish(ctx)
	}()
	for _, name := range names {
		if err == nil {
			err = g.store.SaveLedger(ctx, g.record.Number, name, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("delete the rows of %s, which refer to one another and are not whole: %w", what, err)
	}
	for _, t := range unit {
		tr := g.progress.table(t.Name)
		g.report.Rows -= tr.Made
		tr.Made, tr.Stood = 0, 0
	}
	return nil
}

// undoRefused deletes what stands of the circle of a table that is about to be left out.
func (g *generation) undoRefused(ctx context.Context, t *plan.Table) error {
	for _, unit := range g.plan.Units() {
		if !slices.Contains(unit, t) {
			continue
		}
		half, err := g.isHalf(ctx, unit)
		if err != nil || !half {
			return err
		}
		return g.undo(ctx, unit)
	}
	return nil
}

// detach makes the references of a table to a parent that is left out null, where its rows can do without.
func (g *generation) detach(t, parent *plan.Table) bool {
	if !t.Detach(parent, g.plan.Tables) {
		return false
	}
	if g.detached == nil {
		g.detached = map[string][]string{}
	}
	g.detached[t.Name] = append(g.detached[t.Name], parent.Name)
	g.notice("%s refers to no row of %s, which is left out: its references to it are null", t.Name, parent.Name)
	return true
}

// apply settles a plan as the findings of its run say.
func (f *findings) apply(p *plan.Plan) {
	for name, parents := range f.Detached {
		t := p.Table(name)
		for _, parent := range parents {
			if to := p.Table(parent); t != nil && to != nil {
				t.Detach(to, p.Tables)
			}
		}
	}
}
