package run

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// present gives the ranges of the table's rows that stand, as its keys tell; those of the ledger where
// nothing finds them by a key.
func present(ctx context.Context, s sink.Store, t *plan.Table, ledger []sink.Range, chunk int64) ([]sink.Range, error) {
	if !keyed(t) || t.Rows == 0 {
		return ledger, nil
	}
	if first, ok := t.Key.Consecutive(); ok {
		d := s.Dialect()
		n, err := s.QueryInt(ctx, fmt.Sprintf("select count(*) from %s t where t.%s between %d and %d",
			plan.TableSQL(d, t), d.Ident(t.Key.Name), first, first+t.Rows-1), nil)
		switch {
		case err != nil:
			return nil, err
		case n == 0:
			return nil, nil
		case n == t.Rows:
			return []sink.Range{{First: 0, N: t.Rows}}, nil
		case n == sum(ledger):
			return ledger, nil
		}
	}
	var out []sink.Range
	add := func(first, n int64) {
		if k := len(out); k > 0 && out[k-1].First+out[k-1].N == first {
			out[k-1].N += n
		} else {
			out = append(out, sink.Range{First: first, N: n})
		}
	}
	err := keysOf(t, chunk, func(first int64, keys *column.Vec) error {
		n, err := countKeys(ctx, s, t, keys)
		switch {
		case err != nil:
			return err
		case n == 0:
			return nil
		case n == int64(keys.Len()):
			add(first, n)
			return nil
		}
		at, err := s.Standing(ctx, t.Schema, t.Key.Name, keys)
		for _, i := range at {
			add(first+int64(i), 1)
		}
		return err
	})
	return out, err
}

// keysOf makes the table's keys, a chunk of rows at a time.
func keysOf(t *plan.Table, chunk int64, each func(first int64, keys *column.Vec) error) error {
	var m rows.Maker
	for _, r := range batches([]sink.Range{{First: 0, N: t.Rows}}, max(chunk, 1)) {
		b, err := m.Batch(t, []*plan.Column{t.Key}, r.First, int(r.N))
		if err != nil {
			return err
		}
		if err := each(r.First, b.Vecs[0]); err != nil {
			return err
		}
	}
	return nil
}

func countKeys(ctx context.Context, s sink.Store, t *plan.Table, keys *column.Vec) (int64, error) {
	d := s.Dialect()
	return s.QueryInt(ctx, fmt.Sprintf("select count(*) from %s t where %s", plan.TableSQL(d, t), d.InKeys("t."+d.Ident(t.Key.Name))), keys)
}
