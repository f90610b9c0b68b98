package sqlexpr

import (
	"fmt"
	"strconv"
	"strings"
)

// reserved are words that are no column's name unless they are quoted.
var reserved = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq(`all and any array as asymmetric between both case cast check collate column constraint create
		current_date current_time current_timestamp current_user default desc distinct else end except false for foreign from
		grant group having in initially intersect into is isnull lateral leading like ilike limit localtime localtimestamp not
		notnull null offset on only or order placing primary references returning row select session_user similar some symmetric
		table then to trailing true union unique user using variadic when where window with`) {
		reserved[w] = true
	}
}

// prefix reads an operand with the operators before it.
func (p *parser) prefix() (Expr, error) {
	t := p.tok()
	switch {
	case t.Is("not"):
		p.at++
		x, err := p.expr(levNot - 1)
		if err != nil {
			return nil, err
		}
		return &Not{x}, nil
	case t.Kind == TokOp && (t.Text == "-" || t.Text == "+" || p.sqlite && t.Text == "~"):
		p.at++
		x, err := p.expr(levSign - 1)
		if err != nil {
			return nil, err
		}
		if n, ok := x.(*Literal); ok && n.Kind == NumberLiteral && t.Text == "-" && !strings.HasPrefix(n.Text, "-") {
			return &Literal{NumberLiteral, "-" + n.Text}, nil
		}
		if t.Text == "+" {
			return x, nil
		}
		return &Unary{t.Text, x}, nil
	case t.Kind == TokOp && strings.ContainsAny(t.Text, operatorBytes):
		p.at++
		x, err := p.expr(levOther)
		if err != nil {
			return nil, err
		}
		return &Unary{t.Text, x}, nil
	}
	return p.primary()
}

func (p *parser) primary() (Expr, error) {
	t := p.tok()
	p.at++
	switch t.Kind {
	case TokString:
		return &Literal{StringLiteral, t.Text}, nil
	case TokBytes:
		return &Literal{BytesLiteral, t.Text}, nil
	case TokBits:
		p.at--
		return nil, fmt.Errorf("a literal of the form %c'...' is not understood", p.src[t.At])
	case TokNumber:
		return &Literal{NumberLiteral, t.Text}, nil
	case TokParam:
		n, err := strconv.Atoi(t.Text)
		return &Param{n}, err
	case TokOp:
		if t.Text == "(" {
			return p.parens()
		}
	case TokQuoted:
		p.at--
		return p.named()
	case TokName:
		return p.word(strings.ToLower(t.Text))
	}
	p.at--
	return nil, p.unexpected()
}

// parens reads what stands in parentheses: an expression, or a row.
func (p *parser) parens() (Expr, error) {
	p.at--
	list, err := p.list("(", ")")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, p.unexpected()
	}
	if len(list) > 1 {
		return &Row{list}, nil
	}
	x := list[0]
	for p.tok().Is(".") {
		p.at++
		f := p.tok()
		if f.Kind != TokName && f.Kind != TokQuoted {
			return nil, p.unexpected()
		}
		p.at++
		x = &FieldOf{x, f.Text}
	}
	return x, nil
}

// word reads what a word begins. The word has been taken.
func (p *parser) word(w string) (Expr, error) {
	open := p.tok().Is("(")
	switch w {
	case "true", "false":
		return &Literal{BoolLiteral, w}, nil
	case "null":
		return &Literal{NullLiteral, ""}, nil
	case "case":
		return p.caseOf()
	case "array":
		if p.tok().Is("[") {
			return p.array()
		}
	case "row":
		if open {
			list, err := p.list("(", ")")
			return &Row{list}, err
		}
	case "cast":
		if open {
			return p.cast()
		}
	case "exists":
		if open && p.queries {
			p.at++
			q, err := p.query()
			if err != nil {
				return nil, err
			}
			return &Exists{q}, p.want(")")
		}
		if open {
			return nil, fmt.Errorf("EXISTS is not understood")
		}
	case "raise":
		if open && !p.queries {
			return nil, fmt.Errorf("RAISE is not understood")
		}
	case "select", "with":
		if p.queries && p.at > 1 && p.toks[p.at-2].Is("(") {
			p.at--
			q, err := p.query()
			return &Subquery{q}, err
		}
		if w == "select" {
			p.at--
			return nil, p.unexpected()
		}
	case "extract", "trim", "substring", "position", "overlay":
		if open && !p.sqlite {
			p.at++
			return p.special(w)
		}
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "user", "current_catalog", "current_role":
		if open && !p.sqlite { // the number of digits
			if _, err := p.list("(", ")"); err != nil {
				return nil, err
			}
		}
		return &Call{Name: w}, nil
	case "not", "and", "or", "when", "then", "else", "end", "from", "for", "in", "is":
		p.at--
		return nil, p.unexpected()
	}
	p.at--
	return p.named()
}

// named reads a column, a call, or a typed literal.
func (p *parser) named() (Expr, error) {
	start := p.at
	quoted := p.tok().Kind == TokQuoted
	names, err := p.qualified()
	if err != nil {
		return nil, err
	}
	last := names[len(names)-1]
	if p.tok().Is("(") {
		p.at++
		if p.take("*") {
			if err := p.want(")"); err != nil {
				return nil, err
			}
			var list []Expr
			if p.queries && p.tok().Is("filter") {
				if list, err = p.filtered(nil); err != nil {
					return nil, err
				}
			}
			return &Call{Schema: qualifier(names), Name: last, Args: list}, nil
		}
		if p.tok().Is("distinct") {
			return nil, fmt.Errorf("DISTINCT is not understood")
		}
		if !p.sqlite && last == "make_interval" {
			return p.makeInterval()
		}
		p.at--
		list, err := p.list("(", ")")
		if err != nil {
			return nil, err
		}
		if p.queries && p.tok().Is("filter") && len(list) < 2 {
			if list, err = p.filtered(list); err != nil {
				return nil, err
			}
		}
		if p.tok().Is("over") || p.tok().Is("filter") {
			return nil, p.unexpected()
		}
		if p.tok().Kind == TokString && !p.sqlite { // timestamp(3) 'x'
			p.at = start
			return p.typed()
		}
		schema := qualifier(names)
		if schema == "pg_catalog" {
			schema = ""
		}
		if p.sqlite || !quoted {
			last = strings.ToLower(last)
		}
		if last == "position" && schema == "" && len(list) == 2 && !p.sqlite { // PostgreSQL prints it in quotes
			last = "strpos"
		}
		return &Call{Schema: schema, Name: last, Args: list}, nil
	}
	if !p.sqlite && !quoted {
		if p.tok().Kind == TokString || (last == "timestamp" || last == "time") && (p.tok().Is("with") || p.tok().Is("without")) ||
			last == "double" && p.tok().Is("precision") || last == "character" && p.tok().Is("varying") {
			p.at = start
			return p.typed()
		}
	}
	return &ColumnRef{Table: qualifier(names), Name: last, Quoted: quoted}, nil
}

func qualifier(names []string) string { return strings.Join(names[:len(names)-1], ".") }

// typed reads a typed literal: date '2020-01-01'.
func (p *parser) typed() (Expr, error) {
	ty, err := p.typeName()
	if err != nil {
		return nil, err
	}
	if p.tok().Kind != TokString {
		return nil, p.unexpected()
	}
	text := p.tok().Text
	p.at++
	if ty.Name == "interval" {
		for _, unit := range []string{"year", "month", "day", "hour", "minute", "second"} {
			if p.tok().Is(unit) {
				return nil, p.unexpected()
			}
		}
	}
	return &Cast{&Literal{StringLiteral, text}, ty}, nil
}

func (p *parser) array() (Expr, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.higher()
	p.at++
	out := &Array{}
	for !p.take("]") {
		if len(out.List) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		var e Expr
		var err error
		if p.tok().Is("[") {
			e, err = p.array()
		} else {
			e, err = p.expr(0)
		}
		if err != nil {
			return nil, err
		}
		out.List = append(out.List, e)
	}
	return out, nil
}

func (p *parser) cast() (Expr, error) {
	p.at++
	x, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if err := p.want("as"); err != nil {
		return nil, err
	}
	ty, err := p.typeName()
	if err != nil {
		return nil, err
	}
	ty.Spelt = true
	return &Cast{x, ty}, p.want(")")
}

func (p *parser) caseOf() (Expr, error) {
	c := &CaseWhen{}
	var err error
	if !p.tok().Is("when") {
		if c.Operand, err = p.expr(0); err != nil {
			return nil, err
		}
	}
	for p.take("when") {
		var w When
		if w.If, err = p.expr(0); err != nil {
			return nil, err
		}
		if err = p.want("then"); err != nil {
			return nil, err
		}
		if w.Then, err = p.expr(0); err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, w)
	}
	if p.take("else") {
		if c.Else, err = p.expr(0); err != nil {
			return nil, err
		}
	}
	if len(c.Whens) == 0 {
		return nil, p.unexpected()
	}
	return c, p.want("end")
}

// special reads the arguments of functions that have a grammar of their own.
func (p *parser) special(w string) (Expr, error) {
	switch w {
	case "extract":
		f := p.tok()
		if f.Kind != TokName && f.Kind != TokString && f.Kind != TokQuoted {
			return nil, p.unexpected()
		}
		p.at++
		if err := p.want("from"); err != nil {
			return nil, err
		}
		x, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		return &Call{Name: "extract", Args: []Expr{&Literal{StringLiteral, LowerASCII(f.Text)}, x}}, p.want(")")
	case "trim":
		name := "btrim"
		switch {
		case p.take("leading"):
			name = "ltrim"
		case p.take("trailing"):
			name = "rtrim"
		default:
			p.take("both")
		}
		var args []Expr
		if !p.tok().Is("from") {
			x, err := p.expr(0)
			if err != nil {
				return nil, err
			}
			args = append(args, x)
		}
		if p.take("from") {
			x, err := p.expr(0)
			if err != nil {
				return nil, err
			}
			args = append([]Expr{x}, args...)
		}
		if p.take(",") {
			x, err := p.expr(0)
			if err != nil {
				return nil, err
			}
			args = append(args, x)
		}
		return &Call{Name: name, Args: args}, p.want(")")
	case "position":
		l, err := p.expr(levLike)
		if err != nil {
			return nil, err
		}
		if p.take(",") { // the function of that name, whose arguments stand the other way
			r, err := p.expr(0)
			if err != nil {
				return nil, err
			}
			return &Call{Name: "strpos", Args: []Expr{l, r}}, p.want(")")
		}
		if err := p.want("in"); err != nil {
			return nil, err
		}
		r, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		return &Call{Name: "strpos", Args: []Expr{r, l}}, p.want(")")
	}
	x, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	args := []Expr{x}
	words := []string{",", "from", "for"}
	if w == "overlay" {
		words = []string{",", "placing", "from", "for"}
	}
	for {
		found := false
		for _, word := range words {
			if p.tok().Is(word) {
				if word == "for" && len(args) == 1 { // from the first character on
					args = append(args, &Literal{NumberLiteral, "1"})
				}
				p.at++
				y, err := p.expr(0)
				if err != nil {
					return nil, err
				}
				args = append(args, y)
				found = true
				break
			}
		}
		if !found {
			return &Call{Name: w, Args: args}, p.want(")")
		}
	}
}

// filtered reads FILTER (WHERE ...) of an aggregate: what it aggregates is CASE WHEN ... THEN its argument END then, of
// which no aggregate counts the nulls.
func (p *parser) filtered(list []Expr) ([]Expr, error) {
	p.at++
	for _, w := range []string{"(", "where"} {
		if err := p.want(w); err != nil {
			return nil, err
		}
	}
	e, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	what := Expr(&Literal{Kind: NumberLiteral, Text: "1"})
	if len(list) == 1 {
		what = list[0]
	}
	return []Expr{&CaseWhen{Whens: []When{{e, what}}}}, p.want(")")
}
