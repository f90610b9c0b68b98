package plan

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// joinFew joins the chosen members.
func (b *builder) joinFew(s *together, all drawable, rows int64, part int) {
	few := s.chosen(all, rows, part)
	b.noteWeights(s, few, part)
	b.join(s, few, rows, part)
}

// noteWeights tells which columns lose their weights.
func (b *builder) noteWeights(s *together, all drawable, part int) {
	for _, c := range all.columns {
		if s.node(c, part).weighted() {
			b.notice("%s.%s: its weights give way, since it is unique together with others (%s)", s.table.Name, c.Name, s.list())
		}
	}
}

// weighted tells whether some of the node's values are to come more often than others.
func (n *Node) weighted() bool { return n.facts().Weighted }

// join draws columns together, over all rows of the table or those of a part.
func (b *builder) join(s *together, all drawable, rows int64, part int) {
	key := s.table.key.Derive(append([]string{"unique"}, s.sorted()...)...)
	if part >= 0 {
		key = key.Derive("part", s.table.Parts[part].Name)
	}
	of := &combination{at: newBijection(key, all.card, rows)}
	b.give(s, of, all, key, nil, part)
	if part <= 0 {
		b.placeGiven(s, of, rows)
	}
}

// give lets columns and spaces be digits of a combination's number, or of what fans make of it.
func (b *builder) give(s *together, of *combination, all drawable, key rng.Key, fans []*fan, part int) {
	div := uint64(1)
	for _, u := range all.units {
		u.give(s, place{of, div, fans}, key, part)
		of.members = append(of.members, u.drawn()...)
		of.digits = append(of.digits, digit{unit: u, div: div})
		div = satMul(div, u.card())
	}
	for _, sp := range all.spaces {
		div = b.joinSpace(s, place{of, div, fans}, sp, key, part)
	}
	for _, c := range all.columns {
		n := s.own(c, part)
		ix := n.Fill.(gen.Indexed)
		j := &joint{Indexed: ix, place: place{of, div, fans}}
		of.members = append(of.members, c)
		of.digits = append(of.digits, digit{column: c, joint: j})
		n.Fill, n.joint = j, of
		if ix.Card() > maxCard/div { // the permutation covers a part of its values: let it be any of them
			perm := rng.NewPerm(key.Derive("spread", c.Name), ix.Card())
			j.spread = &perm
			break // the others are free
		}
		div *= ix.Card()
	}
}

// joinSpace draws the links of a space together with others, and gives the next digit's unit.
func (b *builder) joinSpace(s *together, at place, sp *space, key rng.Key, part int) uint64 {
	var names []string
	for _, link := range sp.links {
		names = append(names, link.Name)
	}
	sp.key = key.Derive(append([]string{"alike"}, names...)...)
	at.of.digits = append(at.of.digits, digit{space: sp, div: at.div})
	for k, link := range sp.links {
		n := s.own(link, part)
		if n.ref != nil && n.ref.Pick == "zipf" {
			b.notice("%s.%s: its weights give way, since it is unique together with others (%s)", s.table.Name, strings.TrimSuffix(link.Name, " (row)"), s.list())
		}
		n.Fill = n.wrap(&spaceJoint{place: at, space: sp, at: k, text: n.raw.String()})
		n.joint = at.of
		at.of.members = append(at.of.members, link)
	}
	if sp.card > maxCard/at.div {
		return maxCard
	}
	return at.div * sp.card
}

// placeGiven gives fixed rows the combination that their cells make.
func (b *builder) placeGiven(s *together, of *combination, rows int64) {
	made := map[string]string{} // combination -> fixed row
	for i, f := range s.table.spec.Fixed {
		row := int64(i)
		if row >= rows {
			return
		}
		number, known, null := of.combined(row)
		text := fmt.Sprint(number)
		switch {
		case null:
			continue
		case !known:
			all := true
			for _, c := range s.columns {
				if cell := c.FixedCell(row); cell != nil {
					text += fmt.Sprintf(" %q", cell.String(0))
				} else {
					all = false
				}
			}
			if !all {
				b.problemIn(s.table, f.Pos, "give all of these columns, or such values as their generators give", "%s: the fixed row %s gives a part of (%s), which are unique together, and with a value that no other row has", s.table.Name, f.Name, s.list())
				continue
			}
		default:
			of.at.place(uint64(row), number)
		}
		if other, twice := made[text]; twice {
			b.problemIn(s.table, f.Pos, "", "%s: the fixed rows %s and %s have the same in (%s), which are unique together", s.table.Name, other, f.Name, s.list())
			continue
		}
		made[text] = f.Name
	}
}
