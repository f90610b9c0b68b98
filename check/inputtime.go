package check

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	infinite      = math.MaxInt64
	minusInfinite = math.MinInt64
)

func (v value) finite() bool { return v.n != infinite && v.n != minusInfinite }

// inputMoment reads dates and timestamps in ISO form, in UTC where no zone is said.
func (t *typ) inputMoment(s string) (value, error) {
	bad := func() (value, error) { return null, fmt.Errorf("%q is not understood as %s", s, t.name) }
	switch strings.ToLower(s) {
	case "infinity":
		return integer(infinite), nil
	case "-infinity":
		return integer(minusInfinite), nil
	case "epoch":
		return integer(0), nil
	}
	if strings.HasSuffix(s, " BC") {
		return bad()
	}
	date, clock := s, ""
	if i := strings.IndexAny(s, " Tt"); i >= 0 {
		date, clock = s[:i], strings.TrimSpace(s[i+1:])
	}
	days, ok := parseDay(date)
	if !ok {
		return bad()
	}
	var micros, offset int64
	if clock != "" {
		if z := strings.IndexAny(clock, "Zz+-"); z >= 0 {
			if offset, ok = parseOffset(clock[z:]); !ok {
				return bad()
			}
			clock = clock[:z]
		}
		if micros, ok = parseClock(clock); !ok {
			return bad()
		}
	}
	if t.kind == kDate {
		return integer(days), nil
	}
	if !t.zone {
		offset = 0 // PostgreSQL ignores it
	}
	return integer(days*microsPerDay + micros - offset), nil
}

// parseDay reads 2006-01-02.
func parseDay(s string) (int64, bool) {
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) < 4 {
		return 0, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || strings.HasPrefix(p, "+") {
			return 0, false
		}
		n[i] = v
	}
	d := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if d.Year() != n[0] || int(d.Month()) != n[1] || d.Day() != n[2] || n[0] == 0 || n[0] > 200000 {
		return 0, false
	}
	return floorDiv(d.Unix(), 24*3600), true
}

// parseClock reads 15:04, 15:04:05 and 15:04:05.999999, as microseconds.
func parseClock(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	h, err1 := strconv.ParseUint(parts[0], 10, 31)
	m, err2 := strconv.ParseUint(parts[1], 10, 31)
	if err1 != nil || err2 != nil || m > 59 || h > 24 {
		return 0, false
	}
	out := int64(h)*3600*microsPerSecond + int64(m)*60*microsPerSecond
	if len(parts) == 3 {
		sec, ok := parseSeconds(parts[2])
		if !ok || sec > 60*microsPerSecond {
			return 0, false
		}
		out += sec
	}
	return out, out <= microsPerDay
}

// parseSeconds reads seconds with up to six digits behind the point.
func parseSeconds(s string) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 40)
	if err != nil || len(frac) > 6 {
		return 0, false
	}
	out := int64(n) * microsPerSecond
	if frac != "" {
		f, err := strconv.ParseUint(frac+strings.Repeat("0", 6-len(frac)), 10, 40)
		if err != nil {
			return 0, false
		}
		out += int64(f)
	}
	return out, true
}

// parseOffset reads Z, +02, +0200 and +02:00, as microseconds east of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	sign := int64(1)
	if s[0] == '-' {
		sign = -1
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || len(digits) != 4 {
		return 0, false
	}
	return sign * (int64(n)/100*3600 + int64(n)%100*60) * microsPerSecond, true
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// parseInterval reads intervals as PostgreSQL prints and people write them: "1 year 2 mons -3 days
// 04:05:06", "18 years", "90 minutes".
func parseInterval(s string) (*interval, error) {
	bad := fmt.Errorf("%q is not understood as an interval", s)
	fields := strings.Fields(strings.TrimPrefix(s, "@"))
	out := &interval{}
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		if strings.Contains(f, ":") {
			sign := int64(1)
			if f[0] == '-' || f[0] == '+' {
				if f[0] == '-' {
					sign = -1
				}
				f = f[1:]
			}
			h, rest, _ := strings.Cut(f, ":")
			hours, err := strconv.ParseUint(h, 10, 40)
			n, ok := parseClock("0:" + rest)
			if err != nil || !ok {
				return nil, bad
			}
			if len(strings.Split(rest, ":")) == 1 { // 15:04 rather than minutes and seconds
				n *= 60
			}
			out.micros += sign * (int64(hours)*3600*microsPerSecond + n)
			continue
		}
		digits := strings.TrimRightFunc(f, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		unit := f[len(digits):]
		if unit == "" {
			if i++; i < len(fields) {
				unit = fields[i]
			} else {
				unit = "second" // PostgreSQL takes a bare number for seconds
			}
		}
		if !out.add(digits, strings.ToLower(unit)) {
			return nil, bad
		}
	}
	if len(fields) == 0 {
		return nil, bad
	}
	return out, nil
}

func (i *interval) add(digits, unit string) bool {
	n, err := strconv.ParseInt(digits, 10, 31)
	whole := err == nil
	unit = strings.TrimSuffix(unit, "s")
	switch unit {
	case "year", "yr", "y":
		i.months += int32(n * 12)
	case "month", "mon":
		i.months += int32(n)
	case "decade":
		i.months += int32(n * 120)
	case "century", "centurie":
		i.months += int32(n * 1200)
	case "week", "w":
		i.days += int32(n * 7)
	case "day", "d":
		i.days += int32(n)
	case "hour", "hr", "h":
		i.micros += n * 3600 * microsPerSecond
	case "minute", "min", "m":
		i.micros += n * 60 * microsPerSecond
	case "second", "sec", "":
		if !whole {
			sign := int64(1)
			if strings.HasPrefix(digits, "-") {
				sign, digits = -1, digits[1:]
			}
			sec, ok := parseSeconds(digits)
			i.micros += sign * sec
			return ok
		}
		i.micros += n * microsPerSecond
	case "millisecond", "msec", "m sec":
		i.micros += n * 1000
	case "microsecond", "usec":
		i.micros += n
	default:
		return false
	}
	return whole
}
