package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// checkReference finds what is wrong with a reference before it is made.
func (b *builder) checkReference(m *gen.Reference, g blueprint.Generator, ctx *gen.Context) error {
	parent := b.tables[m.Table]
	if parent == nil {
		return unknownTable(b, m.Table)
	}
	if parent.Standing && parent.Rows == 0 && ctx.Rows > 0 && g.Nulls < 1 {
		return gen.AtMost(0, "refers to %s, whose rows stand in the database, and none is known: fill it with rows of its own, or make this column null with nulls: 1", parent.Name)
	}
	if len(m.Matching) > 0 && (m.Differs != "" || m.PerParent != nil || len(m.Exact) > 0 || m.Pick != "" || m.Exponent != 0 || m.Top != 0) {
		return fmt.Errorf("matching goes with none of pick, exponent, top, per_parent, differs_for and exact: it is uniform over the parents that match")
	}
	counted := m.PerParent != nil || len(m.Exact) > 0
	if m.Differs != "" && (m.PerParent != nil || slices.ContainsFunc(ctx.Fixed, func(f gen.Fixed) bool { return f.Given })) {
		return fmt.Errorf("differs_for goes neither with per_parent nor with a fixed row that gives the column")
	}
	switch {
	case m.Exponent != 0 && m.Pick != "zipf":
		return fmt.Errorf("an exponent goes with pick: zipf alone")
	case m.Exponent < 0 || m.Exponent > 100:
		return fmt.Errorf("exponent %v is not above 0 and at most 100", m.Exponent)
	case counted && g.Nulls > 0:
		return fmt.Errorf("nulls goes neither with exact nor with per_parent: the numbers of rows would not be kept")
	case counted && g.When != "":
		return fmt.Errorf("when goes neither with exact nor with per_parent: the numbers of rows would not be kept")
	case counted && slices.ContainsFunc(ctx.Fixed, func(f gen.Fixed) bool { return f.Given }):
		return fmt.Errorf("a fixed row gives this column, which goes neither with exact nor with per_parent: leave the cell out of the fixed row")
	case m.Top > 0 && slices.ContainsFunc(ctx.Fixed, func(f gen.Fixed) bool { return f.Given }):
		return fmt.Errorf("a fixed row gives this column, which goes not with top: leave the cell out of the fixed row")
	case m.PerParent == nil:
		return nil
	}
	lo, hi := m.PerParent.Min, m.PerParent.Max
	switch {
	case lo < 0 || hi < 0:
		return fmt.Errorf("per_parent: %d to %d: at least 0", lo, hi)
	case lo > hi:
		return fmt.Errorf("per_parent: min %d is above max %d", lo, hi)
	case ctx.Rows == 0 && satMul(uint64(parent.Rows), uint64(lo)) > 0:
		return fmt.Errorf("no rows over %d rows of %s with %d to %d each is impossible: between %d and %d rows fit", parent.Rows, m.Table, lo, hi, satMul(uint64(parent.Rows), uint64(lo)), satMul(uint64(parent.Rows), uint64(hi)))
	case parent.Rows > 0 && (satMul(uint64(parent.Rows), uint64(hi)) < uint64(ctx.Rows) || satMul(uint64(parent.Rows), uint64(lo)) > uint64(ctx.Rows)):
		const text = "%d rows over %d rows of %s with %d to %d each is impossible: between %d and %d rows fit"
		least, most := satMul(uint64(parent.Rows), uint64(lo)), satMul(uint64(parent.Rows), uint64(hi))
		if most < uint64(ctx.Rows) {
			return gen.AtMost(int64(most), text, ctx.Rows, parent.Rows, m.Table, lo, hi, least, most)
		}
		return fmt.Errorf(text, ctx.Rows, parent.Rows, m.Table, lo, hi, least, most)
	}
	return nil
}

// referenceNode makes two nodes of a reference: the parents' row numbers, and their key cells.
func (b *builder) referenceNode(c *Column, g blueprint.Generator, m *gen.Reference, ctx *gen.Context, h *host) (*Node, *linkNode, error) {
	parent := b.tables[m.Table]
	name := m.Column
	if name == "" {
		name = b.refColumn(c, parent)
	}
	target := parent.byName[name]
	switch {
	case target == nil && m.Column == "":
		return nil, nil, b.located(g, c, fmt.Errorf("refers to %s, whose key the plan does not fill: add it to the columns of %s, as in id: sequence, or name another column, as in {reference: {table: %s, column: ...}}", parent.Name, parent.Name, parent.Name))
	case target == nil:
		return nil, nil, b.located(g, c, unknownColumn(parent, name))
	}
	b.read(target)
	if err := b.compile(target, nil); err != nil {
		return nil, nil, err
	}
	wanted, why := c.wantsUnique()
	if !target.Unique && parent.Rows > 1 && (wanted || !parent.partOfKey(name)) {
		return nil, nil, b.located(g, c, fmt.Errorf("%srefers to %s by its %s, which is not unique: add unique: true to it, or name another column, as in {reference: {table: %s, column: ...}}", why, parent.Name, name, parent.Name))
	}
	given, err := fixedParents(c, target, ctx.Fixed, m.First == "self")
	if err != nil {
		return nil, nil, b.located(g, c, err)
	}
	h.node.Inputs = []Input{{Links: []*Column{nil}, Column: target}}
	link := &linkNode{target: parent, given: given}
	if len(m.Matching) > 0 {
		if link.node, err = b.matchNode(c, g, m, ctx, h); err != nil {
			return nil, nil, b.located(g, c, err)
		}
		link.node.distinct = wanted && parent == c.Table
		h.node.raw, h.node.When = link.node.raw, nil
		h.node.Fill = gen.Copy(target.Kind, m.Table+"."+name, link.node.said(link.node.raw))
		return h.node, link, b.rooted(h.node, g, c, m, target)
	}
	pick := h.node.raw
	if wanted && g.Nulls < 1 {
		if pick, err = b.distinctRows(pick, ctx, given); err != nil {
			return nil, nil, b.located(g, c, fmt.Errorf("%s%w", why, err))
		}
	}
	rows := &Node{Local: h.node.Local, raw: h.node.raw, nulls: g.Nulls, ref: m, When: h.node.When}
	h.node.When = nil
	rows.wrap = func(f gen.Filler) gen.Filler { return rows.there(gen.Nullable(f, g.Nulls, ctx.Key)) }
	rows.Fill = rows.wrap(pick)
	if _, self := gen.Self(pick); self {
		rows.raw = pick
	} else if m.Differs == "" {
		rows.remake = func(live []uint32) (gen.Filler, error) {
			return b.pickLive(c, g, m, ctx, given, wanted, live)
		}
	}
	h.node.Fill = gen.Copy(target.Kind, m.Table+"."+name, rows.said(pick))
	link.node = rows
	return h.node, link, b.rooted(h.node, g, c, m, target)
}

// rooted gives rows without an earlier one the cell that the reference names, in place of null.
func (b *builder) rooted(n *Node, g blueprint.Generator, c *Column, m *gen.Reference, target *Column) error {
	if m.Root == nil {
		return nil
	}
	v, err := valueCell(target, m.Root.V)
	if err == nil && (g.Nulls > 0 || g.When != "") {
		err = fmt.Errorf("it goes neither with nulls nor with when")
	}
	if err != nil {
		return b.located(g, c, fmt.Errorf("root: %w", err))
	}
	n.Fill = gen.Rooted(n.Fill, v)
	return nil
}

// distinctRows lets rows refer to different parents, those of fixed rows among them.
func (b *builder) distinctRows(pick gen.Filler, ctx *gen.Context, given map[int64]int64) (gen.Filler, error) {
	if _, self := gen.Self(pick); self {
		for row, p := range given {
			if p >= 0 && p != row-1 {
				return nil, fmt.Errorf("each row refers to the one before it, and the fixed row %d to row %d: leave the cell out of the fixed row", row, p)
			}
		}
		return gen.Chain(pick)
	}
	rows := *ctx
	rows.Fixed = make([]gen.Fixed, len(ctx.Fixed))
	for row, p := range given {
		if rows.Fixed[row].Given = true; p >= 0 {
			rows.Fixed[row].Value = p
		}
	}
	return b.distinct(pick, &rows)
}

// partOfKey tells whether a column is one of several that are unique together.
func (t *Table) partOfKey(name string) bool {
	for _, u := range t.spec.Unique {
		if slices.Contains(u.Columns, name) {
			return true
		}
	}
	if t.Schema == nil {
		return t.Standing
	}
	return slices.ContainsFunc(t.Schema.Uniques, func(u *schema.Unique) bool { return slices.Contains(u.Columns, name) })
}

// fixedParents finds the parents of fixed rows whose cell is given: it must be the key of a fixed row of
// the parent, which is the only one whose key is known beforehand.
func fixedParents(c, target *Column, fixed []gen.Fixed, itself bool) (map[int64]int64, error) {
	out := map[int64]int64{}
	for i, f := range fixed {
		if !f.Given {
			continue
		}
		row := int64(i)
		if f.Value == nil {
			out[row] = -1
			continue
		}
		v, err := valueCell(target, f.Value)
		if err != nil {
			return nil, err
		}
		found := false
		for p := range target.fixed {
			if target.fixed[p].Equal(0, v, 0) && (target.Table != c.Table || p < row || itself && p == row) {
				out[row], found = p, true
			}
		}
		if !found {
			where := target.Table.Name
			if target.Table == c.Table {
				where += " before it"
			}
			return nil, fmt.Errorf("fixed row %s: no fixed row of %s has the %s %v: the parent must be a fixed row that gives it", c.Table.spec.Fixed[i].Name, where, target.Name, f.Value)
		}
	}
	return out, nil
}

// valueCell makes a cell of a blueprint's value.
func valueCell(c *Column, value any) (*column.Vec, error) {
	v := c.emptyVec()
	return v, gen.AppendValue(v, value)
}

// emptyVec is a vector for the column's cells.
func (c *Column) emptyVec() *column.Vec {
	v := new(column.Vec)
	v.Reset(c.Kind)
	v.Scale, v.Single = c.Scale, c.Single
	return v
}

// rowCell is the cell of a row number; null below 0.
func rowCell(row int64) *column.Vec {
	v := new(column.Vec)
	v.Reset(column.Int)
	if row < 0 {
		v.AppendNull()
	} else {
		v.AppendInt(row)
	}
	return v
}

// refColumn is the parent's column that a reference means: the one of the foreign key, or its primary
// key, or its first column of distinct keys.
func (b *builder) refColumn(c *Column, parent *Table) string {
	if c.Table.Schema != nil {
		for _, fk := range c.Table.Schema.References() {
			if len(fk.Columns) == 1 && fk.Columns[0] == c.Name && b.tableOf(fk.RefSchema, fk.RefTable) == parent {
				return fk.RefColumns[0]
			}
		}
		if parent.Schema != nil && parent.Schema.PrimaryKey != nil && len(parent.Schema.PrimaryKey.Columns) == 1 {
			return parent.Schema.PrimaryKey.Columns[0]
		}
	}
	return parent.likelyKey()
}

// likelyKey guesses the key of a table without a schema: id, or else its first sequence, or else its
// first UUID, by name, so that the order of columns does not matter.
func (t *Table) likelyKey() string {
	if t.Standing {
		for _, c := range t.Columns {
			if c.Unique {
				return c.Name
			}
		}
	}
	best, rank := "id", 0
	for _, spec := range t.spec.Columns {
		k := slices.Index([]string{"uuid", "sequence"}, spec.Generator.Name) + 1
		if spec.Name == "id" {
			return "id"
		}
		if k > rank || k == rank && k > 0 && spec.Name < best {
			best, rank = spec.Name, k
		}
	}
	return best
}

// cellLink says which parent a copied cell refers to: the one that the copied column refers to, or the
// row that it is the key of.
func cellLink(n *Node) *linkNode {
	in := n.Inputs[0]
	if link := in.Column.Link; link != nil {
		rows := &Node{Fill: gen.Copy(column.Int, link.Name, nil), Local: n.Local, Inputs: []Input{{Links: in.Links, Column: link}}}
		return &linkNode{target: link.Target, copied: true, node: rows}
	}
	if len(in.Links) > 0 && in.Column.Unique {
		last := in.Links[len(in.Links)-1]
		rows := &Node{Fill: gen.Copy(column.Int, last.Name, nil), Local: n.Local, Inputs: []Input{{Links: in.Links[:len(in.Links)-1], Column: last}}}
		return &linkNode{target: last.Target, copied: true, node: rows}
	}
	return nil
}
