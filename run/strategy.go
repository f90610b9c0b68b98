package run

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// Strategy says whether tables are loaded with their indexes and foreign keys in place.
type Strategy string

// The strategies.
const (
	Auto    Strategy = "auto"     // rebuild for empty tables that get enough rows to be worth it
	InPlace Strategy = "in-place" // everything stays as it is
	Rebuild Strategy = "rebuild"  // rebuild for every empty table
)

// rebuildRows is the number of rows from which Auto takes a table's indexes and keys away for the load.
// Below it the drop and the build cost as much as they save.
const rebuildRows = 5000

// Phase is the time that one part of a run took.
type Phase struct {
	Name    string
	Elapsed time.Duration
}

// timed runs one phase and notes its time in the report.
func (g *generation) timed(name string, f func() error) error {
	started := time.Now()
	err := f()
	g.report.Phases = append(g.report.Phases, Phase{name, time.Since(started)})
	return err
}

// strip takes indexes and foreign keys of empty tables away, where strategy and size say so.
func (g *generation) strip(ctx context.Context, stands found) error {
	r, ok := g.store.(sink.Rebuilder)
	if !ok || g.options.Strategy == InPlace {
		return nil
	}
	var targets []*sink.Target
	for _, l := range loadings(g.plan, g.options.Strategy) {
		if l.Kept == "" && len(stands[l.of]) == 0 && !g.isSkipped(l.Table) {
			targets = append(targets, l.target)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	g.progress.phase("prepare", "taking indexes and foreign keys of empty tables away for the load")
	stripped, kept, err := r.Strip(ctx, targets)
	for _, t := range targets {
		if why := kept[t.Name]; why != "" {
			g.options.log().Info("indexes and keys stay in place during the load", "table", t.Name, "because", why)
		}
	}
	g.report.Rebuilt = stripped
	return err
}

// Loading is how a table would be loaded, and why.
type Loading struct {
	Table string
	sink.Loading
	of     *plan.Table
	target *sink.Target
}

// loadings decides by strategy and size. Those whose Kept is "" are for the database to decide.
func loadings(p *plan.Plan, strategy Strategy) (out []*Loading) {
	circle := circular(p)
	for _, t := range filled(p) {
		l := &Loading{Table: t.Name, of: t, target: Target(t)}
		out = append(out, l)
		switch {
		case t.Rows == 0:
			l.Kept = "it gets no rows"
		case strategy == InPlace:
			l.Kept = "the strategy is in-place"
		case t.Rows >= rebuildRows || strategy == Rebuild:
		case circle[t]: // without their keys, any order will do
			l.target.Keys = true
		default:
			l.Kept = fmt.Sprintf("it gets fewer than %d rows", rebuildRows)
		}
	}
	return out
}

// Loadings tells how the tables of a plan would be loaded if a run began now; nil where the database leaves no choice.
func Loadings(ctx context.Context, s sink.Store, p *plan.Plan, o Options) ([]*Loading, error) {
	r, ok := s.(sink.Rebuilder)
	if !ok {
		return nil, nil
	}
	out := loadings(p, o.Strategy)
	var targets []*sink.Target
	for _, l := range out {
		targets = append(targets, l.target)
	}
	found, err := r.Loadings(ctx, targets)
	if err != nil {
		return nil, err
	}
	for i, l := range out {
		if l.Kept != "" {
			found[i] = sink.Loading{Kept: l.Kept, Format: found[i].Format}
		}
		l.Loading = found[i]
	}
	return out, nil
}

// restore brings back what a load took away, this one's, or an interrupted one's, and gathers the statistics of
// tables. It gives those whose statistics are still to be gathered.
func (g *generation) restore(ctx context.Context, statistics []*sink.Target) ([]*sink.Target, error) {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return statistics, nil
	}
	left := slices.Clone(statistics)
	err := r.Restore(ctx, g.options.connections(), statistics, func(p sink.Restored) {
		if p.Phase == "statistics" {
			left = slices.DeleteFunc(left, func(t *sink.Target) bool { return t.Name == p.Name })
		} else {
			g.rebuilt = time.Now()
		}
		g.progress.phase(p.Phase, restoredText(p))
	})
	g.refused = err != nil && ctx.Err() == nil
	return left, err
}

// Repair brings back the indexes and keys that an interrupted load took away. say, which may be nil, is
// told of each.
func Repair(ctx context.Context, r sink.Rebuilder, o Options, say func(phase, text string)) error {
	return r.Restore(ctx, o.connections(), nil, func(p sink.Restored) {
		if say != nil {
			say(p.Phase, restoredText(p))
		}
	})
}

func restoredText(p sink.Restored) string { return fmt.Sprintf("%s (%d of %d)", p.Name, p.Done, p.Of) }

// connections is the number of connections that build indexes at once.
func (o *Options) connections() int {
	if o.Connections > 0 {
		return o.Connections
	}
	return max(o.workers(), min(runtime.GOMAXPROCS(0), 8))
}

// stopTime is how long a run that was told to stop goes on bringing back what it took away. Whoever tells it a
// second time ends it at once: the journal stands.
const stopTime = 20 * time.Second

// giveBack brings back what the load took away where a run ends before it is whole, and notes in the report
// how far that went. Where ctx has ended, it takes stopTime at most. What does not come back stays in the journal.
func (g *generation) giveBack(ctx context.Context) {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
	}
	taken, err := waiting(ctx, r)
	if err != nil {
		if len(g.report.Rebuilt) > 0 {
			g.notice("whether the indexes and foreign keys that the load took away are in place could not be asked (%v): the same command again brings them back, and so does sower repair", err)
		}
		return
	}
	if taken == 0 {
		return
	}
	if !g.refused && g.record != nil { // else it has just been tried, or is another run's
		g.progress.phase("restore", "the run ends before it is whole: bringing indexes and foreign keys back")
		_, err = g.restore(ctx, nil)
	}
	left, lost := waiting(ctx, r)
	switch {
	case err == nil && lost == nil && left == 0:
		g.notice("the run ended before it was whole; the indexes and foreign keys that the load had taken away (%d) are in place again", taken)
		return
	case err != nil:
		g.notice("bring indexes and foreign keys back: %v", err)
	}
	if lost != nil {
		left = taken
	}
	g.notice("%d indexes and foreign keys are not in place yet: the same command again brings them back when it is whole, and so does sower repair", left)
}

// waiting asks how many indexes and keys wait to come back; a server that does not answer soon is gone.
func waiting(ctx context.Context, r sink.Rebuilder) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.Journaled(ctx)
}
