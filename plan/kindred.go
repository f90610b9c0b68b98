package plan

import (
	"fmt"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// kindred numbers the pairs of two references to one parent of which the second matches cells of the first one's row, as
// two people of one tenant: the parent's rows fall into groups, and the pairs of each are numbered as those of a twosome.
type kindred struct {
	builder       *builder
	table         *Table
	first, second *Column // the second one's match hangs on the row of the first
	part          int
	spec          *blueprint.Pair
	equal         bool // both may be the same
	size          uint64
	key           rng.Key // of which comes first
	revised       atomic.Int64
	made          atomic.Pointer[families]
}

// families are the groups of rows that pairs are made within.
type families struct {
	rows  []uint32 // by group, in order within each
	start []uint32 // group g, from 0, has rows[start[g]:start[g+1]]
	sums  []uint64 // of pairs before each group, one more than groups
}

// kindred gives the pair of a set whose references match; nil where its rows cannot be numbered.
func (s *together) kindred(b *builder, part int) *kindred {
	k := &kindred{builder: b, table: s.table, part: max(part, 0), spec: s.pair}
	left, right := s.link(s.pair.Left, part), s.link(s.pair.Right, part)
	if left == nil || right == nil || left == right || left.Target != right.Target || left.Target == s.table {
		return nil
	}
	for _, two := range [][2]*Column{{left, right}, {right, left}} {
		if k.first, k.second = two[0], two[1]; k.hangs() {
			made, err := k.make()
			if err != nil {
				return nil
			}
			rows := s.table.Rows
			if part >= 0 {
				rows = s.table.Parts[part].Rows
			}
			if s.pair.Equal && made.sums[len(made.sums)-1] < uint64(rows) {
				k.equal = true
				if made, err = k.make(); err != nil {
					return nil
				}
			}
			k.size = made.sums[len(made.sums)-1]
			k.keep(made)
			return k
		}
	}
	return nil
}

// link gives the column of row numbers by which a column of the set refers; nil where it has none of its own in a part.
func (s *together) link(name string, part int) *Column {
	c := s.table.byName[name]
	if c == nil || c.state != compiled || c.Link == nil {
		return nil
	}
	n := c.Link.Shared()
	if part >= 0 {
		n = c.Link.Nodes[part]
	}
	if n == nil || n.joint != nil || n.nulls > 0 || n.When != nil || n.Local && part < 0 && len(s.table.Parts) > 1 {
		return nil
	}
	return c.Link
}

// hangs tells whether the second reference leads to the rows that have the same cells as the row of the first.
func (k *kindred) hangs() bool {
	a, b := k.first.Nodes[k.part], k.second.Nodes[k.part]
	if a.match != nil || a.remake == nil || a.ref.PerParent != nil || len(a.ref.Exact) > 0 || b.match == nil || !b.match.led || !b.match.required || b.match.earlier != nil || b.match.leaders[k.part] != k.first {
		return false
	}
	i := slices.IndexFunc(a.needs, func(n need) bool { return n.of == b.match })
	if i < 0 {
		return false
	}
	for j, c := range a.needs[i].cells {
		if c.constant != nil || len(c.in.Links) > 0 || c.in.Column != b.On[j] {
			return false
		}
	}
	return true
}

// make finds the groups.
func (k *kindred) make() (*families, error) {
	a, b := k.first.Nodes[k.part], k.second.Nodes[k.part]
	g, err := b.match.groups()
	if err != nil {
		return nil, err
	}
	live, err := k.builder.live(k.first.Target, a)
	if err != nil {
		return nil, err
	}
	led := make([]bool, k.first.Target.Rows)
	for _, row := range live {
		led[row] = true
	}
	out := &families{start: []uint32{0}, sums: []uint64{0}}
	for i := range len(g.start) - 1 {
		for _, row := range g.order[g.start[i]:g.start[i+1]] {
			if led[row] {
				out.rows = append(out.rows, row)
			}
		}
		from := out.start[len(out.start)-1]
		all := out.sums[len(out.sums)-1] + k.within(uint64(uint32(len(out.rows))-from)).card()
		if all >= maxCard {
			return nil, errTooMany
		}
		out.start, out.sums = append(out.start, uint32(len(out.rows))), append(out.sums, all)
	}
	return out, nil
}

// within numbers the pairs of a group of n rows.
func (k *kindred) within(n uint64) *twosome { return &twosome{spec: k.spec, n: n, equal: k.equal} }

func (k *kindred) keep(f *families) {
	k.made.Store(f)
	k.revised.Store(k.table.remade.Load())
}

// get gives the groups as of now.
func (k *kindred) get() (*families, error) {
	if k.revised.Load() == k.table.remade.Load() {
		return k.made.Load(), nil
	}
	f, err := k.make()
	if err != nil {
		return nil, err
	}
	if left := f.sums[len(f.sums)-1]; left < k.size {
		return nil, fmt.Errorf("%d pairs of rows are left of %d: rows that stood before have taken the place of others", left, k.size)
	}
	k.keep(f)
	return f, nil
}

func (k *kindred) drawn() []*Column { return []*Column{k.first, k.second} }
func (k *kindred) card() uint64     { return k.size }

func (k *kindred) describe() string {
	how := "unordered pairs"
	if k.spec.Ordered {
		how = "ordered pairs"
	}
	return fmt.Sprintf("%d %s of %s that match", k.size, how, k.first.Target.Name)
}

// at gives the rows of a pair.
func (k *kindred) at(f *families, number uint64) (first, second uint32) {
	g := sort.Search(len(f.sums)-1, func(i int) bool { return f.sums[i+1] > number })
	from := f.start[g]
	i, j := k.within(uint64(f.start[g+1] - from)).at(number - f.sums[g])
	return f.rows[from+uint32(i)], f.rows[from+uint32(j)]
}

// number gives the number of the pair of two rows; false where there is none.
func (k *kindred) number(f *families, first, second int64) (uint64, bool) {
	for g := range len(f.start) - 1 {
		group := f.rows[f.start[g]:f.start[g+1]]
		i, a := slices.BinarySearch(group, uint32(first))
		j, b := slices.BinarySearch(group, uint32(second))
		if a && b {
			n, ok := k.within(uint64(len(group))).number(uint64(i), uint64(j))
			return f.sums[g] + n, ok
		}
	}
	return 0, false
}

func (k *kindred) give(s *together, at place, key rng.Key, part int) {
	k.key = key.Derive("pair", k.first.Name, k.second.Name)
	for _, c := range k.drawn() {
		n := s.own(c, part)
		n.Fill, n.joint = &kin{place: at, pair: k, second: c == k.second, text: n.raw.String()}, at.of
	}
	if !k.spec.Ordered {
		at.of.turns = true
	}
}

func (k *kindred) given(row int64, drawn uint64) (uint64, bool, bool) {
	a, b := k.first.FixedCell(row), k.second.FixedCell(row)
	switch {
	case a == nil && b == nil:
		return drawn, true, false
	case a != nil && a.Null(0) || b != nil && b.Null(0):
		return 0, false, true
	case a == nil || b == nil:
		return 0, false, false
	}
	f, err := k.get()
	if err != nil {
		return 0, false, false
	}
	number, ok := k.number(f, a.Ints[0], b.Ints[0])
	return number, ok, false
}

// kin is one of the two references of a pair.
type kin struct {
	place
	pair   *kindred
	second bool
	text   string
}

func (f *kin) Kind() column.Kind { return column.Int }
func (f *kin) Facts() gen.Facts  { return gen.Facts{Drawn: true} }
func (f *kin) String() string    { return f.text + ", in pairs" }
func (f *kin) Fill(dst *column.Vec, s *gen.Span) error {
	all, err := f.pair.get()
	if err != nil {
		return err
	}
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		number, err := f.number(row, s.Attempt)
		if err != nil {
			return err
		}
		one, other := f.pair.at(all, number%f.pair.size)
		second := f.second
		if !f.pair.spec.Ordered {
			st := f.pair.key.At(row, s.Attempt>>1)
			second = second != (st.N(2) != uint64(s.Attempt&1))
		}
		if second {
			one = other
		}
		dst.AppendInt(int64(one))
	}
	return nil
}
