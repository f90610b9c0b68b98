package infer

import (
	"math"
	"testing"

	syntax "go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

func TestYAMLOfAwkwardTexts(t *testing.T) {
	for s, want := range map[string]string{
		"plain_name": "plain_name", "yes": `"yes"`, "a b": `"a b"`, "${x}": `"$${x}"`, `quote"d`: `"quote\"d"`, "ключ": `"ключ"`, "": `""`, "12": `"12"`, "<tag>": `"<tag>"`,
	} {
		if got := text(s).String(); got != want {
			t.Errorf("%q is written %s, not %s", s, got, want)
		}
	}
}

// What is written is read as what it was: every value is the node that the text of it gives.
func TestYAMLIsReadAsItWas(t *testing.T) {
	scalars := rapid.OneOf(
		rapid.Map(rapid.String(), text), rapid.Map(rapid.String(), quote), rapid.Map(rapid.Int64(), func(n int64) yaml { return value(n) }),
		rapid.Map(rapid.Bool(), func(b bool) yaml { return value(b) }), rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) yaml { return value(f) }),
		rapid.Just(null), rapid.SampledFrom([]yaml{value(math.Copysign(0, -1)), call("sequence"), text("${p}"), text("a: b"), text("- x"), text("#"), quote("\u2028\x00")}))
	var of func(deep int) *rapid.Generator[yaml]
	of = func(deep int) *rapid.Generator[yaml] {
		if deep == 0 {
			return scalars
		}
		return rapid.OneOf(scalars, rapid.Map(rapid.SliceOfN(of(deep-1), 0, 3), list[yaml]), rapid.Custom(func(t *rapid.T) yaml {
			m := mapping()
			for _, k := range rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "keys") {
				m = m.set(k, of(deep-1).Draw(t, "member"))
			}
			return m
		}))
	}
	rapid.Check(t, func(t *rapid.T) {
		y := of(3).Draw(t, "value")
		var doc syntax.Node
		if err := syntax.Unmarshal([]byte(y.String()), &doc); err != nil {
			t.Fatalf("%s: %v", y, err)
		}
		if !same(doc.Content[0], y.node()) {
			t.Fatalf("%s is read otherwise than it was", y)
		}
	})
}

// same tells whether nodes say the same, wherever they stand.
func same(a, b *syntax.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// Changing a generator makes another one.
func TestGeneratorsDoNotChange(t *testing.T) {
	g := call("reference", "table", "users", "column", "id")
	was := g.String()
	for _, c := range []struct {
		got  yaml
		want string
	}{
		{g.with("first", "self"), "{reference: {table: users, column: id, first: self}}"},
		{g.with("table", "people"), "{reference: {table: people, column: id}}"},
		{g.first("rising", "x"), "{reference: {rising: x, table: users, column: id}}"},
		{g.without("table"), "{reference: {column: id}}"},
		{g.beside("nulls", 0.5), "{reference: {table: users, column: id}, nulls: 0.5}"},
		{call("sequence").beside("unique", true), "{sequence: {}, unique: true}"},
		{null.beside("virtual", true), "{constant: null, virtual: true}"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s, not %s", c.got, c.want)
		}
		if g.String() != was {
			t.Fatalf("%s became %s", was, g)
		}
	}
	for column, mentions := range map[string]bool{"a": true, "b c": true, "d": true, "e": false, "x y": true} {
		y := list([]yaml{short("cell", "a.k"), short("expression", `cell("b c") + 1`), mapping("template", "{d}"), quote("x y")})
		if y.mentions(column) != mentions {
			t.Errorf("%s, mentions %q: %v", y, column, !mentions)
		}
	}
}
