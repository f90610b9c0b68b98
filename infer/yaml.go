package infer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/internal/shown"
)

// yaml is a piece of YAML in flow style, ready to stand in a blueprint.
type yaml string

// null is the generator of nothing.
const null yaml = "null"

// call writes a generator with its arguments, names and values in turn; without any it is the name alone.
// A value is a yaml, which stands as it is, or a string, number or bool, which is written as one.
func call(name string, args ...any) yaml {
	if len(args) == 0 {
		return yaml(name)
	}
	return mapping(name, mapping(args...))
}

// short writes a generator with its one argument: {pattern: "[a-z]"}.
func short(name string, arg any) yaml { return mapping(name, arg) }

// mapping writes {k: v, ...} of names and values in turn.
func mapping(kv ...any) yaml {
	var b strings.Builder
	b.WriteByte('{')
	for i := 0; i+1 < len(kv); i += 2 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %s", key(kv[i].(string)), value(kv[i+1]))
	}
	b.WriteByte('}')
	return yaml(b.String())
}

// list writes [a, b, ...].
func list[T any](items []T) yaml {
	out := make([]string, len(items))
	for i, x := range items {
		out[i] = string(value(x))
	}
	return yaml("[" + strings.Join(out, ", ") + "]")
}

func value(v any) yaml {
	switch v := v.(type) {
	case yaml:
		return v
	case string:
		return text(v)
	case bool:
		return yaml(strconv.FormatBool(v))
	case int:
		return yaml(strconv.Itoa(v))
	case int64:
		return yaml(strconv.FormatInt(v, 10))
	case float64:
		return yaml(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return text(fmt.Sprint(v))
}

// plain are texts that YAML reads as texts, and that no reader takes for something else.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// words are plain texts that YAML, or a reader of it, takes for something else.
var words = map[string]bool{"null": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

func isPlain(s string) bool { return plain.MatchString(s) && !words[strings.ToLower(s)] }

// key writes a name as a key.
func key(s string) yaml {
	if isPlain(s) {
		return yaml(s)
	}
	return quote(s)
}

// text writes a text, in quotes where it needs them.
func text(s string) yaml {
	if isPlain(s) {
		return yaml(s)
	}
	return quote(s)
}

// quote writes a text in double quotes; JSON's escapes are YAML's too, but for characters of two halves. What would be read as a parameter's
// place is escaped.
func quote(s string) yaml {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(strings.ReplaceAll(s, "${", "$${")); err != nil {
		return yaml(strconv.Quote(s)) // a text always encodes
	}
	return yaml(shown.YAML(strings.TrimSuffix(b.String(), "\n")))
}
