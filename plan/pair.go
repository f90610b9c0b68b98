package plan

import (
	"fmt"
	"math"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// pairVersion is the version of how pairs are numbered: see Origin.
const pairVersion = 1

// mostPaired are as many values of a column as pairs are made of.
const mostPaired = 1 << 31

// twosome numbers the pairs of two columns that have the same values: unordered ones by triangular numbers, so that the
// pair of a row is computed from its number alone. Which of the two comes first is drawn, and comes out the other way at
// every second attempt.
type twosome struct {
	left, right *Column // those that are drawn
	spec        *blueprint.Pair
	n           uint64 // values
	equal       bool   // both may be the same
}

// twosome gives the pair of a set; nil where its values cannot be numbered alike.
func (s *together) twosome(part int) *twosome {
	left, right := s.single(s.pair.Left, part), s.single(s.pair.Right, part)
	if left == nil || right == nil || left == right || left.Target != right.Target || left.Kind != right.Kind {
		return nil
	}
	a, b := s.node(left, part).Fill.(gen.Indexed), s.node(right, part).Fill.(gen.Indexed)
	if !sameValues(a, b) {
		return nil
	}
	p := &twosome{left: left, right: right, spec: s.pair, n: min(a.Card(), mostPaired)}
	rows := s.table.Rows
	if part >= 0 {
		rows = s.table.Parts[part].Rows
	}
	if s.pair.Equal && p.card() < uint64(rows) {
		p.equal = true
	}
	return p
}

// sameValues tells whether two fillers have the same value for the same index, as far as can be seen.
func sameValues(a, b gen.Indexed) bool {
	if a.Card() != b.Card() || a.Kind() != b.Kind() || a.String() != b.String() {
		return false
	}
	one, is := a.(*livePick)
	if other, too := b.(*livePick); is || too {
		return is && too && slices.Equal(one.live, other.live)
	}
	var sc gen.Scratch
	v, w := new(column.Vec), new(column.Vec)
	v.Reset(a.Kind())
	w.Reset(b.Kind())
	for i := uint64(0); i < a.Card() && v.Len() < lookedAt; i += a.Card()/lookedAt + 1 {
		a.AppendIndex(v, i, &sc)
		b.AppendIndex(w, i, &sc)
		if !v.Equal(v.Len()-1, w, w.Len()-1) {
			return false
		}
	}
	return true
}

func (p *twosome) drawn() []*Column { return []*Column{p.left, p.right} }

func (p *twosome) card() uint64 {
	switch {
	case p.spec.Ordered:
		return p.n * (p.n - 1)
	case p.equal:
		return triangle(p.n + 1)
	}
	return triangle(p.n)
}

func (p *twosome) describe() string {
	how := "unordered pairs"
	if p.spec.Ordered {
		how = "ordered pairs"
	}
	return fmt.Sprintf("%d %s of the %d of %s", p.card(), how, p.n, unitText(p.left))
}

// triangle is the number of unordered pairs of n different things.
func triangle(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	if n%2 == 0 {
		return n / 2 * (n - 1)
	}
	return (n - 1) / 2 * n
}

// base is the largest n of which triangle(n) is at most t.
func base(t uint64) uint64 {
	n := uint64((1 + math.Sqrt(1+8*float64(t))) / 2) // near it
	for triangle(n) > t {
		n--
	}
	for triangle(n+1) <= t {
		n++
	}
	return n
}

// at gives the indexes of a pair's values.
func (p *twosome) at(number uint64) (i, j uint64) {
	switch {
	case p.spec.Ordered:
		if i, j = number/(p.n-1), number%(p.n-1); j >= i {
			j++
		}
	case p.equal:
		i = base(number) - 1
		j = number - triangle(i+1)
	default:
		i = base(number)
		j = number - triangle(i)
	}
	return i, j
}

// number gives the number of the pair with these indexes; false where there is none.
func (p *twosome) number(i, j uint64) (uint64, bool) {
	switch {
	case i == j && !p.equal || i >= p.n || j >= p.n:
		return 0, false
	case p.spec.Ordered:
		if j > i {
			j--
		}
		return i*(p.n-1) + j, true
	case i < j:
		i, j = j, i
	}
	if p.equal {
		return triangle(i+1) + j, true
	}
	return triangle(i) + j, true
}

func (p *twosome) give(s *together, at place, key rng.Key, part int) {
	key = key.Derive("pair", p.left.Name, p.right.Name)
	for _, c := range p.drawn() {
		n := s.own(c, part)
		ix := n.Fill.(gen.Indexed)
		f := &pairJoint{Indexed: ix, place: at, pair: p, key: key, right: c == p.right}
		if ix.Card() > p.n {
			spread := rng.NewPerm(key.Derive("spread"), ix.Card())
			f.spread = &spread
		}
		n.Fill, n.joint = f, at.of
	}
	if !p.spec.Ordered {
		at.of.turns = true
	}
}

func (p *twosome) given(row int64, drawn uint64) (uint64, bool, bool) {
	l, r := p.left.FixedCell(row), p.right.FixedCell(row)
	switch {
	case l == nil && r == nil:
		return drawn, true, false
	case l != nil && l.Null(0) || r != nil && r.Null(0):
		return 0, false, true
	case l == nil || r == nil:
		return 0, false, false
	}
	f := p.left.Nodes[0].Fill.(*pairJoint)
	i, ok := indexGiven(p.left, f.Indexed, row)
	j, ok2 := indexGiven(p.right, p.right.Nodes[0].Fill.(*pairJoint).Indexed, row)
	if !ok || !ok2 {
		return 0, false, false
	}
	if f.spread != nil {
		i, j = f.spread.Inverse(i), f.spread.Inverse(j)
	}
	number, ok := p.number(i, j)
	return number, ok, false
}

// pairJoint is one of the two columns of a pair.
type pairJoint struct {
	gen.Indexed
	place
	pair   *twosome
	key    rng.Key   // of which comes first
	spread *rng.Perm // of the values, where not all of them take part
	right  bool
}

func (f *pairJoint) Fill(dst *column.Vec, s *gen.Span) error {
	for k := range s.Rows.N {
		row := s.Rows.At(k)
		number, err := f.number(row, s.Attempt)
		if err != nil {
			return err
		}
		i, j := f.pair.at(number % f.pair.card())
		second := f.right
		if !f.pair.spec.Ordered {
			st := f.key.At(row, s.Attempt>>1)
			second = second != (st.N(2) != uint64(s.Attempt&1))
		}
		if second {
			i = j
		}
		if f.spread != nil {
			i = f.spread.At(i)
		}
		f.AppendIndex(dst, i, s.Scratch)
	}
	return nil
}
func (f *pairJoint) String() string     { return f.Indexed.String() + ", in pairs" }
func (f *pairJoint) Facts() gen.Facts   { return gen.DrawnAgain(f.Indexed) }
func (f *pairJoint) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Indexed}) }
func (f *pairJoint) Rules() []gen.Rule  { return rulesOf(f.Indexed) }
