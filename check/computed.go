package check

import (
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// mostNested is how deep generated columns may hang on one another (SQLite's may).
const mostNested = 8

// computed puts the expressions of generated columns in their places, so that a condition over them is one over the
// columns that are written, rounded where the column's type does that. Those whose type may change it otherwise (it cuts) stay.
func computed(t *schema.Table, e Expr, sqlite bool) Expr {
	left := bound.Parts
	return computedTo(t, e, sqlite, mostNested, &left)
}

// computedTo puts expressions with at most left parts together into e.
func computedTo(t *schema.Table, e Expr, sqlite bool, depth int, left *int) Expr {
	if e == nil || t == nil || depth == 0 {
		return e
	}
	return sqlexpr.Replace(e, func(e Expr) Expr {
		c, ok := e.(*ColumnRef)
		if !ok {
			return e
		}
		sc := t.Column(c.Name)
		if sc == nil || !sc.Generated || sc.Type.Length > 0 && sc.Type.Base != "varchar" || sc.Type.Precision > 0 && sc.Type.Kind != column.Decimal || sc.Type.Kind == column.Literal {
			return e
		}
		x, err := Parse(sc.Computed, sqlite)
		if err != nil {
			return e
		}
		if *left -= sqlexpr.Size(x); *left < 0 {
			return e
		}
		x = computedTo(t, x, sqlite, depth-1, left)
		if sc.Type.Kind != column.Decimal || sc.Type.Precision == 0 {
			return x
		}
		if s, ok := scaleOf(t, x); ok && s <= sc.Type.Scale {
			return x
		}
		x = &Cast{X: x, Type: TypeName{Name: "numeric"}}
		return &Call{Name: "round", Args: []Expr{x, &Literal{Kind: NumberLiteral, Text: strconv.Itoa(sc.Type.Scale)}}}
	})
}

// scaleOf gives how many digits behind the point sums and products of columns have at most; false for what else there is.
func scaleOf(t *schema.Table, e Expr) (int, bool) {
	switch x := e.(type) {
	case *ColumnRef:
		c := t.Column(x.Name)
		return max(0, scaleIn(c)), scaleIn(c) >= 0
	case *Literal:
		_, fraction, _ := strings.Cut(x.Text, ".")
		return len(fraction), x.Kind == NumberLiteral && !strings.ContainsAny(x.Text, "eE")
	case *Binary:
		l, ok := scaleOf(t, x.L)
		r, also := scaleOf(t, x.R)
		switch x.Op {
		case "+", "-":
			return max(l, r), ok && also
		case "*":
			return l + r, ok && also
		}
	}
	return 0, false
}

// scaleIn gives how many digits behind the point a column's numbers have at most; less than 0 where that is not known.
func scaleIn(c *schema.Column) int {
	switch {
	case c == nil:
	case c.Type.Kind == column.Int:
		return 0
	case c.Type.Kind == column.Decimal && c.Type.Precision > 0:
		return c.Type.Scale
	}
	return -1
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
