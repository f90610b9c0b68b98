package gen

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// axis is what ranges lie on: numbers, days, moments, texts and the like, all held as integers.
type axis struct {
	typ    string   // of the bounds: one of axes
	scale  int      // numeric: digits behind the point
	labels []string // enum: its values, in their order
}

var axes = []string{"int4", "int8", "numeric", "date", "timestamp", "timestamptz",
	"int2", "oid", "float4", "float8", "time", "interval", "uuid", "text", "inet", "enum"}

// rangeTypes gives the type of the bounds by that of the range.
var rangeTypes = map[string]string{
	"int4range": "int4", "int8range": "int8", "numrange": "numeric", "daterange": "date", "tsrange": "timestamp", "tstzrange": "timestamptz",
	"int4multirange": "int4", "int8multirange": "int8", "nummultirange": "numeric", "datemultirange": "date", "tsmultirange": "timestamp", "tstzmultirange": "timestamptz",
}

// kind is that of a bound alone.
func (a axis) kind() column.Kind {
	switch a.typ {
	case "int2", "int4", "int8", "oid":
		return column.Int
	case "numeric":
		return column.Decimal
	case "float4", "float8":
		return column.Float
	case "date":
		return column.Date
	case "time":
		return column.Time
	case "uuid":
		return column.UUID
	case "text":
		return column.Text
	case "interval", "inet", "enum":
		return column.Literal
	}
	return column.Timestamp
}

// isTime tells whether positions are moments.
func (a axis) isTime() bool { return a.kind() == column.Timestamp }

// append appends a position as PostgreSQL writes it as the bound of a range.
func (a axis) append(b []byte, x int64) []byte {
	switch a.kind() {
	case column.Int:
		return strconv.AppendInt(b, x, 10)
	case column.Decimal:
		return column.AppendDecimal(b, x, a.scale)
	case column.Date:
		return column.AppendDate(b, x)
	case column.Timestamp:
	default:
		return a.appendOther(b, x)
	}
	b = append(b, '"')
	b = trimFraction(column.AppendTimestamp(b, x), len(b))
	if a.typ == "timestamptz" {
		b = append(b, "+00"...)
	}
	return append(b, '"')
}

func (a axis) text(x int64) string { return strings.Trim(string(a.append(nil, x)), `"`) }

// room is the number of characters that a position takes at most.
func (a axis) room() int {
	switch a.kind() {
	case column.Date:
		return len("2006-01-02")
	case column.Timestamp:
		return len(`"2006-01-02 15:04:05.000000+00"`)
	case column.UUID:
		return 36
	case column.Literal:
		n := 20
		for _, l := range a.labels {
			n = max(n, 2*len(l)+2)
		}
		return n
	}
	return len("-9223372036854775808.")
}

// position reads an argument that is a place on the axis, byDefault where it is left out.
func (a axis) position(what string, v *blueprint.Value, byDefault int64) (int64, error) {
	if v == nil {
		return byDefault, nil
	}
	switch a.kind() {
	case column.Int:
		if x, ok := v.V.(int64); ok && (a.typ == "int8" || x >= math.MinInt32 && x <= math.MaxInt32) && (a.typ != "int2" || x >= math.MinInt16 && x <= math.MaxInt16) {
			return x, nil
		}
		return 0, fmt.Errorf("%s is %s: an integer of the type %s is wanted", what, describe(v.V), a.typ)
	case column.Decimal:
		return decimalValue(what, v.V, a.scale)
	case column.Date, column.Timestamp:
	default:
		return a.otherPosition(what, v)
	}
	at, err := blueprint.ParseDateTime(scalarText(v.V))
	if err != nil {
		return 0, fmt.Errorf("%s is %s: %w", what, describe(v.V), err)
	}
	if a.kind() == column.Date {
		if mod(int64(at), dayMicros) != 0 {
			return 0, fmt.Errorf("%s is %s: leave the time of day out", what, at)
		}
		return int64(at) / dayMicros, nil
	}
	return int64(at), nil
}

// distance reads an argument that is a distance on the axis: a number, of days for dates, or a duration
// for moments.
func (a axis) distance(what string, v *blueprint.Value, byDefault int64) (int64, error) {
	if v == nil {
		return byDefault, nil
	}
	var x int64
	switch n, isInt := v.V.(int64); {
	case a.kind() == column.Decimal || a.kind() == column.Float:
		var err error
		if x, err = decimalValue(what, v.V, a.scale); err != nil {
			return 0, err
		}
	case isInt && !a.isTime() && a.kind() != column.Time && a.typ != "interval":
		x = n
	case a.counts():
		return 0, fmt.Errorf("%s is %s: an integer is wanted", what, describe(v.V))
	default:
		d, err := blueprint.ParseDuration(scalarText(v.V))
		if err != nil {
			return 0, fmt.Errorf("%s is %s: %w", what, describe(v.V), err)
		}
		if x = int64(d); a.kind() == column.Date {
			if x%dayMicros != 0 {
				return 0, fmt.Errorf("%s is %s: a number of days is wanted", what, describe(v.V))
			}
			x /= dayMicros
		}
	}
	if x < 1 || x > 1<<60 {
		return 0, fmt.Errorf("%s is %s: a distance above zero is wanted", what, describe(v.V))
	}
	return x, nil
}

// usual gives what stands in for bounds and lengths that are left out: the first and the last position,
// the smallest step, the shortest and the longest range.
func (a axis) usual() (from, to, step, short, long int64) {
	const from2025, to2025 = 20089, 20453 // 2025-01-01 and 2025-12-31, days since 1970
	switch a.kind() {
	case column.Int:
		return 0, 10_000, 1, 1, 100
	case column.Decimal:
		unit := int64(1)
		for range a.scale {
			unit *= 10
		}
		return 0, 10_000 * unit, 1, unit, 100 * unit
	case column.Date:
		return from2025, to2025, 1, 1, 30
	case column.Timestamp:
	default:
		return a.usualOther()
	}
	return from2025 * dayMicros, to2025 * dayMicros, minute, 15 * minute, 240 * minute
}
