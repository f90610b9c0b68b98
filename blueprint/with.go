package blueprint

import (
	"maps"
	"slices"
)

// With gives a blueprint that has b's tables with more's columns, sets and checks added to them, and more's
// other tables behind; such columns are marked as Added. Neither of the two changes. What b says of a column stands; positions lead to the file that a
// thing stands in. The digest stays b's.
func (b *Blueprint) With(more *Blueprint) *Blueprint {
	out := *b
	out.origin.files = maps.Clone(b.origin.files)
	out.origin.exprs = maps.Clone(b.origin.exprs)
	maps.Copy(out.origin.files, more.origin.files)
	maps.Copy(out.origin.exprs, more.origin.exprs)
	out.Tables = nil
	for _, t := range b.Tables {
		c := *t
		c.Columns, c.Unique, c.Checks = slices.Clone(t.Columns), slices.Clone(t.Unique), slices.Clone(t.Checks)
		out.Tables = append(out.Tables, &c)
	}
	for _, t := range more.Tables {
		i := slices.IndexFunc(out.Tables, func(o *Table) bool { return o.Name == t.Name })
		if i < 0 {
			out.Tables = append(out.Tables, t)
		} else {
			o := out.Tables[i]
			for _, c := range t.Columns {
				if o.Column(c.Name) == nil {
					added := *c
					added.Added = true
					o.Columns = append(o.Columns, &added)
				}
			}
			o.Unique = append(o.Unique, t.Unique...)
			o.Checks = append(o.Checks, t.Checks...)
		}
		for _, c := range t.Columns {
			if c.Generator.Args != nil {
				out.origin.setFile(c.Generator.Args, more.origin.main)
			}
		}
	}
	return &out
}

// Without gives a blueprint without some of b's tables (gone with the column "") and columns. b does not change.
func (b *Blueprint) Without(gone func(table, column string) bool) *Blueprint {
	out := *b
	out.Tables = nil
	for _, t := range b.Tables {
		if gone(t.Name, "") {
			continue
		}
		c := *t
		c.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c *Column) bool { return gone(t.Name, c.Name) })
		out.Tables = append(out.Tables, &c)
	}
	return &out
}
