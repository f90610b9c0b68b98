package check

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// Truth is a value of three-valued logic.
type Truth uint8

// The truth values. A check is violated by False alone.
const (
	False Truth = iota
	True
	Unknown
)

func (t Truth) String() string { return [...]string{"false", "true", "null"}[t] }

// ErrUnknown says that an expression has a function, operator, type or form that this package does not
// know: only the server can tell what it gives.
type ErrUnknown struct {
	What string // "the function app.valid(text)", "the operator ~=~ over inet"
}

func (e *ErrUnknown) Error() string { return e.What + " is not known" }

func unknown(format string, args ...any) error { return &ErrUnknown{fmt.Sprintf(format, args...)} }

// errLocale says that the result hangs on the database's locale.
var errLocale = errors.New("what the database makes of a character beyond ASCII depends on its locale")

// Options say what an expression's names mean.
type Options struct {
	SQLite    bool
	Functions map[string]*schema.Function // the user's, by qualified name
	Now       time.Time                   // what now() gives
}

// OptionsOf gives the options for the checks of a database.
func OptionsOf(db *schema.Database, now time.Time) Options {
	if db == nil {
		return Options{Now: now}
	}
	return Options{SQLite: db.Dialect == "sqlite", Functions: db.Functions, Now: now}
}

// Program is a compiled expression over the columns of a table. It is immutable and may be shared.
type Program struct {
	Expression string
	Columns    []string // that it reads: the cells that Eval wants, in this order
	ReadsTime  bool     // it hangs on Options.Now
	eval       func(*machine) value
}

// Compile parses and compiles a condition over the columns of t. domain names the column that VALUE
// stands for, "" where the condition is no domain's. An error that is an *ErrUnknown says what the
// package does not know.
func Compile(t *schema.Table, expression, domain string, o Options) (*Program, error) {
	e, err := Parse(expression, o.SQLite)
	if err != nil {
		return nil, unknown("the form of %s (%v)", bound.Short(expression), err)
	}
	if domain == "" {
		e = computed(t, e, o.SQLite)
	}
	p, err := compileExpr(t, e, domain, o)
	if err != nil {
		return nil, err
	}
	p.Expression = expression
	return p, nil
}

// compileExpr compiles a parsed condition.
func compileExpr(t *schema.Table, e Expr, domain string, o Options) (*Program, error) {
	if o.SQLite {
		return compileSQLite(t, e, o)
	}
	c := &compiler{table: t, domain: domain, options: o}
	n, err := c.condition(e)
	if err != nil {
		return nil, err
	}
	return &Program{Expression: e.String(), Columns: c.columns, ReadsTime: c.readsTime, eval: n.eval}, nil
}

// Evaluator evaluates a Program. It keeps memory from row to row and belongs to one goroutine.
type Evaluator struct {
	program *Program
	m       machine
}

// Evaluator makes an evaluator.
func (p *Program) Evaluator() *Evaluator { return &Evaluator{program: p} }

// Eval gives the condition's value in row i of cells, the Vecs of Program.Columns in their order. An error
// says that the database would fail, or that the value cannot be told here.
func (e *Evaluator) Eval(cells []*column.Vec, i int) (Truth, error) {
	m := &e.m
	m.cells, m.row, m.err, m.buf, m.stack = cells, i, nil, m.buf[:0], m.stack[:0]
	v := e.program.eval(m)
	switch {
	case m.err != nil:
		return Unknown, m.err
	case v.null:
		return Unknown, nil
	case v.n != 0:
		return True, nil
	}
	return False, nil
}

// machine is what an evaluation works with.
type machine struct {
	cells []*column.Vec
	row   int
	err   error
	buf   []byte  // results that are texts; grows during a row
	stack []value // arguments
	globs map[string]*regexp.Regexp
}

// fail notes the first error. The value does not matter then.
func (m *machine) fail(err error) value {
	if m.err == nil {
		m.err = err
	}
	return null
}

// take gives what was appended to the buffer as a text.
func (m *machine) take(buf []byte) value {
	from := len(m.buf)
	m.buf = buf
	return text(buf[from:len(buf):len(buf)])
}
