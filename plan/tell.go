package plan

import "slices"

// tells gives the links whose rows a set of columns tells apart in a part, in all of them for -1: among the parent's
// cells that the columns hold are all those of a unique of the parent, so that rows which refer to different
// parents differ. A row with a null among the columns is distinct anyway.
func (s *together) tells(part int) (out []*Column) {
	if part >= 0 {
		return s.tellsIn(part)
	}
	for i := range s.table.Parts {
		links := s.tellsIn(i)
		if i == 0 {
			out = links
			continue
		}
		out = slices.DeleteFunc(out, func(l *Column) bool { return !slices.Contains(links, l) })
	}
	return out
}

func (s *together) tellsIn(part int) (out []*Column) {
	var links []*Column
	cells := map[*Column][]*Column{} // link -> the parent's columns
	for _, c := range s.columns {
		for _, v := range s.table.views(Input{Column: c}, part, nil) {
			if len(v.in.Links) > 0 || len(c.fixed) > 0 && c.Link != v.link {
				continue // of a row further on, or not in fixed rows
			}
			if cells[v.link] == nil {
				links = append(links, v.link)
			}
			cells[v.link] = append(cells[v.link], v.in.Column)
		}
	}
	for more := true; more; { // what hangs on a row that is told is told with it
		more = false
		for _, link := range links {
			if !slices.Contains(out, link) && link.Target.toldBy(slices.Concat(cells[link], s.matchedBy(link.Nodes[part], out))) {
				out, more = append(out, link), true
			}
		}
	}
	return out
}

// matchedBy gives those cells of the parent that a reference matches which are the same in rows that have the same in the
// set's columns: cells of theirs, or of parents that these tell apart.
func (s *together) matchedBy(n *Node, told []*Column) (out []*Column) {
	for k, on := range n.On {
		in := n.Inputs[k]
		if len(in.Links) == 0 && slices.Contains(s.columns, in.Column) || len(in.Links) > 0 && slices.Contains(told, in.Links[0]) {
			out = append(out, on)
		}
	}
	return out
}

// toldBy tells whether no two rows of the table have the same in columns of it, nulls left aside.
func (t *Table) toldBy(columns []*Column) bool {
	if t.Rows <= 1 || slices.ContainsFunc(columns, func(c *Column) bool { return c.Unique }) {
		return true
	}
	within := func(names []string) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool {
			c := t.byName[name]
			return c == nil || !slices.Contains(columns, c) || c.Spec != nil && c.Spec.Virtual
		})
	}
	for _, u := range t.spec.Unique {
		if within(u.Columns) {
			return true
		}
	}
	if t.Schema == nil {
		return false
	}
	for _, u := range t.Schema.Uniques {
		if u.Where == "" && within(u.Columns) {
			return true
		}
	}
	return false
}

// drawn gives what of a set can be drawn: those links that it tells apart, and columns that refer to nothing.
func (s *together) drawn(tells []*Column) (out []*Column) {
	for _, c := range s.columns {
		switch {
		case c.Link == nil:
			out = append(out, c)
		case slices.Contains(tells, c.Link) && !slices.Contains(out, c.Link):
			out = append(out, c.Link)
		}
	}
	for _, link := range tells {
		if !slices.Contains(out, link) {
			out = append(out, link)
		}
	}
	return out
}

// follows tells whether in all parts a column holds cells of the parent of one of some links.
func (s *together) follows(c *Column, links []*Column) bool {
	for i := range s.table.Parts {
		if !slices.ContainsFunc(s.table.views(Input{Column: c}, i, nil), func(v view) bool { return slices.Contains(links, v.link) }) {
			return false
		}
	}
	return true
}
