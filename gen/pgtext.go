package gen

import (
	"encoding/hex"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// appendPostgres appends cell i as PostgreSQL writes it where a value of type t is part of another one.
func appendPostgres(b []byte, v *column.Vec, i int, t schema.Type) []byte {
	switch v.Kind {
	case column.Bool:
		if v.Bool(i) {
			return append(b, 't')
		}
		return append(b, 'f')
	case column.Float:
		if baseOf(t) == "float4" || t.Single() {
			return appendFloatText(b, v.Floats[i], 32)
		}
		return appendFloatText(b, v.Floats[i], 64)
	case column.Time, column.Timestamp:
		begin := len(b)
		b = trimFraction(v.AppendText(b, i), begin)
		if v.Kind == column.Timestamp && (t.Zone || strings.HasSuffix(t.Base, "tz")) {
			b = append(b, "+00"...)
		}
		return b
	case column.Bytes:
		return hex.AppendEncode(append(b, `\x`...), v.Bytes(i))
	}
	return v.AppendText(b, i)
}

// quoteFrom puts what stands in b from begin on in quotes, if it must be, by the rules of rows or of arrays
// whose elements the character between stands between. It grows b in place.
func quoteFrom(b []byte, begin int, row bool, between byte) []byte {
	x := b[begin:]
	needs, escapes := len(x) == 0 || !row && isNullWord(x), 0
	for _, c := range x {
		switch c {
		case '"', '\\':
			needs = true
			escapes++
		case between, ' ', '\t', '\n', '\r', '\v', '\f':
			needs = true
		case '{', '}':
			needs = needs || !row
		case '(', ')':
			needs = needs || row
		}
	}
	if !needs {
		return b
	}
	n := len(x)
	for range escapes + 2 {
		b = append(b, '"')
	}
	to := len(b) - 2 // the last of the content; the closing quote stands behind it
	for from := begin + n - 1; from >= begin; from-- {
		c := b[from]
		b[to] = c
		to--
		if c == '"' || c == '\\' {
			b[to] = '\\'
			if row {
				b[to] = c
			}
			to--
		}
	}
	b[begin] = '"'
	return b
}

func isNullWord(x []byte) bool { return len(x) == 4 && strings.EqualFold(string(x), "null") }

// elementOf gives the type of an array's elements, as far as it is known.
func elementOf(t schema.Type) schema.Type {
	if t.Element != nil {
		return *t.Element
	}
	name, isArray := strings.CutSuffix(t.Name, "[]")
	if !isArray {
		return schema.Type{}
	}
	return typeNamed(name)
}

// typeNamed gives what a type's name tells of it.
func typeNamed(name string) schema.Type {
	e := schema.Type{Name: name, Zone: strings.HasSuffix(name, "with time zone")}
	switch base := baseOf(e); base {
	case "float4":
		e.Kind, e.Width = column.Float, 4
	case "timestamp", "timestamptz":
		e.Kind, e.Scale = column.Timestamp, 6
	}
	return e
}
