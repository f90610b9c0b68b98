package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/internal/bound"
)

// Parse reads an expression: of PostgreSQL as pg_get_expr prints it (and most of what people write), or
// of SQLite, as sqlite says.
func Parse(src string, sqlite bool) (Expr, error) {
	p, err := newParser(src, sqlite)
	if err != nil {
		return nil, err
	}
	e, err := p.expr(0)
	if err == nil && p.tok().kind != tokEnd {
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
		for _, c := range at.e.children() {
			if c != nil {
				open = append(open, place{c, at.depth + 1})
			}
		}
	}
	return nil
}

// parseBody reads the body of a function that consists of one expression: SELECT e, RETURN e, one of
// them in BEGIN ... END, or the expression alone.
func parseBody(src string) (Expr, error) {
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
	if p.take("as") || p.tok().kind == tokQuoted {
		p.at++
	}
	p.take(";")
	if block && !p.take("end") {
		return nil, p.unexpected()
	}
	p.take(";")
	if p.tok().kind != tokEnd {
		return nil, p.unexpected()
	}
	return e, bounded(e)
}

type parser struct {
	src    string
	sqlite bool
	toks   []token
	at     int
	depth  int
}

func newParser(src string, sqlite bool) (*parser, error) {
	if err := bound.Long(src, bound.SQL); err != nil {
		return nil, err
	}
	toks, err := lex(src, sqlite)
	if err != nil {
		return nil, err
	}
	return &parser{src: src, sqlite: sqlite, toks: toks}, nil
}

func (p *parser) tok() token { return p.toks[p.at] }
func (p *parser) peek(n int) token {
	return p.toks[min(p.at+n, len(p.toks)-1)]
}

func (p *parser) take(word string) bool {
	if p.tok().is(word) {
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
	s := p.src[p.tok().at:]
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return s
}

func (p *parser) unexpected() error {
	if p.tok().kind == tokEnd {
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

// level gives the precedence of the infix operator at the current token, 0 for none. In SQLite =, <>, IS,
// IN, LIKE and BETWEEN share one level, below that of < and <=; || and -> bind most tightly.
func (p *parser) level() int {
	t := p.tok()
	if t.kind == tokName {
		switch strings.ToLower(t.text) {
		case "or":
			return levOr
		case "and":
			return levAnd
		case "is", "isnull", "notnull":
			return levIs
		case "not":
			if p.sqlite || p.peek(1).is("null") {
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
	if t.kind != tokOp {
		return 0
	}
	switch t.text {
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
	l, err := p.prefix()
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

func (p *parser) infix(l Expr, lev int) (Expr, error) {
	t := p.tok()
	p.at++
	word := strings.ToLower(t.text)
	switch lev {
	case levOr, levAnd:
		r, err := p.expr(lev)
		if err != nil {
			return nil, err
		}
		if g, ok := l.(*Logic); ok && g.Or == (lev == levOr) {
			g.List = append(g.List, r) // nobody else has it yet
			return g, nil
		}
		return &Logic{Or: lev == levOr, List: []Expr{l, r}}, nil
	case levCast:
		ty, err := p.typeName()
		if err != nil {
			return nil, err
		}
		return &Cast{l, ty}, nil
	case levIndex:
		i, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		return &Index{l, i}, p.want("]")
	case levCollate:
		name, err := p.qualified()
		if err != nil {
			return nil, err
		}
		return &Collate{l, name[len(name)-1]}, nil
	case levZone:
		if !p.take("time") || !p.take("zone") {
			return nil, p.unexpected()
		}
		z, err := p.expr(lev)
		if err != nil {
			return nil, err
		}
		return &Call{Name: "timezone", Args: []Expr{z, l}}, nil
	}
	if t.kind == tokName {
		switch word {
		case "is", "isnull", "notnull":
			return p.is(l, word)
		case "not":
			if p.take("null") {
				return &NullTest{l, true}, nil
			}
			w := p.tok()
			p.at++
			return p.like(l, strings.ToLower(w.text), true)
		case "operator":
			return p.namedOperator(l)
		case "overlaps":
			r, err := p.expr(lev)
			if err != nil {
				return nil, err
			}
			a, ok1 := l.(*Row)
			b, ok2 := r.(*Row)
			if !ok1 || !ok2 {
				return nil, fmt.Errorf("OVERLAPS wants two pairs")
			}
			return &Call{Name: "overlaps", Args: append(a.List[:len(a.List):len(a.List)], b.List...)}, nil
		}
		return p.like(l, word, false)
	}
	return p.operator(l, t.text, lev)
}

// operator reads what follows an infix operator.
func (p *parser) operator(l Expr, op string, lev int) (Expr, error) {
	switch op {
	case "!=":
		op = "<>"
	case "==":
		op = "="
	}
	if all := p.tok().is("all"); (all || p.tok().is("any") || p.tok().is("some")) && p.peek(1).is("(") && !p.sqlite {
		p.at += 2
		a, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		return &AnyOf{l, op, all, a}, p.want(")")
	}
	r, err := p.expr(lev)
	if err != nil {
		return nil, err
	}
	return &Binary{op, l, r}, nil
}

// namedOperator reads (schema.op) and the operand.
func (p *parser) namedOperator(l Expr) (Expr, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	for p.tok().kind == tokName || p.tok().kind == tokQuoted {
		p.at++
		if err := p.want("."); err != nil {
			return nil, err
		}
	}
	op := p.tok()
	if op.kind != tokOp {
		return nil, p.unexpected()
	}
	p.at++
	if err := p.want(")"); err != nil {
		return nil, err
	}
	return p.operator(l, op.text, levOther)
}

// is reads what follows IS.
func (p *parser) is(x Expr, word string) (Expr, error) {
	switch word {
	case "isnull":
		return &NullTest{x, false}, nil
	case "notnull":
		return &NullTest{x, true}, nil
	}
	n := p.take("not")
	switch {
	case p.take("null"):
		return &NullTest{x, n}, nil
	case p.tok().is("true"), p.tok().is("false"), p.tok().is("unknown") && !p.sqlite:
		is := strings.ToLower(p.tok().text)
		p.at++
		return &BoolTest{x, is, n}, nil
	case p.tok().is("distinct") && p.peek(1).is("from"):
		p.at += 2
		r, err := p.expr(levIs)
		return &DistinctFrom{x, r, n}, err
	case p.sqlite:
		r, err := p.expr(levIs)
		return &DistinctFrom{x, r, !n}, err
	}
	return nil, p.unexpected()
}

// like reads what follows IN, BETWEEN, LIKE and their like.
func (p *parser) like(x Expr, word string, negate bool) (Expr, error) {
	lev := levLike
	if p.sqlite {
		lev = levIs
	}
	var out Expr
	switch word {
	case "in":
		list, err := p.list("(", ")")
		if err != nil {
			return nil, err
		}
		if negate {
			return &AnyOf{x, "<>", true, &Array{list}}, nil
		}
		return &AnyOf{x, "=", false, &Array{list}}, nil
	case "between":
		symmetric := !p.sqlite && p.take("symmetric")
		low, err := p.expr(lev)
		if err != nil {
			return nil, err
		}
		if err := p.want("and"); err != nil {
			return nil, err
		}
		high, err := p.expr(lev)
		if err != nil {
			return nil, err
		}
		out = &Logic{List: []Expr{&Binary{">=", x, low}, &Binary{"<=", x, high}}}
		if symmetric {
			out = &Logic{Or: true, List: []Expr{out, &Logic{List: []Expr{&Binary{">=", x, high}, &Binary{"<=", x, low}}}}}
		}
	case "like", "ilike", "similar", "glob":
		if word == "similar" && !p.take("to") || word == "glob" && !p.sqlite {
			return nil, p.unexpected()
		}
		r, err := p.expr(lev)
		if err != nil {
			return nil, err
		}
		var escape []Expr
		if p.take("escape") {
			e, err := p.expr(lev)
			if err != nil {
				return nil, err
			}
			escape = []Expr{e}
		}
		return p.pattern(x, word, r, escape, negate)
	default:
		return nil, fmt.Errorf("%s is not understood", strings.ToUpper(word))
	}
	if negate {
		return &Not{out}, nil
	}
	return out, nil
}

func (p *parser) pattern(x Expr, word string, r Expr, escape []Expr, negate bool) (Expr, error) {
	if p.sqlite {
		var out Expr = &Binary{strings.ToUpper(word), x, r}
		if escape != nil {
			out = &Call{Name: word, Args: []Expr{r, x, escape[0]}}
		}
		if negate {
			out = &Not{out}
		}
		return out, nil
	}
	op := "~~"
	switch word {
	case "ilike":
		op = "~~*"
	case "similar":
		op, r = "~", &Call{Name: "similar_to_escape", Args: append([]Expr{r}, escape...)}
		escape = nil
	}
	if escape != nil {
		r = &Call{Name: "like_escape", Args: []Expr{r, escape[0]}}
	}
	if negate {
		op = "!" + op
	}
	return &Binary{op, x, r}, nil
}

// list reads expressions between open and shut, which may be none.
func (p *parser) list(open, shut string) ([]Expr, error) {
	if err := p.want(open); err != nil {
		return nil, err
	}
	var out []Expr
	if p.take(shut) {
		return out, nil
	}
	for {
		if p.tok().is("select") || p.tok().is("with") {
			return nil, fmt.Errorf("a subquery is not understood")
		}
		if p.tok().is("variadic") {
			return nil, fmt.Errorf("VARIADIC is not understood")
		}
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if !p.take(",") {
			return out, p.want(shut)
		}
	}
}

// qualified reads a name, or several with points between.
func (p *parser) qualified() ([]string, error) {
	var out []string
	for {
		t := p.tok()
		if t.kind != tokName && t.kind != tokQuoted {
			return nil, p.unexpected()
		}
		out = append(out, t.text)
		p.at++
		if !p.take(".") {
			return out, nil
		}
	}
}

// typeName reads a type.
func (p *parser) typeName() (TypeName, error) {
	quoted := p.tok().kind == tokQuoted
	names, err := p.qualified()
	if err != nil {
		return TypeName{}, err
	}
	t := TypeName{Name: names[len(names)-1], Quoted: len(names) == 1 && quoted || len(names) > 1 && p.toks[p.at-1].kind == tokQuoted}
	if len(names) > 1 {
		t.Schema = strings.Join(names[:len(names)-1], ".")
	}
	if t.Schema == "" && !t.Quoted {
		t.Name = strings.ToLower(t.Name)
		switch t.Name {
		case "double":
			if p.take("precision") {
				t.Name = "double precision"
			}
		case "character", "char", "bit", "national":
			if t.Name == "national" && (p.take("character") || p.take("char")) {
				t.Name = "character"
			}
			if p.take("varying") {
				t.Name += " varying"
			}
		}
	}
	if p.tok().is("(") {
		p.at++
		for !p.take(")") {
			if k := p.tok().kind; k != tokNumber && k != tokName && !p.tok().is("-") && !p.tok().is(",") {
				return t, p.unexpected()
			}
			if !p.tok().is(",") {
				t.Args = append(t.Args, p.tok().text)
			}
			p.at++
		}
	}
	if t.Name == "timestamp" || t.Name == "time" {
		switch {
		case p.tok().is("with") && p.peek(1).is("time"):
			p.at += 3
			t.Name += " with time zone"
		case p.tok().is("without") && p.peek(1).is("time"):
			p.at += 3
			t.Name += " without time zone"
		}
	}
	for p.take("[") {
		t.Array = true
		if p.tok().kind == tokNumber {
			p.at++
		}
		if err := p.want("]"); err != nil {
			return t, err
		}
	}
	return t, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
