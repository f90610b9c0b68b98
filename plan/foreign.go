package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// foreignKeys holds the database's foreign keys against the blueprint's references.
func (b *builder) foreignKeys(t *Table) {
	for _, fk := range t.Schema.ForeignKeys {
		var written []*Column
		null := false
		for _, name := range fk.Columns {
			if c := t.byName[name]; c != nil && slices.Contains(t.Out, c) {
				written = append(written, c)
				null = null || c.empty()
			}
		}
		if len(written) == 0 || null && !fk.MatchFull || t.Rows == 0 && len(written) < len(fk.Columns) {
			continue // the database fills them, or a null makes the key hold
		}
		parent := b.tableOf(fk.RefSchema, fk.RefTable)
		switch {
		case parent != nil:
			t.dependOn(parent)
			if !b.keysWritten(written[0], fk, parent) {
				continue
			}
			if len(fk.Columns) == 1 {
				b.foreignKey(written[0], fk, parent)
			} else {
				b.compositeKey(t, fk, parent)
			}
		case !b.anyAbsent():
			b.foreignToNobody(t, written, fk)
		}
	}
}

func (b *builder) anyAbsent() bool {
	return slices.ContainsFunc(b.plan.Tables, func(t *Table) bool { return t.absent })
}

// keysWritten reports columns of the parent that a foreign key names and the plan does not write.
func (b *builder) keysWritten(c *Column, fk *schema.ForeignKey, parent *Table) bool {
	for _, name := range fk.RefColumns {
		key := parent.byName[name]
		switch {
		case key != nil && (parent.Standing || slices.Contains(parent.Out, key)):
			continue
		case key == nil || key.state == compiled:
			b.problemOn(c, c.pos(), "", "%s.%s is a foreign key to %s.%s (%s), which the plan does not write: add it to the columns of %s", c.Table.Name, c.Name, parent.Name, name, fk.Name, parent.Name)
		}
		return false
	}
	return true
}

// foreignKey holds a foreign key of one column.
func (b *builder) foreignKey(c *Column, fk *schema.ForeignKey, parent *Table) {
	name := c.Table.Name + "." + c.Name
	switch {
	case c.Link == nil:
		b.problemOn(c, c.pos(), "", "%s is a foreign key to %s (%s): fill it with reference: %s", name, fk.RefTable, fk.Name, parent.Name)
	case c.Link.Target.absent:
	case c.Link.Target != parent:
		b.problemOn(c, c.pos(), "", "%s refers to %s, and the foreign key %s wants %s", name, c.Link.Target.Name, fk.Name, parent.Name)
	default:
		if key := referenced(c); key != nil && key.Name != fk.RefColumns[0] && key.Table == parent {
			b.problemOn(c, c.pos(), "", "%s holds the %s of %s, and the foreign key %s wants its %s", name, key.Name, parent.Name, fk.Name, fk.RefColumns[0])
		}
	}
}

// foreignToNobody reports a foreign key to a table that the blueprint does not fill, where it is not the
// blueprint's author who names the keys.
func (b *builder) foreignToNobody(t *Table, written []*Column, fk *schema.ForeignKey) {
	table := fk.RefTable
	if fk.RefSchema != "" && fk.RefSchema != b.plan.Database.Defaults {
		table = fk.RefSchema + "." + table
	}
	for _, c := range written {
		name := t.Name + "." + c.Name
		_, known := c.valuesIn(-1)
		switch {
		case c.empty():
		case c.Link != nil:
			b.problemOn(c, c.pos(), "", "%s refers to %s, and the foreign key %s wants %s", name, c.Link.Target.Name, fk.Name, table)
		case known && c.Why == "":
			b.notice("%s is a foreign key to %s (%s), which the blueprint does not fill: rows with these keys must stand there", name, table, fk.Name)
		default:
			b.problemOn(c, c.pos(), "", "%s is a foreign key to %s (%s), which the blueprint does not fill: add %s to the blueprint, or give the column keys that stand there, as in {pick: [...]}", name, table, fk.Name, table)
		}
	}
}

// compositeKey holds a foreign key of several columns: in each part, all of them are cells of one row of
// the parent.
func (b *builder) compositeKey(t *Table, fk *schema.ForeignKey, parent *Table) {
	var columns []*Column
	for _, name := range fk.Columns {
		c := t.byName[name]
		if c == nil || !slices.Contains(t.Out, c) {
			b.problemIn(t, t.spec.Pos, "", "%s: the foreign key %s needs all of (%s), and the plan does not fill %s", t.Name, fk.Name, strings.Join(fk.Columns, ", "), name)
			return
		}
		columns = append(columns, c)
	}
	for i, p := range t.Parts {
		if p.Rows == 0 || !fk.MatchFull && slices.ContainsFunc(columns, func(c *Column) bool { return isNullRow(c.Nodes[i]) }) {
			continue
		}
		if !sameParent(columns, i, fk, parent) {
			k := max(0, slices.IndexFunc(fk.RefColumns, func(name string) bool { return parent.byName[name].Unique }))
			o := (k + 1) % len(fk.Columns)
			b.problemOn(columns[0], columns[0].pos(), fmt.Sprintf("take all of them from one row, as in %s: {reference: {table: %s, column: %s}} and %s: {cell: %s.%s}", fk.Columns[k], parent.Name, fk.RefColumns[k], fk.Columns[o], fk.Columns[k], fk.RefColumns[o]),
				"%s: (%s) is a foreign key to (%s) of %s (%s), and its columns do not come from the same row", t.Name, strings.Join(fk.Columns, ", "), strings.Join(fk.RefColumns, ", "), parent.Name, fk.Name)
			return
		}
	}
}

// sameParent tells whether the columns of a foreign key copy, in a part, the cells of one row of the
// parent. Copies of copies are followed to where they come from, on both sides.
func sameParent(columns []*Column, part int, fk *schema.ForeignKey, parent *Table) bool {
	var row []*Column // the links that lead to the parent's row
	for k, c := range columns {
		key := parent.byName[fk.RefColumns[k]]
		if key == nil {
			return false
		}
		at := c.Nodes[part].origin()
		want := Input{Column: key}
		if n := key.Shared(); n != nil {
			if in := n.origin(); in.Column != nil {
				want = in
			}
		}
		shorter := len(at.Links) - len(want.Links)
		if at.Column != want.Column || shorter < 1 || !slices.Equal(at.Links[shorter:], want.Links) {
			return false
		}
		if links := at.Links[:shorter]; links[shorter-1].Target != parent || k > 0 && !slices.Equal(links, row) {
			return false
		}
		row = at.Links[:shorter]
	}
	return true
}

// origin gives the cell that a node copies, followed through copies of copies; its Column is nil where
// the node makes its cells itself.
func (n *Node) origin() Input {
	if !n.copies() || len(n.Inputs) != 1 {
		return Input{}
	}
	out := Input{Links: slices.Clone(n.Inputs[0].Links), Column: n.Inputs[0].Column}
	for range 100 { // copies of copies
		next := out.Column.Shared()
		if next == nil || !next.copies() || len(next.Inputs) != 1 {
			break
		}
		out.Links = append(out.Links, next.Inputs[0].Links...)
		out.Column = next.Inputs[0].Column
	}
	return out
}
