package plan

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// maker decodes the arguments of a column's generator.
func (b *builder) maker(c *Column, g blueprint.Generator) (gen.Maker, error) {
	m := gen.New(g.Name)
	if m == nil {
		b.problemOn(c, g.Pos, didYouMean(g.Name, Generators()), "generator %q is unknown here", g.Name)
		return nil, errReported
	}
	return m, b.decoded(c, func(d *blueprint.Decoder) { d.DecodeGenerator(g, m) })
}

// decode decodes what a column's generator has in the place of arguments.
func (b *builder) decode(c *Column, n *yaml.Node, into any) error {
	return b.decoded(c, func(d *blueprint.Decoder) { d.Decode(n, into) })
}

// decoded reports the mistakes that decoding finds as problems of a column.
func (b *builder) decoded(c *Column, decode func(*blueprint.Decoder)) error {
	d := b.plan.Blueprint.NewDecoder()
	decode(d)
	for _, p := range d.Problems() {
		p.Table, p.Column = c.Table.Name, c.Name
		b.problems = append(b.problems, p)
	}
	if len(d.Problems()) > 0 {
		return errReported
	}
	return nil
}

// located reports a maker's error at its generator's place. A generator without a name is one that the
// blueprint does not speak of.
func (b *builder) located(g blueprint.Generator, c *Column, err error) error {
	if errors.Is(err, errReported) {
		return errReported
	}
	if g.Name == "" {
		b.capacity(b.problemOn(c, c.pos(), "name the column in the blueprint", "%s.%s: %v", c.Table.Name, c.Name, err), c, err)
		return errReported
	}
	b.capacity(b.problemOn(c, g.Pos, "", "%s.%s: %s: %v", c.Table.Name, c.Name, g.Name, err), c, err)
	return errReported
}

func (b *builder) notBefore(g blueprint.Generator, c *Column) error {
	b.problemOn(c, g.Pos, "", "%s.%s: not_before goes with timestamp, date, offset and integer, not with %s", c.Table.Name, c.Name, g.Name)
	return errReported
}

func didYouMean(name string, known []string) string {
	if s := blueprint.Suggest(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

// host answers the makers' questions. It implements gen.Host.
type host struct {
	*builder
	column *Column
	part   *Part
	node   *Node
}

// Compile makes a nested generator.
func (h *host) Compile(ctx *gen.Context, g blueprint.Generator) (gen.Filler, error) {
	if g.Name == PartGenerator || g.Name == "reference" {
		h.problemOn(h.column, g.Pos, "", "%s.%s: %s cannot stand inside another generator", ctx.Table, ctx.Column, g.Name)
		return nil, errReported
	}
	m, err := h.maker(h.column, g)
	if err != nil {
		return nil, err
	}
	if len(ctx.NotBefore) > 0 && !gen.TakesNotBefore(m) {
		return nil, h.notBefore(g, h.column)
	}
	ctx.Version = h.made(h.column, g.Name, m)
	if g.Nulls > 0 {
		h.column.note("nulls", gen.NullsVersion)
	}
	f, err := h.make(ctx, m)
	if err != nil {
		return nil, h.located(g, h.column, err)
	}
	if choice := f.Facts().Choice; choice != nil {
		if err := h.checkCases(h.column, h.part, h.node, choice); err != nil {
			return nil, err
		}
	}
	h.node.noteScale(f)
	f = gen.Nullable(f, g.Nulls, ctx.Key)
	if g.When == "" {
		return f, nil
	}
	h.made(h.column, "expression", gen.New("expression"))
	cond, err := gen.NewCondition(g.When, h)
	if err != nil {
		return nil, h.located(g, h.column, fmt.Errorf("when: %w", err))
	}
	return gen.When(f, cond, -1), nil
}

// noteScale notes the scale of a nested generator's decimals, for columns that they make together.
func (n *Node) noteScale(f gen.Filler) {
	var scale int32
	known := true
	if s, ok := f.(gen.Scaled); ok {
		scale = int32(s.Scale())
	} else if in := f.Facts().Copies; in != nil {
		scale = n.Inputs[in.Index].Column.Scale
	} else {
		known = false
	}
	switch {
	case f.Kind() != column.Decimal || !known:
	case n.nested == nil:
		n.nested = &scale
	default:
		n.mixed = n.mixed || *n.nested != scale
	}
}

// Input finds a cell that the node reads.
func (h *host) Input(path string) (gen.Input, error) {
	in, err := h.resolve(h.column.Table, h.part, path)
	if err != nil {
		return gen.Input{}, err
	}
	in.path = path
	h.node.Inputs = append(h.node.Inputs, in)
	return gen.Input{Index: len(h.node.Inputs) - 1, Path: path, Kind: in.Column.Kind, Unique: in.Column.Unique && len(in.Links) == 0, Bounds: in.Column.bounds()}, nil
}

func (c *Column) bounds() gen.Bounds {
	fills := make([]gen.Filler, len(c.Nodes))
	for i, n := range c.Nodes {
		if n == nil { // a part that is not compiled yet
			return gen.Bounds{}
		}
		fills[i] = n.Fill
	}
	return gen.UnionBounds(fills)
}

// Notice says something that is no error.
func (h *host) Notice(text string) { h.notice("%s", text) }

// TableRows gives the number of rows of a table.
func (h *host) TableRows(name string) (int64, error) {
	t := h.tables[name]
	if t == nil {
		return 0, unknownTable(h.builder, name)
	}
	return t.Rows, nil
}

func unknownTable(b *builder, name string) error {
	var names []string
	for _, t := range b.plan.Tables {
		names = append(names, t.Name)
	}
	if s := blueprint.Suggest(name, names); s != "" {
		return fmt.Errorf("the blueprint has no table %q: did you mean %q?", name, s)
	}
	return fmt.Errorf("the blueprint has no table %q: add it under tables", name)
}

// NamedRow finds a fixed row.
func (h *host) NamedRow(table, name string) (int64, error) {
	t := h.tables[table]
	if t == nil {
		return 0, unknownTable(h.builder, table)
	}
	if row, ok := t.Named[name]; ok {
		return row, nil
	}
	var names []string
	for _, f := range t.spec.Fixed {
		names = append(names, f.Name)
	}
	if s := blueprint.Suggest(name, names); s != "" {
		return 0, fmt.Errorf("%s has no fixed row %q: did you mean %q?", table, name, s)
	}
	return 0, fmt.Errorf("%s has no fixed row %q: name it under fixed", table, name)
}

// Pool gives a pool.
func (h *host) Pool(name string) (*gen.Pool, error) {
	if p := h.pools[name]; p != nil {
		return p, nil
	}
	texts, title, err := h.plan.Blueprint.Pool(name)
	if err != nil {
		return nil, err
	}
	h.pools[name] = gen.NewPool(name, title, texts)
	return h.pools[name], nil
}

// Group gives the pools of a folder.
func (h *host) Group(name string) ([]*gen.Pool, error) {
	texts, err := h.plan.Blueprint.Group(name)
	if err != nil {
		return nil, err
	}
	var out []*gen.Pool
	for _, x := range texts {
		out = append(out, gen.NewPool(name+"/"+x.Name, x.Title, x.Texts))
	}
	return out, nil
}

// make calls a maker. People and addresses that columns share by a group are those of a row of the
// whole table, whatever part the columns are of: see wholeTable.
func (h *host) make(ctx *gen.Context, m gen.Maker) (gen.Filler, error) {
	if h.part == nil || !gen.IsGrouped(m) || ctx.Rows != h.part.Rows {
		return m.Make(ctx)
	}
	whole := *ctx
	whole.Rows = h.column.Table.Rows
	f, err := m.Make(&whole)
	return &wholeTable{Filler: f, first: h.part.First}, err
}

// wholeTable fills rows that are counted from the first of a part by their numbers in the table.
// Columns of a group agree on the person of a row only if they agree on the row, and some of them may
// fill all parts, or other parts than others.
type wholeTable struct {
	gen.Filler
	first int64
}

// Fill implements gen.Filler.
func (f *wholeTable) Fill(dst *column.Vec, s *gen.Span) error {
	if f.first == 0 {
		return f.Filler.Fill(dst, s)
	}
	sub := *s
	if s.Rows.List == nil {
		sub.Rows.First += f.first
	} else {
		mark := s.Scratch.Mark()
		defer s.Scratch.Release(mark)
		v := s.Scratch.Vec(column.Int)
		for _, row := range s.Rows.List {
			v.AppendInt(row + f.first)
		}
		sub.Rows.List = v.Ints
	}
	return f.Filler.Fill(dst, &sub)
}

// Distinct implements gen.Distinct.
func (f *wholeTable) Distinct() bool {
	d, ok := f.Filler.(gen.Distinct)
	return ok && d.Distinct()
}

// Bounds implements gen.Bounded.
func (f *wholeTable) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Filler}) }

// Scale gives the digits behind the point of decimal cells.
func (f *wholeTable) Scale() int {
	if s, ok := f.Filler.(gen.Scaled); ok {
		return s.Scale()
	}
	return 0
}

// Rules implements gen.Ruled.
func (f *wholeTable) Rules() []gen.Rule { return rulesOf(f.Filler) }

func rulesOf(f gen.Filler) []gen.Rule {
	if r, ok := f.(gen.Ruled); ok {
		return r.Rules()
	}
	return nil
}

// typeOf is the type of the column in the database, or the zero Type.
func typeOf(c *Column) schema.Type {
	if c.Table.Schema != nil {
		if sc := c.Table.Schema.Column(c.Name); sc != nil {
			return sc.Type
		}
	}
	return schema.Type{}
}

// tableNames gives the names of the database's tables.
func (b *builder) tableNames() []string {
	var names []string
	for _, s := range b.plan.Database.Tables {
		names = append(names, b.plan.Database.Qualified(s))
	}
	slices.Sort(names)
	return names
}
