package blueprint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// A Decoder turns nodes of a blueprint into Go values and collects the mistakes. It knows: string, bool,
// int, int32, int64, uint64, float64, slices, structs, *yaml.Node (as it is), Value, Generator, Ordered,
// Duration, DateTime, every type with a DecodeNode method, and pointers to those: nil where the key is
// absent or null (null is a value of its own for *Value and *Generator).
//
// Fields of structs are named by the tag yaml:"name"; others are left alone. Further tags:
// required:"true"; short:"true" (this field takes the whole value where that is not a mapping);
// enum:"a,b" (the texts that are allowed); desc:"..." (for Schema).
type Decoder struct {
	pos        func(*yaml.Node) Pos
	expr       func(*yaml.Node) string // the ${...} that a scalar came from, or ""
	generators []string                // known names; nil where every name will do
	label      string                  // what is being decoded: the key's name
	within     string                  // the table or table.column whose definition that is; "" for none
	problems   Problems
}

// NodeDecoder is a type that decodes itself. It reports mistakes to d and leaves the value zero then.
type NodeDecoder interface {
	DecodeNode(d *Decoder, n *yaml.Node)
}

// NewDecoder makes a Decoder. Pos tells where a node stands (nil: the node's line and column, in no
// file); generators are the known names of generators (nil: any). For the arguments of a Blueprint's
// generators use Blueprint.NewDecoder.
func NewDecoder(pos func(*yaml.Node) Pos, generators []string) *Decoder {
	if pos == nil {
		pos = func(n *yaml.Node) Pos { return Pos{Line: n.Line, Column: n.Column} }
	}
	return &Decoder{pos: pos, expr: func(*yaml.Node) string { return "" }, generators: generators}
}

// Decode decodes n into what the pointer into points to. A nil node is an absent value: a mapping
// without keys. Within a DecodeNode method messages go on naming the same key.
func (d *Decoder) Decode(n *yaml.Node, into any) {
	d.value(n, target(into), d.label, Pos{})
}

// DecodeGenerator decodes a generator's arguments into what the pointer into points to.
func (d *Decoder) DecodeGenerator(g Generator, into any) {
	d.value(g.Args, target(into), g.Name, g.Pos)
}

func target(into any) reflect.Value {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("blueprint: Decode into %T, which is no pointer", into))
	}
	return v.Elem()
}

// Problem reports a mistake at a node. The name of the key that is being decoded is put before the text.
func (d *Decoder) Problem(n *yaml.Node, format string, args ...any) {
	d.problem(d.pos(n), "", format, args...)
}

// ProblemAt reports a mistake with a suggestion ("" for none).
func (d *Decoder) ProblemAt(at Pos, suggestion, format string, args ...any) {
	d.problem(at, suggestion, format, args...)
}

func (d *Decoder) problem(at Pos, suggestion, format string, args ...any) {
	if d.problems.full() {
		return
	}
	d.problems.add(at, suggestion, "%s", d.where()+fmt.Sprintf(format, args...))
}

// where names what is being decoded, for the beginning of a problem.
func (d *Decoder) where() string {
	text := ""
	if d.within != "" && d.within != d.label {
		text = d.within + ": "
	}
	if d.label != "" {
		text += d.label + ": "
	}
	return text
}

// Problems gives the mistakes so far.
func (d *Decoder) Problems() Problems { return d.problems }

// Err gives the mistakes as an error (type Problems), sorted; nil where there are none.
func (d *Decoder) Err() error { return d.problems.Err() }

// PosOf tells where a node stands.
func (d *Decoder) PosOf(n *yaml.Node) Pos {
	if n == nil {
		return Pos{}
	}
	return d.pos(n)
}

// wants reports a value of the wrong type.
func (d *Decoder) wants(n *yaml.Node, suggestion, what string) {
	if d.problems.full() {
		return
	}
	text := fmt.Sprintf("want %s, found %s", what, found(n))
	if src := d.expr(n); src != "" {
		text += " (" + clip(src) + ")"
	}
	d.problem(d.pos(n), suggestion, "%s", text)
}

// value decodes n, which stands under the key label; at is the place to name where n is nil.
func (d *Decoder) value(n *yaml.Node, v reflect.Value, label string, at Pos) {
	if unresolved(n) {
		return
	}
	outer := d.label
	d.label = label
	defer func() { d.label = outer }()
	if n == nil && v.Kind() != reflect.Struct {
		d.problem(at, "", "a value is missing")
		return
	}
	if n != nil {
		switch into := v.Addr().Interface().(type) {
		case NodeDecoder:
			into.DecodeNode(d, n)
			return
		case **yaml.Node:
			*into = n
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		elem := v.Type().Elem()
		if isNull(n) && elem != reflect.TypeFor[Value]() && elem != reflect.TypeFor[Generator]() {
			return
		}
		p := reflect.New(elem)
		before := len(d.problems)
		d.value(n, p.Elem(), label, at)
		if len(d.problems) == before {
			v.Set(p)
		}
	case reflect.Slice:
		d.slice(n, v, label, at)
	case reflect.Struct:
		d.structure(n, v, label, at)
	default:
		d.basic(n, v)
	}
}

func (d *Decoder) slice(n *yaml.Node, v reflect.Value, label string, at Pos) {
	if n.Kind != yaml.SequenceNode {
		d.wants(n, "", "a list")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		d.value(c, s.Index(i), fmt.Sprintf("%s[%d]", label, i), at)
	}
	v.Set(s)
}

func (d *Decoder) basic(n *yaml.Node, v reflect.Value) {
	var x any
	var err error
	if n.Kind == yaml.ScalarNode {
		x, err = scalar(n)
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := x.(string); ok && n.Kind == yaml.ScalarNode {
			v.SetString(s)
			return
		}
		suggestion := ""
		if n.Kind == yaml.ScalarNode && x != nil && err == nil {
			suggestion = "put it in quotes"
		}
		d.wants(n, suggestion, "a text")
	case reflect.Bool:
		if b, ok := x.(bool); ok {
			v.SetBool(b)
			return
		}
		d.wants(n, "", "true or false")
	case reflect.Int, reflect.Int32, reflect.Int64:
		i, ok := asInt64(x)
		if !ok {
			d.wants(n, "", "an integer")
		} else if v.OverflowInt(i) {
			d.problem(d.pos(n), "", "%d does not fit %d bits", i, v.Type().Bits())
		} else {
			v.SetInt(i)
		}
	case reflect.Uint64:
		if i, ok := asInt64(x); ok && i >= 0 {
			v.SetUint(uint64(i))
		} else if u, ok := asUint64(n); ok {
			v.SetUint(u)
		} else {
			d.wants(n, "", "an integer that is not negative")
		}
	case reflect.Float64:
		switch x := x.(type) {
		case int64:
			v.SetFloat(float64(x))
		case float64:
			v.SetFloat(x)
		default:
			d.wants(n, "", "a number")
		}
	default:
		panic(fmt.Sprintf("blueprint: Decode into a %s", v.Type()))
	}
}

// structure decodes a mapping, or the short form, or nothing at all.
func (d *Decoder) structure(n *yaml.Node, v reflect.Value, label string, at Pos) {
	fields := fieldsOf(v.Type())
	if n != nil && n.Kind != yaml.MappingNode {
		i := slices.IndexFunc(fields, func(f field) bool { return f.short })
		if i >= 0 && (!isNull(n) || fields[i].typ == reflect.TypeFor[Value]()) {
			d.value(n, v.FieldByIndex(fields[i].index), label, at)
			d.enum(n, v.FieldByIndex(fields[i].index), fields[i])
			d.required(fields, map[string]bool{fields[i].name: true}, d.pos(n))
			return
		}
		if !isNull(n) {
			d.wants(n, "", shapeOf(fields))
			return
		}
		if at == (Pos{}) {
			at = d.pos(n)
		}
	}
	seen := make(map[string]bool)
	if n != nil && n.Kind == yaml.MappingNode {
		at = d.pos(n)
		d.keys(n, v, fields, seen)
	}
	d.required(fields, seen, at)
}

// keys decodes the keys of a mapping into the fields of v.
func (d *Decoder) keys(n *yaml.Node, v reflect.Value, fields []field, seen map[string]bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if unresolved(key) {
			continue
		}
		j := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if j < 0 {
			d.unknownKey(key, value, names(fields))
			continue
		}
		seen[key.Value] = true
		d.value(value, v.FieldByIndex(fields[j].index), key.Value, d.pos(key))
		d.enum(value, v.FieldByIndex(fields[j].index), fields[j])
	}
}

func (d *Decoder) unknownKey(key, value *yaml.Node, known []string) {
	suggestion := d.didYouMean(key.Value, known)
	if isNull(value) && value.Value == "" && strings.Contains(key.Value, " ") {
		suggestion = "put a text that holds a comma in quotes" // {help: rows, the first included}
	}
	if suggestion == "" && len(known) > 0 && len(known) <= 8 {
		suggestion = "there are " + strings.Join(known, ", ")
		if len(known) == 1 {
			suggestion = "there is " + known[0]
		}
	}
	d.problem(d.pos(key), suggestion, "unknown key %s", quoted(key.Value))
}

// didYouMean gives no more suggestions when nobody will read them.
func (d *Decoder) didYouMean(name string, known []string) string {
	if len(d.problems) > maxProblems {
		return ""
	}
	return didYouMean(name, known)
}

func (d *Decoder) required(fields []field, seen map[string]bool, at Pos) {
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.problem(at, "", "%q is missing", f.name)
		}
	}
}

// enum checks a text, or texts, against those that the field allows.
func (d *Decoder) enum(n *yaml.Node, v reflect.Value, f field) {
	if len(f.enum) == 0 || unresolved(n) {
		return
	}
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode {
		for i := range min(v.Len(), len(n.Content)) {
			d.enum(n.Content[i], v.Index(i), f)
		}
		return
	}
	if v.Kind() != reflect.String || !isText(n) || slices.Contains(f.enum, v.String()) {
		return
	}
	d.problems.add(d.pos(n), orElse(didYouMean(n.Value, f.enum), "there are "+strings.Join(f.enum, ", ")),
		"%s: unknown value %s", f.name, quoted(n.Value))
}

// shapeOf describes a struct's mapping for "want ...".
func shapeOf(fields []field) string {
	const most = 6
	switch ns := names(fields); {
	case len(ns) == 0:
		return "nothing: there are no arguments"
	case len(ns) > most:
		return "a mapping with " + strings.Join(ns[:most], ", ") + ", ..."
	default:
		return "a mapping with " + strings.Join(ns, ", ")
	}
}

// field is a field of a struct that blueprints are decoded into.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	required bool
	short    bool
	enum     []string
	desc     string
}

func names(fields []field) []string {
	ns := make([]string, len(fields))
	for i, f := range fields {
		ns[i] = f.name
	}
	return ns
}

var fieldsCache sync.Map // reflect.Type -> []field

// fieldsOf gives the fields of a struct, those of embedded structs included.
func fieldsOf(t reflect.Type) []field {
	if fs, ok := fieldsCache.Load(t); ok {
		return fs.([]field)
	}
	var fields []field
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append(slices.Clone(f.Index), inner.index...)
				fields = append(fields, inner)
			}
		case name == "" || name == "-" || !f.IsExported():
		default:
			fields = append(fields, field{
				name: name, index: f.Index, typ: f.Type,
				required: f.Tag.Get("required") == "true",
				short:    f.Tag.Get("short") == "true",
				enum:     splitList(f.Tag.Get("enum")),
				desc:     f.Tag.Get("desc"),
			})
		}
	}
	fieldsCache.Store(t, fields)
	return fields
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
