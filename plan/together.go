package plan

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// sawTo tells whether the caller sees to a unique index that the plan does not look at.
func (b *builder) sawTo(u *schema.Unique) bool {
	return b.plan.options.SawTo != nil && b.plan.options.SawTo(u)
}

// uniqueSets makes the blueprint's and the database's uniques over several columns true, and looks at
// what else must be distinct.
func (b *builder) uniqueSets(t *Table) {
	var sets []*together
	for _, u := range t.spec.Unique {
		sets = append(sets, &together{table: t, names: u.Columns, at: u.Pos, pair: u.Pair, index: u.Index})
	}
	if t.Schema != nil {
		for _, u := range t.Schema.Uniques {
			s := &together{table: t, at: t.spec.Pos, constraint: u.Name}
			switch {
			case t.namedIndex(u): // the blueprint's set
			case len(u.Columns) == 0 && b.sawTo(u):
			case len(u.Columns) == 0:
				b.notice("%s: the unique index %s is over expressions (%s), which the plan does not look at: the database may refuse rows", t.Name, u.Name, strings.Join(u.Expressions, ", "))
			case u.Where != "":
				if s.names = u.Columns; t.Rows > 1 && !s.settled(b) && !b.sawTo(u) {
					b.notice("%s: the unique index %s over (%s) holds where %s, which the plan does not look at: the database may refuse rows", t.Name, u.Name, strings.Join(u.Columns, ", "), u.Where)
				}
			case u.NullsNotDistinct:
				if s.names = b.neverNull(t, u.Columns, u.Name); len(s.names) > 1 || len(s.names) == 1 && len(u.Columns) > 1 {
					sets = append(sets, s)
				}
			case len(u.Columns) > 1 && t.written(u.Columns, &s.names):
				sets = append(sets, s)
			}
		}
	}
	for _, c := range t.Columns {
		if c.wantsUniqueMatch() {
			s := &together{table: t, names: []string{c.Name}, at: c.pos(), unique: c.Name}
			if s.find() {
				b.drawSet(s)
			}
		}
	}
	b.drawSets(t, leastOf(sets))
	for _, c := range t.Columns {
		if c.Unique && c.state == compiled {
			b.avoidGiven(c)
		}
	}
}

// written gives those of a unique's columns that the plan fills, where it is they that must be distinct:
// a column that the database fills with keys makes rows distinct, one that it leaves null does too, and
// one with a default for all rows does not count.
func (t *Table) written(names []string, out *[]string) bool {
	for _, name := range names {
		if c := t.byName[name]; c != nil && (c.Spec == nil || !c.Spec.Virtual) {
			*out = append(*out, name)
			continue
		}
		sc := t.Schema.Column(name)
		literal := sc != nil && sc.Sequence == "" && sc.Identity == "" && sqlexpr.Fixed(sc.Default, false)
		if !literal {
			return false
		}
	}
	return len(*out) > 0
}

// neverNull gives those columns of a unique, to which all nulls are the same, that are null in no row: rows
// that differ in these differ. Where there are none, or a column is not filled, that is reported, or nothing
// is asked for.
func (b *builder) neverNull(t *Table, names []string, constraint string) (out []string) {
	null, why := (*Column)(nil), ""
	for _, name := range names {
		c := t.byName[name]
		if c == nil { // the database gives it the same value in all rows, or a key
			if sc := t.Schema.Column(name); sc != nil && (sc.Sequence != "" || sc.Identity != "" || sc.Generated) {
				return nil
			}
			continue
		}
		if c.state != compiled {
			return nil
		}
		if w := c.null(); w != "" {
			null, why = c, w
			continue
		}
		out = append(out, name)
	}
	if len(out) == 0 && null != nil && t.Rows > 1 {
		p := b.problemOn(null, null.pos(), "", "%s.%s must be unique with nulls counted as equal (%s), and it is null: %s", t.Name, null.Name, constraint, why)
		p.HasMost, p.Most = true, 1
		p.Cause = &blueprint.Cause{Kind: blueprint.NullsEqual, Columns: names}
	}
	return out
}

// together is a set of columns that are unique together.
type together struct {
	table      *Table
	names      []string
	at         blueprint.Pos
	unique     string // the column that says of itself that it is unique; "" where a set is asked for
	constraint string // the database's name of it, where it is the database that wants it
	columns    []*Column
	pair       *blueprint.Pair // two of the columns; nil for none
	index      string          // the database's unique over expressions of the columns; "" for none
}

// list names the set's columns, and sorted does in the order of their names.
func (s *together) list() string     { return strings.Join(s.names, ", ") }
func (s *together) sorted() []string { return slices.Sorted(slices.Values(s.names)) }

// within tells whether all of the set's columns are among names.
func (s *together) within(names []string) bool {
	return !slices.ContainsFunc(s.names, func(name string) bool { return !slices.Contains(names, name) })
}

// find gives the set's columns; false where one of them could not be compiled, which is reported.
func (s *together) find() bool {
	s.columns = nil
	for _, name := range s.names {
		c := s.table.byName[name]
		if c == nil || c.state != compiled {
			return false
		}
		s.columns = append(s.columns, c)
	}
	return true
}

// settled tells whether the rows are distinct by one column in each part, and between parts by one that
// is never the same in both. A row with a null in it is distinct.
func (s *together) settled(b *builder) bool {
	if !s.find() || s.table.Rows == 0 || s.table.Rows == 1 && s.pair == nil {
		return true
	}
	for i := range s.table.Parts {
		if !s.distinctWithin(i) {
			return false
		}
	}
	return s.apart()
}

func (s *together) distinctWithin(i int) bool {
	if s.index != "" {
		return s.table.Parts[i].Rows <= 1
	}
	if s.pair != nil { // even of a single row the two differ
		return s.table.Parts[i].Rows == 0 || slices.ContainsFunc(s.columns, func(c *Column) bool { return c.nullPart(i) })
	}
	if s.table.Parts[i].Rows <= 1 || slices.ContainsFunc(s.columns, func(c *Column) bool {
		return c.Unique || c.nullPart(i) || len(c.givenIn(i)) == 0 && c.Nodes[i].isDistinct()
	}) {
		return true
	}
	given := slices.ContainsFunc(s.columns, func(c *Column) bool { return len(c.givenIn(i)) > 0 })
	return !given && slices.ContainsFunc(s.tellsIn(i), func(l *Column) bool { return l.Nodes[i].isDistinct() || s.numbers(l, i) })
}

// numbers tells whether one of the columns numbers the rows of each parent that a link leads to.
func (s *together) numbers(link *Column, part int) bool {
	for n := link.Nodes[part]; n.copies() && len(n.Inputs[0].Links) == 0; n = link.Nodes[part] {
		link = n.Inputs[0].Column
	}
	return slices.ContainsFunc(s.columns, func(c *Column) bool {
		n := c.Nodes[part]
		_, ok := n.raw.(gen.Numbering)
		return (ok || gen.Differing(n.raw) != nil) && n.nulls == 0 && n.When == nil && len(c.fixed) == 0 && n.kin.link == link
	})
}

func (s *together) apart() bool {
	for i := range s.table.Parts {
		for j := range i {
			if !slices.ContainsFunc(s.columns, func(c *Column) bool {
				if s.index != "" {
					return c.nullPart(i) || c.nullPart(j)
				}
				if s.unordered() && (c.Name == s.pair.Left || c.Name == s.pair.Right) {
					return c.nullPart(i) || c.nullPart(j)
				}
				return c.Unique || c.apart(j, i)
			}) {
				return false
			}
		}
	}
	return true
}

// numbered gives what of the set can be drawn together: over the whole table for part -1, else in a part.
func (s *together) numbered(b *builder, part int) (out drawable) {
	out.card = 1
	var trees []*Column
	var ok bool
	if out.units, ok = s.units(b, part); !ok {
		return drawable{}
	}
	tells := s.tells(part)
	for _, c := range s.drawn(tells) {
		if slices.ContainsFunc(out.units, func(u unit) bool { return slices.Contains(u.drawn(), c) }) {
			continue
		}
		n := c.Shared()
		if part >= 0 {
			n = c.Nodes[part]
		}
		switch {
		case n == nil || n.joint != nil:
			continue
		case n.match != nil:
			trees = append(trees, c)
			continue
		}
		if n.Local && part < 0 && len(s.table.Parts) > 1 || len(n.Inputs) > 0 || n.When != nil {
			continue
		}
		if ix, ok := n.Fill.(gen.Indexed); ok && ix.Card() > 0 {
			out.columns = append(out.columns, c)
		}
	}
	if len(trees) > 0 {
		s.numberTrees(b, part, trees, tells, &out)
	}
	for _, u := range out.units {
		out.card = satMul(out.card, u.card())
	}
	for _, sp := range out.spaces {
		out.card = satMul(out.card, sp.card)
	}
	for _, c := range out.columns {
		out.card = satMul(out.card, s.node(c, part).Fill.(gen.Indexed).Card())
	}
	return out
}

// numberTrees finds the spaces of links that match, and takes the columns that are part of them.
func (s *together) numberTrees(b *builder, part int, trees, tells []*Column, out *drawable) {
	at := max(part, 0)
	byFirst := map[*Column][]*Column{}
	var firsts []*Column
	for _, link := range trees {
		first := link
		for n := first.Nodes[at]; n.match != nil && n.match.leaders[at] != nil; n = first.Nodes[at] {
			first = n.match.leaders[at]
		}
		if part < 0 && first.Shared() == nil {
			continue
		}
		if byFirst[first] == nil {
			firsts = append(firsts, first)
		}
		byFirst[first] = append(byFirst[first], link)
	}
	for _, first := range firsts {
		wanted := byFirst[first]
		if slices.Contains(tells, first) && !slices.Contains(wanted, first) {
			wanted = append([]*Column{first}, wanted...)
		}
		for n := len(wanted); n > 0; n-- { // too many combinations: some will do
			if sp := b.newSpace(s.table, at, wanted[:n]); sp != nil {
				out.spaces = append(out.spaces, sp)
				out.columns = slices.DeleteFunc(out.columns, func(c *Column) bool { return slices.Contains(sp.links, c) })
				break
			}
		}
	}
}

// node gives the node of a column in a part, or the one of all parts for -1.
func (s *together) node(c *Column, part int) *Node { return c.Nodes[max(part, 0)] }

// own gives a column its own node in a part, where other parts may share it.
func (s *together) own(c *Column, part int) *Node {
	n := s.node(c, part)
	if part < 0 || n.Local {
		return n
	}
	own := *n
	own.Local = true
	c.Nodes[part] = &own
	return &own
}

// uniqueSet makes several columns unique together. Where one of them is distinct by itself there is
// nothing to do; else those that can be numbered are drawn together, from a keyed bijection over the
// product of their values: in the whole table, or else in each part.
func (b *builder) uniqueSet(s *together) {
	if !s.settled(b) {
		b.drawSet(s)
	}
}
