package gen

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"github.com/sowerdata/sower/column"
)

// calls are the functions of expressions, with the numbers of arguments that they take.
var calls = map[string]struct {
	least, most int
	make        func(terms []*term) (*term, error)
}{
	"lower":    {1, 1, textCall(unicode.ToLower)},
	"upper":    {1, 1, textCall(unicode.ToUpper)},
	"trim":     {1, 1, trim},
	"length":   {1, 1, length},
	"len":      {1, 1, length},
	"prefix":   {2, 2, prefixCall},
	"left":     {2, 2, prefixCall},
	"suffix":   {2, 2, suffixCall},
	"right":    {2, 2, suffixCall},
	"substr":   {2, 3, substr},
	"split":    {3, 3, split},
	"lpad":     {2, 3, pad(true)},
	"rpad":     {2, 3, pad(false)},
	"md5":      {1, 1, md5Of},
	"concat":   {1, 64, concat},
	"replace":  {3, 3, replace},
	"text":     {1, 1, func(t []*term) (*term, error) { return convert(t[0], column.Text) }},
	"string":   {1, 1, func(t []*term) (*term, error) { return convert(t[0], column.Text) }},
	"round":    {1, 2, round},
	"floor":    {1, 1, whole(false)},
	"ceil":     {1, 1, whole(true)},
	"abs":      {1, 1, absolute},
	"min":      {1, 64, extreme(-1)},
	"max":      {1, 64, extreme(1)},
	"coalesce": {1, 64, coalesce},
	"date":     {1, 1, dateOf},
	"trunc":    {2, 2, truncated},
	"plus":     {3, 3, plus},
	"elapsed":  {3, 3, elapsed},
	"epoch":    {1, 1, epochOf},
	"format":   {2, 2, formatted},
	"year":     {1, 1, momentField("year")},
	"quarter":  {1, 1, momentField("quarter")},
	"month":    {1, 1, momentField("month")},
	"week":     {1, 1, momentField("week")},
	"weekday":  {1, 1, momentField("weekday")},
	"yearday":  {1, 1, momentField("yearday")},
	"day":      {1, 1, momentField("day")},
	"hour":     {1, 1, momentField("hour")},
	"minute":   {1, 1, momentField("minute")},
	"second":   {1, 1, momentField("second")},
}

func (c *exprCompiler) call(name string, args []ast.Node) (*term, error) {
	if name == "cell" {
		if len(args) == 1 {
			if path, ok := args[0].(*ast.StringNode); ok {
				return c.input(path.Value)
			}
		}
		return nil, fmt.Errorf("cell wants the path of a cell, as in cell(\"created_at\")")
	}
	f, ok := calls[name]
	if !ok {
		var names []string
		for known := range calls {
			names = append(names, known)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("the function %s is unknown: there are cell, %s", name, strings.Join(names, ", "))
	}
	if len(args) < f.least || len(args) > f.most {
		if f.least == f.most {
			return nil, fmt.Errorf("%s takes %d arguments, not %d", name, f.least, len(args))
		}
		return nil, fmt.Errorf("%s takes %d to %d arguments, not %d", name, f.least, f.most, len(args))
	}
	terms, err := c.compileAll(args...)
	if err != nil {
		return nil, err
	}
	t, err := callOf(name, terms)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// callOf calls a function. It is null where an argument is; only coalesce looks further.
func callOf(name string, terms []*term) (*term, error) {
	nulls := strict(terms...)
	if name == "coalesce" {
		nulls = firstOf(terms...)
	}
	t, err := calls[name].make(terms)
	if err != nil {
		return nil, err
	}
	t.null = nulls
	return t, nil
}

func wantText(t *term) error {
	if t.kind != column.Text {
		return fmt.Errorf("of %s: a text is wanted", aKind(t.kind))
	}
	return nil
}

func wantNumber(t *term) error {
	if !isNumber(t.kind) {
		return fmt.Errorf("of %s: a number is wanted", aKind(t.kind))
	}
	return nil
}

// textCall maps characters. Databases know other alphabets than Go, so that it has no SQL.
func textCall(to func(rune) rune) func([]*term) (*term, error) {
	return func(terms []*term) (*term, error) {
		t := terms[0]
		if err := wantText(t); err != nil {
			return nil, err
		}
		return &term{kind: column.Text, maxLen: t.maxLen, sql: noSQL, eval: func(m *machine) value {
			v := t.eval(m)
			if v.null {
				return v
			}
			begin := len(m.buf)
			for at := 0; at < len(v.s); {
				r, n := utf8.DecodeRune(v.s[at:])
				m.buf = utf8.AppendRune(m.buf, to(r))
				at += n
			}
			return value{s: m.buf[begin:]}
		}}, nil
	}
}

// trim cuts blanks off both ends, as SQL does: no tabs, no ends of lines.
func trim(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantText(t); err != nil {
		return nil, err
	}
	return &term{kind: column.Text, maxLen: t.maxLen, sql: wrapSQL(t, "trim(%s)"), eval: func(m *machine) value {
		v := t.eval(m)
		v.s = bytes.Trim(v.s, " ")
		return v
	}}, nil
}

// replace puts one text in the place of another.
func replace(terms []*term) (*term, error) {
	t, from, to := terms[0], terms[1], terms[2]
	if err := wantText(t); err != nil {
		return nil, err
	}
	if from.kind != column.Text || to.kind != column.Text || from.fixed == nil || to.fixed == nil || len(from.fixed.s) == 0 {
		return nil, fmt.Errorf("what is replaced, and by what, must be texts, as in replace(name, \" \", \"-\")")
	}
	out := &term{kind: column.Text, sql: joinSQL("replace(%s, %s, %s)", terms...), eval: func(m *machine) value {
		v := t.eval(m)
		if !v.null {
			v.s = bytes.ReplaceAll(v.s, from.fixed.s, to.fixed.s)
		}
		return v
	}}
	if to.maxLen <= from.maxLen {
		out.maxLen = t.maxLen
	}
	return out, nil
}

func length(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantText(t); err != nil {
		return nil, err
	}
	out := &term{kind: column.Int, eval: func(m *machine) value {
		v := t.eval(m)
		return value{null: v.null, i: int64(utf8.RuneCount(v.s))}
	}}
	out.sql = func(d Dialect, in []string) string {
		if x := t.sql(d, in); x != "" {
			return d.Length(x)
		}
		return ""
	}
	return out, nil
}

func prefixCall(terms []*term) (*term, error) {
	t, n := terms[0], terms[1]
	if err := wantText(t); err != nil {
		return nil, err
	}
	if n.kind != column.Int || n.fixed == nil || n.fixed.i < 0 || n.fixed.i > math.MaxInt32 {
		return nil, fmt.Errorf("the number of characters must be a number, as in prefix(name, 3)")
	}
	characters := int(n.fixed.i)
	out := &term{kind: column.Text, maxLen: characters, eval: func(m *machine) value {
		v := t.eval(m)
		v.s = runePrefix(v.s, characters)
		return v
	}}
	if t.maxLen > 0 {
		out.maxLen = min(out.maxLen, t.maxLen)
	}
	out.sql = func(d Dialect, in []string) string {
		if x := t.sql(d, in); x != "" {
			return d.Prefix(x, characters)
		}
		return ""
	}
	return out, nil
}

// concat joins texts; what is no text becomes one.
func concat(terms []*term) (*term, error) {
	known := true
	out := &term{kind: column.Text}
	var marks []string
	for i, t := range terms {
		u, err := convert(t, column.Text)
		if err != nil {
			return nil, err
		}
		terms[i] = u
		known = known && (u.maxLen > 0 || u.fixed != nil)
		out.maxLen += u.maxLen
		marks = append(marks, "%s")
	}
	if !known {
		out.maxLen = 0
	}
	out.sql = joinSQL("("+strings.Join(marks, " || ")+")", terms...)
	out.eval = func(m *machine) value {
		// All parts first, since they make texts too, in the same buffer.
		first := len(m.parts)
		for _, t := range terms {
			v := t.eval(m)
			if v.null {
				m.parts = m.parts[:first]
				return null
			}
			m.parts = append(m.parts, v.s)
		}
		begin := len(m.buf)
		for _, part := range m.parts[first:] {
			m.buf = append(m.buf, part...)
		}
		m.parts = m.parts[:first]
		return value{s: m.buf[begin:]}
	}
	return out, nil
}

// round gives an integer, or with a number of digits a decimal or a float; halves go away from zero.
func round(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantNumber(t); err != nil {
		return nil, err
	}
	if len(terms) == 1 {
		if t.kind == column.Int {
			return t, nil
		}
		return &term{kind: column.Int, eval: func(m *machine) value {
			v := t.eval(m)
			switch {
			case v.null:
				return v
			case t.kind == column.Decimal:
				return m.rescale(v, 0)
			}
			return m.floatInt(math.Round(v.f))
		}, sql: decimalSQL(t, "cast(round(%s) as bigint)")}, nil
	}
	n := terms[1]
	if n.kind != column.Int || n.fixed == nil || n.fixed.i < 0 || n.fixed.i > mostScale {
		return nil, fmt.Errorf("the number of digits must be a number from 0 to %d, as in round(price, 2)", mostScale)
	}
	scale := int32(n.fixed.i)
	switch t.kind {
	case column.Int:
		return t, nil
	case column.Decimal:
		return &term{kind: column.Decimal, eval: func(m *machine) value { return m.rescale(t.eval(m), scale) },
			sql: decimalSQL(t, fmt.Sprintf("round(%%s, %d)", scale))}, nil
	}
	return &term{kind: column.Float, sql: noSQL, eval: func(m *machine) value {
		v := t.eval(m)
		v.f = math.Round(float64(v.f*float64(powers[scale]))) / float64(powers[scale])
		return v
	}}, nil
}

// decimalSQL is SQL of decimals; floats are rounded differently by each database.
func decimalSQL(t *term, format string) func(Dialect, []string) string {
	if t.kind != column.Decimal {
		return noSQL
	}
	return postgresOnly(wrapSQL(t, format))
}

// whole is floor and ceil.
func whole(up bool) func([]*term) (*term, error) {
	return func(terms []*term) (*term, error) {
		t := terms[0]
		if err := wantNumber(t); err != nil {
			return nil, err
		}
		if t.kind == column.Int {
			return t, nil
		}
		format, round := "cast(floor(%s) as bigint)", math.Floor
		if up {
			format, round = "cast(ceil(%s) as bigint)", math.Ceil
		}
		return &term{kind: column.Int, sql: postgresOnly(wrapSQL(t, format)), eval: func(m *machine) value {
			v := t.eval(m)
			switch {
			case v.null:
				return v
			case t.kind == column.Decimal:
				return toward(v, up)
			}
			return m.floatInt(round(v.f))
		}}, nil
	}
}

func absolute(terms []*term) (*term, error) {
	t := terms[0]
	if err := wantNumber(t); err != nil {
		return nil, err
	}
	return &term{kind: t.kind, sql: wrapSQL(t, "abs(%s)"), eval: func(m *machine) value {
		v := t.eval(m)
		if v.i < 0 {
			v.i = m.subInt(0, v.i)
		}
		v.f = math.Abs(v.f)
		return v
	}}, nil
}

// extreme is max (1) and min (-1). Unlike SQL's, they are null where one of the values is.
func extreme(sign int) func([]*term) (*term, error) {
	return func(terms []*term) (*term, error) {
		kind, err := unify("comparison", terms)
		if err != nil {
			return nil, err
		}
		out := &term{kind: kind, maxLen: longest(terms), sql: extremeSQL(sign, kind, terms)}
		out.eval = func(m *machine) value {
			best := terms[0].eval(m)
			for _, t := range terms[1:] {
				v := t.eval(m)
				if best.null || v.null {
					return null
				}
				if compare(kind, v, best) == sign {
					best = v
				}
			}
			return best
		}
		return out, nil
	}
}

func extremeSQL(sign int, kind column.Kind, terms []*term) func(Dialect, []string) string {
	return func(d Dialect, in []string) string {
		if kind >= column.UUID || sign < 0 && !isNumber(kind) {
			return ""
		}
		var known, xs []string
		for _, t := range terms {
			x := t.sql(d, in)
			if x == "" {
				return ""
			}
			known = append(known, x+" is not null")
			if sign < 0 {
				x = "-(" + x + ")"
			}
			xs = append(xs, x)
		}
		best := d.Greatest(xs...)
		if sign < 0 {
			best = "-(" + best + ")"
		}
		return "(case when " + strings.Join(known, " and ") + " then " + best + " end)"
	}
}

// coalesce gives the first value that is not null.
func coalesce(terms []*term) (*term, error) {
	kind, err := unify("coalesce", terms)
	if err != nil {
		return nil, err
	}
	var marks []string
	for range terms {
		marks = append(marks, "%s")
	}
	return &term{
		kind: kind, maxLen: longest(terms),
		sql: joinSQL("coalesce("+strings.Join(marks, ", ")+")", terms...),
		eval: func(m *machine) value {
			for _, t := range terms {
				if v := t.eval(m); !v.null {
					return v
				}
			}
			return null
		},
	}, nil
}
