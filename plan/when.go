package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// When is a condition on cells of a row: where it is not true, a Node's cells are null. A reference's is that of its row
// numbers, so that where it does not hold there is no parent.
type When struct {
	*gen.Condition
	Inputs []Input // that the condition reads, behind those of the Node
}

// conditionOf compiles the condition of a column's generator; nil where it has none.
func (b *builder) conditionOf(c *Column, part *Part, g blueprint.Generator) (*When, error) {
	if g.When == "" {
		return nil, nil
	}
	b.made(c, "expression", gen.New("expression"))
	h := &host{builder: b, column: c, part: part, node: &Node{}}
	cond, err := gen.NewCondition(g.When, h)
	if err != nil {
		return nil, b.located(g, c, fmt.Errorf("when: %w", err))
	}
	return &When{Condition: cond, Inputs: h.node.Inputs}, nil
}

// there lets a Filler's cells be null where the node's condition is not true.
func (n *Node) there(f gen.Filler) gen.Filler {
	if n.When == nil {
		return f
	}
	return gen.When(f, n.When.Condition, len(n.When.Inputs))
}

// said lets a Filler of row numbers be described with the node's condition.
func (n *Node) said(f gen.Filler) gen.Filler {
	if n.When == nil {
		return f
	}
	return &saidWhen{f, n.When.Text}
}

type saidWhen struct {
	gen.Filler
	text string
}

func (f *saidWhen) String() string    { return f.Filler.String() + "; where " + f.text }
func (f *saidWhen) Rules() []gen.Rule { return rulesOf(f.Filler) }

// Reads gives all that a node reads of rows: its inputs, and those of its condition.
func (n *Node) Reads() []Input {
	if n.When == nil {
		return n.Inputs
	}
	return slices.Concat(n.Inputs, n.When.Inputs)
}

// holding tells, of cells of rows as Reads gives them, in which rows the node's condition is true; nil where it has none.
func (n *Node) holding(cells []*column.Vec) (*column.Vec, error) {
	if n.When == nil {
		return nil, nil
	}
	v := new(column.Vec)
	v.Reset(column.Bool)
	s := &gen.Span{Rows: gen.Rows{N: cells[0].Len()}, Inputs: cells[len(n.Inputs):], Scratch: new(gen.Scratch)}
	return v, n.When.Fill(v, s)
}

// conditional gives the condition of a column in a part: its own, or that of the row which it refers to.
func (c *Column) conditional(i int) *When {
	if n := c.Nodes[i]; n.When != nil {
		return n.When
	}
	if c.Link != nil && c.Link.Nodes[i] != nil {
		return c.Link.Nodes[i].When
	}
	return nil
}

// when states that a column is null where its condition is not true, and, where that is known, there elsewhere.
func (r *ruler) when(c *Column, i int, part *Part, name, x string) {
	w := c.conditional(i)
	if w == nil {
		return
	}
	in := make([]string, len(w.Inputs))
	known := true
	for k := range w.Inputs {
		in[k] = r.input("t", w.Inputs[k], part)
		known = known && in[k] != ""
	}
	sql, text := "", "is null unless "+w.Text
	there := "true"
	if r.dialect.Name() == "sqlite" {
		there = "1"
	}
	if c.filledWhere(i) {
		text, there = "is there where "+w.Text+", and nowhere else", x+" is not null"
	}
	if known {
		if is := w.SQL(r.dialect, in); is != "" {
			sql = "case when " + is + " then " + there + " else " + x + " is null end"
		}
	}
	left := exempt(c, &Node{Inputs: w.Inputs}, gen.Rule{})
	if len(left) > 0 && r.table.Key == nil {
		sql = ""
	}
	if told := r.add(part, sql, "%s %s", name, text); told != nil {
		told.Exempt, told.Reads = left, r.elsewhere(&Node{Inputs: w.Inputs})
	}
}

// filledWhere tells whether a column's cells in a part are surely there where its condition is true.
func (c *Column) filledWhere(i int) bool {
	n, of := c.Nodes[i], c
	if n.When == nil {
		n, of = c.Link.Nodes[i], c.Link
		if key := c.Nodes[i].Inputs[0].Column.nullIn(-1, 0); key.why != "" || key.perhaps {
			return false
		}
	}
	if n.match != nil && !n.match.led { // whether a parent matches is known for so many rows alone: see settleLoose
		return false
	}
	plain := *n
	plain.When = nil
	plain.Fill = gen.Always(n.Fill)
	is := of.nullNode(&plain, i, 0)
	return is.why == "" && !is.perhaps
}
