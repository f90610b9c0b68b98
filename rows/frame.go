package rows

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

// frame is a set of rows of one table, with the columns that were computed for them so far.
type frame struct {
	m       *Maker
	table   *plan.Table
	rows    gen.Rows
	part    int // index of the part that holds all rows; -1 where they lie in several
	local   gen.Rows
	vecs    []*column.Vec // by plan.Column.Index
	parents []parent
	byPart  []*frame    // where the rows lie in several parts: those of each, nil for none
	guard   *plan.Guard // whose columns are drawn here as they come, with attempt; nil for none
	attempt uint32
	depth   int // number of links that led here
}

// deepest bounds the links that lead from row to row: past it, cells depend on themselves.
const deepest = 5000

// parent is the frame of the parent rows that a link leads to.
type parent struct {
	link  *plan.Column
	frame *frame
	valid []int32 // where the link is null in some rows: indexes of the others
	full  bool    // the link is null in no row
	cols  []expanded
}

// expanded is a parent's column spread over the rows, null where the link is.
type expanded struct {
	col *plan.Column
	vec *column.Vec
}

func (m *Maker) frame(t *plan.Table, r gen.Rows) *frame {
	var f *frame
	if n := len(m.free); n > 0 {
		f, m.free = m.free[n-1], m.free[:n-1]
	} else {
		f = &frame{m: m}
	}
	m.used = append(m.used, f)
	f.depth = 0
	f.table, f.rows, f.parents, f.byPart, f.local = t, r, f.parents[:0], f.byPart[:0], gen.Rows{N: -1}
	f.vecs = slices.Grow(f.vecs[:0], len(t.Columns))[:len(t.Columns)]
	clear(f.vecs)
	f.guard, f.attempt = nil, 0
	f.part = commonPart(t, r)
	return f
}

// commonPart gives the part that holds all rows, or -1.
func commonPart(t *plan.Table, r gen.Rows) int {
	if len(t.Parts) == 1 || r.N == 0 {
		return 0
	}
	at := t.PartOf(r.At(0))
	p := t.Parts[at]
	if r.List == nil {
		if r.First+int64(r.N) > p.First+p.Rows {
			return -1
		}
		return at
	}
	for _, row := range r.List {
		if row < p.First || row >= p.First+p.Rows {
			return -1
		}
	}
	return at
}

// cells gives a column's cells for the frame's rows.
func (f *frame) cells(c *plan.Column) (*column.Vec, error) {
	if v := f.vecs[c.Index]; v != nil {
		return v, nil
	}
	if f.rows.N == 0 { // nothing to ask, of rows that hang on rows of the same table above all
		v := f.m.vecOf(c)
		v.Scale, f.vecs[c.Index] = c.Scale, v
		return v, nil
	}
	if c.Guard != nil && c.Guard != f.guard {
		if err := f.guarded(c.Guard); err != nil {
			return nil, err
		}
		return f.vecs[c.Index], nil
	}
	v := f.m.vecOf(c)
	var err error
	switch node := c.Shared(); {
	case node != nil:
		err = f.fill(v, c, node)
	case f.part >= 0:
		err = f.fill(v, c, c.Nodes[f.part])
	default:
		err = f.fillByPart(v, c)
	}
	if err != nil {
		return nil, err
	}
	f.vecs[c.Index] = v
	return v, nil
}

// fillByPart fills a column whose parts differ: the rows of each part in a frame of their own.
func (f *frame) fillByPart(dst *column.Vec, c *plan.Column) error {
	f.split()
	vecs := make([]*column.Vec, len(f.byPart))
	for i, p := range f.byPart {
		if p == nil {
			continue
		}
		v, err := p.cells(c)
		if err != nil {
			return err
		}
		vecs[i] = v
	}
	dst.Scale = c.Scale
	if f.rows.List == nil { // one part after another
		for _, v := range vecs {
			if v != nil {
				dst.AppendVec(v)
			}
		}
		return nil
	}
	next := make([]int, len(vecs))
	for _, row := range f.rows.List {
		i := f.table.PartOf(row)
		dst.AppendCell(vecs[i], next[i])
		next[i]++
	}
	return nil
}

// ofRows makes a frame of other rows of the same table.
func (f *frame) ofRows(r gen.Rows) *frame {
	g := f.m.frame(f.table, r)
	g.depth = f.depth
	return g
}

// split makes a frame of each part's rows.
func (f *frame) split() {
	if len(f.byPart) > 0 {
		return
	}
	lists := make([]*[]int64, len(f.table.Parts))
	for _, row := range f.rows.List {
		i := f.table.PartOf(row)
		if lists[i] == nil {
			lists[i] = f.m.intList()
		}
		*lists[i] = append(*lists[i], row)
	}
	for i, p := range f.table.Parts {
		first, end := max(f.rows.First, p.First), min(f.rows.First+int64(f.rows.N), p.First+p.Rows)
		switch {
		case lists[i] != nil:
			f.byPart = append(f.byPart, f.ofRows(gen.Rows{N: len(*lists[i]), List: *lists[i]}))
		case f.rows.List == nil && first < end:
			f.byPart = append(f.byPart, f.ofRows(gen.Rows{First: first, N: int(end - first)}))
		default:
			f.byPart = append(f.byPart, nil)
			continue
		}
		sub := f.byPart[i]
		sub.guard, sub.attempt = f.guard, f.attempt
	}
}

func (f *frame) fill(dst *column.Vec, c *plan.Column, n *plan.Node) error {
	return f.fillNode(dst, c, n, func(s *gen.Span) error { return f.fillSpecial(dst, c, n, s) })
}

// fillNode gathers what a node reads and lets fill fill dst.
func (f *frame) fillNode(dst *column.Vec, c *plan.Column, n *plan.Node, fill func(*gen.Span) error) error {
	var buf [8]*column.Vec
	inputs := buf[:0]
	for i := range n.Inputs {
		v, err := f.input(c, &n.Inputs[i])
		if err != nil {
			return err
		}
		inputs = append(inputs, v)
	}
	if n.Fold != nil {
		v, err := f.fold(c, n.Fold)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", c.Table.Name, c.Name, err)
		}
		inputs = append(inputs, v)
	}
	if n.When != nil {
		for _, in := range n.When.Inputs { // as they are now: a cell that is there again is the one that was
			v, err := f.through(in.Links, in.Column)
			if err != nil {
				return err
			}
			inputs = append(inputs, v)
		}
	}
	s := gen.Span{Rows: f.rows, Inputs: inputs, Scratch: &f.m.scratch}
	if n.Local {
		s.Rows = f.localRows()
	}
	if err := fill(&s); err != nil {
		return fmt.Errorf("%s.%s: %w", c.Table.Name, c.Name, err)
	}
	if dst.Kind == column.Decimal { // whatever generator came last
		dst.Scale = c.Scale
	}
	dst.Single = c.Single
	dst.Round()
	if dst.Len() != f.rows.N {
		return fmt.Errorf("%s.%s: the generator gave %d cells for %d rows", c.Table.Name, c.Name, dst.Len(), f.rows.N)
	}
	return nil
}

// fillSpecial fills s, but for the rows whose cells are given or redrawn.
func (f *frame) fillSpecial(dst *column.Vec, c *plan.Column, n *plan.Node, s *gen.Span) error {
	again := f.drawAgain(c)
	s.Attempt, s.Again = again, again
	if !c.Special() {
		return n.Fill.Fill(dst, s)
	}
	from := 0
	piece := func(to int) error {
		if from == to {
			return nil
		}
		sub, done := s.Slice(from, to)
		defer done()
		return n.Fill.Fill(dst, &sub)
	}
	for _, i := range f.specials(c) {
		if err := piece(i); err != nil {
			return err
		}
		from = i + 1
		row := f.rows.At(i)
		if cell := c.FixedCell(row); cell != nil {
			dst.AppendCell(cell, 0)
			continue
		}
		sub, done := s.Slice(i, i+1)
		sub.Attempt = c.Attempt(row) + again
		err := n.Fill.Fill(dst, &sub)
		done()
		if err != nil {
			return err
		}
	}
	return piece(f.rows.N)
}

// specials gives the indexes of the frame's rows whose cells are given or redrawn, in order.
func (f *frame) specials(c *plan.Column) []int {
	var out []int
	if f.rows.List == nil {
		for _, row := range c.SpecialRows() {
			if row >= f.rows.First && row < f.rows.First+int64(f.rows.N) {
				out = append(out, int(row-f.rows.First))
			}
		}
		slices.Sort(out)
		return out
	}
	for i, row := range f.rows.List {
		if c.FixedCell(row) != nil || c.Attempt(row) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// localRows gives the rows counted from the first of their part.
func (f *frame) localRows() gen.Rows {
	if f.local.N >= 0 {
		return f.local
	}
	f.local = f.rows
	if first := f.table.Parts[f.part].First; first != 0 {
		if f.rows.List == nil {
			f.local.First -= first
		} else {
			list := f.m.intList()
			for _, row := range f.rows.List {
				*list = append(*list, row-first)
			}
			f.local.List = *list
		}
	}
	return f.local
}

// input gives the cells that column c reads: of the same rows, or of parents through links. A unique
// column that is made from another reads that one's first draw: when a value is drawn again because it
// stood, only that value changes.
func (f *frame) input(c *plan.Column, in *plan.Input) (*column.Vec, error) {
	if c.Unique && len(in.Links) == 0 && in.Column.Redrawn() {
		return f.firstDraw(in.Column)
	}
	return f.through(in.Links, in.Column)
}

// firstDraw gives a column's cells with redrawn ones as they were drawn first.
func (f *frame) firstDraw(c *plan.Column) (*column.Vec, error) {
	now, err := f.cells(c)
	if err != nil {
		return nil, err
	}
	first := f.m.vecOf(c)
	if err := f.fillFirst(first, c); err != nil {
		return nil, err
	}
	out := f.m.vecOf(c)
	out.Scale = now.Scale
	for i := range f.rows.N {
		if c.Attempt(f.rows.At(i)) > 0 && c.FixedCell(f.rows.At(i)) == nil {
			out.AppendCell(first, i)
		} else {
			out.AppendCell(now, i)
		}
	}
	return out, nil
}

// fillFirst fills a column without given and redrawn cells.
func (f *frame) fillFirst(dst *column.Vec, c *plan.Column) error {
	n := c.Shared()
	if n == nil {
		return fmt.Errorf("%s.%s: a column whose parts differ cannot be drawn again", c.Table.Name, c.Name)
	}
	return f.fillNode(dst, c, n, func(s *gen.Span) error { return n.Fill.Fill(dst, s) })
}

func (f *frame) through(links []*plan.Column, c *plan.Column) (*column.Vec, error) {
	if len(links) == 0 {
		return f.cells(c)
	}
	at, err := f.parent(links[0])
	if err != nil {
		return nil, err
	}
	p := &f.parents[at]
	if p.full {
		return p.frame.through(links[1:], c)
	}
	if len(links) == 1 {
		for _, x := range p.cols {
			if x.col == c {
				return x.vec, nil
			}
		}
	}
	v, err := p.frame.through(links[1:], c)
	if err != nil {
		return nil, err
	}
	p = &f.parents[at] // the call may have grown f.parents
	out := f.m.vecOf(c)
	out.Scale = v.Scale
	next := 0
	for i := range f.rows.N {
		if next < len(p.valid) && int(p.valid[next]) == i {
			out.AppendCell(v, next)
			next++
		} else {
			out.AppendNull()
		}
	}
	if len(links) == 1 {
		p.cols = append(p.cols, expanded{c, out})
	}
	return out, nil
}

// parent gives the index in f.parents of the rows that a link leads to.
func (f *frame) parent(link *plan.Column) (int, error) {
	for i := range f.parents {
		if f.parents[i].link == link {
			return i, nil
		}
	}
	v, err := f.cells(link)
	if err != nil {
		return 0, err
	}
	p := parent{link: link, full: !v.HasNulls()}
	rows := v.Ints
	if !p.full {
		list := f.m.intList()
		for i, row := range v.Ints {
			if !v.Null(i) {
				p.valid = append(p.valid, int32(i))
				*list = append(*list, row)
			}
		}
		rows = *list
	}
	if f.depth > deepest {
		return 0, fmt.Errorf("%s.%s: cells that are reached through it depend on themselves", link.Table.Name, link.Name)
	}
	p.frame = f.m.frame(link.Target, gen.Rows{List: rows, N: len(rows)})
	p.frame.depth = f.depth + 1
	f.parents = append(f.parents, p)
	return len(f.parents) - 1, nil
}
