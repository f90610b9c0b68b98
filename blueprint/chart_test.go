package blueprint

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestCharts: a chart is of a table and columns that there are, and rows are shared out by shares alone.
func TestCharts(t *testing.T) {
	const tables = "\ntables:\n  t:\n    rows: 2\n    columns: {a: sequence, b: {integer: {max: 9}}}\n"
	for _, c := range []struct{ text, want string }{
		{"charts: [{table: t, label: a, value: b}]" + tables, ""},
		{"charts: [{table: tt, label: a, value: b}]" + tables, `charts: unknown table "tt": did you mean "t"?`},
		{"charts: [{table: t, label: a, value: c}]" + tables, `charts: t has no column "c"`},
		{"charts: [{table: t, label: a}]" + tables, `"value" is missing`},
		{tables + "  u: {parts: {x: {each: {table: t, rows: 9, shares: [1, 2]}}}, columns: {c: ordinal}}", ""},
		{tables + "  u: {parts: {x: {each: {table: t, shares: [1, 2]}}}, columns: {c: ordinal}}", "shares go with rows"},
		{tables + "  u: {parts: {x: {each: {table: t, rows: 9, max: 9, shares: [1, 2]}}}, columns: {c: ordinal}}", "shares go with rows"},
		{tables + "  u: {parts: {x: {each: {table: t, rows: 9, shares: [0, -1]}}}, columns: {c: ordinal}}", "shares are no shares"},
	} {
		doc, err := Open(fstest.MapFS{"b.yaml": {Data: []byte("sower: 1\n" + c.text)}}, "b.yaml")
		if err == nil {
			_, err = doc.Resolve(nil, []string{"sequence", "integer", "ordinal"})
		}
		if err == nil && c.want != "" || err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\nsays %v, want %q", c.text, err, c.want)
		}
	}
}
