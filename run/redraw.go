package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

const (
	mostDrawn   = 100     // draws of a cell, before those values are looked for that no row has
	mostCompare = 1 << 20 // rows that stand, of which the cells of several columns are read
	mostAsked   = 20_000  // rows of which the database is asked under an index
	mostDealt   = 1 << 22 // values that are looked through for one that is free
)

// redraw looks for cells of unique columns whose values stand in a row of others, draws them again, and
// gives their number. Integer keys that the database reserves are never redrawn.
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
		for _, set := range uniqueSets(w.table) {
			d := &redrawing{g: g, w: w, columns: set, stand: n}
			if len(set) > 1 {
				if n > mostCompare {
					continue
				}
				if err := d.read(ctx); err != nil {
					return redrawn, err
				}
			}
			k, err := d.run(ctx)
			redrawn += k
			if err != nil {
				return redrawn, err
			}
		}
		k, err := g.redrawIndexed(ctx, w, n)
		redrawn += k
		if err != nil {
			return redrawn, err
		}
	}
	return redrawn, nil
}

// redrawIndexed draws rows again that clash with one that stands under a partial unique index or one over expressions:
// as the database tells. Those for which no draw helps are left to it.
func (g *generation) redrawIndexed(ctx context.Context, w *work, stand int64) (redrawn int, err error) {
	oracle, ok := g.store.(sink.Oracle)
	if !ok || g.plan.Append == 0 || stand > mostAsked || w.todo > mostAsked {
		return 0, nil
	}
	for _, u := range w.table.Schema.Uniques {
		d := &redrawing{g: g, w: w, index: u}
		if u.Where == "" && len(u.Expressions) == 0 || !d.finds(w.table) {
			continue
		}
		if d.rows, err = oracle.Keys(ctx, w.table.Schema, plan.Names(d.columns), mostAsked); err != nil {
			return redrawn, fmt.Errorf("%s: read what stands of %s: %w", w.table.Name, u.Name, err)
		}
		k, err := d.run(ctx)
		redrawn += k
		if err != nil {
			return redrawn, err
		}
	}
	return redrawn, nil
}

// finds looks for the columns of the index; false where the plan does not make them all, or where they refer to rows of the
// plan, so that no row that stands has the same.
func (d *redrawing) finds(t *plan.Table) bool {
	for _, name := range d.index.Depends {
		c := t.Column(name)
		if c == nil || !slices.Contains(t.Out, c) || slices.Contains(t.Reservable(), c) || c.Link != nil && !c.Link.Target.Standing {
			return false
		}
		d.columns = append(d.columns, c)
	}
	return len(d.columns) > 0
}

// indexed gives the indexes of rows that clash under the index with one that stands, or with an earlier one.
func (d *redrawing) indexed(ctx context.Context, cells []*column.Vec) (out []int, err error) {
	all := &column.Batch{N: d.rows.N, Names: plan.Names(d.columns)}
	for k, v := range cells {
		one := new(column.Vec)
		one.ResetAs(v)
		for i := range d.rows.N {
			one.AppendCell(d.rows.Vecs[k], i)
		}
		for i := range v.Len() {
			one.AppendCell(v, i)
		}
		all.Vecs = append(all.Vecs, one)
	}
	all.N += cells[0].Len()
	expressions := d.index.Expressions
	if len(expressions) == 0 {
		for _, name := range d.index.Columns {
			expressions = append(expressions, d.g.store.Dialect().Ident(name))
		}
	}
	twice, err := d.g.store.(sink.Oracle).Distinct(ctx, d.w.table.Schema, expressions, d.index.Where, all)
	for _, i := range twice {
		if i >= d.rows.N {
			out = append(out, i-d.rows.N)
		}
	}
	return out, err
}

// uniqueSets gives the written columns whose values must not stand elsewhere in the table, single ones first, but for
// keys that the database reserved. Rows that refer to rows of the plan are others than those that stand.
func uniqueSets(t *plan.Table) (out [][]*plan.Column) {
	for _, u := range t.Schema.Uniques {
		var set []*plan.Column
		for _, name := range u.Columns {
			c := t.Column(name)
			if u.Where != "" || c == nil || !slices.Contains(t.Out, c) || slices.Contains(t.Reservable(), c) || c.Link != nil && !c.Link.Target.Standing {
				set = nil
				break
			}
			set = append(set, c)
		}
		if len(set) > 0 && !(len(set) == 1 && set[0].Link != nil && t.Key == set[0]) {
			out = append(out, set)
		}
	}
	if t.Key == nil { // it has none, or has lost it: what the blueprint says is left
		for _, c := range t.Out {
			if c.Spec != nil && c.Spec.Unique && c.Link == nil && !slices.Contains(t.Reservable(), c) && !slices.ContainsFunc(out, func(set []*plan.Column) bool { return len(set) == 1 && set[0] == c }) {
				out = append(out, []*plan.Column{c})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b []*plan.Column) int { return len(a) - len(b) })
	return out
}

// redrawing draws cells again of columns that are unique together.
type redrawing struct {
	g       *generation
	w       *work
	columns []*plan.Column
	stand   int64           // rows that stand
	stands  map[string]bool // their values that stand, where there are several columns
	index   *schema.Unique  // partial or over expressions; nil otherwise
	rows    *column.Batch   // that stand, of the index's columns
	maker   rows.Maker
}

// read reads the values that stand.
func (d *redrawing) read(ctx context.Context) error {
	oracle, ok := d.g.store.(sink.Oracle)
	if !ok {
		return nil
	}
	b, err := oracle.Keys(ctx, d.w.table.Schema, plan.Names(d.columns), mostCompare)
	if err != nil {
		return fmt.Errorf("%s: read what stands of %s: %w", d.w.table.Name, strings.Join(plan.Names(d.columns), ", "), err)
	}
	d.stands = make(map[string]bool, b.N)
	for i := range b.N {
		if text, ok := textOf(b.Vecs, i); ok {
			d.stands[text] = true
		}
	}
	return nil
}

// textOf joins the cells of a row; false where one is null.
func textOf(cells []*column.Vec, i int) (string, bool) {
	var out []byte
	for _, v := range cells {
		if v.Null(i) {
			return "", false
		}
		out = append(v.AppendText(out, i), 0)
	}
	return string(out), true
}

// clashes gives the indexes of rows whose values stand; nulls never do.
func (d *redrawing) clashes(ctx context.Context, cells []*column.Vec) (out []int, err error) {
	if d.index != nil {
		return d.indexed(ctx, cells)
	}
	if len(d.columns) > 1 {
		for i := range cells[0].Len() {
			if text, ok := textOf(cells, i); ok && d.stands[text] {
				out = append(out, i)
			}
		}
		return out, nil
	}
	v, name, t := cells[0], d.columns[0].Name, d.w.table
	if !v.HasNulls() {
		return d.g.store.Standing(ctx, t.Schema, name, v)
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
	at, err := d.g.store.Standing(ctx, t.Schema, name, &some)
	for i := range at {
		at[i] = index[at[i]]
	}
	return at, err
}

// again gives those of the rows whose values stand, as they are drawn now.
func (d *redrawing) again(ctx context.Context, of []int64) ([]int64, error) {
	b, err := d.maker.Rows(d.w.table, d.columns, of)
	if err != nil {
		return nil, err
	}
	at, err := d.clashes(ctx, b.Vecs)
	out := make([]int64, len(at))
	for k, i := range at {
		out[k] = of[i]
	}
	return out, err
}

// run draws the rows again whose values stand, and gives their number.
func (d *redrawing) run(ctx context.Context) (int, error) {
	var clash []int64
	old := map[int64]string{}
	for _, r := range batches(d.w.ranges, 5000) {
		b, err := d.maker.Batch(d.w.table, d.columns, r.First, int(r.N))
		if err != nil {
			return 0, err
		}
		at, err := d.clashes(ctx, b.Vecs)
		if err != nil {
			return 0, err
		}
		for _, i := range at {
			clash = append(clash, r.First+int64(i))
			old[r.First+int64(i)] = shownCells(b.Vecs, i)
		}
	}
	if len(clash) == 0 {
		return 0, nil
	}
	t, first := d.w.table, d.columns[0]
	made := t.Key == nil && len(d.columns) == 1 && d.g.plan.Append == 0 && 2*int64(len(clash)) > d.stand // most of what stands was made so
	if d.index == nil && (first == t.Key && (d.g.plan.Append == 0 || t.Key.Kind == column.UUID) || made) {
		return 0, fmt.Errorf("%s.%s: the key %s of row %d already stands in the database, in a row that no recorded run made (%d such keys): use another seed, or remove those rows",
			t.Name, first.Name, old[clash[0]], clash[0], len(clash))
	}
	rest, err := d.draw(ctx, clash)
	if err != nil {
		return 0, err
	}
	if rest, err = d.deal(ctx, rest); err != nil {
		return 0, err
	}
	if len(rest) > 0 && d.index == nil {
		return 0, fmt.Errorf("%s: rows that stand in the database have every value of %s that is drawn for row %d, and for %d others: ask for fewer rows",
			d.w.table.Name, strings.Join(plan.Names(d.columns), ", "), rest[0], len(rest)-1)
	}
	b, err := d.maker.Rows(d.w.table, d.columns, clash)
	if err != nil {
		return 0, err
	}
	for i, row := range clash {
		d.g.report.Conflicts = append(d.g.report.Conflicts,
			Conflict{Table: d.w.table.Name, Column: strings.Join(plan.Names(d.columns), ", "), Row: row, Old: old[row], New: shownCells(b.Vecs, i)})
	}
	return len(clash), nil
}

// shownCells writes the cells of a row for a report.
func shownCells(cells []*column.Vec, i int) string {
	out := make([]string, len(cells))
	for k, v := range cells {
		out[k] = v.String(i)
	}
	return strings.Join(out, ", ")
}

// draw draws rows again until their values are free, and gives those for which that did not come.
func (d *redrawing) draw(ctx context.Context, clash []int64) (left []int64, err error) {
	c := d.drawn()
	card, _, numbered := d.room()
	for rest := clash; len(rest) > 0; {
		var may []int64
		for _, row := range rest {
			next := attempt(c, row) + 1
			if next > mostDrawn || numbered && gen.Position(row, next, d.w.table.Rows) >= card {
				left = append(left, row)
				continue
			}
			c.SetAttempt(row, next)
			may = append(may, row)
		}
		if rest, err = d.again(ctx, may); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// room gives the length of the numbering that deals the columns their cells, and those that it is of: under an index, one of
// them.
func (d *redrawing) room() (card uint64, of []*plan.Column, known bool) {
	if d.index == nil {
		card, known = d.w.table.Room(plan.Names(d.columns))
		return card, d.columns, known
	}
	for _, c := range d.columns {
		if s := c.Source(); c.Link == nil {
			c = s
		}
		if card, known = d.w.table.Room([]string{c.Name}); known {
			return card, []*plan.Column{c}, true
		}
	}
	return 0, nil, false
}

// drawn is the column that is drawn again: one that refers to no other row, and a text, where there is one.
func (d *redrawing) drawn() *plan.Column {
	if _, of, ok := d.room(); ok && d.index != nil {
		return of[0]
	}
	of := d.columns[0]
	for _, c := range d.columns {
		if c.Link == nil && (of.Link != nil || of.Kind == column.Bool || c.Kind == column.Text && of.Kind != column.Text) {
			of = c
		}
	}
	if of.Link == nil {
		return of.Source()
	}
	return of
}

// attempt is the draw that a row's cell comes from.
func attempt(c *plan.Column, row int64) uint32 {
	if c.Link != nil {
		return c.Link.Attempt(row)
	}
	return c.Attempt(row)
}

// deal gives rows values of the numbering that neither a row that stands has nor another one of the plan, and gives the
// rows for which there are none.
func (d *redrawing) deal(ctx context.Context, rest []int64) ([]int64, error) {
	card, of, ok := d.room()
	if !ok || card > mostDealt || len(rest) == 0 {
		return rest, nil
	}
	at, give := d.w.table.Positions(of)
	taken := map[uint64]bool{}
	for row := range d.w.table.Rows {
		taken[at(row)] = true
	}
	for position := uint64(0); len(rest) > 0; {
		var tried []int64
		for ; position < card && len(tried) < len(rest); position++ {
			if !taken[position] {
				give(rest[len(tried)], position)
				tried = append(tried, rest[len(tried)])
			}
		}
		if len(tried) == 0 {
			break
		}
		clash, err := d.again(ctx, tried)
		if err != nil {
			return nil, err
		}
		rest = slices.Concat(clash, rest[len(tried):])
	}
	return rest, nil
}
