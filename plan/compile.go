package plan

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// PartGenerator is the name of the generator that plan itself understands: one generator for each
// part of the table.
const PartGenerator = "part"

// Generators gives the names of all generators of the language.
func Generators() []string { return append(gen.Names(), PartGenerator) }

// errReported says that what went wrong stands in builder.problems already.
var errReported = errors.New("reported already")

// compile makes the column's nodes, and before them those of the columns that they read. part is the
// part that asks, nil for all of them: a column may read in one part what reads it in another.
func (b *builder) compile(c *Column, part *Part) error {
	switch c.state {
	case compiled:
		return nil
	case failed:
		return errReported
	case untouched:
		if err := b.open(c); err != nil {
			return b.fail(c, err)
		}
		c.state = compiling
	}
	for i, p := range c.Table.Parts {
		if part != nil && part != p || c.parts[i] == compiled {
			continue
		}
		if c.parts[i] == compiling {
			return b.fail(c, fmt.Errorf("depends on itself"))
		}
		if err := b.compilePart(c, i); err != nil {
			return b.fail(c, err)
		}
	}
	if c.state == compiled || slices.ContainsFunc(c.parts, func(s state) bool { return s != compiled }) {
		return nil
	}
	if err := b.finish(c); err != nil {
		return b.fail(c, err)
	}
	c.state = compiled
	return nil
}

func (b *builder) fail(c *Column, err error) error {
	c.state = failed
	if !errors.Is(err, errReported) {
		b.problem(c.pos(), "", "%s.%s: %v", c.Table.Name, c.Name, err)
	}
	return errReported
}

// open begins a column: it finds the generators of its parts.
func (b *builder) open(c *Column) error {
	n := len(c.Table.Parts)
	c.Nodes, c.links, c.parts = make([]*Node, n), make([]*linkNode, n), make([]state, n)
	if c.Spec == nil || c.Spec.Generator.Name != PartGenerator {
		return nil
	}
	var cases blueprint.Ordered[blueprint.Generator]
	if err := b.decode(c.Spec.Generator.Args, &cases); err != nil {
		return err
	}
	c.cases = map[string]blueprint.Generator{}
	for _, e := range cases {
		if c.Table.part(e.Key) == nil {
			var names []string
			for _, p := range c.Table.Parts {
				names = append(names, p.Name)
			}
			b.problem(e.Pos, blueprint.Suggest(e.Key, names), "%s has no part %q", c.Table.Name, e.Key)
			return errReported
		}
		c.cases[e.Key] = e.Value
	}
	for _, p := range c.Table.Parts {
		if _, ok := c.cases[p.Name]; !ok {
			return fmt.Errorf("says nothing of the part %q: name a generator for it, null for none", p.Name)
		}
	}
	return nil
}

// compilePart makes the column's node in one part; a column that all parts share is made once for all.
func (b *builder) compilePart(c *Column, i int) error {
	if c.cases != nil {
		c.parts[i] = compiling
		p := c.Table.Parts[i]
		n, link, err := b.node(c, p, c.cases[p.Name])
		if err != nil {
			return err
		}
		c.set(i, n, link)
		return nil
	}
	for k := range c.parts {
		c.parts[k] = compiling
	}
	var n *Node
	var link *linkNode
	var err error
	if c.Spec == nil {
		n, link, err = b.infer(c)
	} else {
		n, link, err = b.node(c, nil, c.Spec.Generator)
	}
	if err != nil {
		return err
	}
	for k := range c.parts {
		c.set(k, n, link)
	}
	return nil
}

func (c *Column) set(i int, n *Node, link *linkNode) {
	c.Nodes[i], c.links[i], c.parts[i] = n, link, compiled
	if c.Kind == column.Invalid && !gen.AlwaysNull(n.Fill) {
		c.Kind = n.Fill.Kind()
	}
}

func (t *Table) part(name string) *Part {
	for _, p := range t.Parts {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// linkNode is a column's Node of parent row numbers in one part, and the parent.
type linkNode struct {
	node   *Node
	target *Table
	null   bool // the column is null in this part
}

// finish settles the column's kind, given cells and link.
func (b *builder) finish(c *Column) error {
	fills := make([]gen.Filler, len(c.Nodes))
	for i, n := range c.Nodes {
		fills[i] = n.Fill
	}
	kind, err := gen.Unify(fills)
	if err != nil {
		return err
	}
	for i, n := range c.Nodes {
		n.Fill = fills[i]
	}
	c.Kind = kind
	if c.Spec != nil && c.Spec.Unique {
		c.Unique = true
	} else if d, ok := c.Nodes[0].Fill.(gen.Distinct); ok && c.Shared() != nil {
		c.Unique = d.Distinct()
	}
	for i, f := range c.Table.spec.Fixed {
		for _, cell := range f.Cells {
			if cell.Column != c.Name {
				continue
			}
			v := new(column.Vec)
			v.Reset(c.Kind)
			if err := gen.AppendValue(v, cell.Value.V); err != nil {
				b.problem(cell.Pos, "", "%s.%s: fixed row %s: %v", c.Table.Name, c.Name, f.Name, err)
				return errReported
			}
			c.setFixed(int64(i), v)
		}
	}
	b.joinLinks(c)
	return nil
}

func (c *Column) setFixed(row int64, v *column.Vec) {
	if c.fixed == nil {
		c.fixed = map[int64]*column.Vec{}
	}
	c.fixed[row] = v
}

// joinLinks makes the column's link of its parts' link nodes, where all of them agree on the parent.
func (b *builder) joinLinks(c *Column) {
	link := &Column{Table: c.Table, Name: c.Name + " (row)", Kind: column.Int, state: compiled}
	for i := range c.Nodes {
		l := c.links[i]
		switch {
		case l == nil:
			return
		case l.null:
			link.Nodes = append(link.Nodes, &Node{Fill: nullRow{}})
			continue
		case link.Target != nil && link.Target != l.target:
			return
		}
		link.Target = l.target
		link.Nodes = append(link.Nodes, l.node)
	}
	if link.Target == nil {
		return
	}
	c.Link = link
	c.Table.add(link)
	for i, n := range c.Nodes { // the references' own key cells read the link that exists only now
		if l := c.links[i]; !l.null && len(n.Inputs) > 0 && len(n.Inputs[0].Links) == 1 && n.Inputs[0].Links[0] == nil {
			n.Inputs[0].Links[0] = link
		}
	}
	c.Table.dependOn(link.Target)
}

// node compiles one generator of a column: for one part, or for the whole table where part is nil.
func (b *builder) node(c *Column, part *Part, g blueprint.Generator) (*Node, *linkNode, error) {
	t := c.Table
	key := t.key.Derive("column", c.Name)
	h := &host{builder: b, column: c, part: part, node: &Node{Local: part != nil}}
	ctx := &gen.Context{Table: t.Name, Column: c.Name, Key: key, TableKey: t.key, Rows: t.Rows, NotBefore: c.Spec.NotBefore, Host: h}
	if part != nil {
		ctx.Rows = part.Rows
		ctx.Key = key.Derive("part", part.Name)
		if g.Name == "constant" { // null in this part
			ctx.NotBefore = nil
		}
	}
	if t.Schema != nil {
		if sc := t.Schema.Column(c.Name); sc != nil && !c.Spec.Virtual {
			ctx.Type = sc.Type
		}
	}
	if part == nil || part == t.Parts[0] {
		ctx.Fixed = fixedOf(t.spec, c.Name, ctx.Rows)
	}
	m, err := b.maker(g)
	if err != nil {
		return nil, nil, err
	}
	if len(ctx.NotBefore) > 0 && !gen.TakesNotBefore(m) {
		return nil, nil, fmt.Errorf("not_before goes with timestamp, date and offset, not with %s", g.Name)
	}
	f, err := m.Make(ctx)
	if err != nil {
		return nil, nil, b.located(g, c, err)
	}
	switch m := m.(type) {
	case *gen.Reference:
		return b.referenceNode(c, g, m, f, key, h)
	case *gen.Cell:
		h.node.Fill = gen.Nullable(f, g.Nulls, ctx.Key)
		if g.Nulls > 0 {
			return h.node, nil, nil
		}
		return h.node, cellLink(h.node, part), nil
	}
	if c.Spec.Unique {
		if f, err = unique(f, ctx); err != nil {
			return nil, nil, b.located(g, c, err)
		}
	}
	h.node.Fill = gen.Nullable(f, g.Nulls, ctx.Key)
	var link *linkNode
	if gen.AlwaysNull(f) {
		link = &linkNode{null: true}
	}
	return h.node, link, nil
}

// referenceNode makes two nodes of a reference: the parents' row numbers, and their key cells.
func (b *builder) referenceNode(c *Column, g blueprint.Generator, m *gen.Reference, pick gen.Filler, key rng.Key, h *host) (*Node, *linkNode, error) {
	parent := b.tables[m.Table]
	name := m.Column
	if name == "" {
		name = b.refColumn(c, parent)
	}
	target := parent.byName[name]
	if target == nil {
		return nil, nil, fmt.Errorf("refers to %s by its column %q, which the plan does not fill: name the column, as in {table: %s, column: ...}", parent.Name, name, parent.Name)
	}
	if err := b.compile(target, nil); err != nil {
		return nil, nil, err
	}
	var err error
	if c.Spec.Unique {
		if pick, err = unique(pick, &gen.Context{Key: key, Rows: c.Table.Rows, Table: c.Table.Name, Column: c.Name}); err != nil {
			return nil, nil, b.located(g, c, err)
		}
	}
	rows := &Node{Fill: gen.Nullable(pick, g.Nulls, key), Local: h.node.Local}
	cells := &Node{Fill: gen.Copy(target.Kind, m.Table+"."+name, pick), Local: h.node.Local, Inputs: []Input{{Links: []*Column{nil}, Column: target}}}
	return cells, &linkNode{node: rows, target: parent}, nil
}

// refColumn is the parent's column that a reference means: the one of the foreign key, or its primary
// key, or its first column of distinct keys.
func (b *builder) refColumn(c *Column, parent *Table) string {
	if c.Table.Schema != nil {
		for _, fk := range c.Table.Schema.ForeignKeys {
			if len(fk.Columns) == 1 && fk.Columns[0] == c.Name && b.tableOf(fk.RefSchema, fk.RefTable) == parent {
				return fk.RefColumns[0]
			}
		}
		if pk := parent.Schema.PrimaryKey; pk != nil && len(pk.Columns) == 1 {
			return pk.Columns[0]
		}
	}
	return parent.likelyKey()
}

// likelyKey guesses the key of a table without a schema: id, or else its first sequence, or else its
// first UUID, by name, so that the order of columns does not matter.
func (t *Table) likelyKey() string {
	best, rank := "id", 0
	for _, spec := range t.spec.Columns {
		k := slices.Index([]string{"uuid", "sequence"}, spec.Generator.Name) + 1
		if spec.Name == "id" {
			return "id"
		}
		if k > rank || k == rank && k > 0 && spec.Name < best {
			best, rank = spec.Name, k
		}
	}
	return best
}

// cellLink says which parent a copied cell refers to: the one that the copied column refers to, or the
// row that it is the key of.
func cellLink(n *Node, part *Part) *linkNode {
	in := n.Inputs[0]
	if link := in.Column.Link; link != nil {
		return &linkNode{target: link.Target, node: &Node{Fill: gen.Copy(column.Int, link.Name, nil), Local: n.Local, Inputs: []Input{{Links: in.Links, Column: link}}}}
	}
	if len(in.Links) > 0 && in.Column.Unique {
		last := in.Links[len(in.Links)-1]
		return &linkNode{target: last.Target, node: &Node{Fill: gen.Copy(column.Int, last.Name, nil), Local: n.Local, Inputs: []Input{{Links: in.Links[:len(in.Links)-1], Column: last}}}}
	}
	return nil
}

func fixedOf(spec *blueprint.Table, name string, rows int64) []gen.Fixed {
	out := make([]gen.Fixed, min(int64(len(spec.Fixed)), rows))
	for i := range out {
		for _, cell := range spec.Fixed[i].Cells {
			if cell.Column == name {
				out[i] = gen.Fixed{Given: true, Value: cell.Value.V}
			}
		}
	}
	return out
}

// maker decodes a generator's arguments.
func (b *builder) maker(g blueprint.Generator) (gen.Maker, error) {
	m := gen.New(g.Name)
	if m == nil {
		b.problem(g.Pos, blueprint.Suggest(g.Name, Generators()), "generator %q is unknown here", g.Name)
		return nil, errReported
	}
	d := b.plan.Blueprint.NewDecoder()
	d.DecodeGenerator(g, m)
	if ps := d.Problems(); len(ps) > 0 {
		b.problems = append(b.problems, ps...)
		return nil, errReported
	}
	return m, nil
}

func (b *builder) decode(n *yaml.Node, into any) error {
	d := b.plan.Blueprint.NewDecoder()
	d.Decode(n, into)
	if ps := d.Problems(); len(ps) > 0 {
		b.problems = append(b.problems, ps...)
		return errReported
	}
	return nil
}

// located reports a maker's error at its generator's place.
func (b *builder) located(g blueprint.Generator, c *Column, err error) error {
	if errors.Is(err, errReported) {
		return errReported
	}
	b.problem(g.Pos, "", "%s.%s: %s: %v", c.Table.Name, c.Name, g.Name, err)
	return errReported
}

// host answers the makers' questions. It implements gen.Host.
type host struct {
	*builder
	column *Column
	part   *Part
	node   *Node
}

func (h *host) Compile(ctx *gen.Context, g blueprint.Generator) (gen.Filler, error) {
	if g.Name == PartGenerator || g.Name == "reference" {
		h.problem(g.Pos, "", "%s.%s: %s cannot stand inside another generator", ctx.Table, ctx.Column, g.Name)
		return nil, errReported
	}
	m, err := h.maker(g)
	if err != nil {
		return nil, err
	}
	if len(ctx.NotBefore) > 0 && !gen.TakesNotBefore(m) {
		h.problem(g.Pos, "", "%s.%s: not_before goes with timestamp, date and offset, not with %s", ctx.Table, ctx.Column, g.Name)
		return nil, errReported
	}
	f, err := m.Make(ctx)
	if err != nil {
		return nil, h.located(g, h.column, err)
	}
	return gen.Nullable(f, g.Nulls, ctx.Key), nil
}

func (h *host) Input(path string) (gen.Input, error) {
	in, err := h.resolve(h.column.Table, h.part, path)
	if err != nil {
		return gen.Input{}, err
	}
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

func (h *host) Notice(text string) { h.notice("%s", text) }

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
	return fmt.Errorf("the blueprint has no table %q", name)
}

func (h *host) NamedRow(table, name string) (int64, error) {
	t := h.tables[table]
	if t == nil {
		return 0, unknownTable(h.builder, table)
	}
	row, ok := t.Named[name]
	if !ok {
		return 0, fmt.Errorf("%s has no fixed row %q: name it under fixed", table, name)
	}
	return row, nil
}

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

// typeOf is the type of the column in the database, or the zero Type.
func typeOf(c *Column) schema.Type {
	if c.Table.Schema != nil {
		if sc := c.Table.Schema.Column(c.Name); sc != nil {
			return sc.Type
		}
	}
	return schema.Type{}
}
