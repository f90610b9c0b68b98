package blueprint

import (
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"
	"go.yaml.in/yaml/v4"
)

// Shaped is implemented by a NodeDecoder that accepts one of several shapes, each given as a value of a
// type that a Decoder knows; Schema describes it by them. Without it a NodeDecoder's schema is open.
type Shaped interface {
	Shapes() []any
}

// Schema makes the JSON Schema (draft 2020-12) of the blueprint language. Makers are the generators'
// arguments, structs with the tags that a Decoder reads, by the generators' names. Descriptions come
// from the tag desc; a generator's own from that of a field named "_". The result is the same for the
// same makers, byte for byte.
func Schema(makers map[string]any) ([]byte, error) {
	b := &schemaBuilder{defs: make(jsonschema.Definitions), open: make(map[reflect.Type]bool), named: make(map[reflect.Type]bool)}
	b.reflector = &jsonschema.Reflector{
		FieldNameTag:   "yaml",
		Anonymous:      true,
		DoNotReference: true,
		Mapper:         b.mapped,
		LookupComment:  describe,
	}
	return json.MarshalIndent(b.file(makers), "", "  ")
}

// schemaBuilder describes Go types as a Decoder reads them: the reflector sees to structs and lists, the
// builder to what is particular to blueprints.
type schemaBuilder struct {
	reflector *jsonschema.Reflector
	defs      jsonschema.Definitions
	direct    reflect.Type          // the struct that the reflector is to describe itself
	open      map[reflect.Type]bool // types that are being described
	named     map[reflect.Type]bool // those of them that refer to themselves
	literal   bool                  // ${...} is not allowed here
}

// describe gives the description of a struct, or of its field.
func describe(t reflect.Type, name string) string {
	if name == "" {
		name = "_"
	}
	if t.Kind() == reflect.Struct {
		if f, ok := t.FieldByName(name); ok {
			return f.Tag.Get("desc")
		}
	}
	return ""
}

func ref(name string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + name} }

func null() *jsonschema.Schema { return &jsonschema.Schema{Type: "null"} }

// orExpr lets a scalar that is no text be given by ${...} too.
func (b *schemaBuilder) orExpr(s *jsonschema.Schema) *jsonschema.Schema {
	if b.literal {
		return s
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, ref("expression")}}
}

// texts is a text that matches a pattern, or holds ${...}.
func (b *schemaBuilder) texts(description, pattern string, examples ...any) *jsonschema.Schema {
	if !b.literal {
		pattern += `|\$\{`
	}
	return &jsonschema.Schema{Type: "string", Pattern: pattern, Description: description, Examples: examples}
}

func anyScalar() *jsonschema.Schema {
	return &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean", "null"}}}
}

// of describes a type.
func (b *schemaBuilder) of(t reflect.Type) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{b.of(t.Elem()), null()}}
	}
	s := b.reflector.ReflectFromType(t)
	s.Version = ""
	return s
}

var nodeDecoder = reflect.TypeFor[NodeDecoder]()

// mapped describes what the reflector cannot; nil leaves a type to it.
func (b *schemaBuilder) mapped(t reflect.Type) *jsonschema.Schema {
	if t == b.direct {
		b.direct = nil
		return nil
	}
	if s := b.known(t); s != nil {
		return s
	}
	switch {
	case b.open[t]:
		b.named[t] = true
		return ref(t.Name())
	case t.Kind() == reflect.Struct || reflect.PointerTo(t).Implements(nodeDecoder):
		b.open[t] = true
		s := b.composed(t)
		delete(b.open, t)
		if b.named[t] {
			b.defs[t.Name()] = s
			return ref(t.Name())
		}
		return s
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return b.orExpr(&jsonschema.Schema{Type: "integer"})
	case reflect.Uint64:
		return b.orExpr(&jsonschema.Schema{Type: "integer", Minimum: "0"})
	case reflect.Float64:
		return b.orExpr(&jsonschema.Schema{Type: "number"})
	case reflect.Bool:
		return b.orExpr(&jsonschema.Schema{Type: "boolean"})
	case reflect.String, reflect.Slice:
		return nil
	}
	return &jsonschema.Schema{}
}

// known describes the types of this package that a scalar or a generator is decoded to.
func (b *schemaBuilder) known(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Generator]():
		return ref("generator")
	case reflect.TypeFor[columnEntry]():
		return ref("column")
	case reflect.TypeFor[Value]():
		return anyScalar()
	case reflect.TypeFor[Duration]():
		return b.texts("A duration: numbers with the units us, ms, s, m, h, d or w.",
			`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(us|ms|s|m|h|d|w)(([0-9]+\.?[0-9]*|\.[0-9]+)(us|ms|s|m|h|d|w))*$`, "10s", "5m", "2h", "30d")
	case reflect.TypeFor[DateTime]():
		return b.texts("A date, or a date and time, without a zone.",
			`^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?$`, "2025-05-01", "2025-05-01 13:30:00")
	case reflect.TypeFor[yaml.Node]():
		if b.literal {
			return anyScalar()
		}
		return &jsonschema.Schema{}
	case reflect.TypeFor[share]():
		return b.orExpr(&jsonschema.Schema{Type: "number", Minimum: "0", Maximum: "1"})
	case reflect.TypeFor[rowCount]():
		return b.orExpr(&jsonschema.Schema{Type: "integer", Minimum: "0"})
	case reflect.TypeFor[fileText](), reflect.TypeFor[cellPath](), reflect.TypeFor[condition]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[fileTwo]():
		two := new(uint64(2))
		return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}, MinItems: two, MaxItems: two, UniqueItems: true}
	case reflect.TypeFor[uniqueSet]():
		columns := &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}, MinItems: new(uint64(1))}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{columns, b.of(reflect.TypeFor[fileUniqueSet]())}}
	case reflect.TypeFor[filePool]():
		return poolSchema()
	}
	return nil
}

// composed describes structs and types that decode themselves.
func (b *schemaBuilder) composed(t reflect.Type) *jsonschema.Schema {
	zero := reflect.New(t).Interface()
	if o, ok := zero.(interface{ element() reflect.Type }); ok {
		return &jsonschema.Schema{Type: "object", AdditionalProperties: b.of(o.element())}
	}
	if s, ok := zero.(Shaped); ok {
		out := &jsonschema.Schema{}
		for _, shape := range s.Shapes() {
			out.AnyOf = append(out.AnyOf, b.of(reflect.TypeOf(shape)))
		}
		return out
	}
	if reflect.PointerTo(t).Implements(nodeDecoder) {
		return &jsonschema.Schema{Description: describe(t, "")}
	}
	switch t {
	case reflect.TypeFor[fileParameter]():
		b.literal = true
		defer func() { b.literal = false }()
	case reflect.TypeFor[fileTable]():
		s := oneOf(b.structure(t), "rows", "parts", "standing")
		for _, name := range []string{"parts", "columns"} {
			p, _ := s.Properties.Get(name)
			p.MinProperties = new(uint64(1))
		}
		return s
	case reflect.TypeFor[filePart]():
		return oneOf(b.structure(t), "rows", "each")
	}
	return b.structure(t)
}

// structure describes a struct: a mapping, or its short form.
func (b *schemaBuilder) structure(t reflect.Type) *jsonschema.Schema {
	b.direct = t
	s := b.of(t)
	reflected := s.Properties
	s.Required = nil
	s.Properties = jsonschema.NewProperties()
	var short *jsonschema.Schema
	for _, f := range fieldsOf(t) {
		p, _ := reflected.Get(f.name)
		if len(f.enum) > 0 {
			p = b.enumerated(p, f.enum)
		}
		if f.typ.Kind() == reflect.Pointer && f.typ.Elem() != reflect.TypeFor[yaml.Node]() {
			p = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{p, null()}}
		}
		p.Description = f.desc
		s.Properties.Set(f.name, p)
		if f.required {
			s.Required = append(s.Required, f.name)
		}
		if f.short {
			short = p
		}
	}
	if short == nil {
		return s
	}
	notMapping := &jsonschema.Schema{Not: &jsonschema.Schema{Type: "object"}}
	return &jsonschema.Schema{
		Description: s.Description,
		AnyOf:       []*jsonschema.Schema{s, {AllOf: []*jsonschema.Schema{notMapping, short}}},
	}
}

// enumerated restricts a text, or a list of texts, to those of a field's tag.
func (b *schemaBuilder) enumerated(p *jsonschema.Schema, texts []string) *jsonschema.Schema {
	enum := b.orExpr(&jsonschema.Schema{Type: "string", Enum: anys(texts)})
	if p.Items != nil {
		p.Items = enum
		return p
	}
	return enum
}

// element makes an Ordered known to Schema.
func (Ordered[T]) element() reflect.Type { return reflect.TypeFor[T]() }
