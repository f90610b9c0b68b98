package gen

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/sowerdata/sower/column"
)

func truth(b bool) value {
	if b {
		return value{i: 1}
	}
	return value{}
}

func (c *exprCompiler) unary(n *ast.UnaryNode) (*term, error) {
	t, err := c.compile(n.Node)
	if err != nil {
		return nil, err
	}
	switch {
	case n.Operator == "+" && isNumber(t.kind):
		return t, nil
	case n.Operator == "-" && isNumber(t.kind):
		out := &term{kind: t.kind, null: t.null, sql: wrapSQL(t, "(-%s)")}
		if t.number != "" { // so that -0.5 is a literal too
			if positive, negative := strings.CutPrefix(t.number, "-"); negative {
				out.number = positive
			} else {
				out.number = "-" + t.number
			}
		}
		out.eval = func(m *machine) value {
			v := t.eval(m)
			if !v.null {
				v.i, v.f = m.subInt(0, v.i), -v.f
			}
			return v
		}
		return out, nil
	case (n.Operator == "not" || n.Operator == "!") && t.kind == column.Bool:
		return &term{kind: column.Bool, null: t.null, sql: wrapSQL(t, "(not %s)"), eval: func(m *machine) value {
			v := t.eval(m)
			return value{null: v.null, i: 1 - v.i}
		}}, nil
	}
	return nil, fmt.Errorf("%s of %s", n.Operator, aKind(t.kind))
}

func (c *exprCompiler) binary(n *ast.BinaryNode) (*term, error) {
	if n.Operator == "in" {
		return c.in(n)
	}
	terms, err := c.compileAll(n.Left, n.Right)
	if err != nil {
		return nil, err
	}
	a, b := terms[0], terms[1]
	switch n.Operator {
	case "and", "&&", "or", "||":
		return logical(n.Operator, a, b)
	case "==", "!=", "<", "<=", ">", ">=":
		return comparison(n.Operator, a, b)
	case "??":
		return callOf("coalesce", terms)
	case "contains", "startsWith", "endsWith":
		return textTest(n.Operator, a, b)
	case "+":
		if a.kind == column.Text || b.kind == column.Text {
			return callOf("concat", terms)
		}
		return arithmetic(n.Operator, a, b)
	case "-", "*", "/", "%":
		return arithmetic(n.Operator, a, b)
	}
	return nil, fmt.Errorf("the operator %s is not supported", n.Operator)
}

// logical is SQL's logic: false and null is false, true or null is true.
func logical(op string, a, b *term) (*term, error) {
	if a.kind != column.Bool || b.kind != column.Bool {
		return nil, fmt.Errorf("%s of %s and %s: both must be boolean", op, aKind(a.kind), aKind(b.kind))
	}
	decides, sql := int64(0), "(%s and %s)"
	if op == "or" || op == "||" {
		decides, sql = 1, "(%s or %s)"
	}
	return &term{kind: column.Bool, null: lenient(a, b), sql: joinSQL(sql, a, b), eval: func(m *machine) value {
		v := a.eval(m)
		if !v.null && v.i == decides {
			return v
		}
		w := b.eval(m)
		if !w.null && w.i == decides || !v.null {
			return w
		}
		return null
	}}, nil
}

func comparison(op string, a, b *term) (*term, error) {
	equality := op == "==" || op == "!="
	if a.fixed == &null || b.fixed == &null {
		if !equality {
			return nil, fmt.Errorf("nil has no order: %s", op)
		}
		t, sql := a, "(%s is null)"
		if a.fixed == &null {
			t = b
		}
		if op == "!=" {
			sql = "(%s is not null)"
		}
		return &term{kind: column.Bool, sql: wrapSQL(t, sql), eval: func(m *machine) value {
			return truth(t.eval(m).null == (op == "=="))
		}}, nil
	}
	terms := []*term{a, b}
	kind, err := unify("comparison", terms)
	if err != nil {
		return nil, err
	}
	a, b = terms[0], terms[1]
	operator := map[string]string{"==": "=", "!=": "<>"}[op]
	if operator == "" {
		operator = op
	}
	out := &term{kind: column.Bool, null: strict(a, b), sql: joinSQL("(%s "+operator+" %s)", a, b)}
	if kind >= column.Text && (!equality || kind != column.Text) {
		out.sql = noSQL // the order of texts is the database's collation
	}
	out.eval = func(m *machine) value {
		v, w := a.eval(m), b.eval(m)
		if v.null || w.null {
			return null
		}
		order := compare(kind, v, w)
		switch op {
		case "==":
			return truth(order == 0)
		case "!=":
			return truth(order != 0)
		case "<":
			return truth(order < 0)
		case "<=":
			return truth(order <= 0)
		case ">":
			return truth(order > 0)
		}
		return truth(order >= 0)
	}
	return out, nil
}

// in is x in [a, b, ...].
func (c *exprCompiler) in(n *ast.BinaryNode) (*term, error) {
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok || len(list.Nodes) == 0 {
		return nil, fmt.Errorf("in wants a list, as in status in [\"new\", \"open\"]")
	}
	terms, err := c.compileAll(append([]ast.Node{n.Left}, list.Nodes...)...)
	if err != nil {
		return nil, err
	}
	var out *term
	for _, t := range terms[1:] {
		is, err := comparison("==", terms[0], t)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = is
		} else if out, err = logical("or", out, is); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func textTest(op string, a, b *term) (*term, error) {
	if a.kind != column.Text || b.kind != column.Text {
		return nil, fmt.Errorf("%s of %s and %s: both must be text", op, aKind(a.kind), aKind(b.kind))
	}
	test := map[string]func(s, part []byte) bool{"contains": bytes.Contains, "startsWith": bytes.HasPrefix, "endsWith": bytes.HasSuffix}[op]
	return &term{kind: column.Bool, null: strict(a, b), sql: noSQL, eval: func(m *machine) value {
		v, w := a.eval(m), b.eval(m)
		if v.null || w.null {
			return null
		}
		return truth(test(v.s, w.s))
	}}, nil
}

func arithmetic(op string, a, b *term) (*term, error) {
	terms, divisor := []*term{a, b}, b
	if !isNumber(a.kind) || !isNumber(b.kind) {
		return nil, fmt.Errorf("%s of %s and %s: both must be numbers", op, aKind(a.kind), aKind(b.kind))
	}
	kind, err := unify(op, terms)
	if err != nil {
		return nil, err
	}
	if op == "/" {
		for i, t := range terms {
			if terms[i], err = convert(t, column.Float); err != nil {
				return nil, err
			}
		}
		kind = column.Float
	}
	a, b = terms[0], terms[1]
	out := &term{kind: kind, null: strict(a, b), sql: joinSQL("(%s "+op+" %s)", a, b)}
	if op == "/" || op == "%" {
		out.null.perhaps = out.null.perhaps || divisor.number == "" || strings.Trim(divisor.number, "-0.") == ""
		out.sql = joinSQL("(%s "+strings.ReplaceAll(op, "%", "%%")+" nullif(%s, 0))", a, b)
	}
	if kind == column.Decimal {
		out.sql = postgresOnly(out.sql)
	}
	var compute func(m *machine, v, w value) value
	switch {
	case kind == column.Int:
		switch op {
		case "+":
			compute = func(m *machine, v, w value) value { return value{i: m.addInt(v.i, w.i)} }
		case "-":
			compute = func(m *machine, v, w value) value { return value{i: m.subInt(v.i, w.i)} }
		case "*":
			compute = func(m *machine, v, w value) value { return value{i: m.mulInt(v.i, w.i)} }
		case "%":
			compute = func(_ *machine, v, w value) value {
				if w.i == 0 {
					return null
				}
				return value{i: v.i % w.i}
			}
		}
	case kind == column.Decimal:
		switch op {
		case "+":
			compute = (*machine).addDecimal
		case "-":
			compute = (*machine).subDecimal
		case "*":
			compute = (*machine).mulDecimal
		}
	default:
		switch op {
		case "+":
			compute = func(_ *machine, v, w value) value { return value{f: v.f + w.f} }
		case "-":
			compute = func(_ *machine, v, w value) value { return value{f: v.f - w.f} }
		case "*":
			compute = func(_ *machine, v, w value) value { return value{f: float64(v.f * w.f)} }
		case "/":
			compute = func(_ *machine, v, w value) value {
				if w.f == 0 {
					return null
				}
				return value{f: v.f / w.f}
			}
		}
	}
	if compute == nil {
		return nil, fmt.Errorf("%s of %s and %s: both must be integers", op, aKind(a.kind), aKind(b.kind))
	}
	out.eval = func(m *machine) value {
		v, w := a.eval(m), b.eval(m)
		if v.null || w.null {
			return null
		}
		return compute(m, v, w)
	}
	return out, nil
}

// conditional is cond ? a : b. Where cond is null the result is.
func (c *exprCompiler) conditional(n *ast.ConditionalNode) (*term, error) {
	cond, err := c.compile(n.Cond)
	if err != nil {
		return nil, err
	}
	if cond.kind != column.Bool {
		return nil, fmt.Errorf("the condition of ?: is %s: it must be boolean", aKind(cond.kind))
	}
	terms, err := c.compileAll(n.Exp1, n.Exp2)
	if err != nil {
		return nil, err
	}
	nulls := lenient(terms...)
	nulls = strict(cond, &term{null: nulls})
	kind, err := unify("?:", terms)
	if err != nil {
		return nil, err
	}
	a, b := terms[0], terms[1]
	return &term{
		kind: kind, maxLen: longest(terms), null: nulls,
		sql: joinSQL("(case when %[1]s then %[2]s when not %[1]s then %[3]s end)", cond, a, b),
		eval: func(m *machine) value {
			v := cond.eval(m)
			switch {
			case v.null:
				return null
			case v.i != 0:
				return a.eval(m)
			}
			return b.eval(m)
		},
	}, nil
}

// longest gives the largest length of texts, 0 where one is unknown.
func longest(terms []*term) int {
	n := 0
	for _, t := range terms {
		if t.maxLen == 0 && t.fixed == nil {
			return 0
		}
		n = max(n, t.maxLen)
	}
	return n
}
