package plan

import (
	"slices"

	"github.com/sowerdata/sower/gen"
)

// Detach makes every reference of t to a parent null, for a parent whose rows cannot come. It is false, and changes
// nothing, where the rows of t need a parent: the database takes no null in a column that comes of the reference, rows
// are counted by the parent's, or others read cells by way of it.
func (t *Table) Detach(parent *Table, tables []*Table) bool {
	if t.Schema == nil || t == parent || slices.ContainsFunc(t.Parts, func(p *Part) bool { return p.Each == parent }) {
		return false
	}
	var links []*Column
	for _, c := range t.Columns {
		if c.Target == parent {
			links = append(links, c)
		}
	}
	for _, other := range tables {
		for _, c := range other.Columns {
			if slices.Contains(links, c) || !c.leadsBy(links) {
				continue
			}
			if other != t || !slices.Contains(t.Out, c) || !c.takesNull() || c.inPrimaryKey() {
				return false
			}
		}
	}
	for _, link := range links {
		for i, n := range link.Nodes {
			if n != nil && !gen.AlwaysNull(n.Fill) {
				null := *n
				null.Fill, null.nulls, null.remake, null.distinct, null.When = gen.Nullable(n.Fill, 1, t.key), 1, nil, false, nil
				link.Nodes[i] = &null
			}
		}
	}
	t.Parents = slices.DeleteFunc(slices.Clone(t.Parents), func(p *Table) bool { return p == parent })
	return true
}

// leadsBy tells whether a column comes of one of these links, in some part.
func (c *Column) leadsBy(links []*Column) bool {
	if c.Link != nil && slices.Contains(links, c.Link) {
		return true
	}
	for _, n := range c.Nodes {
		if n == nil {
			continue
		}
		for _, in := range n.Reads() {
			if slices.Contains(links, in.Column) || slices.ContainsFunc(in.Links, func(l *Column) bool { return slices.Contains(links, l) }) {
				return true
			}
		}
	}
	return false
}

func (c *Column) inPrimaryKey() bool {
	pk := c.Table.Schema.PrimaryKey
	return pk != nil && slices.Contains(pk.Columns, c.Name)
}
