package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// mostLeft bounds how many rows of one table are left out: their numbers stand in the record of the run.
const mostLeft = 10_000

// Left are rows of a table that are left out, since the database refused each of them by itself.
type Left struct {
	Rows []int64 `json:"rows"` // in order
	Why  string  `json:"why"`  // of the first
}

// leave notes in the record of the run, before any other row of the batch stands, which of its rows are left out. False
// where they are too many.
type leave func(ctx context.Context, list []int64, why error) (bool, error)

// leaver gives what leaves rows of a table out; nil for tables that need all of their rows: no trigger refuses any, or
// others refer to them, or each row goes with one of another table.
func (g *generation) leaver(t *plan.Table) leave {
	needed := func(o *plan.Table) bool { return slices.Contains(o.Parents, t) }
	if t.Schema == nil || !fires(t.Schema) || t.Sequential || slices.ContainsFunc(g.plan.Tables, needed) ||
		slices.ContainsFunc(t.Parts, func(p *plan.Part) bool { return p.Each != nil }) {
		return nil
	}
	return func(ctx context.Context, list []int64, why error) (bool, error) {
		g.leaving.Lock()
		defer g.leaving.Unlock()
		l := g.left[t.Name]
		if len(l.Rows)+len(list) > mostLeft {
			return false, nil
		}
		if l.Why == "" {
			l.Why = why.Error()
		}
		l.Rows = append(slices.Clone(l.Rows), list...)
		slices.Sort(l.Rows)
		if g.left == nil {
			g.left = map[string]Left{}
		}
		g.left[t.Name] = l
		return true, g.save(ctx, sink.Running)
	}
}

// leaving guards the rows that are left out: batches find them side by side.
type leaving struct{ sync.Mutex }

// ranges gives the rows as ranges.
func (l Left) ranges() (out []sink.Range) {
	for _, row := range l.Rows {
		if k := len(out); k > 0 && out[k-1].First+out[k-1].N == row {
			out[k-1].N++
		} else {
			out = append(out, sink.Range{First: row, N: 1})
		}
	}
	return out
}

// refusedAmong finds those rows of a batch that the database refuses one by one, where it refused the batch and the
// table can do without them; false where it takes all or none of them.
func refusedAmong(ctx context.Context, s sink.Sink, w *work, b *column.Batch, err error) ([]int64, bool) {
	p, ok := s.(sink.Prober)
	if w.leave == nil || !ok || !errors.Is(err, sink.ErrRefused) || ctx.Err() != nil {
		return nil, false
	}
	found, e := p.Try(ctx, w.target, b)
	if e != nil {
		return nil, false
	}
	var list []int64
	var why error
	for i, e := range found {
		switch {
		case e == nil:
		case !errors.Is(e, sink.ErrRefused):
			return nil, false
		default:
			if list = append(list, b.First+int64(i)); why == nil {
				why = e
			}
		}
	}
	if len(list) == 0 || len(list) == b.N {
		return nil, false
	}
	if noted, e := w.leave(ctx, list, why); e != nil || !noted {
		return nil, false
	}
	return list, true
}

// loadOthers loads a batch without some of its rows.
func loadOthers(ctx context.Context, s sink.Sink, w *work, l *retrier, m *rows.Maker, at sink.Range, left []int64, p *progress) error {
	_ = l.close(ctx, sink.ErrRefused) // its transaction is broken
	var out []sink.Range
	for _, r := range (Left{Rows: left}).ranges() {
		out = append(out, sink.Range{First: r.First - at.First, N: r.N})
	}
	for _, r := range missing(at.N, out) {
		r.First += at.First
		b, err := m.Batch(w.table, w.table.Out, r.First, int(r.N))
		if err != nil {
			return err
		}
		n, err := l.load(ctx, b)
		if err != nil {
			return refused(ctx, s, w, r, err)
		}
		if n != r.N {
			return fmt.Errorf("%s rows %d-%d: %d rows were sent and %d counted", w.table.Name, r.First, r.First+r.N-1, r.N, n)
		}
		p.add(w.table.Name, n, b.Bytes())
	}
	return nil
}

// tellLeft says which tables are without some of their rows.
func (g *generation) tellLeft() {
	for _, t := range filled(g.plan) {
		if l, ok := g.left[t.Name]; ok {
			g.notice("%s: %d of its %d rows are left out, since the database refused each of them: %s", t.Name, len(l.Rows), t.Rows, l.Why)
		}
	}
}
