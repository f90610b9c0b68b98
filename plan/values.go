package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// values gives all values of a node's cells in a part as texts, nulls left out; false where they are not
// known.
func (n *Node) values(c *Column, part int) ([]string, bool) {
	if f, ok := n.Fill.(*standingCells); ok {
		return f.values()
	}
	facts := n.facts()
	switch {
	case facts.Values != nil:
		v := new(column.Vec)
		v.ResetAs(facts.Values)
		v.Single = c.Single
		v.AppendVec(facts.Values)
		v.Round()
		var out []string
		for i := range v.Len() {
			if !v.Null(i) {
				out = append(out, v.String(i))
			}
		}
		return out, true
	case facts.Copies != nil:
		in := n.Inputs[facts.Copies.Index]
		if len(in.Links) > 0 {
			part = -1
		}
		return in.Column.valuesIn(part)
	}
	return nil, false
}

// facts are those of what the node's maker made, before plan made it unique or null.
func (n *Node) facts() gen.Facts {
	if n.raw == nil { // a row number
		return gen.Facts{Drawn: true, Unbounded: true}
	}
	return n.raw.Facts()
}

// readNames names the columns of its own table through which a node reads other cells.
func (n *Node) readNames() (out []string) {
	for _, in := range n.Reads() {
		name, _, _ := strings.Cut(in.path, ".")
		out = append(out, name)
	}
	return out
}

// readNames are those of all parts.
func (c *Column) readNames() (out []string) {
	for _, n := range c.Nodes {
		out = append(out, n.readNames()...)
	}
	return out
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

// checkCases reports cases that no value of the deciding cell ever meets.
func (b *builder) checkCases(c *Column, part *Part, n *Node, choice *gen.Choice) error {
	in := n.Inputs[choice.On.Index]
	at := -1
	if len(in.Links) == 0 && part != nil {
		at = slices.Index(in.Column.Table.Parts, part)
	}
	known, ok := in.Column.valuesIn(at)
	if !ok || len(known) == 0 || in.Column.Kind == column.Float || len(in.Column.Table.Adoptable) > 0 {
		return nil
	}
	var err error
	for i, text := range choice.Cases {
		if !slices.Contains(known, text) {
			b.problemOn(c, choice.At[i], didYouMean(text, known), "%s.%s: switch: case %q: %s is never that, only %s",
				c.Table.Name, c.Name, text, choice.On.Path, listed(known))
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
