package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// foreignKeys holds the database's foreign keys against the blueprint's references.
func (b *builder) foreignKeys(t *Table) {
	for _, fk := range t.Schema.References() {
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
		if whole := b.wholeOf(fk); parent == nil && whole != nil {
			if parent = whole; !t.picks(whole) {
				b.problemOn(written[0], written[0].pos(), "let it match a column that only those rows have so", "%s.%s is a foreign key to %s, a partition of %s (%s), and its reference picks rows of the others too",
					t.Name, written[0].Name, fk.RefTable, whole.Name, fk.Name)
				continue
			}
		}
		switch {
		case parent != nil && parent.makes(t): // a trigger of t makes the row that it refers to
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

// wholeOf gives the table of the plan that the partition which a foreign key refers to belongs to; nil where there is none.
func (b *builder) wholeOf(fk *schema.ForeignKey) *Table {
	s := b.index.Find(fk.RefSchema, fk.RefTable)
	for s != nil && s.Partition != nil {
		if s = b.index.Find(s.Partition.ParentSchema, s.Partition.ParentTable); s != nil && b.bySchema[s] != nil {
			return b.bySchema[s]
		}
	}
	return nil
}

// picks tells whether references to a table match cells, so that not all rows of their parents are picked.
func (t *Table) picks(whole *Table) bool {
	return !slices.ContainsFunc(t.Parts, func(p *Part) bool {
		return p.Rows > 0 && !slices.ContainsFunc(t.links(), func(link *Column) bool {
			return link.Target == whole && link.Nodes[slices.Index(t.Parts, p)].match != nil
		})
	})
}

// makes tells whether triggers make the table's rows when rows of t are written.
func (t *Table) makes(of *Table) bool {
	return t.Triggered && slices.ContainsFunc(t.Parts, func(p *Part) bool { return p.Each == of })
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
	case c.holdsKey(parent.byName[fk.RefColumns[0]]):
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

// holdsKey tells whether all cells of a column that are not null are copies of a key's, if by way of other tables.
func (c *Column) holdsKey(key *Column) bool {
	return !slices.ContainsFunc(c.Nodes, func(n *Node) bool { return !isNullRow(n) && !gen.AlwaysNull(n.Fill) && !n.holdsKey(key) })
}

func (n *Node) holdsKey(key *Column) bool {
	for range 100 { // copies of copies
		if n == nil || !n.copies() || len(n.Inputs) != 1 {
			return false
		}
		if n.Inputs[0].Column == key {
			return len(n.Inputs[0].Links) > 0
		}
		n = n.Inputs[0].Column.Shared()
	}
	return false
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

// sameParent tells whether the columns of a foreign key have, in a part, the cells of one row of the parent:
// copies of them, or cells that the reference to the row matches. Copies of copies are followed to where
// they come from, on both sides.
func sameParent(columns []*Column, part int, fk *schema.ForeignKey, parent *Table) bool {
	t := columns[0].Table
	want := make([]Input, len(columns)) // the cells of the parent's row
	for k := range columns {
		key := parent.byName[fk.RefColumns[k]]
		if key == nil {
			return false
		}
		want[k] = Input{Column: key}
		if n := key.Shared(); n != nil {
			if in := n.origin(); in.Column != nil {
				want[k] = in
			}
		}
	}
	for k, c := range columns { // the links that lead to the parent's row
		at := c.Nodes[part].origin()
		shorter := len(at.Links) - len(want[k].Links)
		if at.Column != want[k].Column || shorter < 1 || !slices.Equal(at.Links[shorter:], want[k].Links) || at.Links[shorter-1].Target != parent {
			continue
		}
		row := at.Links[:shorter]
		all := true
		for j, c := range columns {
			at := c.Nodes[part].origin()
			copied := at.Column == want[j].Column && slices.Equal(at.Links, slices.Concat(row, want[j].Links))
			all = all && (copied || len(row) == 1 && t.matches(row[0], part, parent.byName[fk.RefColumns[j]], c, fk.MatchFull))
		}
		if all {
			return true
		}
	}
	return false
}

// matches tells whether a link leads to rows in which a cell equals that of a column of the row itself,
// whole: never to none where the column is not null.
func (t *Table) matches(link *Column, part int, on, c *Column, whole bool) bool {
	n := link.Nodes[part]
	if n.match == nil || whole && (n.nulls > 0 || n.When != nil || n.match.null() != "" || c.nullIn(part, 0).why != "") {
		return false
	}
	mine, copied := t.view(Input{Column: c}, part)
	for k, in := range n.Inputs {
		other, ok := t.view(in, part)
		if n.On[k] == on && (len(in.Links) == 0 && in.Column == c || ok && copied && mine.same(other)) {
			return true
		}
	}
	return false
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
