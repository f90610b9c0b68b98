package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sowerdata/sower/internal/trace"
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
	shared bool                                                // other loaders may load the same batches
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
	kinds := plan.Kinds(t.Out)
	for j, c := range t.Out {
		kinds[j] = c.MadeAs()
	}
	return &sink.Target{Table: t.Schema, Name: t.Name, Columns: plan.Names(t.Out), Kinds: kinds}
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
	retried int   // batches that were tried again
	done    int64 // rows of all tables, of the phase
	all     int64
	fewer   fewer
}

func (p *progress) table(name string) *TableReport {
	for i := range p.report.Tables {
		if p.report.Tables[i].Name == name {
			return &p.report.Tables[i]
		}
	}
	return &TableReport{}
}

// add notes that rows stand. m, which may be nil, is who made them.
func (p *progress) add(name string, rows, bytes int64, m *batchMaker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.table(name)
	t.Made += rows
	p.report.Rows += rows
	p.report.Bytes += bytes
	if p.all == 0 { // the first batch
		for _, t := range p.report.Tables {
			p.done, p.all = p.done+t.Made+t.Stood, p.all+t.Total
		}
	} else {
		p.done += rows
	}
	e := Event{Phase: "load", Table: name, Rows: t.Made + t.Stood, Total: t.Total, Batch: rows}
	if m != nil {
		e.Connection, e.Took = m.worker, time.Since(m.began)
	}
	p.event(e)
}

// stands notes that another loader has loaded rows of this one.
func (p *progress) stands(name string, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.table(name).Stood += rows
	p.done += rows
}

// read tells of rows of a table that were read or deleted.
func (p *progress) read(phase, table string, rows, total, batch int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += batch
	p.event(Event{Phase: phase, Table: table, Rows: rows, Total: total, Batch: batch})
}

// expect begins a phase over rows of several tables.
func (p *progress) expect(all int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.all = 0, all
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

// restored tells of an index or a key that is back, or is under way.
func (p *progress) restored(r sink.Restored) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := Event{Phase: r.Phase, Text: restoredText(r)}
	if !r.Underway {
		e.Connection, e.Took = r.Connection, r.Took
	}
	p.event(e)
}

func (p *progress) event(e Event) {
	if p.options.Progress != nil {
		e.Elapsed = time.Since(p.started)
		if e.Table != "" {
			e.Done, e.All = min(p.done, p.all), p.all
		}
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
	q.workers = min(p.fewer.of(o.workers()), q.batches)
	for i := range q.workers {
		wg.Go(func() {
			if err := worker(ctx, s, q, p, i+1); err != nil {
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
// says where. Workers are numbered from 1.
func worker(ctx context.Context, s sink.Sink, q *queue, p *progress, number int) (err error) {
	ctx = trace.On(ctx, fmt.Sprintf("worker %d", number))
	var j *job
	var at sink.Range
	var m *batchMaker
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
	var last *job // whose batch is done
	for tries := 0; ; {
		waited := trace.Of(ctx).Begin("wait for a batch", "")
		next, r := q.next(last)
		waited()
		if next == nil {
			return nil
		}
		if next != j {
			if err := l.close(ctx, nil); err != nil {
				return err
			}
			l, m = &retrier{sink: s, target: next.work.target, progress: p}, newBatchMaker(s)
			m.worker = number
		}
		j, at, last = next, r, next
		m.began = time.Now()
		before := l.stand
		err := l.open(ctx)
		if !errors.Is(err, sink.ErrConnections) { // others are met again, and dealt with, at the batch
			err = loadBatch(ctx, s, j.work, l, m, at, p)
		}
		switch {
		case err == nil:
			tries = 0
			continue
		case !errors.Is(err, sink.ErrConnections) || l.stand != before || tries == retries:
			return err
		}
		_ = l.close(ctx, err)
		last = nil
		left := q.giveBack(j, at, tries >= askedAgain)
		p.unconnected(err, left)
		if left {
			return nil
		}
		if !backoff(ctx, tries) {
			return err
		}
		tries++
	}
}

func loadBatch(ctx context.Context, s sink.Sink, w *work, l *retrier, m *batchMaker, at sink.Range, p *progress) error {
	if w.lost == nil {
		return loadRows(ctx, s, w, l, m, at, p)
	}
	lost, err := w.lost(&m.Maker, at)
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
func loadRows(ctx context.Context, s sink.Sink, w *work, l *retrier, m *batchMaker, at sink.Range, p *progress) error {
	made := trace.Of(ctx).Begin("make", w.table.Name)
	b, err := m.batch(w.table, at)
	made()
	if err != nil {
		return err
	}
	n, err := l.load(ctx, b)
	if w.shared && errors.Is(err, sink.ErrStands) {
		_ = l.close(ctx, err)
		p.stands(w.table.Name, at.N)
		return nil
	}
	if errors.Is(err, sink.ErrRefused) {
		_ = l.close(ctx, err) // its transaction is broken, and what tries the rows needs a connection
	}
	if left, ok := refusedAmong(ctx, s, w, b, err); ok {
		return loadOthers(ctx, s, w, l, m, at, left, p)
	}
	if err != nil {
		return refused(ctx, s, w, at, err)
	}
	if n != at.N {
		return fmt.Errorf("%s rows %d-%d: %d rows were sent and %d counted", w.table.Name, at.First, at.First+at.N-1, at.N, n)
	}
	p.add(w.table.Name, n, b.Bytes(), m)
	return nil
}
