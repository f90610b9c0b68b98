package column

import "math"

// Infinity and MinusInfinity are the cells of dates and timestamps that lie after, and before, all others: PostgreSQL's
// infinity and -infinity. No generator draws them; existing rows may hold them.
const (
	Infinity      = math.MaxInt64
	MinusInfinity = math.MinInt64
)

// Infinite tells whether a cell of a date or timestamp is one of those.
func Infinite(x int64) bool { return x == Infinity || x == MinusInfinity }

// AppendInfinity appends the name of an infinite cell.
func AppendInfinity(dst []byte, x int64) []byte {
	if x == MinusInfinity {
		dst = append(dst, '-')
	}
	return append(dst, "infinity"...)
}

// ParseInfinity reads such a name.
func ParseInfinity[T string | []byte](s T) (x int64, ok bool) {
	switch string(s) {
	case "infinity":
		return Infinity, true
	case "-infinity":
		return MinusInfinity, true
	}
	return 0, false
}
