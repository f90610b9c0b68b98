package plan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// classVersion is the version of how values are drawn from the classes that expressions make of them: see Origin.
const classVersion = 1

// Bounds of what is looked at: values of any kind, stretches of values in order at first, and those in the end.
const (
	mostValues  = 1 << 16
	mostBlocks  = 1 << 15
	mostStretch = 1 << 18
)

// classes numbers a column by what expressions make of its values: the months of a day, the first letters of a code.
// To a class belong stretches of neighbouring values; which of them a row has is drawn.
type classes struct {
	column *Column
	exprs  []string
	starts []uint64   // of the stretches, and the number of values behind them
	of     []uint32   // stretch -> class
	member [][]uint32 // class -> its stretches
	sums   [][]uint64 // class -> values before each of its stretches, and their number behind them
}

// indexed finds the database's unique over expressions that a set names, as the expressions of its parts.
func (t *Table) indexed(name string) (parts []string) {
	if t.Schema == nil {
		return nil
	}
	all := t.Schema.Uniques
	if t.Schema.PrimaryKey != nil {
		all = append(slices.Clone(all), t.Schema.PrimaryKey)
	}
	for _, u := range all {
		if u.Name != name {
			continue
		}
		for _, c := range u.Columns {
			parts = append(parts, (&check.ColumnRef{Name: c, Quoted: true}).String())
		}
		return append(parts, u.Expressions...)
	}
	return nil
}

// classes gives the classes of a set's columns; false where some expression cannot be followed.
func (s *together) classes(b *builder, part int) (out []*classes, ok bool) {
	var columns []string
	by := map[string][]*check.Keyed{}
	parts := s.table.indexed(s.index)
	for _, e := range parts {
		p, err := check.CompileKeyed(s.table.Schema, e, check.OptionsOf(b.plan.Database, earliest))
		if err != nil || p.ReadsTime || len(p.Columns) > 1 {
			return nil, false
		}
		for _, name := range p.Columns {
			if !slices.Contains(s.names, name) {
				return nil, false
			}
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
			by[name] = append(by[name], p)
		}
	}
	for _, name := range columns {
		if slices.ContainsFunc(by[name], func(p *check.Keyed) bool { return p.Plain }) {
			continue // drawn as it is
		}
		c := s.single(name, part)
		if c == nil || c.Target != nil {
			return nil, false
		}
		ix := s.node(c, part).Fill.(gen.Indexed)
		k := b.classed[classKey{c, ix, s.index}]
		if k == nil {
			if k = classify(c, ix, by[name]); k == nil {
				return nil, false
			}
			if b.classed == nil {
				b.classed = map[classKey]*classes{}
			}
			b.classed[classKey{c, ix, s.index}] = k
		}
		out = append(out, k)
	}
	return out, len(parts) > 0
}

// classKey is of what classes are: a column's values and a unique.
type classKey struct {
	column *Column
	values gen.Indexed
	index  string
}

// classify divides the values of a column among classes; nil where these are too many, or cannot be told.
func classify(c *Column, ix gen.Indexed, by []*check.Keyed) *classes {
	card := ix.Card()
	inOrder := ix.Kind() == column.Int || ix.Kind() == column.Date || ix.Kind() == column.Timestamp || ix.Kind() == column.Time || ix.Kind() == column.Decimal
	if card > mostValues && !inOrder {
		return nil
	}
	out := &classes{column: c}
	l := &classLook{ix: ix, single: typeOf(c).Single(), ids: map[string]uint32{}, left: 4 * mostStretch}
	for _, p := range by {
		out.exprs = append(out.exprs, p.Expression)
		l.by, l.evals = append(l.by, p), append(l.evals, p.Evaluator())
	}
	step := uint64(1)
	if card > mostValues {
		step = card/mostBlocks + 1
	}
	for from := uint64(0); from < card && l.left > 0; from += step {
		to := min(from+step, card) - 1
		l.stretches(out, from, l.at(from), to, l.at(to))
	}
	if l.left <= 0 {
		return nil
	}
	out.starts = append(out.starts, card)
	out.member, out.sums = make([][]uint32, len(l.ids)), make([][]uint64, len(l.ids))
	for i, k := range out.of {
		if out.sums[k] == nil {
			out.sums[k] = []uint64{0}
		}
		out.member[k] = append(out.member[k], uint32(i))
		out.sums[k] = append(out.sums[k], out.sums[k][len(out.sums[k])-1]+out.starts[i+1]-out.starts[i])
	}
	return out
}

// classLook evaluates expressions over values.
type classLook struct {
	ix     gen.Indexed
	single bool
	by     []*check.Keyed
	evals  []*check.Evaluator
	ids    map[string]uint32
	vec    column.Vec
	sc     gen.Scratch
	buf    []byte
	left   int // values that may be looked at still; 0 after one that cannot be told
}

// at gives the class of a value.
func (l *classLook) at(i uint64) uint32 {
	l.left--
	l.vec.Reset(l.ix.Kind())
	l.vec.Single = l.single
	l.ix.AppendIndex(&l.vec, i, &l.sc)
	l.vec.Round()
	l.buf = l.buf[:0]
	for k, p := range l.by {
		from := len(l.buf)
		var err error
		if l.buf, err = p.Key(append(l.buf, 0, 0, 0, 0), l.evals[k], []*column.Vec{&l.vec}, 0); err != nil {
			l.left = 0
			return 0
		}
		n := len(l.buf) - from
		l.buf[from], l.buf[from+1], l.buf[from+2] = byte(n), byte(n>>8), byte(n>>16)
	}
	id, ok := l.ids[string(l.buf)]
	if !ok {
		id = uint32(len(l.ids))
		l.ids[string(l.buf)] = id
	}
	return id
}

// stretches adds those from one value to another one, of which the classes are known: it looks into the middle of such
// as have two, or where a value between the ends shows that they have.
func (l *classLook) stretches(out *classes, from uint64, a uint32, to uint64, z uint32) {
	if l.left <= 0 || len(out.of) > mostStretch {
		l.left = 0
		return
	}
	if a == z && (to-from < 2 || l.same(from, to, a)) {
		if n := len(out.of); n == 0 || out.of[n-1] != a {
			out.starts, out.of = append(out.starts, from), append(out.of, a)
		}
		return
	}
	if to-from == 1 {
		l.stretches(out, from, a, from, a)
		l.stretches(out, to, z, to, z)
		return
	}
	mid := from + (to-from)/2
	m := l.at(mid)
	l.stretches(out, from, a, mid, m)
	l.stretches(out, mid+1, l.at(mid+1), to, z)
}

// same looks at some values between two of one class.
func (l *classLook) same(from, to uint64, class uint32) bool {
	for k := uint64(1); k <= 2; k++ {
		if i := from + (to-from)/3*k + k%2; i < to && l.at(i) != class {
			return false
		}
	}
	return true
}

func (k *classes) drawn() []*Column { return []*Column{k.column} }
func (k *classes) card() uint64     { return uint64(len(k.member)) }
func (k *classes) describe() string {
	return fmt.Sprintf("%d values of %s", k.card(), strings.Join(k.exprs, ", "))
}

func (k *classes) give(s *together, at place, key rng.Key, part int) {
	n := s.own(k.column, part)
	n.Fill = &classJoint{Indexed: n.Fill.(gen.Indexed), place: at, classes: k, key: key.Derive("class", k.column.Name)}
	n.joint = at.of
}

func (k *classes) given(row int64, drawn uint64) (uint64, bool, bool) {
	cell := k.column.FixedCell(row)
	switch {
	case cell == nil:
		return drawn, true, false
	case cell.Null(0):
		return 0, false, true
	}
	i, ok := indexGiven(k.column, k.column.Nodes[0].Fill.(*classJoint).Indexed, row)
	if !ok {
		return 0, false, false
	}
	stretch := sort.Search(len(k.of), func(j int) bool { return k.starts[j+1] > i })
	return uint64(k.of[stretch]), true, false
}

// value gives the n-th value of a class.
func (k *classes) value(class, n uint64) uint64 {
	sums := k.sums[class]
	j := sort.Search(len(sums)-1, func(j int) bool { return sums[j+1] > n })
	return k.starts[k.member[class][j]] + n - sums[j]
}

// classJoint is a column whose class is a digit of the number of the row's combination.
type classJoint struct {
	gen.Indexed
	place
	classes *classes
	key     rng.Key
}

func (f *classJoint) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		number, err := f.number(row, s.Attempt)
		if err != nil {
			return err
		}
		class := number % f.classes.card()
		sums := f.classes.sums[class]
		st := f.key.At(row, s.Attempt)
		f.AppendIndex(dst, f.classes.value(class, st.N(sums[len(sums)-1])), s.Scratch)
	}
	return nil
}
func (f *classJoint) String() string {
	return f.Indexed.String() + ", by " + strings.Join(f.classes.exprs, ", ")
}
func (f *classJoint) Facts() gen.Facts   { return gen.DrawnAgain(f.Indexed) }
func (f *classJoint) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Indexed}) }
func (f *classJoint) Rules() []gen.Rule  { return rulesOf(f.Indexed) }

// namedIndex tells whether a set of the blueprint is that of a unique of the database.
func (t *Table) namedIndex(u *schema.Unique) bool {
	return slices.ContainsFunc(t.spec.Unique, func(s blueprint.UniqueSet) bool { return s.Index == u.Name && u.Name != "" })
}
