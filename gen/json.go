package gen

import (
	"strconv"

	"github.com/sowerdata/sower/column"
)

// appendJSON appends cell i as a JSON value in canonical form.
func appendJSON(dst []byte, v *column.Vec, i int) []byte {
	if v.Null(i) {
		return append(dst, "null"...)
	}
	switch v.Kind {
	case column.Bool, column.Int, column.Decimal:
		return v.AppendText(dst, i)
	case column.Float:
		return strconv.AppendFloat(dst, v.Floats[i], 'f', -1, v.FloatBits())
	case column.JSON:
		return append(dst, v.Bytes(i)...)
	case column.Text, column.Literal:
		return column.AppendJSONString(dst, v.Bytes(i))
	case column.Bytes: // the backslash before the x is escaped
		return append(v.AppendText(append(dst, `"\`...), i), '"')
	default: // dates, times and UUIDs: their text has nothing to escape
		return append(v.AppendText(append(dst, '"'), i), '"')
	}
}

// lift turns the rules of a value inside a JSON document into rules of the document. field gives the
// SQL of the value from that of the document. Rules over numbers and times need a cast that the
// dialects do not share, and are left to the comparison of recomputed cells.
func lift(f Filler, what string, field func(d Dialect, x string) string) []Rule {
	r, ok := f.(Ruled)
	if !ok || f.Kind() != column.Text && f.Kind() != column.JSON {
		return nil
	}
	var out []Rule
	for _, rule := range r.Rules() {
		if rule.SQL == nil {
			continue
		}
		out = append(out, Rule{
			Text: what + " " + rule.Text,
			SQL:  func(d Dialect, x string, in []string) string { return rule.SQL(d, field(d, x), in) },
		})
	}
	return out
}

// plainFloat writes a number without an exponent.
func plainFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
