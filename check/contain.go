package check

import (
	"encoding/json"
	"slices"
)

// contains compiles the operators over ranges, arrays and documents.
func (c *compiler) contains(op string, l, r node) (node, error) {
	no := func() (node, error) { return node{}, unknown("the operator %s over %s and %s", op, l.t.name, r.t.name) }
	if op == "<@" {
		op, l, r = "@>", r, l
	}
	var err error
	if l.t.kind == kUnknown || r.t.kind == kUnknown {
		if l, r, err = c.settle(l, r); err != nil {
			return l, err
		}
	}
	switch {
	case l.t.kind == kInt && r.t.kind == kInt && (op == "<<" || op == ">>"):
		return shiftBits(op, l, r)
	case l.t.kind == kRange && r.t.kind == kRange && l.t.same(r.t):
		return rangeOperator(op, l, r)
	case op == "@>" && l.t.kind == kRange:
		if r.t.kind != l.t.elem.kind {
			if r, err = c.coerce(r, l.t.elem); err != nil {
				return no()
			}
		}
		t := l.t
		return strict2(boolType, l, r, func(m *machine, a, b value) value {
			s := a.x.(*span)
			point := &span{low: b, high: b, lowIn: true, hiIn: true}
			return boolean(!s.empty && t.covers(s, point))
		}), nil
	case l.t.kind == kArray && r.t.kind == kArray && (op == "@>" || op == "&&"):
		eq, err := c.comparison("=", node{t: l.t.elem}, node{t: r.t.elem})
		if err != nil {
			return no()
		}
		return strict2(boolType, l, r, func(m *machine, a, b value) value {
			x, y := a.x.(*list).elems, b.x.(*list).elems
			in := func(v value) bool {
				return !v.null && slices.ContainsFunc(x, func(w value) bool { return !w.null && eq(m, w, v).isTrue() })
			}
			if op == "&&" {
				return boolean(slices.ContainsFunc(y, in))
			}
			return boolean(!slices.ContainsFunc(y, func(v value) bool { return !in(v) }))
		}), nil
	case l.t.kind == kJSONB && r.t.kind == kJSONB && op == "@>":
		return strict2(boolType, l, r, func(m *machine, a, b value) value {
			x, err1 := decodeJSON(a.b)
			y, err2 := decodeJSON(b.b)
			if err1 != nil || err2 != nil {
				return m.fail(unknown("a document that is no JSON"))
			}
			return boolean(containsJSON(x, y, true))
		}), nil
	}
	return no()
}

func shiftBits(op string, l, r node) (node, error) {
	bits := int64(8 * l.t.width)
	return strict2(l.t, l, r, func(m *machine, a, b value) value {
		if b.n < 0 || b.n >= bits {
			return m.fail(unknown("a shift by %d", b.n))
		}
		if op == ">>" {
			return integer(a.n >> b.n)
		}
		switch l.t.width {
		case 2:
			return integer(int64(int16(a.n << b.n)))
		case 4:
			return integer(int64(int32(a.n << b.n)))
		}
		return integer(a.n << b.n)
	}), nil
}

// covers tells whether a contains b, neither of them empty.
func (t *typ) covers(a, b *span) bool {
	return t.compareBounds(a.low, a.lowIn, true, b.low, b.lowIn, true) <= 0 && t.compareBounds(a.high, a.hiIn, false, b.high, b.hiIn, false) >= 0
}

// rangeOperator compiles an operator between ranges, as PostgreSQL's rangetypes.c defines them.
func rangeOperator(op string, l, r node) (node, error) {
	t := l.t
	low := func(a, b *span) int { return t.compareBounds(a.low, a.lowIn, true, b.low, b.lowIn, true) }
	high := func(a, b *span) int { return t.compareBounds(a.high, a.hiIn, false, b.high, b.hiIn, false) }
	before := func(a, b *span) bool { return t.compareBounds(a.high, a.hiIn, false, b.low, b.lowIn, true) < 0 }
	var f func(a, b *span) bool
	switch op {
	case "@>":
		return strict2(boolType, l, r, func(m *machine, x, y value) value {
			a, b := x.x.(*span), y.x.(*span)
			return boolean(b.empty || !a.empty && t.covers(a, b))
		}), nil
	case "&&":
		f = func(a, b *span) bool {
			return t.compareBounds(a.low, a.lowIn, true, b.high, b.hiIn, false) <= 0 && t.compareBounds(b.low, b.lowIn, true, a.high, a.hiIn, false) <= 0
		}
	case "<<":
		f = before
	case ">>":
		f = func(a, b *span) bool { return before(b, a) }
	case "&<":
		f = func(a, b *span) bool { return high(a, b) <= 0 }
	case "&>":
		f = func(a, b *span) bool { return low(a, b) >= 0 }
	case "-|-":
		meet := func(a, b *span) bool {
			return !a.high.null && !b.low.null && t.elem.compare(a.high, b.low) == 0 && a.hiIn != b.lowIn
		}
		f = func(a, b *span) bool { return meet(a, b) || meet(b, a) }
	default:
		return l, unknown("the operator %s over %s", op, t.name)
	}
	return strict2(boolType, l, r, func(m *machine, x, y value) value {
		a, b := x.x.(*span), y.x.(*span)
		return boolean(!a.empty && !b.empty && f(a, b))
	}), nil
}

// jsonOperator compiles the operators that look into documents.
func (c *compiler) jsonOperator(op string, l, r node) (node, error) {
	no := func() (node, error) { return node{}, unknown("the operator %s over %s and %s", op, l.t.name, r.t.name) }
	if l.t.kind != kJSON && l.t.kind != kJSONB {
		return no()
	}
	var err error
	switch op {
	case "#>", "#>>", "?|", "?&":
		if r.t.kind == kUnknown {
			if r, err = c.coerce(r, arrayOf(textType)); err != nil {
				return no()
			}
		}
		if r.t.kind != kArray || !r.t.elem.text() {
			return no()
		}
	default:
		if r, err = c.known(r); err != nil || !r.t.text() && r.t.kind != kInt {
			return no()
		}
	}
	switch op {
	case "->", "->>":
		out := l.t
		if op == "->>" {
			out = textType
		}
		byName := r.t.text()
		return strict2(out, l, r, func(m *machine, a, b value) value {
			var raw []byte
			if byName {
				raw = memberJSON(a.b, string(b.b))
			} else if raw = elementJSON(a.b, b.n); raw == nil && l.t.kind == kJSONB && (b.n == 0 || b.n == -1) {
				if k := typeofJSON(a.b); k != "array" && k != "object" {
					raw = a.b // to jsonb a scalar is an array of one here
				}
			}
			return found(raw, op == "->>")
		}), nil
	case "#>", "#>>":
		out := l.t
		if op == "#>>" {
			out = textType
		}
		return strict2(out, l, r, func(m *machine, a, b value) value {
			raw := a.b
			for _, step := range b.x.(*list).elems {
				if step.null {
					return null
				}
				if typeofJSON(raw) == "array" {
					i, err := int8Type.input(string(step.b))
					if err != nil {
						return null
					}
					raw = elementJSON(raw, i.n)
				} else {
					raw = memberJSON(raw, string(step.b))
				}
				if raw == nil {
					return null
				}
			}
			return found(raw, op == "#>>")
		}), nil
	}
	if l.t.kind != kJSONB || op == "?" && !r.t.text() {
		return no()
	}
	return strict2(boolType, l, r, func(m *machine, a, b value) value {
		doc, err := decodeJSON(a.b)
		if err != nil {
			return m.fail(unknown("a document that is no JSON"))
		}
		if op == "?" {
			return boolean(hasKey(doc, string(b.b)))
		}
		all := op == "?&"
		for _, k := range b.x.(*list).elems {
			if !k.null && hasKey(doc, string(k.b)) != all {
				return boolean(!all)
			}
		}
		return boolean(all)
	}), nil
}

// found gives a value that was found in a document, as a document or as a text.
func found(raw json.RawMessage, asText bool) value {
	switch {
	case raw == nil:
		return null
	case asText:
		return textJSON(raw)
	}
	return text(raw)
}

// hasKey is jsonb's ?: a member's name, an array's element that is a string, or a string itself.
func hasKey(doc any, key string) bool {
	switch d := doc.(type) {
	case map[string]any:
		_, ok := d[key]
		return ok
	case []any:
		return slices.ContainsFunc(d, func(e any) bool { return e == key })
	}
	return doc == key
}
