package check

import (
	"slices"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// A check over a generated column is one over the columns that it is computed from.
func TestComputed(t *testing.T) {
	st := solveTable("area < 12", "year = extract(year from d)")
	integer := schema.Type{Name: "integer", Kind: column.Int, Width: 4}
	st.Columns = append(st.Columns,
		&schema.Column{Name: "area", Type: integer, Generated: true, Computed: "(n * m)"},
		&schema.Column{Name: "year", Type: integer},
		&schema.Column{Name: "twice", Type: integer, Generated: true, Computed: "(area * 2)"},
		&schema.Column{Name: "cut", Type: schema.Type{Name: "character varying", Kind: column.Text, Length: 3}, Generated: true, Computed: "lower(code)"})
	p, err := Compile(st, "area < 12", "", Options{})
	if err != nil || !slices.Equal(p.Columns, []string{"n", "m"}) {
		t.Fatalf("%v, %v", p, err)
	}
	cells := make([]*column.Vec, 2)
	for i, x := range []int64{3, 4} {
		cells[i] = new(column.Vec)
		cells[i].Reset(column.Int)
		cells[i].AppendInt(x)
		cells[i].AppendInt(x - 1)
	}
	e := p.Evaluator()
	for row, want := range []Truth{False, True} {
		if got, err := e.Eval(cells, row); got != want || err != nil {
			t.Errorf("row %d: %v, %v", row, got, err)
		}
	}
	for name, want := range map[string][]string{"n": {"n"}, "area": {"n", "m"}, "twice": {"n", "m"}, "cut": {"code"}, "nobody": nil} {
		if got := Written(st, name, Options{}); !slices.Equal(got, want) {
			t.Errorf("%s comes from %v, not %v", name, got, want)
		}
	}
	if p, err := Compile(st, "cut = 'abc'", "", Options{}); err != nil || !slices.Equal(p.Columns, []string{"cut"}) {
		t.Errorf("what a type cuts was put in its place: %v, %v", p, err)
	}
}
