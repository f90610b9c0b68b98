package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Integer draws integers.
type Integer struct {
	Min          int64 `yaml:"min" desc:"the smallest value (default 0)"`
	Max          int64 `yaml:"max" required:"true" desc:"the largest value"`
	Step         int64 `yaml:"step" desc:"the distance between neighbouring values, counted from min (default 1)"`
	Distribution `yaml:",inline"`
}

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
	return &integer{key: c.Key, grid: g, shape: m.Distribution.name()}, nil
}

type integer struct {
	key   rng.Key
	grid  *grid
	shape string
}

func (f *integer) Kind() column.Kind { return column.Int }
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
	f.grid.fill(dst, f.key, s)
	return nil
}
func (f *integer) Card() uint64                                      { return f.grid.card() }
func (f *integer) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) { dst.AppendInt(f.grid.at(i)) }
func (f *integer) Rules() []Rule {
	lo, hi, step := f.grid.lo, f.grid.hi(), f.grid.step
	text := fmt.Sprintf("is between %d and %d", lo, hi)
	if step > 1 {
		text += fmt.Sprintf(" in steps of %d", step)
	}
	const far = 1 << 62 // beyond it the difference of two values may be no integer of the database
	return []Rule{{
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
}
