package infer

import (
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
)

// seconds of the units in which checks tell bounds, as the database compares them: a month has 30 days, and a year 12
// months.
var seconds = map[string]int64{"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400, "year": 360 * 86400}

// intervals lie around an hour, or where checks want them, in whole numbers of a unit that gives enough of them.
func (s *site) intervals() yaml {
	keeps := s.column.Type.Keeps
	lo, hi := int64(0), max(90*60, 30*seconds[keeps])
	least, ok := spanOf(s.domain.Min)
	if ok {
		lo = least
		hi = max(hi, lo+max(lo, hi))
	}
	most, bounded := spanOf(s.domain.Max)
	if bounded {
		hi = most
		if !ok && lo >= hi {
			lo = hi - 90*60
		}
	}
	enough := int64(30)
	if s.unique {
		enough = max(enough, 2*s.rows)
		if !bounded {
			hi = max(hi, lo+enough*max(60, seconds[keeps]))
		}
	}
	name, unit := "seconds", int64(1)
	for _, u := range []string{"year", "month", "day", "hour", "minute"} {
		if u == keeps || seconds[u] < seconds["month"] && (hi-lo)/seconds[u] >= enough {
			name, unit = u+"s", seconds[u]
			break
		}
	}
	first, last := above(lo, unit, s.domain.Min == nil || s.domain.Min.Open), below(hi, unit, s.domain.Max != nil && s.domain.Max.Open)
	if first > last {
		return yaml{}
	}
	return call("interval", "min", first, "max", last, "unit", name)
}

// above gives the least multiple of a unit that is not below lo, or, where lo itself is out, that is above it.
func above(lo, unit int64, open bool) int64 {
	n := -floorDiv(-lo, unit)
	if open && n*unit == lo {
		n++
	}
	return n
}

func below(hi, unit int64, open bool) int64 {
	n := floorDiv(hi, unit)
	if open && n*unit == hi {
		n--
	}
	return n
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// spanOf reads a bound such as "1 day 2 hours" as seconds; false where there is none.
func spanOf(b *check.Bound) (sum int64, ok bool) {
	if b == nil {
		return 0, false
	}
	fields := strings.Fields(b.Value)
	for i := 0; i+1 < len(fields); i += 2 {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		unit := seconds[strings.TrimSuffix(fields[i+1], "s")]
		if err != nil || unit == 0 || n > 1<<40/unit || n < -1<<40/unit {
			return 0, false
		}
		sum += n * unit
	}
	return sum, len(fields) > 0
}
