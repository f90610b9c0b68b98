package sqlexpr

import (
	"strconv"
	"strings"
)

// qualified reads a name, or several with points between.
func (p *parser) qualified() ([]string, error) {
	var out []string
	for {
		t := p.tok()
		if t.Kind != TokName && t.Kind != TokQuoted {
			return nil, p.unexpected()
		}
		out = append(out, t.Text)
		p.at++
		if !p.take(".") {
			return out, nil
		}
	}
}

// typeName reads a type.
func (p *parser) typeName() (TypeName, error) {
	quoted := p.tok().Kind == TokQuoted
	names, err := p.qualified()
	if err != nil {
		return TypeName{}, err
	}
	t := TypeName{Name: names[len(names)-1], Quoted: len(names) == 1 && quoted || len(names) > 1 && p.toks[p.at-1].Kind == TokQuoted}
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
	if p.tok().Is("(") {
		p.at++
		for !p.take(")") {
			if k := p.tok().Kind; k != TokNumber && k != TokName && !p.tok().Is("-") && !p.tok().Is(",") {
				return t, p.unexpected()
			}
			if !p.tok().Is(",") {
				t.Args = append(t.Args, p.tok().Text)
			}
			p.at++
		}
	}
	if t.Name == "timestamp" || t.Name == "time" {
		switch {
		case p.tok().Is("with") && p.peek(1).Is("time"):
			p.at += 3
			t.Name += " with time zone"
		case p.tok().Is("without") && p.peek(1).Is("time"):
			p.at += 3
			t.Name += " without time zone"
		}
	}
	for p.take("[") {
		t.Array = true
		if p.tok().Kind == TokNumber {
			p.at++
		}
		if err := p.want("]"); err != nil {
			return t, err
		}
	}
	return t, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
