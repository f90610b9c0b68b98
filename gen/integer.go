package gen

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Integer draws integers. Where the column has a not_before, the range begins at the largest of those cells, which
// are integers too: the year in which something ends is not before the one in which it begins.
type Integer struct {
	Min          int64 `yaml:"min" desc:"the smallest value (default 0)"`
	Max          int64 `yaml:"max" required:"true" desc:"the largest value"`
	Step         int64 `yaml:"step" desc:"the distance between neighbouring values, counted from min (default 1)"`
	Distribution `yaml:",inline"`
}

// OutputVersion implements Maker.
func (*Integer) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Integer) Make(c *Context) (Filler, error) {
	step := m.Step
	if step == 0 {
		step = 1
	}
	switch {
	case m.Min > m.Max:
		return nil, fmt.Errorf("min %d is above max %d", m.Min, m.Max)
	case step < 0:
		return nil, fmt.Errorf("step %d is below 1", step)
	}
	g, err := newGrid(m.Min, m.Max, step, 1, &m.Distribution)
	if err != nil {
		return nil, err
	}
	f := &integer{key: c.Key, grid: g, shape: m.Distribution.name()}
	for _, path := range c.NotBefore {
		in, err := c.Host.Input(path)
		if err != nil {
			return nil, err
		}
		if in.Kind != column.Int {
			return nil, fmt.Errorf("%s is of kind %s: an integer is wanted", path, in.Kind)
		}
		f.notBefore = append(f.notBefore, in)
	}
	if len(f.notBefore) > 0 && g.draw != nil {
		return nil, fmt.Errorf("distribution %s does not go with not_before", f.shape)
	}
	return f, nil
}

// TakesNotBefore implements NotBefore.
func (*Integer) TakesNotBefore() bool { return true }

type integer struct {
	key       rng.Key
	grid      *grid
	shape     string
	notBefore []Input
}

func (f *integer) Kind() column.Kind { return column.Int }
func (f *integer) Facts() Facts      { return Facts{Drawn: true} }
func (f *integer) Bounds() Bounds    { return Bounds{Min: f.grid.lo, Max: f.grid.hi()} }
func (f *integer) String() string {
	out := fmt.Sprintf("integer %d to %d", f.grid.lo, f.grid.hi())
	if f.grid.step > 1 {
		out += fmt.Sprintf(" by %d", f.grid.step)
	}
	if f.shape != "uniform" {
		out += ", " + f.shape
	}
	return out
}
func (f *integer) Fill(dst *column.Vec, s *Span) error {
	if len(f.notBefore) == 0 {
		f.grid.fill(dst, f.key, s)
		return nil
	}
	step := f.grid.step
	for i := range s.Rows.N {
		lo := f.grid.lo
		for _, in := range f.notBefore {
			if v := s.Inputs[in.Index]; !v.Null(i) && v.Ints[i] > lo {
				if lo = v.Ints[i]; lo > f.grid.hi() {
					return fmt.Errorf("row %d: %d, the first number that it may be (%s), is above the end of the range, %d", s.Rows.At(i), lo, in.Path, f.grid.hi())
				}
				lo = f.grid.lo + int64((uint64(lo)-uint64(f.grid.lo)+uint64(step)-1)/uint64(step))*step
			}
		}
		if lo > f.grid.hi() {
			return fmt.Errorf("row %d: %d, the first number that it may be, is above the end of the range, %d", s.Rows.At(i), lo, f.grid.hi())
		}
		rest := grid{lo: lo, step: step, last: (uint64(f.grid.hi()) - uint64(lo)) / uint64(step)}
		st := f.key.At(s.Rows.At(i), s.Attempt)
		if rest.last == math.MaxUint64 {
			dst.AppendInt(rest.at(st.Uint64()))
		} else {
			dst.AppendInt(rest.at(st.N(rest.last + 1)))
		}
	}
	return nil
}
func (f *integer) Card() uint64 {
	if len(f.notBefore) > 0 {
		return 0
	}
	return f.grid.card()
}
func (f *integer) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) { dst.AppendInt(f.grid.at(i)) }
func (f *integer) Rules() []Rule {
	lo, hi, step := f.grid.lo, f.grid.hi(), f.grid.step
	text := fmt.Sprintf("is between %d and %d", lo, hi)
	if step > 1 {
		text += fmt.Sprintf(" in steps of %d", step)
	}
	const far = 1 << 62 // beyond it the difference of two values may be no integer of the database
	rules := []Rule{{
		Text: text,
		SQL: func(d Dialect, x string, _ []string) string {
			between := fmt.Sprintf("%s between %s and %s", x, d.Value(lo), d.Value(hi))
			if step > 1 && lo > -far && hi < far {
				return fmt.Sprintf("(%s and (%s - (%s)) %% %d = 0)", between, x, d.Value(lo), step)
			}
			return between
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			x := v.Ints[i]
			return v.Null(i) || x >= lo && x <= hi && (uint64(x)-uint64(lo))%uint64(step) == 0
		},
	}}
	for _, in := range f.notBefore {
		rules = append(rules, Rule{
			Text: "is not before " + in.Path,
			SQL: func(_ Dialect, x string, e []string) string {
				if e[in.Index] == "" {
					return ""
				}
				return x + " >= " + e[in.Index]
			},
			Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
				return v.Null(i) || vs[in.Index].Null(i) || v.Ints[i] >= vs[in.Index].Ints[i]
			},
		})
	}
	return rules
}
