package gen

import (
	"fmt"
	"math"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Decimal draws decimal numbers, exact as money is.
type Decimal struct {
	Min          *blueprint.Value `yaml:"min" desc:"the smallest value, a number or a text such as \"0.05\" (default 0)"`
	Max          blueprint.Value  `yaml:"max" required:"true" desc:"the largest value, likewise"`
	Scale        *int             `yaml:"scale" desc:"the digits behind the point (default: what the column holds, or else 2)"`
	Step         *blueprint.Value `yaml:"step" desc:"the distance between neighbouring values, counted from min, likewise (default: the smallest that scale allows)"`
	Distribution `yaml:",inline"`
}

// OutputVersion implements Maker.
func (*Decimal) OutputVersion() int { return 1 }

// Make implements Maker. Cells have the column's scale, where that is known: it is the one in which the
// database gives them back.
func (m *Decimal) Make(c *Context) (Filler, error) {
	if f, err := m.makeWide(c); f != nil || err != nil {
		return f, err
	}
	const most = 18 // digits that an int64 surely holds
	held := -1      // digits behind the point that the column holds
	if c.Type.Kind == column.Decimal && c.Type.Precision > 0 {
		held = c.Type.Scale
	}
	wanted := held
	switch {
	case m.Scale != nil:
		wanted = *m.Scale
	case held < 0:
		wanted = 2
	}
	if held < 0 {
		held = wanted
	}
	switch {
	case wanted < 0 || wanted > most:
		return nil, fmt.Errorf("scale %d is not between 0 and %d", wanted, most)
	case wanted > held:
		return nil, fmt.Errorf("scale %d is more than the column holds: %d", wanted, held)
	case held > most:
		return nil, fmt.Errorf("the column's scale is %d: at most %d are supported", held, most)
	}
	step := int64(1)
	for range held - wanted {
		step *= 10
	}
	unit := float64(1)
	for range held {
		unit *= 10
	}
	var lo int64
	var err error
	if m.Min != nil {
		if lo, err = decimalValue("min", m.Min.V, wanted); err != nil {
			return nil, err
		}
	}
	hi, err := decimalValue("max", m.Max.V, wanted)
	if err != nil {
		return nil, err
	}
	if lo > hi {
		return nil, fmt.Errorf("min %s is above max %s", column.AppendDecimal(nil, lo, wanted), column.AppendDecimal(nil, hi, wanted))
	}
	for _, x := range []int64{lo, hi} {
		if step > 1 && (x*step)/step != x {
			return nil, fmt.Errorf("%s with %d digits behind the point is too large: at most 18 digits are supported", column.AppendDecimal(nil, x, wanted), held)
		}
	}
	by := step
	if m.Step != nil {
		if by, err = decimalValue("step", m.Step.V, wanted); err != nil {
			return nil, err
		}
		if by < 1 || by > math.MaxInt64/step {
			return nil, fmt.Errorf("step %s is not above 0", scalarText(m.Step.V))
		}
		by *= step
	}
	g, err := newGrid(lo*step, hi*step, by, unit, &m.Distribution)
	if err != nil {
		return nil, err
	}
	return &decimal{key: c.Key, grid: g, scale: held, shape: m.Distribution.name()}, nil
}

// decimalValue reads a bound as an integer with scale digits behind the point.
func decimalValue(what string, v any, scale int) (int64, error) {
	switch v.(type) {
	case int64, float64, string:
	default:
		return 0, fmt.Errorf("%s is %s: a number is wanted", what, describe(v))
	}
	s := scalarText(v)
	if f, ok := v.(float64); ok {
		s = plainFloat(f)
	}
	whole, frac, _ := strings.Cut(s, ".")
	s = whole
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		s += "." + frac
	}
	if len(frac) > scale {
		return 0, fmt.Errorf("%s %s has more than %d digits behind the point: raise scale", what, s, scale)
	}
	if strings.Trim(strings.TrimPrefix(whole, "-"), "0123456789") != "" || whole == "" || whole == "-" {
		return 0, fmt.Errorf("%s %q is no decimal number such as 12.50", what, s)
	}
	x, err := parseDecimal(s, scale)
	if err != nil {
		return 0, fmt.Errorf("%s %s is too large: at most 18 digits are supported", what, s)
	}
	return x, nil
}

type decimal struct {
	key   rng.Key
	grid  *grid
	scale int
	shape string
}

func (f *decimal) text(x int64) string { return string(column.AppendDecimal(nil, x, f.scale)) }

func (f *decimal) Kind() column.Kind { return column.Decimal }
func (f *decimal) Facts() Facts      { return Facts{Drawn: true} }
func (f *decimal) Scale() int        { return f.scale }
func (f *decimal) Bounds() Bounds    { return Bounds{Min: f.grid.lo, Max: f.grid.hi()} }
func (f *decimal) String() string {
	out := fmt.Sprintf("decimal %s to %s", f.text(f.grid.lo), f.text(f.grid.hi()))
	if f.grid.step > 1 {
		out += " by " + f.text(f.grid.step)
	}
	if f.shape != "uniform" {
		out += ", " + f.shape
	}
	return out
}
func (f *decimal) Fill(dst *column.Vec, s *Span) error {
	dst.Scale = int32(f.scale)
	f.grid.fill(dst, f.key, s)
	return nil
}
func (f *decimal) Card() uint64 { return f.grid.card() }
func (f *decimal) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.Scale = int32(f.scale)
	dst.AppendInt(f.grid.at(i))
}
func (f *decimal) Rules() []Rule {
	lo, hi := f.grid.lo, f.grid.hi()
	return []Rule{{
		Text: fmt.Sprintf("is between %s and %s", f.text(lo), f.text(hi)),
		SQL: func(_ Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %s and %s", x, f.text(lo), f.text(hi))
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			return v.Null(i) || v.Ints[i] >= lo && v.Ints[i] <= hi && (v.Ints[i]-lo)%f.grid.step == 0
		},
	}}
}
