package studio

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/diagram"
)

var update = flag.Bool("update", false, "write the types of the page's API anew")

// The page's types are made of the server's.
func TestTypeScript(t *testing.T) {
	const path = "../../studio/src/api.ts"
	var b strings.Builder
	b.WriteString("// Made of the server's types: go test ./internal/studio -run TestTypeScript -update\n")
	seen := map[reflect.Type]bool{}
	for _, v := range []any{
		Model{}, Rows{}, Profile{}, Standing{}, Cell{}, Children{}, Edit{}, SaveAs{}, Saved{}, Steps{}, Page{}, Failure{}, diagram.Drawing{},
	} {
		writeType(&b, reflect.TypeOf(v), seen)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is out of date: go test ./internal/studio -run TestTypeScript -update, and make studio", path)
	}
}

// writeType writes the interface of a struct, after those that it is made of.
func writeType(b *strings.Builder, t reflect.Type, seen map[reflect.Type]bool) {
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	var lines []string
	for i := range t.NumField() {
		f := t.Field(i)
		inner := f.Type
		for slices.Contains([]reflect.Kind{reflect.Slice, reflect.Pointer}, inner.Kind()) {
			inner = inner.Elem()
		}
		writeType(b, inner, seen)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		lines = append(lines, fmt.Sprintf("  %s: %s;\n", name, typeName(f.Type)))
	}
	fmt.Fprintf(b, "\nexport interface %s {\n%s}\n", t.Name(), strings.Join(lines, ""))
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		inner := typeName(t.Elem())
		if strings.Contains(inner, "|") {
			inner = "(" + inner + ")"
		}
		return inner + "[]"
	case reflect.Pointer:
		return typeName(t.Elem()) + " | null"
	case reflect.Struct:
		return t.Name()
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	}
	panic(t.String())
}
