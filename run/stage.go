package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/shard"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// NotYetError says that other processes have not done their part yet: nothing was done, and the same again may succeed.
type NotYetError struct {
	text  string
	cause error // nil where none is
}

func (e *NotYetError) Error() string { return e.text }
func (e *NotYetError) Unwrap() error { return e.cause }

// PhasesError says that a run is in the middle of its phases, and that this is for its own phases alone.
type PhasesError struct {
	Run       int64
	Blueprint string
	What      string // is in the way of what was asked
}

func (e *PhasesError) Error() string {
	return fmt.Sprintf("run %d (%s) is in the middle of its phases: %s; load the shards that are missing (sower generate --phase load) and complete it "+
		"(--phase finish), or take it back with sower clean", e.Run, e.Blueprint, e.What)
}

// ErrOneMachine says that a database cannot be filled by several processes.
var ErrOneMachine = errors.New("an SQLite database is one machine's file: one process fills it, by sower generate without --phase")

// inPhases tells whether loaders share a run that is not whole.
func inPhases(r *sink.Run) bool { return r != nil && r.State == sink.Running && r.Batches != nil }

// phased gives the run in the middle of its phases; nil where none is.
func phased(runs []*sink.Run) *sink.Run {
	if i := slices.IndexFunc(runs, inPhases); i >= 0 {
		return runs[i]
	}
	return nil
}

// RefusePhases is a PhasesError where a run is in the middle of its phases.
func RefusePhases(ctx context.Context, s sink.Store, what string) error {
	runs, err := s.Runs(ctx)
	if r := phased(runs); err == nil && r != nil {
		err = &PhasesError{r.Number, r.Blueprint, what}
	}
	return err
}

// giveUpPhases makes a run that is in the middle of its phases one that no loader loads any more, since it is taken back.
func giveUpPhases(ctx context.Context, s sink.Store, r *sink.Run, o *Options) error {
	if !inPhases(r) {
		return nil
	}
	o.log().Warn("the run was in the middle of its phases: it is taken back, and no shard of it is loaded any more", "run", r.Number)
	r.Batches = nil
	return s.SaveRun(ctx, r)
}

// otherPhases is an error where a run is in the middle of its phases that is not the one this call asks for.
func (g *generation) otherPhases(runs []*sink.Run) error {
	r := phased(runs)
	if r == nil || r.Number == g.options.Migrate || g.asksFor(r) {
		return nil
	}
	return &PhasesError{r.Number, r.Blueprint, "what is asked for now is another run"}
}

// asksFor tells whether this call asks for the rows of a recorded run, or for those up to which it grows another.
func (g *generation) asksFor(r *sink.Run) bool {
	identity := g.plan.Identity()
	if r.Identity == identity {
		return true
	}
	was, err := Recorded(r)
	return err == nil && was.Growth != nil && was.Growth.Target == identity
}

// alreadyPrepared is nil where the stage Prepare does not get the lock since loaders of the same run are at work: there is
// nothing to prepare.
func (g *generation) alreadyPrepared(ctx context.Context, locked error) error {
	if g.options.Stage != Prepare || !errors.Is(locked, sink.ErrLocked) {
		return locked
	}
	runs, err := g.store.Runs(ctx)
	if err != nil {
		return err
	}
	if r := phased(runs); r != nil {
		was, err := Recorded(r)
		if err != nil {
			return err
		}
		if g.plan, err = g.build(was.Append); err != nil {
			return err
		}
		if g.asksFor(r) {
			g.report.Plan, g.report.Run, g.report.State = g.plan, r.Number, "already prepared"
			g.notice("the run is prepared, and loaders are at work: %v", locked)
			return nil
		}
	}
	return &NotYetError{locked.Error(), locked}
}

// takeOver makes a run that is in the middle of its phases one that this process completes alone.
func (g *generation) takeOver() {
	if !inPhases(g.record) {
		return
	}
	g.record.Batches, g.record.Shards = nil, max(g.record.Shards, 1)
	g.notice("run %d was in the middle of its phases: this process completes it alone", g.record.Number)
}

// frozen is what a run is prepared with, as its record has it.
type frozen struct {
	Time int              `json:"time"` // 0, and 1 more whenever it is prepared again: loaders of another time are none
	Rows map[string]int64 `json:"rows"` // of a batch, by table
}

// freeze ends the stage Prepare: from here on loaders share the run. That what stands is what the ledger has, which alone
// they go by, is made sure of.
func (g *generation) freeze(ctx context.Context, stands found) error {
	if _, ok := g.store.(sink.Shared); !ok {
		return ErrOneMachine
	}
	todo := g.todo(stands)
	var missing int64
	for _, w := range todo {
		missing += w.todo
		g.report.Tables = append(g.report.Tables, TableReport{Name: w.table.Name, Total: w.table.Rows,
			Stood: w.table.Rows - w.todo - int64(len(g.left[w.table.Name].Rows))})
	}
	filling, err := g.unfilledAny(ctx)
	if err != nil {
		return err
	}
	if missing == 0 && !filling && g.record.State == sink.Complete {
		g.report.State = "already complete"
		return g.restoreOthers(ctx)
	}
	if stands != nil { // values may have come to stand since
		if _, err := g.redraw(ctx, todo); err != nil {
			return err
		}
	}
	g.before = nil
	others, err := g.countTables(ctx)
	if err != nil {
		return err
	}
	for t, n := range others {
		if g.before == nil {
			g.before = map[string]int64{}
		}
		g.before[g.plan.Database.Qualified(t)] = n
	}
	next := frozen{Rows: map[string]int64{}}
	if inPhases(g.record) {
		var last frozen
		_ = json.Unmarshal(g.record.Batches, &last) // one that cannot be read is replaced
		next.Time = last.Time + 1
	}
	for _, t := range filled(g.plan) {
		done, err := g.inLedger(ctx, t)
		if err != nil {
			return err
		}
		if n := sum(stands[t]); n != done && !g.isSkipped(t.Name) {
			return fmt.Errorf("%s: %d rows of run %d stand, and its ledger has %d: one process must complete it (sower generate without --phase)", t.Name, n, g.record.Number, done)
		}
		if t.Schema != nil && g.before != nil {
			if root := g.plan.Database.Qualified(g.root(t.Schema)); slices.Contains(mapKeys(g.before), root) {
				g.before[root] -= done
			}
		}
		next.Rows[t.Name] = g.options.BatchSize(t)
	}
	for name, n := range g.added { // what triggers have added is counted anew at the end
		if t := g.plan.Table(name); t != nil && t.Schema != nil && g.before != nil {
			g.before[g.plan.Database.Qualified(t.Schema)] -= n
		}
	}
	if g.record.Batches, err = json.Marshal(next); err != nil {
		return err
	}
	g.record.Shards = 0
	g.report.State = "prepared"
	if len(g.report.Rebuilt) > 0 {
		g.notice("taken away until the run is complete: indexes and keys of %s", strings.Join(g.report.Rebuilt, ", "))
		g.report.Rebuilt = nil
	}
	return g.save(ctx, sink.Running)
}

func mapKeys(m map[string]int64) (out []string) {
	for name := range m {
		out = append(out, name)
	}
	return out
}

// inLedger is the number of a table's rows that the ledger has.
func (g *generation) inLedger(ctx context.Context, t *plan.Table) (int64, error) {
	entries, err := g.store.Ledger(ctx, g.record.Number, t.Name)
	return sum(committed(entries)), err
}

// unfilledAny tells whether columns that came after rows are still to be filled.
func (g *generation) unfilledAny(ctx context.Context) (bool, error) {
	for _, t := range filled(g.plan) {
		for _, k := range t.Filled {
			if todo, err := g.unfilled(ctx, t, k); err != nil || len(todo) > 0 {
				return true, err
			}
		}
	}
	return false, nil
}

// join finds the run that is in the middle of its phases and settles its plan as the record says, whatever blueprint and
// options it was asked for by. done says that there is nothing to do: the last run was loaded by shards and is whole.
func (g *generation) join(ctx context.Context) (done bool, err error) {
	runs, err := g.store.Runs(ctx)
	if err != nil {
		return false, err
	}
	g.record = phased(runs)
	if g.record == nil {
		runs = slices.DeleteFunc(runs, func(r *sink.Run) bool { return r.State == sink.Superseded })
		if n := len(runs); n > 0 && runs[n-1].State == sink.Complete && runs[n-1].Shards > 0 {
			g.record, g.report.Run, g.report.State = runs[n-1], runs[n-1].Number, "already complete"
			return true, nil
		}
		return false, &NotYetError{text: "no run is prepared in this database: sower generate --phase prepare comes first"}
	}
	if g.plan, err = planOf(g.record, g.options.Replan); err != nil {
		return false, fmt.Errorf("run %d cannot be continued: %w", g.record.Number, err)
	}
	known := findingsOf(g.record)
	g.know(&known)
	g.report.Skipped = known.Skipped
	g.report.Plan, g.report.Run, g.report.Notices = g.plan, g.record.Number, g.plan.Notices
	var f frozen
	if err := json.Unmarshal(g.record.Batches, &f); err != nil {
		return false, fmt.Errorf("the record of run %d is damaged: %w", g.record.Number, err)
	}
	g.options.frozen = f.Rows
	return false, g.check(ctx)
}

// finishShared is the stage Finish.
func (g *generation) finishShared(ctx context.Context) (err error) {
	unlock, err := g.store.Lock(ctx, g.options.Who)
	if errors.Is(err, sink.ErrLocked) {
		return &NotYetError{err.Error(), err}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	g.progress.phase("prepare", "reading the record of runs")
	shared, ok := g.store.(sink.Shared)
	if !ok {
		return ErrOneMachine
	}
	if done, err := g.join(ctx); done || err != nil {
		return err
	}
	g.store.UseRun(g.record.Number)
	todo, err := g.allThere(ctx, shared)
	if err != nil {
		return err
	}
	g.added = nil // counted anew, since the stage Prepare
	var before counts
	if g.before != nil {
		before = counts{}
		for _, t := range g.plan.Database.Tables {
			if n, ok := g.before[g.plan.Database.Qualified(t)]; ok {
				before[t] = n
			}
		}
	}
	if err := g.timed(ctx, "data", func() error {
		if err := g.noteAll(ctx, before, todo); err != nil {
			return err
		}
		return g.fill(ctx)
	}); err != nil {
		return err
	}
	g.tellLeft()
	if err := g.finish(ctx, targetsOf(todo)); err != nil {
		return err
	}
	g.report.State = "complete"
	return nil
}

// allThere is a NotYetError that names the shards which lack rows. Else it gives the tables, whose rows the report then has.
func (g *generation) allThere(ctx context.Context, shared sink.Shared) (todo []*work, err error) {
	lacking, tables := map[int]bool{}, []string{}
	l := &sharing{generation: g, shared: shared, shard: Shard{Index: 1, Count: max(g.record.Shards, 1)}}
	for _, t := range filled(g.plan) {
		if g.isSkipped(t.Name) {
			continue
		}
		w, err := l.work(ctx, t, sink.Range{N: t.Rows})
		if err != nil {
			return nil, err
		}
		for _, r := range w.ranges {
			lacking[l.owner(t, r.First).Index] = true
		}
		if w.todo > 0 {
			tables = append(tables, fmt.Sprintf("%s lacks %d of its %d rows", t.Name, w.todo, t.Rows))
		}
		made := t.Rows - w.todo - int64(len(t.Adopted)+len(g.left[t.Name].Rows))
		g.report.Tables = append(g.report.Tables, TableReport{Name: t.Name, Made: made, Total: t.Rows})
		g.report.Rows += made
		todo = append(todo, w)
	}
	if len(tables) == 0 {
		return todo, nil
	}
	return nil, &NotYetError{text: fmt.Sprintf("run %d is not whole: %s (%s)", g.record.Number, shardsLack(lacking, g.record.Shards), strings.Join(tables, ", "))}
}

// shardsLack names the shards that are missing.
func shardsLack(lacking map[int]bool, count int) string {
	const most = 20 // that are named
	if count == 0 {
		return "no shard has been loaded yet"
	}
	var names []string
	for i := range count {
		if lacking[i+1] {
			names = append(names, Shard{Index: i + 1, Count: count}.String())
		}
	}
	text := strings.Join(names[:min(len(names), most)], ", ")
	if n := len(names) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	if len(names) == 1 {
		return "missing is shard " + text
	}
	return "missing are the shards " + text
}

// owner is the shard whose part has a row.
func (l *sharing) owner(t *plan.Table, row int64) Shard {
	if l.alone(t) {
		return Shard{Index: slices.Index(l.plan.Tables, t)%l.shard.Count + 1, Count: l.shard.Count}
	}
	size := l.options.frozen[t.Name]
	return shard.Owner(row/size, (t.Rows+size-1)/size, l.shard.Count)
}
