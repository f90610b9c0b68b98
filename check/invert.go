package check

import (
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Inverse says how a column is filled so that an expression over it gives a wanted value.
type Inverse struct {
	Column string
	Path   []string // of the member of its JSON document; nil where it is the column itself
	Value  string   // in the language of generators' expressions
	Plain  bool     // it is the wanted value as it is
}

// Invert finds how the column that an expression reads comes from its value, which name stands for. It is nil where the
// expression cannot be followed back. begins gives a text of so many characters with which a column may begin.
func Invert(t *schema.Table, expression, name string, o Options, begins func(column string, n int) string) *Inverse {
	e, err := Parse(expression, o.SQLite)
	if err != nil {
		return nil
	}
	e = computed(t, e, o.SQLite)
	if len(Columns(e)) != 1 {
		return nil
	}
	v := &Inverse{Column: Columns(e)[0], Value: name, Plain: true}
	if t.Column(v.Column) == nil || t.Column(v.Column).Generated || !v.back(e, begins) {
		return nil
	}
	return v
}

func (v *Inverse) set(value string) { v.Value, v.Plain = value, false }

// back goes from an expression to the column in it.
func (v *Inverse) back(e Expr, begins func(string, int) string) bool {
	switch x := e.(type) {
	case *ColumnRef:
		return true
	case *Cast:
		return !x.Type.Array && v.back(x.X, begins)
	case *Collate:
		return v.back(x.X, begins)
	case *Unary:
		if x.Op != "-" {
			return false
		}
		v.set("-(" + v.Value + ")")
		return v.back(x.X, begins)
	case *Binary:
		return v.operator(x, begins)
	case *Call:
		return v.function(x, begins)
	}
	return false
}

func (v *Inverse) operator(x *Binary, begins func(string, int) string) bool {
	switch x.Op {
	case "->", "->>":
		if name := textOf(x.R); name != "" {
			return v.member(x.L, strings.Split(strings.TrimPrefix(name, "$."), "."))
		}
		return false
	case "#>", "#>>":
		if path, ok := strings.CutPrefix(textOf(x.R), "{"); ok {
			return v.member(x.L, strings.Split(strings.TrimSuffix(path, "}"), ","))
		}
		return false
	}
	n, left := numberOf(x.L)
	of := x.R
	if !left {
		var right bool
		if n, right = numberOf(x.R); !right {
			return false
		}
		of = x.L
	}
	switch {
	case x.Op == "+":
		v.set("(" + v.Value + ") - " + n)
	case x.Op == "-" && left:
		v.set(n + " - (" + v.Value + ")")
	case x.Op == "-":
		v.set("(" + v.Value + ") + " + n)
	case x.Op == "/" && !left && n != "0":
		v.set("(" + v.Value + ") * " + n)
	default:
		return false
	}
	return v.back(of, begins)
}

// numberOf gives a whole number that an expression is, in parentheses below zero.
func numberOf(e Expr) (string, bool) {
	switch x := e.(type) {
	case *Cast:
		return numberOf(x.X)
	case *Unary:
		if n, ok := numberOf(x.X); ok && x.Op == "-" {
			return "(-" + n + ")", true
		}
	case *Literal:
		if _, err := strconv.ParseInt(x.Text, 10, 64); err == nil {
			return x.Text, x.Kind == NumberLiteral || x.Kind == StringLiteral
		}
	}
	return "", false
}

func (v *Inverse) function(x *Call, begins func(string, int) string) bool {
	if x.Schema != "" && x.Schema != "pg_catalog" || len(x.Args) == 0 {
		return false
	}
	k := functions[x.Name]
	return k != nil && k.invert != nil && k.invert(v, x, begins)
}

// member goes on from a member of a document to the document.
func (v *Inverse) member(of Expr, path []string) bool {
	for _, name := range path {
		if name == "" || strings.ContainsAny(name, `"[]`) {
			return false
		}
	}
	v.Path = append(path, v.Path...)
	switch x := of.(type) {
	case *ColumnRef:
		return len(path) > 0
	case *Cast:
		return v.member(x.X, nil) || len(path) > 0 && isColumn(x.X)
	case *Binary:
		if name := textOf(x.R); x.Op == "->" && name != "" {
			return v.member(x.L, strings.Split(strings.TrimPrefix(name, "$."), "."))
		}
	}
	return false
}

func isColumn(e Expr) bool { _, ok := e.(*ColumnRef); return ok }

// TextIn tells whether an inverse's value is to be written as a text: the column or member holds one, and the key is none.
func (v *Inverse) TextIn(c *schema.Column, key column.Kind) bool {
	return v.Plain && v.Path == nil && c.Type.Kind == column.Text && key != column.Text
}
