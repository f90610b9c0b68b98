package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
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
			s := &together{table: t, names: []string{c.Name}, at: c.pos()}
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
		literal := sc != nil && sc.Default != "" && sc.Sequence == "" && sc.Identity == "" && !strings.Contains(sc.Default, "(")
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

// drawable is what of a set can be drawn together: columns, or their row numbers, whose values are
// numbered, and spaces of row numbers that match.
type drawable struct {
	columns []*Column
	spaces  []*space
	units   []unit
	card    uint64 // of all of them; 0 where the set has a unit that cannot be numbered
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
	p.HasMost, p.Most, p.Cause = cause.Kind != blueprint.NoUnit, int64(all.card), cause
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

// combined gives the number of a fixed row's combination. It is not known where a cell is none of those
// that its generator gives.
func (of *combination) combined(row int64) (number uint64, known, null bool) {
	drawn := of.at.number(uint64(row))
	known = true
	for _, d := range of.digits {
		n, ok, null := d.given(of, row, drawn)
		if null {
			return 0, false, true
		}
		known = known && ok
		number += n
	}
	if !known || number >= of.at.perm.Len() {
		return 0, false, false
	}
	return number, true, false
}

// digit is a digit of the number of a combination: a column's, or a space's.
type digit struct {
	column *Column
	joint  *joint
	space  *space
	unit   unit
	div    uint64 // of the space or the unit
}

// given gives the digit, times its unit, of a fixed row whose other cells have the drawn number.
func (d *digit) given(of *combination, row int64, drawn uint64) (n uint64, known, null bool) {
	if d.space != nil {
		return d.givenRows(row, drawn)
	}
	if d.unit != nil {
		digit, known, null := d.unit.given(row, drawn/d.div%d.unit.card())
		return digit * d.div, known, null
	}
	j := d.joint
	cell := d.column.FixedCell(row)
	switch {
	case cell == nil:
		return j.digit(drawn) * j.div, true, false
	case cell.Null(0):
		return 0, false, true
	}
	digit, ok := indexGiven(d.column, j.Indexed, row)
	if ok && j.spread != nil {
		digit = j.spread.Inverse(digit)
		ok = digit <= (of.at.perm.Len()-1)/j.div
	}
	return digit * j.div, ok, false
}

func (d *digit) givenRows(row int64, drawn uint64) (n uint64, known, null bool) {
	c, err := d.space.get()
	if err != nil {
		return 0, false, false
	}
	at := drawn / d.div % d.space.card
	rows := make([]int64, len(d.space.links))
	any := false
	for k, link := range d.space.links {
		rows[k] = -1
		cell := link.FixedCell(row)
		switch {
		case cell == nil:
			continue
		case cell.Null(0):
			return 0, false, true
		}
		rows[k], any = cell.Ints[0], true
	}
	if any {
		if at, known = c.number(0, 1, rows); !known {
			return 0, false, false
		}
	}
	return at * d.div, true, false
}

const maxCard = 1 << 62

func satMul(a, b uint64) uint64 {
	if b != 0 && a > maxCard/b {
		return maxCard
	}
	return a * b
}

// setVersion is the version of how the values of unique sets are dealt to rows: see Origin.
const setVersion = 1

// combination is a keyed bijection from rows to the combinations of several columns' values.
type combination struct {
	at      *bijection
	members []*Column
	digits  []digit
	turns   bool // every second attempt turns pairs around, and stays with the combination
}

// place says where a member's digit stands in the number of a combination.
type place struct {
	of   *combination
	div  uint64
	fans []*fan // what makes of it the number that the digit is of
}

// number gives the digits from the place on of a row's attempt.
func (p *place) number(row int64, attempt uint32) (uint64, error) {
	if p.of.turns {
		attempt >>= 1
	}
	n, err := p.of.at.of(row, attempt)
	if err != nil {
		return 0, err
	}
	for _, f := range p.fans {
		n = f.of(n)
	}
	return n / p.div, nil
}

// joint is one member of columns that are unique together: a digit of the number of the row's
// combination. A redraw draws all members again: see Column.SetAttempt.
type joint struct {
	gen.Indexed
	place
	spread *rng.Perm // of its values, where not all of them take part
}

func (f *joint) digit(number uint64) uint64 { return number / f.div % f.Card() }

func (f *joint) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		number, err := f.number(s.Rows.At(i), s.Attempt)
		if err != nil {
			return err
		}
		digit := number % f.Card()
		if f.spread != nil {
			digit = f.spread.At(digit)
		}
		f.AppendIndex(dst, digit, s.Scratch)
	}
	return nil
}
func (f *joint) String() string     { return f.Indexed.String() + ", unique together with others" }
func (f *joint) Facts() gen.Facts   { return gen.DrawnAgain(f.Indexed) }
func (f *joint) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Indexed}) }
func (f *joint) Rules() []gen.Rule  { return rulesOf(f.Indexed) }
