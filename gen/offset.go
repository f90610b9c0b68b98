package gen

import (
	"fmt"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Offset moves a moment of the row, or of a parent, by a random distance: earlier for negative
// distances. Where the column has a not_before, a result that would be earlier becomes the latest of
// those cells. In a column of dates it gives days, which may begin at a moment too: then the first day
// that is wholly after it counts. In a column of times of day it stays within the day.
type Offset struct {
	From  string              `yaml:"from" required:"true" desc:"the path of the timestamp, the date or the time of day to start from"`
	Min   blueprint.Duration  `yaml:"min" desc:"the smallest distance, such as 10s, 5m, 2h, 30d; negative: earlier (default 0s)"`
	Max   blueprint.Duration  `yaml:"max" required:"true" desc:"the largest distance"`
	Share *float64            `yaml:"share" desc:"the share of rows that are moved; the others stay at the timestamp itself (default 1)"`
	Until *blueprint.DateTime `yaml:"until" desc:"the last timestamp that a result may have"`
	Zone  string              `yaml:"zone" desc:"the IANA time zone of until (default UTC)"`

	Step      blueprint.Duration `yaml:"step" desc:"results are multiples of it, counted from midnight of 1970-01-01 UTC, such as 5m or 1h, but for one that would be before its origin or its bounds"`
	Precision *int               `yaml:"precision" desc:"digits after the second, 0 to 6 (default: what the column holds)"`
}

// OutputVersion implements Maker.
func (*Offset) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Offset) Make(c *Context) (Filler, error) {
	f := &offset{key: c.Key, kind: column.Timestamp, min: int64(m.Min), max: int64(m.Max), share: 1}
	if c.Type.Kind == column.Date || c.Type.Kind == column.Time {
		f.kind = c.Type.Kind
	}
	if f.min > f.max {
		return nil, fmt.Errorf("min %s is above max %s", duration(f.min), duration(f.max))
	}
	if m.Share != nil {
		if f.share = *m.Share; !(f.share >= 0 && f.share <= 1) {
			return nil, fmt.Errorf("share %v is not between 0 and 1", f.share)
		}
	}
	var err error
	if f.from, err = f.input(c, m.From); err != nil {
		return nil, err
	}
	if m.Until != nil {
		if f.kind == column.Time {
			return nil, fmt.Errorf("until goes with dates and timestamps: times of day end with the day")
		}
		until, err := inZone(*m.Until, m.Zone)
		if err != nil {
			return nil, err
		}
		f.until = &until
	}
	if f.unit, err = unit(m.Precision, c); err != nil {
		return nil, err
	}
	const second = 1_000_000
	switch {
	case f.kind == column.Date:
		f.unit = dayMicros
	case f.kind == column.Time && f.min%second == 0 && f.max%second == 0: // times of day have no fractions that nobody asked for
		f.unit = second
	}
	if f.unit, err = stepUnit(m.Step, f.unit); err != nil {
		return nil, err
	}
	for _, path := range c.NotBefore {
		in, err := f.input(c, path)
		if err != nil {
			return nil, err
		}
		f.notBefore = append(f.notBefore, in)
	}
	return f, nil
}

// TakesNotBefore implements NotBefore.
func (*Offset) TakesNotBefore() bool { return true }

// input reads a cell that results are held against: of the same kind, or a day for a moment and the other way round.
func (f *offset) input(c *Context, path string) (Input, error) {
	in, err := c.Host.Input(path)
	if err == nil && in.Kind != f.kind && (f.kind == column.Time || in.Kind != column.Timestamp && in.Kind != column.Date) {
		err = fmt.Errorf("%s is of kind %s: a %s is wanted", path, in.Kind, f.kind)
	}
	return in, err
}

type offset struct {
	key       rng.Key
	kind      column.Kind
	from      Input
	min, max  int64 // microseconds
	unit      int64
	share     float64
	until     *int64
	notBefore []Input
}

// microsOf gives a cell as microseconds: a day begins at midnight. A moment counts, for days, as the first
// midnight that is not before it.
func (f *offset) microsOf(kind column.Kind, x int64) int64 {
	switch {
	case column.Infinite(x):
		return x
	case kind == column.Date:
		return x * dayMicros
	case f.kind == column.Date:
		return ceilTo(x, dayMicros)
	}
	return x
}

func (f *offset) Kind() column.Kind { return f.kind }
func (f *offset) Facts() Facts {
	return Facts{Drawn: true, NullWith: []int{f.from.Index}, Unbounded: true}
}
func (f *offset) Fill(dst *column.Vec, s *Span) error {
	from := s.Inputs[f.from.Index]
	for i := range s.Rows.N {
		if from.Null(i) {
			dst.AppendNull()
			continue
		}
		origin := f.microsOf(f.from.Kind, from.Ints[i])
		x := origin
		st := f.key.At(s.Rows.At(i), s.Attempt)
		if (f.share >= 1 || st.Float() < f.share) && !column.Infinite(x) {
			lo, hi := x+f.min, x+f.max
			switch {
			case f.until != nil:
				hi = min(hi, *f.until)
				lo = min(lo, hi)
			case f.kind == column.Time:
				lo, hi = min(max(lo, 0), dayMicros-1), min(max(hi, 0), dayMicros-1)
			}
			x = st.Range(lo, hi)
			x -= mod(x, f.unit)
		}
		if f.min >= 0 { // never before its origin, whatever the bounds and the precision did
			x = max(x, origin)
		}
		for _, in := range f.notBefore {
			if v := s.Inputs[in.Index]; !v.Null(i) {
				x = max(x, f.microsOf(in.Kind, v.Ints[i]))
			}
		}
		if f.kind == column.Date && !column.Infinite(x) {
			x = (x - mod(x, dayMicros)) / dayMicros
		}
		dst.AppendInt(x)
	}
	return nil
}
func (f *offset) String() string {
	out := fmt.Sprintf("%s moved by %s to %s", f.from.Path, duration(f.min), duration(f.max))
	if f.share < 1 {
		out += fmt.Sprintf(" in %.4g %% of rows", f.share*100)
	}
	return out
}

func duration(us int64) string { return blueprint.Duration(us).String() }

// Rules: the order against the origin where the distance has one sign, the largest distance, and the bounds.
func (f *offset) Rules() []Rule {
	var rules []Rule
	for _, in := range f.notBefore {
		rules = append(rules, f.order(in, "before", ">=", func(x, y int64) bool { return x >= y }))
	}
	if f.min >= 0 {
		rules = append(rules, f.order(f.from, "before", ">=", func(x, y int64) bool { return x >= y }))
	}
	if f.max <= 0 && f.from.Kind == f.kind && len(f.notBefore) == 0 { // what it may not be before may come later
		rules = append(rules, f.order(f.from, "after", "<=", func(x, y int64) bool { return x <= y }))
	}
	if f.until != nil {
		var v column.Vec
		v.Reset(f.kind)
		last := *f.until
		if f.kind == column.Date {
			last = (last - mod(last, dayMicros)) / dayMicros
		}
		v.AppendInt(last)
		rules = append(rules, Rule{
			Text: "is not after " + micros(*f.until) + " UTC",
			SQL:  func(d Dialect, x string, _ []string) string { return x + " <= " + d.Cell(&v, 0) },
			Cell: func(w *column.Vec, i int, _ []*column.Vec) bool { return w.Null(i) || w.Ints[i] <= last },
		})
	}
	return rules
}

// order is the rule that a cell is not before, or not after, another one.
func (f *offset) order(in Input, what, op string, holds func(x, y int64) bool) Rule {
	return Rule{
		Text: "is not " + what + " " + in.Path,
		SQL: func(d Dialect, x string, e []string) string {
			if e[in.Index] == "" || in.Kind != f.kind && (d.Name() != "postgres" || in.Kind == column.Date) {
				return "" // SQLite compares texts, and a day begins where the session's zone says
			}
			return x + " " + op + " " + e[in.Index]
		},
		Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
			w := vs[in.Index]
			return v.Null(i) || w.Null(i) || holds(f.microsOf(f.kind, v.Ints[i]), f.microsOf(in.Kind, w.Ints[i]))
		},
	}
}
