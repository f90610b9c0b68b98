package sqlexpr

import (
	"fmt"
	"strings"
)

// Nodes of expressions with queries, as they stand in the bodies of triggers. Checks have none.
type (
	// Exists is EXISTS (query).
	Exists struct{ Query *Query }
	// Subquery is a query in parentheses: a value, or of IN and ANY all values.
	Subquery struct{ Query *Query }
	// Unknown is a part that is not understood, as it is written.
	Unknown struct{ Text string }
)

// Query is SELECT. The rows that it locks and a number of rows at most are read over: they do not change whether there is
// a row.
type Query struct {
	What  []Item   // none for SELECT FROM
	From  []Source // joined tables too
	On    []Expr   // conditions of joins
	Where Expr     // nil where there is none
	Order []Order  // none also where it is not understood
	// Other says that there is more than that: groups, a union, WITH, an offset; or that nothing of it is understood.
	Other bool
}

// Order is an entry of ORDER BY.
type Order struct {
	Expr Expr
	Desc bool
}

// Item is an entry of a query's list.
type Item struct {
	Expr Expr // a ColumnRef by the name of * for all columns
	As   string
}

// Source is what a query reads.
type Source struct {
	Schema, Table string
	As            string
	Of            Expr // a query or a function in place of a table
}

// ParseQueries reads an expression as Parse does, with queries in it. What it does not understand of an operand of AND
// and OR becomes an Unknown, so that the others are read all the same.
func ParseQueries(src string, sqlite bool) (Expr, error) { return parse(src, sqlite, true) }

// ParseQuery reads a query; one that is not understood is a Query with Other. A text that has no tokens of SQL, or is
// beyond a bound, is an error.
func ParseQuery(src string, sqlite bool) (*Query, error) {
	p, err := newParser(src, sqlite)
	if err != nil {
		return nil, err
	}
	p.queries = true
	q, err := p.query()
	if err == nil && p.tok().Kind != TokEnd {
		err = p.unexpected()
	}
	if err == nil {
		err = bounded(&Subquery{q})
	}
	return q, err
}

// operand reads an operand of AND or OR: what binds more tightly than least. Where queries are read, one that is not
// understood is passed over.
func (p *parser) operand(least int) (Expr, error) {
	start := p.at
	e, err := p.expr(least)
	if err == nil || !p.queries {
		return e, err
	}
	p.at = start
	if !p.skip("and", "or", "then", "when", "else", "end", ",", "loop", "from", "where", "as") {
		return nil, err
	}
	return &Unknown{strings.TrimSpace(p.src[p.toks[start].At:p.toks[p.at-1].End])}, nil
}

// skip passes over tokens up to one of some words, a semicolon, a bracket that nothing opened, or the end. It tells
// whether there was something to pass over.
func (p *parser) skip(words ...string) bool {
	start, depth, cases := p.at, 0, 0
	for ; p.tok().Kind != TokEnd; p.at++ {
		t := p.tok()
		if depth == 0 && cases == 0 && p.at > start {
			if t.Is(";") || t.Is(")") || t.Is("]") {
				break
			}
			stops := false
			for _, w := range words {
				stops = stops || t.Is(w)
			}
			if stops {
				break
			}
		}
		switch {
		case t.Is("(") || t.Is("["):
			depth++
		case t.Is(")") || t.Is("]"):
			if depth--; depth < 0 {
				return p.at > start
			}
		case t.Is(";") && depth == 0:
			return p.at > start
		case t.Is("case"):
			cases++
		case t.Is("end") && cases > 0:
			cases--
		}
	}
	return p.at > start
}

// query reads a query up to what ends it: a closing bracket, a semicolon or the end.
func (p *parser) query() (*Query, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.higher()
	start := p.at
	if p.take("(") { // a query in brackets of its own
		if q, err := p.query(); err == nil && p.take(")") && (p.tok().Kind == TokEnd || p.tok().Is(")") || p.tok().Is(";")) {
			return q, nil
		}
		p.at = start
	}
	q := &Query{}
	if err := p.read(q); err == nil && (p.tok().Kind == TokEnd || p.tok().Is(")") || p.tok().Is(";")) {
		return q, nil
	}
	p.at = start
	if !p.skip() {
		return nil, p.unexpected()
	}
	return &Query{Other: true}, nil
}

func (p *parser) read(q *Query) error {
	if err := p.want("select"); err != nil {
		return err
	}
	if p.take("distinct") {
		if p.tok().Is("on") {
			return p.unexpected()
		}
	} else {
		p.take("all")
	}
	for !p.clause() {
		if len(q.What) > 0 {
			if err := p.want(","); err != nil {
				return err
			}
		}
		i, err := p.item()
		if err != nil {
			return err
		}
		q.What = append(q.What, i)
	}
	if p.take("from") {
		if err := p.from(q); err != nil {
			return err
		}
	}
	if p.take("where") {
		e, err := p.expr(0)
		if err != nil {
			return err
		}
		q.Where = e
	}
	q.Order = p.order()
	for p.tok().Kind != TokEnd && !p.tok().Is(")") && !p.tok().Is(";") {
		if !p.tok().Is("order") && !p.tok().Is("limit") && !p.tok().Is("for") {
			q.Other = true
		}
		p.at++
		p.skip("order", "limit", "for", "offset", "fetch", "group", "having", "union", "intersect", "except", "window")
	}
	return nil
}

// order reads ORDER BY; what is not understood of it is left to be read over.
func (p *parser) order() (out []Order) {
	start := p.at
	if !p.take("order") || !p.take("by") {
		p.at = start
		return nil
	}
	for again := true; again; again = p.take(",") {
		e, err := p.expr(0)
		if err != nil {
			p.at = start
			return nil
		}
		o := Order{Expr: e, Desc: p.take("desc")}
		if !o.Desc {
			p.take("asc")
		}
		if p.take("nulls") && !p.take("first") {
			p.take("last")
		}
		out = append(out, o)
	}
	if !p.clause() {
		p.at = start
		return nil
	}
	return out
}

// clause tells whether the list of a query is at its end.
func (p *parser) clause() bool {
	t := p.tok()
	return t.Kind == TokEnd || t.Is(")") || t.Is(";") || t.Kind == TokName && clauses[strings.ToLower(t.Text)]
}

// clauses are the words that begin what follows a query's list.
var clauses = map[string]bool{"from": true, "where": true, "group": true, "having": true, "window": true,
	"union": true, "intersect": true, "except": true, "order": true, "limit": true, "offset": true, "fetch": true, "for": true}

func (p *parser) item() (i Item, err error) {
	if p.take("*") {
		return Item{Expr: &ColumnRef{Name: "*"}}, nil
	}
	if p.peek(1).Is(".") && p.peek(2).Is("*") {
		i = Item{Expr: &ColumnRef{Table: p.tok().Text, Name: "*"}}
		p.at += 3
		return i, nil
	}
	if i.Expr, err = p.expr(0); err != nil {
		return i, err
	}
	i.As, err = p.alias()
	return i, err
}

// alias reads [AS] name, which may not be there.
func (p *parser) alias() (string, error) {
	as := p.take("as")
	t := p.tok()
	word := strings.ToLower(t.Text)
	switch {
	case t.Kind == TokQuoted, t.Kind == TokName && (as || !reserved[word] && !clauses[word] && !joins[word]):
		p.at++
		return t.Text, nil
	case as:
		return "", p.unexpected()
	}
	return "", nil
}

var joins = map[string]bool{"join": true, "inner": true, "left": true, "right": true, "full": true, "outer": true,
	"cross": true, "natural": true}

func (p *parser) from(q *Query) error {
	for {
		if err := p.source(q); err != nil {
			return err
		}
		joined := false
		for p.tok().Kind == TokName && joins[strings.ToLower(p.tok().Text)] {
			p.at++
			joined = true
		}
		if !joined && !p.take(",") {
			return nil
		}
	}
}

func (p *parser) source(q *Query) (err error) {
	var s Source
	p.take("only")
	p.take("lateral")
	open := p.tok().Is("(")
	names := 0
	for p.peek(names).Kind == TokName || p.peek(names).Kind == TokQuoted {
		if names++; !p.peek(names).Is(".") {
			break
		}
		names++
	}
	if open || names > 0 && p.peek(names).Is("(") {
		if s.Of, err = p.expr(levCast); err != nil {
			return err
		}
	} else {
		path, err := p.qualified()
		if err != nil {
			return err
		}
		s.Schema, s.Table = qualifier(path), path[len(path)-1]
		p.take("*")
	}
	if s.As, err = p.alias(); err != nil {
		return err
	}
	if p.tok().Is("(") { // names of columns
		if _, err := p.list("(", ")"); err != nil {
			return err
		}
	}
	q.From = append(q.From, s)
	switch {
	case p.take("on"):
		e, err := p.expr(0)
		if err != nil {
			return err
		}
		q.On = append(q.On, e)
	case p.take("using"):
		list, err := p.list("(", ")")
		if err != nil {
			return err
		}
		q.On = append(q.On, list...)
	}
	return nil
}

// exprs gives the expressions of a query.
func (q *Query) exprs() (out []Expr) {
	for _, i := range q.What {
		out = append(out, i.Expr)
	}
	for _, s := range q.From {
		if s.Of != nil {
			out = append(out, s.Of)
		}
	}
	out = append(out, q.On...)
	if q.Where != nil {
		out = append(out, q.Where)
	}
	return out
}

func (q *Query) replace(change func(Expr) Expr) *Query {
	out := &Query{Other: q.Other}
	for _, i := range q.What {
		out.What = append(out.What, Item{Replace(i.Expr, change), i.As})
	}
	for _, s := range q.From {
		if s.Of != nil {
			s.Of = Replace(s.Of, change)
		}
		out.From = append(out.From, s)
	}
	for _, e := range q.On {
		out.On = append(out.On, Replace(e, change))
	}
	if q.Where != nil {
		out.Where = Replace(q.Where, change)
	}
	for _, o := range q.Order {
		out.Order = append(out.Order, Order{Replace(o.Expr, change), o.Desc})
	}
	return out
}

// String gives the query for people: what was read over is left out.
func (q *Query) String() string {
	if q.Other {
		return "SELECT ..."
	}
	named := func(s, as string) string {
		if as != "" {
			s += " AS " + QuoteName(as)
		}
		return s
	}
	var list, from []string
	for _, i := range q.What {
		text := i.Expr.String()
		if c, ok := i.Expr.(*ColumnRef); ok && c.Name == "*" {
			text = "*"
			if c.Table != "" {
				text = QuoteName(c.Table) + ".*"
			}
		}
		list = append(list, named(text, i.As))
	}
	for _, s := range q.From {
		text := QuoteName(s.Table)
		switch {
		case s.Of != nil:
			text = s.Of.String()
		case s.Schema != "":
			text = QuoteName(s.Schema) + "." + text
		}
		from = append(from, named(text, s.As))
	}
	out := "SELECT " + strings.Join(list, ", ")
	if len(from) > 0 {
		out += " FROM " + strings.Join(from, ", ")
	}
	where := q.On
	if q.Where != nil {
		where = append(where[:len(where):len(where)], q.Where)
	}
	if len(where) > 0 {
		out += " WHERE " + join(where, " AND ")
	}
	return out
}

func (e *Exists) String() string     { return fmt.Sprintf("EXISTS (%s)", e.Query) }
func (e *Subquery) String() string   { return fmt.Sprintf("(%s)", e.Query) }
func (e *Unknown) String() string    { return "(" + e.Text + ")" }
func (e *Exists) Children() []Expr   { return e.Query.exprs() }
func (e *Subquery) Children() []Expr { return e.Query.exprs() }
func (e *Unknown) Children() []Expr  { return nil }
