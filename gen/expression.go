package gen

import (
	"fmt"
	"math"
	"strconv"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Expression computes a cell from other cells, in the language of github.com/expr-lang/expr as far as
// databases share it: names and paths of cells (price, creator_id.created_at, cell("any path")),
// numbers, "texts", true, false, nil; + - * / %, == != < <= > >=, in [...], and or not, ?:, ??, contains,
// startsWith, endsWith; lower, upper, trim, length, prefix (or left), suffix (or right), substr, split, lpad, rpad, md5, concat,
// replace, text, round, floor, ceil, abs, min, max, coalesce; of dates and timestamps (in UTC) date, trunc(day, "month"),
// plus(day, 30, "minute"), elapsed(from, to, "second"), epoch(at), format(day, "YYYY-MM-DD"), year, quarter, month, week,
// weekday (1 is Monday), yearday, day, hour, minute, second.
//
// Integers and decimals are exact; / gives a float, and null where it divides by zero. What reads a null
// cell is null itself, but for coalesce and ??, comparisons with nil, and "and" and "or", which are SQL's.
type Expression struct {
	Expr  string `yaml:"expr" short:"true" required:"true" desc:"the expression, such as round(price * quantity, 2)"`
	Type  string `yaml:"type" enum:"text,integer,float,decimal,boolean,timestamp,date" desc:"what it gives (default: what the column holds, where that is a number and so is the result; else what it has become)"`
	Scale *int   `yaml:"scale" desc:"type decimal: digits behind the point (default: what the column holds, or else 2)"`
}

var resultKinds = map[string]column.Kind{
	"text": column.Text, "integer": column.Int, "float": column.Float, "decimal": column.Decimal,
	"boolean": column.Bool, "timestamp": column.Timestamp, "date": column.Date,
}

// OutputVersion implements Maker.
func (*Expression) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Expression) Make(c *Context) (Filler, error) {
	comp := &exprCompiler{c: c, inputs: map[string]Input{}}
	t, err := comp.parse(m.Expr)
	if err != nil {
		return nil, err
	}
	f := &expression{text: m.Expr}
	f.facts = Facts{NullWith: t.null.with}
	if t.null.perhaps {
		f.facts.Null = MayBeNull
	}
	kind := t.kind
	held := c.Type.Kind
	switch {
	case m.Type != "":
		if kind = resultKinds[m.Type]; kind == column.Invalid {
			return nil, unknown("type", m.Type, "text", "integer", "float", "decimal", "boolean", "timestamp", "date")
		}
	case isNumber(kind) && isNumber(held):
		kind = held
	}
	if m.Scale != nil && (*m.Scale < 0 || *m.Scale > mostScale) {
		return nil, fmt.Errorf("scale %d is not between 0 and %d", *m.Scale, mostScale)
	}
	_, f.scale = m.Result(c.Type)
	f.narrow = c.Type.Single()
	if m.Type == "" && kind == column.Date && held == column.Timestamp { // a day stands for its midnight
		t, kind = atMidnight(t), held
	}
	if f.term, err = convert(t, kind); err != nil {
		return nil, err
	}
	if kind == column.Decimal {
		f.term = rescaled(f.term, f.scale)
	}
	if f.term.kind == column.Invalid {
		return nil, fmt.Errorf("%q is always null: write {constant: null}", m.Expr)
	}
	f.facts.Unbounded = f.term.kind != column.Text
	return f, nil
}

// Result implements OwnResult.
func (m *Expression) Result(t schema.Type) (kind column.Kind, scale int) {
	kind, scale = resultKinds[m.Type], 2
	if isNumber(t.Kind) && m.Type == "" {
		kind = t.Kind
	}
	if t.Kind == column.Decimal && t.Precision > 0 {
		scale = t.Scale
	}
	if m.Scale != nil {
		scale = *m.Scale
	}
	return kind, scale
}

// Steady implements Steady.
func (*Expression) Steady() bool { return true }

// expression is the Filler of an Expression.
type expression struct {
	text   string
	term   *term
	scale  int // Decimal
	facts  Facts
	narrow bool // the column holds floats of 4 bytes
}

func (f *expression) Kind() column.Kind { return f.term.kind }
func (f *expression) Facts() Facts      { return f.facts }
func (f *expression) String() string    { return f.text }
func (f *expression) Bounds() Bounds    { return Bounds{MaxLen: f.term.maxLen} }

// Scale implements Scaled.
func (f *expression) Scale() int { return f.scale }

func (f *expression) Fill(dst *column.Vec, s *Span) error {
	if dst.Kind == column.Decimal {
		dst.Scale = int32(f.scale)
	}
	m := &s.Scratch.expr
	m.in, m.err = s.Inputs, nil
	for i := range s.Rows.N {
		v := m.run(f.term, i)
		if m.err != nil {
			err := m.err
			m.in, m.err = nil, nil
			return fmt.Errorf("row %d: %s: %w", s.Rows.At(i), f.text, err)
		}
		appendResult(dst, v)
	}
	m.in = nil
	return nil
}

func appendResult(dst *column.Vec, v value) {
	switch {
	case v.null:
		dst.AppendNull()
	case dst.Kind.Variable():
		dst.AppendBytes(v.s)
	case dst.Kind == column.UUID:
		dst.AppendUUID([16]byte(v.s))
	case dst.Kind == column.Float:
		dst.AppendFloat(v.f)
	default:
		dst.AppendInt(v.i)
	}
}

// Spoken is a Filler whose cells can be said in SQL, given those of its inputs; "" where they cannot.
type Spoken interface {
	SQL(d Dialect, in []string) string
}

// SQL implements Spoken.
func (f *expression) SQL(d Dialect, in []string) string {
	if f.narrow {
		return ""
	}
	return f.term.sql(d, in)
}

// Rules: the cell is what the expression gives, in SQL where every part of it means the same there.
func (f *expression) Rules() []Rule {
	return []Rule{{
		Text: "is " + f.text,
		SQL: func(d Dialect, x string, in []string) string {
			if is := f.SQL(d, in); is != "" {
				return x + " = " + is
			}
			return ""
		},
		Cell: func(v *column.Vec, i int, in []*column.Vec) bool {
			m := machine{in: in}
			is := m.run(f.term, i)
			if m.err != nil {
				return false
			}
			var w column.Vec
			w.ResetAs(v)
			w.Single = f.narrow
			appendResult(&w, is)
			w.Round()
			return v.Equal(i, &w, 0)
		},
	}}
}

// mostScale is the largest number of digits behind the point.
const mostScale = 18

// value is what a term gives for one row.
type value struct {
	null   bool
	scale  int32 // Decimal
	i      int64
	f      float64
	single bool   // a float as a cell of single precision holds it
	s      []byte // texts, and the 16 bytes of a UUID
}

var null = value{null: true}

// machine evaluates terms for one row at a time.
type machine struct {
	in  []*column.Vec
	i   int    // the row's index in the inputs
	buf []byte // texts made for this row
	err error  // the first mistake

	parts [][]byte // of texts that are being joined
}

func (m *machine) run(t *term, i int) value {
	m.i, m.buf = i, m.buf[:0]
	v := t.eval(m)
	if t.kind == column.Float && !v.null {
		if math.IsNaN(v.f) || math.IsInf(v.f, 0) {
			return m.fail("the result is no finite number")
		}
		v.f += 0 // of two zeros the one without a sign
	}
	return v
}

func (m *machine) fail(format string, args ...any) value {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
	return null
}

// read gives a cell of an input.
func (m *machine) read(index int) value {
	v := m.in[index]
	switch {
	case v.Null(m.i):
		return null
	case v.Kind.Variable() || v.Kind == column.UUID:
		return value{s: v.Bytes(m.i)}
	case v.Kind == column.Float:
		return value{f: v.Floats[m.i], single: v.Single}
	}
	return value{i: v.Ints[m.i], scale: v.Scale}
}

// asText gives the canonical text of a value, see column.Vec.AppendText.
func (m *machine) asText(kind column.Kind, v value) value {
	if v.null || kind.Variable() && kind != column.Bytes {
		return v
	}
	begin := len(m.buf)
	switch kind {
	case column.Bool:
		m.buf = strconv.AppendBool(m.buf, v.i != 0)
	case column.Int:
		m.buf = strconv.AppendInt(m.buf, v.i, 10)
	case column.Float:
		bits := 64
		if v.single {
			bits = 32
		}
		m.buf = strconv.AppendFloat(m.buf, v.f, 'g', -1, bits)
	case column.Decimal:
		m.buf = column.AppendDecimal(m.buf, v.i, int(v.scale))
	case column.Date:
		m.buf = column.AppendDate(m.buf, v.i)
	case column.Time:
		m.buf = column.AppendTimeOfDay(m.buf, v.i)
	case column.Timestamp:
		m.buf = column.AppendTimestamp(m.buf, v.i)
	case column.UUID:
		m.buf = column.AppendUUIDText(m.buf, v.s)
	}
	return value{s: m.buf[begin:]}
}
