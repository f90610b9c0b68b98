package gen

import (
	"fmt"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Time draws times of day uniformly from a range.
type Time struct {
	From      string `yaml:"from" desc:"the first time, as 08:00 or 08:00:00 (default 00:00:00)"`
	To        string `yaml:"to" desc:"the last time (default: the last of the day)"`
	Precision *int   `yaml:"precision" desc:"digits of the second, 0 to 6 (default 6, or what the column holds)"`
}

// Make implements Maker.
func (m *Time) Make(c *Context) (Filler, error) {
	f := &timeOfDay{key: c.Key, hi: dayMicros - 1}
	var err error
	if f.unit, err = unit(m.Precision, c); err != nil {
		return nil, err
	}
	if m.From != "" {
		if f.lo, err = parseTime("from", m.From); err != nil {
			return nil, err
		}
	}
	if m.To != "" {
		if f.hi, err = parseTime("to", m.To); err != nil {
			return nil, err
		}
	}
	f.lo = ceilTo(f.lo, f.unit)
	f.hi -= mod(f.hi, f.unit)
	if f.lo > f.hi {
		return nil, fmt.Errorf("from (%s) is after to (%s): a range over midnight is two ranges, as in a switch", timeText(f.lo), timeText(f.hi))
	}
	return f, nil
}

func parseTime(what, s string) (int64, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Nanosecond()%1000 == 0 && !strings.Contains(s, ",") {
			return int64(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Microsecond), nil
		}
	}
	return 0, fmt.Errorf("%s %q is no time of day such as 08:00 or 08:00:00", what, s)
}

func timeText(us int64) string { return string(column.AppendTimeOfDay(nil, us)) }

type timeOfDay struct {
	key          rng.Key
	lo, hi, unit int64 // microseconds
}

func (f *timeOfDay) Kind() column.Kind { return column.Time }
func (f *timeOfDay) Bounds() Bounds    { return Bounds{Min: f.lo, Max: f.hi} }
func (f *timeOfDay) String() string {
	return fmt.Sprintf("time %s to %s", timeText(f.lo), timeText(f.hi))
}
func (f *timeOfDay) Fill(dst *column.Vec, s *Span) error {
	n := f.Card()
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.AppendInt(f.lo + int64(st.N(n))*f.unit)
	}
	return nil
}
func (f *timeOfDay) Card() uint64 { return uint64((f.hi-f.lo)/f.unit) + 1 }
func (f *timeOfDay) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.AppendInt(f.lo + int64(i)*f.unit)
}
func (f *timeOfDay) Rules() []Rule { return []Rule{betweenCells(column.Time, f.lo, f.hi)} }
