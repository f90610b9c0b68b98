package check

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// call compiles a call of one of SQLite's functions.
func (c *sCompiler) call(e *Call) (snode, error) {
	if layout := sNow[e.Name]; layout != "" && len(e.Args) == 0 {
		return c.now(layout), nil
	}
	if (e.Name == "date" || e.Name == "datetime" || e.Name == "time") && len(e.Args) == 1 {
		if l, ok := e.Args[0].(*Literal); ok && strings.EqualFold(l.Text, "now") {
			return c.now(map[string]string{"date": time.DateOnly, "datetime": time.DateTime, "time": time.TimeOnly}[e.Name]), nil
		}
	}
	args, err := c.list(e.Args)
	if err != nil {
		return snode{}, err
	}
	var f func(m *machine, v []value) value
	nulls := false // the function takes nulls
	switch e.Name {
	case "coalesce", "ifnull", "iif", "if", "nullif", "typeof", "json_valid":
		nulls = true
		f = c.nullsFunction(e.Name, args)
	default:
		f = sFunction(e.Name, args)
	}
	if f == nil {
		return snode{}, unknown("the function %s with %d arguments", e.Name, len(args))
	}
	out := snode{eval: func(m *machine) value {
		from, missing := len(m.stack), false
		for i := range args {
			v := args[i].eval(m)
			missing = missing || v.null
			m.stack = append(m.stack, v)
		}
		v := null
		if nulls || !missing {
			v = f(m, m.stack[from:])
		}
		m.stack = m.stack[:from]
		return v
	}}
	if len(args) == 0 {
		return out, nil
	}
	return sFold(out, args...), nil
}

// nullsFunction gives a function that takes nulls.
func (c *sCompiler) nullsFunction(name string, args []snode) func(m *machine, v []value) value {
	n := len(args)
	switch {
	case name == "coalesce" && n > 1, name == "ifnull" && n == 2:
		return func(m *machine, v []value) value {
			for _, x := range v {
				if !x.null {
					return x
				}
			}
			return null
		}
	case (name == "iif" || name == "if") && n == 3:
		return func(m *machine, v []value) value {
			if sTruth(v[0]).isTrue() {
				return v[1]
			}
			return v[2]
		}
	case name == "nullif" && n == 2:
		by := collating(args...)
		return func(m *machine, v []value) value {
			if !v[0].null && !v[1].null && sCompare(v[0], v[1], by.nocase, by.rtrim) == 0 {
				return null
			}
			return v[0]
		}
	case name == "typeof" && n == 1:
		return func(m *machine, v []value) value {
			if v[0].null {
				return sString([]byte("null"))
			}
			return sString([]byte([...]string{"", "integer", "real", "text", "blob"}[v[0].scale]))
		}
	case name == "json_valid" && n == 1:
		return func(m *machine, v []value) value {
			if v[0].null {
				return null
			}
			b, ok := sTextOf(v[0])
			if !ok || v[0].scale == sBlob {
				return m.fail(unknown("json_valid of this"))
			}
			_, err := decodeJSON(b)
			return sBool(err == nil)
		}
	}
	return nil
}

// sFunction gives a function that is null where an argument is.
func sFunction(name string, args []snode) func(m *machine, v []value) value {
	n := len(args)
	if k := functions[name]; k != nil && k.sqlite != nil && n >= k.sqlite.least && n <= k.sqlite.most {
		return k.sqlite.eval
	}
	switch {
	case (name == "lower" || name == "upper") && n == 1: // ASCII alone
		return func(m *machine, v []value) value {
			b := slices.Clone(sTextIn(m, v[0]))
			for i, c := range b {
				switch {
				case name == "lower" && c >= 'A' && c <= 'Z':
					b[i] = c + 'a' - 'A'
				case name == "upper" && c >= 'a' && c <= 'z':
					b[i] = c - 'a' + 'A'
				}
			}
			return sString(b)
		}
	case (name == "trim" || name == "ltrim" || name == "rtrim") && (n == 1 || n == 2):
		return func(m *machine, v []value) value {
			b, set := sTextIn(m, v[0]), " "
			if n == 2 {
				set = string(sTextIn(m, v[1]))
			}
			if name != "rtrim" {
				b = bytes.TrimLeft(b, set)
			}
			if name != "ltrim" {
				b = bytes.TrimRight(b, set)
			}
			return sString(b)
		}
	case (name == "substr" || name == "substring") && (n == 2 || n == 3):
		return func(m *machine, v []value) value {
			if v[0].scale == sBlob {
				return m.fail(unknown("substr of a blob"))
			}
			r := []rune(string(sTextIn(m, v[0])))
			from, count := sInteger64(sNumber(v[1])), int64(math.MaxInt32)
			if n == 3 {
				count = sInteger64(sNumber(v[2]))
			}
			return sString([]byte(string(sSubstr(r, from, count))))
		}
	case name == "abs" && n == 1:
		return func(m *machine, v []value) value {
			x := sNumber(v[0])
			if v[0].scale >= sText && x.scale == sInteger {
				x = sFloat(float64(x.n)) // of a text it is a real
			}
			switch {
			case x.scale == sReal:
				return sFloat(math.Abs(x.float()))
			case x.n == math.MinInt64:
				return m.fail(errRange)
			}
			return sInt(max(x.n, -x.n))
		}
	case (name == "min" || name == "max") && n > 1:
		by := collating(args...)
		return func(m *machine, v []value) value {
			out := v[0]
			for _, x := range v[1:] {
				if c := sCompare(x, out, by.nocase, by.rtrim); name == "min" && c < 0 || name == "max" && c > 0 {
					out = x
				}
			}
			return out
		}
	case name == "like" && (n == 2 || n == 3):
		return func(m *machine, v []value) value {
			escape := rune(0)
			if n == 3 {
				r := []rune(string(sTextIn(m, v[2])))
				if len(r) != 1 {
					return m.fail(unknown("an escape of several characters"))
				}
				escape = r[0]
			}
			return sLike(m, v[0], v[1], escape)
		}
	case name == "glob" && n == 2:
		return func(m *machine, v []value) value { return sGlob(m, v[0], v[1]) }
	case name == "json_type" && n == 1, name == "json_array_length" && n == 1:
		return func(m *machine, v []value) value {
			b := sTextIn(m, v[0])
			doc, err := decodeJSON(b)
			if err != nil {
				return m.fail(unknown("%s of what is no JSON", name))
			}
			if name == "json_array_length" {
				l, _ := doc.([]any)
				return sInt(int64(len(l)))
			}
			kind := typeofJSON(b)
			switch kind {
			case "string":
				kind = "text"
			case "boolean":
				kind = string(bytes.TrimSpace(b))
			case "number":
				kind = "integer"
				if bytes.ContainsAny(b, ".eE") {
					kind = "real"
				}
			}
			return sString([]byte(kind))
		}
	}
	return sMomentFunction(name, n)
}

// sTextIn gives the text of a value, and fails where only the database knows it.
func sTextIn(m *machine, v value) []byte {
	b, ok := sTextOf(v)
	if !ok {
		m.fail(unknown("the text of a real number"))
	}
	return b
}

// sSubstr is SQLite's substr, counted in characters from 1, or from the end below 0.
func sSubstr(r []rune, from, count int64) []rune {
	n := int64(len(r))
	switch {
	case from < 0:
		if from += n; from < 0 {
			if count += from; count < 0 {
				count = 0
			}
			from = 0
		}
	case from > 0:
		from--
	case count > 0:
		count--
	}
	if count < 0 {
		if from += count; from < 0 {
			count -= from
			from = 0
		}
		count = -count
		if from < 0 {
			from = 0
		}
	}
	from = min(from, n)
	return r[from:min(from+max(count, 0), n)]
}

// sLike matches LIKE, which does not regard the case of ASCII letters.
func sLike(m *machine, pattern, subject value, escape rune) value {
	p, ok1 := sTextOf(pattern)
	b, ok2 := sTextOf(subject)
	if !ok1 || !ok2 || pattern.scale == sBlob || subject.scale == sBlob {
		return m.fail(unknown("LIKE over this"))
	}
	k, err := compileLike(string(p), escape, true)
	if err != nil {
		return sBool(false)
	}
	return sBool(k.rest(k.parts, b))
}

// globRegexp translates a pattern of GLOB for package regexp.
func globRegexp(p string) (string, bool) {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(p); {
		switch c := p[i]; c {
		case '*':
			b.WriteString("(?s:.*)")
			i++
		case '?':
			b.WriteString("(?s:.)")
			i++
		case '[':
			j := i + 1
			if j < len(p) && p[j] == '^' {
				j++
			}
			if j < len(p) && p[j] == ']' {
				j++
			}
			for j < len(p) && p[j] != ']' {
				j++
			}
			if j >= len(p) {
				return "", false
			}
			inner := p[i+1 : j]
			b.WriteString("[")
			if rest, ok := strings.CutPrefix(inner, "^"); ok {
				b.WriteString("^")
				inner = rest
			}
			for _, r := range inner {
				if r == '\\' || r == '[' || r == ']' || r == '^' {
					b.WriteByte('\\')
				}
				b.WriteRune(r)
			}
			b.WriteString("]")
			i = j + 1
		default:
			_, n := utf8.DecodeRuneInString(p[i:])
			b.WriteString(regexp.QuoteMeta(p[i : i+n]))
			i += n
		}
	}
	b.WriteString("$")
	return b.String(), true
}

func sGlob(m *machine, pattern, subject value) value {
	p, ok1 := sTextOf(pattern)
	b, ok2 := sTextOf(subject)
	if !ok1 || !ok2 || pattern.scale == sBlob || subject.scale == sBlob {
		return m.fail(unknown("GLOB over this"))
	}
	re := m.globs[string(p)]
	if re == nil {
		src, ok := globRegexp(string(p))
		if !ok {
			return sBool(false)
		}
		var err error
		if re, err = regexp.Compile(src); err != nil {
			return m.fail(unknown("the GLOB pattern %s", p))
		}
		if m.globs == nil {
			m.globs = map[string]*regexp.Regexp{}
		}
		m.globs[string(p)] = re
	}
	return sBool(re.Match(b))
}

// patternSQLite holds LIKE and GLOB with a constant.
func (n *narrowing) patternSQLite(e *Binary, positive bool) outcome {
	p, ok := n.text(e.R)
	if !ok || !n.isColumn(e.L) || n.sc.Type.Kind != column.Text {
		return notTold
	}
	if e.Op == "GLOB" {
		re, ok := globRegexp(p)
		if !ok {
			return notTold
		}
		return n.pattern(re, !positive, false)
	}
	k, err := compileLike(p, 0, false)
	if err != nil {
		return notTold
	}
	return n.pattern(k.regexp(), !positive, true)
}

// momentSQLite holds a comparison of a date or timestamp, which SQLite keeps as text, with a text. Texts of one form stand in
// the order of time.
func (n *narrowing) momentSQLite(op string, x node) outcome {
	if x.t.kind != kText {
		return notTold
	}
	s := string(x.konst.b)
	day, isDay := parseDay(s)
	if len(s) != 10 || !isDay {
		v, err := timestampType.input(s)
		if err != nil || len(s) != 19 || n.t.kind != kTimestamp {
			return notTold
		}
		out, ok := timestampType.output(nil, v)
		if !ok || string(out) != s {
			return notTold
		}
	} else if n.t.kind == kTimestamp { // a day comes just before its midnight
		s = string(column.AppendTimestamp(nil, day*microsPerDay))
		switch op {
		case "=":
			return contradicts
		case "<>":
			return told
		case ">":
			op = ">="
		case "<=":
			op = "<"
		}
	}
	if op == "=" || op == "<>" {
		return n.values([]string{s}, op == "=")
	}
	return n.bound(op, s)
}
