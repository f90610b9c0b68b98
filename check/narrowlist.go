package check

import (
	"strings"
)

// anyOf holds lists of values and of patterns.
func (n *narrowing) anyOf(e *AnyOf, positive bool) outcome {
	op, all := e.Op, e.All
	if !positive {
		if !isComparison(op) && op[0] != '~' && op[0] != '!' {
			return notTold
		}
		op, all = opposite(op), !all
	}
	var elems []node
	if a, ok := e.Array.(*Array); ok {
		for _, x := range a.List {
			v, ok := n.constant(x)
			if !ok {
				return notTold
			}
			elems = append(elems, v)
		}
	} else {
		a, ok := n.constant(e.Array)
		if ok && a.t.kind == kUnknown && a.raw != nil {
			v, err := arrayOf(n.t).input(*a.raw)
			a, ok = constant(arrayOf(n.t), v), err == nil
		}
		if !ok || a.konst.null || a.t.kind != kArray {
			return notTold
		}
		for _, v := range a.konst.x.(*list).elems {
			elems = append(elems, constant(a.t.elem, v))
		}
	}
	if path, text, ok := n.jsonPath(e.X); ok && text && len(path) > 0 && op == "=" && !all {
		var values []string
		for _, v := range elems {
			if !v.konst.null && (v.t.kind == kUnknown || v.t.text()) && len(v.konst.b) > 0 {
				values = append(values, string(v.konst.b))
			}
		}
		if values == nil {
			return notTold
		}
		return n.at(path, Member{In: values})
	}
	if op == "=" && !all || op == "<>" && all {
		var values []string
		for _, v := range elems {
			if v.konst.null {
				continue
			}
			text, ok := n.nodeText(v)
			if !ok {
				return notTold
			}
			values = append(values, text)
		}
		if op == "<>" && len(values) < len(elems) {
			return notTold // a null among them
		}
		return n.listed(e.X, values, op == "=")
	}
	if !n.isColumn(e.X) || !isPattern(op) {
		return notTold
	}
	var any []string
	for _, v := range elems {
		if v.konst.null || v.t.kind != kUnknown && !v.t.text() {
			return notTold
		}
		re, not, fold, ok := patternOf(op, string(v.konst.b))
		if !ok {
			return notTold
		}
		if all {
			if out := n.pattern(re, not, fold); out != told {
				return out
			}
			continue
		}
		if not || fold {
			return notTold
		}
		any = append(any, "(?:"+re+")")
	}
	if all {
		return told
	}
	return n.pattern(strings.Join(any, "|"), false, false)
}

// listed holds a list of values of the column, or of lower(column) and its like.
func (n *narrowing) listed(x Expr, list []string, in bool) outcome {
	if n.isColumn(x) {
		if n.t.kind == kCitext {
			return notTold
		}
		return n.values(list, in)
	}
	// lower, upper and btrim give again what they are given of their own results: what they can give at all
	// are those values that they leave as they are.
	if args, f, ok := n.call(x, "lower", "upper", "btrim", "trim"); ok && in && len(args) == 1 {
		var kept []string
		for _, v := range list {
			m := &machine{}
			switch f {
			case "lower", "upper":
				if string(changeCase(m, []byte(v), f == "upper").b) != v || m.err != nil {
					continue
				}
			default:
				if strings.Trim(v, " ") != v {
					continue
				}
			}
			kept = append(kept, v)
		}
		if kept == nil {
			return contradicts
		}
		return n.listed(args[0], kept, true)
	}
	return notTold
}

// elements holds x <@ ARRAY[...].
func (n *narrowing) elements(r Expr) outcome {
	a, ok := n.constant(r)
	if !ok || a.konst.null || a.t.kind != kArray || n.d.Elements != nil {
		return notTold
	}
	inner := &narrowing{solver: n.solver, t: n.t.elem}
	var values []string
	for _, v := range a.konst.x.(*list).elems {
		text, ok := inner.nodeText(constant(a.t.elem, v))
		if v.null || !ok {
			return notTold
		}
		values = append(values, text)
	}
	n.d.Elements = &Domain{Null: NotNull, In: values}
	n.d.NoNulls = true
	return told
}
