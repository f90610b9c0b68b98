package gen

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// kindOf gives the kind that holds all of the values: nil fits every kind.
func kindOf(values []any) column.Kind {
	k := column.Invalid
	for _, v := range values {
		var w column.Kind
		switch v.(type) {
		case nil:
			continue
		case bool:
			w = column.Bool
		case int64:
			w = column.Int
		case float64:
			w = column.Float
		default:
			w = column.Text
		}
		switch {
		case k == column.Invalid || k == w:
			k = w
		case k == column.Int && w == column.Float || k == column.Float && w == column.Int:
			k = column.Float
		default:
			k = column.Text
		}
	}
	if k == column.Invalid {
		return column.Text
	}
	return k
}

// AppendValue appends a blueprint's scalar to a vector of any kind, or says why it is no such cell.
func AppendValue(dst *column.Vec, v any) error {
	if v == nil {
		dst.AppendNull()
		return nil
	}
	switch dst.Kind {
	case column.Bool:
		if b, ok := v.(bool); ok {
			dst.AppendBool(b)
			return nil
		}
	case column.Int:
		if i, ok := v.(int64); ok {
			dst.AppendInt(i)
			return nil
		}
	case column.Float:
		switch x := v.(type) {
		case float64:
			return appendFloat(dst, x)
		case int64:
			return appendFloat(dst, float64(x))
		}
	}
	return ParseCell(dst, scalarText(v))
}

// appendFloat appends a float as a vector of its precision holds it.
func appendFloat(dst *column.Vec, x float64) error {
	if dst.Single {
		single := float64(float32(x))
		if math.IsInf(single, 0) && !math.IsInf(x, 0) {
			return fmt.Errorf("%v is beyond single precision", x)
		}
		x = single
	}
	dst.AppendFloat(x)
	return nil
}

func scalarText(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// ParseCell appends the cell whose canonical text (see column.Vec.AppendText) is s.
func ParseCell(dst *column.Vec, s string) error {
	fail := func() error { return fmt.Errorf("%q is no %s", s, dst.Kind) }
	switch dst.Kind {
	case column.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fail()
		}
		dst.AppendBool(b)
	case column.Int:
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fail()
		}
		dst.AppendInt(i)
	case column.Float:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fail()
		}
		return appendFloat(dst, f)
	case column.Decimal:
		i, err := parseDecimal(s, int(dst.Scale))
		if err != nil {
			return fail()
		}
		dst.AppendInt(i)
	case column.UUID:
		u, err := parseUUID(s)
		if err != nil {
			return fail()
		}
		dst.AppendUUID(u)
	case column.Date:
		if x, ok := column.ParseInfinity(s); ok {
			dst.AppendInt(x)
			return nil
		}
		t, err := time.Parse("2006-01-02", s)
		if err != nil {
			return fail()
		}
		dst.AppendInt(int64(math.Floor(float64(t.Unix()) / 86400)))
	case column.Time:
		t, err := time.Parse("15:04:05.999999", s)
		if err != nil {
			return fail()
		}
		dst.AppendInt(t.UnixMicro() - time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	case column.Timestamp:
		if x, ok := column.ParseInfinity(s); ok {
			dst.AppendInt(x)
			return nil
		}
		for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", "2006-01-02"} {
			if t, err := time.Parse(layout, s); err == nil {
				dst.AppendInt(t.UnixMicro())
				return nil
			}
		}
		return fail()
	case column.Bytes:
		b, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
		if err != nil {
			return fail()
		}
		dst.AppendBytes(b)
	default:
		dst.AppendString(s)
	}
	return nil
}

func parseUUID(s string) (u [16]byte, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 || len(s) != 36 && len(s) != 32 {
		return u, fmt.Errorf("%q is no UUID", s)
	}
	return [16]byte(b), nil
}

func parseDecimal(s string, scale int) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > scale {
		return 0, fmt.Errorf("%q has more than %d digits behind the point", s, scale)
	}
	return strconv.ParseInt(whole+frac+strings.Repeat("0", scale-len(frac)), 10, 64)
}

// compared is an expression of a column's type as it is compared: by its text, where the type has no equality that says
// whether two values are the same (json and xml have none, circles of equal area are equal).
func compared(t schema.Type, x string) string {
	if byText(t) {
		return "cast(" + x + " as text)"
	}
	return x
}

func byText(t schema.Type) bool {
	switch t.Name {
	case "json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle":
		return true
	}
	return false
}
