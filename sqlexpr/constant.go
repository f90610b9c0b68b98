package sqlexpr

import (
	"slices"
	"strconv"
)

// Constant gives the text of an expression that is a constant text or number, whatever type it is cast to: 'items'::text, 5,
// '5'::smallint.
func Constant(text string) (string, bool) {
	e, err := Parse(text, false)
	if err != nil {
		return "", false
	}
	return constant(e)
}

func constant(e Expr) (string, bool) {
	for {
		c, ok := e.(*Cast)
		if !ok {
			break
		}
		e = c.X
	}
	l, ok := e.(*Literal)
	if !ok || l.Kind != StringLiteral && l.Kind != NumberLiteral {
		return "", false
	}
	return l.Text, true
}

// NextOf gives the name of the sequence whose next number a default is: nextval('public.orders_id_seq'::regclass).
func NextOf(text string) (string, bool) {
	e, err := Parse(text, false)
	if c, ok := e.(*Call); err == nil && ok && c.Name == "nextval" && len(c.Args) == 1 {
		return constant(c.Args[0])
	}
	return "", false
}

// Fixed tells whether an expression gives the same for all rows, whenever they come: it calls nothing.
func Fixed(text string, sqlite bool) bool {
	e, err := Parse(text, sqlite)
	fixed := err == nil
	if fixed {
		Walk(e, func(e Expr) {
			_, call := e.(*Call)
			fixed = fixed && !call
		})
	}
	return fixed
}

// Same tells whether two texts of PostgreSQL say the same, but for spaces, comments, and quotes around names that need none.
func Same(a, b string) bool {
	l, err := Lex(a, false)
	r, wrong := Lex(b, false)
	return err == nil && wrong == nil && slices.EqualFunc(l, r, func(x, y Token) bool {
		kind := func(k TokenKind) TokenKind {
			if k == TokQuoted {
				return TokName
			}
			return k
		}
		return x.Text == y.Text && kind(x.Kind) == kind(y.Kind)
	})
}

// Run gives the place of the first token of a run of words and signs, from a place on; -1 where there is none.
func Run(toks []Token, from int, words ...string) int {
	for i := max(from, 0); i+len(words) <= len(toks); i++ {
		n := 0
		for n < len(words) && toks[i+n].Is(words[n]) {
			n++
		}
		if n == len(words) {
			return i
		}
	}
	return -1
}

// HashBound reads the bound of a partition by hash: FOR VALUES WITH (modulus 4, remainder 1).
func HashBound(text string) (modulus, remainder int, ok bool) {
	toks, err := Lex(text, false)
	if err != nil || Run(toks, 0, "for", "values", "with", "(", "modulus") != 0 || len(toks) != 11 || !toks[7].Is("remainder") {
		return 0, 0, false
	}
	modulus, err = strconv.Atoi(toks[5].Text)
	remainder, wrong := strconv.Atoi(toks[8].Text)
	return modulus, remainder, err == nil && wrong == nil
}
