package check

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	if k := functions[name]; k != nil && k.text != nil {
		of := func(t *typ) *typ {
			if t == firstType {
				return T
			}
			return t
		}
		takes := make([]*typ, len(k.text.takes))
		for i, t := range k.text.takes {
			takes[i] = of(t)
		}
		return strict(of(k.text.gives), k.text.eval, takes...)
	}
	switch name {
	case "lower", "upper":
		return strict(T, func(m *machine, v []value) value { return changeCase(m, v[0].b, name == "upper") }, T)
	case "btrim", "trim", "ltrim", "rtrim":
		return c.trim(name, args, T)
	case "substr", "substring":
		return c.substring(args, T)
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
