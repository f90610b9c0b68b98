package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// followParent settles how many rows a part has that follows a parent.
func (b *builder) followParent(t *Table, p *Part, ps *blueprint.Part) {
	c := ps.Counts
	if c == nil {
		p.Rows = p.Each.Rows
		return
	}
	if t.Triggered {
		b.problemIn(t, ps.Pos, "leave the counts out", "%s: part %s: triggers make its rows, one for each row of %s", t.Name, ps.Name, ps.Each)
		return
	}
	parents, total := p.Each.Rows, c.Rows
	if len(c.Shares) > 0 {
		b.dealOut(t, p, ps)
		return
	}
	least, most := satMul(uint64(parents), uint64(c.Min)), min(satMul(uint64(parents), uint64(c.Max)), uint64(mostRows))
	switch {
	case total >= 0:
	case c.Mean > 0:
		total = int64(math.Round(float64(parents) * c.Mean))
	case c.Distribution == "":
		total = int64((least + most) / 2)
	}
	if total >= 0 && (uint64(total) < least || uint64(total) > most) {
		problem := b.problemIn(t, ps.Pos, fmt.Sprintf("write rows between %d and %d, or change min, max or the rows of %s", least, most, ps.Each),
			"%s: part %s: %d rows over %d rows of %s with %s each is impossible: between %d and %d rows fit", t.Name, ps.Name, total, parents, ps.Each, eachText(c), least, most)
		problem.HasMost, problem.Most = true, int64(most)
		return
	}
	key := t.key.Derive("each", ps.Name)
	if c.Distribution == "" {
		s, err := rng.NewSplit(key, parents, total, c.Min, c.Max)
		if err != nil {
			b.problemIn(t, ps.Pos, "lower the rows", "%s: part %s: %v", t.Name, ps.Name, err)
			return
		}
		p.Rows, p.Among = total, &gen.Siblings{Family: s, Least: c.Min, Most: min(c.Max, total)}
		return
	}
	kinds, has := mixture(parents, total, c)
	m, err := rng.NewMixture(key, kinds, has)
	if err != nil {
		b.problemIn(t, ps.Pos, "lower the rows", "%s: part %s: %v", t.Name, ps.Name, err)
		return
	}
	p.Rows, p.Among = m.Total(), &gen.Siblings{Family: m, Least: c.Min, Most: min(c.Max, m.Total())}
}

// dealOut settles the rows of a part that are shared out among those of a parent.
func (b *builder) dealOut(t *Table, p *Part, ps *blueprint.Part) {
	c := ps.Counts
	if int64(len(c.Shares)) != p.Each.Rows {
		b.problemIn(t, ps.Pos, "write a share for each row", "%s: part %s: there are %d shares and %d rows of %s", t.Name, ps.Name, len(c.Shares), p.Each.Rows, ps.Each)
		return
	}
	weights := make([]uint64, len(c.Shares))
	for i, w := range c.Shares {
		weights[i] = uint64(float64(w*1e6) + 0.5)
	}
	counts := rng.Apportion(c.Rows, weights)
	p.Rows, p.Among = c.Rows, &gen.Siblings{Family: rng.NewDealt(counts), Least: slices.Min(counts), Most: slices.Max(counts)}
}

// eachText says how many rows there are for each row of a parent.
func eachText(c *blueprint.EachCounts) string {
	if c.Max == math.MaxInt64 {
		return fmt.Sprintf("%d or more", c.Min)
	}
	return fmt.Sprintf("%d to %d", c.Min, c.Max)
}

// mixture gives the numbers of rows that parents have, and how many parents have each of them: by the distribution, and
// where a total is given (0 or more) tilted until it comes out.
func mixture(parents, total int64, c *blueprint.EachCounts) (kinds, has []int64) {
	for k := c.Min; k <= c.Max; k++ {
		kinds = append(kinds, k)
	}
	weigh := func(tilt float64) []int64 {
		w := make([]float64, len(kinds))
		var sum float64
		for j := range w {
			switch c.Distribution {
			case "geometric":
				w[j] = math.Ldexp(1, -j)
			case "zipf":
				w[j] = 1 / float64(j+1)
			default:
				w[j] = 1
			}
			// Tilted towards either end, so that nothing grows beyond bounds.
			if tilt < 0 {
				w[j] = float64(w[j] * rng.Exp(float64(tilt*float64(j))))
			} else {
				w[j] = float64(w[j] * rng.Exp(float64(tilt*float64(j-len(w)+1))))
			}
			sum += w[j]
		}
		weights := make([]uint64, len(w))
		for j := range w {
			weights[j] = uint64(float64(w[j]/sum) * (1 << 40))
		}
		return rng.Apportion(parents, weights)
	}
	if total < 0 {
		return kinds, weigh(0)
	}
	lo, hi := -60.0, 60.0
	for range 80 {
		mid := (lo + hi) / 2
		if has = weigh(mid); sumOf(kinds, has) < total {
			lo = mid
		} else {
			hi = mid
		}
	}
	// What is left over goes one by one from a number to the next.
	for rest := total - sumOf(kinds, has); rest != 0; {
		step := 1
		if rest < 0 {
			step = -1
		}
		for j := range kinds {
			if to := j + step; to >= 0 && to < len(kinds) && has[j] > 0 && rest != 0 {
				n := min(has[j], max(rest, -rest))
				has[j], has[to], rest = has[j]-n, has[to]+n, rest-n*int64(step)
			}
		}
	}
	return kinds, has
}

func sumOf(kinds, has []int64) (sum int64) {
	for j, k := range kinds {
		sum += k * has[j]
	}
	return sum
}

// kinship is a way by which rows of a table are known from their parents.
type kinship struct {
	table *Table
	name  string  // of the part or column
	link  *Column // of the parents' row numbers
	part  int     // whose rows they are; -1: all of the table's
}

// among gives the siblings; nil where nobody can ask parents for their rows.
func (k *kinship) among() *gen.Siblings {
	n := k.link.Nodes[max(k.part, 0)]
	if _, ok := n.Fill.(ownRow); ok {
		return &gen.Siblings{Family: single(k.link.Target.Rows), Least: 1, Most: 1}
	}
	return gen.SiblingsOf(n.Fill)
}

// first is the number in the table of the first of the rows.
func (k *kinship) first() int64 {
	if k.part < 0 {
		return 0
	}
	return k.table.Parts[k.part].First
}

// single is the family of one child for each of so many parents.
type single int64

func (n single) Children(p int64) (first, count int64) { return p, 1 }
func (n single) Parent(i int64) (p, rank int64)        { return i, 0 }
func (n single) Bounds(dst []int64, from, to int64) []int64 {
	for p := from; p <= to; p++ {
		dst = append(dst, p)
	}
	return dst
}

// kin finds the way by which rows of t are known from rows of parent, any where it is nil: the one with the name, or the
// only one. Parts are looked at first.
func (b *builder) kin(t, parent *Table, name string, within *Part) (*kinship, error) {
	var found []*kinship
	var plain []string // columns that refer to the parent otherwise
	for i, p := range t.Parts {
		if p.link != nil && (parent == nil || p.Each == parent) && (name == "" || name == p.Name) && (within == nil || within == p) {
			found = append(found, &kinship{table: t, name: p.Name, link: p.link, part: i})
		}
	}
	parts := len(found)
	for _, spec := range t.spec.Columns {
		if parts > 0 && name == "" || name != "" && name != spec.Name {
			continue
		}
		for i, g := range b.generatorsOf(t, spec) {
			var r gen.Reference
			if g.Name != "reference" || within != nil && i >= 0 && t.Parts[i] != within {
				continue
			}
			d := b.plan.Blueprint.NewDecoder()
			if d.DecodeGenerator(g, &r); len(d.Problems()) > 0 || parent != nil && r.Table != parent.Name {
				continue
			}
			c := t.byName[spec.Name]
			if r.PerParent == nil {
				plain = append(plain, spec.Name)
				continue
			}
			if err := b.compile(c, nil); err != nil {
				return nil, err
			}
			k := &kinship{table: t, name: spec.Name, link: c.Link, part: i}
			if c.Link == nil || k.among() == nil {
				return nil, fmt.Errorf("the rows of %s are not known from %s.%s: it refers in another way in some rows", t.Name, t.Name, spec.Name)
			}
			found = append(found, k)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		var names []string
		for _, k := range found {
			names = append(names, k.name)
		}
		return nil, fmt.Errorf("rows of %s belong to others in several ways: name one of %s", t.Name, strings.Join(names, ", "))
	}
	return nil, b.noKin(t, parent, name, plain)
}

// noKin says that rows of a table are not known from their parents, and which line makes them so.
func (b *builder) noKin(t, parent *Table, name string, plain []string) error {
	if len(plain) == 0 {
		switch {
		case name != "":
			return fmt.Errorf("%s has no part with each, and no column that refers with per_parent, of the name %s", t.Name, name)
		case parent != nil:
			return fmt.Errorf("rows of %s belong to no row of %s: nothing in it refers to %s. Count them by it, as in parts: {owner: {each: {table: %s, max: 5}}}", t.Name, parent.Name, parent.Name, parent.Name)
		}
		return fmt.Errorf("rows of %s are not counted by their parents: write parts: {owner: {each: {table: a_table, max: 5}}}, or refer with per_parent", t.Name)
	}
	c := t.byName[plain[0]]
	to := "a_table"
	most := int64(5)
	for _, g := range b.generatorsOf(t, c.Spec) {
		var r gen.Reference
		if b.plan.Blueprint.NewDecoder().DecodeGenerator(g, &r); b.tables[r.Table] != nil {
			to = r.Table
			most = 3 * max((t.Rows+max(b.tables[to].Rows, 1)-1)/max(b.tables[to].Rows, 1), 1)
		}
	}
	return fmt.Errorf("each row of %s picks its %s by itself (%s), so that nobody can ask %s for its rows: write %s: {reference: {table: %s, per_parent: {max: %d}}}, or count the rows by their parents, parts: {owner: {each: {table: %s, max: %d}}}, with %s: {cell: owner.%s}",
		t.Name, to, c.Name, to, c.Name, to, most, to, most, c.Name, b.refColumn(c, b.tables[to]))
}

// generatorsOf gives the generators of a column by part, or the one of all parts under -1.
func (b *builder) generatorsOf(t *Table, spec *blueprint.Column) map[int]blueprint.Generator {
	if spec.Generator.Name != PartGenerator {
		return map[int]blueprint.Generator{-1: spec.Generator}
	}
	out := map[int]blueprint.Generator{}
	var cases blueprint.Ordered[blueprint.Generator]
	b.plan.Blueprint.NewDecoder().Decode(spec.Generator.Args, &cases)
	for _, e := range cases {
		if i := slices.IndexFunc(t.Parts, func(p *Part) bool { return p.Name == e.Key }); i >= 0 {
			out[i] = e.Value
		}
	}
	return out
}

// Siblings implements gen.Host.
func (h *host) Siblings(of string) (*gen.Siblings, error) {
	t := h.column.Table
	within := h.part
	if within == nil && len(t.Parts) == 1 {
		within = t.Parts[0]
	}
	k, err := h.kin(t, nil, of, within)
	if err != nil {
		return nil, err
	}
	if k.part >= 0 != h.node.Local && k.first() > 0 || k.part < 0 && h.node.Local && h.part.First > 0 {
		return nil, fmt.Errorf("%s is of other rows than this column's: say both of them under part, or neither", k.name)
	}
	h.node.kin = k
	h.kinships = append(h.kinships, named{h.column, k})
	return k.among(), nil
}

// named is a column that rests on a kinship.
type named struct {
	column *Column
	kin    *kinship
}

// kept reports columns that rest on rows which are not known from their parents any more: references that match
// others take the place of exact ones.
func (b *builder) kept() {
	for _, x := range b.kinships {
		if x.column.state == compiled && x.kin.among() == nil {
			b.problemOn(x.column, x.column.pos(), "", "%s.%s: the rows of %s are not known from %s, which refers to parents that others must agree with",
				x.column.Table.Name, x.column.Name, x.kin.table.Name, x.kin.name)
		}
	}
}
