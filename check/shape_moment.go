package check

import (
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// momentShapes are parts of moments.
var momentShapes = []shape{
	{[]string{"extract", "date_part"}, (*narrowing).year},
}

// year holds a bound of EXTRACT(year FROM x).
func (n *narrowing) year(c comparison) outcome {
	field, ok := c.args[0].(*Literal)
	if to, isCast := c.args[0].(*Cast); isCast {
		field, ok = to.X.(*Literal)
	}
	if !ok || len(c.args) != 2 || sqlexpr.LowerASCII(field.Text) != "year" || !n.t.moment() || !n.isColumn(c.args[1]) {
		return notTold
	}
	y, ok := n.integer(c.with)
	if !ok || y < 1 || y > 9000 {
		return notTold
	}
	first := func(y int64) string {
		days, _ := parseDay(pad4(y) + "-01-01")
		v := integer(days)
		if n.t.kind == kTimestamp {
			v.n *= microsPerDay
		}
		text, _ := (&typ{kind: n.t.kind}).output(nil, v)
		return string(text)
	}
	switch c.op {
	case ">=":
		return n.bound(">=", first(y))
	case ">":
		return n.bound(">=", first(y+1))
	case "<=":
		return n.bound("<", first(y+1))
	case "<":
		return n.bound("<", first(y))
	case "=":
		if out := n.bound(">=", first(y)); out != told {
			return out
		}
		return n.bound("<", first(y+1))
	}
	return notTold
}

func pad4(y int64) string {
	s := itoa(int(y))
	return strings.Repeat("0", max(0, 4-len(s))) + s
}
