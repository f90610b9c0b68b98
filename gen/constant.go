package gen

import (
	"fmt"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Constant gives every row the same value.
type Constant struct {
	Value blueprint.Value `yaml:"value" short:"true" required:"true" desc:"the value: text, number, true, false or null"`
}

// OutputVersion implements Maker.
func (*Constant) OutputVersion() int { return 1 }

// Make implements Maker. Where the column's type is known the value takes its kind.
func (m *Constant) Make(c *Context) (Filler, error) {
	f := &constant{value: m.Value.V, of: c.Type}
	kind := kindOf([]any{m.Value.V})
	if k := c.Type.Kind; k != column.Invalid && k != column.Literal {
		kind = k
	}
	f.cell.Reset(kind)
	f.cell.Scale = int32(c.Type.Scale)
	if err := AppendValue(&f.cell, m.Value.V); err != nil {
		return nil, err
	}
	f.facts = constantFacts(&f.cell)
	return f, nil
}

func constantFacts(cell *column.Vec) Facts {
	facts := Facts{Values: cell}
	if cell.Null(0) {
		facts.Null = OnlyNull
	}
	return facts
}

// TakesNotBefore implements NotBefore.
func (m *Constant) TakesNotBefore() bool { return m.Value.V == nil }

// Steady implements Steady.
func (*Constant) Steady() bool { return true }

type constant struct {
	value any
	cell  column.Vec
	of    schema.Type // of the column
	facts Facts
}

func (f *constant) Kind() column.Kind { return f.cell.Kind }
func (f *constant) Facts() Facts      { return f.facts }
func (f *constant) Fill(dst *column.Vec, s *Span) error {
	dst.Scale = f.cell.Scale
	for range s.Rows.N {
		dst.AppendCell(&f.cell, 0)
	}
	return nil
}
func (f *constant) String() string { return fmt.Sprintf("constant %v", describe(f.value)) }
func (f *constant) Bounds() Bounds { return cellBounds(&f.cell) }
func (f *constant) Rules() []Rule {
	return []Rule{{
		Text: "is " + describe(f.value),
		SQL: func(d Dialect, x string, _ []string) string {
			if f.value == nil {
				return x + " is null"
			}
			return "(" + x + " is not null and " + compared(f.of, x) + " = " + d.Cell(&f.cell, 0) + ")"
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Equal(i, &f.cell, 0) },
	}}
}

func describe(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", x)
	}
	return scalarText(v)
}
