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
	ranges []sink.Range                                        // rows to write, in order
	todo   int64                                               // their number
	leave  leave                                               // leaves rows out that the database refuses, or whose parents are left out; nil where all are needed
	alone  bool                                                // the database may refuse rows of it one by one
	lost   func(m *rows.Maker, at sink.Range) ([]int64, error) // those of its rows whose parents are left out
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

// load writes what is left to do, batches in parallel. The error of the first worker that fails ends the others at
// once; batches that are committed stand. Tables that do not need one another are loaded side by side, but for those
// with triggers, which may read or write any other: of these, after, which may be nil, is told as soon as they are whole.
func load(ctx context.Context, s sink.Sink, todo []*work, o *Options, p *progress, after func([]*work) error) error {
	var beside []*work
	for _, unit := range unitsOf(todo) {
		if len(unit) == 1 && !unit[0].triggers() {
			beside = append(beside, unit[0])
			continue
		}
		if err := loadTables(ctx, s, beside, o, p); err != nil {
			return err
		}
		beside = nil
		if err := loadUnit(ctx, s, unit, o, p); err != nil {
			return err
		}
		if after == nil {
			continue
		}
		if err := after(unit); err != nil {
			return err
		}
	}
	return loadTables(ctx, s, beside, o, p)
}

func (w *work) triggers() bool { return w.table.Schema != nil && len(w.table.Schema.Triggers) > 0 }

// loadTables loads tables, each once those that it refers to are whole.
func loadTables(ctx context.Context, s sink.Sink, todo []*work, o *Options, p *progress) error {
	q := newQueue(todo, o, s)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, q.stop)()
	var wg sync.WaitGroup
	for range min(o.workers(), q.batches) {
		wg.Go(func() {
			if err := worker(ctx, s, q, p); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	for _, j := range q.jobs {
		if !j.began.IsZero() {
			p.took(j.work.table.Name, j.ended.Sub(j.began))
		}
	}
	return context.Cause(ctx)
}

// worker loads batches, through a loader of its own for each table that it comes to. A panic becomes an error that
// says where.
func worker(ctx context.Context, s sink.Sink, q *queue, p *progress) (err error) {
	var j *job
	var at sink.Range
	var m *rows.Maker
	l := new(retrier)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s rows %d-%d: panic: %v\n%s", j.work.table.Name, at.First, at.First+at.N-1, r, debug.Stack())
		}
		err = errors.Join(err, l.close(ctx, err))
		if err != nil && j != nil {
			err = &tableError{j.work.table, err}
		}
	}()
	for {
		before := j
		if j, at = q.next(j); j == nil {
			j = before
			return nil
		}
		if j != before {
			if err := l.close(ctx, nil); err != nil {
				return err
			}
			l, m = &retrier{sink: s, target: j.work.target, progress: p}, new(rows.Maker)
		}
		if err := loadBatch(ctx, s, j.work, l, m, at, p); err != nil {
			return err
		}
	}
}

func loadBatch(ctx context.Context, s sink.Sink, w *work, l *retrier, m *rows.Maker, at sink.Range, p *progress) error {
	if w.lost == nil {
		return loadRows(ctx, s, w, l, m, at, p)
	}
	lost, err := w.lost(m, at)
	if err != nil {
		return err
	}
	if err := w.orphans(ctx, lost); err != nil {
		return err
	}
	for _, r := range without(at, lost) {
		if err := loadRows(ctx, s, w, l, m, r, p); err != nil {
			return err
		}
	}
	return nil
}

// loadRows loads rows of a batch, but for those that the database refuses where the table can do without.
func loadRows(ctx context.Context, s sink.Sink, w *work, l *retrier, m *rows.Maker, at sink.Range, p *progress) error {
	b, err := m.Batch(w.table, w.table.Out, at.First, int(at.N))
	if err != nil {
		return err
	}
	n, err := l.load(ctx, b)
	if left, ok := refusedAmong(ctx, s, w, b, err); ok {
		return loadOthers(ctx, s, w, l, m, at, left, p)
	}
	if err != nil {
		return refused(ctx, s, w, at, err)
	}
	if n != at.N {
		return fmt.Errorf("%s rows %d-%d: %d rows were sent and %d counted", w.table.Name, at.First, at.First+at.N-1, at.N, n)
	}
	p.add(w.table.Name, n, b.Bytes())
	return nil
}
