package gen

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

const (
	minute  = 60_000_000 // microseconds
	letters = 8          // of the texts that are bounds: small letters, whose order is the same in every collation
	hosts   = 1 << 24    // addresses of 10.0.0.0/8
)

// counts tells whether distances on the axis are integers.
func (a axis) counts() bool {
	switch a.kind() {
	case column.Int, column.UUID, column.Text:
		return true
	}
	return a.typ == "inet" || a.typ == "enum"
}

// passes tells whether positions are microseconds.
func (a axis) passes() bool { return a.isTime() || a.typ == "time" || a.typ == "interval" }

// last gives the last position that the type of the bounds has.
func (a axis) last() int64 {
	switch a.typ {
	case "int2":
		return math.MaxInt16
	case "int4", "oid":
		return math.MaxInt32
	case "float4":
		return 999_999 * 100 // of more, single precision lacks the digits behind the point
	case "float8":
		return 1e15
	case "date":
		return 2_932_896 // 9999-12-31
	case "timestamp", "timestamptz":
		return 2_932_896 * dayMicros
	case "time":
		return dayMicros - 1_000_000
	case "interval":
		return 1_000_000 * 60 * minute
	case "uuid":
		return 1 << 62
	case "text":
		n := int64(1)
		for range letters {
			n *= 26
		}
		return n - 1
	case "inet":
		return hosts - 1
	case "enum":
		return int64(len(a.labels)) - 1
	}
	return math.MaxInt64
}

// narrow tells whether the type of the bounds has so few values that a step cannot be chosen without a look at the number of rows.
func (a axis) narrow() bool {
	return slices.Contains([]string{"int2", "time", "uuid", "text", "inet", "enum"}, a.typ)
}

// usualOther is usual for types that PostgreSQL has no ranges of.
func (a axis) usualOther() (from, to, step, short, long int64) {
	switch a.typ {
	case "float4", "float8":
		return 0, 10_000 * 100, 1, 100, 100 * 100
	case "time":
		return 0, dayMicros - minute, minute, 15 * minute, 240 * minute
	case "interval":
		return 0, 6000 * minute, minute, 15 * minute, 240 * minute
	case "enum":
		return 0, a.last(), 1, 1, (a.last() + 1) / 2
	case "inet":
		return 0, a.last(), 1, 1, 256
	}
	step = a.last() / 1_000_000 // of uuid and text
	return 0, a.last(), step, step, 100_000 * step
}

// appendOther is append for types that PostgreSQL has no ranges of.
func (a axis) appendOther(b []byte, x int64) []byte {
	switch a.typ {
	case "float4", "float8":
		b = trimFraction(column.AppendDecimal(b, x, 2), len(b))
		if b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
		return b
	case "time":
		return trimPoint(column.AppendTimeOfDay(b, x), len(b))
	case "interval":
		if hours := x / (60 * minute); hours >= 24 {
			tail := column.AppendTimeOfDay(nil, x%(60*minute))
			b = append(strconv.AppendInt(b, hours, 10), tail[2:]...)
			return b
		}
		return trimPoint(column.AppendTimeOfDay(b, x), len(b))
	case "uuid":
		u := a.uuid(x)
		return column.AppendUUIDText(b, u[:])
	case "text":
		at := len(b)
		b = append(b, strings.Repeat("a", letters)...)
		for i := letters - 1; i >= 0; i-- {
			b[at+i] = 'a' + byte(x%26)
			x /= 26
		}
		return b
	case "inet":
		return fmt.Appendf(b, "10.%d.%d.%d", x>>16&255, x>>8&255, x&255)
	}
	return appendBound(b, a.labels[x])
}

// trimPoint takes a fraction of zeros away.
func trimPoint(b []byte, begin int) []byte {
	b = trimFraction(b, begin)
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return b
}

// uuid gives UUIDs in the order of their positions.
func (a axis) uuid(x int64) (u [16]byte) {
	low := rng.Mix(uint64(x))
	for i := range 8 {
		u[i] = byte(uint64(x) << 1 >> (56 - 8*i))
		u[8+i] = byte(low >> (56 - 8*i))
	}
	return u
}

// appendBound appends a bound's text as PostgreSQL writes it in a range.
func appendBound(b []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, `"\()[], `+"\t\n\r\v\f") {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, s[i])
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// appendCell adds a position as the cell of a column.
func (a axis) appendCell(dst *column.Vec, x int64) {
	switch a.kind() {
	case column.Float:
		dst.AppendFloat(float64(x) / 100)
	case column.UUID:
		dst.AppendUUID(a.uuid(x))
	case column.Text, column.Literal:
		if a.typ == "enum" {
			dst.Data = append(dst.Data, a.labels[x]...)
		} else {
			dst.Data = a.append(dst.Data, x)
		}
		dst.EndCell()
	default:
		dst.AppendInt(x)
	}
}

// otherPosition is position for types that PostgreSQL has no ranges of.
func (a axis) otherPosition(what string, v *blueprint.Value) (int64, error) {
	text := scalarText(v.V)
	switch a.typ {
	case "float4", "float8":
		return decimalValue(what, v.V, 2)
	case "time":
		if text == "24:00" || text == "24:00:00" {
			return dayMicros, nil
		}
		return parseTime(what, text)
	case "interval":
		d, err := blueprint.ParseDuration(text)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%s is %s: a duration from 0 on is wanted, such as 90m", what, describe(v.V))
		}
		return int64(d), nil
	case "enum":
		if at := slices.Index(a.labels, text); at >= 0 {
			return int64(at), nil
		}
		return 0, unknown(what, text, a.labels...)
	}
	return 0, fmt.Errorf("%s goes with numbers, days and times, and the bounds are of the type %s", what, a.typ)
}

// BoundsOf gives the name under which the generators of ranges know the type of a range's bounds; "" where they do not.
func BoundsOf(t *schema.Type) string {
	if t == nil {
		return ""
	}
	base := t.Base
	switch {
	case len(t.Enum) > 1:
		return "enum"
	case base == "varchar" || base == "bpchar" || base == "name" || base == "" && t.Kind == column.Text && t.Extension == "citext":
		base = "text"
	case base == "cidr":
		base = "inet"
	}
	if base == "text" && (t.Length > 0 && t.Length < letters || len(t.Checks) > 0) || base == "numeric" && t.Scale < 0 || base == "enum" || !slices.Contains(axes, base) {
		return ""
	}
	return base
}

// rangeOf gives the range type that a column's values are of, or that the elements of its arrays are of; nil where there is none.
func rangeOf(t *schema.Type) *schema.Type {
	for t != nil && t.Category == schema.ArrayType {
		t = t.Element
	}
	if t == nil || t.Category != schema.RangeType && t.Category != schema.MultirangeType || t.Element == nil {
		return nil
	}
	return t
}

// axisOf gives what the bounds of a type of the given name lie on, for a column.
func axisOf(of string, c *Context) (axis, error) {
	a := axis{typ: of}
	if !slices.Contains(axes, of) {
		return a, unknown("type of bounds", of, axes...)
	}
	if of != "enum" {
		return a, nil
	}
	r := rangeOf(&c.Type)
	if r == nil || len(r.Element.Enum) < 2 {
		return a, fmt.Errorf("bounds of an enum go with a column whose type is a range over one, with two labels at least")
	}
	a.labels = r.Element.Enum
	return a, nil
}
