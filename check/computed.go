package check

import (
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// mostNested is how deep generated columns may hang on one another (SQLite's may).
const mostNested = 8

// computed puts the expressions of generated columns in their places, so that a condition over them is one over the
// columns that are written. Those whose type may change what the expression gives (it cuts or rounds) stay.
func computed(t *schema.Table, e Expr, sqlite bool) Expr {
	left := bound.Parts
	return computedTo(t, e, sqlite, mostNested, &left)
}

// computedTo puts expressions with at most left parts together into e.
func computedTo(t *schema.Table, e Expr, sqlite bool, depth int, left *int) Expr {
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
		if *left -= size(x); *left < 0 {
			return e
		}
		return computedTo(t, x, sqlite, depth-1, left)
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

// DayOf tells of which column an expression is the day: a::date, date_trunc('day', a AT TIME ZONE 'UTC'), SQLite's date(a).
func DayOf(e Expr) (name string, ok bool) {
	switch x := e.(type) {
	case *Cast:
		if !x.Type.Array && x.Type.Schema == "" && x.Type.Name == "date" {
			return momentIn(x.X)
		}
	case *Call:
		if x.Schema != "" && x.Schema != "pg_catalog" {
			return "", false
		}
		switch {
		case x.Name == "date" && len(x.Args) == 1:
			return momentIn(x.Args[0])
		case x.Name == "date_trunc" && len(x.Args) >= 2 && textOf(x.Args[0]) == "day" && (len(x.Args) == 2 || isUTC(x.Args[2])):
			return momentIn(x.Args[1])
		}
	}
	return "", false
}

// momentIn gives the column that an expression is, as a moment in UTC.
func momentIn(e Expr) (name string, ok bool) {
	switch x := e.(type) {
	case *ColumnRef:
		return x.Name, true
	case *Call:
		if x.Name == "timezone" && len(x.Args) == 2 && isUTC(x.Args[0]) {
			return momentIn(x.Args[1])
		}
		return DayOf(e)
	case *Cast:
		if strings.HasPrefix(x.Type.Name, "timestamp") && len(x.Type.Args) == 0 && !x.Type.Array {
			return momentIn(x.X)
		}
	}
	return "", false
}

func isUTC(e Expr) bool {
	switch strings.ToLower(textOf(e)) {
	case "utc", "etc/utc", "gmt", "zulu":
		return true
	}
	return false
}

// textOf gives the text of a constant, whatever it is cast to; "" where it is none.
func textOf(e Expr) string {
	if c, ok := e.(*Cast); ok {
		e = c.X
	}
	if l, ok := e.(*Literal); ok && l.Kind == StringLiteral {
		return l.Text
	}
	return ""
}
