package gen

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// List gives an array of PostgreSQL's array types, {a,b}, whose elements a generator makes; a list of
// lists is an array of two dimensions, and the inner ones have one length then. Element i of row r is what the
// generator gives for row r*max+i; cells that it reads are those of row r. JSON arrays are made by array.
type List struct {
	Of       blueprint.Generator `yaml:"of" required:"true" desc:"the generator of the elements"`
	Min      int                 `yaml:"min" desc:"the smallest number of elements (default 0)"`
	Max      int                 `yaml:"max" required:"true" desc:"the largest number of elements"`
	Distinct bool                `yaml:"distinct" desc:"no element comes twice in a list"`
}

// OutputVersion implements Maker.
func (*List) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *List) Make(c *Context) (Filler, error) {
	const most = 1000
	switch {
	case m.Min < 0:
		return nil, fmt.Errorf("min %d is below 0", m.Min)
	case m.Min > m.Max:
		return nil, fmt.Errorf("min %d is above max %d", m.Min, m.Max)
	case m.Max > most:
		return nil, fmt.Errorf("max %d is above %d", m.Max, most)
	case c.Rows > math.MaxInt64/int64(max(m.Max, 1)):
		return nil, fmt.Errorf("%d rows of up to %d elements are too many elements", c.Rows, m.Max)
	}
	f := &list{key: c.Key, min: m.Min, max: m.Max, reads: &inputReader{Host: c.Host}, element: elementOf(c.Type)}
	inner := *c
	inner.Key, inner.Fixed, inner.NotBefore = c.Key.Derive("element"), nil, nil
	inner.Rows, inner.Host, inner.Type = c.Rows*int64(m.Max), f.reads, f.element
	if m.Of.Name == "list" {
		inner.Type, f.element = c.Type, schema.Type{}
	}
	var err error
	if f.of, err = c.Host.Compile(&inner, m.Of); err != nil {
		return nil, err
	}
	f.between = ','
	if baseOf(f.element) == "box" || m.Of.Name == "geometry" && f.of.String()[:3] == "box" {
		f.between = ';'
	}
	if base := baseOf(f.element); base == "geometry" || base == "geography" || m.Of.Name == "geometry" && strings.HasPrefix(f.of.String(), "st_") {
		f.between = ':' // as PostGIS has it
	}
	bare := f.of
	if n, ok := bare.(*nullable); ok {
		bare = n.Filler
	}
	if sub, ok := bare.(*list); ok {
		if bare != f.of {
			return nil, fmt.Errorf("a list in a list cannot be null")
		}
		if sub.min != sub.max || sub.min == 0 {
			return nil, fmt.Errorf("the inner list has %d to %d elements: an array of several dimensions has one length in each, above 0", sub.min, sub.max)
		}
		f.nested = true
	}
	ix, ok := f.of.(Indexed)
	if ok && ix.Card() > 0 {
		f.index = ix
		f.count()
	}
	if m.Distinct {
		switch {
		case f.index == nil:
			return nil, fmt.Errorf("elements cannot be distinct: the values (%s) cannot be numbered", f.of)
		case ix.Card() < uint64(m.Max):
			return nil, fmt.Errorf("max is %d and there are %d distinct elements (%s): lower max or widen the values", m.Max, ix.Card(), f.of)
		}
		f.distinct = true
		f.order = rng.NewPerm(c.Key.Derive("order"), ix.Card())
		f.count()
	}
	return f, nil
}

type list struct {
	key      rng.Key
	of       Filler
	min, max int
	reads    *inputReader
	element  schema.Type
	between  byte
	nested   bool
	distinct bool
	order    rng.Perm // of the elements' numbers: those of a list follow one another in it
	index    Indexed  // of, where its values can be numbered
	cards    []uint64 // of each length
	card     uint64
}

// count numbers the lists.
func (f *list) count() {
	f.cards, f.card = nil, 0
	n := f.index.Card()
	for k := f.min; k <= f.max; k++ {
		card := uint64(1)
		switch {
		case f.distinct && k > 0:
			card = n
		default:
			for range k {
				card = times(card, n)
			}
		}
		f.cards = append(f.cards, card)
		f.card = min(f.card+card, full)
	}
}

func (f *list) Kind() column.Kind { return column.Literal }
func (f *list) Facts() Facts      { return Facts{Drawn: f.min < f.max || f.distinct || anyDrawn(f.of)} }
func (f *list) String() string {
	what := "list"
	if f.distinct {
		what = "list without repetition"
	}
	return fmt.Sprintf("%s of %d to %d of: %s", what, f.min, f.max, f.of)
}

// Bounds knows the length where that of an element is known.
func (f *list) Bounds() Bounds {
	if one := boundsOf(f.of).MaxLen; one > 0 && f.of.Kind().Variable() {
		return Bounds{MaxLen: 2 + f.max*(2*one+3)}
	}
	return Bounds{}
}

// length draws the number of elements of a row.
func (f *list) length(row int64, attempt uint32) int {
	st := f.key.At(row, attempt)
	return f.min + int(st.N(uint64(f.max-f.min)+1))
}

func (f *list) Fill(dst *column.Vec, s *Span) error {
	sc := s.Scratch
	mark := sc.Mark()
	defer sc.Release(mark)
	elements := sc.Vec(f.of.Kind())
	if f.distinct {
		for i := range s.Rows.N {
			st := f.key.At(s.Rows.At(i), s.Attempt)
			n := f.min + int(st.N(uint64(f.max-f.min)+1))
			f.follow(elements, st.N(f.order.Len()), n, sc)
		}
	} else if err := f.fillElements(elements, s); err != nil {
		return err
	}
	at := 0
	for i := range s.Rows.N {
		n := f.length(s.Rows.At(i), s.Attempt)
		dst.Data = f.write(dst.Data, elements, at, n)
		dst.EndCell()
		at += n
	}
	return nil
}

// follow appends n elements whose numbers follow one another in the order.
func (f *list) follow(elements *column.Vec, first uint64, n int, sc *Scratch) {
	for range n {
		f.index.AppendIndex(elements, f.order.At(first), sc)
		if first++; first == f.order.Len() {
			first = 0
		}
	}
}

func (f *list) fillElements(elements *column.Vec, s *Span) error {
	sc := s.Scratch
	rows := sc.Vec(column.Int)
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		for j := range f.length(row, s.Attempt) {
			rows.AppendInt(row*int64(f.max) + int64(j))
		}
	}
	sub := sc.lendSpan()
	defer sc.returnSpan()
	*sub = Span{Rows: Rows{N: rows.Len(), List: rows.Ints}, Attempt: s.Attempt, Scratch: sc}
	if len(f.reads.indexes) > 0 {
		first, done := sc.markViews()
		defer done()
		for k, in := range s.Inputs {
			if !slices.Contains(f.reads.indexes, k) {
				sc.lendView(column.Vec{}) // nobody reads it
				continue
			}
			out := sc.Vec(in.Kind)
			out.Scale = in.Scale
			for i := range s.Rows.N {
				for range f.length(s.Rows.At(i), s.Attempt) {
					out.AppendCell(in, i)
				}
			}
			sc.lendView(out.View(0, rows.Len()))
		}
		sub.Inputs = sc.views[first:len(sc.views):len(sc.views)]
	}
	return f.of.Fill(elements, sub)
}

// write appends the list of n elements from at on.
func (f *list) write(b []byte, elements *column.Vec, at, n int) []byte {
	b = append(b, '{')
	for j := range n {
		if j > 0 {
			b = append(b, f.between)
		}
		if elements.Null(at + j) {
			b = append(b, "NULL"...)
			continue
		}
		begin := len(b)
		b = appendPostgres(b, elements, at+j, f.element)
		if !f.nested {
			b = quoteFrom(b, begin, false, f.between)
		}
	}
	return append(b, '}')
}

func (f *list) Card() uint64 { return f.card }
func (f *list) AppendIndex(dst *column.Vec, i uint64, sc *Scratch) {
	mark := sc.Mark()
	defer sc.Release(mark)
	elements := sc.Vec(f.of.Kind())
	k, i := choose(f.cards, f.card, i)
	n := f.min + k
	if f.distinct {
		f.follow(elements, i%f.order.Len(), n, sc)
	} else {
		d := dealer{i, i, f.cards[k]}
		for range n {
			f.index.AppendIndex(elements, d.deal(f.index.Card()), sc)
		}
	}
	dst.Data = f.write(dst.Data, elements, 0, n)
	dst.EndCell()
}

func (f *list) Rules() []Rule {
	if f.nested {
		return nil
	}
	return []Rule{{
		Text: fmt.Sprintf("has %d to %d elements", f.min, f.max),
		SQL: func(d Dialect, x string, _ []string) string {
			if d.Name() != "postgres" {
				return ""
			}
			return fmt.Sprintf("cardinality(%s) between %d and %d", x, f.min, f.max)
		},
	}}
}
