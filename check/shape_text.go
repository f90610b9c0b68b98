package check

import (
	"regexp"
	"strings"
)

// caseShapes are texts without regard to letters' case, or to spaces around them.
var caseShapes = []shape{
	{[]string{"lower", "upper", "btrim", "trim"}, func(n *narrowing, c comparison) outcome {
		v, ok := n.text(c.with)
		switch {
		case !ok:
		case c.op == "=":
			return n.listed(&Call{Name: c.name, Args: c.args}, []string{v}, true)
		case v == "" && c.op != "<" && c.op != "<=" && c.op != ">=" && strings.HasSuffix(c.name, "trim") && len(c.args) == 1 && n.isColumn(c.args[0]):
			n.d.Filled = true
			return told
		}
		return notTold
	}},
}

// prefixShapes are texts that hold another, or begin with it.
var prefixShapes = []shape{
	{[]string{"strpos", "instr"}, func(n *narrowing, c comparison) outcome {
		k, ok := n.integer(c.with)
		if !ok || len(c.args) != 2 || !n.isColumn(c.args[0]) {
			return notTold
		}
		p, ok := n.text(c.args[1])
		switch {
		case !ok || p == "":
		case k == 0 && (c.op == "=" || c.op == "<="):
			return n.pattern(regexp.QuoteMeta(p), true, false)
		case k == 0 && (c.op == ">" || c.op == "<>") || k == 1 && c.op == ">=":
			return n.pattern(regexp.QuoteMeta(p), false, false)
		case k == 1 && c.op == "=":
			return n.pattern("^"+regexp.QuoteMeta(p), false, false)
		}
		return notTold
	}},
	{[]string{"left"}, func(n *narrowing, c comparison) outcome {
		if len(c.args) != 2 {
			return notTold
		}
		return n.beginning(c, c.args[1])
	}},
	{[]string{"substr", "substring"}, func(n *narrowing, c comparison) outcome { // from the first character on
		if len(c.args) != 3 {
			return notTold
		}
		if from, ok := n.integer(c.args[1]); !ok || from != 1 {
			return notTold
		}
		return n.beginning(c, c.args[2])
	}},
}

// beginning holds what the first characters of a text are.
func (n *narrowing) beginning(c comparison, length Expr) outcome {
	p, ok := n.text(c.with)
	if !ok || !n.isColumn(c.args[0]) || c.op != "=" && c.op != "<>" {
		return notTold
	}
	if k, ok := n.integer(length); !ok || k != int64(len([]rune(p))) {
		return notTold
	}
	return n.pattern("^"+regexp.QuoteMeta(p), c.op == "<>", false)
}
