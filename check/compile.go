package check

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// node is a compiled expression.
type node struct {
	t     *typ
	eval  func(*machine) value
	konst *value  // its value where it is a constant
	raw   *string // an untyped string literal
}

func constant(t *typ, v value) node {
	return node{t: t, konst: &v, eval: func(*machine) value { return v }}
}

func (n node) isNull() bool { return n.konst != nil && n.konst.null }

// fold evaluates an expression over constants once. One that fails is left to fail when it is reached.
func fold(n node, args ...node) node {
	for _, a := range args {
		if a.konst == nil {
			return n
		}
	}
	m := &machine{}
	v := n.eval(m)
	if m.err != nil {
		return n
	}
	v.b = slices.Clone(v.b)
	return constant(n.t, v)
}

// compiler compiles expressions over a table's columns.
type compiler struct {
	table     *schema.Table
	domain    string
	options   Options
	columns   []string
	readsTime bool
	params    []node // while a function's body is compiled
	names     []string
	depth     int
	parts     int // compiled so far
}

// condition compiles an expression that must be boolean.
func (c *compiler) condition(e Expr) (node, error) {
	n, err := c.compile(e)
	if err != nil {
		return n, err
	}
	return c.coerce(n, boolType)
}

// column compiles a column.
func (c *compiler) column(e *ColumnRef) (node, error) {
	if e.Name == "value" && c.domain != "" && c.params == nil {
		return c.cell(c.domain)
	}
	if c.params != nil {
		for i, name := range c.names {
			if name != "" && strings.EqualFold(name, e.Name) && i < len(c.params) {
				return c.params[i], nil
			}
		}
		return node{}, unknown("the name %s in a function", e.Name)
	}
	return c.cell(e.Name)
}

func (c *compiler) cell(name string) (node, error) {
	sc := c.table.Column(name)
	if sc == nil {
		return node{}, unknown("the column %s", name)
	}
	t := columnType(sc)
	if t.kind == kUnknown {
		return node{}, unknown("the type %s", sc.Type.Name)
	}
	at := slices.Index(c.columns, name)
	if at < 0 {
		at = len(c.columns)
		c.columns = append(c.columns, name)
	}
	return node{t: t, eval: loader(t, at)}, nil
}

// compile compiles any expression.
func (c *compiler) compile(e Expr) (node, error) {
	if c.parts++; c.parts > bound.Parts {
		return node{}, unknown("an expression of more than %d parts", bound.Parts)
	}
	switch e := e.(type) {
	case *Literal:
		return literal(e)
	case *ColumnRef:
		return c.column(e)
	case *Param:
		if e.N < 1 || e.N > len(c.params) {
			return node{}, unknown("the parameter $%d", e.N)
		}
		return c.params[e.N-1], nil
	case *Logic:
		return c.logic(e)
	case *Not:
		x, err := c.condition(e.X)
		if err != nil {
			return x, err
		}
		return fold(node{t: boolType, eval: func(m *machine) value {
			v := x.eval(m)
			if !v.null {
				v.n = 1 - v.n
			}
			return v
		}}, x), nil
	case *NullTest:
		return c.nullTest(e)
	case *BoolTest:
		x, err := c.condition(e.X)
		if err != nil {
			return x, err
		}
		is, n := e.Is, e.Not
		return fold(node{t: boolType, eval: func(m *machine) value {
			v := x.eval(m)
			var out bool
			switch is {
			case "true":
				out = v.isTrue()
			case "false":
				out = v.isFalse()
			default:
				out = v.null
			}
			return boolean(out != n)
		}}, x), nil
	case *DistinctFrom:
		return c.distinct(e)
	case *Unary:
		return c.unary(e)
	case *Binary:
		return c.binary(e)
	case *AnyOf:
		return c.anyOf(e)
	case *CaseWhen:
		return c.caseWhen(e)
	case *Call:
		return c.call(e)
	case *Cast:
		return c.castTo(e)
	case *Array:
		return c.array(e)
	case *Row:
		return c.rowOf(e)
	case *Index:
		return c.index(e)
	case *fixedCell:
		if e.text == nil {
			return constant(e.t, null), nil
		}
		v, err := e.t.input(*e.text)
		if err != nil {
			return node{}, unknown("the value %q of %s", *e.text, e.column)
		}
		return constant(e.t, v), nil
	case *Collate:
		x, err := c.compile(e.X)
		if err != nil {
			return x, err
		}
		if x, err = c.known(x); err != nil {
			return x, err
		}
		if !x.t.text() {
			return x, unknown("a collation of %s", x.t.name)
		}
		t := *x.t
		switch e.Name {
		case "C", "POSIX", "ucs_basic":
			t.bytes = true
		default:
			t.bytes = false
		}
		x.t = &t
		return x, nil
	}
	return node{}, unknown("the form %s", e)
}

func literal(e *Literal) (node, error) {
	switch e.Kind {
	case NullLiteral:
		return constant(unknownType, null), nil
	case BoolLiteral:
		return constant(boolType, boolean(e.Text == "true")), nil
	case StringLiteral:
		n := constant(unknownType, text([]byte(e.Text)))
		n.raw = &e.Text
		return n, nil
	case NumberLiteral:
		v, err := parseNumeric(e.Text)
		if err != nil {
			return node{}, err
		}
		if strings.ContainsAny(e.Text, ".eE") || v.x != nil {
			return constant(numericType, v), nil
		}
		if _, err := fitInt(v.n, 4); err != nil {
			return constant(int8Type, v), nil
		}
		return constant(int4Type, v), nil
	}
	return node{}, unknown("the literal %s", e)
}

// logic compiles AND and OR, which stop as soon as the result is settled, like the database's.
func (c *compiler) logic(e *Logic) (node, error) {
	args := make([]node, len(e.List))
	for i, x := range e.List {
		n, err := c.condition(x)
		if err != nil {
			return n, err
		}
		args[i] = n
	}
	settles := int64(0)
	if e.Or {
		settles = 1
	}
	return fold(node{t: boolType, eval: func(m *machine) value {
		out := value{n: 1 - settles}
		for i := range args {
			v := args[i].eval(m)
			if m.err != nil {
				return null
			}
			if v.null {
				out = null
			} else if v.n == settles {
				return v
			}
		}
		return out
	}}, args...), nil
}

// nullTest compiles IS [NOT] NULL. A row is null where all of its fields are, and not null where none is.
func (c *compiler) nullTest(e *NullTest) (node, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	n := e.Not
	if x.t.kind == kRow {
		return fold(node{t: boolType, eval: func(m *machine) value {
			v := x.eval(m)
			if m.err != nil {
				return null
			}
			for _, f := range v.x.(*list).elems {
				if f.null == n {
					return boolean(false)
				}
			}
			return boolean(true)
		}}, x), nil
	}
	return fold(node{t: boolType, eval: func(m *machine) value { return boolean(x.eval(m).null != n) }}, x), nil
}

func (c *compiler) distinct(e *DistinctFrom) (node, error) {
	l, r, err := c.pair(e.L, e.R)
	if err != nil {
		return l, err
	}
	n := e.Not
	if l.t.kind == kUnknown {
		return fold(node{t: boolType, eval: func(m *machine) value { return boolean((l.eval(m).null != r.eval(m).null) != n) }}, l, r), nil
	}
	eq, err := c.comparison("=", l, r)
	if err != nil {
		return l, err
	}
	return fold(node{t: boolType, eval: func(m *machine) value {
		a, b := l.eval(m), r.eval(m)
		if a.null || b.null {
			return boolean((a.null != b.null) != n)
		}
		return boolean(!eq(m, a, b).isTrue() != n)
	}}, l, r), nil
}

func (c *compiler) caseWhen(e *CaseWhen) (node, error) {
	var ifs, thens []node
	for _, w := range e.Whens {
		cond := w.If
		if e.Operand != nil {
			cond = &Binary{Op: "=", L: e.Operand, R: w.If}
		}
		i, err := c.condition(cond)
		if err != nil {
			return i, err
		}
		t, err := c.compile(w.Then)
		if err != nil {
			return t, err
		}
		ifs, thens = append(ifs, i), append(thens, t)
	}
	if e.Else != nil {
		t, err := c.compile(e.Else)
		if err != nil {
			return t, err
		}
		thens = append(thens, t)
	} else {
		thens = append(thens, constant(unknownType, null))
	}
	t, err := c.unify(thens)
	if err != nil {
		return node{}, err
	}
	return fold(node{t: t, eval: func(m *machine) value {
		for i := range ifs {
			v := ifs[i].eval(m)
			if m.err != nil {
				return null
			}
			if v.isTrue() {
				return thens[i].eval(m)
			}
		}
		return thens[len(ifs)].eval(m)
	}}, append(append([]node{}, ifs...), thens...)...), nil
}

// unify brings nodes to their common type, in place.
func (c *compiler) unify(nodes []node) (*typ, error) {
	t := unknownType
	for _, n := range nodes {
		switch {
		case n.t.kind == kUnknown || t.same(n.t) && !t.number():
		case t.kind == kUnknown:
			t = n.t
		case t.number() && n.t.number():
			t = wider(t, n.t)
		case t.moment() && n.t.moment():
			if n.t.kind == kTimestamp && (t.kind == kDate || n.t.zone) {
				t = n.t
			}
		case t.text() && n.t.text():
			t = textType
		default:
			return nil, unknown("a choice between %s and %s", t.name, n.t.name)
		}
	}
	if t.kind == kUnknown {
		for _, n := range nodes {
			if n.raw != nil {
				t = textType
			}
		}
	}
	for i, n := range nodes {
		x, err := c.coerce(n, t)
		if err != nil {
			return nil, err
		}
		nodes[i] = x
	}
	return t, nil
}

// wider gives the type in which numbers of two types meet.
func wider(a, b *typ) *typ {
	switch {
	case a.kind == kFloat && b.kind == kFloat:
		if a.width < b.width {
			return b
		}
		return a
	case a.kind == kFloat:
		if a.width == 4 && b.kind != kFloat {
			return float8Type
		}
		return a
	case b.kind == kFloat:
		return wider(b, a)
	case a.kind == kNumeric:
		return a
	case b.kind == kNumeric:
		return b
	case a.width < b.width:
		return b
	}
	return a
}

func (c *compiler) array(e *Array) (node, error) {
	elems := make([]node, len(e.List))
	for i, x := range e.List {
		n, err := c.compile(x)
		if err != nil {
			return n, err
		}
		elems[i] = n
	}
	t, err := c.unify(elems)
	if err != nil {
		return node{}, err
	}
	if t.kind == kArray || t.kind == kRow {
		return node{}, unknown("an array of %s", t.name)
	}
	return fold(node{t: arrayOf(t), eval: func(m *machine) value {
		out := &list{elems: make([]value, len(elems))}
		for i := range elems {
			out.elems[i] = elems[i].eval(m)
		}
		return value{x: out}
	}}, elems...), nil
}

func arrayOf(t *typ) *typ { return &typ{kind: kArray, name: t.name + "[]", elem: t} }

func (c *compiler) rowOf(e *Row) (node, error) {
	fields := make([]node, len(e.List))
	t := &typ{kind: kRow, name: "record"}
	for i, x := range e.List {
		n, err := c.compile(x)
		if err != nil {
			return n, err
		}
		fields[i] = n
		t.fields = append(t.fields, n.t)
	}
	return fold(node{t: t, eval: func(m *machine) value {
		out := &list{elems: make([]value, len(fields))}
		for i := range fields {
			out.elems[i] = fields[i].eval(m)
		}
		return value{x: out}
	}}, fields...), nil
}

func (c *compiler) index(e *Index) (node, error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	i, err := c.compile(e.I)
	if err != nil {
		return i, err
	}
	if x.t.kind == kJSONB {
		return c.binary(&Binary{Op: "->", L: e.X, R: e.I})
	}
	if x.t.kind != kArray || i.t.kind != kInt {
		return x, unknown("a subscript of %s", x.t.name)
	}
	return fold(node{t: x.t.elem, eval: func(m *machine) value {
		a, k := x.eval(m), i.eval(m)
		if a.null || k.null {
			return null
		}
		l := a.x.(*list).elems
		if k.n < 1 || k.n > int64(len(l)) {
			return null
		}
		return l[k.n-1]
	}}, x, i), nil
}
