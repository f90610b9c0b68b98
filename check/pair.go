package check

import (
	"slices"

	"github.com/sowerdata/sower/sqlexpr"
)

// Unordered finds two columns of which expressions together give the pair, whichever comes first: least(a, b) and
// greatest(a, b), SQLite's min and max of two, their CASE forms, and texts and arrays of these. The others are the columns
// that the rest of the expressions read.
func Unordered(expressions []Expr) (pair [2]string, others []string, ok bool) {
	low, high := false, false
	for _, e := range expressions {
		left := sqlexpr.Replace(e, func(e Expr) Expr {
			a, b, first, is := extreme(e)
			if !is || pair != [2]string{} && pair != [2]string{a, b} && pair != [2]string{b, a} {
				return e
			}
			if pair == [2]string{} {
				pair = [2]string{a, b}
			}
			low, high = low || first, high || !first
			return &Literal{Kind: NullLiteral}
		})
		for _, c := range Columns(left) {
			if !slices.Contains(others, c) {
				others = append(others, c)
			}
		}
	}
	return pair, others, low && high && !slices.Contains(others, pair[0]) && !slices.Contains(others, pair[1])
}

// extreme reads the lesser (low) or the greater of two columns.
func extreme(e Expr) (a, b string, low, ok bool) {
	switch x := e.(type) {
	case *Call:
		if x.Schema != "" && x.Schema != "pg_catalog" || len(x.Args) != 2 {
			return "", "", false, false
		}
		a, okA := columnIn(x.Args[0])
		b, okB := columnIn(x.Args[1])
		switch x.Name {
		case "least", "min":
			return a, b, true, okA && okB && a != b
		case "greatest", "max":
			return a, b, false, okA && okB && a != b
		}
	case *CaseWhen:
		if x.Operand != nil || len(x.Whens) != 1 || x.Else == nil {
			return "", "", false, false
		}
		when, is := x.Whens[0].If.(*Binary)
		if !is || !slices.Contains([]string{"<", "<=", ">", ">="}, when.Op) {
			return "", "", false, false
		}
		a, okA := columnIn(when.L)
		b, okB := columnIn(when.R)
		then, okT := columnIn(x.Whens[0].Then)
		other, okE := columnIn(x.Else)
		if !okA || !okB || !okT || !okE || a == b || then == other || then != a && then != b || other != a && other != b {
			return "", "", false, false
		}
		return a, b, (then == a) == (when.Op[0] == '<'), true
	}
	return "", "", false, false
}

// columnIn gives the column that an expression is, whatever it is cast to, folded or compared by.
func columnIn(e Expr) (string, bool) {
	switch x := e.(type) {
	case *ColumnRef:
		return x.Name, true
	case *Cast:
		return columnIn(x.X)
	case *Collate:
		return columnIn(x.X)
	case *Call:
		if (x.Name == "lower" || x.Name == "upper") && len(x.Args) == 1 && x.Schema == "" {
			return columnIn(x.Args[0])
		}
	}
	return "", false
}
