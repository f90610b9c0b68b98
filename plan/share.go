package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// Several sets of columns may share some, as (match, player) and (match, team, place) do. Drawn one after another, the
// second would find the shared columns taken. They are drawn as one combination instead: what all sets have is its
// core, and each core has so many slots; in each slot, every set has a combination of its other columns that no other
// slot of the core has. So rows differ in each set: in the core or else in the slot.

// layout is a way to draw sets that share columns.
type layout struct {
	sets  []*together
	core  drawable
	slots uint64    // of each combination of the core
	below []*layout // those sets, without the core, that share columns with one another
}

// total is the number of combinations.
func (l *layout) total() uint64 { return satMul(l.core.card, l.slots) }

// way is a layout of the whole table, for part -1, or of a part.
type way struct {
	layout *layout
	rows   int64
	part   int
}

// drawSets makes sets unique, those that need it.
func (b *builder) drawSets(t *Table, sets []*together) {
	open := slices.DeleteFunc(slices.Clone(sets), func(s *together) bool { return s.settled(b) })
	slices.SortStableFunc(open, func(x, y *together) int { return -cmp.Compare(x.kind(), y.kind()) })
	if len(open) > 1 {
		open = slices.DeleteFunc(open, func(s *together) bool {
			if b.ways([]*together{s}) != nil {
				return false
			}
			b.drawSet(s) // which reports it
			return true
		})
	}
	if len(open) < 2 || b.oneByOne(open) || !b.drawShared(open) {
		for _, s := range open {
			b.uniqueSet(s)
		}
	}
}

// oneByOne tells whether the sets can be drawn one after another, each of columns of its own.
func (b *builder) oneByOne(sets []*together) bool {
	t := sets[0].table
	taken := make([]map[*Node]bool, len(t.Parts))
	for i := range taken {
		taken[i] = map[*Node]bool{}
	}
	fits := func(s *together, rows int64, part int) bool {
		left, in := s.numbered(b, part), taken
		if part >= 0 {
			in = taken[part : part+1]
		}
		for _, nodes := range in {
			left = s.without(left, nodes, part)
		}
		chosen := s.chosen(left, rows, part)
		if chosen.card < uint64(rows) || chosen.card == 0 {
			return false
		}
		for _, n := range s.nodes(chosen, part) {
			for _, nodes := range in {
				nodes[n] = true
			}
		}
		return true
	}
	for _, s := range sets {
		if fits(s, t.Rows, -1) {
			continue
		}
		if len(t.Parts) == 1 || !s.apart() {
			return false
		}
		for i, p := range t.Parts {
			if !s.distinctWithin(i) && !fits(s, p.Rows, i) {
				return false
			}
		}
	}
	return true
}

// nodes gives the nodes of what is drawn.
func (s *together) nodes(all drawable, part int) (out []*Node) {
	for _, c := range all.columns {
		out = append(out, s.node(c, part))
	}
	for _, sp := range all.spaces {
		for _, link := range sp.links {
			out = append(out, s.node(link, part))
		}
	}
	for _, u := range all.units {
		for _, c := range u.drawn() {
			out = append(out, s.node(c, part))
		}
	}
	return out
}

// without gives what is left where some nodes are taken.
func (s *together) without(all drawable, taken map[*Node]bool, part int) drawable {
	out := drawable{card: 1}
	for _, c := range all.columns {
		if n := s.node(c, part); !taken[n] {
			out.columns, out.card = append(out.columns, c), satMul(out.card, n.Fill.(gen.Indexed).Card())
		}
	}
	for _, sp := range all.spaces {
		if !slices.ContainsFunc(sp.links, func(l *Column) bool { return taken[s.node(l, part)] }) {
			out.spaces, out.card = append(out.spaces, sp), satMul(out.card, sp.card)
		}
	}
	for _, u := range all.units {
		if slices.ContainsFunc(u.drawn(), func(c *Column) bool { return taken[s.node(c, part)] }) {
			return drawable{} // nothing else takes its place
		}
		out.units, out.card = append(out.units, u), satMul(out.card, u.card())
	}
	return out
}

// drawShared draws as many of the sets as one combination as it can, and leaves the others to be held by drawing
// again. False where there is no such way: then nothing is drawn.
func (b *builder) drawShared(sets []*together) bool {
	t := sets[0].table
	if len(t.spec.Fixed) > 0 {
		return false // whose cells would have to be found in slots
	}
	var kept, rest []*together
	for _, s := range sets {
		if b.ways(append(slices.Clone(kept), s)) != nil {
			kept = append(kept, s)
		} else {
			rest = append(rest, s)
		}
	}
	if len(rest) > 0 && t.Rows > mostRedrawn {
		p := b.problemIn(t, rest[0].at, fmt.Sprintf("lower the rows of %s", t.Name), "%s: rows must be distinct in (%s), which shares columns with other sets: that is held by looking at all rows, and %d are more than %d", t.Name, rest[0].list(), t.Rows, mostRedrawn)
		p.HasMost, p.Most, p.Cause = true, mostRedrawn, about(rest[0].names)
		return true
	}
	b.rest = append(b.rest, rest...)
	for _, w := range b.ways(kept) {
		b.follow(w)
	}
	return true
}

// ways finds layouts with room for all rows: one of the whole table, or else one of each part. It is nil where there
// are none.
func (b *builder) ways(sets []*together) []way {
	t := sets[0].table
	if l := b.roomy(sets, t.Rows, -1); l != nil {
		return []way{{l, t.Rows, -1}}
	}
	if len(t.Parts) == 1 || slices.ContainsFunc(sets, func(s *together) bool { return !s.apart() }) {
		return nil
	}
	var out []way
	for i, p := range t.Parts {
		open := slices.DeleteFunc(slices.Clone(sets), func(s *together) bool { return s.distinctWithin(i) })
		if len(open) == 0 {
			continue
		}
		l := b.roomy(open, p.Rows, i)
		if l == nil {
			return nil
		}
		out = append(out, way{l, p.Rows, i})
	}
	return out
}

// roomy finds a layout with room for so many rows, if it can without columns whose weights would be lost.
func (b *builder) roomy(sets []*together, rows int64, part int) *layout {
	for _, even := range []bool{true, false} {
		if l := b.lay(sets, part, even); l != nil && l.total() >= uint64(rows) && l.total() > 0 {
			return l
		}
	}
	return nil
}

// lay finds a layout of the sets, or nil.
func (b *builder) lay(sets []*together, part int, even bool) *layout {
	all := make([]drawable, len(sets))
	for i, s := range sets {
		all[i] = s.numbered(b, part)
		if even {
			weighted := map[*Node]bool{}
			for _, c := range all[i].columns {
				weighted[s.node(c, part)] = s.node(c, part).weighted()
			}
			all[i] = s.without(all[i], weighted, part)
		}
		if all[i].card == 0 {
			return nil
		}
	}
	return layOut(sets, all, part)
}

func layOut(sets []*together, all []drawable, part int) *layout {
	l := &layout{sets: sets, core: all[0], slots: 1}
	if len(sets) == 1 {
		return l
	}
	core := map[*Node]bool{}
	for _, c := range all[0].columns {
		n := sets[0].node(c, part)
		core[n] = !slices.ContainsFunc(all, func(o drawable) bool { return !slices.Contains(o.columns, c) })
	}
	l.core = drawable{card: 1}
	for _, c := range all[0].columns {
		if n := sets[0].node(c, part); core[n] {
			l.core.columns, l.core.card = append(l.core.columns, c), satMul(l.core.card, n.Fill.(gen.Indexed).Card())
		}
	}
	if len(l.core.columns) == 0 {
		return nil
	}
	left := make([]drawable, len(all))
	for i, s := range sets {
		left[i] = s.without(all[i], core, part)
		if len(left[i].columns)+len(left[i].spaces)+len(left[i].units) == 0 {
			return l // the core tells its rows apart, and so those of the others
		}
	}
	l.slots = maxCard
	for _, group := range sharing(sets, left, part) {
		var of []*together
		var its []drawable
		for _, i := range group {
			of, its = append(of, sets[i]), append(its, left[i])
		}
		below := layOut(of, its, part)
		if below == nil {
			return nil
		}
		l.below = append(l.below, below)
		l.slots = min(l.slots, below.total())
	}
	if l.slots > maxCard/l.core.card {
		l.slots = max(maxCard/l.core.card, 1)
	}
	return l
}

// sharing groups sets, by their indexes, so that those of different groups share no column.
func sharing(sets []*together, left []drawable, part int) (out [][]int) {
	group := make([]int, len(sets))
	for i := range sets {
		group[i] = i
		mine := sets[i].nodes(left[i], part)
		for j := range i {
			if group[j] != group[i] && slices.ContainsFunc(sets[j].nodes(left[j], part), func(n *Node) bool { return slices.Contains(mine, n) }) {
				was := group[j]
				for k := range i {
					if group[k] == was {
						group[k] = group[i]
					}
				}
			}
		}
	}
	for i := range sets {
		var members []int
		for j := range sets {
			if group[j] == i {
				members = append(members, j)
			}
		}
		if members != nil {
			out = append(out, members)
		}
	}
	return out
}

// follow draws a table or part as a layout says.
func (b *builder) follow(w way) {
	t := w.layout.sets[0].table
	var names []string
	for _, s := range w.layout.sets {
		names = append(names, s.sorted()...)
	}
	slices.Sort(names)
	key := t.key.Derive(append([]string{"unique"}, slices.Compact(names)...)...)
	if w.part >= 0 {
		key = key.Derive("part", t.Parts[w.part].Name)
	}
	of := &combination{at: newBijection(key, w.layout.total(), w.rows)}
	b.followLayout(w.layout, of, key, nil, w.part)
}

func (b *builder) followLayout(l *layout, of *combination, key rng.Key, fans []*fan, part int) {
	b.noteWeights(l.sets[0], l.core, part)
	b.give(l.sets[0], of, l.core, key, fans, part)
	for _, below := range l.below {
		own := key.Derive(append([]string{"slot"}, below.sets[0].sorted()...)...)
		f := &fan{key: own, core: l.core.card, perm: rng.NewPerm(own, below.total())}
		b.followLayout(below, of, own, append(slices.Clone(fans), f), part)
	}
}

// fan turns the number of a combination into that of the columns besides its core: the same one for no two slots of
// a core.
type fan struct {
	key  rng.Key
	core uint64 // combinations of it
	perm rng.Perm
}

func (f *fan) of(number uint64) uint64 {
	core, slot := number%f.core, number/f.core
	st := f.key.At(int64(core), 0)
	from := st.N(f.perm.Len())
	if slot >= f.perm.Len()-from {
		return f.perm.At(slot - (f.perm.Len() - from))
	}
	return f.perm.At(from + slot)
}

// mostRedrawn are as many rows of a table as are looked at to draw some again.
const mostRedrawn = 1 << 20

// drawTwins draws rows again that have the same as an earlier row in a set of columns which share some with
// others, so that they could not be numbered with them.
func (b *builder) drawTwins(t *Table) {
	const patience = 30 // draws that leave no fewer rows than the best one before
	sets := slices.DeleteFunc(slices.Clone(b.rest), func(s *together) bool { return s.table != t })
	if len(sets) == 0 || len(b.problems) > 0 {
		return
	}
	best, waited := t.Rows, 0
	for {
		left := int64(0)
		var err error
		for _, s := range sets {
			twins, e := b.twins(s)
			if err = e; err != nil {
				break
			}
			for _, row := range twins {
				s.drawAgain(row)
			}
			left += int64(len(twins))
		}
		switch waited++; {
		case err != nil && best == t.Rows:
			p := b.problemIn(t, sets[0].at, "", "%s: rows must be distinct in (%s): %v", t.Name, sets[0].list(), err)
			p.Cause = about(sets[0].names)
			return
		case err == nil && left == 0:
			return
		case err == nil && left < best:
			best, waited = left, 0
		case err != nil || waited > patience:
			p := b.problemIn(t, sets[0].at, "lower its rows, or widen the values of these columns", "%s: rows must be distinct in (%s), which shares columns with other sets: however they are drawn, %d of %d are not", t.Name, sets[0].list(), best, t.Rows)
			p.HasMost, p.Most, p.Cause = true, t.Rows-best, about(sets[0].names)
			return
		}
	}
}

// twins finds the rows that have the same in a set as an earlier one.
func (b *builder) twins(s *together) (out []int64, err error) {
	read := make([]Input, len(s.columns))
	for i, c := range s.columns {
		read[i] = Input{Column: c}
	}
	seen := make(map[uint64]struct{}, s.table.Rows)
	h := new(hasher)
	err = b.plan.options.Scan(s.table, read, func(first int64, cells []*column.Vec) error {
		for i := range cells[0].Len() {
			hash, ok := h.of(cells, i)
			if _, twice := seen[hash]; twice && ok {
				out = append(out, first+int64(i))
			}
			seen[hash] = struct{}{}
		}
		return nil
	})
	return out, err
}

// drawAgain draws a row's columns of the set again: one that no other set draws, or else all that are drawn together.
func (s *together) drawAgain(row int64) {
	part := s.table.PartOf(row)
	var joint *Column
	for _, c := range s.columns {
		drawn := c
		if c.Link != nil {
			drawn = c.Link
		}
		n := drawn.Nodes[part]
		switch {
		case n.joint != nil:
			joint = c
		case !c.Unique && !n.isDistinct() && n.redraws(drawn):
			drawn.setAttempt(row, drawn.Attempt(row)+1)
			return
		}
	}
	if joint != nil {
		drawn := joint
		if joint.Link != nil {
			drawn = joint.Link
		}
		joint.SetAttempt(row, drawn.Attempt(row)+1)
	}
}

// redraws tells whether another draw gives other cells.
func (n *Node) redraws(c *Column) bool {
	if c.Target == nil {
		return c.drawsAgain()
	}
	if n.match != nil {
		return n.match.earlier == nil
	}
	return n.remake != nil && n.ref.PerParent == nil && len(n.ref.Exact) == 0
}
