package check

import "strings"

// concatenated gives the parts of a || b || c.
func concatenated(e Expr) []Expr {
	if b, ok := stripCasts(e).(*Binary); ok && b.Op == "||" {
		return append(concatenated(b.L), concatenated(b.R)...)
	}
	return []Expr{e}
}

// affix reads a text that is a column with constants behind it (or before it: front): prefix || '-', prefix || '-' || '%'.
func affix(e Expr, front bool) (name, text string) {
	parts := concatenated(e)
	at := 0
	if front {
		at = len(parts) - 1
	}
	name = columnOf(parts[at])
	for i, p := range parts {
		if i == at {
			continue
		}
		l, ok := stripCasts(p).(*Literal)
		if !ok || l.Kind != StringLiteral {
			return "", ""
		}
		text += l.Text
	}
	return name, text
}

// like reads code LIKE prefix || '-%' and code LIKE '%-' || suffix.
func (s *solver) like(st *state, l lit, x, pattern Expr) (ok, handled bool) {
	if name, text := affix(pattern, false); name != "" {
		if lit, is := strings.CutSuffix(text, "%"); is && !strings.ContainsAny(lit, `%_\`) {
			return s.affixed(st, l, "starts", columnOf(x), name, lit)
		}
	}
	if name, text := affix(pattern, true); name != "" {
		if lit, is := strings.CutPrefix(text, "%"); is && !strings.ContainsAny(lit, `%_\`) {
			return s.affixed(st, l, "ends", columnOf(x), name, lit)
		}
	}
	return true, false
}

// cut reads left(code, 2) = prefix and its like: substr from 1 on, split_part, right.
func (s *solver) cut(st *state, l lit, x, is Expr) (ok, handled bool) {
	c, isCall := stripCasts(x).(*Call)
	name := columnOf(is)
	if !isCall || c.Schema != "" || name == "" || len(c.Args) < 2 {
		return true, false
	}
	of := columnOf(c.Args[0])
	number := func(i int) string {
		if n, ok := s.deriveConstant(c.Args[i]); ok {
			return n.text
		}
		return ""
	}
	switch n := len(c.Args); {
	case c.Name == "left" && n == 2, (c.Name == "substr" || c.Name == "substring") && n == 3 && number(1) == "1":
		return s.affixed(st, l, "starts", of, name, "")
	case c.Name == "right" && n == 2:
		return s.affixed(st, l, "ends", of, name, "")
	case c.Name == "split_part" && n == 3 && number(2) == "1" && textOf(c.Args[1]) != "":
		return s.affixed(st, l, "starts", of, name, textOf(c.Args[1]))
	}
	return true, false
}

// affixed notes that a text begins, or ends, with another one and a constant.
func (s *solver) affixed(st *state, l lit, op, a, b, text string) (ok, handled bool) {
	if a == "" || b == "" || a == b || !s.typeOf(a).text() || !s.typeOf(b).text() {
		return true, false
	}
	ok, handled = s.between(st, l, Relation{Left: a, Right: b, Op: op, Offset: text})
	if ok && handled {
		st.rest = append(st.rest, l) // how long the other is, and what stands in it, is not in that
	}
	return ok, handled
}
