package check

import "strings"

// distance turns a bound of the distance between two columns into one of a column: e - s <= k is e <= s + k, and so is
// extract(epoch from e - s) <= k. It gives the two sides; false for others.
func (s *solver) distance(l, r Expr) (left, right Expr, ok bool) {
	if len(Columns(r)) > 0 {
		return nil, nil, false
	}
	l = stripCasts(l)
	unit := Expr(nil)
	if c, isCall := l.(*Call); isCall && c.Name == "extract" && len(c.Args) == 2 && strings.EqualFold(textOf(c.Args[0]), "epoch") {
		l, unit = stripCasts(c.Args[1]), &Cast{X: &Literal{Kind: StringLiteral, Text: "1 second"}, Type: TypeName{Name: "interval"}}
	}
	b, isDiff := l.(*Binary)
	if !isDiff || b.Op != "-" || columnOf(b.L) == "" || columnOf(b.R) == "" {
		return nil, nil, false
	}
	from, to := s.typeOf(columnOf(b.R)), s.typeOf(columnOf(b.L))
	if unit != nil {
		if from.kind != kTimestamp && to.kind != kTimestamp {
			return nil, nil, false
		}
		r = &Binary{Op: "*", L: r, R: unit}
	} else if !from.number() && !from.moment() && from.kind != kTime {
		return nil, nil, false
	}
	return b.L, &Binary{Op: "+", L: b.R, R: r}, true
}
