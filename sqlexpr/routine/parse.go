package routine

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/sqlexpr"
)

type parser struct {
	src    string
	toks   []sqlexpr.Token
	at     int
	depth  int
	sqlite bool
	err    error // of nesting
}

func (p *parser) tok() sqlexpr.Token       { return p.peek(0) }
func (p *parser) peek(n int) sqlexpr.Token { return p.toks[min(p.at+n, len(p.toks)-1)] }
func (p *parser) end() bool                { return p.err != nil || p.tok().Kind == sqlexpr.TokEnd }

// word is the token in small letters where it is a name without quotes, or a sign; "" for others.
func (p *parser) word() string {
	switch t := p.tok(); t.Kind {
	case sqlexpr.TokName:
		return strings.ToLower(t.Text)
	case sqlexpr.TokOp:
		return t.Text
	}
	return ""
}

func (p *parser) take(word string) bool {
	if p.tok().Is(word) {
		p.at++
		return true
	}
	return false
}

// seek goes to the first of some words outside of brackets and of CASE, or to a semicolon, an unopened bracket or the end.
func (p *parser) seek(words ...string) {
	depth, cases := 0, 0
	for ; !p.end(); p.at++ {
		w := p.word()
		if depth == 0 && cases == 0 && (w == ";" || w != "" && slices.Contains(words, w)) {
			return
		}
		switch w {
		case "(", "[":
			depth++
		case ")", "]":
			if depth--; depth < 0 {
				return
			}
		case "case":
			cases++
		case "end":
			cases = max(cases-1, 0)
		}
	}
}

// text is what has been read since a place.
func (p *parser) text(since int) string {
	return strings.TrimSpace(p.src[p.toks[since].At:max(p.tok().At, p.toks[since].At)])
}

// expr reads an expression up to one of some words.
func (p *parser) expr(words ...string) sqlexpr.Expr {
	start := p.at
	p.seek(words...)
	text := p.text(start)
	e, err := sqlexpr.ParseQueries(text, p.sqlite)
	if err != nil {
		return &sqlexpr.Unknown{Text: text}
	}
	return e
}

// query reads a query up to one of some words.
func (p *parser) query(words ...string) *sqlexpr.Query {
	start := p.at
	p.seek(words...)
	return p.asQuery(p.text(start))
}

func (p *parser) asQuery(text string) *sqlexpr.Query {
	q, err := sqlexpr.ParseQuery(text, p.sqlite)
	if err != nil {
		return &sqlexpr.Query{Other: true}
	}
	return q
}

// name reads a name, which may be qualified.
func (p *parser) name() (path []string) {
	for p.tok().Kind == sqlexpr.TokName || p.tok().Kind == sqlexpr.TokQuoted {
		path = append(path, p.tok().Text)
		if p.at++; !p.take(".") {
			return path
		}
	}
	return path
}

// table reads the name of a table.
func (p *parser) table() (schema, table string) {
	path := p.name()
	if len(path) == 0 {
		return "", ""
	}
	return strings.Join(path[:len(path)-1], "."), path[len(path)-1]
}

// targets reads the variables of INTO.
func (p *parser) targets() (out []string) {
	p.take("strict")
	for {
		path := p.name()
		if len(path) == 0 {
			return out
		}
		out = append(out, strings.Join(path, "."))
		if !p.take(",") {
			return out
		}
	}
}

// statements reads statements up to what ends them: END, ELSE, ELSIF, WHEN or EXCEPTION, in whatever they stand.
func (p *parser) statements(in string) (out []Statement) {
	if p.depth++; p.depth > bound.Depth {
		p.err = bound.Deep()
	}
	defer func() { p.depth-- }()
	for !p.end() {
		switch w := p.word(); {
		case w == "end", in == "if" && (w == "else" || w == "elsif" || w == "elseif"), in == "case" && (w == "else" || w == "when"),
			in == "block" && (w == "exception" || w == "when"):
			return out
		case w == ";" || w == ")" || w == "]":
			p.at++
		default:
			out = append(out, p.statement(w)...)
		}
	}
	return out
}

// statement reads one; a WITH that inserts gives several.
func (p *parser) statement(w string) []Statement {
	one := func(s Statement) []Statement {
		p.finish()
		return []Statement{s}
	}
	switch w {
	case "<<": // a label
		p.seek(">>")
		p.take(">>")
		return nil
	case "declare", "begin":
		return one(p.block())
	case "if":
		return one(p.conditional())
	case "case":
		return one(p.caseOf())
	case "loop", "while", "for", "foreach":
		return one(p.loop(w))
	case "raise":
		p.at++
		level := p.word()
		return one(&Raise{Notice: slices.Contains([]string{"debug", "log", "info", "notice", "warning"}, level)})
	case "return":
		p.at++
		if p.tok().Is(";") {
			return one(&Return{})
		}
		return one(&Return{Value: p.expr()})
	case "perform":
		p.at++
		start := p.at
		p.seek()
		return one(&Select{Query: p.asQuery("select " + p.text(start))})
	case "select":
		return one(p.selection())
	case "insert", "replace":
		return one(p.insert())
	case "update", "delete":
		return one(p.change(w))
	case "with":
		return p.with()
	}
	if s := p.assignment(); s != nil {
		return one(s)
	}
	return one(&Other{})
}

// finish goes beyond the semicolon that ends a statement.
func (p *parser) finish() {
	p.seek("end")
	p.take(";")
}

func (p *parser) assignment() Statement {
	start := p.at
	path := p.name()
	for len(path) > 0 && p.tok().Is("[") { // an element: the whole is another then
		p.at++
		p.seek()
		p.take("]")
	}
	if len(path) == 0 || !p.take(":=") && !p.take("=") {
		p.at = start
		return nil
	}
	return &Assign{To: path, Value: p.expr()}
}

func (p *parser) block() Statement {
	b := &Block{}
	if p.take("declare") {
		for !p.end() && !p.tok().Is("begin") {
			if p.take("declare") {
				continue
			}
			a := &Assign{To: p.name()}
			p.seek(":=", "=", "default")
			if p.take(":=") || p.take("=") || p.take("default") {
				a.Value = p.expr()
			}
			if len(a.To) == 1 {
				b.Body = append(b.Body, a)
			} else if len(a.To) == 0 && !p.tok().Is(";") {
				p.at++
			}
			p.take(";")
		}
	}
	p.take("begin")
	b.Body = append(b.Body, p.statements("block")...)
	if p.take("exception") {
		for p.take("when") {
			p.seek("then")
			p.take("then")
			b.Handlers = append(b.Handlers, p.statements("block"))
		}
	}
	if p.take("end") && !p.tok().Is(";") {
		p.name() // a label
	}
	return b
}

func (p *parser) conditional() Statement {
	i := &If{}
	for p.take("if") || p.take("elsif") || p.take("elseif") {
		b := Branch{If: p.expr("then")}
		if !p.take("then") { // IF EXISTS of a statement that is none of ours
			return &Other{}
		}
		b.Then = p.statements("if")
		i.Branches = append(i.Branches, b)
	}
	if p.take("else") {
		i.Else = p.statements("if")
	}
	if p.take("end") {
		p.take("if")
	}
	return i
}

func (p *parser) caseOf() Statement {
	i := &If{}
	p.take("case")
	var on sqlexpr.Expr
	if !p.tok().Is("when") {
		on = p.expr("when")
	}
	for p.take("when") {
		var any []sqlexpr.Expr
		for {
			e := p.expr("then", ",")
			if on != nil {
				e = &sqlexpr.Binary{Op: "=", L: on, R: e}
			}
			any = append(any, e)
			if !p.take(",") {
				break
			}
		}
		b := Branch{If: any[0]}
		if len(any) > 1 {
			b.If = &sqlexpr.Logic{Or: true, List: any}
		}
		if !p.take("then") {
			return &Other{}
		}
		b.Then = p.statements("case")
		i.Branches = append(i.Branches, b)
	}
	if p.take("else") {
		i.Else = p.statements("case")
	}
	if p.take("end") {
		p.take("case")
	}
	return i
}

func (p *parser) loop(w string) Statement {
	l := &Loop{}
	p.at++
	switch w {
	case "for", "foreach":
		l.Into = p.targets()
		p.seek("in", "loop")
		if p.take("in"); p.tok().Is("select") {
			l.Query = p.query("loop")
		}
		p.seek("loop")
	case "while":
		p.seek("loop")
	}
	if w != "loop" && !p.take("loop") {
		return &Other{}
	}
	l.Body = p.statements("loop")
	if p.take("end") {
		p.take("loop")
		if !p.tok().Is(";") {
			p.name() // a label
		}
	}
	return l
}

// selection reads SELECT, whose INTO may stand anywhere.
func (p *parser) selection() Statement {
	start := p.at
	s := &Select{}
	p.seek("into")
	text := p.text(start)
	if p.take("into") {
		s.Into = p.targets()
		rest := p.at
		p.seek()
		text += " " + p.text(rest)
	}
	s.Query = p.asQuery(text)
	return s
}

// with reads WITH: the INSERTs within it, and that there is a query.
func (p *parser) with() (out []Statement) {
	start := p.at
	p.seek()
	stop := p.at
	var into []string
	for p.at = start; p.at < stop; p.at++ {
		switch {
		case p.tok().Is("insert") && p.peek(1).Is("into"):
			out = append(out, p.insert())
			p.at--
		case p.tok().Is("into"):
			p.at++
			into = append(into, p.targets()...)
			p.at--
		}
	}
	p.at = max(p.at, stop)
	p.finish()
	return append(out, &Select{Query: &sqlexpr.Query{Other: true}, Into: into})
}

func (p *parser) insert() Statement {
	n := &Insert{OnConflict: p.take("replace")}
	p.take("insert")
	if p.take("or") {
		n.OnConflict = !p.tok().Is("abort") && !p.tok().Is("fail") && !p.tok().Is("rollback")
		p.at++
	}
	p.take("into")
	n.Schema, n.Table = p.table()
	if p.take("as") {
		p.name()
	}
	if p.tok().Is("(") && !p.peek(1).Is("select") {
		p.at++
		for !p.end() && !p.tok().Is(")") {
			if path := p.name(); len(path) > 0 {
				n.Columns = append(n.Columns, path[0])
			}
			if p.seek(","); !p.take(",") {
				break
			}
		}
		p.take(")")
	}
	if p.take("overriding") {
		p.at += 2 // SYSTEM VALUE
	}
	ends := []string{"on", "returning"}
	switch {
	case p.take("values"):
		for p.take("(") {
			var row []sqlexpr.Expr
			for !p.end() && !p.tok().Is(")") {
				row = append(row, p.expr(","))
				if !p.take(",") {
					break
				}
			}
			p.take(")")
			n.Values = append(n.Values, row)
			p.take(",")
		}
	case p.tok().Is("select"), p.tok().Is("("), p.tok().Is("with"):
		start := p.at
		for p.seek(ends...); p.tok().Is("on") && !p.peek(1).Is("conflict"); p.seek(ends...) {
			p.at++
		}
		n.Query = p.asQuery(p.text(start))
	}
	if p.seek(ends...); p.take("on") {
		n.OnConflict = true
		p.seek("returning")
	}
	n.Into = p.returning()
	return n
}

func (p *parser) returning() (into []string) {
	if p.take("returning") {
		if p.seek("into"); p.take("into") {
			into = p.targets()
		}
	}
	p.seek()
	return into
}

func (p *parser) change(w string) Statement {
	c := &Change{Delete: w == "delete"}
	p.at++
	if p.take("or") {
		p.at++
	}
	p.take("from")
	p.take("only")
	c.Schema, c.Table = p.table()
	more := []string{"set", "where", "using", "returning"} // what may follow in place of an alias
	if p.take("as") || p.tok().Kind == sqlexpr.TokName && !slices.Contains(more, p.word()) {
		_, c.As = p.table()
	}
	joins := "using"
	if w == "update" {
		joins = "from"
	}
	p.seek(joins, "where", "returning")
	if p.take(joins) {
		c.Joined = true
		p.seek("where", "returning")
	}
	if p.take("where") {
		c.Where = p.expr("returning")
	}
	c.Into = p.returning()
	return c
}
