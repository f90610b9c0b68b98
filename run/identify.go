package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

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
			if resolved, err := Recorded(r); err == nil && r.State != sink.Superseded {
				n = max(n, resolved.Append+1)
				if r.State == sink.Running && resolved.Append > 0 && r.Grows == 0 { // an interrupted --append is completed, not followed by another
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
	if err := g.otherPhases(runs); err != nil {
		return nil, err
	}
	if g.options.Migrate != 0 {
		return g.migrated(ctx, runs)
	}
	if f, handled, err := g.grown(ctx, runs); handled || err != nil {
		if f == nil && err == nil {
			g.report.Plan, g.report.Notices = g.plan, g.plan.Notices
			err = g.check(ctx)
		}
		return f, err
	}
	identity := g.plan.Identity()
	for _, r := range runs {
		if r.State == sink.Superseded {
			continue
		}
		if r.Identity != identity {
			f, err := g.continued(ctx, runs, r)
			if f != nil || err != nil {
				return f, err
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

// migrated continues the recorded run that is to get what is new.
func (g *generation) migrated(ctx context.Context, runs []*sink.Run) (found, error) {
	for _, r := range runs {
		if r.Number != g.options.Migrate || r.State == sink.Superseded {
			continue
		}
		if f, err := g.resume(ctx, r); f != nil || err != nil {
			return f, err
		}
	}
	return nil, fmt.Errorf("%w: the rows of run %d are gone: --fresh undoes all runs and fills anew", ErrOtherRun, g.options.Migrate)
}

// continued continues a run that another version of the same blueprint made, where the plan makes what it made, and more;
// nil where it does not, or others grew it. An error says that rows of the run are in the way.
func (g *generation) continued(ctx context.Context, runs []*sink.Run, r *sink.Run) (found, error) {
	resolved, err := Recorded(r)
	if err != nil {
		return nil, err
	}
	var other error
	grown := slices.ContainsFunc(runs, func(o *sink.Run) bool { return o.Grows == r.Number && o.State != sink.Superseded })
	if !grown && sameBlueprint(resolved, g.plan.Resolved()) {
		f, err := g.resume(ctx, r)
		if err == nil && f != nil {
			return f, nil
		}
		other, g.record, g.fresh = err, nil, nil
		g.changed, g.added, g.left, g.detached, g.report.Skipped = nil, nil, nil, nil, nil
		if g.plan, err = g.build(g.plan.Append); err != nil {
			return nil, err
		}
	}
	if g.plan.Append > 0 || r.State == sink.Superseded {
		return nil, nil
	}
	if err := g.refuse(ctx, r); err != nil {
		if other != nil {
			err = fmt.Errorf("%w (%w)", err, other)
		}
		return nil, err
	}
	return nil, nil
}

// sameBlueprint tells whether two plans come from versions of the same blueprint, with the same seed and parameters.
func sameBlueprint(was, is *plan.Resolved) bool {
	if was.Inferred != nil || is.Inferred != nil || was.Blueprint != is.Blueprint || was.Seed != is.Seed || was.Append != is.Append {
		return false
	}
	for name, v := range was.Parameters {
		if now, ok := is.Parameters[name]; ok && fmt.Sprint(v) != fmt.Sprint(now) {
			return false
		}
	}
	return true
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

// check asks the database what speaks against the load, or would make it fail. A plan that fills no table is no success.
func (g *generation) check(ctx context.Context) error {
	tables := filled(g.plan)
	if len(tables) == 0 {
		return fmt.Errorf("%w: no table of the blueprint %s is to be written", plan.ErrNothing, g.plan.Blueprint.Name)
	}
	for _, t := range tables {
		if t.Schema == nil {
			continue
		}
		if tool := t.Schema.Tool(); tool != "" {
			return fmt.Errorf("table %s is a migration tool's (%s), which sower never writes", t.Name, tool)
		}
	}
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
	resolved, err := Recorded(r)
	if err != nil {
		return nil, err
	}
	if err := movedFrom(resolved, g.plan); err != nil {
		return nil, err
	}
	e, err := g.plan.Extend(resolved)
	if err != nil {
		if changed := resolved.Changes(g.plan.Database).Err(); changed != nil {
			return nil, changed
		}
		return nil, fmt.Errorf("run %d in this database cannot be continued: %w; restore what changed, or make a further run beside it with --append", r.Number, err)
	}
	g.record, g.fresh = r, map[*plan.Column]bool{}
	for _, c := range e.Columns {
		g.fresh[c] = true
	}
	found := findingsOf(r)
	g.know(&found)
	found.apply(g.plan)
	if g.options.SkipUnsatisfiable { // else what was left out is tried again
		g.report.Skipped = found.Skipped
	}
	f, clash, err := g.standing(ctx, e.Tables)
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
	if standing == 0 && wanted > 0 && (r.State == sink.Complete || clash != nil) {
		g.record, g.changed, g.added, g.left, g.detached, g.report.Skipped = nil, nil, nil, nil, nil, nil
		return nil, supersede(ctx, g.store, r)
	}
	if clash != nil {
		return nil, clash
	}
	if err := g.sameOutput(f); err != nil {
		return nil, err
	}
	was := r.Shape
	if err := g.shape(); err != nil {
		return nil, err
	}
	switch {
	case !e.Empty() || r.Identity != g.plan.Identity():
		err = g.extend(ctx, e, f)
	case was != nil && !bytes.Equal(was, r.Shape): // nothing of what has changed is for this run
		err = g.save(ctx, r.State)
	}
	return f, err
}

// know takes over what the record of a run keeps.
func (g *generation) know(f *findings) {
	g.changed, g.added, g.left, g.detached, g.others, g.taken, g.before = f.Changed, f.Added, f.Left, f.Detached, f.Others, f.Taken, f.Before
}

// Recorded reads what the record of a run keeps of its plan and of the schema that it was made for.
func Recorded(r *sink.Run) (*plan.Resolved, error) {
	out := &plan.Resolved{Run: r.Number}
	err := json.Unmarshal(r.Plan, out)
	if err == nil && r.Shape != nil {
		err = json.Unmarshal(r.Shape, &out.Shape)
	}
	if err != nil {
		return nil, fmt.Errorf("the record of run %d is damaged: %w", r.Number, err)
	}
	return out, nil
}

// refuse is an error where rows of another run stand in a table of this plan.
func (g *generation) refuse(ctx context.Context, r *sink.Run) error {
	resolved, err := Recorded(r)
	if err != nil {
		return err
	}
	if err := movedFrom(resolved, g.plan); err != nil {
		return err
	}
	elsewhere := false // rows of it stand in tables that this plan leaves as they are
	for _, rt := range resolved.Tables {
		t := g.plan.Table(rt.Name)
		if rt.Standing != nil || rt.Triggered {
			continue
		}
		if t == nil || t.Standing {
			if elsewhere, err = g.heldElsewhere(ctx, &rt, elsewhere); err != nil {
				return err
			}
			continue
		}
		if t.Schema == nil {
			continue
		}
		n, err := rowsOf(ctx, g.store, t, &rt)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: rows of run %d (%s, seed %d, %s) stand in %s; choose: the same parameters and seed as that run to complete it, --append to add a run beside it, or --fresh to undo all runs and start anew",
				ErrOtherRun, r.Number, r.Blueprint, resolved.Seed, differences(resolved, g.plan.Resolved()), t.Name)
		}
	}
	if elsewhere {
		return nil
	}
	return supersede(ctx, g.store, r)
}

// heldElsewhere tells whether rows of a recorded table stand that the plan does not fill.
func (g *generation) heldElsewhere(ctx context.Context, rt *plan.ResolvedTable, known bool) (bool, error) {
	if known || g.plan.Database == nil {
		return known, nil
	}
	s := g.plan.Database.Table(rt.Name)
	if s == nil {
		return false, nil
	}
	n, err := rowsOf(ctx, g.store, &plan.Table{Name: rt.Name, Schema: s}, rt)
	return n > 0, err
}

// supersede records that a run's rows are gone, and forgets its ledger.
func supersede(ctx context.Context, s sink.Store, r *sink.Run) error {
	r.State = sink.Superseded
	if err := s.SaveRun(ctx, r); err != nil {
		return err
	}
	return s.ClearLedger(ctx, r.Number)
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
