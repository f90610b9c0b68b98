package check

import (
	"strconv"
	"strings"
)

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
