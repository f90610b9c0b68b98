package blueprint

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxScalarLen is the length of a text that ${...} makes, in bytes.
const maxScalarLen = 1 << 20

// origin knows where nodes stand and which ${...} they came from.
type origin struct {
	main  *source
	files map[*yaml.Node]*source // of nodes of included files
	exprs map[*yaml.Node]string  // the scalar as written, of nodes whose ${...} has been replaced
}

func (o *origin) source(n *yaml.Node) *source {
	if s := o.files[n]; s != nil {
		return s
	}
	return o.main
}

func (o *origin) pos(n *yaml.Node) Pos {
	return Pos{File: o.source(n).name, Line: n.Line, Column: n.Column}
}

// setFile notes that a node and what is in it stand in s.
func (o *origin) setFile(n *yaml.Node, s *source) {
	o.files[n] = s
	for _, c := range n.Content {
		o.setFile(c, s)
	}
}

// decoder makes a Decoder for the nodes that o knows.
func (o *origin) decoder(generators []string) *Decoder {
	d := NewDecoder(o.pos, generators)
	d.expr = func(n *yaml.Node) string { return o.exprs[n] }
	return d
}

// clone copies a node for interpolate, with what o knows of it in from. What holds no ${...} is not copied: nobody changes it.
func (o *origin) clone(n *yaml.Node, from *origin) *yaml.Node {
	c := n
	own := func() {
		if c == n {
			copied := *n
			copied.Content = slices.Clone(n.Content)
			c = &copied
		}
	}
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "${") {
		own()
	}
	keys := false
	for i, child := range n.Content {
		if k := o.clone(child, from); k != child {
			own()
			c.Content[i] = k
			keys = keys || n.Kind == yaml.MappingNode && i%2 == 0
		}
	}
	for i := 0; keys && i < len(n.Content); i += 2 { // one of them may come to be equal to another one, which is marked then
		if key := n.Content[i]; c.Content[i] == key {
			copied := *key
			c.Content[i] = &copied
			o.know(&copied, key, from)
		}
	}
	o.know(c, n, from)
	return c
}

// know notes of a node what from knows of the one that it is a copy of.
func (o *origin) know(c, n *yaml.Node, from *origin) {
	if s := from.files[n]; s != nil {
		o.files[c] = s
	}
}

func walkScalars(n *yaml.Node, do func(*yaml.Node)) {
	if n.Kind == yaml.ScalarNode {
		do(n)
	}
	for _, c := range n.Content {
		walkScalars(c, do)
	}
}

// A piece is a part of a text: an expression, from ${...}, or plain text.
type piece struct {
	s    string
	expr bool
	at   int // of the expression's first character within the text, in characters
}

type pieces []piece

func (ps pieces) text() string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.s)
	}
	return b.String()
}

// splitExprs splits a text at its ${...}; $${ is a literal ${. Open is the place of a ${ that nothing
// closes, in characters, or -1. Braces and quotes within an expression are minded.
func splitExprs(s string) (ps pieces, open int) {
	var plain strings.Builder
	counted, characters := 0, 0
	character := func(i int) int { // the number of characters before byte i
		characters += utf8.RuneCountInString(s[counted:i])
		counted = i
		return characters
	}
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "$${"):
			plain.WriteString("${")
			i += 3
		case strings.HasPrefix(s[i:], "${"):
			end := closing(s, i+2)
			if end < 0 {
				return nil, character(i)
			}
			if plain.Len() > 0 {
				ps = append(ps, piece{s: plain.String()})
				plain.Reset()
			}
			ps = append(ps, piece{s: s[i+2 : end], expr: true, at: character(i + 2)})
			i = end + 1
		default:
			plain.WriteByte(s[i])
			i++
		}
	}
	if plain.Len() > 0 || len(ps) == 0 {
		ps = append(ps, piece{s: plain.String()})
	}
	return ps, -1
}

// closing gives the index of the brace that closes the expression beginning at i, or -1.
func closing(s string, i int) int {
	depth := 0
	var quote byte
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == '\\' && quote != '`' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// interpolate replaces every ${...} in n and what is in it.
func (o *origin) interpolate(n *yaml.Node, e *evaluator, ps *Problems) {
	switch n.Kind {
	case yaml.ScalarNode:
		if isText(n) && strings.Contains(n.Value, "${") {
			o.replace(n, e, ps)
		}
	case yaml.MappingNode:
		changed := false
		for i, c := range n.Content {
			before := c.Value
			o.interpolate(c, e, ps)
			changed = changed || i%2 == 0 && c.Value != before
		}
		if changed {
			o.duplicates(n, ps)
		}
	default:
		for _, c := range n.Content {
			o.interpolate(c, e, ps)
		}
	}
}

// duplicates reports keys that became equal.
func (o *origin) duplicates(n *yaml.Node, ps *Problems) {
	seen := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if unresolved(key) {
			continue
		}
		if first := seen[key.Value]; first != nil {
			ps.add(o.pos(key), "", "key %s stands twice: first in line %d, column %d", quoted(key.Value), first.Line, first.Column)
			key.Tag = tagUnresolved
			continue
		}
		seen[key.Value] = key
	}
}

// replace evaluates the ${...} of a scalar.
func (o *origin) replace(n *yaml.Node, e *evaluator, ps *Problems) {
	written := n.Value
	parts, open := splitExprs(written)
	if open >= 0 {
		ps.add(o.within(n, open), "for the two characters themselves write $${", "${ without a closing brace")
		n.Tag = tagUnresolved
		return
	}
	if len(parts) == 1 && !parts[0].expr {
		setScalar(n, parts[0].s)
		return
	}
	var b strings.Builder
	failed := false
	var whole any
	for _, p := range parts {
		if !p.expr {
			b.WriteString(p.s)
			continue
		}
		done := e.eval(p.s)
		for _, x := range done.problems {
			ps.add(o.within(n, p.at+x.at), x.suggestion, "${%s}: %s", clip(p.s), x.text)
		}
		switch v := done.value.(type) {
		case nil:
			if !done.unresolved && len(parts) > 1 {
				ps.add(o.within(n, p.at), "give the parameter a default, or a value", "${%s} has no value to put into a text", clip(p.s))
				failed = true
			}
		case bool:
			b.WriteString(strconv.FormatBool(v))
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case float64:
			b.WriteString(formatFloat(v))
		case string:
			b.WriteString(v)
		}
		failed = failed || done.unresolved
		whole = done.value
		if b.Len() > maxScalarLen && !failed {
			ps.add(o.pos(n), "", "a text of more than %d bytes", maxScalarLen)
			failed = true
		}
	}
	switch {
	case failed:
		n.Tag = tagUnresolved
	case len(parts) == 1:
		setScalar(n, whole)
	default:
		setScalar(n, b.String())
	}
	o.exprs[n] = written
}

// within gives the place of a scalar's i-th character where the text stands in the file as it is, and
// the scalar's own place where it is escaped or folded.
func (o *origin) within(n *yaml.Node, i int) Pos {
	const maxLine = 4096 // bytes; in longer ones nobody counts columns
	at := o.pos(n)
	written := o.source(n).line(n.Line)
	if len(written) > maxLine || len(n.Value) > maxLine {
		return at
	}
	line := []rune(written)
	start := n.Column - 1
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		start++
	}
	text := []rune(n.Value)
	i = min(i, len(text))
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || start < 0 || start+i > len(line) || string(line[start:start+i]) != string(text[:i]) {
		return at
	}
	at.Column = start + i + 1
	return at
}
