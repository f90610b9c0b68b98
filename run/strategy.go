package run

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/sowerdata/sower/internal/trace"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Strategy says whether tables are loaded with their indexes and keys in place.
type Strategy string

// The strategies.
const (
	Auto    Strategy = "auto"     // rebuild for empty tables that get enough rows to be worth it
	InPlace Strategy = "in-place" // everything stays as it is
	Rebuild Strategy = "rebuild"  // rebuild for every empty table, whatever its size
)

// rebuildRows is the number of rows from which Auto takes a table's indexes and keys away for the load.
// Below it the drop and the build cost as much as they save.
const rebuildRows = 5000

// keyRows is the number of entries in primary keys and uniques of a table from which those go, too: entries in any order
// cost more the more there are, and each key is two transactions more.
const keyRows = 25_000

// Of many small tables the foreign keys alone are rebuilt, which costs a small table less than to look every row's parent
// up, from so many rows on: in it, and in all of them together.
const (
	smallRows = 1000
	manyRows  = 25_000
)

// Phase is the time that one part of a run took.
type Phase struct {
	Name    string
	Elapsed time.Duration
}

// timed runs one phase and notes its time in the report.
func (g *generation) timed(ctx context.Context, name string, f func() error) error {
	defer trace.Of(ctx).Begin(name, "")()
	started := time.Now()
	err := f()
	g.report.Phases = append(g.report.Phases, Phase{name, time.Since(started)})
	return err
}

// strip takes indexes and keys of empty tables away, where strategy and size say so.
func (g *generation) strip(ctx context.Context, stands found) error {
	r, ok := g.store.(sink.Rebuilder)
	if !ok || g.options.Strategy == InPlace {
		return nil
	}
	var targets []*sink.Target
	_, unkeyer := g.store.(sink.Unkeyer)
	for _, l := range loadings(g.plan, g.options.Strategy, unkeyer) {
		if l.Kept == "" && len(stands[l.of]) == 0 && !g.isSkipped(l.Table) {
			targets = append(targets, l.target)
		}
	}
	if len(targets) == 0 {
		return nil
	}
	g.progress.phase("prepare", "taking indexes and keys of empty tables away for the load")
	taken, err := r.Pieces(ctx, targets)
	if err != nil {
		return err
	}
	if g.addTaken(taken) { // before the first is gone: so that somebody knows, whatever becomes of the journal
		if err := g.save(ctx, sink.Running); err != nil {
			return err
		}
	}
	stripped, kept, err := r.Strip(ctx, targets)
	for _, t := range targets {
		if why := kept[t.Name]; why != "" {
			g.options.log().Info("indexes and keys stay in place during the load", "table", t.Name, "because", why)
		}
	}
	g.report.Rebuilt = stripped
	return err
}

// addTaken adds to what the load may drop; false where that is nothing new.
func (g *generation) addTaken(pieces []sink.Piece) bool {
	some := false
	for _, p := range pieces {
		if !slices.ContainsFunc(g.taken, func(o sink.Piece) bool { return o.Key == p.Key && o.Table == p.Table && o.Name == p.Name }) {
			g.taken, some = append(g.taken, p), true
		}
	}
	return some
}

// Loading is how a table would be loaded, and why.
type Loading struct {
	Table  string
	Format string // in which rows travel; "" where there is only one
	sink.Loading
	of     *plan.Table
	target *sink.Target
}

// Target is the table as the sink takes it.
func (l *Loading) Target() *sink.Target { return l.target }

// loadings decides by strategy and size. Those whose Kept is "" are for the database to decide. keys: it can take primary
// keys and uniques away, too.
func loadings(p *plan.Plan, strategy Strategy, keys bool) (out []*Loading) {
	circle, atOnce := circular(p), atOnceOf(p)
	keys = keys && strategy != InPlace && len(triggered(p)) == 0 // which may look rows up
	small := map[*Loading]bool{}
	many := int64(0) // rows of small tables that refer to others
	unkeyed := map[*schema.Table]bool{}
	for _, t := range filled(p) {
		l := &Loading{Table: t.Name, of: t, target: Target(t)}
		out = append(out, l)
		if keys && !circle[t] && !atOnce[t] && t.Rows > 0 {
			if names := loose(t); strategy == Rebuild || t.Rows >= rebuildRows && t.Rows*int64(len(names)) >= keyRows {
				l.target.Uniques = names
				unkeyed[t.Schema] = len(names) > 0
			}
		}
		switch {
		case t.Rows == 0:
			l.Kept = "it gets no rows"
		case strategy == InPlace:
			l.Kept = "the strategy is in-place"
		case atOnce[t]:
			l.Kept = "triggers look at its rows at commit"
		case t.Rows >= rebuildRows || strategy == Rebuild:
		case circle[t]: // without their keys, any order will do
			l.target.Keys = true
		default:
			l.Kept = fmt.Sprintf("it gets fewer than %d rows", rebuildRows)
			small[l] = true
			if t.Rows >= smallRows && len(t.Parents) > 0 {
				many += t.Rows
			}
		}
	}
	for l := range small {
		if many >= manyRows && l.of.Rows >= smallRows && len(l.of.Parents) > 0 {
			l.Kept, l.target.Keys = "", true
		}
	}
	for l := range small { // what refers to a key that goes away goes, too
		if slices.ContainsFunc(l.of.Parents, func(t *plan.Table) bool { return unkeyed[t.Schema] }) {
			l.Kept, l.target.Keys = "", true
		}
	}
	return out
}

// loose gives the primary keys and uniques of a table that are built faster than they are kept up to date row by row: all
// but those of one column that counts up. Only such are given in which the plan itself makes all rows distinct.
func loose(t *plan.Table) (names []string) {
	if t.Schema == nil {
		return nil
	}
	for _, u := range t.Schema.Uniques {
		made := len(u.Columns) > 0 && u.Where == "" && !slices.ContainsFunc(u.Columns, func(name string) bool {
			return !slices.ContainsFunc(t.Out, func(c *plan.Column) bool { return c.Name == name })
		})
		if !made {
			continue
		}
		if len(u.Columns) == 1 {
			if _, rising := t.Column(u.Columns[0]).Consecutive(); rising {
				continue
			}
		}
		names = append(names, u.Name)
	}
	return names
}

// Loadings tells how the tables of a plan would be loaded if a run began now; nil where the database leaves no choice.
func Loadings(ctx context.Context, s sink.Store, p *plan.Plan, o Options) ([]*Loading, error) {
	r, ok := s.(sink.Rebuilder)
	if !ok {
		return nil, nil
	}
	_, unkeyer := s.(sink.Unkeyer)
	out := loadings(p, o.Strategy, unkeyer)
	var some []*Loading
	var targets []*sink.Target
	for _, l := range out {
		var err error
		if l.Format, err = r.Format(l.target); err != nil {
			return nil, err
		}
		if l.Kept == "" {
			some, targets = append(some, l), append(targets, l.target)
		}
	}
	if len(targets) == 0 {
		return out, nil
	}
	found, err := r.Loadings(ctx, targets)
	if err != nil {
		return nil, err
	}
	for i, l := range some {
		l.Loading = found[i]
	}
	return out, nil
}

// restore brings back what a load dropped, this one's, or an interrupted one's, and gathers the statistics of
// tables. It gives those whose statistics are still to be gathered. A run that is told to stop meanwhile restores all
// the same, but leaves statistics out: what is restored need not be restored again. Options.Abandon ends it.
func (g *generation) restore(ctx context.Context, statistics []*sink.Target) ([]*sink.Target, error) {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return statistics, nil
	}
	left := slices.Clone(statistics)
	going, stop := g.options.until(context.WithoutCancel(ctx))
	defer stop()
	err := r.Restore(going, sink.Restoring{
		Connections: g.options.connections(),
		Statistics:  statistics,
		Stopping:    func() bool { return ctx.Err() != nil },
		Note: func(p sink.Restored) {
			switch {
			case p.Underway:
			case p.Phase == "statistics":
				left = slices.DeleteFunc(left, func(t *sink.Target) bool { return t.Name == p.Name })
			default:
				g.rebuilt = time.Now()
			}
			g.progress.restored(p)
		},
	})
	g.refused = err != nil && going.Err() == nil
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return left, err
}

// restoreOthers brings back what an earlier run left in the journal, and says what that is.
func (g *generation) restoreOthers(ctx context.Context) error {
	if r, ok := g.store.(sink.Rebuilder); ok {
		out, err := r.Journaled(ctx)
		if err != nil {
			return err
		}
		if out.Total() > 0 {
			g.progress.phase("restore", fmt.Sprintf("restoring what an interrupted run dropped: %s", out))
		}
	}
	_, err := g.restore(ctx, nil)
	return err
}

// errAbandoned is why a restoring ended that somebody did not want to wait for.
var errAbandoned = errors.New("it was not waited for")

// until gives a context that ends with Abandon.
func (o *Options) until(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	ended := make(chan struct{})
	go func() {
		select {
		case <-o.Abandon: // never, where it is nil
			cancel(errAbandoned)
		case <-ended:
		}
	}()
	return ctx, func() {
		close(ended)
		cancel(nil)
	}
}

// Repair brings back the indexes and keys that an interrupted load dropped. say, which may be nil, is told of each.
func Repair(ctx context.Context, r sink.Rebuilder, o Options, say func(phase, text string)) error {
	return r.Restore(ctx, sink.Restoring{Connections: o.connections(), Forget: o.Forget, Note: func(p sink.Restored) {
		if say != nil {
			say(p.Phase, restoredText(p))
		}
	}})
}

func restoredText(p sink.Restored) string {
	switch {
	case !p.Underway:
		return fmt.Sprintf("%s (%d of %d)", p.Name, p.Done, p.Of)
	case p.Percent > 0:
		return fmt.Sprintf("%s is at %d %% (%d of %d done)", p.Name, p.Percent, p.Done, p.Of)
	}
	return fmt.Sprintf("%s is under way (%d of %d done)", p.Name, p.Done, p.Of)
}

// connections is the number of connections that build indexes at once.
func (o *Options) connections() int {
	if o.Connections > 0 {
		return o.Connections
	}
	return max(o.workers(), min(runtime.GOMAXPROCS(0), 8))
}

// giveBack brings back what the load dropped where a run ends before it is whole, and notes in the report
// how far that went. What does not come back stays in the journal.
func (g *generation) giveBack(ctx context.Context) {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return
	}
	out, err := waiting(ctx, r)
	if err != nil {
		if len(g.report.Rebuilt) > 0 {
			g.notice("whether the indexes and keys that the load dropped are in place could not be asked (%v): the same command again restores them, and so does sower repair", err)
		}
		return
	}
	if out.Total() == 0 {
		if len(g.report.Rebuilt) > 0 {
			g.notice("the run ended before it was whole; all indexes and keys that the load had dropped are in place again")
		}
		return
	}
	abandoned := false
	select {
	case <-g.options.Abandon:
		abandoned = true
	default:
	}
	if !g.refused && !abandoned && g.record != nil { // else it has just been tried, or is another run's
		going, stop := g.options.until(context.WithoutCancel(ctx))
		if err := g.undoHalves(going); err != nil && going.Err() == nil {
			g.notice("%v", err)
		}
		stop()
		g.progress.phase("restore", fmt.Sprintf("the run ends before it is whole: restoring what the load dropped: %s", out))
		// Its error is the run's, or is told here.
		if _, err := g.restore(context.WithoutCancel(ctx), nil); err != nil && !errors.Is(err, errAbandoned) {
			g.notice("restore indexes and keys: %v", err)
		}
	}
	left, lost := waiting(ctx, r)
	if lost == nil && left.Total() == 0 {
		g.notice("the run ended before it was whole; what the load had dropped is in place again (%s)", out)
		return
	}
	if lost != nil {
		left = out
	}
	g.report.Waiting = left
	g.notice("not in place yet: %s: sower repair restores them, and so does the same command again", left)
}

// waiting asks what waits to come back; a server that does not answer soon is gone.
func waiting(ctx context.Context, r sink.Rebuilder) (sink.Waiting, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.Journaled(ctx)
}
