package blueprint_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
)

// tree is a type that refers to itself and decodes itself: a text, or a list of trees.
type tree struct{ text string }

// DecodeNode implements NodeDecoder.
func (v *tree) DecodeNode(d *blueprint.Decoder, n *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		var inner []tree
		d.Decode(n, &inner)
		return
	}
	d.Decode(n, &v.text)
}

// Shapes implements Shaped.
func (*tree) Shapes() []any { return []any{"", []tree(nil)} }

// branch refers to itself through a field.
type branch struct {
	Name string   `yaml:"name"`
	Sub  []branch `yaml:"sub" desc:"Branches of it."`
}

type (
	argsNone  struct{}
	argsFloat struct {
		_    struct{} `desc:"A number."`
		Min  *float64 `yaml:"min" desc:"The least number."`
		Max  float64  `yaml:"max" desc:"The greatest number."`
		Mode string   `yaml:"mode" enum:"uniform,normal" desc:"How the numbers are spread."`
	}
	argsText struct {
		Text string `yaml:"text" short:"true" required:"true" desc:"The text."`
		Max  *int   `yaml:"max"`
	}
	argsConstant struct {
		Value blueprint.Value `yaml:"value" short:"true"`
	}
	argsJSON struct {
		Items []blueprint.Generator `yaml:"items" short:"true"`
	}
	argsPick struct {
		Pool    string                    `yaml:"pool" short:"true"`
		From    []blueprint.Value         `yaml:"from"`
		Weights blueprint.Ordered[uint64] `yaml:"weights"`
		Modes   []string                  `yaml:"modes" enum:"a,b"`
	}
	argsQuota struct {
		Shares blueprint.Ordered[float64] `yaml:"shares"`
		Then   *blueprint.Generator       `yaml:"then"`
	}
	argsTime struct {
		embedded
		From  blueprint.DateTime `yaml:"from" required:"true"`
		To    blueprint.DateTime `yaml:"to"`
		After blueprint.Duration `yaml:"after"`
		Tree  tree               `yaml:"tree"`
		Root  *branch            `yaml:"root"`
	}
	argsReference struct {
		Table string                   `yaml:"table" required:"true"`
		Exact blueprint.Ordered[int64] `yaml:"exact"`
		Loop  bool                     `yaml:"loop"`
	}
)

// makers are the arguments of the tests' generators.
var makers = map[string]any{
	"constant": argsConstant{}, "datetime": argsTime{}, "float": &argsFloat{}, "integer": argsFloat{},
	"json": argsJSON{}, "person": argsText{}, "pick": argsPick{}, "quota": argsQuota{},
	"reference": argsReference{}, "serial": argsNone{}, "text": argsText{}, "uuid": argsNone{},
}

// decodeAll decodes the arguments of all generators of a blueprint.
func decodeAll(b *blueprint.Blueprint) error {
	d := b.NewDecoder()
	for _, t := range b.Tables {
		for _, c := range t.Columns {
			decodeGenerator(d, c.Generator)
		}
	}
	return d.Err()
}

func decodeGenerator(d *blueprint.Decoder, g blueprint.Generator) {
	switch g.Name {
	case "constant":
		d.DecodeGenerator(g, new(argsConstant))
	case "datetime":
		d.DecodeGenerator(g, new(argsTime))
	case "float", "integer":
		d.DecodeGenerator(g, new(argsFloat))
	case "json":
		var a argsJSON
		d.DecodeGenerator(g, &a)
		for _, inner := range a.Items {
			decodeGenerator(d, inner)
		}
	case "person", "text":
		d.DecodeGenerator(g, new(argsText))
	case "pick":
		d.DecodeGenerator(g, new(argsPick))
	case "quota":
		d.DecodeGenerator(g, new(argsQuota))
	case "reference":
		d.DecodeGenerator(g, new(argsReference))
	case "serial", "uuid":
		d.DecodeGenerator(g, new(argsNone))
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := blueprint.Schema(makers)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sower.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sower.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance gives a YAML text as an editor hands it to JSON Schema: dates are texts.
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
		m := make(map[string]any)
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = jsonValue(t, n.Content[i+1])
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
	switch v := v.(type) {
	case int, int64, uint64:
		return json.Number(fmt.Sprint(v))
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return n.Value
		}
	}
	return v
}

func TestSchemaDeterministic(t *testing.T) {
	first, err := blueprint.Schema(makers)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := blueprint.Schema(makers)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("another schema the second time (%v)", err)
		}
	}
}

// TestSchemaDescribes looks for what an editor shows.
func TestSchemaDescribes(t *testing.T) {
	text, err := blueprint.Schema(makers)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"https://json-schema.org/draft/2020-12/schema"`, `"The least number."`, `"A number."`, `"const": "uuid"`,
		`"No value of this column comes twice."`, `"What values it takes."`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the schema lacks %s", want)
		}
	}
	var root struct {
		Properties map[string]struct{ Description string }
		Defs       map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	for name, p := range root.Properties {
		if p.Description == "" {
			t.Errorf("%s has no description", name)
		}
	}
	if root.Defs["branch"] == nil || root.Defs["tree"] == nil {
		t.Error("a type that refers to itself has no definition")
	}
}

// TestSchemaAgrees holds the schema against the decoder: what one accepts the other does too, and what
// is misshapen both refuse.
func TestSchemaAgrees(t *testing.T) {
	schema := compiledSchema(t)
	column := func(s string) string {
		return "sower: 1\nparameters: {n: {type: integer, default: 1}, f: {type: boolean, default: true}, s: {type: string, default: uuid}}\ntables:\n  t:\n    rows: 5\n    columns:\n      c: " + s + "\n"
	}
	for _, c := range []struct {
		text string
		good bool
	}{
		{"sower: 1", true},
		{"sower: 1\n$schema: x\nname: n\ndescription: d\nddl: {}\nparameters: {}\npools: {}\ntables: {}\ninclude: []", true},
		{"sower: 2", false},
		{"sower: '1'", false},
		{"sower: 1\ntabels: {}", false},
		{"sower: 1\nname: 5", false},
		{"sower: 1\ninclude: x", false},
		{"sower: 1\nddl: {oracle: x}", false},
		{"sower: 1\nparameters: {a: {type: integer, default: 5, min: 0, max: 9, env: A, config: a.b, help: h}}", true},
		{"sower: 1\nparameters: {a: {type: integer, required: false}}", true},
		{"sower: 1\nparameters: {a: {type: int}}", false},
		{"sower: 1\nparameters: {a: {default: 5}}", false},
		{"sower: 1\nparameters: {a: {type: integer, defualt: 5}}", false},
		{"sower: 1\nparameters: {a: {type: integer, required: 'x'}}", false},
		{"sower: 1\nparameters: {A-B: {type: integer}}", false},
		{"sower: 1\npools: {p: [a, 5, true]}", true},
		{"sower: 1\npools: {p: pool.txt, g: pools/}", true},
		{"sower: 1\npools: {p: []}", false},
		{"sower: 1\npools: {p: [[a]]}", false},
		{"sower: 1\npools: {p: {a: b}}", false},
		{"sower: 1\ntables: {t: {rows: 5}}", true},
		{"sower: 1\ntables: {t: {rows: 1e3}}", true},
		{"sower: 1\ntables: {t: {standing: true}}", true},
		{"sower: 1\ntables: {t: {standing: 5}}", false},
		{"sower: 1\ntables: {t: {rows: '${1 + 1}'}}", true},
		{"sower: 1\ntables: {t: {rows: many}}", false},
		{"sower: 1\ntables: {t: {rows: -1}}", false},
		{"sower: 1\ntables: {t: {rows: 1.5}}", false},
		{"sower: 1\ntables: {t: {}}", false},
		{"sower: 1\ntables: {t: {rows: 1, parts: {a: {rows: 1}}}}", false},
		{"sower: 1\ntables: {t: {parts: {a: {rows: 1}, b: {each: u}}}, u: {rows: 1}}", true},
		{"sower: 1\ntables: {t: {parts: {a: {rows: 1, each: u}}}, u: {rows: 1}}", false},
		{"sower: 1\ntables: {t: {parts: {a: {}}}}", false},
		{"sower: 1\ntables: {t: {parts: {}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, columns: {}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, colums: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, unique: [[a]], columns: {a: uuid}}}", true},
		{"sower: 1\ntables: {t: {rows: 1, unique: [a], columns: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, unique: [[]], columns: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, unique: [{unordered: [a, b]}], columns: {a: uuid, b: uuid}}}", true},
		{"sower: 1\ntables: {t: {rows: 1, unique: [{columns: [a, b, c], differ: [a, b]}], columns: {a: uuid, b: uuid, c: uuid}}}", true},
		{"sower: 1\ntables: {t: {rows: 1, unique: [{unordered: [a]}], columns: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, unique: [{unordered: [a, a]}], columns: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, unique: [{pair: [a, b]}], columns: {a: uuid, b: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, fixed: {x: {adopt: true, cells: {a: null}}}, columns: {a: uuid}}}", true},
		{"sower: 1\ntables: {t: {rows: 1, fixed: {x: {cells: {a: [1]}}}, columns: {a: uuid}}}", false},
		{"sower: 1\ntables: {t: {rows: 1, fixed: {x: {adopt: true}}, columns: {a: uuid}}}", false},
		{column("uuid"), true},
		{column("uuidd"), false},
		{column("text"), false}, // its argument is required
		{column("'${s}'"), true},
		{column("5"), true},
		{column("null"), true},
		{column("[uuid]"), false},
		{column("{}"), false},
		{column("{unique: true}"), false},
		{column("{uuid: , unique: true, nulls: 0.5, not_before: [a, b.c], virtual: true}"), true},
		{column("{uuid: , optional: true, nulls: '${n}'}"), true},
		{column("{uuid: , nulls: 1.5}"), false},
		{column("{uuid: , nulls: x}"), false},
		{column("{uuid: , not_before: a}"), false},
		{column("{uuid: , unique: 'x'}"), false},
		{column("{uuid: , serial: }"), false},
		{column("{uuid: {}}"), true},
		{column("{uuid: 5}"), false},
		{column("{uuid: {a: 1}}"), false},
		{column("{float: {min: 0.5, max: 2, mode: normal}}"), true},
		{column("{float: {min: null, mode: uniform}}"), true},
		{column("{float: {min: '${n}'}}"), true},
		{column("{float: {min: x}}"), false},
		{column("{float: {max: null}}"), false},
		{column("{float: {mode: nromal}}"), false},
		{column("{float: {mni: 0}}"), false},
		{column("{text: a}"), true},
		{column("{text: {text: a, max: 5}}"), true},
		{column("{text: {max: 5}}"), false},
		{column("{text: 5}"), false},
		{column("{text: }"), false},
		{column("{constant: 5}"), true},
		{column("{constant: {value: null}}"), true},
		{column("{constant: [5]}"), false},
		{column("{json: [uuid, 7, {float: {min: 0}, nulls: 0.1}]}"), true},
		{column("{json: [uuid, {float: {min: 0}, unique: true}]}"), false},
		{column("{json: [{float: {min: x}}]}"), false},
		{column("{json: {items: [{json: [uuid]}]}}"), true},
		{column("{json: [{json: [uuidd]}]}"), false},
		{column("{pick: {from: [a, 5, null], weights: {a: 1}, modes: [a, b]}}"), true},
		{column("{pick: {weights: {a: -1}}}"), false},
		{column("{pick: {modes: [c]}}"), false},
		{column("{pick: {from: [[a]]}}"), false},
		{column("{quota: {shares: {true: 0.9, 5: 0.1}, then: uuid}}"), true},
		{column("{quota: {shares: {a: x}}}"), false},
		{column("{quota: {then: uuidd}}"), false},
		{column("{datetime: {from: '2025-05-01', to: '2025-05-01T10:00:00.5', after: -1h30m, seed: 5}}"), true},
		{column("{datetime: {from: '${s}-05-01'}}"), false}, // for the decoder; see below
		{column("{datetime: {from: soon}}"), false},
		{column("{datetime: {from: '2025-05-01', after: 10}}"), false},
		{column("{datetime: {from: '2025-05-01', after: 10 s}}"), false},
		{column("{datetime: {from: '2025-05-01', tree: [a, [b, [c]]]}}"), true},
		{column("{datetime: {from: '2025-05-01', tree: [a, [5]]}}"), false},
		{column("{datetime: {from: '2025-05-01', root: {name: a, sub: [{name: b, sub: [{name: c}]}]}}}"), true},
		{column("{datetime: {from: '2025-05-01', root: {name: a, sub: [{nmae: b}]}}}"), false},
		{column("{reference: {table: t, exact: {admin: 50, other: '${n}'}, loop: '${f}'}}"), true},
		{column("{reference: {exact: {admin: 50}}}"), false},
		{column("{reference: {table: t, loop: 1}}"), false},
	} {
		b, err := resolve(fstest.MapFS{"b.yaml": file(c.text), "pool.txt": file("a"), "pools/a.txt": file("a")}, nil)
		if err == nil {
			err = decodeAll(b)
		}
		if (err == nil) != c.good {
			t.Errorf("the decoder on\n%s\nsays %v", c.text, err)
		}
		if strings.Contains(c.text, "${s}-") {
			continue // the schema cannot know what an expression gives
		}
		if err := schema.Validate(instance(t, c.text)); (err == nil) != c.good {
			t.Errorf("the schema on\n%s\nsays %v", c.text, err)
		}
	}
}

// TestSchemaOnFiles validates the sample, and refuses the files of mistakes that are mistakes of shape.
func TestSchemaOnFiles(t *testing.T) {
	schema := compiledSchema(t)
	for _, name := range []string{"sample.yaml", "more.yaml"} {
		text, err := os.ReadFile("testdata/sample/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(instance(t, string(text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"columns", "header-types", "many", "not-a-mapping", "parameters", "parts", "pools", "rows", "tables-shape", "unknown-keys", "version", "version-null", "version-text"} {
		archive, err := txtar.ParseFile("testdata/mistakes/" + name + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(instance(t, string(archive.Files[0].Data))) == nil {
			t.Errorf("%s is valid", name)
		}
	}
}
