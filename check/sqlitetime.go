package check

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sMomentFunction gives one of SQLite's functions of moments, with n arguments; nil for others.
func sMomentFunction(name string, n int) func(m *machine, v []value) value {
	skip := 0 // arguments before the moment
	switch name {
	case "date", "time", "datetime", "julianday", "unixepoch":
	case "strftime":
		skip = 1
	default:
		return nil
	}
	if n <= skip {
		return nil
	}
	return func(m *machine, v []value) value {
		for _, x := range v {
			if x.scale != sText {
				return m.fail(unknown("%s of a number", name))
			}
		}
		at, ok := sMoment(string(v[skip].b))
		for _, x := range v[skip+1:] {
			if ok {
				at, ok = sModified(at, strings.ToLower(string(x.b)))
			}
		}
		if !ok || at.Year() < 1 || at.Year() > 9999 {
			return m.fail(unknown("%s of %q", name, v[skip].b))
		}
		switch name {
		case "date":
			return sString([]byte(at.Format(time.DateOnly)))
		case "time":
			return sString([]byte(at.Format(time.TimeOnly)))
		case "datetime":
			return sString([]byte(at.Format(time.DateTime)))
		case "unixepoch":
			return sInt(at.Unix())
		case "julianday":
			const epoch = 210866760000000 // milliseconds from noon of -4713-11-24 to 1970
			return sFloat(float64(at.UnixMilli()+epoch) / 86400000)
		}
		text, ok := sFormat(string(v[0].b), at)
		if !ok {
			return m.fail(unknown("the form %q", v[0].b))
		}
		return sString([]byte(text))
	}
}

// sMoment reads a moment as SQLite does: what has a time alone, a zone, or more than milliseconds is not known.
func sMoment(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, at.Nanosecond()%1_000_000 == 0 && !strings.Contains(s, ",")
		}
	}
	return time.Time{}, false
}

// sModified changes a moment by a modifier: '+1 month', 'start of day', 'weekday 1'.
func sModified(at time.Time, by string) (time.Time, bool) {
	f := strings.Fields(by)
	switch {
	case by == "start of day":
		return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC), true
	case by == "start of month":
		return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC), true
	case by == "start of year":
		return time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC), true
	case len(f) != 2:
		return at, false
	}
	n, err := strconv.Atoi(f[1])
	if f[0] == "weekday" && err == nil && n >= 0 && n < 7 {
		return at.AddDate(0, 0, (n-int(at.Weekday())+7)%7), true
	}
	if n, err = strconv.Atoi(f[0]); err != nil || n < -1_000_000 || n > 1_000_000 {
		return at, false
	}
	switch strings.TrimSuffix(f[1], "s") {
	case "second":
		return at.Add(time.Duration(n) * time.Second), true
	case "minute":
		return at.Add(time.Duration(n) * time.Minute), true
	case "hour":
		return at.Add(time.Duration(n) * time.Hour), true
	case "day":
		return at.AddDate(0, 0, n), true
	case "month":
		return at.AddDate(0, n, 0), true
	case "year":
		return at.AddDate(n, 0, 0), true
	}
	return at, false
}

// sFormat is SQLite's strftime.
func sFormat(form string, at time.Time) (string, bool) {
	var b strings.Builder
	for form != "" {
		if form[0] != '%' || len(form) < 2 {
			if form[0] == '%' {
				return "", false
			}
			b.WriteByte(form[0])
			form = form[1:]
			continue
		}
		switch form[1] {
		case 'Y':
			fmt.Fprintf(&b, "%04d", at.Year())
		case 'm':
			fmt.Fprintf(&b, "%02d", int(at.Month()))
		case 'd':
			fmt.Fprintf(&b, "%02d", at.Day())
		case 'H':
			fmt.Fprintf(&b, "%02d", at.Hour())
		case 'M':
			fmt.Fprintf(&b, "%02d", at.Minute())
		case 'S':
			fmt.Fprintf(&b, "%02d", at.Second())
		case 'f':
			fmt.Fprintf(&b, "%02d.%03d", at.Second(), at.Nanosecond()/1_000_000)
		case 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case 'w':
			fmt.Fprintf(&b, "%d", int(at.Weekday()))
		case 's':
			fmt.Fprintf(&b, "%d", at.Unix())
		case '%':
			b.WriteByte('%')
		default:
			return "", false
		}
		form = form[2:]
	}
	return b.String(), true
}
