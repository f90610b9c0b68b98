package check

import "strings"

// numberShapes are functions of numbers.
var numberShapes = []shape{
	{[]string{"abs"}, func(n *narrowing, c comparison) outcome {
		v, ok := n.valueText(c.with)
		if !ok || !n.isColumn(c.args[0]) || c.op != "<" && c.op != "<=" {
			return notTold
		}
		if out := n.bound(c.op, v); out != told {
			return out
		}
		neg := "-" + v
		if strings.HasPrefix(v, "-") {
			neg = v[1:]
		}
		return n.bound(flip(c.op), neg)
	}},
}
