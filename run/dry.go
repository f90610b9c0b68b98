package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// DryRun tells what Generate would do now, and writes nothing: the report's rows are those that it would make, and its
// Run is the run that it would continue, 0 where it would begin one. It fails where Generate would before its first row;
// what the database refuses of the rows shows only when they are written. With anew it speaks of the database as it is
// once all runs are undone.
func DryRun(ctx context.Context, s sink.Store, build Builder, o Options, anew bool) (report *Report, err error) {
	report = &Report{State: "failed"}
	g := &generation{store: &unwritten{s, anew}, build: build, options: &o, report: report}
	g.progress = &progress{options: &o, started: time.Now(), report: report}
	defer func() { report.Elapsed = time.Since(g.progress.started) }()
	unlock, err := s.Lock(ctx, o.Who)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	g.progress.phase("prepare", "reading the record of runs")
	stands, err := g.find(ctx)
	switch {
	case err != nil:
		return report, err
	case stands != nil:
		report.Run = g.record.Number
	case !anew: // else nobody knows yet which values are free then
		g.progress.phase("prepare", "looking for existing values")
		if err := g.begin(ctx); err != nil {
			return report, err
		}
	}
	todo := g.todo(stands)
	if stands != nil {
		if _, err := g.redraw(ctx, todo); err != nil {
			return report, err
		}
	}
	report.Plan, report.Notices = g.plan, append(report.Notices, g.plan.Notices...)
	for _, w := range todo {
		report.Tables = append(report.Tables, TableReport{Name: w.table.Name, Made: w.todo, Total: w.table.Rows,
			Stood: w.table.Rows - w.todo - int64(len(g.left[w.table.Name].Rows))})
		report.Rows += w.todo
	}
	if inPhases(g.record) {
		g.notice("run %d is in the middle of its phases: without --phase, this process would complete it alone", g.record.Number)
	}
	filling, err := g.foretell(ctx, s)
	report.State = "dry run"
	if report.Run > 0 && report.Rows == 0 && !filling && g.record.State == sink.Complete {
		report.State = "already complete"
	}
	return report, err
}

// foretell notes what would be done besides new rows: columns that are filled in rows that exist, and what an
// interrupted run dropped. It tells whether cells would be filled.
func (g *generation) foretell(ctx context.Context, s sink.Store) (filling bool, err error) {
	for _, t := range filled(g.plan) {
		for _, k := range t.Filled {
			todo, err := g.unfilled(ctx, t, k)
			if err != nil {
				return filling, err
			}
			if n := sum(todo); n > 0 {
				filling = true
				g.notice("%s: %s came after the rows: to be filled in %d of them", t.Name, strings.Join(k.Columns, ", "), n)
			}
		}
	}
	if err := Lost(ctx, s); err != nil {
		return filling, err
	}
	if r, ok := s.(sink.Rebuilder); ok {
		out, err := r.Journaled(ctx)
		if err != nil {
			return filling, err
		}
		if out.Total() > 0 {
			g.notice("what an interrupted run dropped is to be restored: %s", out)
		}
	}
	return filling, nil
}

// unfilled are the rows in which columns that came after them are not filled, by the ledger.
func (g *generation) unfilled(ctx context.Context, t *plan.Table, k plan.Filled) (todo []sink.Range, err error) {
	entries, err := g.store.Ledger(ctx, g.record.Number, t.Name)
	if err != nil {
		return nil, err
	}
	var done []sink.Range
	for _, e := range entries {
		if e.Part == k.Part {
			done = append(done, e.Range)
		}
	}
	for _, r := range k.Rows {
		todo = append(todo, missingOf(sink.Range{First: r[0], N: r[1]}, done)...)
	}
	return todo, nil
}

// unwritten is a store of which only the reading half is used: what would be written is passed over.
type unwritten struct {
	sink.Store
	anew bool // as if no run were recorded
}

func (u *unwritten) Runs(ctx context.Context) ([]*sink.Run, error) {
	if u.anew {
		return nil, nil
	}
	return u.Store.Runs(ctx)
}

func (u *unwritten) SaveRun(context.Context, *sink.Run) error { return nil }

func (u *unwritten) SaveLedger(context.Context, int64, string, []sink.Entry) error { return nil }

func (u *unwritten) ClearLedger(context.Context, int64) error { return nil }

func (u *unwritten) CreateSchema(context.Context, string) error {
	return errors.New("a dry run creates no tables")
}

func (u *unwritten) Loader(context.Context, *sink.Target) (sink.Loader, error) {
	return nil, errors.New("a dry run writes no rows")
}

// Reserve gives a key that is free, which a sequence may pass.
func (u *unwritten) Reserve(ctx context.Context, t *schema.Table, col string, _ int64) (int64, error) {
	d := u.Dialect()
	n, err := u.QueryInt(ctx, fmt.Sprintf("select coalesce(max(t.%s), 0) from %s t", d.Ident(col), plan.TableSQL(d, &plan.Table{Name: t.Name, Schema: t})), nil)
	return max(n, 0) + 1, err
}

func (u *unwritten) Check(ctx context.Context, tables []*sink.Target) error {
	if c, ok := u.Store.(sink.Checker); ok {
		return c.Check(ctx, tables)
	}
	return nil
}

// MayFill asks the store; Fill is not called.
func (u *unwritten) MayFill(ctx context.Context, tables []*sink.Target) error {
	if f, ok := u.Store.(sink.Filler); ok {
		return f.MayFill(ctx, tables)
	}
	return nil
}

func (u *unwritten) Fill(context.Context, *sink.Target, int, *column.Batch, int) (int64, map[string][]int, error) {
	return 0, nil, errors.New("a dry run fills no columns")
}

func (u *unwritten) Risks(ctx context.Context, tables []*schema.Table) (*sink.Risks, error) {
	if g, ok := u.Store.(sink.Guarded); ok {
		return g.Risks(ctx, tables)
	}
	return new(sink.Risks), nil
}

func (u *unwritten) Writers(ctx context.Context, t *schema.Table, of []*schema.Table) ([]sink.Writer, error) {
	if r, ok := u.Store.(sink.TriggerReader); ok {
		return r.Writers(ctx, t, of)
	}
	return nil, nil
}
