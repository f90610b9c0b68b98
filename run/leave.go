package run

import (
	"cmp"
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

// Left are rows of a table that are left out: the database refused each of them by itself, or they refer to such.
type Left struct {
	Rows []int64 `json:"rows"` // in order
	Why  string  `json:"why"`  // of the first
}

// leave notes in the record of the run, before any other row of the batch stands, which of its rows are left out. False
// where they are too many.
type leave func(ctx context.Context, list []int64, why string) (bool, error)

// spare lets rows be left out of a table, where it and those that refer to it can do without: none of them refers to
// itself, or in a circle, no trigger makes rows of one, and no row of another table sums them up. Those whose triggers may refuse rows are tried row by row,
// unless each row goes with one of another table.
func (g *generation) spare(w *work) {
	t := w.table
	if t.Schema == nil || !g.spared(t) {
		return
	}
	w.leave = g.leaver(t)
	w.alone = fires(t.Schema) && !slices.ContainsFunc(t.Parts, func(p *plan.Part) bool { return p.Each != nil })
	var links []*plan.Column
	for _, c := range t.Columns {
		if c.Target != nil && c.Target != t && !c.Target.Standing {
			links = append(links, c)
		}
	}
	if len(links) == 0 {
		return
	}
	w.lost = func(m *rows.Maker, at sink.Range) ([]int64, error) { return g.lost(m, t, links, at) }
}

// spared tells whether a table, and all that refer to it, can do without rows.
func (g *generation) spared(t *plan.Table) bool {
	if known, ok := g.spares[t]; ok {
		return known
	}
	ok := !t.Sequential && !t.Triggered && !g.plan.Summed(t) && !slices.ContainsFunc(g.plan.Tables, func(o *plan.Table) bool {
		return o != t && o.Unit == t.Unit || slices.Contains(o.Parents, t) && !g.spared(o)
	})
	if g.spares == nil {
		g.spares = map[*plan.Table]bool{}
	}
	g.spares[t] = ok
	return ok
}

// lost gives the rows of a range that refer to rows which are left out.
func (g *generation) lost(m *rows.Maker, t *plan.Table, links []*plan.Column, at sink.Range) (list []int64, err error) {
	g.leaving.Lock()
	defer g.leaving.Unlock()
	for _, c := range links {
		gone := g.left[c.Target.Name].Rows
		if len(gone) == 0 {
			continue
		}
		b, err := m.Batch(t, []*plan.Column{c}, at.First, int(at.N))
		if err != nil {
			return nil, err
		}
		for i, parent := range b.Vecs[0].Ints[:b.N] {
			if _, is := slices.BinarySearch(gone, parent); is && !b.Vecs[0].Null(i) {
				list = append(list, at.First+int64(i))
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// orphans leaves out rows that refer to rows which are left out.
func (w *work) orphans(ctx context.Context, lost []int64) error {
	if len(lost) == 0 {
		return nil
	}
	noted, err := w.leave(ctx, lost, "they refer to rows that are left out")
	if err == nil && !noted {
		err = fmt.Errorf("%s: more than %d of its rows refer to rows that the database refused", w.table.Name, mostLeft)
	}
	return err
}

// leaver gives what leaves rows of a table out.
func (g *generation) leaver(t *plan.Table) leave {
	return func(ctx context.Context, list []int64, why string) (bool, error) {
		g.leaving.Lock()
		defer g.leaving.Unlock()
		l := g.left[t.Name]
		if len(l.Rows)+len(list) > mostLeft {
			return false, nil
		}
		if g.sharing != nil {
			return true, g.sharing.noteLeft(ctx, t.Name, Left{list, why})
		}
		g.left = addLeft(g.left, t.Name, Left{list, why})
		return true, g.save(ctx, sink.Running)
	}
}

// addLeft gives what is left out of tables with some more rows of one.
func addLeft(all map[string]Left, table string, more Left) map[string]Left {
	l := all[table]
	l.Why = cmp.Or(l.Why, more.Why)
	l.Rows = slices.Concat(l.Rows, more.Rows)
	slices.Sort(l.Rows)
	l.Rows = slices.Compact(l.Rows) // a batch that was given back is looked at again
	if all == nil {
		all = map[string]Left{}
	}
	all[table] = l
	return all
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
// table can do without them; false where it takes none of them. Rows that are taken one by one may clash with one
// another: those that were taken stay then while the next are tried.
func refusedAmong(ctx context.Context, s sink.Sink, w *work, b *column.Batch, err error) ([]int64, bool) {
	p, ok := s.(sink.Prober)
	if w.leave == nil || !w.alone || !ok || !errors.Is(err, sink.ErrRefused) || ctx.Err() != nil {
		return nil, false
	}
	list, why, ok := refusedOf(ctx, p, w, b, false)
	if ok && len(list) < b.N {
		if clash, first, fine := refusedOf(ctx, p, w, b, true); fine && len(clash) > len(list) {
			list, why = clash, cmp.Or(why, first)
		}
	}
	if !ok || len(list) == 0 || len(list) == b.N && (b.N >= tried || int64(b.N) == w.table.Rows) {
		return nil, false // all of it: something else is wrong than a few rows
	}
	if noted, e := w.leave(ctx, list, "the database refused each of them: "+why.Error()); e != nil || !noted {
		return nil, false
	}
	return list, true
}

// refusedOf tries the rows of a batch, and gives those that the database refuses, with its word on the first; false where
// that cannot be told.
func refusedOf(ctx context.Context, p sink.Prober, w *work, b *column.Batch, together bool) (list []int64, why error, ok bool) {
	found, err := p.Try(ctx, w.target, b, together)
	if err != nil {
		return nil, nil, false
	}
	for i, e := range found {
		switch {
		case e == nil:
		case !errors.Is(e, sink.ErrRefused):
			return nil, nil, false
		default:
			if list = append(list, b.First+int64(i)); why == nil {
				why = e
			}
		}
	}
	return list, why, true
}

// loadOthers loads a batch without some of its rows.
func loadOthers(ctx context.Context, s sink.Sink, w *work, l *retrier, m *batchMaker, at sink.Range, left []int64, p *progress) error {
	for _, r := range without(at, left) {
		b, err := m.batch(w.table, r)
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
		p.add(w.table.Name, n, b.Bytes(), m)
	}
	return nil
}

// without gives a range of rows without some of them.
func without(at sink.Range, left []int64) (out []sink.Range) {
	var done []sink.Range
	for _, r := range (Left{Rows: left}).ranges() {
		done = append(done, sink.Range{First: r.First - at.First, N: r.N})
	}
	for _, r := range missing(at.N, done) {
		out = append(out, sink.Range{First: r.First + at.First, N: r.N})
	}
	return out
}

// tellLeft says which tables are without some of their rows.
func (g *generation) tellLeft() {
	for _, t := range filled(g.plan) {
		if l, ok := g.left[t.Name]; ok {
			g.notice("%s: %d of its %d rows are left out: %s", t.Name, len(l.Rows), t.Rows, l.Why)
		}
	}
}
