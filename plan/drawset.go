package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/gen"
)

// drawable is what of a set can be drawn together: columns, or their row numbers, whose values are
// numbered, and spaces of row numbers that match.
type drawable struct {
	columns []*Column
	spaces  []*space
	units   []unit
	card    uint64 // of all of them; 0 where the set has a unit that cannot be numbered
}

func (b *builder) drawSet(s *together) {
	t := s.table
	all := s.numbered(b, -1)
	if all.card >= uint64(t.Rows) {
		b.joinFew(s, all, t.Rows, -1)
		return
	}
	if len(t.Parts) > 1 && s.apart() {
		fits := true
		for i, p := range t.Parts {
			fits = fits && (s.distinctWithin(i) || s.numbered(b, i).card >= uint64(p.Rows))
		}
		if fits {
			for i, p := range t.Parts {
				if !s.distinctWithin(i) {
					b.joinFew(s, s.numbered(b, i), p.Rows, i)
				}
			}
			return
		}
	}
	if b.derivedSet(s) {
		return
	}
	part := -1
	if len(t.Parts) > 1 && s.apart() {
		for i, p := range t.Parts {
			if part < 0 && !s.distinctWithin(i) && s.numbered(b, i).card < uint64(p.Rows) {
				part = i
			}
		}
	}
	lower := fmt.Sprintf("lower the rows of %s", t.Name)
	if len(all.columns) == len(s.columns) || len(all.units) > 0 {
		lower += fmt.Sprintf(" to %d", all.card)
	}
	text, cause := s.impossible(all)
	p := b.problemIn(s.table, s.at, lower+", or widen the values of these columns", "%s", text)
	p.Column, p.HasMost, p.Most, p.Cause = s.unique, cause.Kind != blueprint.NoUnit, int64(all.card), cause
	if part >= 0 {
		p.Part, p.Most = t.Parts[part].Name, int64(s.numbered(b, part).card)
	}
}

// impossible says why a set cannot be distinct.
func (s *together) impossible(all drawable) (string, *blueprint.Cause) {
	cause := &blueprint.Cause{Kind: blueprint.TooFewValues, Columns: s.names}
	if len(all.spaces) > 0 {
		cause.Kind = blueprint.NothingMatches
	}
	if all.card == 0 && s.index != "" {
		cause.Kind = blueprint.NoUnit
		return fmt.Sprintf("%s: rows must be distinct in %s (%s), whose values cannot be numbered beforehand: each of its expressions reads one column, whose values are numbered, without nulls",
			s.table.Name, s.index, strings.Join(s.table.indexed(s.index), ", ")), cause
	}
	if len(all.units) == 0 && s.pair != nil {
		cause.Kind = blueprint.NoUnit
		return fmt.Sprintf("%s: %s and %s are to be pairs (%s), and their values are not numbered alike: both are the same reference, or the same generator, in all rows and without nulls",
			s.table.Name, s.pair.Left, s.pair.Right, s.list()), cause
	}
	members := slices.Clone(all.columns)
	out := fmt.Sprintf("%s: %d rows must be distinct in (%s) together", s.table.Name, s.table.Rows, s.list())
	if s.constraint != "" {
		out += " (" + s.constraint + ")"
	}
	var product []string
	for _, c := range members {
		n := c.Shared().Fill.(gen.Indexed).Card()
		if c.Target != nil {
			product = append(product, fmt.Sprintf("%d %s", n, c.Target.Name))
		} else {
			product = append(product, fmt.Sprintf("%d values of %s", n, c.Name))
			cause.Counted = append(cause.Counted, c.Name)
		}
	}
	for _, sp := range all.spaces {
		product = append(product, sp.describe())
		members = append(members, sp.links...)
	}
	for _, u := range all.units {
		product = append(product, u.describe())
		members = append(members, u.drawn()...)
		for _, c := range u.drawn() {
			if c.Target == nil {
				cause.Counted = append(cause.Counted, c.Name)
			}
		}
	}
	switch len(product) {
	case 0:
	case 1:
		out += fmt.Sprintf(", and there are %s", product[0])
	default:
		out += fmt.Sprintf(", and %s give at most %d", strings.Join(product, " x "), all.card)
	}
	for _, c := range s.columns {
		if slices.Contains(members, c) || c.Link != nil && slices.Contains(members, c.Link) || s.follows(c, members) {
			continue
		}
		why := "differs from part to part"
		drawn := c
		if c.Link != nil {
			drawn = c.Link
		}
		if n := drawn.Shared(); n != nil {
			why = n.Fill.String()
			if n.joint == nil {
				if d, ok := c.Shared(), c.Shared() != nil; ok {
					why = d.Fill.String()
				}
			}
		}
		out += fmt.Sprintf("; %s (%s) cannot be drawn without repetition", c.Name, why)
		cause.Repeats = append(cause.Repeats, c.Name)
	}
	return out, cause
}

// chosen gives those members that are drawn for so many rows: not those of unequal weights, which they would lose,
// nor the spaces, nor what a part shares with others, unless they are needed.
func (s *together) chosen(all drawable, rows int64, part int) drawable {
	own := drawable{card: all.card, columns: all.columns, spaces: all.spaces, units: all.units}
	if part >= 0 {
		shared := map[*Node]bool{}
		for _, c := range all.columns {
			shared[c.Nodes[part]] = !c.Nodes[part].Local
		}
		if own = s.without(all, shared, part); own.card < uint64(rows) {
			own = all
		}
	}
	even := drawable{card: 1, units: own.units}
	for _, u := range own.units {
		even.card = satMul(even.card, u.card())
	}
	for _, c := range own.columns {
		if n := s.node(c, part); !n.weighted() {
			even.columns, even.card = append(even.columns, c), satMul(even.card, n.Fill.(gen.Indexed).Card())
		}
	}
	for _, sp := range own.spaces {
		if even.card < uint64(rows) {
			even.spaces, even.card = append(even.spaces, sp), satMul(even.card, sp.card)
		}
	}
	if even.card >= uint64(rows) {
		return even
	}
	return own
}
