package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/trace"
	"github.com/sowerdata/sower/plan"
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
	grows    int64                 // number of the run that a new one adds rows to; 0: none
	changed  map[string][]string   // table -> columns that triggers changed
	added    map[string]int64      // table -> rows that triggers added
	left     map[string]Left       // table -> rows that the database refused
	detached map[string][]string   // table -> parents that are left out, to which its references are null
	fresh    map[*plan.Column]bool // that the run does not have yet
	leaving  leaving
	others   map[string]map[string][][2]int64 // see findings
	taken    []sink.Piece                     // what the load may drop
	before   map[string]int64                 // table -> rows of others, before loaders came; see findings
	spares   map[*plan.Table]bool             // tables that can do without some of their rows, as far as that was asked
	refused  bool                             // the database did not take back an index or a key: trying at once again is of no use
	rebuilt  time.Time                        // when the last index or key was back
	sharing  *sharing                         // of a loader: what it shares with others; nil elsewhere
}

func (g *generation) run(ctx context.Context) (err error) {
	switch g.options.Stage {
	case Load:
		return g.loadShared(ctx)
	case Finish:
		return g.finishShared(ctx)
	}
	unlock, err := g.store.Lock(ctx, g.options.Who)
	if err != nil {
		return g.alreadyPrepared(ctx, err)
	}
	defer func() {
		if err != nil && !inPhases(g.record) { // else the loaders go on
			g.giveBack(ctx)
		}
		err = errors.Join(err, unlock())
	}()
	var stands found
	if err := g.timed(ctx, "prepare", func() error { stands, err = g.prepare(ctx); return err }); err != nil {
		return err
	}
	g.store.UseRun(g.record.Number)
	if g.options.Stage == Prepare {
		return g.freeze(ctx, stands)
	}
	g.takeOver()
	var todo []*work
	if err := g.timed(ctx, "data", func() error {
		if todo, err = g.loadAll(ctx, stands); err != nil {
			return err
		}
		return g.fill(ctx)
	}); err != nil {
		return err
	}
	if g.report.Rows == 0 && g.record.State == sink.Complete {
		if err := g.restoreOthers(ctx); err != nil {
			return err
		}
		g.report.State = "already complete"
		return nil
	}
	if err := g.finish(ctx, targetsOf(todo)); err != nil {
		return err
	}
	g.report.State = "complete"
	return nil
}

// prepare settles which run this is: one to continue, whose standing rows it gives, or a new one.
func (g *generation) prepare(ctx context.Context) (found, error) {
	g.progress.phase("prepare", "reading the record of runs")
	if err := Lost(ctx, g.store); err != nil {
		return nil, err
	}
	stands, err := g.find(ctx)
	if err != nil {
		return nil, err
	}
	if stands == nil {
		if err := g.restoreOthers(ctx); err != nil { // what another run left behind
			return nil, err
		}
		g.progress.phase("prepare", "reserving keys and looking for values that stand")
		if err := g.begin(ctx); err != nil {
			return nil, err
		}
	}
	if err := g.makePartitions(ctx); err != nil {
		return nil, err
	}
	if g.record.State != sink.Complete {
		if err := g.strip(ctx, stands); err != nil {
			return nil, err
		}
	}
	g.report.Plan, g.report.Run, g.report.Notices = g.plan, g.record.Number, g.plan.Notices
	for _, s := range g.report.Skipped { // by an earlier call of this run
		g.notice("%s is left out: %s", s.Table, s.Reason)
	}
	return stands, nil
}

// finish brings indexes and keys back, gathers statistics, beside that where the store can, and marks the run as
// whole. As the time of the statistics counts what they take longer than indexes and keys.
func (g *generation) finish(ctx context.Context, targets []*sink.Target) error {
	g.rebuilt = time.Now()
	started := g.rebuilt
	ended := trace.Of(ctx).Begin("indexes, keys, statistics", "")
	left, err := g.restore(ctx, targets)
	ended()
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
	g.taken, g.before, g.record.Batches = nil, nil, nil
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
