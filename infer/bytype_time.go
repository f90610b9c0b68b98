package infer

import (
	"strings"
	"time"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// moments lie in the common range, or where checks want them.
func (s *site) moments(t *schema.Type) yaml {
	from, to := s.span("2006-01-02 15:04:05")
	return call("timestamp", "from", from, "to", to, "precision", min(t.Scale, 3))
}

// times lie in the day, or where checks want them.
func (s *site) times() yaml {
	from, to := "00:00:00", "23:59:59"
	if s.domain.Min != nil && len(s.domain.Min.Value) >= 5 {
		from = s.domain.Min.Value
	}
	if s.domain.Max != nil && len(s.domain.Max.Value) >= 5 {
		to = s.domain.Max.Value
		if t, err := time.Parse(time.TimeOnly, to); err == nil && s.domain.Max.Open {
			to = t.Add(-time.Second).Format(time.TimeOnly)
		}
	}
	return call("time", "from", quote(from), "to", quote(to), "precision", 0)
}

func (s *site) days() yaml {
	from, to := s.span("2006-01-02")
	if s.unique && s.domain.Min == nil && s.rows > 900 {
		from = "1950-01-01"
		if s.rows > 20000 {
			from = "0100-01-01"
		}
	}
	return call("date", "from", from, "to", to)
}

// span gives the first and the last moment that checks allow, near the common range.
func (s *site) span(layout string) (from, to string) {
	d := s.domain
	lo, _ := time.Parse(time.DateOnly, firstDay)
	hi, _ := time.Parse(time.DateOnly, lastDay)
	if d.Min != nil && strings.HasPrefix(d.Min.Value, "now") {
		lo, _ = time.Parse(time.DateOnly, futureDay)
		hi, _ = time.Parse(time.DateOnly, farDay)
	} else if t, ok := moment(d.Min); ok {
		lo = t
		if d.Min.Open {
			lo = lo.AddDate(0, 0, 1)
		}
		if !hi.After(lo) {
			hi = lo.AddDate(2, 0, 0)
		}
	}
	if d.Max != nil && strings.HasPrefix(d.Max.Value, "now") {
		hi = beforeNow(d.Max.Value, hi)
		if !lo.Before(hi) {
			lo = hi.AddDate(-20, 0, 0)
		}
	} else if t, ok := moment(d.Max); ok {
		if t.Before(hi) || d.Min != nil {
			hi = t
			if d.Max.Open {
				hi = hi.Add(-time.Second)
				if layout == time.DateOnly {
					hi = t.AddDate(0, 0, -1)
				}
			}
		}
		if !lo.Before(hi) && d.Min == nil {
			lo = hi.AddDate(-2, 0, 0)
		}
	}
	return lo.Format(layout), hi.Format(layout)
}

// beforeNow gives a day that lies before "now" or "now - 18 years" whenever the rows are loaded: the common last
// day, earlier by as much.
func beforeNow(value string, last time.Time) time.Time {
	fields := strings.Fields(strings.TrimPrefix(value, "now"))
	if len(fields) < 2 || fields[0] != "-" {
		return last
	}
	var years, months, days int
	for i := 1; i+1 < len(fields); i += 2 {
		n := 0
		for _, r := range fields[i] {
			if r < '0' || r > '9' {
				n = 0
				break
			}
			n = 10*n + int(r-'0')
		}
		switch unit := strings.TrimSuffix(fields[i+1], "s"); unit {
		case "year":
			years += n
		case "mon", "month":
			months += n
		case "week":
			days += 7 * n
		default:
			days += n
		}
	}
	return last.AddDate(-years, -months, -days-1)
}

func moment(b *check.Bound) (time.Time, bool) {
	if b == nil {
		return time.Time{}, false
	}
	text := strings.TrimSuffix(strings.TrimSuffix(b.Value, "+00"), " BC")
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
