package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// reporter is what a check needs of a test: *testing.T and *rapid.T have it.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// world holds all cells of all columns of a plan: links and virtual ones too.
type world struct {
	t     reporter
	plan  *plan.Plan
	cells map[*plan.Column]*column.Vec
}

func newWorld(t reporter, p *plan.Plan) *world {
	t.Helper()
	w := &world{t: t, plan: p, cells: map[*plan.Column]*column.Vec{}}
	for _, tb := range p.Tables {
		b, err := new(rows.Maker).Batch(tb, tb.Columns, 0, int(tb.Rows))
		if err != nil {
			t.Fatalf("%v\n%s", err, planText(p))
		}
		for i, c := range tb.Columns {
			w.cells[c] = b.Vecs[i]
		}
	}
	return w
}

// column finds a table's cells.
func (w *world) column(table, name string) *column.Vec {
	w.t.Helper()
	t := w.plan.Table(table)
	if t == nil || t.Column(name) == nil {
		w.t.Fatalf("there is no %s.%s", table, name)
	}
	return w.cells[t.Column(name)]
}

// read gives the cells of an input for all rows of the table: found by following links row by row, which
// is not how rows.Maker does it.
func (w *world) read(t *plan.Table, in plan.Input) *column.Vec {
	out := new(column.Vec)
	out.Reset(in.Column.Kind)
	out.Scale = in.Column.Scale
rows:
	for row := range t.Rows {
		for _, link := range in.Links {
			v := w.cells[link]
			if v.Null(int(row)) {
				out.AppendNull()
				continue rows
			}
			row = v.Ints[row]
		}
		out.AppendCell(w.cells[in.Column], int(row))
	}
	return out
}

// check holds everything that the plan promises, and that the schema asks for, against the cells.
func (w *world) check() {
	w.t.Helper()
	for _, t := range w.plan.Tables {
		for _, c := range t.Columns {
			if w.cells[c].Len() != int(t.Rows) {
				w.t.Fatalf("%s.%s has %d cells", t.Name, c.Name, w.cells[c].Len())
			}
			w.nodes(t, c)
			if c.Unique {
				w.distinct(t, []*plan.Column{c}, false, c.Name+" is unique")
			}
			if c.Target != nil {
				w.links(t, c)
			}
		}
		w.alone(t)
		if t.Schema != nil && !t.Standing {
			w.schema(t)
		}
	}
	for _, spec := range w.plan.Blueprint.Tables {
		t := w.plan.Table(spec.Name)
		for _, u := range spec.Unique {
			var cols []*plan.Column
			for _, name := range u.Columns {
				cols = append(cols, t.Column(name))
			}
			w.distinct(t, cols, false, "unique together")
		}
		for i, f := range spec.Fixed {
			for _, cell := range f.Cells {
				v := w.column(spec.Name, cell.Column)
				if int64(i) >= t.Rows {
					continue
				}
				want := new(column.Vec)
				want.Reset(v.Kind)
				want.Scale = v.Scale
				if err := gen.AppendValue(want, cell.Value.V); err != nil || !v.Equal(i, want, 0) {
					w.t.Errorf("%s.%s: fixed row %s has %q, not %v", t.Name, cell.Column, f.Name, v.String(i), cell.Value.V)
				}
			}
		}
	}
}

// links checks that row numbers are rows of the parent, earlier ones where it is the table itself.
func (w *world) links(t *plan.Table, c *plan.Column) {
	v := w.cells[c]
	for i := range v.Len() {
		itself := v.Ints[i] == int64(i) && slices.ContainsFunc(c.Nodes, func(n *plan.Node) bool {
			return strings.Contains(n.Fill.String(), "itself") || len(n.Inputs) > 0 && n.On == nil
		})
		if !v.Null(i) && (v.Ints[i] < 0 || v.Ints[i] >= c.Target.Rows || c.Target == t && v.Ints[i] >= int64(i) && !itself) {
			w.t.Fatalf("%s: %s leads from row %d to row %d", t.Name, c.Name, i, v.Ints[i])
		}
	}
	for k, n := range c.Nodes {
		for j, on := range n.On {
			own := w.read(t, n.Inputs[j])
			for row := t.Parts[k].First; row < t.Parts[k].First+t.Parts[k].Rows; row++ {
				if v.Null(int(row)) && c.Target != t && t.Schema == nil && !strings.Contains(n.Fill.String(), "null in") && !w.anyNull(t, n.Inputs, row) && c.FixedCell(row) == nil {
					w.t.Fatalf("%s: %s leads to no row from row %d", t.Name, c.Name, row)
				}
				if !v.Null(int(row)) && c.FixedCell(row) == nil && !own.Equal(int(row), w.cells[on], int(v.Ints[row])) {
					w.t.Fatalf("%s: %s leads from row %d to row %d, whose %s is %s and not %s", t.Name, c.Name, row, v.Ints[row], on.Name, w.cells[on].String(int(v.Ints[row])), own.String(int(row)))
				}
			}
		}
	}
}

func (w *world) anyNull(t *plan.Table, inputs []plan.Input, row int64) bool {
	return slices.ContainsFunc(inputs, func(in plan.Input) bool { return w.read(t, in).Null(int(row)) })
}

// nodes checks the rules of a column's generators, and that references hold cells of their parents.
func (w *world) nodes(t *plan.Table, c *plan.Column) {
	v := w.cells[c]
	for i, n := range c.Nodes {
		if i > 0 && n == c.Nodes[0] {
			continue
		}
		first, end := t.Parts[i].First, t.Parts[i].First+t.Parts[i].Rows
		if c.Shared() != nil {
			first, end = 0, t.Rows
		}
		var in []*column.Vec
		for _, input := range n.Reads() {
			in = append(in, w.read(t, input))
		}
		if n.When != nil {
			w.conditional(t, c, n, first, end, in[len(n.Inputs):])
		}
		if c.Link != nil && len(n.Inputs) == 1 && len(n.Inputs[0].Links) == 1 && n.Inputs[0].Links[0] == c.Link {
			for row := first; row < end; row++ {
				cell, at := in[0], int(row)
				if root := gen.RootOf(n.Fill); root != nil && cell.Null(at) {
					cell, at = root, 0
				}
				if !v.Equal(int(row), cell, at) {
					w.t.Errorf("%s.%s row %d is %q, and its parent's cell %q", t.Name, c.Name, row, v.String(int(row)), in[0].String(int(row)))
				}
			}
		}
		ruled, ok := n.Fill.(gen.Ruled)
		if !ok {
			continue
		}
		for _, r := range ruled.Rules() {
			for row := first; row < end && r.Cell != nil; row++ {
				if c.FixedCell(row) == nil && !r.Cell(v, int(row), in) {
					w.t.Errorf("%s.%s row %d, %q: %s is not true", t.Name, c.Name, row, v.String(int(row)), r.Text)
				}
			}
			w.counts(t, c, r, first, end)
		}
	}
}

// conditional checks that cells are null where their condition is not true.
func (w *world) conditional(t *plan.Table, c *plan.Column, n *plan.Node, first, end int64, in []*column.Vec) {
	holds := new(column.Vec)
	holds.Reset(column.Bool)
	if err := n.When.Fill(holds, &gen.Span{Rows: gen.Rows{N: int(t.Rows)}, Inputs: in, Scratch: new(gen.Scratch)}); err != nil {
		w.t.Fatalf("%v", err)
	}
	yes := 0
	for row := int(first); row < int(end); row++ {
		is := !holds.Null(row) && holds.Ints[row] != 0
		if is {
			yes++
		}
		if !is && !w.cells[c].Null(row) && c.FixedCell(int64(row)) == nil {
			w.t.Errorf("%s.%s row %d is there where %s is not true", t.Name, c.Name, row, n.When.Text)
		}
	}
	if yes == 0 || yes == int(end-first) {
		w.t.Errorf("%s.%s: %s is true in %d of %d rows", t.Name, c.Name, n.When.Text, yes, end-first)
	}
}

func (w *world) counts(t *plan.Table, c *plan.Column, r gen.Rule, first, end int64) {
	v := w.cells[c]
	for _, k := range r.Counts {
		n := int64(0)
		for row := int(first); row < int(end); row++ {
			if v.Null(row) && k.Value == nil || !v.Null(row) && k.Value != nil && v.String(row) == fmt.Sprint(k.Value) {
				n++
			}
		}
		if n != k.Rows {
			w.t.Errorf("%s.%s is %v in %d rows, want %d", t.Name, c.Name, k.Value, n, k.Rows)
		}
	}
	for _, k := range r.Parents {
		link := v
		if c.Target == nil {
			link = w.cells[c.Link]
		}
		n := int64(0)
		for row := first; row < end; row++ {
			if !link.Null(int(row)) && link.Ints[row] == k.Row {
				n++
			}
		}
		if n != k.Rows {
			w.t.Errorf("%s.%s refers to %s in %d rows, want %d", t.Name, c.Name, k.Name, n, k.Rows)
		}
	}
}

// distinct checks that no two rows have the same in the columns; rows with a null count as distinct
// unless nulls are equal.
func (w *world) distinct(t *plan.Table, cols []*plan.Column, nullsEqual bool, what string) {
	seen := map[string]int64{}
rows:
	for row := range t.Rows {
		key := ""
		for _, c := range cols {
			v := w.cells[c]
			if v.Null(int(row)) {
				if !nullsEqual {
					continue rows
				}
				key += "null|"
				continue
			}
			key += fmt.Sprintf("%q|", v.String(int(row)))
		}
		if other, twice := seen[key]; twice {
			w.t.Errorf("%s: rows %d and %d have the same %s: %s", t.Name, other, row, key, what)
			return
		}
		seen[key] = row
	}
}

// alone makes rows in other ways than all at once.
func (w *world) alone(t *plan.Table) {
	if t.Rows == 0 {
		return
	}
	same := func(how string, b *column.Batch, row func(i int) int64) {
		for j, c := range t.Columns {
			v := w.cells[c]
			if b.Vecs[j].Scale != v.Scale {
				w.t.Errorf("%s.%s %s has the scale %d, in all rows %d", t.Name, c.Name, how, b.Vecs[j].Scale, v.Scale)
			}
			for i := range b.N {
				if !v.Equal(int(row(i)), b.Vecs[j], i) {
					w.t.Errorf("%s.%s row %d %s is %q, among all %q", t.Name, c.Name, row(i), how, b.Vecs[j].String(i), v.String(int(row(i))))
				}
			}
		}
	}
	var m rows.Maker
	for _, size := range []int64{1, 3} {
		for first := int64(0); first < t.Rows; first += size {
			b, err := m.Batch(t, t.Columns, first, int(min(size, t.Rows-first)))
			if err != nil {
				w.t.Fatalf("%v", err)
			}
			same(fmt.Sprintf("in batches of %d", size), b, func(i int) int64 { return first + int64(i) })
		}
	}
	var list []int64
	for row := range t.Rows {
		list = append(list, (row*7+3)%t.Rows, t.Rows-1-row)
	}
	b, err := m.Rows(t, t.Columns, list)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	same("in a list", b, func(i int) int64 { return list[i] })
}

// schema holds the table's cells against its constraints.
func (w *world) schema(t *plan.Table) {
	for _, sc := range t.Schema.Columns {
		c := t.Column(sc.Name)
		if c == nil || !slices.Contains(t.Out, c) {
			if sc.NotNull && sc.Default == "" && sc.Identity == "" && !sc.Generated {
				w.t.Errorf("%s.%s takes no null and is not filled", t.Name, sc.Name)
			}
			continue
		}
		if sc.Generated {
			w.t.Errorf("%s.%s is generated and written", t.Name, sc.Name)
		}
		for i := range int(t.Rows) {
			w.cell(t, c, sc, i)
		}
	}
	for _, u := range t.Schema.Uniques {
		var cols []*plan.Column
		for _, name := range u.Columns {
			if c := t.Column(name); c != nil && slices.Contains(t.Out, c) {
				cols = append(cols, c)
			} else if sc := t.Schema.Column(name); sc.Default == "" || sc.Sequence != "" || sc.Identity != "" {
				cols = nil // null, or a key
				break
			}
		}
		if len(cols) > 0 && u.Where == "" {
			w.distinct(t, cols, u.NullsNotDistinct, u.Name)
		}
	}
	for _, fk := range t.Schema.ForeignKeys {
		w.foreignKey(t, fk)
	}
}

func (w *world) cell(t *plan.Table, c *plan.Column, sc *schema.Column, i int) {
	v := w.cells[c]
	if v.Null(i) {
		if sc.NotNull {
			w.t.Errorf("%s.%s row %d is null", t.Name, c.Name, i)
		}
		return
	}
	s := v.String(i)
	switch typ := sc.Type; {
	case len(typ.Enum) > 0 && !slices.Contains(typ.Enum, s):
		w.t.Errorf("%s.%s row %d: %q is no label", t.Name, c.Name, i, s)
	case typ.Length > 0 && utf8.RuneCountInString(s) > typ.Length:
		w.t.Errorf("%s.%s row %d: %q is too long", t.Name, c.Name, i, s)
	case typ.Kind == column.Int && typ.Width < 8 && (v.Ints[i] >= 1<<(8*typ.Width-1) || v.Ints[i] < -1<<(8*typ.Width-1)):
		w.t.Errorf("%s.%s row %d: %s is no %s", t.Name, c.Name, i, s, typ.Name)
	case typ.Kind == column.Decimal && typ.Precision > 0:
		whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
		if len(strings.TrimLeft(whole, "0")) > typ.Precision-typ.Scale || v.Kind == column.Decimal && len(frac) > typ.Scale {
			w.t.Errorf("%s.%s row %d: %s is no numeric(%d,%d)", t.Name, c.Name, i, s, typ.Precision, typ.Scale)
		}
	}
	if t.Schema.Partition != nil {
		if only, ok := t.Schema.Partition.Only[c.Name]; ok && s != only {
			w.t.Errorf("%s.%s row %d is %q: the partition takes %q", t.Name, c.Name, i, s, only)
		}
	}
}

func (w *world) foreignKey(t *plan.Table, fk *schema.ForeignKey) {
	var parent *plan.Table
	for _, p := range w.plan.Tables {
		if p.Schema != nil && p.Schema.Name == fk.RefTable && p.Schema.Schema == fk.RefSchema {
			parent = p
		}
	}
	tuple := func(of *plan.Table, names []string, row int) (string, bool) {
		out := ""
		for _, name := range names {
			c := of.Column(name)
			if c == nil || !of.Standing && !slices.Contains(of.Out, c) || w.cells[c].Null(row) {
				return "", false
			}
			out += fmt.Sprintf("%q|", w.cells[c].String(row))
		}
		return out, true
	}
	keys := map[string]bool{}
	if parent == nil {
		return
	}
	for row := range int(parent.Rows) {
		if key, ok := tuple(parent, fk.RefColumns, row); ok {
			keys[key] = true
		}
	}
	for row := range int(t.Rows) {
		if key, ok := tuple(t, fk.Columns, row); ok && !keys[key] {
			w.t.Errorf("%s row %d: %s has no row of %s with %s", t.Name, row, fk.Name, parent.Name, key)
		}
	}
	if parent.Unit != t.Unit && t.Rows > 0 && slices.Index(w.plan.Tables, parent) > slices.Index(w.plan.Tables, t) {
		for row := range int(t.Rows) {
			if _, ok := tuple(t, fk.Columns, row); ok {
				w.t.Errorf("%s comes before %s, to which it refers", t.Name, parent.Name)
				return
			}
		}
	}
}

// TestShapesHold makes the rows of every shape, and holds them against the plan and the schema.
func TestShapesHold(t *testing.T) {
	for _, a := range archives(t, "shapes") {
		t.Run(a.name, func(t *testing.T) {
			p, err := build(a.files, a.db)
			if err != nil {
				return // TestShapes has the error
			}
			newWorld(t, p).check()
		})
	}
}
