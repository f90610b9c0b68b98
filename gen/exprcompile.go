package gen

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
)

// term is a part of an expression, with its kind and with what it is in SQL.
type term struct {
	kind   column.Kind // Invalid: the literal nil
	eval   func(m *machine) value
	sql    func(d Dialect, in []string) string // "": it cannot be said, or means something else there
	maxLen int                                 // texts: the largest number of characters; 0: unknown
	fixed  *value                              // a literal's value
	number string                              // a number literal's text
	null   nullity
}

type exprCompiler struct {
	c      *Context
	inputs map[string]Input
}

func (c *exprCompiler) parse(text string) (*term, error) {
	if err := bound.Nesting(text); err != nil {
		return nil, fmt.Errorf("%q: %w", bound.Short(text), err)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, fmt.Errorf("%q, character %d: %s", bound.Short(text), at.From+1, at.Message)
		}
		return nil, err
	}
	t, err := c.compile(tree.Node)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", bound.Short(text), err)
	}
	return t, nil
}

// nullity says when a term is null: with any of these inputs, and perhaps without.
type nullity struct {
	with    []int
	perhaps bool
}

// strict is the nullity of what is null where one of the terms is.
func strict(terms ...*term) (out nullity) {
	for _, t := range terms {
		out.with = append(out.with, t.null.with...)
		out.perhaps = out.perhaps || t.null.perhaps
	}
	slices.Sort(out.with)
	out.with = slices.Compact(out.with)
	return out
}

// lenient is the nullity of what is null where all of the terms are, and perhaps where one is.
func lenient(terms ...*term) (out nullity) {
	out.with = slices.Clone(terms[0].null.with)
	for _, t := range terms {
		out.with = slices.DeleteFunc(out.with, func(in int) bool { return !slices.Contains(t.null.with, in) })
	}
	for _, t := range terms {
		out.perhaps = out.perhaps || t.null.perhaps || len(t.null.with) > len(out.with)
	}
	return out
}

// firstOf is the nullity of the first term that is not null: never, where one of them never is.
func firstOf(terms ...*term) nullity {
	for _, t := range terms {
		if len(t.null.with) == 0 && !t.null.perhaps {
			return nullity{}
		}
	}
	return lenient(terms...)
}

func (c *exprCompiler) compile(n ast.Node) (*term, error) {
	switch n := n.(type) {
	case *ast.NilNode:
		return &term{
			eval: func(*machine) value { return null }, sql: func(Dialect, []string) string { return "null" },
			fixed: &null, null: nullity{perhaps: true},
		}, nil
	case *ast.BoolNode:
		v := value{}
		if n.Value {
			v.i = 1
		}
		return literalTerm(column.Bool, v, n.Value), nil
	case *ast.IntegerNode:
		t := literalTerm(column.Int, value{i: int64(n.Value)}, int64(n.Value))
		t.number = fmt.Sprint(n.Value)
		return t, nil
	case *ast.FloatNode:
		t := literalTerm(column.Float, value{f: n.Value}, n.Value)
		t.number = plainFloat(n.Value)
		return t, nil
	case *ast.StringNode:
		t := literalTerm(column.Text, value{s: []byte(n.Value)}, n.Value)
		t.maxLen = len([]rune(n.Value))
		return t, nil
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		path, ok := pathOf(n)
		if !ok {
			return nil, fmt.Errorf("%s is no path of a cell", n)
		}
		return c.input(path)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.BuiltinNode:
		return c.call(n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(callee.Value, n.Arguments)
		}
	}
	return nil, fmt.Errorf("%s is not supported", n)
}

func literalTerm(kind column.Kind, v value, plain any) *term {
	return &term{
		kind: kind, fixed: &v,
		eval: func(*machine) value { return v },
		sql: func(d Dialect, _ []string) string {
			if s, ok := plain.(string); ok {
				return d.Text(s)
			}
			return d.Value(plain)
		},
	}
}

// pathOf gives the path that names joined by dots are.
func pathOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.MemberNode:
		before, ok := pathOf(n.Node)
		name, is := n.Property.(*ast.StringNode)
		if !ok || !is || n.Optional || n.Method {
			return "", false
		}
		return before + "." + name.Value, true
	}
	return "", false
}

func (c *exprCompiler) input(path string) (*term, error) {
	in, ok := c.inputs[path]
	if !ok {
		var err error
		if in, err = c.c.Host.Input(path); err != nil {
			return nil, err
		}
		c.inputs[path] = in
	}
	return &term{
		kind: in.Kind, maxLen: in.Bounds.MaxLen, null: nullity{with: []int{in.Index}},
		eval: func(m *machine) value { return m.read(in.Index) },
		sql: func(_ Dialect, sql []string) string {
			x := sql[in.Index]
			switch {
			case x == "":
			case in.Kind == column.Int: // so that no product of two small integers is too large
				return "cast(" + x + " as bigint)"
			case in.Kind == column.Float:
				return "cast(" + x + " as double precision)"
			}
			return x
		},
	}, nil
}

func isNumber(k column.Kind) bool { return k == column.Int || k == column.Float || k == column.Decimal }

// convert gives t as another kind, where that loses nothing but the digits of a float.
func convert(t *term, kind column.Kind) (*term, error) {
	from := t.kind
	if from == kind {
		return t, nil
	}
	out := &term{kind: kind, maxLen: t.maxLen, null: t.null}
	switch {
	case from == column.Invalid:
		out.eval, out.sql, out.fixed = t.eval, t.sql, t.fixed
	case kind == column.Float && from == column.Int:
		out.eval = func(m *machine) value {
			v := t.eval(m)
			return value{null: v.null, f: float64(v.i)}
		}
		out.sql = wrapSQL(t, "cast(%s as double precision)")
	case kind == column.Float && from == column.Decimal:
		out.eval = func(m *machine) value {
			v := t.eval(m)
			return value{null: v.null, f: decimalFloat(v)}
		}
		out.sql = postgresOnly(wrapSQL(t, "cast(%s as double precision)"))
	case kind == column.Decimal && t.number != "":
		whole, frac, _ := strings.Cut(t.number, ".")
		x, err := parseDecimal(t.number, len(frac))
		if err != nil || len(whole)+len(frac) > mostScale {
			return nil, fmt.Errorf("%s has too many digits", t.number)
		}
		v := value{i: x, scale: int32(len(frac))}
		out.fixed, out.eval = &v, func(*machine) value { return v }
		out.sql = postgresOnly(func(Dialect, []string) string { return t.number })
	case kind == column.Decimal && from == column.Int:
		out.eval = t.eval
		out.sql = postgresOnly(wrapSQL(t, "cast(%s as numeric)"))
	case kind == column.Decimal && from == column.Float:
		out.kind, out.eval, out.sql = column.Float, t.eval, noSQL // rescaled makes the decimal
	case kind == column.Text && from != column.Bytes:
		out.eval = func(m *machine) value { return m.asText(from, t.eval(m)) }
		out.sql = noSQL
		if from == column.Int {
			out.sql = wrapSQL(t, "cast(%s as text)")
		}
		out.maxLen = textLen(Input{Kind: from})
	case isNumber(kind) && isNumber(from):
		return nil, fmt.Errorf("it gives %s where an integer is wanted: round it, with round, floor or ceil", aKind(from))
	default:
		return nil, fmt.Errorf("it gives %s where %s is wanted", aKind(from), aKind(kind))
	}
	return out, nil
}

// rescaled gives a number as a decimal of a scale.
func rescaled(t *term, scale int) *term {
	from := t.kind
	return &term{
		kind: column.Decimal,
		eval: func(m *machine) value {
			v := t.eval(m)
			switch {
			case v.null:
				return v
			case from == column.Float:
				return m.floatDecimal(v.f, int32(scale))
			}
			return m.rescale(v, int32(scale))
		},
		sql: postgresOnly(func(d Dialect, in []string) string {
			x := t.sql(d, in)
			if x == "" || from == column.Float {
				return ""
			}
			return fmt.Sprintf("round(%s, %d)", x, scale)
		}),
	}
}

func noSQL(Dialect, []string) string { return "" }

// wrapSQL puts a term's SQL into a format.
func wrapSQL(t *term, format string) func(Dialect, []string) string { return joinSQL(format, t) }

// joinSQL puts the terms' SQL into a format; where one has none, there is none.
func joinSQL(format string, terms ...*term) func(Dialect, []string) string {
	return func(d Dialect, in []string) string {
		args := make([]any, len(terms))
		for i, t := range terms {
			x := t.sql(d, in)
			if x == "" {
				return ""
			}
			args[i] = x
		}
		return fmt.Sprintf(format, args...)
	}
}

// postgresOnly leaves the SQL out in SQLite, which computes decimals as floats.
func postgresOnly(sql func(Dialect, []string) string) func(Dialect, []string) string {
	return func(d Dialect, in []string) string {
		if d.Name() != "postgres" {
			return ""
		}
		return sql(d, in)
	}
}

// unify brings terms to one kind: of numbers the wider one, nil to that of the others.
func unify(what string, terms []*term) (column.Kind, error) {
	kind := column.Invalid
	for _, t := range terms {
		switch {
		case t.kind == column.Invalid || t.kind == kind:
		case kind == column.Invalid:
			kind = t.kind
		case isNumber(kind) && isNumber(t.kind):
			kind = widest(terms)
		default:
			return kind, fmt.Errorf("%s of %s and %s", what, aKind(kind), aKind(t.kind))
		}
	}
	for i, t := range terms {
		u, err := convert(t, kind)
		if err != nil {
			return kind, err
		}
		terms[i] = u
	}
	return kind, nil
}

// widest is the kind that numbers are computed in: floats, if one of them is a float cell or result;
// a float literal beside decimals is a decimal.
func widest(terms []*term) column.Kind {
	kind := column.Int
	for _, t := range terms {
		switch {
		case t.kind == column.Float && t.number == "":
			return column.Float
		case t.kind == column.Decimal:
			kind = column.Decimal
		case t.kind == column.Float && kind == column.Int:
			kind = column.Float
		}
	}
	return kind
}

func (c *exprCompiler) compileAll(nodes ...ast.Node) ([]*term, error) {
	terms := make([]*term, len(nodes))
	for i, n := range nodes {
		t, err := c.compile(n)
		if err != nil {
			return nil, err
		}
		terms[i] = t
	}
	return terms, nil
}

// compare gives the order of two values of a kind.
func compare(kind column.Kind, a, b value) int {
	switch {
	case kind == column.Decimal:
		return compareDecimal(a, b)
	case kind == column.Float:
		return cmp.Compare(a.f, b.f)
	case kind.Integer():
		return cmp.Compare(a.i, b.i)
	}
	return bytes.Compare(a.s, b.s)
}

// aKind names a kind in a message.
func aKind(kind column.Kind) string {
	switch kind {
	case column.Invalid:
		return "nil"
	case column.Int:
		return "an integer"
	case column.JSON, column.Bytes:
		return kind.String()
	}
	return "a " + kind.String()
}
