package check

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// input reads a value's text form, as the database's input functions do for the forms that it prints
// itself and the plain ones that people write; other forms are errors.
func (t *typ) input(s string) (value, error) {
	bad := func() (value, error) { return null, fmt.Errorf("%q is not understood as %s", s, t.name) }
	trimmed := strings.TrimSpace(s)
	switch t.kind {
	case kUnknown, kText, kCitext:
		return text([]byte(s)), nil
	case kChar:
		return text(t.pad([]byte(s))), nil
	case kJSON, kJSONB:
		doc, err := decodeJSON([]byte(s))
		if err != nil {
			return bad()
		}
		if t.kind == kJSON {
			return text([]byte(s)), nil
		}
		b, err := appendJSON(nil, doc)
		return text(b), err
	case kBool:
		switch l := strings.ToLower(trimmed); {
		case l == "1" || l == "on" || l != "" && (strings.HasPrefix("true", l) || strings.HasPrefix("yes", l)):
			return boolean(true), nil
		case l == "0" || len(l) > 1 && strings.HasPrefix("off", l) || l != "" && (strings.HasPrefix("false", l) || strings.HasPrefix("no", l)):
			return boolean(false), nil
		}
		return bad()
	case kInt:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return bad()
		}
		return fitInt(n, t.width)
	case kNumeric:
		return parseNumeric(s)
	case kFloat:
		f, err := strconv.ParseFloat(trimmed, 8*t.width)
		if err != nil {
			return bad()
		}
		return float(f), nil
	case kBytes:
		b, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
		if !strings.HasPrefix(s, `\x`) {
			b, err = []byte(s), nil
			if strings.Contains(s, `\`) {
				return bad()
			}
		}
		if err != nil {
			return bad()
		}
		return text(b), nil
	case kUUID:
		b, err := hex.DecodeString(strings.ReplaceAll(trimmed, "-", ""))
		if err != nil || len(b) != 16 {
			return bad()
		}
		return text(b), nil
	case kDate, kTimestamp:
		return t.inputMoment(trimmed)
	case kTime:
		if n, ok := parseClock(trimmed); ok && n <= microsPerDay {
			return integer(n), nil
		}
		return bad()
	case kInterval:
		i, err := parseInterval(trimmed)
		if err != nil {
			return null, err
		}
		return value{x: i}, nil
	case kEnum:
		if i := slices.Index(t.labels, s); i >= 0 {
			return integer(int64(i)), nil
		}
		return bad()
	case kArray:
		return t.inputArray(trimmed)
	case kRange:
		return t.inputRange(trimmed)
	case kOpaque:
		return text([]byte(s)), nil
	}
	return bad()
}

// pad fills a char(n) with blanks.
func (t *typ) pad(b []byte) []byte {
	b = []byte(strings.TrimRight(string(b), " "))
	for n := runes(b); n < int64(t.length); n++ {
		b = append(b, ' ')
	}
	return b
}

// inputArray reads an array of one dimension.
func (t *typ) inputArray(s string) (value, error) {
	bad := func() (value, error) { return null, fmt.Errorf("%q is not understood as %s", s, t.name) }
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return bad()
	}
	out := &list{}
	rest := strings.TrimSpace(s[1 : len(s)-1])
	for rest != "" || len(out.elems) > 0 {
		var cell strings.Builder
		quoted := false
		if strings.HasPrefix(rest, "{") {
			return null, fmt.Errorf("an array of several dimensions is not understood: %s", s)
		}
		if strings.HasPrefix(rest, `"`) {
			quoted = true
			i := 1
			for ; i < len(rest) && rest[i] != '"'; i++ {
				if rest[i] == '\\' && i+1 < len(rest) {
					i++
				}
				cell.WriteByte(rest[i])
			}
			if i >= len(rest) {
				return bad()
			}
			rest = strings.TrimSpace(rest[i+1:])
		} else {
			i := 0
			for ; i < len(rest) && rest[i] != ','; i++ {
				if rest[i] == '\\' || rest[i] == '"' || rest[i] == '{' || rest[i] == '}' {
					return bad()
				}
				cell.WriteByte(rest[i])
			}
			rest = rest[i:]
		}
		c := cell.String()
		if !quoted {
			c = strings.TrimSpace(c)
			if c == "" {
				return bad()
			}
		}
		if !quoted && strings.EqualFold(c, "null") {
			out.elems = append(out.elems, null)
		} else {
			v, err := t.elem.input(c)
			if err != nil {
				return null, err
			}
			out.elems = append(out.elems, v)
		}
		if rest == "" {
			break
		}
		if rest[0] != ',' {
			return bad()
		}
		rest = strings.TrimSpace(rest[1:])
		if rest == "" {
			return bad()
		}
	}
	return value{x: out}, nil
}

// inputRange reads a range.
func (t *typ) inputRange(s string) (value, error) {
	bad := func() (value, error) { return null, fmt.Errorf("%q is not understood as %s", s, t.name) }
	if strings.EqualFold(s, "empty") {
		return value{x: &span{empty: true}}, nil
	}
	if len(s) < 3 || strings.IndexByte("[(", s[0]) < 0 || strings.IndexByte("])", s[len(s)-1]) < 0 {
		return bad()
	}
	r := &span{low: null, high: null, lowIn: s[0] == '[', hiIn: s[len(s)-1] == ']'}
	rest := s[1 : len(s)-1]
	for i, bound := range []*value{&r.low, &r.high} {
		var cell strings.Builder
		quoted, j, in := false, 0, false
		for ; j < len(rest) && (in || rest[j] != ','); j++ {
			switch c := rest[j]; {
			case c == '"' && in && j+1 < len(rest) && rest[j+1] == '"':
				cell.WriteByte('"')
				j++
			case c == '"':
				in, quoted = !in, true
			case c == '\\' && j+1 < len(rest):
				j++
				cell.WriteByte(rest[j])
			default:
				cell.WriteByte(c)
			}
		}
		if i == 0 && j >= len(rest) || i == 1 && j < len(rest) {
			return bad()
		}
		if cell.Len() > 0 || quoted {
			v, err := t.elem.input(cell.String())
			if err != nil {
				return null, err
			}
			*bound = v
		}
		rest = rest[min(j+1, len(rest)):]
	}
	return t.span(r)
}

// span puts a range into the form in which the database keeps it.
func (t *typ) span(r *span) (value, error) {
	if r.low.null {
		r.lowIn = false
	}
	if r.high.null {
		r.hiIn = false
	}
	if !r.low.null && !r.high.null {
		c := t.elem.compare(r.low, r.high)
		if c > 0 {
			return null, fmt.Errorf("a range's lower bound is above its upper bound")
		}
		if c == 0 && !(r.lowIn && r.hiIn) {
			return value{x: &span{empty: true}}, nil
		}
	}
	if t.lists {
		if !r.low.null && !r.lowIn && r.low.finite() {
			r.low.n++
			r.lowIn = true
		}
		if !r.high.null && r.hiIn && r.high.finite() {
			r.high.n++
			r.hiIn = false
		}
		if !r.low.null && !r.high.null && r.low.n >= r.high.n && !r.hiIn {
			return value{x: &span{empty: true}}, nil
		}
	}
	return value{x: r}, nil
}

// output appends a value's text, as a cast to text gives it. It tells whether that is known.
func (t *typ) output(dst []byte, v value) ([]byte, bool) {
	switch t.kind {
	case kUnknown, kText, kCitext, kJSON, kJSONB:
		return append(dst, v.b...), true
	case kChar:
		return append(dst, strings.TrimRight(string(v.b), " ")...), true
	case kBool:
		return strconv.AppendBool(dst, v.n != 0), true
	case kInt:
		return strconv.AppendInt(dst, v.n, 10), true
	case kNumeric:
		return appendNumeric(dst, v), true
	case kFloat:
		return appendFloat(dst, v.float(), t.width), true
	case kDate:
		if v.finite() {
			return column.AppendDate(dst, v.n), true
		}
	case kTime:
		return column.AppendTimeOfDay(dst, v.n), v.n%microsPerSecond == 0
	case kTimestamp:
		if v.finite() && v.n%microsPerSecond == 0 {
			dst = column.AppendTimestamp(dst, v.n)
			if t.zone {
				dst = append(dst, "+00"...)
			}
			return dst, true
		}
	case kUUID:
		return column.AppendUUIDText(dst, v.b), true
	case kEnum:
		return append(dst, t.labels[v.n]...), true
	case kBytes:
		return hex.AppendEncode(append(dst, `\x`...), v.b), true
	case kOpaque:
		return append(dst, v.b...), true
	}
	return dst, false
}
