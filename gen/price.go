package gen

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Price draws amounts as shops ask for them: 4.99, 12.50, 149.00, small ones more often than large ones.
type Price struct {
	Min *blueprint.Value `yaml:"min" desc:"the smallest amount (default 1)"`
	Max *blueprint.Value `yaml:"max" short:"true" desc:"the largest amount (default 500)"`
}

// endings are the cents of a price, the usual ones several times.
var endings = [...]int64{99, 99, 99, 0, 0, 50, 95, 49}

// ways is how many endings a numbered price has.
const ways = 6

// OutputVersion implements Maker.
func (*Price) OutputVersion() int { return 1 }

// Make implements Maker. Cells have the column's scale, as those of decimal have.
func (m *Price) Make(c *Context) (Filler, error) {
	f := &price{key: c.Key, kind: column.Decimal, scale: 2}
	base := baseOf(c.Type)
	switch {
	case c.Type.Kind == column.Int:
		f.kind, f.scale = column.Int, 0
	case c.Type.Kind == column.Decimal && c.Type.Precision > 0:
		f.scale = c.Type.Scale
	case c.Type.Kind == column.Literal && (base == "money" || base == "numeric" && c.Type.Precision > 0):
		f.kind = column.Literal
		f.text = &wide{money: base == "money", scale: 2}
		if base == "numeric" {
			f.text.scale = min(max(c.Type.Scale, 0), 4)
			f.text.pad = max(c.Type.Scale, 0) - f.text.scale
		}
		f.scale = f.text.scale
	}
	if f.scale > 12 {
		return nil, fmt.Errorf("the column has %d digits behind the point: at most 12 are supported", f.scale)
	}
	f.unit = 1
	for range f.scale {
		f.unit *= 10
	}
	lo, hi := f.unit, 500*f.unit
	var err error
	if m.Min != nil {
		if lo, err = decimalValue("min", m.Min.V, f.scale); err != nil {
			return nil, err
		}
	}
	if m.Max != nil {
		if hi, err = decimalValue("max", m.Max.V, f.scale); err != nil {
			return nil, err
		}
	}
	if p := c.Type.Precision; m.Max == nil && p > 0 && p <= 18 {
		most := int64(math.Pow10(p)) - 1
		lo, hi = min(lo, most), min(hi, most)
	}
	if lo > hi || lo < 0 {
		return nil, fmt.Errorf("min and max are not 0 <= min <= max")
	}
	f.lo, f.hi = lo, hi
	f.from, f.n = (lo+f.unit-1)/f.unit, 0
	if last := hi/f.unit - 1; last >= f.from { // the whole parts with which every ending lies within the bounds
		f.n = uint64(last-f.from) + 1
	}
	return f, nil
}

type price struct {
	key    rng.Key
	kind   column.Kind
	scale  int
	unit   int64 // 1, in the scale
	lo, hi int64
	from   int64  // the smallest whole part
	n      uint64 // whole parts; 0: there is no room for them, and all amounts are drawn alike
	text   *wide  // Literal: how an amount is written
}

// with gives a whole part with an ending of so many hundredths.
func (f *price) with(whole, cents int64) int64 {
	if f.scale < 2 {
		return whole * f.unit
	}
	return whole*f.unit + cents*(f.unit/100)
}

func (f *price) draw(st *rng.Stream) int64 {
	if f.n == 0 {
		return st.Range(f.lo, f.hi)
	}
	// The smaller of two: prices crowd at the lower end.
	whole := f.from + int64(min(st.N(f.n), st.N(f.n)))
	cents := endings[st.N(uint64(len(endings)))]
	if whole >= 100 && cents != 99 {
		cents = 0
	}
	return f.with(whole, cents)
}

func (f *price) append(dst *column.Vec, x int64) {
	if f.text != nil {
		dst.Data = f.text.append(dst.Data, wideInt(x))
		dst.EndCell()
		return
	}
	dst.Scale = int32(f.scale)
	dst.AppendInt(x)
}

func (f *price) Kind() column.Kind { return f.kind }
func (f *price) Facts() Facts      { return Facts{Drawn: true} }
func (f *price) Scale() int        { return f.scale }
func (f *price) String() string {
	return fmt.Sprintf("price %s to %s", column.AppendDecimal(nil, f.lo, f.scale), column.AppendDecimal(nil, f.hi, f.scale))
}
func (f *price) Bounds() Bounds {
	if f.text != nil {
		return Bounds{MaxLen: len(f.text.append(nil, wideInt(f.hi)))}
	}
	return Bounds{Min: f.lo, Max: f.hi}
}
func (f *price) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		f.append(dst, f.draw(&st))
	}
	return nil
}

func (f *price) Card() uint64 {
	switch {
	case f.n == 0 || f.scale < 2:
		return uint64(f.hi-f.lo) + 1
	}
	return f.n * ways
}

func (f *price) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	if f.n == 0 || f.scale < 2 {
		f.append(dst, f.lo+int64(i))
		return
	}
	cents := [ways]int64{99, 0, 50, 95, 49, 90}[i%ways]
	f.append(dst, f.with(f.from+int64(i/ways), cents))
}

func (f *price) Rules() []Rule {
	if f.text != nil {
		return nil
	}
	lo, hi := string(column.AppendDecimal(nil, f.lo, f.scale)), string(column.AppendDecimal(nil, f.hi, f.scale))
	return []Rule{{
		Text: "is between " + lo + " and " + hi,
		SQL:  func(_ Dialect, x string, _ []string) string { return x + " between " + lo + " and " + hi },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			return v.Null(i) || v.Ints[i] >= f.lo && v.Ints[i] <= f.hi
		},
	}}
}
