package sqlexpr

import (
	"fmt"
	"strings"
)

func (p *parser) infix(l Expr, lev int) (Expr, error) {
	t := p.tok()
	p.at++
	word := strings.ToLower(t.Text)
	switch lev {
	case levOr, levAnd:
		r, err := p.operand(lev)
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
	if t.Kind == TokName {
		switch word {
		case "is", "isnull", "notnull":
			return p.is(l, word)
		case "not":
			if p.take("null") {
				return &NullTest{l, true}, nil
			}
			w := p.tok()
			p.at++
			return p.like(l, strings.ToLower(w.Text), true)
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
	return p.operator(l, t.Text, lev)
}

// operator reads what follows an infix operator.
func (p *parser) operator(l Expr, op string, lev int) (Expr, error) {
	switch op {
	case "!=":
		op = "<>"
	case "==":
		op = "="
	}
	if all := p.tok().Is("all"); (all || p.tok().Is("any") || p.tok().Is("some")) && p.peek(1).Is("(") && !p.sqlite {
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
	for p.tok().Kind == TokName || p.tok().Kind == TokQuoted {
		p.at++
		if err := p.want("."); err != nil {
			return nil, err
		}
	}
	op := p.tok()
	if op.Kind != TokOp {
		return nil, p.unexpected()
	}
	p.at++
	if err := p.want(")"); err != nil {
		return nil, err
	}
	return p.operator(l, op.Text, levOther)
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
	case p.tok().Is("true"), p.tok().Is("false"), p.tok().Is("unknown") && !p.sqlite:
		is := strings.ToLower(p.tok().Text)
		p.at++
		return &BoolTest{x, is, n}, nil
	case p.tok().Is("distinct") && p.peek(1).Is("from"):
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
		var among Expr = &Array{list}
		if len(list) == 1 {
			if q, ok := list[0].(*Subquery); ok {
				among = q
			}
		}
		if negate {
			return &AnyOf{x, "<>", true, among}, nil
		}
		return &AnyOf{x, "=", false, among}, nil
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
		if !p.queries && (p.tok().Is("select") || p.tok().Is("with")) {
			return nil, fmt.Errorf("a subquery is not understood")
		}
		if p.tok().Is("variadic") {
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
