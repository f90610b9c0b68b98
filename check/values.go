package check

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// Keyed is a compiled expression of any type whose values are told apart. It is immutable and may be shared.
type Keyed struct {
	*Program
	Plain bool // it is a column, or one with what stands in place of a null
	key   func(buf []byte, v value) ([]byte, bool)
}

// CompileKeyed compiles an expression over the columns of t, generated ones put in their places.
func CompileKeyed(t *schema.Table, expression string, o Options) (*Keyed, error) {
	e, err := Parse(expression, o.SQLite)
	if err != nil {
		return nil, unknown("the form of %s (%v)", bound.Short(expression), err)
	}
	e = computed(t, e, o.SQLite)
	if _, ok := e.(*NullTest); ok {
		return nil, unknown("a value in %s, which says whether there is one", bound.Short(expression))
	}
	out := &Keyed{Plain: isPlain(e), key: sKey}
	if o.SQLite {
		c := &sCompiler{table: t, options: o}
		n, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		out.Program = &Program{Expression: expression, Columns: c.columns, ReadsTime: c.readsTime, eval: n.eval}
		return out, nil
	}
	e = sqlexpr.Replace(e, func(e Expr) Expr { // date(at) is at::date
		if x, ok := e.(*Call); ok && x.Schema == "" && x.Name == "date" && len(x.Args) == 1 {
			return &Cast{X: x.Args[0], Type: TypeName{Name: "date"}}
		}
		return e
	})
	c := &compiler{table: t, options: o}
	n, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	switch n.t.kind {
	case kBool, kInt, kDate, kTime, kTimestamp, kEnum:
		out.key = numberKey
	case kFloat:
		out.key = floatKey
	case kNumeric:
		out.key = numericKey
	case kText, kUUID, kBytes:
		out.key = func(buf []byte, v value) ([]byte, bool) { return append(buf, v.b...), true }
	default:
		return nil, unknown("a way to tell values of the type %s apart", n.t.name)
	}
	out.Program = &Program{Expression: expression, Columns: c.columns, ReadsTime: c.readsTime, eval: n.eval}
	return out, nil
}

// isPlain tells whether an expression is a column, or coalesce of one and a constant.
func isPlain(e Expr) bool {
	switch x := e.(type) {
	case *ColumnRef:
		return true
	case *Call:
		return (x.Name == "coalesce" || x.Name == "ifnull") && len(x.Args) == 2 && isPlain(x.Args[0]) && len(Columns(x.Args[1])) == 0
	}
	return false
}

func numberKey(buf []byte, v value) ([]byte, bool) {
	return binary.BigEndian.AppendUint64(buf, uint64(v.n)), true
}

// floatKey is the same of both zeros, and of whatever is no number.
func floatKey(buf []byte, v value) ([]byte, bool) {
	f := v.float()
	switch {
	case f == 0:
		f = 0
	case math.IsNaN(f):
		f = math.NaN()
	}
	return binary.BigEndian.AppendUint64(buf, math.Float64bits(f)), true
}

func numericKey(buf []byte, v value) ([]byte, bool) {
	for v.x == nil && v.n%10 == 0 && v.scale > 0 {
		v.n, v.scale = v.n/10, v.scale-1
	}
	return fmt.Appendf(buf, "%d/%d", v.n, v.scale), v.x == nil
}

// sKey is that of a value of SQLite, where whole numbers of both kinds are the same.
func sKey(buf []byte, v value) ([]byte, bool) {
	if v.scale == sReal {
		if f := v.float(); f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			v = sInt(int64(f))
		}
	}
	buf = append(buf, byte(v.scale))
	if v.scale == sInteger || v.scale == sReal {
		return numberKey(buf, v)
	}
	return append(buf, v.b...), true
}

// Key appends what tells the expression's value in row i of cells apart from others.
func (p *Keyed) Key(buf []byte, e *Evaluator, cells []*column.Vec, i int) ([]byte, error) {
	m := &e.m
	m.cells, m.row, m.err, m.buf, m.stack = cells, i, nil, m.buf[:0], m.stack[:0]
	v := e.program.eval(m)
	switch {
	case m.err != nil:
		return buf, m.err
	case v.null:
		return append(buf, 0), nil
	}
	buf, ok := p.key(append(buf, 1), v)
	if !ok {
		return buf, unknown("so large a number")
	}
	return buf, nil
}
