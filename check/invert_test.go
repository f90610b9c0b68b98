package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func TestInvert(t *testing.T) {
	s := &schema.Table{}
	for name, kind := range map[string]column.Kind{"x": column.Int, "code": column.Text, "doc": column.JSON} {
		s.Columns = append(s.Columns, &schema.Column{Name: name, Type: schema.Type{Name: "text", Kind: kind}})
	}
	for _, c := range []struct{ expression, column, path, value string }{
		{"x", "x", "", "k"},
		{"(x - 100)", "x", "", "(k) + 100"},
		{"(7 - x)", "x", "", "7 - (k)"},
		{"(x / 10)", "x", "", "(k) * 10"},
		{"(substr(code, 3))::integer", "code", "", `concat("HB", k)`},
		{"(split_part(code, '-'::text, 2))::integer", "code", "", `concat("H-", k)`},
		{"((doc ->> 'hub'::text))::integer", "doc", "hub", "k"},
		{"(((doc -> 'from'::text) ->> 'hub'::text))::integer", "doc", "from.hub", "k"},
		{"((doc #>> '{from,hub}'::text[]))::integer", "doc", "from.hub", "k"},
		{"(((doc ->> 'hub'::text))::integer + 1)", "doc", "hub", "(k) - 1"},
		{"(x * x)", "", "", ""},
		{"(x % 10)", "", "", ""},
		{"md5(code)", "", "", ""},
	} {
		v := Invert(s, c.expression, "k", Options{}, func(_ string, n int) string { return "HB"[:n] })
		if v == nil {
			v = &Inverse{}
		}
		if v.Column != c.column || v.Value != c.value || !slices.Equal(v.Path, strings.FieldsFunc(c.path, func(r rune) bool { return r == '.' })) {
			t.Errorf("%s: %+v", c.expression, *v)
		}
	}
}

func TestUnordered(t *testing.T) {
	for list, want := range map[string]string{
		"least(a, b); greatest(a, b)":                                           "a b",
		"g; greatest(b, a); least(a, b)":                                        "b a g",
		"((least(a, b) || '-') || greatest(a, b))":                              "a b",
		"case when a < b then a else b end; case when a < b then b else a end":  "a b",
		"case when a > b then a else b end; case when a >= b then b else a end": "a b",
		"least(a, b); least(a, b)":                                              "",
		"least(a, b); greatest(a, c)":                                           "",
		"least(a, b); greatest(a, b); a":                                        "",
	} {
		var all []Expr
		for _, text := range strings.Split(list, ";") {
			e, err := Parse(strings.TrimSpace(text), false)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		got := ""
		if pair, others, ok := Unordered(all); ok {
			got = strings.Join(append(pair[:], others...), " ")
		}
		if got != want {
			t.Errorf("%s: %q, not %q", list, got, want)
		}
	}
}
