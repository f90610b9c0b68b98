package gen

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Interval draws spans of time for the type interval, as whole numbers of a unit, in the form that
// PostgreSQL gives them back: 3 days, 1 year 2 mons, 04:05:06.
type Interval struct {
	Min  int64  `yaml:"min" desc:"the smallest number (default 0)"`
	Max  int64  `yaml:"max" required:"true" desc:"the largest number"`
	Step int64  `yaml:"step" desc:"the distance between neighbouring numbers, counted from min (default 1)"`
	Unit string `yaml:"unit" desc:"what is counted: microseconds, milliseconds, seconds, minutes, hours, days (default), weeks, months or years"`
}

// spanUnits says how many months, days and microseconds a unit has.
var spanUnits = []struct {
	name                 string
	months, days, micros int64
}{
	{"microseconds", 0, 0, 1}, {"milliseconds", 0, 0, 1e3}, {"seconds", 0, 0, 1e6}, {"minutes", 0, 0, 60e6}, {"hours", 0, 0, 3600e6},
	{"days", 0, 1, 0}, {"weeks", 0, 7, 0}, {"months", 1, 0, 0}, {"years", 12, 0, 0},
}

// OutputVersion implements Maker.
func (*Interval) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Interval) Make(c *Context) (Filler, error) {
	name := m.Unit
	if name == "" {
		name = "days"
	}
	var known []string
	for _, u := range spanUnits {
		known = append(known, u.name)
	}
	at := slices.Index(known, name)
	if at < 0 {
		return nil, unknown("unit", name, known...)
	}
	u := spanUnits[at]
	step := m.Step
	if step == 0 {
		step = 1
	}
	var most int64 = 2_000_000_000 / max(u.months, u.days, 1) // months and days are 32-bit integers
	if u.micros > 0 {
		most = 1 << 62 / u.micros
	}
	switch {
	case m.Min > m.Max:
		return nil, fmt.Errorf("min %d is above max %d", m.Min, m.Max)
	case step < 0:
		return nil, fmt.Errorf("step %d is below 1", step)
	case m.Min < -most || m.Max > most:
		return nil, fmt.Errorf("%d to %d %s are not within ±%d", m.Min, m.Max, name, most)
	}
	if err := keeps(c.Type, name, u.months, u.days, u.micros, m.Min, step); err != nil {
		return nil, err
	}
	g, err := newGrid(m.Min, m.Max, step, 1, nil)
	if err != nil {
		return nil, err
	}
	f := &counted{typ: "interval", what: fmt.Sprintf("interval of %d to %d %s", g.lo, g.hi(), name), key: c.Key, kind: column.Literal, card: g.card()}
	f.write = func(b []byte, i uint64) []byte {
		n := g.at(i)
		return appendInterval(b, n*u.months, n*u.days, n*u.micros)
	}
	for _, i := range []uint64{0, g.last / 2, g.last} {
		f.maxLen = max(f.maxLen, len(f.write(nil, i))+len(" 11 mons")+len(".000000"))
	}
	return f, nil
}

// keeps tells why a column with a modifier does not keep multiples of a unit as they are: the database would give back
// others.
func keeps(t schema.Type, name string, months, days, micros int64, numbers ...int64) error {
	if t.Keeps == "" {
		return nil
	}
	whole := map[string]int64{"year": 12, "month": 1}[t.Keeps] // in months
	if whole > 0 {
		if days == 0 && micros == 0 && !slices.ContainsFunc(numbers, func(n int64) bool { return n*months%whole != 0 }) {
			return nil
		}
		return fmt.Errorf("the column keeps whole %ss alone: %s are lost there, write unit: %[1]ss", t.Keeps, name)
	}
	grain := map[string]int64{"hour": 3600e6, "minute": 60e6, "second": 1}[t.Keeps] // in microseconds; days: none of them
	for range 6 - t.Scale {
		if t.Keeps == "second" {
			grain *= 10
		}
	}
	if micros == 0 || grain > 0 && !slices.ContainsFunc(numbers, func(n int64) bool { return n*micros%grain != 0 }) {
		return nil
	}
	kept := "whole " + t.Keeps + "s alone"
	switch {
	case t.Keeps == "second" && t.Scale == 1:
		kept = "seconds of 1 digit behind the point"
	case t.Keeps == "second" && t.Scale > 1:
		kept = fmt.Sprintf("seconds of %d digits behind the point", t.Scale)
	}
	return fmt.Errorf("the column keeps %s: smaller spans are lost there, write unit: %ss", kept, t.Keeps)
}

// appendInterval appends a span as PostgreSQL writes it with intervalstyle postgres.
func appendInterval(b []byte, months, days, micros int64) []byte {
	begin, negative := len(b), false
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if len(b) > begin {
			b = append(b, ' ')
		}
		if negative && n > 0 {
			b = append(b, '+')
		}
		b = append(append(strconv.AppendInt(b, n, 10), ' '), unit...)
		if n != 1 {
			b = append(b, 's')
		}
		negative = n < 0
	}
	part(months/12, "year")
	part(months%12, "mon")
	part(days, "day")
	if micros == 0 && len(b) > begin {
		return b
	}
	if len(b) > begin {
		b = append(b, ' ')
	}
	switch {
	case micros < 0:
		b, micros = append(b, '-'), -micros
	case negative:
		b = append(b, '+')
	}
	if hours := micros / 3600e6; hours > 99 {
		b = strconv.AppendInt(b, hours, 10)
		from := len(b)
		b = column.AppendTimeOfDay(b, micros%3600e6)
		b = append(b[:from], b[from+2:]...) // the hours stand before
	} else {
		b = column.AppendTimeOfDay(b, micros)
	}
	return trimFraction(b, begin)
}

// trimFraction takes the zeros at the end of a fraction of a second away, as PostgreSQL does.
func trimFraction(b []byte, begin int) []byte {
	if bytes.IndexByte(b[begin:], '.') < 0 {
		return b
	}
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}
