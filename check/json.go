package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// decodeJSON reads a document; numbers stay as they are written.
func decodeJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return out, nil
}

// equalJSON tells whether two documents are the same to jsonb.
func equalJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, err1 := decodeJSON(a)
	y, err2 := decodeJSON(b)
	return err1 == nil && err2 == nil && sameJSON(x, y)
}

func sameJSON(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			if w, ok := y[k]; !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameJSON(x[i], y[i]) {
				return false
			}
		}
		return true
	case json.Number:
		y, ok := b.(json.Number)
		if !ok {
			return false
		}
		m, err1 := parseNumeric(string(x))
		n, err2 := parseNumeric(string(y))
		return err1 == nil && err2 == nil && compareNumeric(m, n) == 0
	}
	return a == b
}

// containsJSON is jsonb's @>. An array on top contains a scalar that is one of its elements.
func containsJSON(a, b any, top bool) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for k, w := range y {
			if v, ok := x[k]; !ok || !containsJSON(v, w, false) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		if !ok {
			switch b.(type) {
			case map[string]any:
				return false
			}
			if !top {
				return false
			}
			y = []any{b}
		}
		for _, w := range y {
			found := false
			for _, v := range x {
				if containsJSON(v, w, false) {
					found = true
					break
				}
			}
			if !found {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return sameJSON(a, b)
}

// typeofJSON gives what jsonb_typeof says of a valid document, by its first byte.
func typeofJSON(b []byte) string {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 {
		return ""
	}
	switch b[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// memberJSON gives the raw member of an object, or nil.
func memberJSON(b []byte, key string) []byte {
	if typeofJSON(b) != "object" {
		return nil
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(b, &m) != nil {
		return nil
	}
	return m[key]
}

// elementJSON gives the raw element of an array, counted from 0, or from the end below 0; or nil.
func elementJSON(b []byte, i int64) []byte {
	if typeofJSON(b) != "array" {
		return nil
	}
	var l []json.RawMessage
	if json.Unmarshal(b, &l) != nil {
		return nil
	}
	if i < 0 {
		i += int64(len(l))
	}
	if i < 0 || i >= int64(len(l)) {
		return nil
	}
	return l[i]
}

// textJSON gives what ->> makes of a raw value: null for null, a string's contents, else the text.
func textJSON(raw []byte) value {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return null
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return null
		}
		return text([]byte(s))
	}
	return text(raw)
}

// appendJSON appends a document as jsonb prints it: members by the length of their names, then by name.
func appendJSON(dst []byte, v any) ([]byte, error) {
	var err error
	switch x := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, x), nil
	case json.Number:
		n, err := parseNumeric(string(x))
		return appendNumeric(dst, n), err
	case string:
		return column.AppendJSONString(dst, x), nil
	case []any:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			if dst, err = appendJSON(dst, e); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		keys := slices.SortedFunc(maps.Keys(x), func(a, b string) int {
			return cmp.Or(len(a)-len(b), strings.Compare(a, b))
		})
		dst = append(dst, '{')
		for i, k := range keys {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(column.AppendJSONString(dst, k), ": "...)
			if dst, err = appendJSON(dst, x[k]); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	}
	return nil, fmt.Errorf("%T is no JSON", v)
}
