package check

import (
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// mostNested is how deep generated columns may hang on one another (SQLite's may).
const mostNested = 8

// computed puts the expressions of generated columns in their places, so that a condition over them is one over the
// columns that are written. Those whose type may change what the expression gives (it cuts or rounds) stay.
func computed(t *schema.Table, e Expr, sqlite bool) Expr {
	return computedTo(t, e, sqlite, mostNested)
}

func computedTo(t *schema.Table, e Expr, sqlite bool, depth int) Expr {
	if e == nil || t == nil || depth == 0 {
		return e
	}
	return replace(e, func(e Expr) Expr {
		c, ok := e.(*ColumnRef)
		if !ok {
			return e
		}
		sc := t.Column(c.Name)
		if sc == nil || !sc.Generated || sc.Type.Length > 0 || sc.Type.Precision > 0 || sc.Type.Kind == column.Literal {
			return e
		}
		x, err := Parse(sc.Computed, sqlite)
		if err != nil {
			return e
		}
		return computedTo(t, x, sqlite, depth-1)
	})
}

// Written gives the columns of t that are written and that a column comes from: itself, or those that a generated one
// is computed from; none where that cannot be read.
func Written(t *schema.Table, name string, o Options) []string {
	return writtenTo(t, name, o.SQLite, mostNested)
}

func writtenTo(t *schema.Table, name string, sqlite bool, depth int) (out []string) {
	sc := t.Column(name)
	if sc == nil || depth == 0 {
		return nil
	}
	if !sc.Generated {
		return []string{name}
	}
	e, err := Parse(sc.Computed, sqlite)
	if err != nil {
		return nil
	}
	for _, c := range Columns(e) {
		out = append(out, writtenTo(t, c, sqlite, depth-1)...)
	}
	return out
}
