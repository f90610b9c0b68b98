package gen

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Float draws floating-point numbers.
type Float struct {
	Min          float64 `yaml:"min" desc:"the smallest value (default 0)"`
	Max          float64 `yaml:"max" required:"true" desc:"the largest value"`
	Step         float64 `yaml:"step" desc:"the grid on which values lie, counted from min (0.01: hundredths); 0: none"`
	Distribution `yaml:",inline"`
}

// OutputVersion implements Maker.
func (*Float) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Float) Make(c *Context) (Filler, error) {
	f := &float{key: c.Key, min: m.Min, max: m.Max, step: m.Step, single: c.Type.Single()}
	if m.Min > m.Max {
		return nil, fmt.Errorf("min %v is above max %v", m.Min, m.Max)
	}
	if m.Step < 0 {
		return nil, fmt.Errorf("step %v is below 0", m.Step)
	}
	if m.Step > 0 {
		steps := math.Floor((m.Max-m.Min)/m.Step + 1e-9)
		if steps >= 1<<53 {
			return nil, fmt.Errorf("a step of %v is too fine for the range", m.Step)
		}
		f.steps = uint64(steps)
		f.inverse = math.Floor(1/m.Step + 0.5)
		if math.Abs(float64(f.inverse*m.Step)-1) > 1e-9 || math.Abs(math.Floor(float64(m.Min*f.inverse)+0.5)-float64(m.Min*f.inverse)) > 1e-6 {
			f.inverse = 0
		}
	}
	var err error
	f.draw, err = m.Distribution.sampler(m.Min, m.Max)
	return f, err
}

type float struct {
	key            rng.Key
	min, max, step float64
	steps          uint64
	inverse        float64                   // 1/step where that is whole and min lies on its grid: k/100 is exact where k*0.01 is not
	draw           func(*rng.Stream) float64 // nil: uniform
	single         bool                      // the column holds single precision
}

// held gives the number that the column holds for x, within the bounds.
func (f *float) held(x float64) float64 {
	x = min(max(x, f.min), f.max)
	if !f.single {
		return x
	}
	y := float32(x)
	switch {
	case float64(y) > f.max:
		y = math.Nextafter32(y, float32(math.Inf(-1)))
	case float64(y) < f.min:
		y = math.Nextafter32(y, float32(math.Inf(1)))
	}
	return float64(y)
}

func (f *float) grid(k uint64) float64 {
	if f.inverse > 0 {
		return (math.Floor(float64(f.min*f.inverse)+0.5) + float64(k)) / f.inverse
	}
	return f.min + float64(float64(k)*f.step)
}

func (f *float) Kind() column.Kind { return column.Float }
func (f *float) Facts() Facts      { return Facts{Drawn: true, Floats: &FloatRange{f.min, f.max}} }
func (f *float) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		switch {
		case f.draw != nil:
			s.Scratch.draw = st
			x := f.draw(&s.Scratch.draw)
			if f.step > 0 {
				x = f.grid(min(uint64(math.Floor((x-f.min)/f.step+0.5)), f.steps))
			}
			dst.AppendFloat(f.held(x))
		case f.step > 0:
			dst.AppendFloat(f.held(f.grid(st.N(f.steps + 1))))
		default:
			dst.AppendFloat(f.held(f.min + float64((f.max-f.min)*st.Float())))
		}
	}
	return nil
}
func (f *float) String() string {
	out := fmt.Sprintf("float %v to %v", f.min, f.max)
	if f.step > 0 {
		out += fmt.Sprintf(" by %v", f.step)
	}
	return out
}

// Card is the number of values of the grid, or of that of fractions that stands in where there is none,
// as long as the numbers of the column tell neighbours apart.
func (f *float) Card() uint64 {
	if f.draw != nil {
		return 0
	}
	n := f.steps + 1
	if f.step == 0 {
		n = fractions
		if f.single {
			n = fractions >> 10
		}
	}
	digits := float64(1 << 50)
	if f.single {
		digits = 1 << 21
	}
	if far := max(math.Abs(f.min), math.Abs(f.max)); n > 1 && (f.max-f.min)/float64(n-1)*digits < far {
		return 0
	}
	return n
}

const fractions = 1 << 30

func (f *float) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	if f.step > 0 {
		dst.AppendFloat(f.held(f.grid(i)))
		return
	}
	dst.AppendFloat(f.held(f.min + float64((f.max-f.min)*(float64(i)/float64(f.Card()-1)))))
}

func (f *float) Rules() []Rule {
	return []Rule{{
		Text: fmt.Sprintf("is between %v and %v", f.min, f.max),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %s and %s", x, d.Value(f.min), d.Value(f.max))
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			return v.Null(i) || v.Floats[i] >= f.min && v.Floats[i] <= f.max
		},
	}}
}
