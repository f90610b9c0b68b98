package check

import (
	"bytes"
	"slices"
	"strings"
)

// match compiles the operators of LIKE and of regular expressions.
func (c *compiler) match(op string, l, r node) (node, error) {
	var err error
	if l, err = c.known(l); err != nil {
		return l, err
	}
	if r, err = c.known(r); err != nil {
		return r, err
	}
	if !l.t.text() || !r.t.text() {
		return l, unknown("the operator %s over %s and %s", op, l.t.name, r.t.name)
	}
	negate := op[0] == '!'
	if negate {
		op = op[1:]
	}
	if op == "^@" {
		return strict2(boolType, l, r, func(m *machine, a, b value) value { return boolean(bytes.HasPrefix(a.b, b.b)) }), nil
	}
	if l.t.kind == kCitext && op[len(op)-1] != '*' {
		op += "*"
	}
	var compile func(string) (func([]byte) (bool, error), error)
	if strings.HasPrefix(op, "~~") {
		compile = func(p string) (func([]byte) (bool, error), error) {
			k, err := compileLike(p, '\\', op == "~~*")
			if err != nil {
				return nil, err
			}
			return k.match, nil
		}
	} else {
		compile = func(p string) (func([]byte) (bool, error), error) {
			re, err := translate(p, op == "~*")
			if err != nil {
				return nil, err
			}
			return re.match, nil
		}
	}
	finish := func(m *machine, f func([]byte) (bool, error), b []byte) value {
		ok, err := f(b)
		if err != nil {
			return m.fail(err)
		}
		return boolean(ok != negate)
	}
	if r.konst != nil {
		if r.konst.null {
			return constant(boolType, null), nil
		}
		f, err := compile(string(r.konst.b))
		if err != nil {
			return l, unknown("the pattern (%v)", err)
		}
		return strict1(boolType, l, func(m *machine, a value) value { return finish(m, f, a.b) }), nil
	}
	return strict2(boolType, l, r, func(m *machine, a, b value) value {
		f, err := compile(string(b.b))
		if err != nil {
			return m.fail(err)
		}
		return finish(m, f, a.b)
	}), nil
}

// concat compiles ||.
func (c *compiler) concat(l, r node) (node, error) {
	if l.t.kind == kUnknown && r.t.kind == kUnknown {
		var err error
		if l, r, err = c.settle(l, r); err != nil {
			return l, err
		}
	}
	switch {
	case l.t.kind == kArray || r.t.kind == kArray:
		return c.concatArrays(l, r)
	case l.t.kind == kBytes && r.t.kind == kBytes:
		return strict2(bytesType, l, r, func(m *machine, a, b value) value { return m.take(append(append(m.buf, a.b...), b.b...)) }), nil
	case !l.t.text() && !r.t.text() || l.t.kind == kJSONB || r.t.kind == kJSONB:
		return l, unknown("the operator || over %s and %s", l.t.name, r.t.name)
	}
	var err error
	for _, n := range []*node{&l, &r} {
		if n.t.kind == kUnknown || !n.t.text() || n.t.kind == kChar {
			if n.t.kind == kUnknown {
				*n, err = c.coerce(*n, textType)
			} else {
				*n, err = convert(*n, textType, nil)
			}
			if err != nil {
				return l, err
			}
		}
	}
	return strict2(textType, l, r, func(m *machine, a, b value) value { return m.take(append(append(m.buf, a.b...), b.b...)) }), nil
}

func (c *compiler) concatArrays(l, r node) (node, error) {
	t := l.t
	if t.kind != kArray {
		t = r.t
	}
	for _, n := range []*node{&l, &r} {
		var err error
		if n.t.kind == kUnknown {
			*n, err = c.coerce(*n, t)
		}
		if err != nil || !n.t.same(t) && !n.t.same(t.elem) {
			return l, unknown("the operator || over %s and %s", l.t.name, r.t.name)
		}
	}
	elems := func(n node, v value) []value {
		if n.t.kind != kArray {
			return []value{v}
		}
		if v.null {
			return nil
		}
		return v.x.(*list).elems
	}
	return fold(node{t: t, eval: func(m *machine) value {
		a, b := l.eval(m), r.eval(m)
		if l.t.kind == kArray && r.t.kind == kArray && a.null && b.null {
			return null
		}
		return value{x: &list{elems: slices.Concat(elems(l, a), elems(r, b))}}
	}}, l, r), nil
}

func isPattern(op string) bool { return strings.HasPrefix(strings.TrimPrefix(op, "!"), "~") }

// patternOf gives a pattern's regular expression for package regexp.
func patternOf(op, pattern string) (re string, not, fold, ok bool) {
	if op[0] == '!' {
		not, op = true, op[1:]
	}
	fold = strings.HasSuffix(op, "*")
	if strings.HasPrefix(op, "~~") {
		k, err := compileLike(pattern, '\\', false)
		if err != nil {
			return "", false, false, false
		}
		return k.regexp(), not, fold, true
	}
	r, err := translate(pattern, fold)
	if err != nil {
		return "", false, false, false
	}
	return r.text, not, r.fold, true
}
