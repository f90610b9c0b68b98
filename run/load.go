package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// work is what is left to do of one table.
type work struct {
	table  *plan.Table
	target *sink.Target
	ranges []sink.Range // rows to write, in order
	todo   int64        // their number
}

// newWork gives the rows of a table that are neither done nor adopted.
func newWork(t *plan.Table, done []sink.Range) *work {
	for row := range t.Adopted {
		done = append(done, sink.Range{First: row, N: 1})
	}
	w := &work{table: t, target: Target(t), ranges: missing(t.Rows, done)}
	w.todo = sum(w.ranges)
	return w
}

// Target describes a planned table to a sink.
func Target(t *plan.Table) *sink.Target {
	return &sink.Target{Table: t.Schema, Name: t.Name, Columns: plan.Names(t.Out), Kinds: plan.Kinds(t.Out)}
}

// missing gives the ranges of [0, rows) that no range of done holds, in order.
func missing(rows int64, done []sink.Range) []sink.Range {
	done = slices.Clone(done)
	slices.SortFunc(done, func(a, b sink.Range) int { return int(min(max(a.First-b.First, -1), 1)) })
	var out []sink.Range
	at := int64(0)
	for _, d := range done {
		if d.First > at {
			out = append(out, sink.Range{First: at, N: d.First - at})
		}
		at = max(at, d.First+d.N)
	}
	if at < rows {
		out = append(out, sink.Range{First: at, N: rows - at})
	}
	return out
}

// batches cuts ranges into batches of n rows at most.
func batches(ranges []sink.Range, n int64) []sink.Range {
	var out []sink.Range
	for _, r := range ranges {
		for r.N > 0 {
			k := min(n, r.N)
			out = append(out, sink.Range{First: r.First, N: k})
			r.First, r.N = r.First+k, r.N-k
		}
	}
	return out
}

// progress collects what workers did and passes events on, one at a time.
type progress struct {
	mu      sync.Mutex
	options *Options
	started time.Time
	report  *Report
	retried int // batches that were tried again
}

func (p *progress) table(name string) *TableReport {
	for i := range p.report.Tables {
		if p.report.Tables[i].Name == name {
			return &p.report.Tables[i]
		}
	}
	return &TableReport{}
}

func (p *progress) add(name string, rows, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.table(name)
	t.Made += rows
	p.report.Rows += rows
	p.report.Bytes += bytes
	p.event(Event{Phase: "load", Table: name, Rows: t.Made + t.Stood, Total: t.Total, Batch: rows})
}

func (p *progress) took(table string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.table(table).Elapsed += d
}

func (p *progress) phase(phase, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.event(Event{Phase: phase, Text: text})
}

func (p *progress) event(e Event) {
	if p.options.Progress != nil {
		e.Elapsed = time.Since(p.started)
		p.options.Progress(e)
	}
}

// load writes what is left to do, table by table, batches in parallel. The error of the first worker
// that fails ends the others at once; batches that are committed stand.
func load(ctx context.Context, s sink.Sink, todo []*work, o *Options, p *progress) error {
	for _, unit := range unitsOf(todo) {
		if err := loadUnit(ctx, s, unit, o, p); err != nil {
			return err
		}
	}
	return nil
}

func loadTable(ctx context.Context, s sink.Sink, w *work, o *Options, p *progress) error {
	all := batches(w.ranges, int64(o.batchRows()))
	workers := min(o.workers(), len(all))
	if w.table.Sequential {
		workers = 1
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan sink.Range)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			if err := worker(ctx, s, w, next, p); err != nil {
				cancel(err)
			}
		})
	}
feed:
	for _, b := range all {
		select {
		case next <- b:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// worker loads batches through a loader of its own. A panic becomes an error that says where.
func worker(ctx context.Context, s sink.Sink, w *work, next <-chan sink.Range, p *progress) (err error) {
	var at sink.Range
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s rows %d-%d: panic: %v\n%s", w.table.Name, at.First, at.First+at.N-1, r, debug.Stack())
		}
	}()
	l := &retrier{sink: s, target: w.target, progress: p}
	defer func() { err = errors.Join(err, l.close(ctx, err)) }()
	var m rows.Maker
	for at = range next {
		b, err := m.Batch(w.table, w.table.Out, at.First, int(at.N))
		if err != nil {
			return err
		}
		n, err := l.load(ctx, b)
		if err != nil {
			return refused(ctx, s, w, at, err)
		}
		if n != at.N {
			return fmt.Errorf("%s rows %d-%d: %d rows were sent and %d counted", w.table.Name, at.First, at.First+at.N-1, at.N, n)
		}
		p.add(w.table.Name, n, b.Bytes())
	}
	return nil
}
