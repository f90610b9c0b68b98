package gen

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// makeWide makes the Filler of decimal numbers that stand in their column as a text: money, and numerics
// of more digits than an int64 holds. It gives nil for all others, those among them that are wrong.
func (m *Decimal) makeWide(c *Context) (Filler, error) {
	base := baseOf(c.Type)
	unknown := c.Type.Kind == column.Invalid && c.Type.Name == "" // no database is at hand, or the column is none of its own
	if !unknown && (c.Type.Kind != column.Literal || base != "money" && base != "numeric") {
		return nil, nil
	}
	f := &wide{key: c.Key, money: base == "money", shape: m.Distribution.name()}
	held := -1
	switch {
	case f.money:
		held = 2
	case c.Type.Precision > 0:
		held = max(c.Type.Scale, 0)
	}
	f.scale = 2
	switch {
	case m.Scale != nil:
		f.scale = *m.Scale
	case held >= 0:
		f.scale = min(held, 18)
	}
	if held < 0 {
		held = f.scale
	}
	const most = 38 // digits that 127 bits hold
	if unknown && (f.scale > 18 || f.scale < 0) {
		return nil, nil
	}
	switch {
	case f.scale < 0 || f.scale > most:
		return nil, fmt.Errorf("scale %d is not between 0 and %d", f.scale, most)
	case f.scale > held:
		return nil, fmt.Errorf("scale %d is more than the column holds: %d", f.scale, held)
	}
	f.pad = held - f.scale
	lo, err := new(big.Int), error(nil)
	if m.Min != nil {
		lo, err = wideValue("min", m.Min.V, f.scale)
	}
	hi := new(big.Int)
	if err == nil {
		hi, err = wideValue("max", m.Max.V, f.scale)
	}
	if err == nil && unknown && lo.IsInt64() && hi.IsInt64() || err != nil && unknown {
		return nil, nil // decimal itself says what is wrong
	}
	if err != nil {
		return nil, err
	}
	step := big.NewInt(1)
	if c.Type.Scale < 0 {
		step.Exp(big.NewInt(10), big.NewInt(int64(-c.Type.Scale)), nil)
	}
	if m.Step != nil {
		if step, err = wideValue("step", m.Step.V, f.scale); err != nil {
			return nil, err
		}
		if step.Sign() <= 0 {
			return nil, fmt.Errorf("step %s is not above 0", scalarText(m.Step.V))
		}
	}
	if lo.Cmp(hi) > 0 {
		return nil, fmt.Errorf("min is above max")
	}
	if p := c.Type.Precision; p > 0 {
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(p-held+f.scale+max(-c.Type.Scale, 0), 0))), nil)
		if new(big.Int).Abs(lo).Cmp(limit) >= 0 || new(big.Int).Abs(hi).Cmp(limit) >= 0 {
			return nil, fmt.Errorf("min and max go beyond what the column holds: %d digits, %d of them behind the point", p, c.Type.Scale)
		}
	}
	if lo.IsInt64() && hi.IsInt64() && step.IsInt64() {
		if c.Type.Precision == 0 && !f.money {
			return nil, nil // no digit that is not written: a plain decimal
		}
		unit := 1.0
		for range f.scale {
			unit *= 10
		}
		if f.grid, err = newGrid(lo.Int64(), hi.Int64(), step.Int64(), unit, &m.Distribution); err != nil {
			return nil, err
		}
		f.hi = int128Of(hi)
		f.lo = int128Of(lo)
		return f, nil
	}
	if f.money || f.shape != "uniform" {
		return nil, fmt.Errorf("%s to %s is too wide a range: at most 18 digits are supported here", lo, hi)
	}
	f.lo, f.hi, f.step = int128Of(lo), int128Of(hi), int128Of(step)
	n := new(big.Int).Sub(hi, lo)
	n.Div(n, step)
	n.Add(n, big.NewInt(1))
	f.n = int128Of(n)
	f.card, f.stride = full, int128Of(new(big.Int).Div(n, new(big.Int).SetUint64(full)))
	if n.Cmp(new(big.Int).SetUint64(full)) < 0 {
		f.card, f.stride = n.Uint64(), int128{0, 1}
	}
	return f, nil
}

// wideValue reads a bound as an integer with scale digits behind the point.
func wideValue(what string, v any, scale int) (*big.Int, error) {
	s := scalarText(v)
	if x, ok := v.(float64); ok {
		s = plainFloat(x)
	}
	whole, frac, _ := strings.Cut(s, ".")
	if frac = strings.TrimRight(frac, "0"); len(frac) > scale {
		return nil, fmt.Errorf("%s %s has more than %d digits behind the point: raise scale", what, s, scale)
	}
	x, ok := new(big.Int).SetString(whole+frac+strings.Repeat("0", scale-len(frac)), 10)
	if !ok {
		return nil, fmt.Errorf("%s %q is no decimal number such as 12.50", what, s)
	}
	if x.BitLen() > 126 {
		return nil, fmt.Errorf("%s %s is too large: at most 37 digits are supported", what, s)
	}
	return x, nil
}

// int128 is an integer in two's complement.
type int128 struct{ hi, lo uint64 }

func int128Of(x *big.Int) int128 {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	return int128{new(big.Int).And(new(big.Int).Rsh(x, 64), mask).Uint64(), new(big.Int).And(x, mask).Uint64()}
}

func (x int128) plus(y int128) int128 {
	lo, carry := bits.Add64(x.lo, y.lo, 0)
	hi, _ := bits.Add64(x.hi, y.hi, carry)
	return int128{hi, lo}
}

func (x int128) negative() bool { return int64(x.hi) < 0 }

func (x int128) negated() int128 { return int128{^x.hi, ^x.lo}.plus(int128{0, 1}) }

// times multiplies; what goes beyond 128 bits is lost.
func (x int128) times(y int128) int128 {
	hi, lo := bits.Mul64(x.lo, y.lo)
	return int128{hi + x.hi*y.lo + x.lo*y.hi, lo}
}

// below gives a number below n, which is not negative, from a stream, by rejection.
func (n int128) below(st *rng.Stream) int128 {
	if n.hi == 0 {
		return int128{0, st.N(n.lo)}
	}
	mask := uint64(1)<<bits.Len64(n.hi) - 1
	for {
		x := int128{st.Uint64() & mask, st.Uint64()}
		if x.hi < n.hi || x.hi == n.hi && x.lo < n.lo {
			return x
		}
	}
}

// wide is the Filler of decimal numbers in their text form.
type wide struct {
	key    rng.Key
	grid   *grid // where all numbers are 64-bit integers; or else the following
	lo, hi int128
	step   int128
	n      int128
	card   uint64
	stride int128 // of the numbers that are counted
	scale  int
	pad    int // zeros behind the digits that are drawn
	money  bool
	shape  string
}

func (f *wide) Kind() column.Kind { return column.Literal }
func (f *wide) Facts() Facts      { return Facts{Drawn: true} }
func (f *wide) String() string {
	what := "decimal"
	if f.money {
		what = "money"
	}
	return fmt.Sprintf("%s %s to %s", what, f.append(nil, f.lo), f.append(nil, f.hi))
}
func (f *wide) Bounds() Bounds {
	return Bounds{MaxLen: max(len(f.append(nil, f.lo)), len(f.append(nil, f.hi)))}
}
func (f *wide) Fill(dst *column.Vec, s *Span) error {
	if f.grid != nil {
		mark := s.Scratch.Mark()
		defer s.Scratch.Release(mark)
		v := s.Scratch.Vec(column.Int)
		f.grid.fill(v, f.key, s)
		for _, x := range v.Ints {
			dst.Data = f.append(dst.Data, wideInt(x))
			dst.EndCell()
		}
		return nil
	}
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.Data = f.append(dst.Data, f.lo.plus(f.n.below(&st).times(f.step)))
		dst.EndCell()
	}
	return nil
}
func (f *wide) Card() uint64 {
	if f.grid != nil {
		return f.grid.card()
	}
	return f.card
}
func (f *wide) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	x := int128{}
	if f.grid != nil {
		x = wideInt(f.grid.at(i))
	} else {
		x = f.lo.plus(int128{0, i}.times(f.stride).times(f.step))
	}
	dst.Data = f.append(dst.Data, x)
	dst.EndCell()
}

func wideInt(x int64) int128 { return int128{uint64(x >> 63), uint64(x)} }

// append appends a number.
func (f *wide) append(b []byte, x int128) []byte {
	if x.negative() {
		b, x = append(b, '-'), x.negated()
	}
	if f.money { // as in the locale C
		b = append(b, '$')
		begin := len(b)
		b = strconv.AppendUint(b, x.lo/100, 10)
		for at := len(b) - 3; at > begin; at -= 3 {
			b = append(b, 0)
			copy(b[at+1:], b[at:])
			b[at] = ','
		}
		return append(b, '.', byte('0'+x.lo/10%10), byte('0'+x.lo%10))
	}
	var digits [40]byte
	at := len(digits)
	for n := 0; n <= f.scale || x.hi > 0 || x.lo > 0; n++ {
		var rest uint64
		hi, over := x.hi/10, x.hi%10
		x.lo, rest = bits.Div64(over, x.lo, 10)
		x.hi = hi
		at--
		digits[at] = byte('0' + rest)
	}
	all := digits[at:]
	b = append(b, all[:len(all)-f.scale]...)
	if f.scale+f.pad == 0 {
		return b
	}
	b = append(append(b, '.'), all[len(all)-f.scale:]...)
	for range f.pad {
		b = append(b, '0')
	}
	return b
}
