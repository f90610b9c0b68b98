package blueprint_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/sowerdata/sower/blueprint"
)

const adminUUID = "6F9619FF-8B86-4D01-B42D-00CF4FC964FF"

// given makes the values of flags: name, value, name, value ...
func given(values ...any) map[string]blueprint.Given {
	m := make(map[string]blueprint.Given)
	for i := 0; i < len(values); i += 2 {
		name := values[i].(string)
		m[name] = blueprint.Given{Value: values[i+1], Source: "flag --" + strings.ReplaceAll(name, "_", "-")}
	}
	return m
}

// TestSample holds all that is read from a blueprint that uses every part of the language against
// testdata/sample/want.txt.
func TestSample(t *testing.T) {
	d, err := blueprint.OpenPath("testdata/sample/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	missing := d.Missing(nil)
	if len(missing) != 1 || missing[0].Name != "admin_user_uuid" {
		t.Errorf("missing: %v", missing)
	}
	values := given("admin_user_uuid", adminUUID, "target_rows_users", "2_000", "with_scores", "no")
	if missing := d.Missing(values); len(missing) != 0 {
		t.Errorf("missing: %v", missing)
	}
	b, err := d.Resolve(values, generators)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	dump(&out, b)
	const golden = "testdata/sample/want.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

// dump writes all that is public in a blueprint.
func dump(w *bytes.Buffer, b *blueprint.Blueprint) {
	fmt.Fprintf(w, "%s, version %d: %s\nddl %v\ndigest %s\n", b.Name, b.Version, b.Description, b.DDL, b.Digest)
	for _, p := range b.Parameters {
		fmt.Fprintf(w, "parameter %s %s = %#v (default %#v, min %#v, max %#v, env %q, config %q, required %v, flag %s) at %s\n",
			p.Name, p.Type, p.Value, p.Default, p.Min, p.Max, p.Env, p.Config, p.Required, p.Flag(), p.Pos)
	}
	for _, name := range []string{"domains", "styles", "tags"} {
		spec := b.Pools[name]
		fmt.Fprintf(w, "pool %s %q %q %q at %s\n", name, spec.File, spec.Dir, spec.Values, spec.Pos)
		if group, err := b.Group(name); err == nil {
			for _, p := range group {
				fmt.Fprintf(w, "  %s, title %s: %q\n", p.Name, p.Title, p.Texts)
			}
		} else if texts, title, err := b.Pool(name); err == nil {
			fmt.Fprintf(w, "  title %s: %q\n", title, texts)
		} else {
			fmt.Fprintln(w, err)
		}
	}
	for _, t := range b.Tables {
		fmt.Fprintf(w, "table %s at %s\n", t.Name, t.Pos)
		for _, p := range t.Parts {
			fmt.Fprintf(w, "  part %q rows %d each %q at %s\n", p.Name, p.Rows, p.Each, p.Pos)
		}
		for _, f := range t.Fixed {
			fmt.Fprintf(w, "  fixed %s adopt %v at %s\n", f.Name, f.Adopt, f.Pos)
			for _, c := range f.Cells {
				fmt.Fprintf(w, "    %s = %#v at %s\n", c.Column, c.Value.V, c.Pos)
			}
		}
		for _, u := range t.Unique {
			fmt.Fprintf(w, "  unique %v at %s\n", u.Columns, u.Pos)
		}
		for _, c := range t.Columns {
			g := c.Generator
			fmt.Fprintf(w, "  column %s: %s %s, nulls %v, unique %v, not before %v, virtual %v, optional %v at %s\n",
				c.Name, g.Name, shape(g.Args), g.Nulls, c.Unique, c.NotBefore, c.Virtual, c.Optional, c.Pos)
			if g.Args != nil {
				fmt.Fprintf(w, "    generator at %s, arguments at %s\n", g.Pos, b.PosOf(g.Args))
			}
		}
	}
}

// shape writes a node in one line, with the tags of its scalars.
func shape(n *yaml.Node) string {
	if n == nil {
		return "-"
	}
	var parts []string
	for _, c := range n.Content {
		parts = append(parts, shape(c))
	}
	switch n.Kind {
	case yaml.MappingNode:
		var pairs []string
		for i := 0; i < len(parts); i += 2 {
			pairs = append(pairs, parts[i]+": "+parts[i+1])
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case yaml.SequenceNode:
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return strings.TrimPrefix(n.ShortTag(), "!!") + " " + n.Value
}
