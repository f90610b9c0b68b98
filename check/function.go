package check

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// call compiles a function call: of the user's functions where one has the name, else of PostgreSQL's.
func (c *compiler) call(e *Call) (node, error) {
	args := make([]node, len(e.Args))
	for i, x := range e.Args {
		n, err := c.compile(x)
		if err != nil {
			return n, err
		}
		args[i] = n
	}
	if f := c.function(e); f != nil {
		return c.inline(f, args)
	}
	if e.Schema != "" {
		return node{}, unknown("the function %s", functionName(e))
	}
	n, err := c.builtin(e.Name, args)
	if err != nil {
		return n, err
	}
	return n, nil
}

func functionName(e *Call) string {
	if e.Schema != "" {
		return e.Schema + "." + e.Name
	}
	return e.Name
}

// function finds the user's function that a call means, or nil.
func (c *compiler) function(e *Call) *schema.Function {
	if e.Schema != "" {
		return c.options.Functions[e.Schema+"."+e.Name]
	}
	var out *schema.Function
	for name, f := range c.options.Functions {
		if _, last, _ := strings.Cut(name, "."); last != e.Name && name != e.Name {
			continue
		}
		if out != nil {
			return &schema.Function{Name: e.Name, Language: "one of several schemas"}
		}
		out = f
	}
	return out
}

// inline compiles a user's SQL function that is one expression.
func (c *compiler) inline(f *schema.Function, args []node) (node, error) {
	if f.Language != "sql" && f.Language != "plpgsql" || f.Body == "" {
		return node{}, unknown("the function %s (language %s)", f.Name, f.Language)
	}
	body, err := sqlexpr.ParseBody(f.Body)
	if err != nil {
		return node{}, unknown("the function %s (%v)", f.Name, err)
	}
	if c.parts += sqlexpr.Size(body); c.depth > 20 {
		return node{}, unknown("the function %s, which calls itself", f.Name)
	}
	params := make([]node, len(args))
	for i, a := range args {
		if params[i], err = c.known(a); err != nil {
			return a, err
		}
	}
	saved := *c
	c.params, c.names, c.depth = params, f.Args, c.depth+1
	n, err := c.compile(body)
	c.params, c.names, c.depth = saved.params, saved.names, saved.depth
	if err != nil {
		return n, err
	}
	if !f.Strict || len(params) == 0 {
		return n, nil
	}
	return node{t: n.t, eval: func(m *machine) value {
		for i := range params {
			if params[i].eval(m).null {
				return null
			}
		}
		return n.eval(m)
	}}, nil
}

// strict compiles a function that is null where any argument is. The arguments are brought to the given
// types.
func (c *compiler) strict(t *typ, args []node, types []*typ, f func(m *machine, v []value) value) (node, error) {
	in := slices.Clone(args)
	for i := range in {
		var err error
		if in[i], err = c.coerce(in[i], types[i]); err != nil {
			return in[i], err
		}
	}
	return fold(node{t: t, eval: func(m *machine) value {
		from, nulls := len(m.stack), false
		for i := range in {
			v := in[i].eval(m)
			nulls = nulls || v.null
			m.stack = append(m.stack, v)
		}
		out := null
		if !nulls {
			out = f(m, m.stack[from:])
		}
		m.stack = m.stack[:from]
		return out
	}}, in...), nil
}

// builtin compiles one of PostgreSQL's own functions.
func (c *compiler) builtin(name string, args []node) (node, error) {
	for _, family := range []func(string, []node) (node, bool, error){c.generalFunction, c.momentFunction, c.numberFunction, c.textFunction, c.listFunction, c.jsonFunction} {
		if n, ok, err := family(name, args); ok {
			return n, err
		}
	}
	var types []string
	for _, a := range args {
		types = append(types, a.t.name)
	}
	return node{}, unknown("the function %s(%s)", name, strings.Join(types, ", "))
}

// generalFunction compiles functions over any type.
func (c *compiler) generalFunction(name string, args []node) (node, bool, error) {
	switch name {
	case "coalesce", "greatest", "least", "nullif", "num_nulls", "num_nonnulls":
	default:
		return node{}, false, nil
	}
	if len(args) == 0 {
		return node{}, false, nil
	}
	switch name {
	case "num_nulls", "num_nonnulls":
		nulls := name == "num_nulls"
		return fold(node{t: int4Type, eval: func(m *machine) value {
			n := int64(0)
			for i := range args {
				if args[i].eval(m).null == nulls {
					n++
				}
			}
			return integer(n)
		}}, args...), true, nil
	case "nullif":
		if len(args) != 2 {
			return node{}, false, nil
		}
		l, r, err := c.settle(args[0], args[1])
		if err != nil {
			return l, true, err
		}
		eq, err := c.comparison("=", l, r)
		if err != nil {
			return l, true, err
		}
		return fold(node{t: l.t, eval: func(m *machine) value {
			a, b := l.eval(m), r.eval(m)
			if !a.null && !b.null && eq(m, a, b).isTrue() {
				return null
			}
			return a
		}}, l, r), true, nil
	}
	args = slices.Clone(args)
	t, err := c.unify(args)
	if err != nil {
		return node{}, true, err
	}
	if name == "coalesce" {
		return fold(node{t: t, eval: func(m *machine) value {
			for i := range args {
				if v := args[i].eval(m); !v.null || m.err != nil {
					return v
				}
			}
			return null
		}}, args...), true, nil
	}
	op := ">"
	if name == "least" {
		op = "<"
	}
	better, err := c.comparison(op, node{t: t}, node{t: t})
	if err != nil {
		return node{}, true, err
	}
	return fold(node{t: t, eval: func(m *machine) value {
		out := null
		for i := range args {
			if v := args[i].eval(m); !v.null && (out.null || better(m, v, out).isTrue()) {
				out = v
			}
		}
		return out
	}}, args...), true, nil
}

// numberFunction compiles functions of numbers.
func (c *compiler) numberFunction(name string, args []node) (node, bool, error) {
	done := func(n node, err error) (node, bool, error) { return n, true, err }
	if len(args) == 0 || len(args) > 2 {
		return node{}, false, nil
	}
	args = slices.Clone(args)
	for i := range args {
		if args[i].t.kind == kUnknown && args[i].raw == nil {
			args[i] = constant(numericType, null)
		}
		if !args[i].t.number() {
			return node{}, false, nil
		}
	}
	x := args[0]
	if len(args) == 2 {
		switch name {
		case "mod":
			return done(arithmetic("%", x, args[1]))
		case "div":
			return done(c.strict(numericType, args, []*typ{numericType, numericType}, func(m *machine, v []value) value {
				if isZero(v[1]) {
					return m.fail(errDivision)
				}
				s := max(v[0].scale, v[1].scale)
				return wide(new(big.Int).Quo(v[0].rescaledBig(s), v[1].rescaledBig(s)), 0)
			}))
		case "round", "trunc":
			return done(c.strict(numericType, args, []*typ{numericType, int4Type}, func(m *machine, v []value) value {
				scale := int32(min(max(v[1].n, -100), 100))
				if name == "round" {
					return roundNumeric(v[0], scale)
				}
				return truncNumeric(v[0], scale, 0)
			}))
		}
		return node{}, false, nil
	}
	switch name {
	case "abs", "sign", "round", "trunc", "floor", "ceil", "ceiling":
	case "sqrt":
		if x.t.kind != kFloat && x.t.kind != kInt {
			return node{}, false, nil
		}
		return done(c.strict(float8Type, args, []*typ{float8Type}, func(m *machine, v []value) value {
			if v[0].float() < 0 {
				return m.fail(errRange)
			}
			return float(math.Sqrt(v[0].float()))
		}))
	default:
		return node{}, false, nil
	}
	if x.t.kind == kInt && name == "abs" {
		return done(strict1(x.t, x, func(m *machine, a value) value {
			v, err := fitInt(max(a.n, -a.n), x.t.width)
			if err != nil || a.n == math.MinInt64 {
				return m.fail(errRange)
			}
			return v
		}), nil)
	}
	if x.t.kind == kInt || x.t.kind == kFloat {
		var err error
		if t := float8Type; name != "abs" || x.t.kind != kFloat {
			if x, err = convert(x, t, nil); err != nil {
				return x, true, err
			}
		}
		f := map[string]func(float64) float64{"abs": math.Abs, "round": math.RoundToEven, "trunc": math.Trunc, "floor": math.Floor, "ceil": math.Ceil, "ceiling": math.Ceil, "sign": func(f float64) float64 {
			switch {
			case f > 0:
				return 1
			case f < 0:
				return -1
			}
			return 0
		}}[name]
		return done(strict1(x.t, x, func(m *machine, a value) value { return float(f(a.float())) }), nil)
	}
	return done(strict1(numericType, x, func(m *machine, a value) value {
		switch name {
		case "abs":
			if a.big().Sign() < 0 {
				return negNumeric(a)
			}
			return a
		case "sign":
			return integer(int64(a.big().Sign()))
		case "round":
			return roundNumeric(a, 0)
		case "trunc":
			return truncNumeric(a, 0, 0)
		case "floor":
			return truncNumeric(a, 0, -1)
		}
		return truncNumeric(a, 0, 1)
	}), nil)
}
