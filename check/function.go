package check

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sowerdata/sower/schema"
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
	body, err := parseBody(f.Body)
	if err != nil {
		return node{}, unknown("the function %s (%v)", f.Name, err)
	}
	if c.depth > 20 {
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

// foldsRune tells whether a character beyond ASCII has another case, which the locale decides.
func foldsRune(r rune) bool { return r >= utf8.RuneSelf && unicode.SimpleFold(r) != r }

// changeCase gives lower or upper of a text; what hangs on the locale fails.
func changeCase(m *machine, b []byte, upper bool) value {
	buf := m.buf
	for _, r := range string(b) {
		switch {
		case r >= utf8.RuneSelf:
			if upper && unicode.ToUpper(r) != r || !upper && unicode.ToLower(r) != r || r == 'ß' && upper {
				return m.fail(errLocale)
			}
			buf = utf8.AppendRune(buf, r)
		case upper && r >= 'a' && r <= 'z':
			buf = append(buf, byte(r-'a'+'A'))
		case !upper && r >= 'A' && r <= 'Z':
			buf = append(buf, byte(r-'A'+'a'))
		default:
			buf = append(buf, byte(r))
		}
	}
	return m.take(buf)
}

// textFunction compiles functions of texts.
func (c *compiler) textFunction(name string, args []node) (node, bool, error) {
	if len(args) == 0 {
		return node{}, false, nil
	}
	args = slices.Clone(args)
	if args[0].t.kind == kUnknown {
		var err error
		if args[0], err = c.known(args[0]); err != nil {
			return args[0], true, err
		}
	}
	if args[0].t.kind == kBytes {
		return c.bytesFunction(name, args)
	}
	if name == "concat" || name == "concat_ws" {
		return c.concatAll(name == "concat_ws", args)
	}
	if !args[0].t.text() {
		return node{}, false, nil
	}
	strict := func(t *typ, f func(m *machine, v []value) value, types ...*typ) (node, bool, error) {
		if len(types) != len(args) {
			return node{}, false, nil
		}
		n, err := c.strict(t, args, types, f)
		return n, true, err
	}
	// A char(n) is taken as text, without its trailing blanks, but for octet_length and bit_length.
	T, I := textType, int4Type
	if name == "octet_length" || name == "bit_length" {
		bits := int64(1)
		if name == "bit_length" {
			bits = 8
		}
		return strict(I, func(m *machine, v []value) value { return integer(bits * int64(len(v[0].b))) }, args[0].t)
	}
	if args[0].t.bytes {
		t := *textType
		t.bytes = true
		T = &t
	}
	switch name {
	case "length", "char_length", "character_length":
		return strict(I, func(m *machine, v []value) value { return integer(runes(v[0].b)) }, T)
	case "lower", "upper":
		return strict(T, func(m *machine, v []value) value { return changeCase(m, v[0].b, name == "upper") }, T)
	case "btrim", "trim", "ltrim", "rtrim":
		return c.trim(name, args, T)
	case "reverse":
		return strict(T, func(m *machine, v []value) value {
			r := []rune(string(v[0].b))
			slices.Reverse(r)
			return text([]byte(string(r)))
		}, T)
	case "left", "right":
		return strict(T, func(m *machine, v []value) value {
			n, k := runes(v[0].b), v[1].n
			if k < 0 {
				k = max(n+k, 0)
			}
			if name == "left" {
				return text(firstRunes(v[0].b, k))
			}
			return text(v[0].b[len(firstRunes(v[0].b, max(n-k, 0))):])
		}, T, I)
	case "substr", "substring":
		return c.substring(args, T)
	case "strpos":
		return strict(I, func(m *machine, v []value) value {
			i := bytes.Index(v[0].b, v[1].b)
			if i < 0 {
				return integer(0)
			}
			return integer(runes(v[0].b[:i]) + 1)
		}, T, textType)
	case "replace":
		return strict(T, func(m *machine, v []value) value {
			if len(v[1].b) == 0 {
				return v[0]
			}
			return text(bytes.ReplaceAll(v[0].b, v[1].b, v[2].b))
		}, T, textType, textType)
	case "translate":
		return strict(T, func(m *machine, v []value) value {
			from, to := []rune(string(v[1].b)), []rune(string(v[2].b))
			return text(bytes.Map(func(r rune) rune {
				if i := slices.Index(from, r); i >= len(to) {
					return -1
				} else if i >= 0 {
					return to[i]
				}
				return r
			}, v[0].b))
		}, T, textType, textType)
	case "starts_with":
		return strict(boolType, func(m *machine, v []value) value { return boolean(bytes.HasPrefix(v[0].b, v[1].b)) }, T, textType)
	case "split_part":
		return strict(T, func(m *machine, v []value) value {
			if v[2].n <= 0 {
				return m.fail(unknown("split_part from the end"))
			}
			if len(v[1].b) == 0 {
				return m.fail(unknown("split_part by nothing"))
			}
			parts := bytes.Split(v[0].b, v[1].b)
			if v[2].n > int64(len(parts)) {
				return text(nil)
			}
			return text(parts[v[2].n-1])
		}, T, textType, I)
	case "repeat":
		return strict(T, func(m *machine, v []value) value {
			if v[1].n*int64(len(v[0].b)) > 1<<20 {
				return m.fail(errRange)
			}
			return text(bytes.Repeat(v[0].b, int(max(v[1].n, 0))))
		}, T, I)
	case "ascii":
		return strict(I, func(m *machine, v []value) value {
			if len(v[0].b) == 0 {
				return integer(0)
			}
			r, _ := utf8.DecodeRune(v[0].b)
			return integer(int64(r))
		}, T)
	case "md5":
		return strict(T, func(m *machine, v []value) value {
			sum := md5.Sum(v[0].b)
			return m.take(hex.AppendEncode(m.buf, sum[:]))
		}, T)
	case "like_escape", "similar_to_escape", "similar_escape":
		return c.escapePattern(name, args)
	case "regexp_like", "regexp_replace", "regexp_match":
		n, err := c.regexFunction(name, args)
		return n, true, err
	}
	return node{}, false, nil
}

// concatAll compiles concat and concat_ws, to which nulls are nothing.
func (c *compiler) concatAll(separated bool, args []node) (node, bool, error) {
	for i := range args {
		var err error
		if args[i], err = c.known(args[i]); err == nil && !args[i].t.text() {
			if k := args[i].t.kind; k != kInt && k != kNumeric && k != kUUID && k != kDate && k != kEnum {
				err = unknown("concat over %s", args[i].t.name)
			} else {
				args[i], err = convert(args[i], textType, nil)
			}
		}
		if err != nil {
			return args[i], true, err
		}
	}
	return fold(node{t: textType, eval: func(m *machine) value {
		from := len(m.stack)
		for i := range args {
			m.stack = append(m.stack, args[i].eval(m))
		}
		parts := m.stack[from:]
		var sep []byte
		if separated {
			if parts[0].null {
				m.stack = m.stack[:from]
				return null
			}
			sep, parts = parts[0].b, parts[1:]
		}
		buf, first := m.buf, true
		for _, p := range parts {
			if p.null {
				continue
			}
			if !first {
				buf = append(buf, sep...)
			}
			buf, first = append(buf, p.b...), false
		}
		m.stack = m.stack[:from]
		return m.take(buf)
	}}, args...), true, nil
}

// trim compiles btrim, ltrim and rtrim: of blanks, or of any of the characters of the second argument.
func (c *compiler) trim(name string, args []node, t *typ) (node, bool, error) {
	types := []*typ{t, textType}
	if len(args) == 1 {
		args = append(args, constant(textType, text([]byte(" "))))
	}
	if len(args) != 2 {
		return node{}, false, nil
	}
	n, err := c.strict(t, args, types, func(m *machine, v []value) value {
		b, set := v[0].b, string(v[1].b)
		if set == "" {
			return v[0]
		}
		if name != "rtrim" {
			b = bytes.TrimLeft(b, set)
		}
		if name != "ltrim" {
			b = bytes.TrimRight(b, set)
		}
		return text(b)
	})
	return n, true, err
}

// substring compiles substr and substring: by places, or by a regular expression.
func (c *compiler) substring(args []node, t *typ) (node, bool, error) {
	if len(args) == 2 && (args[1].t.kind == kUnknown || args[1].t.text()) {
		n, err := c.regexFunction("substring", args)
		return n, true, err
	}
	types := []*typ{t, int4Type, int4Type}
	if len(args) != 2 && len(args) != 3 {
		return node{}, false, nil
	}
	n, err := c.strict(t, args, types[:len(args)], func(m *machine, v []value) value {
		from, end := v[1].n, int64(math.MaxInt64)
		if len(v) == 3 {
			if v[2].n < 0 {
				return m.fail(errRange)
			}
			end = from + v[2].n
		}
		if end <= 1 {
			return text(nil)
		}
		from = max(from, 1)
		if end <= from {
			return text(nil)
		}
		rest := v[0].b[len(firstRunes(v[0].b, from-1)):]
		return text(firstRunes(rest, end-from))
	})
	return n, true, err
}

// escapePattern compiles what PostgreSQL makes of LIKE ... ESCAPE and SIMILAR TO.
func (c *compiler) escapePattern(name string, args []node) (node, bool, error) {
	for i := range args {
		n, err := c.known(args[i])
		if err != nil {
			return n, true, err
		}
		if args[i] = n; n.konst == nil || n.konst.null {
			return n, true, unknown("a pattern that is computed")
		}
	}
	escape := '\\'
	if len(args) == 2 {
		r := []rune(string(args[1].konst.b))
		if len(r) > 1 {
			return node{}, true, unknown("an escape of several characters")
		}
		escape = 0
		if len(r) == 1 {
			escape = r[0]
		}
	}
	pattern := string(args[0].konst.b)
	if name != "like_escape" {
		re, err := similar(pattern, escape)
		if err != nil {
			return node{}, true, unknown("SIMILAR TO (%v)", err)
		}
		return constant(textType, text([]byte(re))), true, nil
	}
	var b strings.Builder // the same pattern with a backslash for its escape
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(`\` + string(r))
			escaped = false
		case escape != 0 && r == escape:
			escaped = true
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteRune(r)
		}
	}
	return constant(textType, text([]byte(b.String()))), true, nil
}

// regexFunction compiles functions that take a regular expression, which must be a constant.
func (c *compiler) regexFunction(name string, args []node) (node, error) {
	var err error
	for i := range args {
		if args[i].t.kind == kUnknown {
			if args[i], err = c.known(args[i]); err != nil {
				return node{}, err
			}
		}
		if !args[i].t.text() || i > 0 && (args[i].konst == nil || args[i].konst.null) {
			return node{}, unknown("the function %s in this form", name)
		}
	}
	flags := ""
	if n := map[string]int{"regexp_like": 2, "regexp_match": 2, "regexp_replace": 3, "substring": 2}[name]; len(args) < n {
		return node{}, unknown("the function %s in this form", name)
	} else if len(args) == n+1 && name != "substring" {
		flags = string(args[n].konst.b)
	} else if len(args) != n {
		return node{}, unknown("the function %s in this form", name)
	}
	if strings.Trim(flags, "gi") != "" {
		return node{}, unknown("the flags %q of %s", flags, name)
	}
	re, err := translate(string(args[1].konst.b), strings.Contains(flags, "i"))
	if err != nil {
		return node{}, unknown("the pattern (%v)", err)
	}
	x, err := convert(args[0], textType, nil)
	if err != nil {
		return x, err
	}
	if name == "regexp_like" {
		return strict1(boolType, x, func(m *machine, a value) value {
			ok, err := re.match(a.b)
			if err != nil {
				return m.fail(err)
			}
			return boolean(ok)
		}), nil
	}
	if name == "regexp_match" { // of which only whether it is null is known
		return strict1(&typ{kind: kOpaque, name: "text[] of regexp_match"}, x, func(m *machine, a value) value {
			ok, err := re.match(a.b)
			if err != nil {
				return m.fail(err)
			}
			return value{null: !ok}
		}), nil
	}
	if re.lazy || re.groups > 0 {
		return node{}, unknown("the function %s with a group or a non-greedy quantifier", name)
	}
	re.Longest() // as POSIX has it
	switch name {
	case "substring":
		return strict1(textType, x, func(m *machine, a value) value {
			if err := re.sure(a.b); err != nil {
				return m.fail(err)
			}
			at := re.FindIndex(a.b)
			if at == nil {
				return null
			}
			return text(a.b[at[0]:at[1]])
		}), nil
	case "regexp_replace":
		by := args[2].konst.b
		if bytes.ContainsRune(by, '\\') || re.Match(nil) {
			return node{}, unknown("regexp_replace in this form")
		}
		all := strings.Contains(flags, "g")
		return strict1(textType, x, func(m *machine, a value) value {
			if err := re.sure(a.b); err != nil {
				return m.fail(err)
			}
			n := 1
			if all {
				n = -1
			}
			buf, from := m.buf, 0
			for _, at := range re.FindAllIndex(a.b, n) {
				buf = append(append(buf, a.b[from:at[0]]...), by...)
				from = at[1]
			}
			return m.take(append(buf, a.b[from:]...))
		}), nil
	}
	return node{}, unknown("the function %s", name)
}

func (c *compiler) bytesFunction(name string, args []node) (node, bool, error) {
	if len(args) != 1 {
		return node{}, false, nil
	}
	switch name {
	case "length", "octet_length":
		return strict1(int4Type, args[0], func(m *machine, a value) value { return integer(int64(len(a.b))) }), true, nil
	case "bit_length":
		return strict1(int4Type, args[0], func(m *machine, a value) value { return integer(8 * int64(len(a.b))) }), true, nil
	}
	return node{}, false, nil
}
