package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// wantsUnique tells whether a column's cells must be distinct, and why where the blueprint does not say
// it.
func (c *Column) wantsUnique() (wanted bool, why string) {
	switch u := c.Table.singleUnique(c.Name); {
	case c.Table.Rows <= 1: // whoever asks: a blueprint alone makes the rows that it makes beside its database
		return false, ""
	case c.Spec.Unique:
		return true, ""
	case u != nil && !c.Spec.Virtual:
		return true, fmt.Sprintf("must be unique (%s): ", u.Name)
	}
	return false, ""
}

// wantsUniqueMatch tells whether a column that must be unique refers to parents that match: they are made
// distinct once all columns are known.
func (c *Column) wantsUniqueMatch() bool {
	if c.Spec == nil || c.Link == nil || c.state != compiled || c.Table.Rows <= 1 || !slices.ContainsFunc(c.Link.Nodes, func(n *Node) bool { return n.match != nil && n.match.earlier == nil }) {
		return false
	}
	wanted, _ := c.wantsUnique()
	return wanted
}

// singleUnique finds the database's unique over the column alone.
func (t *Table) singleUnique(name string) *schema.Unique {
	if t.Schema == nil {
		return nil
	}
	for _, u := range t.Schema.Uniques {
		if len(u.Columns) == 1 && u.Columns[0] == name && u.Where == "" {
			return u
		}
	}
	return nil
}

// distinct makes a filler's cells distinct, those of fixed rows among them.
func (b *builder) distinct(f gen.Filler, ctx *gen.Context) (gen.Filler, error) {
	if ctx.Rows == 0 {
		return f, nil
	}
	f = gen.Whole(f)
	u, err := gen.Unique(f, ctx.Key, ctx.Rows)
	if err != nil || u == f {
		return u, err
	}
	b.tables[ctx.Table].byName[ctx.Column].note("unique", gen.UniqueVersion)
	ix := f.(gen.Indexed)
	at := newBijection(ctx.Key.Derive("unique"), ix.Card(), ctx.Rows)
	for row, fixed := range ctx.Fixed {
		if !fixed.Given || fixed.Value == nil {
			continue
		}
		if i, ok := indexOf(ix, fixed.Value, ctx.Type.Single()); ok {
			at.place(uint64(row), i)
		}
	}
	if at.given == nil {
		return u, nil
	}
	return &placed{Filler: u, ix: ix, at: at}, nil
}

// bijection numbers rows: row r with attempt a stands at position r + a x rows, whose number is that of
// a distinct value, or of a combination of values. A redraw never meets a row to come.
type bijection struct {
	perm  rng.Perm
	rows  uint64
	given map[uint64]uint64 // position -> number, where it is not the permutation's
}

func newBijection(key rng.Key, card uint64, rows int64) *bijection {
	return &bijection{perm: rng.NewPerm(key, card), rows: uint64(rows)}
}

func (p *bijection) number(position uint64) uint64 {
	if n, ok := p.given[position]; ok {
		return n
	}
	return p.perm.At(position)
}

// of gives the number of a row's attempt.
func (p *bijection) of(row int64, attempt uint32) (uint64, error) {
	position := gen.Position(row, attempt, int64(p.rows))
	if position >= p.perm.Len() {
		return 0, fmt.Errorf("row %d: no value is left to draw again: all %d are taken", row, p.perm.Len())
	}
	return p.number(position), nil
}

// place gives a position a number: it changes places with the one that has it.
func (p *bijection) place(position, number uint64) {
	has := p.perm.Inverse(number)
	for at, n := range p.given {
		if n == number {
			has = at
		}
	}
	if p.given == nil {
		p.given = map[uint64]uint64{}
	}
	p.given[has], p.given[position] = p.number(position), number
}

// placed is a Filler of distinct values some of which belong to fixed rows.
type placed struct {
	gen.Filler // without fixed rows
	ix         gen.Indexed
	at         *bijection
}

func (f *placed) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		n, err := f.at.of(s.Rows.At(i), s.Attempt)
		if err != nil {
			return err
		}
		f.ix.AppendIndex(dst, n, s.Scratch)
	}
	return nil
}
func (f *placed) Distinct() bool     { return true }
func (f *placed) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.ix}) }
func (f *placed) Rules() []gen.Rule  { return rulesOf(f.ix) }

const few, some = 1 << 12, 1 << 20 // values that are all looked at: of any kind, of texts

// ordered tells whether many values of a filler stand in order.
func ordered(ix gen.Indexed) bool { return ix.Kind().Integer() || ix.Kind() == column.Float }

// searchable tells whether indexOf finds every value of a filler.
func searchable(ix gen.Indexed) bool { return ix.Card() > 0 && (ordered(ix) || ix.Card() <= some) }

// indexOf finds the index of a blueprint's value among the values of a filler, as a column holds both.
func indexOf(ix gen.Indexed, value any, single bool) (uint64, bool) {
	var sc gen.Scratch
	v, want := new(column.Vec), new(column.Vec)
	at := func(i uint64) *column.Vec {
		v.Reset(ix.Kind())
		v.Single = single
		ix.AppendIndex(v, i, &sc)
		v.Round()
		return v
	}
	want.ResetAs(at(0))
	if gen.AppendValue(want, value) != nil {
		return 0, false
	}
	card := ix.Card()
	if card <= few || !ordered(ix) && card <= some {
		for i := range card {
			if at(i).Equal(0, want, 0) {
				return i, true
			}
		}
		return 0, false
	}
	if !ordered(ix) {
		return 0, false
	}
	lo, hi := uint64(0), card
	for lo < hi {
		mid := lo + (hi-lo)/2
		if v := at(mid); ix.Kind() == column.Float && v.Floats[0] < want.Floats[0] || ix.Kind() != column.Float && v.Ints[0] < want.Ints[0] {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < card && at(lo).Equal(0, want, 0)
}

// uniqueCopy finds out whether copied cells are distinct, and holds those that must be against it.
func (b *builder) uniqueCopy(c *Column, part *Part, n *Node) error {
	wanted, why := c.wantsUnique()
	err := n.copiesDistinct(part)
	switch {
	case gen.AlwaysNull(n.Fill):
	case err == nil:
		n.distinct = wanted || len(n.Inputs[0].Links) > 0
	case wanted && !c.Table.Triggered:
		return fmt.Errorf("%s%w", orMust(why), err)
	}
	return nil
}

func (n *Node) copiesDistinct(part *Part) error {
	in := n.Inputs[0]
	for _, link := range in.Links {
		if !link.distinctRows(part) {
			return fmt.Errorf("it copies a cell of %s, and several rows may follow one row of it", link.Target.Name)
		}
		part = nil
	}
	if !in.Column.Unique && in.Column.Table.Rows > 1 {
		return fmt.Errorf("it copies %s.%s, which is not unique", in.Column.Table.Name, in.Column.Name)
	}
	return nil
}

// distinctRows tells whether the rows of a part, or of the table, lead to different rows through a link.
func (c *Column) distinctRows(part *Part) bool {
	seen := 0
	var last *Node
	for i, n := range c.Nodes {
		if _, null := n.Fill.(nullRow); null || n == last || part != nil && c.Table.Parts[i] != part {
			continue
		}
		seen, last = seen+1, n
		if !n.isDistinct() {
			return false
		}
	}
	return seen <= 1
}

// isDistinct tells whether the node's cells, those that are not null, are distinct.
func (n *Node) isDistinct() bool {
	if d, ok := n.Fill.(gen.Distinct); ok && d.Distinct() || n.distinct {
		return true
	}
	if d, ok := n.raw.(gen.Distinct); ok && d.Distinct() {
		return true
	}
	// a row number that is copied from the part's own link
	return len(n.Inputs) == 1 && len(n.Inputs[0].Links) == 0 && isOwnRow(n.Inputs[0].Column)
}

func isOwnRow(c *Column) bool {
	return slices.ContainsFunc(c.Nodes, func(n *Node) bool { _, ok := n.Fill.(ownRow); return ok })
}

// distinctByPart tells whether a column refers, in the one part in which it is not null, to one row for
// each row.
func distinctByPart(c *Column) bool {
	if c.Link == nil {
		return false
	}
	seen := 0
	for _, n := range c.Link.Nodes {
		if isNullRow(n) {
			continue
		}
		seen++
		if len(n.Inputs) != 1 || len(n.Inputs[0].Links) != 0 || !isOwnRow(n.Inputs[0].Column) {
			return false
		}
	}
	return seen == 1
}

// uniqueAcross holds a column that must be unique against its parts: each of them is distinct by itself.
func (b *builder) uniqueAcross(c *Column) error {
	wanted, why := c.wantsUnique()
	if !wanted {
		c.Unique = c.Shared() != nil && c.Nodes[0].isDistinct()
		return nil
	}
	if c.Table.Triggered { // the database sees to it, and several rows may have made one
		c.Unique = !slices.ContainsFunc(c.Nodes, func(n *Node) bool { return !n.isDistinct() })
		return nil
	}
	parts := c.Table.Parts
	for i := range parts {
		for j := range i {
			if !c.apart(j, i) && !(c.Nodes[i].derived && c.Nodes[j].derived) {
				return &partsMeet{why: why, one: parts[j], other: parts[i]}
			}
		}
	}
	c.Unique = c.Spec.Unique || !c.empty()
	return nil
}

// partsMeet is the error of a column that is unique, and may have the same value in two parts.
type partsMeet struct {
	why        string // why it is unique, where the blueprint does not say it
	one, other *Part
}

func (e *partsMeet) Error() string {
	return fmt.Sprintf("%sthe parts %s and %s may give the same value: fill both by one generator, or from ranges that do not meet",
		orMust(e.why), e.one.Name, e.other.Name)
}

func orMust(why string) string {
	if why == "" {
		return "must be unique: "
	}
	return why
}

// nullPart tells whether the column has no value in a part.
func (c *Column) nullPart(i int) bool {
	return isNullRow(c.Nodes[i]) && len(c.givenIn(i)) == 0
}

// givenIn gives the cells of fixed rows in a part.
func (c *Column) givenIn(i int) (out []string) {
	p := c.Table.Parts[i]
	for row, cell := range c.fixed {
		if row >= p.First && row < p.First+p.Rows && !cell.Null(0) {
			out = append(out, cell.String(0))
		}
	}
	return out
}

// apart tells whether a column never has the same value in two parts; null is no value.
func (c *Column) apart(i, j int) bool {
	if c.nullPart(i) || c.nullPart(j) || c.Table.Parts[i].Rows == 0 || c.Table.Parts[j].Rows == 0 {
		return true
	}
	return c.generatorsApart(i, j) && !c.givenMeets(i, j) && !c.givenMeets(j, i)
}

// givenMeets tells whether a cell of a fixed row in part i may be one of part j.
func (c *Column) givenMeets(i, j int) bool {
	given := c.givenIn(i)
	if len(given) == 0 || c.Unique || gen.AlwaysNull(c.Nodes[j].Fill) {
		return false
	}
	values, known := c.Nodes[j].values(c, j)
	return !known || slices.ContainsFunc(given, func(s string) bool { return slices.Contains(values, s) })
}

func (c *Column) generatorsApart(i, j int) bool {
	m, n := c.Nodes[i], c.Nodes[j]
	switch {
	case m == n:
		return c.Unique || m.isDistinct()
	case gen.AlwaysNull(m.Fill) || gen.AlwaysNull(n.Fill):
		return true
	}
	if by := m.facts().Apart; by != "" && by == n.facts().Apart && m.isDistinct() && n.isDistinct() {
		return true
	}
	if c.Kind == column.UUID {
		from, to := m.origin(), n.origin()
		return from.Column != nil && to.Column != nil && from.Column != to.Column
	}
	if c.Kind.Integer() {
		a, ok := m.known()
		b, ok2 := n.known()
		if ok && ok2 && (a.Max < b.Min || b.Max < a.Min) {
			return true
		}
	}
	a, ok := m.values(c, i)
	b, ok2 := n.values(c, j)
	return ok && ok2 && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// known gives the bounds of a node's integers, where they are known.
func (n *Node) known() (gen.Bounds, bool) {
	b, ok := n.raw.(gen.Bounded)
	if !ok || n.facts().Unbounded {
		return gen.Bounds{}, false
	}
	return b.Bounds(), true
}

// avoidGiven draws cells again that would be those of a fixed row: of generators that are distinct by
// themselves. The others know of fixed rows: see distinct.
func (b *builder) avoidGiven(c *Column) {
	given := map[string]string{} // cell -> fixed row
	for i, f := range c.Table.spec.Fixed {
		if cell := c.FixedCell(int64(i)); cell != nil && !cell.Null(0) {
			text := cell.String(0)
			if other, twice := given[text]; twice {
				b.problemOn(c, f.Pos, "", "%s.%s must be unique, and the fixed rows %s and %s have the same: %s", c.Table.Name, c.Name, other, f.Name, text)
				return
			}
			given[text] = f.Name
		}
	}
	if len(given) == 0 || c.Link != nil || c.Kind == column.UUID {
		return
	}
	for i, n := range c.Nodes {
		p := c.Table.Parts[i]
		first, rows := p.First, p.Rows
		if n == c.Shared() {
			first, rows = 0, c.Table.Rows
		}
		ix, indexed := n.raw.(gen.Indexed)
		switch {
		case i > 0 && n == c.Nodes[0] || indexed && searchable(ix) || rows <= 1 || gen.AlwaysNull(n.Fill):
		case n.copies():
			b.problemOn(c, c.pos(), "give that one, or leave the cell out", "%s.%s must be unique, and copies %s: a fixed row cannot give it", c.Table.Name, c.Name, n.Inputs[0].path)
			return
		case len(n.Inputs) > 0:
			b.notice("%s.%s: whether another row gets the value of a fixed row is not known beforehand", c.Table.Name, c.Name)
		case !n.excludes(c):
			b.avoidIn(c, n, first, rows, given)
		}
	}
}

// excludes tells whether a node's rules say that it never gives a cell of a fixed row.
func (n *Node) excludes(c *Column) bool {
	for _, cell := range c.fixed {
		if cell.Null(0) {
			continue
		}
		if !slices.ContainsFunc(rulesOf(n.Fill), func(r gen.Rule) bool { return r.Cell != nil && !r.Cell(cell, 0, nil) }) {
			return false
		}
	}
	return true
}

func (b *builder) avoidIn(c *Column, n *Node, first, rows int64, given map[string]string) {
	const most, batch = 1 << 20, 1 << 12 // rows that are looked at, and at once
	var sc gen.Scratch
	v, empty := new(column.Vec), c.emptyVec()
	shift := int64(0)
	if n.Local {
		shift = first
	}
	fill := func(row int64, n64 int64, attempt uint32) bool {
		v.ResetAs(empty)
		return n.Fill.Fill(v, &gen.Span{Rows: gen.Rows{First: row - shift, N: int(n64)}, Attempt: attempt, Scratch: &sc}) == nil
	}
	if rows > most {
		b.notice("%s.%s: whether one of its %d rows gets the value of a fixed row is not known beforehand", c.Table.Name, c.Name, rows)
		return
	}
	for at := first; at < first+rows; at += batch {
		k := min(batch, first+rows-at)
		if !fill(at, k, 0) {
			return
		}
		var again []int64
		for i := range k {
			if given[v.String(int(i))] != "" && c.FixedCell(at+i) == nil {
				again = append(again, at+i)
			}
		}
		for _, row := range again {
			text := ""
			for attempt := uint32(1); attempt < 10 && text == ""; attempt++ {
				if fill(row, 1, attempt); v.Len() == 1 && given[v.String(0)] == "" {
					text = v.String(0)
					c.SetAttempt(row, attempt)
				}
			}
			if fill(row, 1, 0); text == "" {
				name := given[v.String(0)]
				b.problemOn(c, c.pos(), "give the fixed row another value, or leave the cell out of it", "%s.%s must be unique, and row %d gets %s, which the fixed row %s has", c.Table.Name, c.Name, row, v.String(0), name)
				return
			}
		}
	}
}
