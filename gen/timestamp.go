package gen

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // the zone data is the binary's own: the same on every machine

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Timestamp draws moments uniformly from a range. The bounds are wall-clock times in a zone, turned
// into UTC once; the draw is in UTC, so that no hour of daylight saving is drawn twice or never.
// Where the column has a not_before, the range begins at the latest of those cells; where it has a not_after, it ends at
// the earliest of these.
type Timestamp struct {
	From      blueprint.DateTime `yaml:"from" required:"true" desc:"the first timestamp, as 2006-01-02 or 2006-01-02 15:04:05"`
	To        blueprint.DateTime `yaml:"to" required:"true" desc:"the last timestamp; a timestamp itself, not the end of its day"`
	Zone      string             `yaml:"zone" desc:"the IANA time zone of from and to (default UTC)"`
	Precision *int               `yaml:"precision" desc:"digits of the second, 0 to 6 (default 6, or what the column holds)"`
	Step      blueprint.Duration `yaml:"step" desc:"the distance between neighbouring timestamps, counted from midnight of 1970-01-01 UTC, such as 15m, 1h or 1d"`
	NotAfter  []string           `yaml:"not_after" desc:"paths of timestamps that this one is not after; null ones do not count"`
	Shape     *Shape             `yaml:"shape" desc:"when more happens than at other times"`
	Rising    `yaml:",inline"`
}

// OutputVersion implements Maker.
func (*Timestamp) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Timestamp) Make(c *Context) (Filler, error) {
	f := &timestamp{key: c.Key}
	var err error
	if f.lo, err = inZone(m.From, m.Zone); err != nil {
		return nil, err
	}
	if f.hi, err = inZone(m.To, m.Zone); err != nil {
		return nil, err
	}
	if f.unit, err = unit(m.Precision, c); err != nil {
		return nil, err
	}
	if f.unit, err = stepUnit(m.Step, f.unit); err != nil {
		return nil, err
	}
	f.lo = ceilTo(f.lo, f.unit)
	f.hi -= mod(f.hi, f.unit)
	if f.lo > f.hi {
		return nil, fmt.Errorf("from (%s) is after to (%s)", micros(f.lo), micros(f.hi))
	}
	if f.rising, err = m.make(c, f.unit); err != nil {
		return nil, err
	}
	if f.notBefore, err = timeInputs(c, c.NotBefore, column.Date); err != nil {
		return nil, err
	}
	if f.rising != nil {
		if err := m.shared("not_after", m.NotAfter); err != nil {
			return nil, err
		}
	}
	if f.notAfter, err = timeInputs(c, m.NotAfter); err != nil {
		return nil, err
	}
	if f.shape = m.Shape; f.shape != nil {
		f.shaped, err = m.Shape.make(f.lo, f.hi, f.unit, m.Zone)
	}
	return f, err
}

// TakesNotBefore implements NotBefore.
func (*Timestamp) TakesNotBefore() bool { return true }

// OwnKind implements OwnKind.
func (*Timestamp) OwnKind() column.Kind { return column.Timestamp }

// inZone gives the wall-clock time d in a zone as microseconds in UTC.
func inZone(d blueprint.DateTime, zone string) (int64, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return 0, fmt.Errorf("time zone %q is unknown: an IANA name such as Europe/Berlin", zone)
	}
	w := time.UnixMicro(int64(d)).UTC()
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), loc).UnixMicro(), nil
}

// unit gives the microseconds between two values of a precision.
func unit(precision *int, c *Context) (int64, error) {
	digits := 6
	if c.Type.Kind == column.Timestamp || c.Type.Kind == column.Time || c.Type.Base == "timetz" {
		digits = c.Type.Scale
	}
	if precision != nil {
		if *precision < 0 || *precision > 6 {
			return 0, fmt.Errorf("precision %d is not between 0 and 6", *precision)
		}
		digits = min(digits, *precision)
	}
	u := int64(1)
	for range 6 - digits {
		u *= 10
	}
	return u, nil
}

func mod(x, m int64) int64 {
	r := x % m
	if r < 0 {
		r += m
	}
	return r
}

// ceilTo rounds up; infinity stays.
func ceilTo(x, unit int64) int64 {
	if x == column.Infinity {
		return x
	}
	return x + mod(-x, unit)
}

func micros(us int64) string { return string(column.AppendTimestamp(nil, us)) }

// timeInput is an input that is a moment.
type timeInput struct {
	index int
	path  string
}

// at gives a cell as microseconds: a day begins at midnight.
func (in timeInput) at(v *column.Vec, i int) int64 {
	if x := v.Ints[i]; v.Kind != column.Date || column.Infinite(x) {
		return x
	}
	return v.Ints[i] * dayMicros
}

// timeInputs reads moments, and days where these are taken too.
func timeInputs(c *Context, paths []string, days ...column.Kind) ([]timeInput, error) {
	var out []timeInput
	for _, p := range paths {
		in, err := c.Host.Input(p)
		if err != nil {
			return nil, err
		}
		if in.Kind != column.Timestamp && !slices.Contains(days, in.Kind) {
			return nil, fmt.Errorf("%s is of kind %s: a timestamp is wanted", p, in.Kind)
		}
		out = append(out, timeInput{in.Index, p})
	}
	return out, nil
}

// latest gives the largest of the inputs' cells i and x; nulls do not count.
func latest(x int64, ins []timeInput, s *Span, i int) int64 {
	for _, in := range ins {
		if v := s.Inputs[in.index]; !v.Null(i) {
			x = max(x, in.at(v, i))
		}
	}
	return x
}

// earliest gives the smallest of the inputs' cells i and x; nulls do not count.
func earliest(x int64, ins []timeInput, s *Span, i int) int64 {
	for _, in := range ins {
		if v := s.Inputs[in.index]; !v.Null(i) {
			x = min(x, v.Ints[i])
		}
	}
	return x
}

// notAfterRules are the rules that a cell is not after others.
func notAfterRules(ins []timeInput) []Rule {
	var rules []Rule
	for _, in := range ins {
		rules = append(rules, Rule{
			Text: "is not after " + in.path,
			SQL: func(_ Dialect, x string, e []string) string {
				if e[in.index] == "" {
					return ""
				}
				return x + " <= " + e[in.index]
			},
			Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
				return vs[in.index].Null(i) || v.Ints[i] <= vs[in.index].Ints[i]
			},
		})
	}
	return rules
}

// notBeforeRules are the rules that a cell is not before others.
func notBeforeRules(ins []timeInput) []Rule {
	var rules []Rule
	for _, in := range ins {
		rules = append(rules, Rule{
			Text: "is not before " + in.path,
			SQL: func(_ Dialect, x string, e []string) string {
				if e[in.index] == "" {
					return ""
				}
				return x + " >= " + e[in.index]
			},
			Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
				return vs[in.index].Null(i) || v.Ints[i] >= in.at(vs[in.index], i)
			},
		})
	}
	return rules
}

type timestamp struct {
	key          rng.Key
	lo, hi, unit int64
	notBefore    []timeInput
	notAfter     []timeInput
	rising       *rising // nil where each row draws by itself
	shape        *Shape
	shaped       *shaped // nil where all times are equal
}

func (f *timestamp) Kind() column.Kind { return column.Timestamp }
func (f *timestamp) Facts() Facts      { return Facts{Drawn: true} }
func (f *timestamp) Fill(dst *column.Vec, s *Span) error {
	var ranks, counts *column.Vec
	if f.rising != nil {
		mark := s.Scratch.Mark()
		defer s.Scratch.Release(mark)
		ranks, counts = s.Scratch.Vec(column.Int), s.Scratch.Vec(column.Int)
		f.rising.stretches(s, ranks, counts)
	}
	for i := range s.Rows.N {
		lo, hi := f.lo, f.hi
		if len(f.notAfter) > 0 {
			hi = earliest(hi, f.notAfter, s, i)
			hi -= mod(hi, f.unit)
		}
		if len(f.notBefore) > 0 {
			lo = ceilTo(latest(lo, f.notBefore, s, i), f.unit)
		}
		if lo > hi {
			return fmt.Errorf("row %d: %s, which it may not precede, is after the end of the range, %s", s.Rows.At(i), micros(lo), micros(hi))
		}
		st := f.key.At(s.Rows.At(i), s.Attempt)
		n := uint64((hi-lo)/f.unit) + 1
		if f.shaped != nil {
			if at, ok := f.drawShaped(&st, lo, hi, ranks, counts, i); ok {
				dst.AppendInt(at)
				continue
			}
		}
		if f.rising != nil {
			dst.AppendInt(lo + int64(f.rising.draw(&st, n, ranks.Ints[i], counts.Ints[i]))*f.unit)
			continue
		}
		dst.AppendInt(lo + int64(st.N(n))*f.unit)
	}
	return nil
}

// drawShaped draws a moment of row i by its place in the sum of the shape's weights; false where there is no weight.
func (f *timestamp) drawShaped(st *rng.Stream, lo, hi int64, ranks, counts *column.Vec, i int) (int64, bool) {
	if f.rising != nil && f.rising.within > 0 {
		hi = min(hi, lo+f.rising.within*f.unit)
	}
	from := f.shaped.sum(lo)
	n := f.shaped.sum(hi+f.unit) - from
	if n == 0 {
		return 0, false
	}
	var at int64
	if f.rising != nil {
		at = f.shaped.at(from + f.rising.stretch(st, n, ranks.Ints[i], counts.Ints[i]))
	} else {
		at = f.shaped.at(from + st.N(n))
	}
	return min(max(at-mod(at, f.unit), lo), hi), true
}

func (f *timestamp) Card() uint64 {
	if len(f.notBefore) > 0 || len(f.notAfter) > 0 || f.rising != nil || f.shaped != nil {
		return 0
	}
	return uint64((f.hi-f.lo)/f.unit) + 1
}
func (f *timestamp) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.AppendInt(f.lo + int64(i)*f.unit)
}
func (f *timestamp) Bounds() Bounds { return Bounds{Min: f.lo, Max: f.hi} }
func (f *timestamp) String() string {
	out := fmt.Sprintf("timestamp %s to %s UTC", micros(f.lo), micros(f.hi))
	if f.rising != nil {
		out += f.rising.String()
	}
	if f.shape != nil {
		out += f.shape.String()
	}
	return out
}
func (f *timestamp) Rules() []Rule {
	return slices.Concat([]Rule{{
		Text: fmt.Sprintf("is between %s and %s UTC", micros(f.lo), micros(f.hi)),
		SQL: func(d Dialect, x string, _ []string) string {
			var v column.Vec
			v.Reset(column.Timestamp)
			v.AppendInt(f.lo)
			v.AppendInt(f.hi)
			return fmt.Sprintf("%s between %s and %s", x, d.Cell(&v, 0), d.Cell(&v, 1))
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Ints[i] >= f.lo && v.Ints[i] <= f.hi },
	}}, notBeforeRules(f.notBefore), notAfterRules(f.notAfter))
}

// Ranged is a Filler of timestamps or dates, all of them in a range, that fails where it may not precede a cell
// beyond the range.
type Ranged interface {
	Filler
	Last() int64         // the last one of the range, as its kind counts
	Follows(in int) bool // whether it may not precede this input
}

func (f *timestamp) Last() int64 { return f.hi }

func (f *timestamp) Follows(in int) bool {
	return slices.ContainsFunc(f.notBefore, func(x timeInput) bool { return x.index == in })
}
