package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// mark finds the rows of a table that stand as they were made, and those that were changed since.
func (c *cleaning) mark(ctx context.Context, t *plan.Table) error {
	out := c.byTable[t]
	total := sum(c.made[t])
	if total == 0 {
		return c.Mark(ctx, Target(t), nil, false)
	}
	if len(otherwise(t.Out)) > 0 {
		return c.markBySums(ctx, t)
	}
	if t.Key == nil {
		by := findBy(t, c.findings.Changed[t.Name])
		switch {
		case len(by) > 0:
			return c.markByCells(ctx, t, by)
		case len(t.Out) == 0:
			out.Reason = "it has no key, and the run filled none of its columns: its rows cannot be told from others"
		default:
			out.Reason = "triggers changed what its rows could be told from others by"
		}
		return c.Mark(ctx, Target(t), nil, false)
	}
	var done int64
	for _, r := range batches(c.made[t], 5000) {
		if err := c.markByKey(ctx, t, r); err != nil {
			return err
		}
		done += r.N
		c.progress.read("verify", t.Name, done, total, r.N)
	}
	return nil
}

func (c *cleaning) markByKey(ctx context.Context, t *plan.Table, r sink.Range) error {
	out := c.byTable[t]
	made, err := c.maker.Batch(t, t.Out, r.First, int(r.N))
	if err != nil {
		return err
	}
	var read column.Batch
	for range t.Out {
		read.Vecs = append(read.Vecs, new(column.Vec))
	}
	target := Target(t)
	stands, places, err := c.Read(ctx, target, t.Key.Name, made.Col(t.Key.Name), &read)
	if err != nil {
		return fmt.Errorf("read %s rows %d-%d: %w", t.Name, r.First, r.First+r.N-1, err)
	}
	var same, changed []sink.Place
	at := 0
	for i := range made.N {
		if !stands[i] {
			out.Missing++
			continue
		}
		if d := differing(t, c.findings.Changed[t.Name], made, i, &read, at); len(d) > 0 && !c.anyCells {
			out.changed(d)
			changed = append(changed, places[at])
		} else {
			same = append(same, places[at])
		}
		at++
	}
	if err := c.Mark(ctx, target, same, false); err != nil {
		return err
	}
	return c.Mark(ctx, target, changed, true)
}

// differing gives the cells in which a row that stands differs from the one that was made, but for those
// columns that triggers changed.
func differing(t *plan.Table, triggered []string, made *column.Batch, i int, read *column.Batch, at int) (out []string) {
	for j, col := range t.Out {
		if !slices.Contains(triggered, col.Name) && !made.Vecs[j].Equal(i, read.Vecs[j], at) {
			out = append(out, fmt.Sprintf("%s of %s is %s, made was %s", col.Name, rowName(t, made, i), shown(read.Vecs[j], at), shown(made.Vecs[j], i)))
		}
	}
	return out
}

// rowName tells people which row of made is meant.
func rowName(t *plan.Table, made *column.Batch, i int) string {
	keys := keyColumns(t)
	switch {
	case t.Key != nil:
		keys = []*plan.Column{t.Key}
	case len(keys) == 0:
		keys = t.Out[:min(len(t.Out), 4)]
	}
	var parts []string
	for _, k := range keys {
		parts = append(parts, k.Name+" "+short(made.Col(k.Name), i))
	}
	return strings.Join(parts, ", ")
}

func (t *CleanedTable) changed(cells []string) {
	const most = 10
	t.Changed++
	if len(t.Examples) < most {
		t.Examples = append(t.Examples, strings.Join(cells, "; "))
	}
}

// markByCells finds rows in a table that has no key of a single column.
func (c *cleaning) markByCells(ctx context.Context, t *plan.Table, by []*plan.Column) error {
	out, target, triggered := c.byTable[t], Target(t), c.findings.Changed[t.Name]
	f := &finder{table: t, by: by, maker: &c.maker, scan: c.Scan}
	missing, err := f.find(ctx, c.made[t], func(pairs []pair, made, read *column.Batch, places []sink.Place) error {
		var same, changed []sink.Place
		for _, p := range pairs {
			if d := differing(t, triggered, made, p.made, read, p.read); len(d) > 0 && !c.anyCells {
				out.changed(d)
				changed = append(changed, places[p.read])
			} else {
				same = append(same, places[p.read])
			}
		}
		if err := c.Mark(ctx, target, same, false); err != nil {
			return err
		}
		return c.Mark(ctx, target, changed, true)
	})
	if err != nil {
		return err
	}
	out.Missing += int64(len(missing))
	if others := f.read - (sum(c.made[t]) - out.Missing); counted(t) && len(missing) > 0 && others > 0 {
		out.Untold = min(out.Missing, others)
		out.Missing -= out.Untold
		out.Reason = fmt.Sprintf("it has no key, %d rows of the run are not in it as they were made, and %d rows are in it that are like none of them: they may be the same, changed since, by a trigger or by somebody", len(missing), others)
	}
	return c.Mark(ctx, target, nil, false)
}
