package check

import "slices"

// listFunction compiles functions of arrays and ranges.
func (c *compiler) listFunction(name string, args []node) (node, bool, error) {
	if len(args) == 0 {
		return node{}, false, nil
	}
	t := args[0].t
	switch {
	case t.kind == kRange:
		return c.rangeFunction(name, args)
	case rangeNames[name] != nil && (len(args) == 2 || len(args) == 3):
		return c.makeRange(baseTypes[name], args)
	case t.kind != kArray:
		return node{}, false, nil
	}
	args = slices.Clone(args)
	elems := func(v value) []value { return v.x.(*list).elems }
	done := func(n node, err error) (node, bool, error) { return n, true, err }
	switch name {
	case "cardinality":
		if len(args) == 1 {
			return done(strict1(int4Type, args[0], func(m *machine, a value) value { return integer(int64(len(elems(a)))) }), nil)
		}
	case "array_length", "array_upper", "array_lower":
		if len(args) == 2 {
			return done(c.strict(int4Type, args, []*typ{t, int4Type}, func(m *machine, v []value) value {
				n := int64(len(elems(v[0])))
				if n == 0 || v[1].n != 1 {
					return null
				}
				if name == "array_lower" {
					n = 1
				}
				return integer(n)
			}))
		}
	case "array_ndims":
		if len(args) == 1 {
			return done(strict1(int4Type, args[0], func(m *machine, a value) value {
				if len(elems(a)) == 0 {
					return null
				}
				return integer(1)
			}), nil)
		}
	case "array_position", "array_remove", "array_positions":
		if len(args) != 2 || name == "array_positions" {
			break
		}
		x, err := c.coerce(args[1], t.elem)
		if err != nil {
			return done(x, err)
		}
		eq, err := c.comparison("=", node{t: t.elem}, node{t: t.elem})
		if err != nil {
			return done(x, err)
		}
		a := args[0]
		is := func(m *machine, e, v value) bool {
			return e.null && v.null || !e.null && !v.null && eq(m, e, v).isTrue()
		}
		if name == "array_remove" {
			return done(fold(node{t: t, eval: func(m *machine) value {
				l, v := a.eval(m), x.eval(m)
				if l.null {
					return null
				}
				return value{x: &list{slices.DeleteFunc(slices.Clone(elems(l)), func(e value) bool { return is(m, e, v) })}}
			}}, a, x), nil)
		}
		return done(fold(node{t: int4Type, eval: func(m *machine) value {
			l, v := a.eval(m), x.eval(m)
			if l.null {
				return null
			}
			for i, e := range elems(l) {
				if is(m, e, v) {
					return integer(int64(i) + 1)
				}
			}
			return null
		}}, a, x), nil)
	case "array_to_string":
		if (len(args) == 2 || len(args) == 3) && t.elem.text() {
			types := []*typ{t, textType, textType}
			return done(c.strict(textType, args, types[:len(args)], func(m *machine, v []value) value {
				buf, first := m.buf, true
				for _, e := range elems(v[0]) {
					if e.null && len(v) < 3 {
						continue
					}
					if !first {
						buf = append(buf, v[1].b...)
					}
					first = false
					if e.null {
						buf = append(buf, v[2].b...)
					} else {
						buf = append(buf, e.b...)
					}
				}
				return m.take(buf)
			}))
		}
	}
	return node{}, false, nil
}

var rangeNames = map[string]*typ{}

func init() {
	for name, t := range baseTypes {
		if t != nil && t.kind == kRange {
			rangeNames[name] = t
		}
	}
}

// rangeFunction compiles functions of a range.
func (c *compiler) rangeFunction(name string, args []node) (node, bool, error) {
	if len(args) != 1 {
		return node{}, false, nil
	}
	x, t := args[0], args[0].t
	is := func(f func(*span) bool) (node, bool, error) {
		return strict1(boolType, x, func(m *machine, a value) value { return boolean(f(a.x.(*span))) }), true, nil
	}
	bound := func(f func(*span) value) (node, bool, error) {
		return strict1(t.elem, x, func(m *machine, a value) value {
			s := a.x.(*span)
			if s.empty {
				return null
			}
			return f(s)
		}), true, nil
	}
	switch name {
	case "lower":
		return bound(func(s *span) value { return s.low })
	case "upper":
		return bound(func(s *span) value { return s.high })
	case "isempty":
		return is(func(s *span) bool { return s.empty })
	case "lower_inc":
		return is(func(s *span) bool { return !s.empty && s.lowIn })
	case "upper_inc":
		return is(func(s *span) bool { return !s.empty && s.hiIn })
	case "lower_inf":
		return is(func(s *span) bool { return !s.empty && s.low.null })
	case "upper_inf":
		return is(func(s *span) bool { return !s.empty && s.high.null })
	}
	return node{}, false, nil
}

// makeRange compiles int4range(a, b) and its like.
func (c *compiler) makeRange(t *typ, args []node) (node, bool, error) {
	low, err := c.coerce(args[0], t.elem)
	if err != nil {
		return low, true, err
	}
	high, err := c.coerce(args[1], t.elem)
	if err != nil {
		return high, true, err
	}
	form := constant(textType, text([]byte("[)")))
	if len(args) == 3 {
		if form, err = c.known(args[2]); err != nil {
			return form, true, err
		}
	}
	return fold(node{t: t, eval: func(m *machine) value {
		l, h, f := low.eval(m), high.eval(m), form.eval(m)
		if f.null || len(f.b) != 2 {
			return m.fail(errRange)
		}
		v, err := t.span(&span{low: l, high: h, lowIn: f.b[0] == '[', hiIn: f.b[1] == ']'})
		if err != nil {
			return m.fail(err)
		}
		return v
	}}, low, high, form), true, nil
}

// jsonFunction compiles functions of documents.
func (c *compiler) jsonFunction(name string, args []node) (node, bool, error) {
	if len(args) == 0 {
		return node{}, false, nil
	}
	x := args[0]
	if x.t.kind != kJSON && x.t.kind != kJSONB {
		return node{}, false, nil
	}
	switch name {
	case "jsonb_typeof", "json_typeof":
		if len(args) == 1 {
			return strict1(textType, x, func(m *machine, a value) value { return text([]byte(typeofJSON(a.b))) }), true, nil
		}
	case "jsonb_array_length", "json_array_length":
		if len(args) == 1 {
			return strict1(int4Type, x, func(m *machine, a value) value {
				doc, err := decodeJSON(a.b)
				l, ok := doc.([]any)
				if err != nil || !ok {
					return m.fail(unknown("the length of what is no JSON array"))
				}
				return integer(int64(len(l)))
			}), true, nil
		}
	case "jsonb_exists", "jsonb_contains", "jsonb_exists_any", "jsonb_exists_all", "jsonb_object_field", "jsonb_object_field_text", "json_object_field", "json_object_field_text":
		op := map[string]string{"jsonb_exists": "?", "jsonb_exists_any": "?|", "jsonb_exists_all": "?&", "jsonb_contains": "@>"}[name]
		if op != "" && len(args) == 2 {
			n, err := c.operate(op, x, args[1])
			return n, true, err
		}
	case "jsonb_extract_path", "json_extract_path", "jsonb_extract_path_text", "json_extract_path_text":
		for i := 1; i < len(args); i++ {
			op := "->"
			if i == len(args)-1 && (name == "jsonb_extract_path_text" || name == "json_extract_path_text") {
				op = "->>"
			}
			step, err := c.known(args[i])
			if err != nil {
				return step, true, err
			}
			if step.konst == nil || len(step.konst.b) == 0 || digit(step.konst.b[len(step.konst.b)-1]) { // may be an element's number
				return node{}, true, unknown("a path that is computed")
			}
			if x, err = c.operate(op, x, step); err != nil {
				return x, true, err
			}
		}
		return x, true, nil
	}
	return node{}, false, nil
}
