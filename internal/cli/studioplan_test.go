package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// What an early plan needs are the tables that changed, and all that these are made from.
func TestNeeds(t *testing.T) {
	const text = `sower: 1
name: n
tables:
  a: {rows: 1, columns: {id: sequence}}
  b: {rows: 2, columns: {id: sequence, a_id: {reference: a}}}
  c: {parts: {b: {each: b}}, columns: {id: sequence}} # follows
  d: {rows: 3, columns: {id: sequence}}
`
	read := func(text string) *blueprint.Blueprint {
		doc, err := blueprint.OpenText("n.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		b, err := doc.Resolve(nil, plan.Generators())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	was := read(text)
	for _, c := range []struct {
		text    string
		changed []string
		ok      bool
		needs   []string
	}{
		{"# moved\n" + text, nil, true, nil},
		{text + "  e: {rows: 1, columns: {id: sequence}}\n", nil, false, nil},
		{strings.Replace(text, "{rows: 3,", "{rows: 4,", 1), []string{"d"}, true, []string{"d"}},
		{strings.Replace(text, "{reference: a}", "{reference: {table: a, pick: zipf}}", 1), []string{"b"}, true, []string{"a", "b"}},
		{strings.Replace(text, "{each: b}}, columns: {id: sequence}", "{each: b}}, columns: {id: sequence, x: {constant: 1}}", 1), []string{"c"}, true, []string{"a", "b", "c"}},
	} {
		now := read(c.text)
		changed, ok := now.Changed(was)
		if ok != c.ok || !slices.Equal(changed, c.changed) {
			t.Errorf("%s: %q, %v", c.text, changed, ok)
		}
		if got := slices.Sorted(maps.Keys(needs(now, nil, changed))); !slices.Equal(got, c.needs) {
			t.Errorf("%s: needs %q", c.text, got)
		}
	}
}
