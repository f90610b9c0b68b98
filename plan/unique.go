package plan

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

func unique(f gen.Filler, c *gen.Context) (gen.Filler, error) { return gen.Unique(f, c.Key, c.Rows) }

// uniqueSets makes the blueprint's and the database's uniques over several columns true, and holds its
// uniques over one column against the plan.
func (b *builder) uniqueSets(t *Table) {
	for _, u := range t.spec.Unique {
		b.uniqueSet(t, u.Columns, u.Pos)
	}
	if t.Schema == nil {
		return
	}
	for _, u := range t.Schema.Uniques {
		if len(u.Columns) == 0 || u.Where != "" {
			continue
		}
		if len(u.Columns) == 1 {
			c := t.byName[u.Columns[0]]
			if c != nil && c.state == compiled && !c.Unique && (c.Spec == nil || !c.Spec.Virtual) {
				b.makeUnique(c, u.Name)
			}
			continue
		}
		if !slices.ContainsFunc(u.Columns, func(n string) bool { return t.byName[n] == nil }) {
			b.uniqueSet(t, u.Columns, t.spec.Pos)
		}
	}
}

// makeUnique makes a column unique that the database wants unique and the blueprint does not say.
func (b *builder) makeUnique(c *Column, constraint string) {
	if c.Table.Rows <= 1 || c.allNull() || distinctByPart(c) {
		return
	}
	target := c
	if c.Link != nil {
		target = c.Link
	}
	n := target.Shared()
	if n == nil {
		b.problem(c.pos(), "", "%s.%s must be unique (%s), and its parts are filled differently", c.Table.Name, c.Name, constraint)
		return
	}
	f, err := gen.Unique(n.Fill, c.Table.key.Derive("column", c.Name), c.Table.Rows)
	if err != nil {
		b.problem(c.pos(), "", "%s.%s must be unique (%s): %v", c.Table.Name, c.Name, constraint, err)
		return
	}
	n.Fill = f
	c.Unique = true
}

// distinctByPart tells whether a column refers, in each part that is not null, to one row for each row.
func distinctByPart(c *Column) bool {
	if c.Link == nil {
		return false
	}
	seen := 0
	for _, n := range c.Link.Nodes {
		if _, null := n.Fill.(nullRow); null {
			continue
		}
		seen++
		if len(n.Inputs) != 1 || len(n.Inputs[0].Links) != 0 || !isOwnRow(n.Inputs[0].Column) {
			return false
		}
	}
	return seen == 1
}

func isOwnRow(c *Column) bool {
	return slices.ContainsFunc(c.Nodes, func(n *Node) bool { _, ok := n.Fill.(ownRow); return ok })
}

// uniqueSet makes several columns unique together. Where one of them is distinct by itself there is
// nothing to do; else those that can be numbered are drawn together, from a keyed bijection over the
// product of their values.
func (b *builder) uniqueSet(t *Table, names []string, at blueprint.Pos) {
	if t.Rows <= 1 {
		return
	}
	var members []*Column
	card := uint64(1)
	for _, name := range names {
		c := t.byName[name]
		if c == nil || c.state != compiled {
			return // reported elsewhere
		}
		if c.Unique || distinctByPart(c) {
			return
		}
		if c.Link != nil {
			c = c.Link
		}
		n := c.Shared()
		if n == nil {
			continue
		}
		ix, ok := n.Fill.(gen.Indexed)
		if !ok || ix.Card() == 0 || len(n.Inputs) > 0 {
			continue
		}
		if _, taken := n.Fill.(*joint); taken {
			continue
		}
		members = append(members, c)
		card = satMul(card, ix.Card())
	}
	if card < uint64(t.Rows) {
		b.problem(at, "", "%s: %d rows must be distinct in (%s) together, and there are at most %d combinations", t.Name, t.Rows, strings.Join(names, ", "), card)
		return
	}
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	perm := rng.NewPerm(t.key.Derive(append([]string{"unique"}, sorted...)...), card)
	div := uint64(1)
	for _, c := range members {
		n := c.Shared()
		ix := n.Fill.(gen.Indexed)
		n.Fill = &joint{Indexed: ix, perm: &perm, div: div, rows: uint64(t.Rows)}
		div = satMul(div, ix.Card())
	}
}

const maxCard = 1 << 62

func satMul(a, b uint64) uint64 {
	if b != 0 && a > maxCard/b {
		return maxCard
	}
	return a * b
}

// joint is one member of columns that are unique together: a digit of the row's place in a keyed
// permutation of all combinations.
type joint struct {
	gen.Indexed
	perm *rng.Perm
	div  uint64
	rows uint64
}

func (f *joint) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		at := f.perm.At((uint64(s.Rows.At(i)) + uint64(s.Attempt)*f.rows) % f.perm.Len())
		f.AppendIndex(dst, at/f.div%f.Card(), s.Scratch)
	}
	return nil
}
func (f *joint) String() string { return f.Indexed.String() + ", unique together with others" }
func (f *joint) Rules() []gen.Rule {
	if r, ok := f.Indexed.(gen.Ruled); ok {
		return r.Rules()
	}
	return nil
}
