package sqlexpr

import "strings"

// Expr is a node of a parsed expression.
type Expr interface {
	// String gives the expression as SQL, in parentheses where that could matter.
	String() string
	Children() []Expr
}

// The nodes. Names are as the database keeps them; functions, types and operators of PostgreSQL have
// their lower-case names. BETWEEN, IN and the forms of LIKE are rewritten into comparisons, AnyOf and
// the operators ~~ and !~~; special forms such as EXTRACT are Calls.
type (
	// Literal is a constant as it is written: with a type only where a Cast stands around it.
	Literal struct {
		Kind LiteralKind
		Text string
	}
	// ColumnRef is a column, or VALUE of a domain.
	ColumnRef struct {
		Table, Name string
		Quoted      bool // in quotes: SQLite takes it for a string where no column has the name
	}
	// Param is $n, counted from 1.
	Param struct{ N int }
	// Unary is an operator before its operand.
	Unary struct {
		Op string
		X  Expr
	}
	// Binary is an operator between two operands.
	Binary struct {
		Op   string
		L, R Expr
	}
	// Logic is AND or OR over two or more.
	Logic struct {
		Or   bool
		List []Expr
	}
	// Not is NOT.
	Not struct{ X Expr }
	// NullTest is IS [NOT] NULL.
	NullTest struct {
		X   Expr
		Not bool
	}
	// BoolTest is IS [NOT] TRUE, FALSE or UNKNOWN.
	BoolTest struct {
		X   Expr
		Is  string // "true", "false", "unknown"
		Not bool
	}
	// DistinctFrom is IS [NOT] DISTINCT FROM.
	DistinctFrom struct {
		L, R Expr
		Not  bool
	}
	// AnyOf is X Op ANY (Array), or ALL.
	AnyOf struct {
		X     Expr
		Op    string
		All   bool
		Array Expr
	}
	// CaseWhen is CASE, with or without an operand.
	CaseWhen struct {
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// Call is a function call. COALESCE, GREATEST, EXTRACT and their like are calls in lower case.
	Call struct {
		Schema string // "" where none is said
		Name   string
		Args   []Expr
	}
	// Cast is X::Type.
	Cast struct {
		X    Expr
		Type TypeName
	}
	// Array is ARRAY[...].
	Array struct{ List []Expr }
	// Row is ROW(...).
	Row struct{ List []Expr }
	// Index is X[I].
	Index struct{ X, I Expr }
	// FieldOf is (X).Name.
	FieldOf struct {
		X    Expr
		Name string
	}
	// Collate is X COLLATE Name.
	Collate struct {
		X    Expr
		Name string
	}
)

// When is a branch of a CaseWhen.
type When struct{ If, Then Expr }

// LiteralKind says how a Literal is written.
type LiteralKind uint8

// The kinds of Literals.
const (
	NullLiteral LiteralKind = iota
	BoolLiteral
	NumberLiteral
	StringLiteral
	BytesLiteral
)

// TypeName is a type as it is written after ::.
type TypeName struct {
	Schema string
	Name   string // "character varying", "timestamp without time zone"
	Args   []string
	Array  bool
	Quoted bool // a quoted name, which is none of the built-in ones'
	Spelt  bool // written CAST(x AS type)
}

func (t TypeName) String() string {
	out := t.Name
	if t.Quoted {
		out = QuoteIdent(out)
	}
	if t.Schema != "" {
		out = QuoteName(t.Schema) + "." + out
	}
	if len(t.Args) > 0 {
		args := "(" + strings.Join(t.Args, ",") + ")"
		if first, rest, ok := strings.Cut(out, " "); ok && (first == "timestamp" || first == "time") {
			out = first + args + " " + rest
		} else {
			out += args
		}
	}
	if t.Array {
		out += "[]"
	}
	return out
}

func (e *Literal) String() string {
	switch e.Kind {
	case NullLiteral:
		return "NULL"
	case StringLiteral:
		return QuoteString(e.Text)
	case BytesLiteral:
		return "x" + QuoteString(e.Text)
	}
	return e.Text
}
func (e *ColumnRef) String() string {
	if e.Table != "" {
		return QuoteName(e.Table) + "." + QuoteName(e.Name)
	}
	return QuoteName(e.Name)
}
func (e *Param) String() string  { return "$" + itoa(e.N) }
func (e *Unary) String() string  { return "(" + e.Op + " " + e.X.String() + ")" }
func (e *Binary) String() string { return "(" + e.L.String() + " " + e.Op + " " + e.R.String() + ")" }
func (e *Logic) String() string {
	if e.Or {
		return "(" + join(e.List, " OR ") + ")"
	}
	return "(" + join(e.List, " AND ") + ")"
}
func (e *Not) String() string      { return "(NOT " + e.X.String() + ")" }
func (e *NullTest) String() string { return "(" + e.X.String() + " IS" + not(e.Not) + " NULL)" }
func (e *BoolTest) String() string {
	return "(" + e.X.String() + " IS" + not(e.Not) + " " + strings.ToUpper(e.Is) + ")"
}
func (e *DistinctFrom) String() string {
	return "(" + e.L.String() + " IS" + not(e.Not) + " DISTINCT FROM " + e.R.String() + ")"
}
func (e *AnyOf) String() string {
	if a, ok := e.Array.(*Array); ok && (e.Op == "=" && !e.All || e.Op == "<>" && e.All) {
		return "(" + e.X.String() + not(e.All) + " IN (" + join(a.List, ", ") + "))"
	}
	word := " ANY ("
	if e.All {
		word = " ALL ("
	}
	if q, ok := e.Array.(*Subquery); ok {
		return "(" + e.X.String() + " " + e.Op + word[:5] + q.String() + ")"
	}
	return "(" + e.X.String() + " " + e.Op + word + e.Array.String() + "))"
}
func (e *CaseWhen) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	if e.Operand != nil {
		b.WriteString(" " + e.Operand.String())
	}
	for _, w := range e.Whens {
		b.WriteString(" WHEN " + w.If.String() + " THEN " + w.Then.String())
	}
	if e.Else != nil {
		b.WriteString(" ELSE " + e.Else.String())
	}
	b.WriteString(" END")
	return "(" + b.String() + ")"
}
func (e *Call) String() string {
	name := QuoteName(e.Name)
	if e.Schema != "" {
		name = QuoteName(e.Schema) + "." + name
	} else if e.Name == "extract" && len(e.Args) == 2 {
		field := e.Args[0].String()
		if l, ok := e.Args[0].(*Literal); ok && l.Text != "" && strings.Trim(l.Text, "abcdefghijklmnopqrstuvwxyz") == "" {
			field = l.Text
		}
		return "EXTRACT(" + field + " FROM " + e.Args[1].String() + ")"
	} else if strings.HasPrefix(e.Name, "current_") || strings.HasPrefix(e.Name, "local") {
		return strings.ToUpper(e.Name)
	}
	return name + "(" + join(e.Args, ", ") + ")"
}
func (e *Cast) String() string {
	if e.Type.Spelt {
		return "CAST(" + e.X.String() + " AS " + e.Type.String() + ")"
	}
	if l, ok := e.X.(*Literal); ok && l.Kind == StringLiteral {
		return l.String() + "::" + e.Type.String()
	}
	return "(" + e.X.String() + ")::" + e.Type.String()
}
func (e *Array) String() string   { return "ARRAY[" + join(e.List, ", ") + "]" }
func (e *Row) String() string     { return "ROW(" + join(e.List, ", ") + ")" }
func (e *Index) String() string   { return "(" + e.X.String() + ")[" + e.I.String() + "]" }
func (e *FieldOf) String() string { return "(" + e.X.String() + ")." + QuoteName(e.Name) }
func (e *Collate) String() string {
	return "(" + e.X.String() + " COLLATE " + QuoteIdent(e.Name) + ")"
}

func (e *Literal) Children() []Expr      { return nil }
func (e *ColumnRef) Children() []Expr    { return nil }
func (e *Param) Children() []Expr        { return nil }
func (e *Unary) Children() []Expr        { return []Expr{e.X} }
func (e *Binary) Children() []Expr       { return []Expr{e.L, e.R} }
func (e *Logic) Children() []Expr        { return e.List }
func (e *Not) Children() []Expr          { return []Expr{e.X} }
func (e *NullTest) Children() []Expr     { return []Expr{e.X} }
func (e *BoolTest) Children() []Expr     { return []Expr{e.X} }
func (e *DistinctFrom) Children() []Expr { return []Expr{e.L, e.R} }
func (e *AnyOf) Children() []Expr        { return []Expr{e.X, e.Array} }
func (e *CaseWhen) Children() []Expr {
	var out []Expr
	if e.Operand != nil {
		out = append(out, e.Operand)
	}
	for _, w := range e.Whens {
		out = append(out, w.If, w.Then)
	}
	if e.Else != nil {
		out = append(out, e.Else)
	}
	return out
}
func (e *Call) Children() []Expr    { return e.Args }
func (e *Cast) Children() []Expr    { return []Expr{e.X} }
func (e *Array) Children() []Expr   { return e.List }
func (e *Row) Children() []Expr     { return e.List }
func (e *Index) Children() []Expr   { return []Expr{e.X, e.I} }
func (e *FieldOf) Children() []Expr { return []Expr{e.X} }
func (e *Collate) Children() []Expr { return []Expr{e.X} }

// Walk calls visit for e and all expressions in it, from the outside in.
func Walk(e Expr, visit func(Expr)) {
	visit(e)
	for _, c := range e.Children() {
		Walk(c, visit)
	}
}

// Size counts the parts of an expression.
func Size(e Expr) (n int) {
	Walk(e, func(Expr) { n++ })
	return n
}

// Columns gives the names of the columns that an expression reads, in the order of their first use.
func Columns(e Expr) []string {
	var out []string
	seen := map[string]bool{}
	Walk(e, func(e Expr) {
		if c, ok := e.(*ColumnRef); ok && !seen[c.Name] {
			seen[c.Name] = true
			out = append(out, c.Name)
		}
	})
	return out
}

// Replace gives e with every node that change gives a substitute for replaced, from the inside out.
func Replace(e Expr, change func(Expr) Expr) Expr {
	list := func(in []Expr) []Expr {
		out := make([]Expr, len(in))
		for i, x := range in {
			out[i] = Replace(x, change)
		}
		return out
	}
	one := func(x Expr) Expr {
		if x == nil {
			return nil
		}
		return Replace(x, change)
	}
	switch x := e.(type) {
	case *Unary:
		e = &Unary{x.Op, one(x.X)}
	case *Binary:
		e = &Binary{x.Op, one(x.L), one(x.R)}
	case *Logic:
		e = &Logic{x.Or, list(x.List)}
	case *Not:
		e = &Not{one(x.X)}
	case *NullTest:
		e = &NullTest{one(x.X), x.Not}
	case *BoolTest:
		e = &BoolTest{one(x.X), x.Is, x.Not}
	case *DistinctFrom:
		e = &DistinctFrom{one(x.L), one(x.R), x.Not}
	case *AnyOf:
		e = &AnyOf{one(x.X), x.Op, x.All, one(x.Array)}
	case *CaseWhen:
		c := &CaseWhen{Operand: one(x.Operand), Else: one(x.Else)}
		for _, w := range x.Whens {
			c.Whens = append(c.Whens, When{one(w.If), one(w.Then)})
		}
		e = c
	case *Call:
		e = &Call{x.Schema, x.Name, list(x.Args)}
	case *Cast:
		e = &Cast{one(x.X), x.Type}
	case *Array:
		e = &Array{list(x.List)}
	case *Row:
		e = &Row{list(x.List)}
	case *Index:
		e = &Index{one(x.X), one(x.I)}
	case *FieldOf:
		e = &FieldOf{one(x.X), x.Name}
	case *Collate:
		e = &Collate{one(x.X), x.Name}
	case *Exists:
		e = &Exists{x.Query.replace(change)}
	case *Subquery:
		e = &Subquery{x.Query.replace(change)}
	}
	return change(e)
}

func join(list []Expr, sep string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, sep)
}

func not(n bool) string {
	if n {
		return " NOT"
	}
	return ""
}

func QuoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func QuoteIdent(s string) string  { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// QuoteName quotes a name where it is no plain lower-case word.
func QuoteName(s string) string {
	for i, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && digit(c)) {
			return QuoteIdent(s)
		}
	}
	if s == "" || reserved[s] {
		return QuoteIdent(s)
	}
	return s
}
