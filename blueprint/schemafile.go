package blueprint

import (
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// file assembles the schema of a blueprint file.
func (b *schemaBuilder) file(makers map[string]any) *jsonschema.Schema {
	b.defs["expression"] = &jsonschema.Schema{
		Type: "string", Pattern: `\$\{`,
		Description: "An expression over the parameters: ${name}, ${round(name / 2)}. Functions: " + strings.Join(exprFunctions, ", ") + ".",
	}
	b.generators(makers)

	root := b.of(reflect.TypeFor[fileOf[filePool, fileTable]]())
	property := func(s *jsonschema.Schema, name string) *jsonschema.Schema {
		p, _ := s.Properties.Get(name)
		return p
	}
	sower := property(root, "sower")
	sower.AnyOf, sower.Const = nil, languageVersion

	parameters := property(root, "parameters")
	parameters.PropertyNames = &jsonschema.Schema{Pattern: parameterName.String()}
	ddl := property(root, "ddl")
	ddl.PropertyNames = &jsonschema.Schema{Enum: anys(dialects)}

	root.Version = jsonschema.Version
	root.Title = "sower blueprint"
	root.Definitions = b.defs
	return root
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// generators defines the arguments of every generator, a column and a nested generator.
func (b *schemaBuilder) generators(makers map[string]any) {
	arguments := jsonschema.NewProperties()
	var bare []*jsonschema.Schema // the names of those that need no arguments
	var one []*jsonschema.Schema
	for _, name := range sortedKeys(makers) {
		t := reflect.TypeOf(makers[name])
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		s := b.of(t)
		description := describe(t, "")
		if t.Kind() != reflect.Struct || !needsArguments(t) {
			s = &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{s, null()}}
			bare = append(bare, &jsonschema.Schema{Const: name, Description: description})
		}
		b.defs["arguments."+name] = s
		p := ref("arguments." + name)
		p.Description = description
		arguments.Set(name, p)
		one = append(one, &jsonschema.Schema{Required: []string{name}})
	}
	shape := func(description string, keys reflect.Type) *jsonschema.Schema {
		mapping := &jsonschema.Schema{
			Type: "object", Properties: jsonschema.NewProperties(),
			AdditionalProperties: jsonschema.FalseSchema, OneOf: one,
			Description: "One generator, the key, with its arguments, the value, and further keys.",
		}
		for p := arguments.Oldest(); p != nil; p = p.Next() {
			mapping.Properties.Set(p.Key, p.Value)
		}
		for p := b.structure(keys).Properties.Oldest(); p != nil; p = p.Next() {
			mapping.Properties.Set(p.Key, p.Value)
		}
		return &jsonschema.Schema{Description: description, AnyOf: []*jsonschema.Schema{
			mapping,
			{Type: "string", Description: "The name of a generator, without arguments.", AnyOf: append(bare[:len(bare):len(bare)], ref("expression"))},
			{Extras: map[string]any{"type": []string{"number", "boolean", "null"}}, Description: "A constant."},
		}}
	}
	b.defs["column"] = shape("How a column is filled: a generator and further keys.", reflect.TypeFor[columnKeys]())
	b.defs["generator"] = shape("A generator of values.", reflect.TypeFor[nestedKeys]())
}

// needsArguments says whether a struct has a required field.
func needsArguments(t reflect.Type) bool {
	for _, f := range fieldsOf(t) {
		if f.required {
			return true
		}
	}
	return false
}

// oneOf demands exactly one of some keys.
func oneOf(s *jsonschema.Schema, keys ...string) *jsonschema.Schema {
	for _, k := range keys {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{k}})
	}
	return s
}

func poolSchema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "string", Description: "A file with one text a line, or, with a slash at the end, a folder of them: a group of pools.", Examples: []any{"pools/tags.txt", "pools/domains/"}},
		{Type: "array", Description: "The texts.", MinItems: new(uint64(1)), Items: &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}},
	}}
}
