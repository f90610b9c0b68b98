package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// values gives all values of a node's cells in a part as texts, nulls left out; false where they are not
// known.
func (n *Node) values(c *Column, part int) ([]string, bool) {
	if f, ok := n.Fill.(*standingCells); ok {
		return f.values()
	}
	var list []any
	switch m := n.maker.(type) {
	case *gen.Constant:
		list = []any{m.Value.V}
	case *gen.Boolean:
		list = []any{true, false}
	case *gen.Quota:
		for _, e := range m.Shares {
			list = append(list, e.KeyValue.V)
		}
		for _, e := range m.Counts {
			list = append(list, e.KeyValue.V)
		}
		if m.Rest != nil {
			list = append(list, m.Rest.V)
		}
	case *gen.Pick:
		ix, ok := n.raw.(gen.Indexed)
		if !ok {
			return nil, false
		}
		var out []string
		v := new(column.Vec)
		v.Reset(ix.Kind())
		v.Single = c.Single
		for i := range ix.Card() {
			if ix.AppendIndex(v, i, &gen.Scratch{}); !v.Null(int(i)) {
				out = append(out, v.String(int(i)))
			}
		}
		return out, true
	case *gen.Cell:
		in := n.Inputs[0]
		if len(in.Links) == 0 {
			return in.Column.valuesIn(part)
		}
		return in.Column.valuesIn(-1)
	default:
		return nil, false
	}
	var out []string
	for _, x := range list {
		if x == nil {
			continue
		}
		v, err := valueCell(&Column{Kind: n.raw.Kind(), Scale: c.Scale, Single: c.Single}, x)
		if err != nil {
			return nil, false
		}
		out = append(out, v.String(0))
	}
	return out, true
}

// valuesIn gives all values that a column has in a part, in all of them for -1, those of fixed rows too.
// Row counts do not matter: what is a mistake with many rows is one with none.
func (c *Column) valuesIn(part int) (out []string, ok bool) {
	if c.state == failed {
		return nil, false
	}
	for i, n := range c.Nodes {
		if part >= 0 && i != part {
			continue
		}
		if n == nil {
			return nil, false
		}
		list, ok := n.values(c, i)
		if !ok {
			return nil, false
		}
		out = append(out, list...)
	}
	for _, f := range c.Table.spec.Fixed {
		for _, cell := range f.Cells {
			if cell.Column == c.Name && cell.Value.V != nil {
				out = append(out, fmt.Sprint(cell.Value.V))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// reads finds the input of a path.
func (n *Node) reads(path string) int {
	return slices.IndexFunc(n.Inputs, func(in Input) bool { return in.path == path })
}

// checkCases reports cases that no value of the deciding cell ever meets.
func (b *builder) checkCases(c *Column, part *Part, n *Node, m *gen.Switch) error {
	in := n.Inputs[n.reads(m.On)]
	at := -1
	if len(in.Links) == 0 && part != nil {
		at = slices.Index(in.Column.Table.Parts, part)
	}
	known, ok := in.Column.valuesIn(at)
	if !ok || len(known) == 0 || in.Column.Kind == column.Float || len(in.Column.Table.Adoptable) > 0 {
		return nil
	}
	var err error
	for _, e := range m.Cases {
		if !slices.Contains(known, e.Key) {
			b.problemOn(c, e.Pos, didYouMean(e.Key, known), "%s.%s: switch: case %q: %s is never that, only %s", c.Table.Name, c.Name, e.Key, m.On, listed(known))
			err = errReported
		}
	}
	return err
}

// listed shows the first texts of a list.
func listed(texts []string) string {
	out := ""
	for i, s := range texts {
		if i == 5 && len(texts) > 6 {
			return out + fmt.Sprintf(", ... (%d)", len(texts))
		}
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

// null says why a column is null in some rows, and "" where it is not known to be.
func (c *Column) null() string { return c.nullIn(-1, 0) }

// nullIn is null in one part, or in all of them for -1.
func (c *Column) nullIn(part, depth int) string {
	const deepest = 50 // columns that are followed
	if depth > deepest || c.state == failed {
		return ""
	}
	for i, f := range c.Table.spec.Fixed {
		if cell := c.FixedCell(int64(i)); cell != nil && cell.Null(0) && part <= 0 {
			return "in the fixed row " + f.Name
		}
	}
	for i, n := range c.Nodes {
		p := c.Table.Parts[i]
		if part >= 0 && i != part || p.Rows == 0 || n == nil {
			continue
		}
		if why := c.nullNode(n, i, depth); why != "" {
			if c.Shared() == nil && part < 0 {
				why += " (part " + p.Name + ")"
			}
			return why
		}
	}
	return ""
}

// nullNode says why a node gives nulls.
func (c *Column) nullNode(n *Node, part, depth int) string {
	if _, ok := n.Fill.(nullRow); ok || gen.AlwaysNull(n.Fill) {
		return "in every row"
	}
	if f, ok := n.Fill.(*standingCells); ok {
		if f.vec.HasNulls() {
			return "in rows that stand in the database"
		}
		return ""
	}
	if n.nulls > 0 {
		return fmt.Sprintf("in %.4g %% of rows", 100*n.nulls)
	}
	input := func(k int) string {
		in := n.Inputs[k]
		at := part
		for _, link := range in.Links {
			if why := link.nullIn(at, depth+1); why != "" {
				return strings.TrimSuffix(link.Name, " (row)") + " refers to no row: " + why
			}
			at = -1
		}
		if why := in.Column.nullIn(at, depth+1); why != "" {
			return in.Column.Name + " is null: " + why
		}
		return ""
	}
	switch m := n.maker.(type) {
	case *gen.Pick:
		for _, v := range m.From {
			if v.V == nil {
				return "one of its values is null"
			}
		}
		for _, e := range m.Weights {
			if e.KeyValue.V == nil && e.Value > 0 {
				return "one of its values is null"
			}
		}
	case *gen.Quota:
		for _, e := range m.Shares {
			if e.KeyValue.V == nil && e.Value > 0 {
				return "one of its values is null"
			}
		}
		for _, e := range m.Counts {
			if e.KeyValue.V == nil && e.Value > 0 {
				return "one of its values is null"
			}
		}
		if m.Rest != nil && m.Rest.V == nil {
			return "one of its values is null"
		}
	case *gen.Switch:
		if at := n.reads(m.On); m.Else == nil && input(at) != "" {
			return "where " + m.On + " is null"
		}
		return nullSwitch(n, m, part)
	case *gen.Cell, *gen.Reference, *gen.Offset, *gen.Prefix:
		return input(0)
	case *gen.Template:
		for k := range n.Inputs {
			if why := input(k); why != "" {
				return why
			}
		}
	case *gen.Latest: // of several, another one may stand in
		if len(m.Of) == 1 {
			return input(0)
		}
	case nil: // row numbers
		if n.match != nil {
			for k := range n.Inputs {
				if why := input(k); why != "" {
					return why
				}
			}
			return n.match.null()
		}
		if e, ok := gen.Self(n.raw); ok && e.Self {
			return ""
		}
		if cell := c.FixedCell(0); len(n.Inputs) == 0 && c.Target == c.Table && (cell == nil || cell.Null(0)) {
			return "the first row has no earlier one to refer to"
		}
		if len(n.Inputs) == 1 {
			return input(0)
		}
	}
	return ""
}

// nullSwitch says why a switch gives nulls: a value that surely comes has no case.
func nullSwitch(n *Node, m *gen.Switch, part int) string {
	in := n.Inputs[n.reads(m.On)]
	if len(in.Links) > 0 {
		part = -1
	}
	known, ok := in.Column.valuesIn(part)
	if !ok {
		return ""
	}
	for _, v := range known {
		at := slices.IndexFunc(m.Cases, func(e blueprint.Entry[blueprint.Generator]) bool { return e.Key == v })
		switch {
		case at < 0 && m.Else == nil:
			return fmt.Sprintf("where %s is %s, for which there is no case", m.On, v)
		case at >= 0 && m.Cases[at].Value.Nulls > 0:
			return fmt.Sprintf("in %.4g %% of rows where %s is %s", 100*m.Cases[at].Value.Nulls, m.On, v)
		}
	}
	return ""
}
