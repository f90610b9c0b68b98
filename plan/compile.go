package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
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
	b.stack = append(b.stack, c)
	defer func() { b.stack = b.stack[:len(b.stack)-1] }()
	for i, p := range c.Table.Parts {
		if part != nil && part != p || c.parts[i] == compiled {
			continue
		}
		if c.parts[i] == compiling {
			return b.fail(c, fmt.Errorf("depends on itself: %s", b.circle(c)))
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

// circle names the columns that are being compiled, from c to c again.
func (b *builder) circle(c *Column) string {
	var names []string
	for _, s := range b.stack[slices.Index(b.stack, c):] {
		if s.Table == c.Table {
			names = append(names, s.Name)
		} else {
			names = append(names, s.Table.Name+"."+s.Name)
		}
	}
	return strings.Join(names, " -> ")
}

func (b *builder) fail(c *Column, err error) error {
	c.state = failed
	if !errors.Is(err, errReported) {
		p := b.problemOn(c, c.pos(), "", "%s.%s: %v", c.Table.Name, c.Name, err)
		if meet := (*partsMeet)(nil); errors.As(err, &meet) {
			p.Cause = &blueprint.Cause{Kind: blueprint.PartsMeet}
		}
	}
	return errReported
}

// open begins a column: it finds the generators of its parts.
func (b *builder) open(c *Column) error {
	n := len(c.Table.Parts)
	c.Nodes, c.links, c.parts = make([]*Node, n), make([]*linkNode, n), make([]state, n)
	if c.Spec.Generator.Name != PartGenerator {
		return nil
	}
	var cases blueprint.Ordered[blueprint.Generator]
	if err := b.decode(c, c.Spec.Generator.Args, &cases); err != nil {
		return err
	}
	c.cases = map[string]blueprint.Generator{}
	for _, e := range cases {
		if c.Table.part(e.Key) == nil {
			var names []string
			for _, p := range c.Table.Parts {
				names = append(names, p.Name)
			}
			b.problemOn(c, e.Pos, didYouMean(e.Key, names), "%s.%s: %s has no part %q", c.Table.Name, c.Name, c.Table.Name, e.Key)
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
	n, link, err := b.node(c, nil, c.Spec.Generator)
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
		c.Kind, c.Scale = n.Fill.Kind(), n.scale(c)
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
	null   bool            // the column is null in this part
	copied bool            // the column copies a cell that refers to the parent
	given  map[int64]int64 // fixed row -> its parent row, below 0 for none
}

// finish settles the column's kind, scale, uniqueness, given cells and link.
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
	if c.Kind != column.Invalid && c.Kind != kind && !gen.AlwaysNull(c.Nodes[0].Fill) { // it reads itself, see kindBefore
		return fmt.Errorf("depends on itself as %s, and gives %s", c.Kind, kind)
	}
	c.Kind = kind
	if sc := typeOf(c); sc.Kind != column.Invalid && sc.Kind != column.Literal && c.allNull() && !c.Spec.Virtual {
		c.Kind = sc.Kind // fixed rows may have values
	}
	if err := c.settleScale(); err != nil {
		return err
	}
	if err := b.given(c); err != nil {
		return err
	}
	if err := b.uniqueAcross(c); err != nil {
		return err
	}
	b.joinLinks(c)
	return nil
}

// settleScale settles the scale of decimal cells, which all of a column's share, and the precision of floats.
func (c *Column) settleScale() error {
	t := typeOf(c)
	c.Single = c.Kind == column.Float && t.Single()
	if c.Kind != column.Decimal {
		c.Scale = 0
		return nil
	}
	known := false
	for _, n := range c.Nodes {
		if gen.AlwaysNull(n.Fill) {
			continue
		}
		scale := n.scale(c)
		if n.mixed || known && scale != c.Scale {
			return fmt.Errorf("its generators give different numbers of digits behind the point: give them all the same scale, as in {decimal: {max: 100, scale: 2}}")
		}
		c.Scale, known = scale, true
	}
	if !known {
		c.Scale = int32(t.Scale)
	}
	return nil
}

// scale gives the digits behind the point of a node's decimal cells.
func (n *Node) scale(c *Column) int32 {
	if s, ok := n.raw.(gen.Scaled); ok {
		return int32(s.Scale())
	}
	if n.nested != nil {
		return *n.nested
	}
	if n.copies() {
		return n.Inputs[0].Column.Scale
	}
	return int32(typeOf(c).Scale)
}

// copies tells whether the node's cells are those of its only input.
func (n *Node) copies() bool {
	return n.Fill.Facts().Copies != nil
}

// joinLinks makes the column's link of its parts' link nodes, where all of them agree on the parent. Where
// they do not, the parts' references have links of their own, which nobody else reads.
func (b *builder) joinLinks(c *Column) {
	if link := c.joined(); link != nil {
		c.Link = link
		c.Table.add(link)
		for i := range c.Nodes {
			c.follow(i, link)
		}
		if !c.empty() {
			c.Table.dependOn(link.Target)
		}
		return
	}
	var last *linkNode
	for i, l := range c.links {
		if l == nil || l.null || l.copied || l == last {
			continue
		}
		last = l
		link := &Column{Table: c.Table, Name: c.Name + " (row of " + c.Table.Parts[i].Name + ")", Kind: column.Int, Target: l.target, state: compiled}
		for j := range c.Nodes {
			n := &Node{Fill: nullRow{}}
			if c.links[j] == l {
				n = l.node
			}
			link.Nodes = append(link.Nodes, n)
		}
		c.Table.add(link)
		c.follow(i, link)
		c.Table.dependOn(l.target)
	}
}

// joined gives the link of all parts, or nil where they do not agree.
func (c *Column) joined() *Column {
	link := &Column{Table: c.Table, Name: c.Name + " (row)", Kind: column.Int, state: compiled}
	for i := range c.Nodes {
		l := c.links[i]
		switch {
		case l == nil:
			return nil
		case l.null:
			link.Nodes = append(link.Nodes, &Node{Fill: nullRow{}})
			continue
		case link.Target != nil && link.Target != l.target:
			return nil
		}
		link.Target = l.target
		link.Nodes = append(link.Nodes, l.node)
	}
	if link.Target == nil {
		return nil
	}
	return link
}

// follow lets the key cells of a part's reference read the link, which exists only now.
func (c *Column) follow(i int, link *Column) {
	n, l := c.Nodes[i], c.links[i]
	if !l.null && len(n.Inputs) > 0 && len(n.Inputs[0].Links) == 1 && n.Inputs[0].Links[0] == nil {
		n.Inputs[0].Links[0] = link
	}
	for row, parent := range l.given {
		link.setFixed(row, rowCell(parent))
	}
}

// node compiles one generator of a column: for one part, or for the whole table where part is nil.
func (b *builder) node(c *Column, part *Part, g blueprint.Generator) (*Node, *linkNode, error) {
	m, err := b.maker(c, g)
	if err != nil {
		return nil, nil, err
	}
	return b.build(c, part, g, m)
}

// build makes the node of a maker.
func (b *builder) build(c *Column, part *Part, g blueprint.Generator, m gen.Maker) (*Node, *linkNode, error) {
	t := c.Table
	defer func(was *Part) { b.part = was }(b.part)
	b.part = part
	when, err := b.conditionOf(c, part, g)
	if err != nil {
		return nil, nil, err
	}
	h := &host{builder: b, column: c, part: part, node: &Node{Local: part != nil, nulls: g.Nulls, When: when}}
	ctx := &gen.Context{
		Table: t.Name, Column: c.Name, Key: t.key.Derive("column", c.Name), TableKey: t.key, Rows: t.Rows, NotBefore: c.Spec.NotBefore, Host: h,
	}
	if part != nil {
		ctx.Rows, ctx.First = part.Rows, part.First
		ctx.Key = ctx.Key.Derive("part", part.Name)
	}
	if t.Schema != nil {
		if sc := t.Schema.Column(c.Name); sc != nil && !c.Spec.Virtual {
			ctx.Type = sc.Type
		}
	}
	ctx.Version = b.made(c, g.Name, m)
	if g.Nulls > 0 {
		c.note("nulls", gen.NullsVersion)
	}
	if part == nil || part == t.Parts[0] {
		ctx.Fixed = fixedOf(t.spec, c.Name, ctx.Rows)
	}
	if len(ctx.NotBefore) > 0 && !gen.TakesNotBefore(m) {
		return nil, nil, b.notBefore(g, c)
	}
	if r, ok := m.(*gen.Reference); ok {
		if err := b.checkReference(r, g, ctx); err != nil {
			return nil, nil, b.located(g, c, err)
		}
	}
	sized := *ctx
	if r, ok := m.(*gen.Reference); ok && g.Nulls >= 1 && b.tables[r.Table].Rows == 0 {
		sized.Rows = 0 // nobody refers to the missing parents
	}
	f, err := h.make(&sized, m)
	if err != nil {
		return nil, nil, b.located(g, c, err)
	}
	h.node.raw = f
	if h.node.Fold != nil {
		if h.node.Fold.Folder, _ = f.(gen.Folder); h.node.Fold.Folder == nil {
			return nil, nil, b.located(g, c, fmt.Errorf("aggregate cannot stand inside another generator"))
		}
	}
	if r, ok := m.(*gen.Reference); ok {
		return b.referenceNode(c, g, r, ctx, h)
	}
	facts := f.Facts()
	if facts.Copies != nil {
		h.node.Fill = h.node.there(gen.Nullable(f, g.Nulls, ctx.Key))
		if err := b.uniqueCopy(c, part, h.node); err != nil {
			return nil, nil, b.located(g, c, err)
		}
		if g.Nulls > 0 || when != nil {
			return h.node, nil, nil
		}
		return h.node, cellLink(h.node), nil
	}
	if facts.Choice != nil {
		if err := b.checkCases(c, part, h.node, facts.Choice); err != nil {
			return nil, nil, err
		}
	}
	if f, err = b.sifted(c, f, ctx.Key); err != nil {
		return nil, nil, b.located(g, c, err)
	}
	if wanted, why := c.wantsUnique(); wanted && !gen.AlwaysNull(f) && g.Nulls < 1 && !b.derived(c, h.node, f) {
		if f, err = b.distinct(f, ctx); err != nil {
			return nil, nil, b.located(g, c, fmt.Errorf("%s%w", why, err))
		}
	}
	h.node.Fill = h.node.there(gen.Nullable(f, g.Nulls, ctx.Key))
	var link *linkNode
	if gen.AlwaysNull(f) {
		link = &linkNode{null: true}
	}
	return h.node, link, nil
}
