package check

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// column compiles a column; a quoted name that no column has is a string.
func (c *sCompiler) column(e *ColumnRef) (snode, error) {
	var sc *schema.Column
	for _, k := range c.table.Columns {
		if strings.EqualFold(k.Name, e.Name) {
			sc = k
		}
	}
	if sc == nil {
		if e.Quoted && e.Table == "" {
			return sConstant(sString([]byte(e.Name))), nil
		}
		return snode{}, unknown("the column %s", e.Name)
	}
	at := -1
	for i, name := range c.columns {
		if name == sc.Name {
			at = i
		}
	}
	if at < 0 {
		at = len(c.columns)
		c.columns = append(c.columns, sc.Name)
	}
	n := sColumn(sc)
	n.eval = func(m *machine) value { return sLoad(m, m.cells[at], m.row, n.aff) }
	return n, nil
}

func sColumn(sc *schema.Column) snode {
	n := snode{aff: affinityOf(sc.Type.Name), column: true}
	switch strings.ToUpper(sc.Collation) {
	case "NOCASE":
		n.nocase = true
	case "RTRIM":
		n.rtrim = true
	}
	return n
}

// sLoad gives a cell as SQLite stores it in a column with an affinity.
func sLoad(m *machine, v *column.Vec, row int, aff affinity) value {
	if v.Null(row) {
		return null
	}
	var out value
	switch v.Kind {
	case column.Bool, column.Int:
		out = sInt(v.Ints[row])
	case column.Float:
		out = sFloat(v.Floats[row])
	case column.Decimal:
		if aff < numericAffinity {
			return sString(m.take(v.AppendText(m.buf, row)).b)
		}
		d := value{n: v.Ints[row], scale: v.Scale}
		if whole := truncNumeric(d, 0, 0); compareNumeric(whole, d) == 0 && whole.x == nil {
			out = sInt(whole.n)
		} else {
			out = sFloat(toFloat(d))
		}
	case column.Bytes:
		return value{scale: sBlob, b: v.Bytes(row)}
	case column.Text, column.JSON, column.Literal:
		out = sString(v.Bytes(row))
	default:
		out = sString(m.take(v.AppendText(m.buf, row)).b)
	}
	return sApply(out, aff)
}

func (c *sCompiler) list(in []Expr) ([]snode, error) {
	out := make([]snode, len(in))
	for i, e := range in {
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// compile compiles any expression.
func (c *sCompiler) compile(e Expr) (snode, error) {
	if c.parts++; c.parts > bound.Parts {
		return snode{}, unknown("an expression of more than %d parts", bound.Parts)
	}
	switch e := e.(type) {
	case *Literal:
		return sLiteral(e)
	case *ColumnRef:
		return c.column(e)
	case *fixedCell:
		sc := c.table.Column(e.column)
		if sc == nil {
			return snode{}, unknown("the column %s", e.column)
		}
		vec, err := cellOf(e.t, sc, e.text)
		if err != nil {
			return snode{}, err
		}
		n := sColumn(sc)
		v := sLoad(&machine{}, vec, 0, n.aff)
		n.konst, n.eval = &v, func(*machine) value { return v }
		return n, nil
	case *Logic:
		args, err := c.list(e.List)
		if err != nil {
			return snode{}, err
		}
		settles := int64(0)
		if e.Or {
			settles = 1
		}
		return sFold(snode{eval: func(m *machine) value {
			out := sInt(1 - settles)
			for i := range args {
				switch v := sTruth(args[i].eval(m)); {
				case v.null:
					out = null
				case v.n == settles:
					return v
				}
			}
			return out
		}}, args...), nil
	case *Not:
		return c.one(e.X, func(m *machine, v value) value {
			if v = sTruth(v); !v.null {
				v.n = 1 - v.n
			}
			return v
		})
	case *NullTest:
		return c.one(e.X, func(m *machine, v value) value { return sBool(v.null != e.Not) })
	case *BoolTest:
		return c.one(e.X, func(m *machine, v value) value {
			v = sTruth(v)
			is := e.Is == "true"
			return sBool((!v.null && (v.n != 0) == is) != e.Not)
		})
	case *DistinctFrom:
		return c.two(e.L, e.R, func(l, r snode) (func(*machine, value, value) value, error) {
			cmp := sComparison("=", l, r)
			return func(m *machine, a, b value) value {
				if a.null || b.null {
					return sBool((a.null != b.null) != e.Not)
				}
				return sBool(!cmp(a, b) != e.Not)
			}, nil
		})
	case *Unary:
		return c.one(e.X, func(m *machine, v value) value {
			if v.null {
				return v
			}
			v = sNumber(v)
			switch {
			case e.Op == "~":
				return sInt(^sInteger64(v))
			case v.scale == sReal:
				return sFloat(-v.float())
			case v.n == math.MinInt64:
				return sFloat(-float64(v.n))
			}
			return sInt(-v.n)
		})
	case *Binary:
		return c.binary(e)
	case *AnyOf:
		return c.anyOf(e)
	case *CaseWhen:
		return c.caseWhen(e)
	case *Cast:
		n, err := c.one(e.X, sCast(affinityOf(e.Type.Name)))
		n.aff = affinityOf(e.Type.Name)
		return n, err
	case *Collate:
		n, err := c.compile(e.X)
		n.stated, n.nocase, n.rtrim = true, strings.EqualFold(e.Name, "nocase"), strings.EqualFold(e.Name, "rtrim")
		if !n.nocase && !n.rtrim && !strings.EqualFold(e.Name, "binary") {
			return n, unknown("the collation %s", e.Name)
		}
		return n, err
	case *Call:
		return c.call(e)
	}
	return snode{}, unknown("the form %s", e)
}

func sLiteral(e *Literal) (snode, error) {
	switch e.Kind {
	case NullLiteral:
		return sConstant(null), nil
	case BoolLiteral:
		return sConstant(sBool(strings.EqualFold(e.Text, "true"))), nil
	case StringLiteral:
		return sConstant(sString([]byte(e.Text))), nil
	case NumberLiteral:
		if n, err := strconv.ParseInt(e.Text, 0, 64); err == nil && (!strings.HasPrefix(strings.TrimPrefix(e.Text, "-"), "0") || strings.ContainsAny(e.Text, "xX")) {
			return sConstant(sInt(n)), nil
		}
		if n, err := strconv.ParseInt(e.Text, 10, 64); err == nil {
			return sConstant(sInt(n)), nil
		}
		f, err := strconv.ParseFloat(e.Text, 64)
		if err == nil {
			return sConstant(sFloat(f)), nil
		}
	case BytesLiteral:
		b, err := bytesType.input(`\x` + e.Text)
		if err == nil {
			return sConstant(value{scale: sBlob, b: b.b}), nil
		}
	}
	return snode{}, unknown("the literal %s", e)
}

// one compiles an expression over one operand.
func (c *sCompiler) one(e Expr, f func(*machine, value) value) (snode, error) {
	x, err := c.compile(e)
	if err != nil {
		return x, err
	}
	return sFold(snode{eval: func(m *machine) value { return f(m, x.eval(m)) }}, x), nil
}

// two compiles an expression over two operands.
func (c *sCompiler) two(le, re Expr, with func(l, r snode) (func(*machine, value, value) value, error)) (snode, error) {
	l, err := c.compile(le)
	if err != nil {
		return l, err
	}
	r, err := c.compile(re)
	if err != nil {
		return r, err
	}
	f, err := with(l, r)
	if err != nil {
		return l, err
	}
	return sFold(snode{eval: func(m *machine) value { return f(m, l.eval(m), r.eval(m)) }}, l, r), nil
}

// anyOf compiles IN and NOT IN: the list's values have no affinity.
func (c *sCompiler) anyOf(e *AnyOf) (snode, error) {
	a, ok := e.Array.(*Array)
	if !ok {
		return snode{}, unknown("the form %s", e)
	}
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	elems, err := c.list(a.List)
	if err != nil {
		return x, err
	}
	cmps := make([]func(a, b value) bool, len(elems))
	for i := range elems {
		el := elems[i]
		el.aff, el.column, el.stated = noAffinity, false, false
		cmps[i] = sComparison("=", x, el)
	}
	return sFold(snode{eval: func(m *machine) value {
		v := x.eval(m)
		if v.null && len(elems) > 0 {
			return null
		}
		out := sBool(e.All)
		for i := range elems {
			w := elems[i].eval(m)
			if w.null {
				out = null
			} else if cmps[i](v, w) {
				return sBool(!e.All)
			}
		}
		return out
	}}, append(elems, x)...), nil
}

func (c *sCompiler) caseWhen(e *CaseWhen) (snode, error) {
	var ifs, thens []snode
	for _, w := range e.Whens {
		cond := w.If
		if e.Operand != nil {
			cond = &Binary{Op: "=", L: e.Operand, R: w.If}
		}
		i, err := c.compile(cond)
		if err != nil {
			return i, err
		}
		t, err := c.compile(w.Then)
		if err != nil {
			return t, err
		}
		ifs, thens = append(ifs, i), append(thens, t)
	}
	last := sConstant(null)
	if e.Else != nil {
		var err error
		if last, err = c.compile(e.Else); err != nil {
			return last, err
		}
	}
	return sFold(snode{eval: func(m *machine) value {
		for i := range ifs {
			if sTruth(ifs[i].eval(m)).isTrue() {
				return thens[i].eval(m)
			}
		}
		return last.eval(m)
	}}, append(append(ifs[:len(ifs):len(ifs)], thens...), last)...), nil
}

func sCast(to affinity) func(*machine, value) value {
	return func(m *machine, v value) value {
		if v.null {
			return v
		}
		switch to {
		case textAffinity, blobAffinity:
			b, ok := sTextOf(v)
			if !ok {
				return m.fail(unknown("the text of a real number"))
			}
			if to == blobAffinity {
				return value{scale: sBlob, b: b}
			}
			return sString(b)
		case integerAffinity:
			if v.scale == sText || v.scale == sBlob {
				s := strings.TrimLeft(string(v.b), " \t\n\v\f\r")
				i := 0
				for i < len(s) && (digit(s[i]) || i == 0 && (s[i] == '-' || s[i] == '+')) {
					i++
				}
				n, err := strconv.ParseInt(s[:i], 10, 64)
				if err != nil && i > 0 && !strings.HasSuffix(s[:i], "-") && !strings.HasSuffix(s[:i], "+") {
					return m.fail(errRange)
				}
				return sInt(n)
			}
			return sInt(sInteger64(v))
		case realAffinity:
			v = sNumber(v)
			if v.scale == sInteger {
				return sFloat(float64(v.n))
			}
			return v
		}
		return sApply(sNumber(v), numericAffinity)
	}
}

func (c *sCompiler) now(layout string) snode {
	c.readsTime = true
	return sConstant(sString([]byte(c.options.Now.UTC().Format(layout))))
}

// layouts of CURRENT_DATE and its like.
var sNow = map[string]string{"current_date": time.DateOnly, "current_time": time.TimeOnly, "current_timestamp": time.DateTime}
