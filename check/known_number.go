package check

import "strings"

// numberFunctions are functions of numbers.
var numberFunctions = []known{
	{names: []string{"abs"}, strict: true, derive: deriveNumber, invert: invertSame, narrow: func(n *narrowing, c comparison) outcome {
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
	{names: []string{"floor", "ceil"}, derive: deriveNumber},
	{names: []string{"ceiling"}, derive: func(s *solver, x *Call) (derived, bool) { return s.called("ceil", x.Args[0], kNumeric, kNumeric) }},
	{names: []string{"round"}, strict: true, derive: func(s *solver, x *Call) (derived, bool) {
		if len(x.Args) == 1 {
			return deriveNumber(s, x)
		}
		return s.calledWith("round", x.Args[0], x.Args[1], kNumeric, kNumeric)
	}},
}

// deriveNumber writes a function of a number that a blueprint's language has under the same name.
func deriveNumber(s *solver, x *Call) (derived, bool) {
	return s.called(x.Name, x.Args[0], kNumeric, kNumeric)
}
