package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// nullness is what is known of nulls before cells are made.
type nullness struct {
	why     string // why some rows are null; "" where none surely is
	perhaps bool   // some may be: only their cells tell
}

// null says why a column is null in some rows, and "" where it is not known to be.
func (c *Column) null() string { return c.nullIn(-1, 0).why }

// nullIn is what is known of the nulls in one part, or in all of them for -1.
func (c *Column) nullIn(part, depth int) (out nullness) {
	const deepest = 50 // columns that are followed
	if depth > deepest || c.state == failed {
		return nullness{}
	}
	for i, f := range c.Table.spec.Fixed {
		if cell := c.FixedCell(int64(i)); cell != nil && cell.Null(0) && part <= 0 {
			return nullness{why: "in the fixed row " + f.Name}
		}
	}
	for i, n := range c.Nodes {
		p := c.Table.Parts[i]
		if part >= 0 && i != part || p.Rows == 0 || n == nil {
			continue
		}
		is := c.nullNode(n, i, depth)
		if is.why != "" {
			if c.Shared() == nil && part < 0 {
				is.why += " (part " + p.Name + ")"
			}
			return is
		}
		out.perhaps = out.perhaps || is.perhaps
	}
	return out
}

// nullNode is what is known of the nulls that a node gives.
func (c *Column) nullNode(n *Node, part, depth int) nullness {
	is := c.nullMade(n, part, depth)
	is.perhaps = is.perhaps || n.When != nil
	return is
}

// nullMade is what is known of them, its condition left aside.
func (c *Column) nullMade(n *Node, part, depth int) nullness {
	facts := n.Fill.Facts()
	of := nullOf{n, part, depth}
	_, standing := n.Fill.(*standingCells)
	switch {
	case standing && facts.Null == gen.SomeNull:
		return nullness{why: "in rows that stand in the database"}
	case facts.Null == gen.OnlyNull:
		return nullness{why: "in every row"}
	case n.nulls > 0:
		return nullness{why: inShare(n.nulls)}
	case n.match != nil:
		for k := range n.Inputs {
			if is := of.input(k); is.why != "" {
				return is
			}
		}
		return nullness{why: n.match.null()}
	case c.Target == nil || len(n.Inputs) > 0:
		return of.facts(&facts)
	}
	// Row numbers of parents.
	if e, ok := gen.Self(n.raw); ok && (e.Self || e.Before > 0) {
		return nullness{}
	}
	if cell := c.FixedCell(0); c.Target == c.Table && (cell == nil || cell.Null(0)) {
		return nullness{why: "the first row has no earlier one to refer to"}
	}
	return nullness{}
}

func inShare(share float64) string { return fmt.Sprintf("in %.4g %% of rows", 100*share) }

// nullOf finds out what the facts of a node's Filler mean where its inputs are known.
type nullOf struct {
	node  *Node
	part  int
	depth int
}

// input is what is known of the nulls of an input.
func (x nullOf) input(k int) (out nullness) {
	in := x.node.Inputs[k]
	at := x.part
	for _, link := range in.Links {
		is := link.nullIn(at, x.depth+1)
		if is.why != "" {
			return nullness{why: strings.TrimSuffix(link.Name, " (row)") + " refers to no row: " + is.why}
		}
		out.perhaps = out.perhaps || is.perhaps
		at = -1
	}
	is := in.Column.nullIn(at, x.depth+1)
	if is.why != "" {
		is.why = in.Column.Name + " is null: " + is.why
	}
	is.perhaps = is.perhaps || out.perhaps
	return is
}

func (x nullOf) facts(facts *gen.Facts) (out nullness) {
	switch {
	case facts.NullShare > 0:
		return nullness{why: inShare(facts.NullShare)}
	case facts.Null == gen.SomeNull:
		return nullness{why: "one of its values is null"}
	}
	out.perhaps = facts.Null != gen.NeverNull
	for _, k := range facts.NullWith {
		is := x.input(k)
		if is.why != "" {
			return is
		}
		out.perhaps = out.perhaps || is.perhaps
	}
	if facts.Choice != nil {
		is := x.choice(facts.Choice)
		is.perhaps = is.perhaps || out.perhaps
		return is
	}
	return out
}

// choice looks at the values of the deciding cell, where they are known: each of them surely comes.
func (x nullOf) choice(c *gen.Choice) (out nullness) {
	on := x.input(c.On.Index)
	if on.why != "" && c.Else().Null == gen.OnlyNull {
		return nullness{why: "where " + c.On.Path + " is null"}
	}
	part := x.part
	in := x.node.Inputs[c.On.Index]
	if len(in.Links) > 0 {
		part = -1
	}
	known, ok := in.Column.valuesIn(part)
	if !ok {
		known = append(slices.Clone(c.Cases), "")
	}
	if on.why != "" || on.perhaps {
		out.perhaps = x.chosen(c.Else())
	}
	for _, v := range known {
		of := c.Case(v)
		where := fmt.Sprintf(" where %s is %s", c.On.Path, v)
		switch {
		case !ok: // whether it comes is not known
		case of.Null == gen.OnlyNull && of == c.Else():
			return nullness{why: where[1:] + ", for which there is no case"}
		case of.Null == gen.OnlyNull:
			return nullness{why: where[1:]}
		case of.NullShare > 0:
			return nullness{why: inShare(of.NullShare) + where}
		case of.Null == gen.SomeNull:
			return nullness{why: "one of its values is null" + where}
		}
		out.perhaps = out.perhaps || x.chosen(of)
	}
	return out
}

// chosen tells whether a Filler that makes the cells of some rows may give nulls: those that its inputs have elsewhere
// need not be in these rows.
func (x nullOf) chosen(facts *gen.Facts) bool {
	is := x.facts(facts)
	return facts.Null == gen.OnlyNull || is.perhaps || is.why != ""
}

// errEnough ends a scan.
var errEnough = errors.New("enough rows")

// proveFilled looks at the cells of columns that take no null, where only these tell whether some are.
func (b *builder) proveFilled() {
	const most = 1 << 18 // rows
	if b.plan.options.Scan == nil || b.reads != nil || len(b.problems) > 0 {
		return
	}
	for _, c := range b.unsure {
		null := int64(-1)
		_ = b.plan.options.Scan(c.Table, []Input{{Column: c}}, func(first int64, cells []*column.Vec) error { // an error is told elsewhere
			for i := range cells[0].Len() {
				if cells[0].Null(i) && null < 0 {
					null = first + int64(i)
				}
			}
			if null >= 0 || first > most {
				return errEnough
			}
			return nil
		})
		if null >= 0 {
			b.problemOn(c, c.pos(), nullAdvice, "%s.%s is not null in the database, and the plan gives it nulls, as in row %d (%s)",
				c.Table.Name, c.Name, null, c.describe())
		}
	}
}

const nullAdvice = "take the nulls away, or compute it by an expression with coalesce"
