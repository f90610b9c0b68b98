package gen

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Array gives a JSON array whose elements a generator makes. Element i of row r is what the generator
// gives for row r*max+i; cells that it reads are those of row r.
type Array struct {
	Of  blueprint.Generator `yaml:"of" required:"true" desc:"the generator of the elements"`
	Min int                 `yaml:"min" desc:"the smallest number of elements (default 0)"`
	Max int                 `yaml:"max" required:"true" desc:"the largest number of elements"`
}

// OutputVersion implements Maker.
func (*Array) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Array) Make(c *Context) (Filler, error) {
	const most = 10_000
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
	f := &array{key: c.Key, min: m.Min, max: m.Max, reads: &inputReader{Host: c.Host}}
	inner := *c
	inner.Rows, inner.Host = c.Rows*int64(m.Max), f.reads
	var err error
	f.of, err = inner.Sub(m.Of, "element")
	return f, err
}

// inputReader is a Host that notes which inputs are asked for.
type inputReader struct {
	Host
	indexes []int
}

// Input implements Host.
func (h *inputReader) Input(path string) (Input, error) {
	in, err := h.Host.Input(path)
	if err == nil {
		h.indexes = append(h.indexes, in.Index)
	}
	return in, err
}

type array struct {
	key      rng.Key
	of       Filler
	min, max int
	reads    *inputReader
}

func (f *array) Kind() column.Kind { return column.JSON }
func (f *array) Facts() Facts      { return Facts{Drawn: f.min < f.max || anyDrawn(f.of)} }
func (f *array) String() string {
	return fmt.Sprintf("array of %d to %d of: %s", f.min, f.max, f.of)
}

// length draws the number of elements of a row.
func (f *array) length(row int64, attempt uint32) int {
	st := f.key.At(row, attempt)
	return f.min + int(st.N(uint64(f.max-f.min)+1))
}

func (f *array) Fill(dst *column.Vec, s *Span) error {
	sc := s.Scratch
	mark := sc.Mark()
	defer sc.Release(mark)
	rows := sc.Vec(column.Int)
	for i := range s.Rows.N {
		row := s.Rows.At(i)
		for j := range f.length(row, s.Attempt) {
			rows.AppendInt(row*int64(f.max) + int64(j))
		}
	}
	elements := sc.Vec(f.of.Kind())
	sub := sc.lendSpan()
	defer sc.returnSpan()
	*sub = Span{Rows: Rows{N: rows.Len(), List: rows.Ints}, Attempt: s.Attempt, Scratch: sc}
	if len(f.reads.indexes) > 0 {
		first, done := sc.markViews()
		defer done()
		for k, in := range s.Inputs {
			if slices.Contains(f.reads.indexes, k) {
				sc.lendView(f.spread(in, s).View(0, rows.Len()))
			} else {
				sc.lendView(column.Vec{}) // nobody reads it
			}
		}
		sub.Inputs = sc.views[first:len(sc.views):len(sc.views)]
	}
	if err := f.of.Fill(elements, sub); err != nil {
		return err
	}
	at := 0
	for i := range s.Rows.N {
		b := append(dst.Data, '[')
		for j := range f.length(s.Rows.At(i), s.Attempt) {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = appendJSON(b, elements, at)
			at++
		}
		dst.Data = append(b, ']')
		dst.EndCell()
	}
	return nil
}

// spread repeats each cell of an input for each element of its row.
func (f *array) spread(in *column.Vec, s *Span) *column.Vec {
	out := s.Scratch.Vec(in.Kind)
	out.Scale = in.Scale
	for i := range s.Rows.N {
		for range f.length(s.Rows.At(i), s.Attempt) {
			out.AppendCell(in, i)
		}
	}
	return out
}

func (f *array) Rules() []Rule {
	return []Rule{{
		Text: fmt.Sprintf("has %d to %d elements", f.min, f.max),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %d and %d", d.JSONLength(x), f.min, f.max)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			var elements []json.RawMessage
			if v.Null(i) {
				return true
			}
			err := json.Unmarshal(v.Bytes(i), &elements)
			return err == nil && len(elements) >= f.min && len(elements) <= f.max
		},
	}}
}
