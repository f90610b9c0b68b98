package run

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

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
func (g *generation) strip(ctx context.Context) error {
	r, ok := g.store.(sink.Rebuilder)
	if !ok || g.options.Strategy == InPlace {
		return nil
	}
	var targets []*sink.Target
	circle := circular(g.plan)
	for _, t := range filled(g.plan) {
		switch target := Target(t); {
		case t.Rows >= rebuildRows || g.options.Strategy == Rebuild && t.Rows > 0:
			targets = append(targets, target)
		case circle[t] && t.Rows > 0: // without their keys, any order will do
			target.Keys = true
			targets = append(targets, target)
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

// restore brings back what a load took away: this one's, or an interrupted one's.
func (g *generation) restore(ctx context.Context) error {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return nil
	}
	return Repair(ctx, r, *g.options, g.progress.phase)
}

// Repair brings back the indexes and keys that an interrupted load took away. say, which may be nil, is
// told of each.
func Repair(ctx context.Context, r sink.Rebuilder, o Options, say func(phase, text string)) error {
	return r.Restore(ctx, o.connections(), func(p sink.Restored) {
		if say != nil {
			say(p.Phase, fmt.Sprintf("%s (%d of %d)", p.Name, p.Done, p.Of))
		}
	})
}

// connections is the number of connections that build indexes at once.
func (o *Options) connections() int {
	if o.Connections > 0 {
		return o.Connections
	}
	return max(o.workers(), min(runtime.GOMAXPROCS(0), 8))
}

// unrestored notes in the report that a run ended without what it took away.
func (g *generation) unrestored(ctx context.Context) {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if n, err := r.Journaled(ctx); err == nil && n > 0 {
		g.report.Notices = append(slices.Clip(g.report.Notices),
			fmt.Sprintf("%d indexes and foreign keys are not in place yet: the same command again brings them back when it is whole, and so does sower repair", n))
	}
}
