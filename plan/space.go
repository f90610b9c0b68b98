package plan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// space numbers the combinations of rows that a tree of references, which match one another's cells, can
// lead to: each row has as a weight the number of combinations below it, and prefix sums of weights turn a
// number into rows, and rows into their number. It is direct access to the answers of an acyclic join, as
// in Carmeli and others, "Answering (unions of) conjunctive queries using random access and random-order
// enumeration" (PODS 2020). It holds 4 to 16 bytes for each row of the parents.
type space struct {
	builder *builder
	table   *Table
	part    int
	links   []*Column // those that lead to rows before those that hang on them
	parents []int     // of links; -1 for the first
	wanted  []*Column // links whose rows must be told apart
	card    uint64
	key     rng.Key
	revised atomic.Int64
	made    atomic.Pointer[combinations]
}

// combinations are a space's rows and weights.
type combinations struct {
	levels []*level // one for each link
	card   uint64
}

// level are the rows that one link of a space can lead to.
type level struct {
	rows  []uint32 // by group, in order within each
	start []uint32 // group g has rows[start[g-1]:start[g]]
	sums  []uint64 // of weights before each row, one more than rows; nil where all weights are 1
	below []branch
	path  []int    // from the first level to this one
	alike []uint32 // of the first level, where its rows are not told apart: row i stands for alike[i] to alike[i+1] of same
	same  []uint32
}

// branch is a level that hangs on another: to each of its rows belongs a group, 0 for none.
type branch struct {
	level int
	group []uint32
}

var errTooMany = errors.New("too many combinations to number")
var errNotApart = errors.New("rows between them are not told apart")

// newSpace makes the space of the links of a part that are wanted, and of all that they hang on. It is nil
// where these cannot be numbered.
func (b *builder) newSpace(t *Table, part int, wanted []*Column) *space {
	s := &space{builder: b, table: t, part: part, wanted: wanted}
	for _, link := range wanted {
		if s.add(link) < 0 {
			return nil
		}
	}
	c, err := s.make()
	if err != nil {
		return nil
	}
	s.card = c.card
	s.keep(c)
	return s
}

// add gives the place of a link, behind the one that it hangs on; -1 where it cannot be numbered.
func (s *space) add(link *Column) int {
	if at := slices.Index(s.links, link); at >= 0 {
		return at
	}
	n := link.Nodes[s.part]
	at := -1
	switch {
	case n.joint != nil:
		return -1
	case n.match == nil:
		if n.remake == nil || n.ref.PerParent != nil || len(n.ref.Exact) > 0 || len(s.links) > 0 {
			return -1
		}
	case !n.match.led || n.match.earlier != nil || n.match.leaders[s.part] == nil && len(s.links) > 0:
		return -1
	case n.match.leaders[s.part] != nil:
		if at = s.add(n.match.leaders[s.part]); at < 0 {
			return -1
		}
	}
	s.links, s.parents = append(s.links, link), append(s.parents, at)
	return len(s.links) - 1
}

// get gives the combinations as of now.
func (s *space) get() (*combinations, error) {
	if s.revised.Load() == s.table.remade.Load() {
		return s.made.Load(), nil
	}
	c, err := s.make()
	if err != nil {
		return nil, err
	}
	if c.card < s.card {
		return nil, fmt.Errorf("%d combinations of rows are left of %d: rows that stood before have taken the place of others", c.card, s.card)
	}
	s.keep(c)
	return c, nil
}

func (s *space) keep(c *combinations) {
	s.made.Store(c)
	s.revised.Store(s.table.remade.Load())
}

func (s *space) make() (*combinations, error) {
	c := &combinations{levels: make([]*level, len(s.links))}
	for k := range s.links {
		c.levels[k] = new(level)
		for at := k; at >= 0; at = s.parents[at] {
			c.levels[k].path = append([]int{at}, c.levels[k].path...)
		}
	}
	for k := len(s.links) - 1; k >= 0; k-- {
		if err := s.level(c, k); err != nil {
			return nil, err
		}
	}
	first := c.levels[0]
	if first.start == nil { // all rows are one group
		first.start = []uint32{0, uint32(len(first.rows))}
	}
	if len(first.start) > 1 {
		c.card = first.count(1)
	}
	if c.card >= maxCard {
		return nil, errTooMany
	}
	return c, nil
}

// level makes the rows and weights of a link; those that hang on it are made.
func (s *space) level(c *combinations, k int) error {
	link := s.links[k]
	n := link.Nodes[s.part]
	l := c.levels[k]
	if n.match != nil {
		g, err := n.match.groups()
		if err != nil {
			return err
		}
		l.rows, l.start = g.order, g.start
		if s.parents[k] < 0 { // what it matches is the same for all rows
			l.rows, l.start = s.constantGroup(g, n), nil
		}
	} else {
		var err error
		if l.rows, err = s.builder.live(link.Target, n); err != nil {
			return err
		}
	}
	var read []Input
	var looks looks
	for j := range s.links {
		if s.parents[j] != k {
			continue
		}
		of := s.links[j].Nodes[s.part].match
		at := slices.IndexFunc(n.needs, func(o need) bool { return o.of == of })
		look, err := newLook(n.needs[at], &read)
		if err != nil {
			return err
		}
		looks = append(looks, look)
		l.below = append(l.below, branch{level: j, group: make([]uint32, len(l.rows))})
	}
	if len(l.below) == 0 {
		return nil
	}
	if err := s.branches(link.Target, l, read, looks); err != nil {
		return err
	}
	if !slices.Contains(s.wanted, link) {
		if k > 0 && !l.apart() {
			return errNotApart
		} else if k == 0 {
			l.merge()
		}
	}
	return l.weigh(c, s)
}

// constantGroup gives the rows that match constants.
func (s *space) constantGroup(g *groups, n *Node) []uint32 {
	cells := make([]*column.Vec, len(n.Inputs))
	for i, in := range n.Inputs {
		if cells[i] = constantIn(in, s.part); cells[i] == nil {
			return nil
		}
	}
	return n.match.candidates(g, new(hasher), cells, 0)
}

// branches finds the group of each row in the levels below.
func (s *space) branches(t *Table, l *level, read []Input, looks looks) error {
	place := make([]uint32, t.Rows) // row -> its place in the level, from 1
	for i, row := range l.rows {
		place[row] = uint32(i) + 1
	}
	if len(read) == 0 { // constants alone
		read = []Input{{Column: t.Columns[0]}}
	}
	return s.builder.plan.options.Scan(t, read, func(first int64, cells []*column.Vec) error {
		for i := range cells[0].Len() {
			at := place[first+int64(i)]
			if at == 0 {
				continue
			}
			for j := range looks {
				l.below[j].group[at-1] = looks[j].number(cells, i)
			}
		}
		return nil
	})
}

// belowText gives the groups below a row.
func (l *level) belowText(buf []byte, i int) []byte {
	for _, b := range l.below {
		buf = binary.LittleEndian.AppendUint32(buf, b.group[i])
	}
	return buf
}

// apart tells whether no two rows have the same groups below them.
func (l *level) apart() bool {
	seen := make(map[string]struct{}, len(l.rows))
	var buf []byte
	for i := range l.rows {
		buf = l.belowText(buf[:0], i)
		seen[string(buf)] = struct{}{}
	}
	return len(seen) == len(l.rows)
}

// merge makes one row of those that have the same groups below them.
func (l *level) merge() {
	of := map[string]int{}
	var members [][]uint32
	var buf []byte
	var firsts []int
	for i, row := range l.rows {
		buf = l.belowText(buf[:0], i)
		at, ok := of[string(buf)]
		if !ok {
			at = len(members)
			of[string(buf)] = at
			members, firsts = append(members, nil), append(firsts, i)
		}
		members[at] = append(members[at], row)
	}
	rows := make([]uint32, 0, len(members))
	l.alike = []uint32{0}
	for at, all := range members {
		rows = append(rows, all[0])
		l.same = append(l.same, all...)
		l.alike = append(l.alike, uint32(len(l.same)))
		for j := range l.below {
			l.below[j].group[at] = l.below[j].group[firsts[at]]
		}
	}
	for j := range l.below {
		l.below[j].group = l.below[j].group[:len(rows)]
	}
	l.rows = rows
}

// weigh sums up the weights of the rows.
func (l *level) weigh(c *combinations, s *space) error {
	l.sums = make([]uint64, len(l.rows)+1)
	for i := range l.rows {
		w := uint64(1)
		for _, b := range l.below {
			n := c.levels[b.level].count(b.group[i])
			if n == 0 && !s.links[b.level].Nodes[s.part].match.required {
				n = 1 // null
			}
			w = satMul(w, n)
		}
		if l.sums[i+1] = l.sums[i] + w; l.sums[i+1] >= maxCard {
			return errTooMany
		}
	}
	return nil
}

// count gives the number of combinations of a group and all below it.
func (l *level) count(group uint32) uint64 {
	if group == 0 {
		return 0
	}
	lo, hi := l.start[group-1], l.start[group]
	if l.sums == nil {
		return uint64(hi - lo)
	}
	return l.sums[hi] - l.sums[lo]
}

// find gives the place of the n-th combination of a group, and its number among those of that row.
func (l *level) find(group uint32, n uint64) (at int, left uint64) {
	lo, hi := int(l.start[group-1]), int(l.start[group])
	if l.sums == nil {
		return lo + int(n), 0
	}
	n += l.sums[lo]
	at = lo + sort.Search(hi-lo, func(i int) bool { return l.sums[lo+i+1] > n })
	return at, n - l.sums[at]
}

// down gives the group of a branch below a row, and the number within it of a combination of the row's.
func (c *combinations) down(l *level, at, branch int, left uint64) (group uint32, n uint64) {
	for j := range branch {
		left /= max(c.levels[l.below[j].level].count(l.below[j].group[at]), 1)
	}
	group = l.below[branch].group[at]
	return group, left % max(c.levels[l.below[branch].level].count(group), 1)
}

// row gives the row of link k in the n-th combination; for rows that are not told apart any of them; -1
// for none.
func (c *combinations) row(n uint64, k int, st *rng.Stream) int64 {
	group := uint32(1)
	path := c.levels[k].path
	for i, at := range path {
		l := c.levels[at]
		place, left := l.find(group, n)
		switch {
		case i < len(path)-1:
			next := slices.IndexFunc(l.below, func(b branch) bool { return b.level == path[i+1] })
			if group, n = c.down(l, place, next, left); group == 0 {
				return -1
			}
		case l.alike != nil:
			from, to := l.alike[place], l.alike[place+1]
			return int64(l.same[from+uint32(st.N(uint64(to-from)))])
		default:
			return int64(l.rows[place])
		}
	}
	return -1
}

// number gives the number, among those of a group, of the combination that has these rows, by link; where
// a row is below 0 any will do.
func (c *combinations) number(k int, group uint32, rows []int64) (uint64, bool) {
	l := c.levels[k]
	lo, hi := int(l.start[group-1]), int(l.start[group])
	for at := lo; at < hi; at++ {
		if rows[k] >= 0 && int64(l.rows[at]) != rows[k] && !l.standsFor(at, rows[k]) {
			continue
		}
		inner, times, ok := uint64(0), uint64(1), true
		for _, b := range l.below {
			g := b.group[at]
			if g == 0 {
				ok = ok && rows[b.level] < 0
				continue
			}
			n, found := c.number(b.level, g, rows)
			ok = ok && found
			inner += n * times
			times *= c.levels[b.level].count(g)
		}
		switch {
		case !ok:
		case l.sums == nil:
			return uint64(at - lo), true
		case l.sums[at+1] > l.sums[at]:
			return l.sums[at] - l.sums[lo] + inner, true
		}
	}
	return 0, false
}

func (l *level) standsFor(at int, row int64) bool {
	return l.alike != nil && slices.Contains(l.same[l.alike[at]:l.alike[at+1]], uint32(row))
}

// describe names the parents whose rows are combined.
func (s *space) describe() string {
	var names []string
	for _, link := range s.links {
		names = append(names, link.Target.Name)
	}
	return fmt.Sprintf("%d combinations of %s that match", s.card, strings.Join(names, " and "))
}

// spaceJoint is one link of a space whose combinations are drawn without repetition.
type spaceJoint struct {
	place
	space *space
	at    int
	text  string
}

func (f *spaceJoint) Kind() column.Kind { return column.Int }
func (f *spaceJoint) Facts() gen.Facts  { return gen.Facts{Drawn: true, Null: gen.MayBeNull} }
func (f *spaceJoint) String() string    { return f.text + ", unique together with others" }
func (f *spaceJoint) Fill(dst *column.Vec, s *gen.Span) error {
	c, err := f.space.get()
	if err != nil {
		return err
	}
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		number, err := f.number(row, s.Attempt)
		if err != nil {
			return err
		}
		st := f.space.key.At(row, s.Attempt)
		if parent := c.row(number%f.space.card, f.at, &st); parent < 0 {
			dst.AppendNull()
		} else {
			dst.AppendInt(parent)
		}
	}
	return nil
}
