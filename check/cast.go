package check

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// coerce brings a node to a type as an assignment or an operator does, without a cast being written.
func (c *compiler) coerce(n node, t *typ) (node, error) {
	switch {
	case n.t.kind == kUnknown && n.isNull():
		return constant(t, null), nil
	case n.t.kind == kUnknown && t.kind == kUnknown:
		return n, nil
	case n.t.kind == kUnknown && n.raw != nil:
		v, err := t.input(*n.raw)
		if err != nil {
			return n, unknown("the value %q of the type %s", *n.raw, t.name)
		}
		return constant(t, v), nil
	case n.t == t:
		return n, nil
	case n.t.same(t):
		n.t = t
		return n, nil
	case n.t.number() && t.number() || n.t.moment() && t.moment() || n.t.text() && t.text():
		return convert(n, t, nil)
	case n.t.kind == kArray && t.kind == kArray:
		return convert(n, t, nil)
	}
	return n, unknown("a %s where %s is wanted", n.t.name, t.name)
}

// known gives an untyped literal the type text.
func (c *compiler) known(n node) (node, error) {
	if n.t.kind == kUnknown {
		return c.coerce(n, textType)
	}
	return n, nil
}

// castTo compiles a written cast.
func (c *compiler) castTo(e *Cast) (node, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	t, err := c.named(e.Type)
	if err != nil {
		return x, err
	}
	if x.t.kind == kUnknown {
		if x, err = c.coerce(x, t); err != nil {
			return x, err
		}
	}
	return convert(x, t, e.Type.Args)
}

// convert casts a node to a type with the given type arguments.
func convert(x node, t *typ, args []string) (node, error) {
	f, err := conversion(x.t, t)
	if err != nil {
		return x, err
	}
	limit, err := modifier(t, args)
	if err != nil {
		return x, err
	}
	if t.text() && x.t.text() && x.t.bytes != t.bytes {
		u := *t
		u.bytes = x.t.bytes
		t = &u
	}
	if f == nil && limit == nil {
		x.t = t
		x.raw = nil
		if x.konst != nil {
			return constant(t, *x.konst), nil
		}
		return x, nil
	}
	return fold(node{t: t, eval: func(m *machine) value {
		v := x.eval(m)
		if v.null {
			return v
		}
		if f != nil {
			v = f(m, v)
		}
		if limit != nil && !v.null {
			v = limit(m, v)
		}
		return v
	}}, x), nil
}

// modifier compiles a type's arguments: numeric(10,2), character varying(20), timestamp(0).
func modifier(t *typ, args []string) (func(*machine, value) value, error) {
	if len(args) == 0 || t.kind == kChar && t.length > 0 && len(args) == 0 {
		return nil, nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, unknown("the type arguments %v", args)
	}
	switch t.kind {
	case kNumeric:
		scale := 0
		if len(args) > 1 {
			if scale, err = strconv.Atoi(args[1]); err != nil {
				return nil, unknown("the type arguments %v", args)
			}
		}
		if scale < 0 {
			return nil, unknown("a negative scale")
		}
		limit := value{x: pow10(int32(n - scale))}
		return func(m *machine, v value) value {
			v = roundNumeric(v, int32(scale))
			if compareNumeric(v, limit) >= 0 || compareNumeric(negNumeric(v), limit) >= 0 {
				return m.fail(errRange)
			}
			return v
		}, nil
	case kText:
		return func(m *machine, v value) value { return text(firstRunes(v.b, int64(n))) }, nil
	case kChar:
		return func(m *machine, v value) value {
			return text(t.pad(firstRunes(bytes.TrimRight(v.b, " "), int64(n))))
		}, nil
	case kTimestamp, kTime:
		if n >= 6 {
			return nil, nil
		}
	}
	return nil, unknown("the type %s(%s)", t.name, strings.Join(args, ","))
}

// conversion gives the function of a cast; nil where nothing changes.
func conversion(from, to *typ) (func(*machine, value) value, error) {
	must := func(v value, err error) func(*machine) value {
		return func(m *machine) value {
			if err != nil {
				return m.fail(err)
			}
			return v
		}
	}
	if from.same(to) {
		switch {
		case from.kind == kInt && to.width < from.width:
			return func(m *machine, v value) value { return must(fitInt(v.n, to.width))(m) }, nil
		case from.kind == kFloat && to.width < from.width:
			return func(m *machine, v value) value {
				f := float32(v.float())
				if math.IsInf(float64(f), 0) && !math.IsInf(v.float(), 0) {
					return m.fail(errRange)
				}
				return float(float64(f))
			}, nil
		case from.kind == kChar && to.length > 0:
			return func(m *machine, v value) value { return text(to.pad(v.b)) }, nil
		}
		return nil, nil
	}
	switch {
	case from.text() && to.text():
		if from.kind == kChar {
			return func(m *machine, v value) value { return text(bytes.TrimRight(v.b, " ")) }, nil
		}
		return nil, nil
	case from.kind == kArray && to.kind == kArray:
		f, err := conversion(from.elem, to.elem)
		if f == nil || err != nil {
			return nil, err
		}
		return func(m *machine, v value) value {
			out := &list{elems: make([]value, len(v.x.(*list).elems))}
			for i, e := range v.x.(*list).elems {
				if !e.null {
					e = f(m, e)
				}
				out.elems[i] = e
			}
			return value{x: out}
		}, nil
	case from.number() && to.number():
		return numberConversion(from, to), nil
	case from.kind == kBool && to == int4Type, from.kind == kDate && to.kind == kDate:
		return nil, nil
	case from == int4Type && to.kind == kBool:
		return func(m *machine, v value) value { return boolean(v.n != 0) }, nil
	case from.kind == kTimestamp && to.kind == kTimestamp: // sessions are in UTC
		return nil, nil
	case from.kind == kDate && to.kind == kTimestamp:
		return func(m *machine, v value) value {
			if !v.finite() {
				return v
			}
			return integer(v.n * microsPerDay)
		}, nil
	case from.kind == kTimestamp && to.kind == kDate:
		return func(m *machine, v value) value {
			if !v.finite() {
				return v
			}
			return integer(floorDiv(v.n, microsPerDay))
		}, nil
	case from.kind == kTimestamp && to.kind == kTime:
		return func(m *machine, v value) value {
			if !v.finite() {
				return null
			}
			return integer(v.n - floorDiv(v.n, microsPerDay)*microsPerDay)
		}, nil
	case from.kind == kJSONB && to.kind == kJSON:
		return nil, nil
	case from.kind == kJSONB && (to.number() || to.kind == kBool):
		return func(m *machine, v value) value {
			kind := typeofJSON(v.b)
			if kind == "number" != to.number() || kind != "number" && kind != "boolean" {
				return m.fail(unknown("a cast of a jsonb %s to %s", kind, to.name))
			}
			if to.kind != kInt {
				return must(to.input(string(v.b)))(m)
			}
			n, err := parseNumeric(string(v.b))
			if err != nil {
				return m.fail(err)
			}
			return must(toInt(n, to.width))(m)
		}, nil
	case from.text():
		if to.kind == kRow || to.kind == kOpaque || to.kind == kUnknown {
			break
		}
		return func(m *machine, v value) value {
			b := v.b
			if from.kind == kChar {
				b = bytes.TrimRight(b, " ")
			}
			return must(to.input(string(b)))(m)
		}, nil
	case to.text():
		if from.kind == kRow || from.kind == kArray || from.kind == kRange || from.kind == kInterval || from.kind == kOpaque {
			break
		}
		return func(m *machine, v value) value {
			buf, ok := from.output(m.buf, v)
			if !ok {
				return m.fail(unknown("the text of a %s", from.name))
			}
			return m.take(buf)
		}, nil
	}
	return nil, unknown("a cast of %s to %s", from.name, to.name)
}

func numberConversion(from, to *typ) func(*machine, value) value {
	settle := func(m *machine, v value, err error) value {
		if err != nil {
			return m.fail(err)
		}
		return v
	}
	switch {
	case from.kind == kInt && to.kind == kNumeric:
		return nil
	case to.kind == kFloat:
		return func(m *machine, v value) value {
			f := toFloat(v)
			if to.width == 4 {
				n, err := strconv.ParseFloat(string(appendNumeric(nil, v)), 32)
				if err != nil {
					return m.fail(errRange)
				}
				f = n
			}
			if math.IsInf(f, 0) {
				return m.fail(errRange)
			}
			return float(f)
		}
	case from.kind == kNumeric:
		return func(m *machine, v value) value {
			out, err := toInt(v, to.width)
			return settle(m, out, err)
		}
	case to.kind == kNumeric:
		return func(m *machine, v value) value {
			out, err := fromFloat(v.float(), from.width)
			return settle(m, out, err)
		}
	}
	return func(m *machine, v value) value { // float to integer: to the nearest even
		f := math.RoundToEven(v.float())
		if f != f || f < -9.3e18 || f > 9.3e18 || f >= 1<<63 || f < -1<<63 {
			return m.fail(errRange)
		}
		out, err := fitInt(int64(f), to.width)
		return settle(m, out, err)
	}
}

// firstRunes gives the first n characters.
func firstRunes(b []byte, n int64) []byte {
	for i := range string(b) {
		if n == 0 {
			return b[:i]
		}
		n--
	}
	return b
}
