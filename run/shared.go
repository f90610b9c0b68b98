package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// sharing is what a loader knows of a run that it loads together with others, each in a process of its own. They agree
// by the ledger alone: every batch is in one transaction with its row there, and there is only one such row. So it does no
// harm where two load the same, and nobody waits for a process that may not be running: what a table's parents lack is
// loaded by whoever needs it.
type sharing struct {
	*generation
	shared sink.Shared
	shard  Shard
	whole  map[*plan.Table]bool // tables that were seen to be
}

// loadShared is the stage Load.
func (g *generation) loadShared(ctx context.Context) (err error) {
	shared, ok := g.store.(sink.Shared)
	if !ok {
		return ErrOneMachine
	}
	unlock, err := shared.LockShared(ctx, fmt.Sprintf("shard %s, %s", g.options.Shard, g.options.Who))
	if errors.Is(err, sink.ErrLocked) {
		return &NotYetError{err.Error(), err}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	g.progress.phase("prepare", "reading the record of runs")
	if done, err := g.join(ctx); done || err != nil {
		return err
	}
	shared.ShareRun(g.record)
	g.sharing = &sharing{generation: g, shared: shared, shard: g.options.Shard}
	if err := g.sharing.divide(ctx); err != nil {
		return err
	}
	if err := g.timed(ctx, "data", func() error { return g.sharing.loadOwn(ctx) }); err != nil {
		return err
	}
	g.report.State = "loaded"
	return nil
}

// divide notes in the record by how many shards the run is loaded: all loaders have to say the same.
func (l *sharing) divide(ctx context.Context) error {
	if l.record.Shards == l.shard.Count {
		return nil
	}
	if l.record.Shards != 0 {
		return &ShardsError{l.record.Number, l.record.Shards, l.shard}
	}
	return l.shared.ChangeRun(ctx, l.record.Number, func(r *sink.Run) error {
		if r.Shards != 0 && r.Shards != l.shard.Count {
			return &ShardsError{r.Number, r.Shards, l.shard}
		}
		r.Shards = l.shard.Count
		l.record.Shards = r.Shards
		return nil
	})
}

// ShardsError says that a run is loaded by another number of shards.
type ShardsError struct {
	Run    int64
	Shards int
	Asked  Shard
}

func (e *ShardsError) Error() string {
	return fmt.Sprintf("run %d is loaded by %d shards, and this is %s: say the same number everywhere; --phase prepare once more, while nobody loads, lets it be divided anew",
		e.Run, e.Shards, e.Asked)
}

// loadOwn loads the shard's part of every table, and whatever of their parents nobody has loaded yet.
func (l *sharing) loadOwn(ctx context.Context) error {
	const tries = 5
	defer l.tellFewer()
	if err := l.expect(ctx); err != nil {
		return err
	}
	for try := 1; ; try++ {
		retried := l.progress.retried
		l.whole = map[*plan.Table]bool{}
		err := l.pass(ctx)
		left := int64(0)
		switch {
		case err == nil:
			// On disk, before anybody goes by it: a server that breaks down may lose commits that it has acknowledged.
			if err := l.store.Finish(ctx, nil); err != nil {
				return err
			}
			if left, err = l.lacking(ctx); err != nil || left == 0 {
				return err
			}
			err = fmt.Errorf("shard %s: %d rows that were committed are gone", l.shard, left)
		case errors.Is(err, sink.ErrParent) && l.progress.retried > retried: // parents may be gone in this way
		case errors.Is(err, sink.ErrStands): // of tables that are loaded together: by a loader that has died since
		case errors.Is(err, sink.ErrUnique):
			return fmt.Errorf("%w: run %d is to be prepared again, which draws such values anew (sower generate --phase prepare, once no loader is at work), and then this shard loaded",
				err, l.record.Number)
		default:
			return err
		}
		if try == tries {
			return err
		}
	}
}

// expect begins the report: the shard's part of every table.
func (l *sharing) expect(ctx context.Context) error {
	for _, t := range filled(l.plan) {
		own := l.own(t)
		w, err := l.work(ctx, t, own)
		if err != nil {
			return err
		}
		l.report.Tables = append(l.report.Tables, TableReport{Name: t.Name, Total: own.N, Stood: own.N - w.todo})
	}
	return nil
}

// lacking is the number of rows that the shard's part does not have.
func (l *sharing) lacking(ctx context.Context) (n int64, err error) {
	for _, t := range filled(l.plan) {
		w, err := l.work(ctx, t, l.own(t))
		if err != nil {
			return 0, err
		}
		n += w.todo
	}
	return n, nil
}

// pass loads what the shard's part lacks, parents first.
func (l *sharing) pass(ctx context.Context) error {
	for _, level := range levels(l.plan) {
		var own []*plan.Table
		for _, t := range level {
			w, err := l.work(ctx, t, l.own(t))
			if err != nil {
				return err
			}
			if w.todo == 0 {
				continue
			}
			own = append(own, t)
			for _, p := range l.parents(t) {
				if err := l.ensure(ctx, p); err != nil {
					return err
				}
			}
		}
		if err := l.refresh(ctx); err != nil {
			return err
		}
		var beside []*work
		for _, t := range own {
			if l.alone(t) {
				continue
			}
			w, err := l.work(ctx, t, l.own(t))
			if err != nil {
				return err
			}
			beside = append(beside, w)
		}
		if err := load(ctx, l.store, beside, l.options, l.progress, nil); err != nil {
			return err
		}
		for _, t := range own {
			if l.alone(t) {
				if err := l.ensure(ctx, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ensure makes a table whole: what it lacks is loaded, by this loader or by others that are at work.
func (l *sharing) ensure(ctx context.Context, t *plan.Table) error {
	if l.whole[t] || t.Standing || t.Triggered || l.isSkipped(t.Name) {
		return nil
	}
	for _, p := range l.parents(t) {
		if err := l.ensure(ctx, p); err != nil {
			return err
		}
	}
	if l.alone(t) {
		return l.ensureAlone(ctx, t)
	}
	for {
		w, err := l.work(ctx, t, sink.Range{N: t.Rows})
		if err != nil {
			return err
		}
		if w.todo == 0 {
			l.whole[t] = true
			return nil
		}
		// Some of it, drawn at random: others who need the table are at the same.
		rand.Shuffle(len(w.ranges), func(i, j int) { w.ranges[i], w.ranges[j] = w.ranges[j], w.ranges[i] })
		w.ranges = w.ranges[:min(len(w.ranges), max(2*l.options.workers(), len(w.ranges)/(2*l.shard.Count)))]
		w.todo = sum(w.ranges)
		l.progress.more(t.Name, w.todo)
		if err := l.refresh(ctx); err != nil {
			return err
		}
		if err := load(ctx, l.store, []*work{w}, l.options, l.progress, nil); err != nil {
			return err
		}
	}
}

// ensureAlone makes tables whole that one loader loads at a time: whoever claims them.
func (l *sharing) ensureAlone(ctx context.Context, t *plan.Table) error {
	unit := l.unit(t)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		release, ok, err := l.shared.Claim(ctx, l.record.Number, unit[0].Name)
		if err != nil {
			return err
		}
		if ok {
			err := l.loadAlone(ctx, unit)
			return errors.Join(err, release())
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		left := int64(0)
		for _, t := range unit {
			w, err := l.work(ctx, t, sink.Range{N: t.Rows})
			if err != nil {
				return err
			}
			left += w.todo
		}
		if left == 0 { // whoever has the claim is at its end
			if err := l.refresh(ctx); err != nil {
				return err
			}
			l.seen(unit)
			return nil
		}
	}
}

func (l *sharing) loadAlone(ctx context.Context, unit []*plan.Table) error {
	if err := l.refresh(ctx); err != nil {
		return err
	}
	var todo []*work
	for _, t := range unit {
		w, err := l.work(ctx, t, sink.Range{N: t.Rows})
		if err != nil {
			return err
		}
		if own := l.own(t); own.N == 0 {
			l.progress.more(t.Name, w.todo)
		}
		todo = append(todo, w)
	}
	if err := load(ctx, l.store, todo, l.options, l.progress, nil); err != nil {
		return err
	}
	l.seen(unit)
	return l.noteChanged(ctx, todo)
}

// noteChanged adds to the record what the triggers of tables changed in them.
func (l *sharing) noteChanged(ctx context.Context, todo []*work) error {
	found, err := l.findChanged(ctx, todo, nil)
	if err != nil || !found {
		return err
	}
	return l.shared.ChangeRun(ctx, l.record.Number, func(r *sink.Run) error {
		all := findingsOf(r).Changed
		for table, columns := range l.changed {
			for _, c := range columns {
				if !slices.Contains(all[table], c) {
					if all == nil {
						all = map[string][]string{}
					}
					all[table] = append(all[table], c)
				}
			}
		}
		return setFinding(r, "changed", all)
	})
}

func (l *sharing) seen(unit []*plan.Table) {
	for _, t := range unit {
		l.whole[t] = true
	}
}

// work is what a range of a table lacks, by the ledger, cut at the bounds that the run was prepared with.
func (l *sharing) work(ctx context.Context, t *plan.Table, within sink.Range) (*work, error) {
	w := &work{table: t, target: Target(t), shared: true}
	if within.N == 0 || l.isSkipped(t.Name) {
		return w, nil
	}
	done, err := l.shared.Committed(ctx, l.record.Number, t.Name, within)
	if err != nil {
		return nil, err
	}
	l.leaving.Lock()
	done = slices.Concat(done, adoptedRanges(t), l.left[t.Name].ranges())
	l.leaving.Unlock()
	size := l.options.frozen[t.Name]
	for _, r := range missingOf(within, done) {
		for r.N > 0 {
			k := min(size-r.First%size, r.N)
			w.ranges = append(w.ranges, sink.Range{First: r.First, N: k})
			r.First, r.N = r.First+k, r.N-k
		}
	}
	w.todo = sum(w.ranges)
	l.spare(w)
	return w, nil
}

// own is the shard's part of a table: whole batches, or all of a table that one loader loads.
func (l *sharing) own(t *plan.Table) sink.Range {
	if l.alone(t) {
		if l.owner(t, 0) == l.shard {
			return sink.Range{N: t.Rows}
		}
		return sink.Range{}
	}
	size := l.options.frozen[t.Name]
	first, n := l.shard.Of((t.Rows + size - 1) / size)
	return sink.Range{First: first * size, N: max(min((first+n)*size, t.Rows)-first*size, 0)}
}

// alone tells whether a table is loaded by one loader at a time: one of several that refer to one another, one whose rows
// need an order, and one whose triggers may write others, or refuse some of its rows.
func (l *sharing) alone(t *plan.Table) bool {
	return t.Sequential || t.Schema != nil && len(t.Schema.Triggers) > 0 || len(l.unit(t)) > 1
}

// unit gives the tables that refer to one another with t, which may be t alone.
func (l *sharing) unit(t *plan.Table) (out []*plan.Table) {
	for _, o := range filled(l.plan) {
		if o.Unit == t.Unit {
			out = append(out, o)
		}
	}
	return out
}

// parents gives the tables of other units that t, or one of its unit, refers to.
func (l *sharing) parents(t *plan.Table) (out []*plan.Table) {
	for _, o := range l.unit(t) {
		for _, p := range o.Parents {
			if p.Unit != t.Unit {
				out = append(out, p)
			}
		}
	}
	return out
}

// levels divides the tables that a plan fills: each refers to tables of earlier levels alone, and to those of its unit.
func levels(p *plan.Plan) (out [][]*plan.Table) {
	level := map[int]int{} // by unit
	for _, t := range filled(p) {
		for _, parent := range t.Parents {
			if at, ok := level[parent.Unit]; ok && parent.Unit != t.Unit {
				level[t.Unit] = max(level[t.Unit], at+1)
			}
		}
		level[t.Unit] += 0
	}
	for _, t := range filled(p) {
		for len(out) <= level[t.Unit] {
			out = append(out, nil)
		}
		out[level[t.Unit]] = append(out[level[t.Unit]], t)
	}
	return out
}

// refresh reads which rows other loaders have left out by now.
func (l *sharing) refresh(ctx context.Context) error {
	runs, err := l.store.Runs(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Number == l.record.Number {
			l.leaving.Lock()
			l.left = findingsOf(r).Left
			l.leaving.Unlock()
			return nil
		}
	}
	return fmt.Errorf("the record of run %d is gone", l.record.Number)
}

// noteLeft adds rows that are left out to the record, beside what other loaders add. The caller holds l.leaving.
func (l *sharing) noteLeft(ctx context.Context, table string, more Left) error {
	return l.shared.ChangeRun(ctx, l.record.Number, func(r *sink.Run) error {
		l.left = addLeft(findingsOf(r).Left, table, more)
		return setFinding(r, "left", l.left)
	})
}

// more expects further rows of a table.
func (p *progress) more(name string, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.table(name).Total += rows
	if p.all > 0 {
		p.all += rows
	}
}
