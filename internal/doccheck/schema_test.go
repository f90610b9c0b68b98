package doccheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/plan"
)

// compiled is the schema, ready to validate.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(documents(t)[schemaFile]))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaFile, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance gives a YAML text as an editor hands it to JSON Schema: aliases and merge keys are what they
// stand for, dates are texts.
func instance(t *testing.T, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Load([]byte(text), &n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return jsonValue(t, n.Content[0])
}

func jsonValue(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.AliasNode:
		return jsonValue(t, n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			value := jsonValue(t, n.Content[i+1])
			if merged, ok := value.(map[string]any); ok && n.Content[i].ShortTag() == "!!merge" {
				for k, v := range merged {
					if _, given := m[k]; !given {
						m[k] = v
					}
				}
				continue
			}
			m[n.Content[i].Value] = value
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = jsonValue(t, c)
		}
		return list
	}
	if n.ShortTag() == "!!timestamp" {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	switch x := v.(type) {
	case int, int64, uint64:
		return json.Number(fmt.Sprint(x))
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return n.Value
		}
	}
	return v
}

// TestSchemaOnBlueprints validates what the decoder and the plan accept: the built-in blueprints and the
// examples, all together and each by itself.
func TestSchemaOnBlueprints(t *testing.T) {
	schema := compiled(t)
	for _, name := range blueprints.Names() {
		files, _ := blueprints.Open(name)
		text, err := fs.ReadFile(files, "blueprint.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, string(text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		doc, err := blueprint.Open(files, "blueprint.yaml")
		if err == nil {
			err = doc.Check(plan.Generators())
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	root := os.DirFS(repository)
	text, err := fs.ReadFile(root, examplesFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance(t, string(text))); err != nil {
		t.Errorf("%s: %v", examplesFile, err)
	}
	ex, err := readExamples(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range ex.all {
		alone := ex.alone(x)
		if err := schema.Validate(instance(t, alone)); err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
		p, err := planFile(replaced{root, alone}, examplesFile)
		if err != nil {
			t.Errorf("the example %s does not stand by itself: %v", x.name, err)
			continue
		}
		rows, err := firstRows(p, x.tables[len(x.tables)-1])
		if err != nil || rows != x.rows {
			t.Errorf("the example %s makes other rows by itself (%v):\n%swant\n%s", x.name, err, rows, x.rows)
		}
		if Makers()[x.name] != nil && !strings.Contains(x.text, x.name+":") && !strings.Contains(x.text, ": "+x.name+"\n") {
			t.Errorf("the example %s does not use the generator", x.name)
		}
	}
}

// replaced is the repository with another text in the place of the examples.
type replaced struct {
	fs.FS
	text string
}

func (r replaced) Open(name string) (fs.File, error) {
	if name == examplesFile {
		return oneFile(name, r.text).Open(name)
	}
	return r.FS.Open(name)
}

func oneFile(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

// oneColumn is a blueprint with one column.
func oneColumn(generator string) string {
	return "sower: 1\npools: {p: [a, b]}\ntables:\n  t:\n    rows: 5\n    columns:\n      c: " + generator + "\n"
}

// decode decodes the column's arguments.
func decode(text string) error {
	doc, err := blueprint.Open(oneFile("b.yaml", text), "b.yaml")
	if err != nil {
		return err
	}
	b, err := doc.Resolve(nil, plan.Generators())
	if err != nil {
		return err
	}
	d := b.NewDecoder()
	g := b.Tables[0].Columns[0].Generator
	d.DecodeGenerator(g, Makers()[g.Name])
	return d.Err()
}

// samples are values of the types of arguments.
var samples = map[string]string{
	"text": "x", "integer": "1", "integer, or a mapping": "1", "number": "0.5", "true or false": "true", "value": "1",
	"generator": "uuid", "date and time": "2025-01-01", "duration": "1s", "list of texts": "[x]", "list of values": "[1, x]",
	"mapping to numbers": "{a: 0.5}", "mapping to integers": "{a: 1}", "mapping to texts": "{a: b}", "mapping to generators": "{a: uuid}", "list of numbers": "[1, 2]",
}

// TestArgumentsAgree holds decoder, schema and reference against one another: each argument of each
// generator is in all of them, they accept a value of its type, and refuse others.
func TestArgumentsAgree(t *testing.T) {
	schema := compiled(t)
	docs := documents(t)
	var file struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(docs[schemaFile], &file); err != nil {
		t.Fatal(err)
	}
	makers := Makers()
	if have := slices.Sorted(maps.Keys(makers)); !slices.Equal(have, slices.Sorted(slices.Values(plan.Generators()))) {
		t.Errorf("makers of %v", have)
	}
	agree := func(good bool, generator string) {
		t.Helper()
		text := oneColumn(generator)
		if err := decode(text); (err == nil) != good {
			t.Errorf("the decoder on %s says %v", generator, err)
		}
		if err := schema.Validate(instance(t, text)); (err == nil) != good {
			t.Errorf("the schema on %s says %v", generator, err)
		}
	}
	for name, m := range makers {
		args, _, err := argumentsOf(m)
		if err != nil {
			t.Fatal(err)
		}
		_, section, found := strings.Cut(string(docs[referenceFile]), "\n### "+name+"\n")
		section, _, _ = strings.Cut(section, "\n### ")
		if !found {
			t.Errorf("%s: no section in %s", name, referenceFile)
		}
		if len(args) == 1 && args[0].name == "" { // it decodes itself
			agree(true, "{"+name+": {x: uuid, y: {integer: {max: 3}, nulls: 0.5}}}")
			agree(false, "{"+name+": {x: uuidd}}")
			agree(false, "{"+name+": [uuid]}")
			agree(false, name)
			continue
		}
		// what a mapping that is an argument cannot do without, but for one
		inside := func(outer, but string) (pairs []string) {
			for _, a := range args {
				if inner, ok := strings.CutPrefix(a.name, outer+"."); ok && a.required && inner != but {
					pairs = append(pairs, inner+": "+samples[a.typ])
				}
			}
			return pairs
		}
		// a mapping of the required arguments, but for one, and with that one
		with := func(instead, value string) string {
			var pairs []string
			for _, a := range args {
				if a.required && !strings.Contains(a.name, ".") && a.name != instead {
					pairs = append(pairs, a.name+": "+samples[a.typ])
				}
			}
			if value != "" {
				if outer, inner, nested := strings.Cut(instead, "."); nested {
					instead, value = outer, "{"+strings.Join(append(inside(outer, inner), inner+": "+value), ", ")+"}"
				}
				pairs = append(pairs, instead+": "+value)
			}
			return "{" + name + ": {" + strings.Join(pairs, ", ") + "}}"
		}
		agree(true, with("", ""))
		agree(false, with("no_such_argument", "1"))
		needs := false
		var names []string
		for _, a := range args {
			if !strings.Contains(a.name, ".") {
				names = append(names, a.name)
			}
			good := samples[a.typ]
			if words := strings.Split(a.typ, ", "); good == "" && len(words) > 1 {
				good = words[len(words)-1] // of an enum
				agree(false, with(a.name, "no_such_word"))
			}
			if a.typ == "mapping" {
				good = "{" + strings.Join(inside(a.name, ""), ", ") + "}"
			}
			if good == "" {
				t.Errorf("%s: no sample of the type %q", name, a.typ)
				continue
			}
			agree(true, with(a.name, good))
			agree(false, with(a.name, "[[1]]"))
			if outer, _, nested := strings.Cut(a.name, "."); a.required && nested {
				agree(false, with(outer, "{}"))
			} else if a.required {
				agree(false, with(a.name, ""))
				needs = true
			}
			if !strings.Contains(section, "| `"+a.name+"` | "+markdown(a.typ)+" |") || !strings.Contains(section, markdown(a.text)) {
				t.Errorf("%s: the reference says nothing of %s", name, a.name)
			}
		}
		agree(!needs, name)
		if have := properties(file.Defs["arguments."+name]); !slices.Equal(have, slices.Sorted(slices.Values(names))) {
			t.Errorf("%s: the arguments are %v, in the schema %v", name, names, have)
		}
		if about, _ := file.Defs["arguments."+name].(map[string]any)["description"].(string); about == "" {
			t.Errorf("%s: no description in the schema", name)
		}
	}
}

// properties gives the names of the outermost properties in a schema.
func properties(s any) []string {
	m, _ := s.(map[string]any)
	if p, ok := m["properties"].(map[string]any); ok {
		return slices.Sorted(maps.Keys(p))
	}
	if any, ok := m["anyOf"].([]any); ok && len(any) > 0 {
		return properties(any[0])
	}
	return nil
}

// TestSchemaRefuses: what is misshapen neither the program nor the schema takes.
func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	mistakes, err := mistakesFolder.ReadFile("mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wrong := []string{
		"sower: 2",
		"sower: '1'",
		"sower: 1\ntabels: {}",
		"sower: 1\nddl: {oracle: x.sql}",
		"sower: 1\nparameters: {n: {type: int}}",
		"sower: 1\nparameters: {n: {type: integer, defualt: 1}}",
		"sower: 1\npools: {p: []}",
		"sower: 1\ntables: {t: {}}",
		"sower: 1\ntables: {t: {rows: -1}}",
		"sower: 1\ntables: {t: {rows: 1, parts: {a: {rows: 1}}}}",
		"sower: 1\ntables: {t: {rows: 1, columns: {}}}",
		"sower: 1\ntables: {t: {rows: 1, fixed: {a: {adopt: true}}, columns: {c: uuid}}}",
		"sower: 1\ntables: {t: {rows: 1, unique: [c], columns: {c: uuid}}}",
		oneColumn("uuidd"),
		oneColumn("{uuidd: 4}"),
		oneColumn("{uuid: 4, boolean: 0.5}"),
		oneColumn("{unique: true}"),
		oneColumn("[uuid]"),
		oneColumn("{boolean: 0.5, nulls: 2}"),
		oneColumn("{boolean: 0.5, not_before: at}"),
		oneColumn("{boolean: 0.5, uniqe: true}"),
		oneColumn("{object: {a: {integer: {mx: 3}}}}"),
		oneColumn("{object: {a: {boolean: 0.5, unique: true}}}"),
		oneColumn("{array: {of: {pick: [[a]]}, max: 3}}"),
		oneColumn("{switch: {on: a, cases: {x: uuidd}}}"),
		oneColumn("{switch: {on: a, cases: {x: uuid}, else: {integer: {max: x}}}}"),
		oneColumn("{offset: {from: at, max: 10}}"),
		oneColumn("{date: {from: soon, to: 2025-01-01}}"),
		oneColumn("{reference: {table: t, per_parent: {mx: 1}}}"),
		oneColumn("{reference: {table: t, exact: {admin: many}}}"),
		string(mistakes),
	}
	for _, text := range wrong {
		if _, err := planFile(oneFile("b.yaml", text), "b.yaml"); !errors.As(err, new(blueprint.Problems)) {
			t.Errorf("the program on\n%s\nsays %v", text, err)
		}
		if schema.Validate(instance(t, text)) == nil {
			t.Errorf("the schema accepts\n%s", text)
		}
	}
}
