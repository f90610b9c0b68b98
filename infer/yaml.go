package infer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	syntax "go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/internal/shown"
)

// yaml is a value as a blueprint has it: a scalar, a list or a mapping. A generator is the name alone, or a mapping of its
// name to its arguments, beside which nulls, when and the like may stand. Values do not change once they are made; what is
// asked of a generator is asked of its name and arguments, and its text is made where a blueprint is written.
type yaml struct {
	scalar string // what it is; of plain ones, as it is written
	shape  shape
	in     *inner // nil for scalars
}

// inner is what a list or a mapping holds.
type inner struct {
	items []yaml
	pairs []entry
}

// entry is a key of a mapping and what it has.
type entry struct{ key, value yaml }

// shape is which of its fields a yaml has.
type shape uint8

const (
	noValue      shape = iota
	bareScalar         // written as it is
	quotedScalar       // written in quotes
	sequenceOf
	mappingOf
)

// null is the generator of nothing.
var null = raw("null")

// raw is a scalar that is written as it is.
func raw(s string) yaml { return yaml{shape: bareScalar, scalar: s} }

// call makes a generator with its arguments, names and values in turn; without any it is the name alone. A value is a
// yaml, or a string, number or bool.
func call(name string, args ...any) yaml {
	if len(args) == 0 {
		return raw(name)
	}
	return mapping(name, mapping(args...))
}

// short makes a generator with its one argument: {pattern: "[a-z]"}.
func short(name string, arg any) yaml { return mapping(name, arg) }

// mapping makes {k: v, ...} of keys and values in turn.
func mapping(kv ...any) yaml {
	pairs := make([]entry, len(kv)/2)
	for i := range pairs {
		pairs[i] = entry{value(kv[2*i]), value(kv[2*i+1])}
	}
	return mapped(pairs)
}

func mapped(pairs []entry) yaml { return yaml{shape: mappingOf, in: &inner{pairs: pairs}} }

// items gives what a list holds.
func (y yaml) items() []yaml {
	if y.in == nil {
		return nil
	}
	return y.in.items
}

// pairs gives what a mapping holds.
func (y yaml) pairs() []entry {
	if y.in == nil {
		return nil
	}
	return y.in.pairs
}

// list makes [a, b, ...].
func list[T any](items []T) yaml {
	in := &inner{items: make([]yaml, len(items))}
	for i, x := range items {
		in.items[i] = value(x)
	}
	return yaml{shape: sequenceOf, in: in}
}

func value(v any) yaml {
	switch v := v.(type) {
	case yaml:
		return v
	case string:
		return text(v)
	case bool:
		return raw(strconv.FormatBool(v))
	case int:
		return raw(strconv.Itoa(v))
	case int64:
		return raw(strconv.FormatInt(v, 10))
	case float64:
		if v == 0 {
			v = 0 // without a sign: YAML has no integer -0
		}
		return raw(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return text(fmt.Sprint(v))
}

// words are plain texts that YAML, or a reader of it, takes for something else.
var words = map[string]bool{"null": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// isPlain tells whether YAML reads a text without quotes as a text, and no reader takes it for something else: names, with
// dots between them.
func isPlain(s string) bool {
	begins := true
	for _, r := range s {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || !begins && r >= '0' && r <= '9':
			begins = false
		case r == '.' && !begins:
			begins = true
		default:
			return false
		}
	}
	return !begins && !words[strings.ToLower(s)]
}

// text is a text, in quotes where it needs them.
func text(s string) yaml {
	if isPlain(s) {
		return raw(s)
	}
	return quote(s)
}

// quote is a text in quotes.
func quote(s string) yaml { return yaml{shape: quotedScalar, scalar: s} }

// exists tells whether there is a value.
func (y yaml) exists() bool { return y.shape != noValue }

// isNull tells whether it is the generator of nothing.
func (y yaml) isNull() bool { return y.equal(null) }

// str gives what a scalar is; "" of what is none.
func (y yaml) str() string { return y.scalar }

func (y yaml) equal(o yaml) bool {
	return y.shape == o.shape && y.scalar == o.scalar && slices.EqualFunc(y.items(), o.items(), yaml.equal) &&
		slices.EqualFunc(y.pairs(), o.pairs(), func(a, b entry) bool { return a.key.equal(b.key) && a.value.equal(b.value) })
}

// get gives what a mapping has under a key.
func (y yaml) get(key string) yaml {
	for _, p := range y.pairs() {
		if p.key.scalar == key {
			return p.value
		}
	}
	return yaml{}
}

// set is a mapping with another value under a key: in its place, or at the end.
func (y yaml) set(key string, v any) yaml {
	pairs := slices.Clone(y.pairs())
	for i := range pairs {
		if pairs[i].key.scalar == key {
			pairs[i].value = value(v)
			return mapped(pairs)
		}
	}
	return mapped(append(pairs, entry{text(key), value(v)}))
}

// generator gives the name of a generator; "" of what is none.
func (y yaml) generator() string {
	if len(y.pairs()) > 0 {
		return y.pairs()[0].key.scalar
	}
	return y.scalar
}

// is tells whether a generator has one of some names.
func (y yaml) is(names ...string) bool { return slices.Contains(names, y.generator()) }

// argument gives all that stands behind a generator's name: its one argument, or a mapping of them.
func (y yaml) argument() yaml {
	if len(y.pairs()) > 0 {
		return y.pairs()[0].value
	}
	return yaml{}
}

// arg gives an argument of a generator by its name.
func (y yaml) arg(name string) yaml { return y.argument().get(name) }

// has tells whether a generator has one of some arguments.
func (y yaml) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return y.arg(n).exists() })
}

// names gives the names of a generator's arguments.
func (y yaml) names() []string { return y.argument().keys() }

// keys gives the keys of a mapping.
func (y yaml) keys() (out []string) {
	for _, p := range y.pairs() {
		out = append(out, p.key.scalar)
	}
	return out
}

// open tells whether a generator of some name has its arguments by name, and nothing beside it: then it takes others.
func (y yaml) open(name string) bool {
	return y.generator() == name && len(y.pairs()) == 1 && y.argument().shape == mappingOf
}

// having is a generator with other arguments.
func (y yaml) having(args yaml) yaml {
	pairs := slices.Clone(y.pairs())
	pairs[0].value = args
	return mapped(pairs)
}

// with is a generator with another argument: in the place of the one of this name, or at the end.
func (y yaml) with(name string, v any) yaml { return y.having(y.argument().set(name, v)) }

// first is a generator with a further argument, before the others.
func (y yaml) first(name string, v any) yaml {
	return y.having(mapped(slices.Concat([]entry{{text(name), value(v)}}, y.argument().pairs())))
}

// without is a generator without an argument.
func (y yaml) without(name string) yaml {
	return y.having(mapped(slices.DeleteFunc(slices.Clone(y.argument().pairs()), func(p entry) bool { return p.key.scalar == name })))
}

// ranges tells whether a generator of some name draws from a range of times.
func (y yaml) ranges(name string) bool {
	return y.generator() == name && len(y.argument().pairs()) > 0 && y.names()[0] == "from"
}

// beside is a generator with a key beside its name.
func (y yaml) beside(key string, v any) yaml {
	switch {
	case y.shape == mappingOf:
	case y.isNull():
		y = short("constant", null)
	default:
		y = mapping(y, mapping())
	}
	return y.set(key, v)
}

// mentions tells whether a value names a column: by itself, in a path, a template or an expression.
func (y yaml) mentions(column string) bool {
	if s := y.scalar; s == column || strings.HasPrefix(s, column+".") || strings.Contains(s, "{"+column+"}") ||
		strings.Contains(s, quote(column).String()) || isPlain(column) && slices.Contains(strings.FieldsFunc(s, notInName), column) {
		return true
	}
	return slices.ContainsFunc(y.items(), func(x yaml) bool { return x.mentions(column) }) ||
		slices.ContainsFunc(y.pairs(), func(p entry) bool { return p.value.mentions(column) })
}

func notInName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// within gives what stands under a key in a value, however deep: the first such.
func (y yaml) within(key string) yaml {
	for _, x := range y.items() {
		if v := x.within(key); v.exists() {
			return v
		}
	}
	for _, p := range y.pairs() {
		if p.key.scalar == key && p.value.scalar != "" {
			return p.value
		}
		if v := p.value.within(key); v.exists() {
			return v
		}
	}
	return yaml{}
}

// node gives the value as a blueprint is decoded from.
func (y yaml) node() *syntax.Node {
	n := &syntax.Node{Kind: syntax.ScalarNode, Value: y.scalar, Tag: "!!str"}
	switch y.shape {
	case bareScalar:
		n.Tag = tagOf(y.scalar)
	case quotedScalar:
		n.Style, n.Value = syntax.DoubleQuotedStyle, escaped(y.scalar)
	case sequenceOf:
		n.Kind, n.Tag = syntax.SequenceNode, "!!seq"
	case mappingOf:
		n.Kind, n.Tag = syntax.MappingNode, "!!map"
	}
	for _, x := range y.items() {
		n.Content = append(n.Content, x.node())
	}
	for _, p := range y.pairs() {
		n.Content = append(n.Content, p.key.node(), p.value.node())
	}
	return n
}

// tagOf is the type that YAML reads a scalar without quotes as.
func tagOf(s string) string {
	switch s {
	case "null":
		return "!!null"
	case "true", "false":
		return "!!bool"
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "!!int"
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && !isPlain(s) {
		return "!!float"
	}
	return "!!str"
}

// escaped is a text in which nothing is read as a parameter's place.
func escaped(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// String writes the value in flow style. In quotes, JSON's escapes are YAML's too, but for characters of two halves.
func (y yaml) String() string {
	switch y.shape {
	case noValue, bareScalar:
		return y.scalar
	case quotedScalar:
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(escaped(y.scalar)); err != nil {
			return strconv.Quote(y.scalar) // a text always encodes
		}
		return shown.YAML(strings.TrimSuffix(b.String(), "\n"))
	}
	var parts []string
	for _, x := range y.items() {
		parts = append(parts, x.String())
	}
	for _, p := range y.pairs() {
		parts = append(parts, p.key.String()+": "+p.value.String())
	}
	if y.shape == sequenceOf {
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
