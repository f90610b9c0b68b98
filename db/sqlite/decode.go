package sqlite

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// appendStored appends what SQLite gave back as the cell that was written. x is nil, int64, float64,
// string or []byte. A decimal with more digits behind the point than dst has gives dst more of them: SQLite keeps
// values, and not how many digits they were written with.
func appendStored(dst *column.Vec, x any) error {
	wrong := func() error { return fmt.Errorf("the stored value %.100s (%T) is no %s", fmt.Sprint(x), x, dst.Kind) }
	switch x := x.(type) {
	case nil:
		dst.AppendNull()
		return nil
	case int64:
		switch dst.Kind {
		case column.Bool, column.Int:
			dst.AppendInt(x)
		case column.Float:
			dst.AppendFloat(float64(x))
		case column.Decimal:
			for range dst.Scale {
				if x > math.MaxInt64/10 || x < math.MinInt64/10 {
					return wrong()
				}
				x *= 10
			}
			dst.AppendInt(x)
		case column.Text, column.JSON, column.Literal:
			dst.AppendBytes(strconv.AppendInt(nil, x, 10))
		default:
			return wrong()
		}
		return nil
	case float64:
		switch dst.Kind {
		case column.Float:
			dst.AppendFloat(x)
		case column.Decimal:
			text := strconv.FormatFloat(x, 'f', int(dst.Scale), 64)
			if back, err := strconv.ParseFloat(text, 64); err != nil || back != x {
				text = strconv.FormatFloat(x, 'f', -1, 64)
				if _, fraction, _ := strings.Cut(text, "."); len(fraction) > 18 || !dst.Rescale(int32(len(fraction))) {
					return wrong()
				}
			}
			if gen.ParseCell(dst, text) != nil {
				return wrong()
			}
			return nil
		default:
			return wrong()
		}
		return nil
	case []byte:
		switch dst.Kind {
		case column.Text, column.JSON, column.Literal, column.Bytes:
			dst.AppendBytes(x)
			return nil
		}
		return wrong()
	case string:
		return appendStoredText(dst, x)
	}
	return wrong()
}

func appendStoredText(dst *column.Vec, s string) error {
	switch dst.Kind {
	case column.Text, column.JSON, column.Literal, column.Bytes:
		dst.AppendString(s)
		return nil
	case column.Timestamp:
		if us, ok := parseTimestamp(s); ok {
			dst.AppendInt(us)
			return nil
		}
	}
	return gen.ParseCell(dst, s)
}

// parseTimestamp reads 2006-01-02 15:04:05[.000000], with a T in place of the blank and a Z at the end
// allowed, or a date alone.
func parseTimestamp(s string) (micros int64, ok bool) {
	num := func(from, to int) int {
		n := 0
		for _, c := range []byte(s[from:to]) {
			if c < '0' || c > '9' {
				ok = false
				return 0
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	ok = true
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	year, month, day := num(0, 4), num(5, 7), num(8, 10)
	var hour, minute, second, fraction int
	if rest := s[10:]; rest != "" {
		if len(rest) < 9 || rest[0] != ' ' && rest[0] != 'T' || rest[3] != ':' || rest[6] != ':' {
			return 0, false
		}
		hour, minute, second = num(11, 13), num(14, 16), num(17, 19)
		end := len(s)
		if s[end-1] == 'Z' {
			end--
		}
		if end > 19 {
			if s[19] != '.' || end > 26 || end == 20 {
				return 0, false
			}
			fraction = num(20, end)
			for i := end; i < 26; i++ {
				fraction *= 10
			}
		}
	}
	if !ok || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return 0, false
	}
	return t.UnixMicro() + int64(fraction), true
}

// keysOf gives keys as a JSON array: numbers and texts as they are stored, bytes as {"x": "hex"}.
func keysOf(v *column.Vec, decimalAsText bool) string {
	dst := []byte{'['}
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Null(i) {
			dst = append(dst, "null"...)
			continue
		}
		switch v.Kind {
		case column.Bool, column.Int:
			dst = strconv.AppendInt(dst, v.Ints[i], 10)
		case column.Decimal:
			if decimalAsText {
				dst = append(dst, '"')
			}
			dst = column.AppendDecimal(dst, v.Ints[i], int(v.Scale))
			if decimalAsText {
				dst = append(dst, '"')
			}
		case column.Float:
			if math.IsInf(v.Floats[i], 0) {
				if v.Floats[i] < 0 {
					dst = append(dst, '-')
				}
				dst = append(dst, "9e999"...)
				continue
			}
			dst = strconv.AppendFloat(dst, v.Floats[i], 'e', -1, 64)
		case column.Bytes:
			dst = append(dst, `{"x":"`...)
			dst = hex.AppendEncode(dst, v.Bytes(i))
			dst = append(dst, `"}`...)
		case column.Text, column.JSON, column.Literal:
			dst = column.AppendJSONString(dst, v.Bytes(i))
		default:
			dst = append(dst, '"')
			dst = v.AppendText(dst, i)
			dst = append(dst, '"')
		}
	}
	return string(append(dst, ']'))
}
