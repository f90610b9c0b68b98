package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// constantIn gives the cell of a column that has the same one in every row of a part, or nil.
func constantIn(in Input, part int) *column.Vec {
	c := in.Column
	if len(in.Links) > 0 || len(c.fixed) > 0 {
		return nil
	}
	value, ok := gen.ConstantValue(c.Nodes[part].Fill)
	if !ok || value == nil {
		return nil
	}
	v, err := valueCell(c, value)
	if err != nil {
		return nil
	}
	return v
}

// onlyLive keeps a reference that others hang on from rows for which one of them has no parent.
func (b *builder) onlyLive(t *Table, link *Column, n *Node) {
	parent := link.Target
	was := n.Fill
	n.Fill = circle{} // whether a row is live must not depend on which one is picked
	live, err := b.live(parent, n)
	n.Fill = was
	if errors.Is(err, errCircle) {
		n.release()
		return
	}
	if err != nil {
		b.problemIn(t, t.spec.Pos, "", "%s: %v", t.Name, err)
		return
	}
	x := firstRequired(n.needs)
	if int64(len(live)) == n.reach(parent) || x == nil || t.Rows == 0 {
		return
	}
	at, pos := x.column, x.column.pos()
	if (len(live) == 0 || n.remake == nil) && b.relaxBelow(n) {
		b.onlyLive(t, link, n)
		return
	}
	switch {
	case len(live) == 0 && parent.Rows == 0:
		return // reported
	case len(live) == 0:
		b.noPartner(x)
		return
	case n.remake == nil:
		p := b.problemOn(at, pos, "give the column nulls, or raise the rows of "+x.parent.Name,
			"%s.%s: %d of the %d rows of %s have no row of %s that matches (%s)", t.Name, at.Name, parent.Rows-int64(len(live)), parent.Rows, parent.Name, x.parent.Name, x.node.raw)
		p.Cause = about(x.node.readNames())
		return
	}
	f, err := n.remake(live)
	if err != nil {
		return // reported
	}
	n.raw = f
	n.Fill = n.wrap(f)
}

// relax lets rows go without a parent, where the database does; false where they do already, or cannot.
func (b *builder) relax(x *match) bool {
	if !x.soft || !x.required {
		return false
	}
	x.required = false
	b.plan.revision.Add(1)
	return true
}

// relaxBelow relaxes what hangs on a node's rows.
func (b *builder) relaxBelow(n *Node) (any bool) {
	for _, need := range n.needs {
		any = b.relax(need.of) || any
		any = b.relaxBelow(need.of.node) || any
	}
	return any
}

func firstRequired(needs []need) *match {
	for _, n := range needs {
		if n.of.required {
			return n.of
		}
	}
	return nil
}

// reach is the number of the parent's rows that the node's row numbers may be.
func (n *Node) reach(parent *Table) int64 {
	if n.ref != nil && n.ref.Top > 0 {
		return min(parent.Rows, n.ref.Top)
	}
	return parent.Rows
}

// live gives the rows of a parent, of those that a node may lead to, for which all its needs are met.
func (b *builder) live(t *Table, n *Node) (out []uint32, err error) {
	var read []Input
	look, err := lookFor(n.needs, &read)
	if err != nil || t.Rows > mostIndexed {
		return nil, err
	}
	if len(read) == 0 { // constants alone
		read = []Input{{Column: t.Columns[0]}}
	}
	err = b.plan.options.Scan(t, read, func(first int64, cells []*column.Vec) error {
		for i := range cells[0].Len() {
			if first+int64(i) < n.reach(t) && look.finds(cells, i) {
				out = append(out, uint32(first)+uint32(i))
			}
		}
		return nil
	})
	return out, err
}

// pickLive makes a reference anew, over those parents alone that are live.
func (b *builder) pickLive(c *Column, g blueprint.Generator, m *gen.Reference, ctx *gen.Context, given map[int64]int64, wanted bool, live []uint32) (gen.Filler, error) {
	few := *ctx
	few.Host = &liveHost{Host: ctx.Host, table: m.Table, live: live}
	f, err := m.Make(&few)
	if err != nil {
		return nil, b.located(g, c, err)
	}
	if wanted && g.Nulls < 1 {
		ranks := map[int64]int64{}
		for row, p := range given {
			if ranks[row] = p; p >= 0 {
				at, ok := slices.BinarySearch(live, uint32(p))
				if !ok {
					return nil, b.located(g, c, fmt.Errorf("the fixed row %d refers to row %d of %s, for which other references of the row find no parent", row, p, m.Table))
				}
				ranks[row] = int64(at)
			}
		}
		if f, err = b.distinctRows(f, &few, ranks); err != nil {
			return nil, b.located(g, c, err)
		}
	}
	return &livePick{Filler: f, live: live}, nil
}

// liveHost knows the live rows of a table alone.
type liveHost struct {
	gen.Host
	table string
	live  []uint32
}

func (h *liveHost) TableRows(table string) (int64, error) {
	if table == h.table {
		return int64(len(h.live)), nil
	}
	return h.Host.TableRows(table)
}

func (h *liveHost) NamedRow(table, name string) (int64, error) {
	row, err := h.Host.NamedRow(table, name)
	if err != nil || table != h.table {
		return row, err
	}
	at, ok := slices.BinarySearch(h.live, uint32(row))
	if !ok {
		return 0, fmt.Errorf("other references of the row find no parent for the row %s of %s", name, table)
	}
	return int64(at), nil
}

// livePick gives row numbers where its Filler gives places among those that are live.
type livePick struct {
	gen.Filler
	live []uint32
}

func (f *livePick) Fill(dst *column.Vec, s *gen.Span) error {
	from := len(dst.Ints)
	if err := f.Filler.Fill(dst, s); err != nil {
		return err
	}
	for i := from; i < len(dst.Ints); i++ {
		if !dst.Null(i) {
			dst.Ints[i] = int64(f.live[dst.Ints[i]])
		}
	}
	return nil
}

// Card implements gen.Indexed.
func (f *livePick) Card() uint64 {
	if ix, ok := f.Filler.(gen.Indexed); ok {
		return ix.Card()
	}
	return 0
}

func (f *livePick) AppendIndex(dst *column.Vec, i uint64, _ *gen.Scratch) {
	dst.AppendInt(int64(f.live[i]))
}

func (f *livePick) String() string { return f.Filler.String() + ", those with partners" }

func (f *livePick) Distinct() bool {
	d, ok := f.Filler.(gen.Distinct)
	return ok && d.Distinct()
}

func (f *livePick) Rules() []gen.Rule {
	rules := slices.Clone(rulesOf(f.Filler))
	for i := range rules {
		rules[i].Parents = slices.Clone(rules[i].Parents)
		for k := range rules[i].Parents {
			rules[i].Parents[k].Row = int64(f.live[rules[i].Parents[k].Row])
		}
	}
	return rules
}
