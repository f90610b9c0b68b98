package plan

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// Fold is what a Node sums up: cells of the rows of another table that belong to its own.
type Fold struct {
	Child       *Table
	Cell, Where *Column // of Child; nil where there is none
	Folder      gen.Folder
	kin         *kinship
	spec        gen.FoldSpec
}

// Among gives the rows of Child as siblings; First is the number in Child of the first of them.
func (x *Fold) Among() *gen.Siblings { return x.kin.among() }

// First is the number in Child of the first of the rows.
func (x *Fold) First() int64 { return x.kin.first() }

// Fold implements gen.Host.
func (h *host) Fold(spec gen.FoldSpec) (in gen.FoldInput, err error) {
	child := h.tables[spec.Table]
	switch {
	case child == nil:
		return in, unknownTable(h.builder, spec.Table)
	case child.Standing || child.Triggered:
		return in, fmt.Errorf("the rows of %s are not made by the run: nothing is known of them", child.Name)
	}
	x := &Fold{Child: child, spec: spec}
	if x.kin, err = h.kin(child, h.column.Table, spec.By, nil); err != nil {
		return in, err
	}
	if x.Cell, err = h.cellOf(x, spec.Cell, spec.Scale); err != nil {
		return in, err
	}
	if x.Where, err = h.cellOf(x, spec.Where, 0); err != nil {
		return in, err
	}
	if x.Where != nil && x.Where.Kind != column.Bool {
		return in, fmt.Errorf("where: %q gives %s where a condition is wanted", spec.Where, x.Where.Kind)
	}
	h.node.Fold = x
	h.kinships = append(h.kinships, named{h.column, x.kin})
	in.Among = x.Among()
	in.Largest = min(in.Among.Most, child.Rows)
	in.Sure = true
	if x.Cell != nil {
		in.Kind, in.Scale, in.Bounds, in.Sure = x.Cell.Kind, x.Cell.Scale, x.Cell.bounds(), x.Cell.sure(0)
	}
	return in, nil
}

// cellOf gives a column of the child with an expression's cells: the one that it names, or one that only the fold
// reads.
func (h *host) cellOf(x *Fold, text string, scale int) (*Column, error) {
	if text == "" {
		return nil, nil
	}
	t := x.Child
	if c := t.byName[text]; c != nil {
		return c, h.compile(c, nil)
	}
	key := hiddenKey{t, x.kin.part, text, scale}
	if c := h.hidden[key]; c != nil {
		return c, h.compile(c, nil)
	}
	at := h.column.pos()
	c := &Column{Table: t, Name: "(" + text + ")", Spec: &blueprint.Column{Name: text, Virtual: true, Pos: at}}
	expression := mapping("expr", textNode(text), "scale", textNode(strconv.Itoa(scale)))
	c.Spec.Generator = blueprint.Generator{Name: "expression", Args: expression, Pos: at}
	if x.kin.part >= 0 && len(t.Parts) > 1 {
		var cases []any
		for i, p := range t.Parts {
			of := mapping("constant", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"})
			if i == x.kin.part {
				of = mapping("expression", expression)
			}
			cases = append(cases, p.Name, of)
		}
		c.Spec.Generator = blueprint.Generator{Name: PartGenerator, Args: mapping(cases...), Pos: at}
	}
	t.add(c)
	if h.hidden == nil {
		h.hidden = map[hiddenKey]*Column{}
	}
	h.hidden[key] = c
	return c, h.compile(c, nil)
}

// hiddenKey names a column that only folds read.
type hiddenKey struct {
	table *Table
	part  int
	text  string
	scale int
}

// Hidden tells whether the blueprint does not name the column: what other columns read of it.
func (c *Column) Hidden() bool { return c.Table.byName[c.Name] != c }

// mapping makes a node of keys and values.
func mapping(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i < len(pairs); i += 2 {
		n.Content = append(n.Content, textNode(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return n
}

func textNode(text string) *yaml.Node {
	tag := "!!str"
	if _, err := strconv.Atoi(text); err == nil {
		tag = "!!int"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

// Summed tells whether rows of another table hold what is summed up over the rows of t, so that none of t can be left
// out.
func (p *Plan) Summed(t *Table) bool {
	return p.anyFold(func(_ *Table, x *Fold) bool { return x.Child == t })
}

func (p *Plan) anyFold(is func(of *Table, x *Fold) bool) bool {
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			for _, n := range c.Nodes {
				if n != nil && n.Fold != nil && is(t, n.Fold) {
					return true
				}
			}
		}
	}
	return false
}

// CanGrow says why rows beyond those of a run cannot be made beside them: a parent that is there already would get
// more rows than it sums up, or a number of rows that was exact would come again.
func (p *Plan) CanGrow(more blueprint.Counts) (err error) {
	grows := map[*Table]bool{}
	for _, unit := range p.Units() {
		for _, t := range unit {
			for _, n := range more[t.Name] {
				grows[t] = grows[t] || n > 0
			}
			for i, part := range t.Parts {
				if part.Each == nil || !grows[part.Each] {
					continue
				}
				grows[t] = true
				if c := t.spec.Parts[i].Counts; c != nil && c.Rows >= 0 {
					return fmt.Errorf("%s has exactly %d rows for those of %s, which are to grow", t.Name, c.Rows, part.Each.Name)
				}
			}
		}
	}
	p.anyFold(func(of *Table, x *Fold) bool {
		if grows[x.Child] && !grows[of] {
			err = fmt.Errorf("rows of %s hold what is summed up over %s, which is to grow without them", of.Name, x.Child.Name)
		}
		return err != nil
	})
	return err
}
