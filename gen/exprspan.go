package gen

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/sowerdata/sower/column"
)

// momentUnits are the units of distances between moments: microseconds, or months where a unit has no fixed length.
var momentUnits = map[string]struct{ micros, months int64 }{
	"second": {micros: 1_000_000}, "minute": {micros: 60_000_000}, "hour": {micros: 3600_000_000}, "day": {micros: dayMicros}, "week": {micros: 7 * dayMicros},
	"month": {months: 1}, "year": {months: 12},
}

// unitOfSpan reads the name of a unit.
func unitOfSpan(t *term) (micros, months int64, err error) {
	name := ""
	if t.kind == column.Text && t.fixed != nil {
		name = string(t.fixed.s)
	}
	u, ok := momentUnits[name]
	if !ok {
		return 0, 0, unknown("unit", name, slices.Sorted(maps.Keys(momentUnits))...)
	}
	return u.micros, u.months, nil
}

// plus is plus(moment, 90, "minute"): a moment moved by a number of units. Months end where the month does, as in SQL; days
// moved by whole days stay days, all others become moments in UTC, and times of day stay within the day.
func plus(terms []*term) (*term, error) {
	t, n := terms[0], terms[1]
	if t.kind != column.Time {
		if err := wantMoment(t); err != nil {
			return nil, err
		}
	}
	if err := wantNumber(n); err != nil {
		return nil, err
	}
	unit, months, err := unitOfSpan(terms[2])
	if err != nil {
		return nil, err
	}
	if months > 0 && (n.kind != column.Int || t.kind == column.Time) {
		return nil, fmt.Errorf("a whole number of months is wanted, and a date or a timestamp")
	}
	kind := t.kind
	if kind == column.Date && (unit%dayMicros != 0 || n.kind != column.Int) {
		kind = column.Timestamp
	}
	return &term{kind: kind, sql: noSQL, eval: func(m *machine) value {
		v, by := t.eval(m), n.eval(m)
		if v.null || by.null || column.Infinite(v.i) {
			v.null = v.null || by.null
			return v
		}
		at := m.midnight(t.kind, v.i)
		if months > 0 {
			at = addMonths(at, m.mulInt(by.i, months))
		} else {
			at = m.addInt(at, m.micros(n.kind, by, unit))
		}
		switch kind {
		case column.Date:
			at = dayOf(at)
		case column.Time:
			at = mod(at, dayMicros)
		}
		return value{i: at}
	}}, nil
}

// micros gives a number of units in microseconds, rounded to the nearest.
func (m *machine) micros(kind column.Kind, n value, unit int64) int64 {
	switch kind {
	case column.Int:
		return m.mulInt(n.i, unit)
	case column.Decimal:
		return m.rescale(m.mulDecimal(n, value{i: unit}), 0).i
	}
	return m.floatInt(math.Round(float64(n.f * float64(unit)))).i
}

// midnight gives a moment in microseconds: of a day, its first.
func (m *machine) midnight(kind column.Kind, at int64) int64 {
	if kind == column.Date {
		return m.mulInt(at, dayMicros)
	}
	return at
}

// addMonths moves a moment by months; the day of the month is cut to the month's last.
func addMonths(at, months int64) int64 {
	t := time.UnixMicro(at).UTC()
	if months > 120_000 || months < -120_000 {
		return at
	}
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1).UnixMicro() + mod(at, dayMicros)
}

// elapsed is elapsed(from, to, "second"): how far the second moment lies after the first. Days between days are a whole
// number, seconds a decimal number, and all else a float.
func elapsed(terms []*term) (*term, error) {
	a, b := terms[0], terms[1]
	both := a.kind == column.Time && b.kind == column.Time
	for _, t := range terms[:2] {
		if err := wantMoment(t); err != nil && !both {
			return nil, err
		}
	}
	unit, months, err := unitOfSpan(terms[2])
	switch {
	case err != nil:
		return nil, err
	case months > 0:
		return nil, fmt.Errorf("months and years have no fixed length: weeks, days, hours, minutes or seconds are wanted")
	}
	kind := column.Float
	switch {
	case unit == dayMicros && a.kind == column.Date && b.kind == column.Date:
		kind = column.Int
	case unit == 1_000_000:
		kind = column.Decimal
	}
	return &term{kind: kind, sql: noSQL, eval: func(m *machine) value {
		v, w := a.eval(m), b.eval(m)
		if v.null || w.null || column.Infinite(v.i) || column.Infinite(w.i) {
			return null
		}
		if kind == column.Int {
			return value{i: m.subInt(w.i, v.i)}
		}
		micros := m.subInt(m.midnight(b.kind, w.i), m.midnight(a.kind, v.i))
		if kind == column.Decimal {
			return value{i: micros, scale: 6}
		}
		return value{f: float64(micros) / float64(unit)}
	}}, nil
}

// atMidnight gives the first moment of a day.
func atMidnight(t *term) *term {
	return &term{kind: column.Timestamp, null: t.null, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		if !v.null && !column.Infinite(v.i) {
			v.i = m.mulInt(v.i, dayMicros)
		}
		return v
	}}
}
