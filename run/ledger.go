package run

import (
	"context"
	"slices"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// committed gives the rows that entries of the ledger speak of.
func committed(entries []sink.Entry) (out []sink.Range) {
	for _, e := range entries {
		if e.Part == 0 {
			out = append(out, e.Range)
		}
	}
	return out
}

// batchMaker makes batches for a loader; for one that keeps a ledger with their digests.
type batchMaker struct {
	rows.Maker
	summed bool
	summer column.Summer
	worker int       // that it makes them for, from 1
	began  time.Time // the batch that is under way
}

func newBatchMaker(s sink.Sink) *batchMaker {
	_, ledger := s.(sink.Store)
	return &batchMaker{summed: ledger}
}

func (m *batchMaker) batch(t *plan.Table, at sink.Range) (*column.Batch, error) {
	b, err := m.Batch(t, t.Out, at.First, int(at.N))
	if err == nil && m.summed {
		d := m.summer.Sum(b)
		b.Digest = &d
	}
	return b, err
}

// correctLedger takes rows that are gone out of what the ledger says of a table with a key: only the rows in there are
// found. Of batches that are there in part, the digests are made anew, where this program makes the same cells.
func (g *generation) correctLedger(ctx context.Context, t *plan.Table, entries []sink.Entry, there []sink.Range) error {
	var out []sink.Entry
	m := newBatchMaker(g.store)
	changed := false
	for _, e := range entries {
		stay := intersect(e.Range, there)
		if len(stay) == 1 && stay[0] == e.Range {
			out = append(out, e)
			continue
		}
		changed = true
		columns := g.columnsOf(t, e)
		for _, r := range stay {
			b, err := m.Batch(t, columns, r.First, int(r.N))
			if err != nil {
				return err
			}
			left := sink.Entry{Range: r, Part: e.Part}
			if d := m.summer.Sum(b); len(otherwise(columns)) == 0 {
				left.Digest = &d
			}
			out = append(out, left)
		}
	}
	if !changed {
		return nil
	}
	if err := g.save(ctx, g.record.State); err != nil { // a record of an older form is brought to today's
		return err
	}
	return g.store.SaveLedger(ctx, g.record.Number, t.Name, out)
}

// intersect gives the rows of r that ranges, which do not overlap, have, in order; touching ones as one.
func intersect(r sink.Range, ranges []sink.Range) (out []sink.Range) {
	for _, o := range ranges {
		first, end := max(r.First, o.First), min(r.First+r.N, o.First+o.N)
		if first < end {
			out = append(out, sink.Range{First: first, N: end - first})
		}
	}
	slices.SortFunc(out, func(a, b sink.Range) int { return int(min(max(a.First-b.First, -1), 1)) })
	joined := out[:0]
	for _, o := range out {
		if k := len(joined) - 1; k >= 0 && joined[k].First+joined[k].N == o.First {
			joined[k].N += o.N
		} else {
			joined = append(joined, o)
		}
	}
	return joined
}
