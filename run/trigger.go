package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// maxCounted is the number of rows, by the statistics, up to which a table is counted to see what triggers
// did to it.
const maxCounted = 1_000_000

// fires tells whether an enabled trigger of the table fires on insert.
func fires(t *schema.Table) bool {
	return slices.ContainsFunc(t.Triggers, func(g *schema.Trigger) bool { return !g.Disabled })
}

// triggered gives the tables of the plan whose triggers fire on insert.
func triggered(p *plan.Plan) (out []*schema.Table) {
	for _, t := range filled(p) {
		if t.Rows > 0 && t.Schema != nil && fires(t.Schema) {
			out = append(out, t.Schema)
		}
	}
	return out
}

// counts are the numbers of rows of tables, whoever wrote them.
type counts map[*schema.Table]int64

// countTables counts all tables of the database that triggers of the plan's may write; nil where there are no
// such triggers. Tables that the role may not read, and large ones outside of the plan, are left out.
func (g *generation) countTables(ctx context.Context) (counts, error) {
	if g.plan.Database == nil || len(triggered(g.plan)) == 0 {
		return nil, nil
	}
	out := counts{}
	for _, t := range g.plan.Database.Tables {
		if t.Partition != nil || t.Rows > maxCounted {
			continue
		}
		n, err := g.store.CountRows(ctx, t)
		if ctx.Err() != nil {
			return nil, err
		}
		if err == nil {
			out[t] = n
		}
	}
	return out, nil
}

// compareCounts holds the numbers of rows after the load against those before it and those that were written:
// what there is more is the work of triggers.
func (g *generation) compareCounts(ctx context.Context, before counts, todo []*work) error {
	if before == nil {
		return nil
	}
	after, err := g.countTables(ctx)
	if err != nil {
		return err
	}
	made := counts{}
	for _, w := range todo {
		if w.table.Schema != nil {
			made[g.root(w.table.Schema)] += g.progress.table(w.table.Name).Made
		}
	}
	for _, t := range g.plan.Database.Tables {
		was, ok := before[t]
		is, still := after[t]
		if n := is - was - made[t]; ok && still && n != 0 && (n > 0 || g.progress.retried == 0) {
			what := "added"
			if n > 0 {
				g.note(t, n)
			} else {
				what, n = "taken away", -n
				if err := g.noteTaken(ctx, t); err != nil {
					return err
				}
			}
			g.notice("%s: %s %s by triggers%s", g.plan.Database.Qualified(t), rowsWere(n), what, g.writers(ctx, t))
		}
	}
	return nil
}

// note keeps how many rows triggers added to a table: a verification counts them apart, and clean takes those along that
// refer to the run's rows.
func (g *generation) note(t *schema.Table, n int64) {
	name := g.plan.Database.Qualified(t)
	if at := slices.IndexFunc(filled(g.plan), func(p *plan.Table) bool { return p.Schema == t }); at >= 0 {
		name = filled(g.plan)[at].Name
	}
	if g.added == nil {
		g.added = map[string]int64{}
	}
	g.added[name] += n
}

// noteTriggers keeps, in the record of a run that ends early, what triggers did so far.
func (g *generation) noteTriggers(ctx context.Context, before counts, todo []*work) error {
	if before == nil || ctx.Err() != nil {
		return nil
	}
	if err := g.compareCounts(ctx, before, todo); err != nil {
		return err
	}
	if _, err := g.findChanged(ctx, todo, triggered(g.plan)); err != nil {
		return err
	}
	return g.save(ctx, sink.Running)
}

// noteChanged keeps in the record what the triggers of tables that are whole now changed in them.
func (g *generation) noteChanged(ctx context.Context, unit []*work) error {
	any, err := g.findChanged(ctx, unit, nil)
	if err != nil || !any {
		return err
	}
	return g.save(ctx, sink.Running)
}

func rowsWere(n int64) string {
	if n == 1 {
		return "1 row was"
	}
	return fmt.Sprintf("%d rows were", n)
}

// root is the table that a partition belongs to in the end.
func (g *generation) root(t *schema.Table) *schema.Table {
	for t.Partition != nil {
		at := slices.IndexFunc(g.plan.Database.Tables, func(p *schema.Table) bool {
			return p.Schema == t.Partition.ParentSchema && p.Name == t.Partition.ParentTable
		})
		if at < 0 {
			break
		}
		t = g.plan.Database.Tables[at]
	}
	return t
}

// writers names the triggers of the plan's tables that write t: " (touch_audit of users)".
func (g *generation) writers(ctx context.Context, t *schema.Table) string {
	r, ok := g.store.(sink.TriggerReader)
	if !ok {
		return ""
	}
	list, err := r.Writers(ctx, t, triggered(g.plan))
	if err != nil || len(list) == 0 {
		return ""
	}
	var names []string
	for _, w := range list {
		names = append(names, w.Trigger+" of "+g.plan.Database.Qualified(w.Table))
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// madeByTriggers is an error where a trigger of another table that is filled writes rows of t: those that were
// to be written clash with them.
func (g *generation) madeByTriggers(ctx context.Context, t *plan.Table) error {
	r, ok := g.store.(sink.TriggerReader)
	if !ok || t.Schema == nil {
		return nil
	}
	others := slices.DeleteFunc(triggered(g.plan), func(s *schema.Table) bool { return s == t.Schema })
	list, err := r.Writers(ctx, t.Schema, others)
	if err != nil || len(list) == 0 {
		return err
	}
	w := list[0]
	function := ""
	if w.Function != "" {
		function = " (function " + w.Function + ")"
	}
	return &refusal{
		table: t,
		err: fmt.Errorf("%s: the trigger %s of %s%s makes rows there, and those that were to be written clash with them",
			t.Name, w.Trigger, g.plan.Database.Qualified(w.Table), function),
		advice: "leave the table to the trigger, with --exclude " + t.Name,
	}
}

// sampled bounds the rows of one table that are read again to see what triggers changed.
const sampled = 400

// findChanged reads a sample of the rows just written, where triggers fire, and notes the columns in which any
// differs from what was made: triggers changed them, of this table or of others. The run's record keeps
// their names, and a verification holds nothing against these columns. Tables that were whole before are looked at
// where one of the triggers of others, the tables given, writes them. It tells whether it found any.
func (g *generation) findChanged(ctx context.Context, todo []*work, others []*schema.Table) (found bool, err error) {
	if len(triggered(g.plan)) == 0 {
		return false, nil
	}
	others = slices.DeleteFunc(slices.Clone(others), func(s *schema.Table) bool { return !g.wrote(s) })
	var m rows.Maker
	for _, w := range todo {
		t := w.table
		if t.Schema == nil || !g.wrote(t.Schema) && !written(ctx, g.store, t.Schema, others) {
			continue
		}
		if t.Key == nil && (len(keyColumns(t)) == 0 || !touched(ctx, g.store, g.plan, t)) { // a scan of all of it is not for nothing
			continue
		}
		if len(otherwise(findKey(t))) > 0 {
			continue // its rows are not found
		}
		step := max(t.Rows/sampled, 1)
		var list []int64
		for row := int64(0); row < t.Rows; row += step {
			if !t.Adopted[row] {
				list = append(list, row)
			}
		}
		look := g.countChanged
		if t.Key == nil {
			look = g.countChangedFound
		}
		changed, seen, err := look(ctx, &m, t, list)
		if err != nil {
			return found, fmt.Errorf("%s: reading rows to see what triggers changed: %w", t.Name, err)
		}
		for j, n := range changed {
			if c := t.Out[j].Name; n > 0 && t.Out[j].Otherwise() == nil && !slices.Contains(g.changed[t.Name], c) {
				if g.changed == nil {
					g.changed = map[string][]string{}
				}
				g.changed[t.Name] = append(g.changed[t.Name], c)
				found = true
				g.notice("%s.%s: triggers changed it, in %d of %d rows that were looked at", t.Name, c, n, seen)
			}
		}
	}
	return found, nil
}

// countChanged gives, by column, in how many of some rows the cells that stand are others than those that were made,
// and how many of the rows stand.
func (g *generation) countChanged(ctx context.Context, m *rows.Maker, t *plan.Table, list []int64) (changed []int, seen int, err error) {
	made, err := m.Rows(t, t.Out, list)
	if err != nil {
		return nil, 0, err
	}
	var read column.Batch
	for range t.Out {
		read.Vecs = append(read.Vecs, new(column.Vec))
	}
	stands, err := g.store.ReadRows(ctx, Target(t), t.Key.Name, made.Col(t.Key.Name), &read)
	if err != nil {
		return nil, 0, err
	}
	changed = make([]int, len(t.Out))
	for i := range made.N {
		if stands[i] {
			tally(changed, made, i, &read, seen)
			seen++
		}
	}
	return changed, seen, nil
}

// countChangedFound is countChanged for a table whose key has several columns. Where none of the rows of a table that
// is whole is found by it, triggers changed the key.
func (g *generation) countChangedFound(ctx context.Context, m *rows.Maker, t *plan.Table, list []int64) (changed []int, seen int, err error) {
	f := &finder{table: t, by: keyColumns(t), maker: m, scan: func(ctx context.Context, t *sink.Target, each func(*column.Batch, []sink.Place) error) error {
		return g.store.ScanRows(ctx, t, func(read *column.Batch) error { return each(read, nil) })
	}}
	changed = make([]int, len(t.Out))
	_, err = f.find(ctx, Left{Rows: list}.ranges(), func(pairs []pair, made, read *column.Batch, _ []sink.Place) error {
		for _, p := range pairs {
			tally(changed, made, p.made, read, p.read)
		}
		seen += len(pairs)
		return nil
	})
	if err == nil && seen == 0 && g.progress.table(t.Name).Made == t.Rows {
		seen = len(list)
		for _, c := range keyColumns(t) {
			changed[slices.Index(t.Out, c)] = seen
		}
	}
	return changed, seen, err
}

// tally adds the cells in which two rows differ to the numbers of their columns.
func tally(changed []int, made *column.Batch, i int, read *column.Batch, at int) {
	for j := range changed {
		if !made.Vecs[j].Equal(i, read.Vecs[j], at) {
			changed[j]++
		}
	}
}

// wrote tells whether this call made rows of a table.
func (g *generation) wrote(t *schema.Table) bool {
	return slices.ContainsFunc(filled(g.plan), func(p *plan.Table) bool { return p.Schema == t && g.progress.table(p.Name).Made > 0 })
}

// touched tells whether triggers may change the rows of a table, its own or those of others.
func touched(ctx context.Context, s sink.Store, p *plan.Plan, t *plan.Table) bool {
	return t.Schema != nil && (fires(t.Schema) || written(ctx, s, t.Schema, triggered(p)))
}

// written tells whether triggers of others write a table.
func written(ctx context.Context, s sink.Store, t *schema.Table, others []*schema.Table) bool {
	r, ok := s.(sink.TriggerReader)
	if !ok || len(others) == 0 {
		return false
	}
	list, err := r.Writers(ctx, t, others)
	return err == nil && len(list) > 0
}
