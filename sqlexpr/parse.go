package sqlexpr

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/internal/bound"
)

// Parse reads an expression: of PostgreSQL as pg_get_expr prints it (and most of what people write), or
// of SQLite, as sqlite says.
func Parse(src string, sqlite bool) (Expr, error) { return parse(src, sqlite, false) }

func parse(src string, sqlite, queries bool) (Expr, error) {
	p, err := newParser(src, sqlite)
	if err != nil {
		return nil, err
	}
	p.queries = queries
	e, err := p.expr(0)
	if err == nil && p.tok().Kind != TokEnd {
		err = p.unexpected()
	}
	if err == nil {
		err = bounded(e)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// bounded holds a tree against the bounds of depth and size. Parts that stand in it several times, such as the operand
// of BETWEEN, count each time.
func bounded(e Expr) error {
	type place struct {
		e     Expr
		depth int
	}
	parts, open := 0, []place{{e, 1}}
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if at.depth > bound.Depth {
			return bound.Deep()
		}
		if parts++; parts > bound.Parts {
			return bound.Large()
		}
		for _, c := range at.e.Children() {
			if c != nil {
				open = append(open, place{c, at.depth + 1})
			}
		}
	}
	return nil
}

// ParseBody reads the body of a function that consists of one expression: SELECT e, RETURN e, one of
// them in BEGIN ... END, or the expression alone.
func ParseBody(src string) (Expr, error) {
	p, err := newParser(src, false)
	if err != nil {
		return nil, err
	}
	block := p.take("begin")
	if block {
		p.take("atomic")
	}
	if query := p.take("select") || p.take("return"); block && !query {
		return nil, p.unexpected()
	}
	e, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if p.take("as") || p.tok().Kind == TokQuoted {
		p.at++
	}
	p.take(";")
	if block && !p.take("end") {
		return nil, p.unexpected()
	}
	p.take(";")
	if p.tok().Kind != TokEnd {
		return nil, p.unexpected()
	}
	return e, bounded(e)
}

type parser struct {
	src     string
	sqlite  bool
	queries bool // subqueries are read, and parts that are not understood are passed over
	toks    []Token
	at      int
	depth   int
}

func newParser(src string, sqlite bool) (*parser, error) {
	if err := bound.Long(src, bound.SQL); err != nil {
		return nil, err
	}
	toks, err := Lex(src, sqlite)
	if err != nil {
		return nil, err
	}
	return &parser{src: src, sqlite: sqlite, toks: toks}, nil
}

func (p *parser) tok() Token { return p.toks[p.at] }
func (p *parser) peek(n int) Token {
	return p.toks[min(p.at+n, len(p.toks)-1)]
}

func (p *parser) take(word string) bool {
	if p.tok().Is(word) {
		p.at++
		return true
	}
	return false
}

func (p *parser) want(word string) error {
	if p.take(word) {
		return nil
	}
	return fmt.Errorf("%s is missing before %q", word, p.rest())
}

func (p *parser) rest() string {
	s := p.src[p.tok().At:]
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return s
}

func (p *parser) unexpected() error {
	if p.tok().Kind == TokEnd {
		return fmt.Errorf("the expression ends too early")
	}
	return fmt.Errorf("%q is not understood", p.rest())
}

// Levels of precedence, from the loosest, of PostgreSQL (table 4.2 of its manual). SQLite's are mapped
// onto the same numbers, see level.
const (
	levOr = iota + 1
	levAnd
	levNot
	levIs
	levCompare
	levLike
	levOther
	levAdd
	levMul
	levPower
	levZone
	levCollate
	levSign
	levIndex
	levCast
)

// level gives the precedence of the infix operator at the current Token, 0 for none. In SQLite =, <>, IS,
// IN, LIKE and BETWEEN share one level, below that of < and <=; || and -> bind most tightly.
func (p *parser) level() int {
	t := p.tok()
	if t.Kind == TokName {
		switch strings.ToLower(t.Text) {
		case "or":
			return levOr
		case "and":
			return levAnd
		case "is", "isnull", "notnull":
			return levIs
		case "not":
			if p.sqlite || p.peek(1).Is("null") {
				return levIs
			}
			return levLike
		case "between", "in", "like", "ilike", "similar", "glob", "regexp", "match", "overlaps":
			if p.sqlite {
				return levIs
			}
			return levLike
		case "at":
			return levZone
		case "collate":
			return levCollate
		case "operator":
			return levOther
		}
		return 0
	}
	if t.Kind != TokOp {
		return 0
	}
	switch t.Text {
	case "=", "<>", "!=", "==":
		if p.sqlite {
			return levIs
		}
		return levCompare
	case "<", ">", "<=", ">=":
		return levCompare
	case "+", "-":
		return levAdd
	case "*", "/", "%":
		return levMul
	case "^":
		return levPower
	case "||", "->", "->>":
		if p.sqlite {
			return levPower
		}
		return levOther
	case "::":
		return levCast
	case "[":
		return levIndex
	case "(", ")", "]", ",", ".", ";", ":", ":=":
		return 0
	}
	return levOther
}

// deeper begins to read what stands within something else, and higher ends it.
func (p *parser) deeper() error {
	if p.depth++; p.depth > bound.Depth {
		return bound.Deep()
	}
	return nil
}

func (p *parser) higher() { p.depth-- }

// expr reads an expression whose infix operators all bind more tightly than least.
func (p *parser) expr(least int) (Expr, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.higher()
	read := p.prefix
	if p.queries && least < levAnd {
		read = func() (Expr, error) { return p.operand(levAnd) }
	}
	l, err := read()
	if err != nil {
		return nil, err
	}
	for {
		lev := p.level()
		if lev <= least {
			return l, nil
		}
		next, err := p.infix(l, lev)
		if err != nil {
			return nil, err
		}
		l = next
	}
}
