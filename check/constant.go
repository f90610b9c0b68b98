package check

import (
	"slices"
	"strings"
)

// constant evaluates an expression without columns.
func (n *narrowing) constant(e Expr) (node, bool) {
	if len(Columns(e)) > 0 {
		return node{}, false
	}
	return n.solver.constant(e)
}

func (s *solver) constant(e Expr) (node, bool) {
	if s.options.SQLite {
		return constantSQLite(e)
	}
	c := &compiler{table: s.table, options: s.options}
	x, err := c.compile(e)
	if err != nil || x.konst == nil {
		return node{}, false
	}
	return x, true
}

// text gives the text of a constant.
func (n *narrowing) text(e Expr) (string, bool) {
	x, ok := n.constant(e)
	if !ok || x.konst.null || x.t.kind != kUnknown && !x.t.text() {
		return "", false
	}
	return strings.TrimRight(string(x.konst.b), trimmedOf(x.t)), true
}

func trimmedOf(t *typ) string {
	if t.kind == kChar {
		return " "
	}
	return ""
}

// integer gives a constant whole number.
func (n *narrowing) integer(e Expr) (int64, bool) {
	x, ok := n.constant(e)
	if !ok || x.konst.null || !x.t.number() {
		return 0, false
	}
	v, err := numericOf(x)
	if err != nil {
		return 0, false
	}
	v = trimScale(v)
	return v.n, v.x == nil && v.scale == 0
}

// numericOf gives a constant number exactly.
func numericOf(x node) (value, error) {
	if x.t.kind == kFloat {
		return parseNumeric(string(appendFloat(nil, x.konst.float(), x.t.width)))
	}
	return *x.konst, nil
}

// trimScale takes zeros off behind the point.
func trimScale(v value) value {
	for v.scale > 0 {
		q := truncNumeric(v, v.scale-1, 0)
		if compareNumeric(q, v) != 0 {
			break
		}
		v = q
	}
	return v
}

// valueText gives a constant in the text form of the column's cells.
func (n *narrowing) valueText(e Expr) (string, bool) {
	x, ok := n.constant(e)
	if !ok || x.konst.null {
		return "", false
	}
	return n.nodeText(x)
}

func (n *narrowing) nodeText(x node) (string, bool) {
	switch {
	case n.t.number() && x.t.number():
		v, err := numericOf(x)
		if err != nil {
			return "", false
		}
		return string(appendNumeric(nil, trimScale(v))), true
	case n.t.moment() && x.t.moment() && n.t.kind != x.t.kind:
		return "", false
	case n.t.kind == kInterval || n.t.kind == kArray || n.t.kind == kRange || n.t.kind == kOpaque || n.t.kind == kUnknown:
		return "", false
	case x.t.kind == kUnknown || x.t.text() && n.t.text() || x.t.text() && n.t.kind == kEnum:
		return strings.TrimRight(string(x.konst.b), trimmedOf(x.t)), true
	case x.t.same(n.t):
		out, ok := n.t.output(nil, *x.konst)
		return strings.TrimSuffix(string(out), "+00"), ok
	}
	return "", false
}

// values holds a list of the only values, or of those that are not allowed.
func (n *narrowing) values(list []string, in bool) outcome {
	d := n.d
	if !in {
		for _, v := range list {
			if !slices.Contains(d.NotIn, v) {
				d.NotIn = append(d.NotIn, v)
			}
		}
		if n.t.text() && slices.Contains(list, "") && !d.Bytes {
			d.MinLength = max(d.MinLength, 1)
		}
		return told
	}
	var out []string
	for _, v := range list {
		if (d.In == nil || slices.Contains(d.In, v)) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	if out == nil {
		return contradicts
	}
	d.In = out
	return told
}
