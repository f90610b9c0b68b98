package gen

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Time draws times of day uniformly from a range.
type Time struct {
	From      string             `yaml:"from" desc:"the first time, as 08:00 or 08:00:00 (default 00:00:00)"`
	To        string             `yaml:"to" desc:"the last time (default: the last of the day)"`
	Precision *int               `yaml:"precision" desc:"digits of the second, 0 to 6 (default 6, or what the column holds)"`
	Step      blueprint.Duration `yaml:"step" desc:"the distance between neighbouring times, counted from midnight, such as 15m"`
	Zone      string             `yaml:"zone" desc:"the time zone that stands behind the time, such as +02 or -03:30, for the type time with time zone (default +00 in such a column)"`
}

// OutputVersion implements Maker.
func (*Time) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Time) Make(c *Context) (Filler, error) {
	f := &timeOfDay{key: c.Key, hi: dayMicros - 1}
	var err error
	if f.unit, err = unit(m.Precision, c); err != nil {
		return nil, err
	}
	if f.unit, err = stepUnit(m.Step, f.unit); err != nil {
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
	zone := m.Zone
	if zone == "" && baseOf(c.Type) == "timetz" {
		zone = "+00"
	}
	if zone == "" {
		return f, nil
	}
	if !zoneText.MatchString(zone) {
		return nil, fmt.Errorf("zone %q is no distance from UTC such as +02 or -03:30", zone)
	}
	g := &counted{typ: "timetz", what: f.String() + " " + zone, key: c.Key, kind: column.Literal, card: f.Card(), maxLen: len("15:04:05.000000") + len(zone)}
	g.write = func(b []byte, i uint64) []byte {
		begin := len(b)
		return append(trimFraction(column.AppendTimeOfDay(b, f.lo+int64(i)*f.unit), begin), zone...)
	}
	return g, nil
}

// zoneText is a distance from UTC as PostgreSQL writes it.
var zoneText = regexp.MustCompile(`^[+-](0[0-9]|1[0-5])(:(0[1-9]|[1-5][0-9]))?$`)

// stepUnit gives the distance between two values: the step where there is one, or else the unit of the
// precision.
func stepUnit(step blueprint.Duration, unit int64) (int64, error) {
	switch {
	case step == 0:
		return unit, nil
	case step < 0:
		return 0, fmt.Errorf("step %s is below 0", duration(int64(step)))
	case int64(step)%unit != 0:
		return 0, fmt.Errorf("step %s is finer than the precision", duration(int64(step)))
	}
	return int64(step), nil
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
func (f *timeOfDay) Facts() Facts      { return Facts{Drawn: true} }
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
