package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// extend makes what the plan has besides the run a part of it: tables that are new are loaded like any other, and columns
// that are new are filled in the rows that exist. What was made stays: that the plan makes the same cells is shown by the
// digests of the ledger before anything is written.
func (g *generation) extend(ctx context.Context, e *plan.Extension, f found) error {
	g.progress.phase("prepare", "comparing what was made with what is asked for now")
	added := map[*plan.Table][]string{}
	for _, c := range e.Columns {
		added[c.Table] = append(added[c.Table], c.Name)
		if g.isSkipped(c.Table.Name) {
			delete(added, c.Table)
		}
	}
	for _, t := range filled(g.plan) {
		if g.record.Identity != g.plan.Identity() || added[t] != nil || slices.Contains(e.Checks, t) {
			if err := g.unchanged(ctx, t, f[t]); err != nil {
				return err
			}
		}
	}
	part := 1
	for _, t := range g.plan.Tables {
		for _, k := range t.Filled {
			part = max(part, k.Part+1)
		}
	}
	for t, columns := range added {
		k := plan.Filled{Part: part, Columns: columns}
		if list := otherwise(slices.Concat(findKey(t), columnsNamed(t, columns))); len(list) > 0 && sum(f[t]) > 0 {
			return g.madeOtherwise(list, fmt.Sprintf("%s cannot be filled in rows of %s that exist", strings.Join(columns, ", "), t.Name))
		}
		for _, there := range f[t] {
			for _, r := range intersect(there, missing(t.Rows, adoptedRanges(t))) {
				k.Rows = append(k.Rows, [2]int64{r.First, r.N})
			}
		}
		if len(k.Rows) > 0 {
			if len(findKey(t)) == 0 {
				return fmt.Errorf("%s has no key of columns that the run filled: %s cannot be filled in its rows; leave it out of the blueprint", t.Name, strings.Join(columns, ", "))
			}
			t.Filled = append(t.Filled, k)
		}
	}
	if err := g.mayFill(ctx, added); err != nil {
		return err
	}
	g.fresh = nil
	if err := g.reserve(ctx, e.Tables); err != nil {
		return err
	}
	var todo []*work
	for _, t := range e.Tables {
		if !t.Triggered {
			todo = append(todo, newWork(t, nil))
		}
	}
	if _, err := g.redraw(ctx, todo); err != nil {
		return err
	}
	g.record.Identity = g.plan.Identity()
	return g.save(ctx, sink.Running)
}

// mayFill asks the database, before anything is written, whether these columns may be filled in rows that exist.
func (g *generation) mayFill(ctx context.Context, added map[*plan.Table][]string) error {
	filler, ok := g.store.(sink.Filler)
	if !ok || len(added) == 0 {
		return nil
	}
	var targets []*sink.Target
	for t := range added {
		targets = append(targets, Target(t))
	}
	return filler.MayFill(ctx, targets)
}

// unchanged is an error where the plan makes other cells than the run made, by the ledger's digests, or, where an older
// form of the record has none, by some rows.
func (g *generation) unchanged(ctx context.Context, t *plan.Table, there []sink.Range) error {
	entries, err := g.store.Ledger(ctx, g.record.Number, t.Name)
	if err != nil {
		return err
	}
	var m rows.Maker
	var summer column.Summer
	known := false
	for _, e := range entries {
		columns := g.columnsOf(t, e)
		if e.Digest == nil || len(otherwise(columns)) > 0 {
			continue
		}
		known = true
		b, err := m.Batch(t, columns, e.First, int(e.N))
		if err != nil {
			return err
		}
		if summer.Sum(b) != *e.Digest {
			return fmt.Errorf("%s: rows %d-%d would be others than run %d made: %s", t.Name, e.First, e.First+e.N-1, g.record.Number, g.whichDiffer(ctx, t, e))
		}
	}
	if known || !keyed(t) || len(there) == 0 {
		return nil
	}
	differ, err := g.differing(ctx, t, there[0])
	if err == nil && differ != "" {
		err = fmt.Errorf("%s: cells would be others than run %d made: %s", t.Name, g.record.Number, differ)
	}
	return err
}

// whichDiffer names columns of a batch in which the rows that exist are others than the plan makes.
func (g *generation) whichDiffer(ctx context.Context, t *plan.Table, e sink.Entry) string {
	const undo = "undo the change of the blueprint or the schema that does it, or remove the run's rows (sower clean) and generate anew"
	if keyed(t) {
		if differ, err := g.differing(ctx, t, e.Range); err == nil && differ != "" {
			return differ + ": " + undo
		}
	}
	return undo
}

// differing names the columns, but for new ones, in which rows that exist are others than the plan makes: of the first
// ones of a range.
func (g *generation) differing(ctx context.Context, t *plan.Table, at sink.Range) (string, error) {
	var m rows.Maker
	var list []int64
	for row := at.First; row < at.First+min(at.N, sampled); row++ {
		if !t.Adopted[row] {
			list = append(list, row)
		}
	}
	changed, _, err := g.countChanged(ctx, &m, t, list)
	var names []string
	for j, n := range changed {
		if c := t.Out[j]; n > 0 && !g.fresh[c] && c.Otherwise() == nil && !slices.Contains(g.changed[t.Name], c.Name) {
			names = append(names, t.Name+"."+c.Name)
		}
	}
	return strings.Join(names, ", "), err
}

// columnsOf are the columns whose cells an entry of the ledger speaks of.
func (g *generation) columnsOf(t *plan.Table, e sink.Entry) []*plan.Column {
	return slices.DeleteFunc(entryColumns(t, e), func(c *plan.Column) bool { return g.fresh[c] })
}

func entryColumns(t *plan.Table, e sink.Entry) (out []*plan.Column) {
	later := map[string]bool{}
	for _, k := range t.Filled {
		if k.Part == e.Part {
			return append(slices.Clone(findKey(t)), columnsNamed(t, k.Columns)...)
		}
		for _, r := range k.Rows {
			if e.First >= r[0] && e.First < r[0]+r[1] {
				for _, c := range k.Columns {
					later[c] = true
				}
			}
		}
	}
	for _, c := range t.Out {
		if !later[c.Name] {
			out = append(out, c)
		}
	}
	return out
}

func columnsNamed(t *plan.Table, names []string) (out []*plan.Column) {
	for _, c := range t.Out {
		if slices.Contains(names, c.Name) {
			out = append(out, c)
		}
	}
	return out
}

// findKey are the columns that find a row of a table; none where it has no key.
func findKey(t *plan.Table) []*plan.Column {
	if t.Key != nil {
		return []*plan.Column{t.Key}
	}
	return keyColumns(t)
}

// fill fills columns that came after rows, where the ledger does not say that it is done.
func (g *generation) fill(ctx context.Context) error {
	for _, t := range filled(g.plan) {
		for _, k := range t.Filled {
			if err := g.fillColumns(ctx, t, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *generation) fillColumns(ctx context.Context, t *plan.Table, k plan.Filled) error {
	todo, err := g.unfilled(ctx, t, k)
	if err != nil {
		return err
	}
	if len(todo) == 0 {
		return nil
	}
	if err := g.keysBack(ctx); err != nil {
		return err
	}
	filler, ok := g.store.(sink.Filler)
	if !ok {
		return fmt.Errorf("%s: columns cannot be filled in rows that exist in this kind of database", t.Name)
	}
	key := findKey(t)
	columns := append(slices.Clone(key), columnsNamed(t, k.Columns)...)
	target := &sink.Target{Table: t.Schema, Name: t.Name, Columns: plan.Names(columns), Kinds: plan.Kinds(columns)}
	if err := filler.MayFill(ctx, []*sink.Target{target}); err != nil { // a run that is resumed here has not asked yet
		return err
	}
	m := newBatchMaker(g.store)
	var filledRows int64
	total := sum(todo)
	for _, r := range batches(todo, g.options.BatchSize(t)) {
		b, err := m.Batch(t, columns, r.First, int(r.N))
		if err != nil {
			return err
		}
		d := m.summer.Sum(b)
		b.Digest = &d
		n, other, err := filler.Fill(ctx, target, len(key), b, k.Part)
		if err != nil {
			return err
		}
		filledRows += n
		if err := g.noteOthers(ctx, t, r.First, other); err != nil {
			return err
		}
		g.progress.mu.Lock()
		g.progress.event(Event{Phase: "load", Table: t.Name, Rows: t.Rows - total + filledRows, Total: t.Rows, Batch: n})
		g.progress.mu.Unlock()
	}
	names := strings.Join(k.Columns, ", ")
	g.notice("%s: %s came after the rows: filled in %d of them", t.Name, names, filledRows)
	for _, c := range k.Columns {
		n := int64(0)
		for _, r := range g.others[t.Name][c] {
			n += r[1]
		}
		if n > 0 {
			g.notice("%s: %s was written by others before in %d of the rows: those cells stay, and are none of the run's", t.Name, c, n)
		}
	}
	return g.noteUpdated(ctx, t)
}

// noteOthers keeps in the record which cells of a batch are of others.
func (g *generation) noteOthers(ctx context.Context, t *plan.Table, first int64, kept map[string][]int) error {
	if len(kept) == 0 {
		return nil
	}
	if g.others == nil {
		g.others = map[string]map[string][][2]int64{}
	}
	if g.others[t.Name] == nil {
		g.others[t.Name] = map[string][][2]int64{}
	}
	for name, at := range kept {
		list := g.others[t.Name][name]
		for _, i := range at {
			row := first + int64(i)
			if n := len(list); n > 0 && list[n-1][0]+list[n-1][1] == row {
				list[n-1][1]++
			} else {
				list = append(list, [2]int64{row, 1})
			}
		}
		g.others[t.Name][name] = list
	}
	return g.save(ctx, sink.Running)
}

// ofOthers gives the columns whose cell of a row somebody else wrote.
func (f *findings) ofOthers(t *plan.Table, row int64) (out []string) {
	for name, list := range f.Others[t.Name] {
		at, found := slices.BinarySearchFunc(list, row, func(r [2]int64, row int64) int { return cmp.Compare(r[0], row) })
		if found || at > 0 && row < list[at-1][0]+list[at-1][1] {
			out = append(out, name)
		}
	}
	return out
}

// noteUpdated keeps in the record which columns differ from what was made after rows were updated: triggers changed them.
func (g *generation) noteUpdated(ctx context.Context, t *plan.Table) error {
	if !keyed(t) {
		return nil
	}
	var m rows.Maker
	var list []int64
	for row := int64(0); row < t.Rows; row += max(t.Rows/sampled, 1) {
		if !t.Adopted[row] {
			list = append(list, row)
		}
	}
	changed, seen, err := g.countChanged(ctx, &m, t, list)
	if err != nil {
		return err
	}
	found := false
	for j, n := range changed {
		if c := t.Out[j].Name; n == seen && n > 0 && t.Out[j].Otherwise() == nil && !slices.Contains(g.changed[t.Name], c) {
			if g.changed == nil {
				g.changed = map[string][]string{}
			}
			g.changed[t.Name] = append(g.changed[t.Name], c)
			found = true
			g.notice("%s.%s: triggers changed it as other columns were filled", t.Name, c)
		}
	}
	if !found {
		return nil
	}
	return g.save(ctx, sink.Running)
}

// missingOf gives the rows of r that no range of done holds.
func missingOf(r sink.Range, done []sink.Range) (out []sink.Range) {
	var shifted []sink.Range
	for _, d := range done {
		for _, o := range intersect(r, []sink.Range{d}) {
			shifted = append(shifted, sink.Range{First: o.First - r.First, N: o.N})
		}
	}
	for _, m := range missing(r.N, shifted) {
		out = append(out, sink.Range{First: r.First + m.First, N: m.N})
	}
	return out
}
