package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Builder makes the plan of a run: the first one in a database for n = 0, the n-th appended one else.
type Builder func(n int) (*plan.Plan, error)

// Generate fills a database. Whatever ends it, the same call again completes the run and adds nothing
// that stands. The report is complete as far as the run came, also with an error; it is never nil.
func Generate(ctx context.Context, s sink.Store, build Builder, o Options) (*Report, error) {
	report := &Report{State: "interrupted"}
	g := &generation{store: s, build: build, options: &o, report: report}
	g.progress = &progress{options: &o, started: time.Now(), report: report}
	err := g.run(ctx)
	report.Elapsed = time.Since(g.progress.started)
	return report, err
}

// generation is one call of Generate.
type generation struct {
	store    sink.Store
	build    Builder
	options  *Options
	report   *Report
	progress *progress
	plan     *plan.Plan
	record   *sink.Run
	changed  map[string][]string // table -> columns that triggers changed
	added    map[string]int64    // table -> rows that triggers added
	left     map[string]Left     // table -> rows that the database refused
	leaving  leaving
	spares   map[*plan.Table]bool // tables that can do without some of their rows, as far as that was asked
	refused  bool                 // the database did not take back an index or a key: trying at once again is of no use
	rebuilt  time.Time            // when the last index or key was back
}

func (g *generation) run(ctx context.Context) (err error) {
	unlock, err := g.store.Lock(ctx, g.options.Who)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			g.giveBack(ctx)
		}
		err = errors.Join(err, unlock())
	}()
	var stands found
	if err := g.timed("prepare", func() error { stands, err = g.prepare(ctx); return err }); err != nil {
		return err
	}
	g.store.UseRun(g.record.Number)
	var todo []*work
	if err := g.timed("data", func() error { todo, err = g.loadAll(ctx, stands); return err }); err != nil {
		return err
	}
	if g.report.Rows == 0 && g.record.State == sink.Complete {
		if _, err := g.restore(ctx, nil); err != nil {
			return err
		}
		g.report.State = "already complete"
		return g.forgetLedger(ctx)
	}
	if err := g.finish(ctx, targetsOf(todo)); err != nil {
		return err
	}
	g.report.State = "complete"
	return g.store.ClearLedger(ctx, g.record.Number)
}

// prepare settles which run this is: one to continue, whose standing rows it gives, or a new one.
func (g *generation) prepare(ctx context.Context) (found, error) {
	g.progress.phase("prepare", "reading the record of runs")
	stands, err := g.find(ctx)
	if err != nil {
		return nil, err
	}
	if stands == nil {
		if _, err := g.restore(ctx, nil); err != nil { // what another run left behind
			return nil, err
		}
		g.progress.phase("prepare", "reserving keys and looking for values that stand")
		if err := g.begin(ctx); err != nil {
			return nil, err
		}
	}
	if g.record.State != sink.Complete {
		if err := g.strip(ctx, stands); err != nil {
			return nil, err
		}
	}
	g.report.Plan, g.report.Run, g.report.Notices = g.plan, g.record.Number, g.plan.Notices
	return stands, nil
}

// finish brings indexes and keys back, gathers statistics, beside that where the store can, and marks the run as
// whole. As the time of the statistics counts what they take longer than indexes and keys.
func (g *generation) finish(ctx context.Context, targets []*sink.Target) error {
	g.rebuilt = time.Now()
	started := g.rebuilt
	left, err := g.restore(ctx, targets)
	g.report.Phases = append(g.report.Phases, Phase{"indexes and keys", g.rebuilt.Sub(started)})
	if err != nil {
		return err
	}
	defer func() { g.report.Phases = append(g.report.Phases, Phase{"statistics", time.Since(g.rebuilt)}) }()
	g.progress.phase("finish", "gathering statistics")
	if err := g.store.Finish(ctx, left); err != nil {
		return err
	}
	if err := g.advance(ctx); err != nil {
		return err
	}
	return g.save(ctx, sink.Complete)
}

// advance moves sequences that feed columns which were not filled from them behind what was written: taking one
// value moves it beyond all that stand.
func (g *generation) advance(ctx context.Context) error {
	for _, t := range filled(g.plan) {
		if t.Rows == 0 || t.Schema == nil {
			continue
		}
		reserved := t.Reservable()
		for _, c := range t.Out {
			sc := t.Schema.Column(c.Name)
			if sc.Sequence == "" || slices.Contains(reserved, c) || sc.Type.Kind != column.Int && sc.Type.Name != "numeric" || sc.Type.Scale > 0 {
				continue
			}
			if _, err := g.store.Reserve(ctx, t.Schema, c.Name, 1); err != nil {
				g.notice("the sequence of %s.%s may give values that stand: %v", t.Name, c.Name, err)
			}
		}
	}
	return ctx.Err()
}

// notice adds to the report.
func (g *generation) notice(format string, args ...any) {
	g.report.Notices = append(slices.Clip(g.report.Notices), fmt.Sprintf(format, args...))
}

// found are the rows of an earlier run of the same identity that stand, by table.
type found map[*plan.Table][]sink.Range

// find looks for the run that this call continues, and settles the plan as its record says; nil where
// a new run is to begin.
func (g *generation) find(ctx context.Context) (found, error) {
	runs, err := g.store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	n := 0
	if g.options.Append {
		for _, r := range runs {
			if resolved, err := resolvedOf(r); err == nil && r.State != sink.Superseded {
				n = max(n, resolved.Append+1)
				if r.State == sink.Running && resolved.Append > 0 { // an interrupted --append is completed, not followed by another
					n = resolved.Append
				}
			}
		}
	}
	if g.plan, err = g.build(n); err != nil {
		return nil, err
	}
	g.report.Plan, g.report.Notices = g.plan, g.plan.Notices
	if err := g.check(ctx); err != nil {
		return nil, err
	}
	identity := g.plan.Identity()
	for _, r := range runs {
		if r.State == sink.Superseded {
			continue
		}
		if r.Identity != identity {
			if n == 0 {
				if err := g.refuse(ctx, r); err != nil {
					return nil, err
				}
			}
			continue
		}
		f, err := g.resume(ctx, r)
		if f != nil || err != nil {
			return f, err
		}
		if g.plan, err = g.build(n); err != nil { // the record's keys and cells are not the new run's
			return nil, err
		}
	}
	return nil, nil
}

// replicated is an error where others receive what happens to the tables that a plan fills.
func replicated(ctx context.Context, s sink.Store, p *plan.Plan, o *Options) error {
	guarded, ok := s.(sink.Guarded)
	if !ok || o.Replicated {
		return nil
	}
	var tables []*schema.Table
	for _, t := range filled(p) {
		if t.Schema != nil {
			tables = append(tables, t.Schema)
		}
	}
	r, err := guarded.Risks(ctx, tables)
	if err == nil && len(r.Replicated) > 0 {
		err = fmt.Errorf("%w: %s; what is written here would be written there: if that is meant, say --allow-replicated", sink.ErrReplicated, strings.Join(r.Replicated, ", "))
	}
	return err
}

// check asks the database what speaks against the load, or would make it fail.
func (g *generation) check(ctx context.Context) error {
	if err := replicated(ctx, g.store, g.plan, g.options); err != nil {
		return err
	}
	c, ok := g.store.(sink.Checker)
	if !ok {
		return nil
	}
	var targets []*sink.Target
	for _, t := range filled(g.plan) {
		if t.Rows > 0 {
			targets = append(targets, Target(t))
		}
	}
	return c.Check(ctx, targets)
}

// resume settles the plan as a record says and finds the rows that stand. Where a finished run's rows
// are all gone, it is marked as superseded, and nil says that a new run begins.
func (g *generation) resume(ctx context.Context, r *sink.Run) (found, error) {
	resolved, err := resolvedOf(r)
	if err != nil {
		return nil, err
	}
	if err := g.plan.Apply(resolved); err != nil {
		return nil, fmt.Errorf("run %d in this database cannot be continued: %w; restore what changed, or make a further run beside it with --append", r.Number, err)
	}
	g.record = r
	found := findingsOf(r)
	g.changed, g.added, g.left = found.Changed, found.Added, found.Left
	if g.options.SkipUnsatisfiable { // else what was left out is tried again
		g.report.Skipped = found.Skipped
	}
	f, err := g.standing(ctx)
	if err != nil {
		return nil, err
	}
	var standing, wanted int64
	for _, t := range filled(g.plan) {
		if t.Key != nil && !g.isSkipped(t.Name) {
			wanted += t.Rows
			standing += sum(f[t])
		}
	}
	if r.State == sink.Complete && standing == 0 && wanted > 0 {
		g.record, g.changed, g.added, g.left, g.report.Skipped = nil, nil, nil, nil, nil
		r.State = sink.Superseded
		return nil, g.store.SaveRun(ctx, r)
	}
	return f, nil
}

func resolvedOf(r *sink.Run) (*plan.Resolved, error) {
	var out plan.Resolved
	if err := json.Unmarshal(r.Plan, &out); err != nil {
		return nil, fmt.Errorf("the record of run %d is damaged: %w", r.Number, err)
	}
	return &out, nil
}

// refuse is an error where rows of another run stand in a table of this plan.
func (g *generation) refuse(ctx context.Context, r *sink.Run) error {
	resolved, err := resolvedOf(r)
	if err != nil {
		return err
	}
	for _, rt := range resolved.Tables {
		t := g.plan.Table(rt.Name)
		if t == nil || t.Schema == nil || t.Standing || rt.Standing != nil {
			continue
		}
		n, err := rowsOf(ctx, g.store, t, &rt)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: rows of run %d (%s, seed %d, %s) stand in %s; choose: the same parameters and seed as that run to complete it, --append to add a run beside it, or empty the tables to start anew",
				ErrOtherRun, r.Number, r.Blueprint, resolved.Seed, differences(resolved, g.plan.Resolved()), t.Name)
		}
	}
	r.State = sink.Superseded
	return g.store.SaveRun(ctx, r)
}

// ErrOtherRun says that rows of a run with other parameters stand.
var ErrOtherRun = errors.New("this database was filled by another run")

// rowsOf counts the rows of a recorded table that stand: by its reserved keys where it has some, else
// all rows of the table.
func rowsOf(ctx context.Context, s sink.Store, t *plan.Table, rt *plan.ResolvedTable) (int64, error) {
	for col, first := range rt.First {
		if c := t.Schema.Column(col); c != nil {
			d := s.Dialect()
			return s.QueryInt(ctx, fmt.Sprintf("select count(*) from %s t where t.%s between %d and %d",
				plan.TableSQL(d, t), d.Ident(col), first, first+rt.Rows-1), nil)
		}
	}
	return s.CountRows(ctx, t.Schema)
}

// differences says what a recorded run was asked for otherwise.
func differences(was, is *plan.Resolved) string {
	for name, v := range was.Parameters {
		if fmt.Sprint(v) != fmt.Sprint(is.Parameters[name]) {
			return fmt.Sprintf("%s %v, now %v", name, v, is.Parameters[name])
		}
	}
	switch {
	case was.Seed != is.Seed:
		return fmt.Sprintf("now seed %d", is.Seed)
	case was.Digest != is.Digest:
		return "the blueprint has changed since"
	}
	return "with other parameters"
}

// begin settles a new run: rows to adopt, keys, cells to draw again. Then it is recorded.
func (g *generation) begin(ctx context.Context) error {
	if err := g.adopt(ctx); err != nil {
		return err
	}
	for _, t := range filled(g.plan) {
		for _, c := range t.Reservable() {
			if t.Rows == 0 {
				continue
			}
			if c != t.Key && t.Schema.Column(c.Name).Sequence == "" { // a part of a key: it is free where no row stands
				if n, err := g.store.CountRows(ctx, t.Schema); err != nil {
					return err
				} else if n == 0 {
					continue
				}
			}
			first, err := g.store.Reserve(ctx, t.Schema, c.Name, t.Rows)
			if err != nil {
				return err
			}
			if w := t.Schema.Column(c.Name).Type.Width; w > 0 && w < 8 && first+t.Rows-1 > int64(1)<<(8*w-1)-1 {
				return fmt.Errorf("%s.%s: %d keys from %d on pass the largest %s", t.Name, c.Name, t.Rows, first, t.Schema.Column(c.Name).Type.Name)
			}
			c.SetFirst(first)
		}
	}
	var todo []*work
	for _, t := range filled(g.plan) {
		todo = append(todo, newWork(t, nil))
	}
	if _, err := g.redraw(ctx, todo); err != nil {
		return err
	}
	g.record = &sink.Run{Blueprint: g.plan.Blueprint.Name, Identity: g.plan.Identity(), Version: g.options.Version, Started: time.Now().UTC()}
	return g.save(ctx, sink.Running)
}

// save records the run's state and its plan as it is resolved now.
func (g *generation) save(ctx context.Context, state sink.State) error {
	b, err := g.recordOf()
	if err != nil {
		return err
	}
	g.record.Plan, g.record.State = b, state
	if state == sink.Complete {
		g.record.Finished = time.Now().UTC()
	}
	return g.store.SaveRun(ctx, g.record)
}

// loadAll loads what is missing. Where another writer takes a unique value meanwhile, the cells are
// drawn again and the batches that did not stand are repeated. A table that the database does not take is left out
// where the options say so.
func (g *generation) loadAll(ctx context.Context, f found) ([]*work, error) {
	const tries = 5
	defer g.tellLeft()
	before, err := g.countTables(ctx)
	if err != nil {
		return nil, err
	}
	todo := g.todo(f)
	var missing int64
	for _, w := range todo {
		missing += w.todo
		g.report.Tables = append(g.report.Tables, TableReport{Name: w.table.Name, Stood: w.table.Rows - w.todo - int64(len(g.left[w.table.Name].Rows)), Total: w.table.Rows})
	}
	if missing > 0 && f != nil { // a resume: values may have come to stand since
		if g.record.State == sink.Complete {
			if err := g.save(ctx, sink.Running); err != nil {
				return nil, err
			}
		}
		if err := g.redrawAndSave(ctx, todo); err != nil {
			return nil, err
		}
	}
	for try := 1; ; try++ {
		retried := g.progress.retried
		err := load(ctx, g.store, todo, g.options, g.progress, func(unit []*work) error { return g.noteChanged(ctx, unit) })
		if err == nil && g.progress.retried == retried {
			if err := g.compareCounts(ctx, before, todo); err != nil {
				return todo, err
			}
			_, err := g.findChanged(ctx, todo, triggered(g.plan))
			return todo, err
		}
		var at *tableError
		if errors.Is(err, sink.ErrUnique) && errors.As(err, &at) {
			if made := g.madeByTriggers(ctx, at.table); made != nil {
				err = made
			}
		}
		switch {
		case g.skip(err):
			if err := g.save(ctx, sink.Running); err != nil {
				return todo, err
			}
			try-- // there are only so many tables
		case err != nil && !errors.Is(err, sink.ErrUnique), try == tries:
			if errors.Is(err, sink.ErrRefused) || errors.Is(err, sink.ErrUnique) { // else the server may be gone
				if e := g.noteTriggers(ctx, before, todo); e != nil {
					g.options.log().Warn("what triggers did is not in the record of the run", "error", e)
				}
			}
			return todo, err
		case err != nil:
			g.options.log().Warn("a value came to stand during the load", "error", err)
		}
		// Without an error: a server that broke down meanwhile may have lost commits that it had acknowledged.
		if f, err = g.standing(ctx); err != nil {
			return nil, err
		}
		todo = g.todo(f)
		if err := g.redrawAndSave(ctx, todo); err != nil {
			return nil, err
		}
	}
}

// todo gives what is missing of all tables but those that are left out.
func (g *generation) todo(f found) []*work {
	var todo []*work
	for _, t := range filled(g.plan) {
		if !g.isSkipped(t.Name) {
			w := newWork(t, slices.Concat(f[t], g.left[t.Name].ranges()))
			g.spare(w)
			todo = append(todo, w)
		}
	}
	return todo
}

// standing finds this run's rows that stand. Where keys say otherwise than the ledger (someone deleted
// rows), the ledger's word for that table goes.
func (g *generation) standing(ctx context.Context) (found, error) {
	f := found{}
	for _, t := range filled(g.plan) {
		ledger, err := g.store.Ledger(ctx, g.record.Number, t.Name)
		if err != nil {
			return nil, err
		}
		if t.Key == nil && g.record.State == sink.Complete {
			ledger = []sink.Range{{First: 0, N: t.Rows}} // rows without a key cannot be told from others
		}
		if f[t], err = present(ctx, g.store, t, ledger, g.options.chunk()); err != nil {
			return nil, err
		}
		if t.Key != nil && g.record.State == sink.Running && sum(f[t]) > sum(ledger) && !g.isSkipped(t.Name) {
			// Rows with this run's keys, which it did not write.
			if err := g.madeByTriggers(ctx, t); err != nil && !g.skip(err) {
				return nil, err
			}
		}
		if len(ledger) > 0 && sum(ledger) != sum(f[t]) {
			if err := g.store.ClearLedger(ctx, g.record.Number, t.Name); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// forgetLedger clears what a run that was ended just after it was whole left of its ledger.
func (g *generation) forgetLedger(ctx context.Context) error {
	for _, t := range filled(g.plan) {
		ledger, err := g.store.Ledger(ctx, g.record.Number, t.Name)
		if err != nil {
			return err
		}
		if len(ledger) > 0 {
			return g.store.ClearLedger(ctx, g.record.Number)
		}
	}
	return nil
}

// sum is the number of rows of ranges.
func sum(ranges []sink.Range) (n int64) {
	for _, r := range ranges {
		n += r.N
	}
	return n
}

func (g *generation) redrawAndSave(ctx context.Context, todo []*work) error {
	n, err := g.redraw(ctx, todo)
	if err != nil || n == 0 {
		return err
	}
	return g.save(ctx, sink.Running)
}
