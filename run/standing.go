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

// redraw looks for cells of unique columns whose value stands in a row of others, draws them again, and
// gives their number. Keys are never redrawn.
func (g *generation) redraw(ctx context.Context, todo []*work) (int, error) {
	redrawn := 0
	for _, w := range todo {
		if w.todo == 0 {
			continue
		}
		n, err := g.store.CountRows(ctx, w.table.Schema)
		if err != nil {
			return redrawn, err
		}
		if n == w.table.Rows-w.todo-int64(len(w.table.Adopted)) { // none but this run's rows stand
			continue
		}
		for _, c := range uniqueColumns(w.table) {
			k, err := g.redrawColumn(ctx, w, c)
			redrawn += k
			if err != nil {
				return redrawn, err
			}
		}
	}
	return redrawn, nil
}

// uniqueColumns gives the written columns whose values must not stand elsewhere in the table, but for
// keys that the database reserved.
func uniqueColumns(t *plan.Table) []*plan.Column {
	want := map[string]bool{}
	for _, u := range t.Schema.Uniques {
		if len(u.Columns) == 1 && u.Where == "" {
			want[u.Columns[0]] = true
		}
	}
	for _, c := range t.Reservable() {
		delete(want, c.Name)
	}
	var out []*plan.Column
	for _, c := range t.Out {
		if want[c.Name] && c.Link == nil {
			out = append(out, c)
		}
	}
	return out
}

func (g *generation) redrawColumn(ctx context.Context, w *work, c *plan.Column) (int, error) {
	const attempts = 100
	var m rows.Maker
	var clash []int64
	old := map[int64]string{}
	for _, r := range batches(w.ranges, 5000) {
		b, err := m.Batch(w.table, []*plan.Column{c}, r.First, int(r.N))
		if err != nil {
			return 0, err
		}
		at, err := g.clashes(ctx, w.table, c, b.Vecs[0])
		if err != nil {
			return 0, err
		}
		for _, i := range at {
			clash = append(clash, r.First+int64(i))
			old[r.First+int64(i)] = b.Vecs[0].String(i)
		}
	}
	if len(clash) > 0 && c == w.table.Key {
		return 0, fmt.Errorf("%s.%s: the key %s of row %d already stands in the database, in a row that no recorded run made (%d such keys): use another seed, or remove those rows",
			w.table.Name, c.Name, old[clash[0]], clash[0], len(clash))
	}
	for rest := clash; len(rest) > 0; {
		for _, row := range rest {
			if c.Attempt(row) >= attempts {
				return 0, fmt.Errorf("%s.%s row %d: after %d draws every value already stood in the database, the last one %s", w.table.Name, c.Name, row, attempts, old[row])
			}
			c.SetAttempt(row, c.Attempt(row)+1)
		}
		b, err := m.Rows(w.table, []*plan.Column{c}, rest)
		if err != nil {
			return 0, err
		}
		at, err := g.clashes(ctx, w.table, c, b.Vecs[0])
		if err != nil {
			return 0, err
		}
		var again []int64
		for _, i := range at {
			again = append(again, rest[i])
		}
		rest = again
	}
	if len(clash) == 0 {
		return 0, nil
	}
	b, err := m.Rows(w.table, []*plan.Column{c}, clash)
	if err != nil {
		return 0, err
	}
	for i, row := range clash {
		g.report.Conflicts = append(g.report.Conflicts, Conflict{Table: w.table.Name, Column: c.Name, Row: row, Old: old[row], New: b.Vecs[0].String(i)})
	}
	return len(clash), nil
}

// clashes gives the indexes of values that stand; nulls never do.
func (g *generation) clashes(ctx context.Context, t *plan.Table, c *plan.Column, v *column.Vec) ([]int, error) {
	if !v.HasNulls() {
		return g.store.Standing(ctx, t.Schema, c.Name, v)
	}
	var some column.Vec
	some.ResetAs(v)
	var index []int
	for i := range v.Len() {
		if !v.Null(i) {
			some.AppendCell(v, i)
			index = append(index, i)
		}
	}
	at, err := g.store.Standing(ctx, t.Schema, c.Name, &some)
	for i := range at {
		at[i] = index[at[i]]
	}
	return at, err
}
