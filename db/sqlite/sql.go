package sqlite

import (
	"strings"
)

// What SQLite does not tell in its pragmas stands only in the text of the CREATE statement, which it
// keeps as it was written. This file reads as much of that text as is needed: tokens, not grammar.

// token is a piece of SQL: a word, a quoted name, a literal or a sign. Blanks and comments are none.
type token struct {
	text  string // as written
	at    int    // where it begins in the statement
	quote byte   // the quote it begins with: ' " ` or [, 0 for none
}

// is tells whether the token is an unquoted word.
func (t token) is(word string) bool { return t.quote == 0 && strings.EqualFold(t.text, word) }

// name gives the identifier that the token is, quotes taken off.
func (t token) name() string {
	if t.quote == 0 || len(t.text) < 2 {
		return t.text
	}
	inner := t.text[1 : len(t.text)-1]
	if t.quote == '[' {
		return inner
	}
	q := string(t.quote)
	return strings.ReplaceAll(inner, q+q, q)
}

func (t token) end() int { return t.at + len(t.text) }

// tokens parts a statement.
func tokens(sql string) (all []token) {
	for i := 0; i < len(sql); {
		c := sql[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			i++
			continue
		case strings.HasPrefix(sql[i:], "--"):
			if end := strings.IndexByte(sql[i:], '\n'); end >= 0 {
				i += end + 1
			} else {
				i = len(sql)
			}
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			if end := strings.Index(sql[i+2:], "*/"); end >= 0 {
				i += end + 4
			} else {
				i = len(sql)
			}
			continue
		case c == '\'' || c == '"' || c == '`':
			i = endOfQuoted(sql, i, c)
			all = append(all, token{sql[start:i], start, c})
			continue
		case c == '[':
			if end := strings.IndexByte(sql[i:], ']'); end >= 0 {
				i += end + 1
			} else {
				i = len(sql)
			}
			all = append(all, token{sql[start:i], start, c})
			continue
		case wordByte(c):
			for i < len(sql) && (wordByte(sql[i]) || sql[i] == '.' && c >= '0' && c <= '9') {
				i++
			}
		default:
			i++
		}
		all = append(all, token{sql[start:i], start, 0})
	}
	return all
}

// endOfQuoted gives the index behind the quote that ends what begins at i; a doubled quote is part of it.
func endOfQuoted(sql string, i int, q byte) int {
	for i++; i < len(sql); i++ {
		if sql[i] != q {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == q {
			i++
			continue
		}
		return i + 1
	}
	return len(sql)
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// group gives the index of the token that closes the parenthesis at i, or len(ts).
func group(ts []token, i int) int {
	depth := 0
	for ; i < len(ts); i++ {
		switch {
		case ts[i].is("("):
			depth++
		case ts[i].is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(ts)
}

// items parts the tokens between two parentheses at the commas of their own level.
func items(ts []token) (parts [][]token) {
	depth, from := 0, 0
	for i, t := range ts {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case depth == 0 && t.is(","):
			parts = append(parts, ts[from:i])
			from = i + 1
		}
	}
	if from < len(ts) {
		parts = append(parts, ts[from:])
	}
	return parts
}

// tableText is what the text of a CREATE TABLE says beyond the pragmas.
type tableText struct {
	checks        []checkText
	references    []reference       // each REFERENCES clause, in their order
	computed      map[string]string // expression of each generated column
	collations    map[string]string // by column
	autoincrement bool
}

type checkText struct{ name, expression string }

type reference struct{ deferrable, deferred bool }

// readTable reads the text of a CREATE TABLE.
func readTable(sql string) tableText {
	text := tableText{collations: map[string]string{}, computed: map[string]string{}}
	ts := tokens(sql)
	open := 0
	for open < len(ts) && !ts[open].is("(") {
		open++
	}
	if open == len(ts) {
		return text
	}
	for _, item := range items(ts[open+1 : group(ts, open)]) {
		text.readItem(sql, item)
	}
	return text
}

// readItem reads a column's definition with its constraints, or constraints of the table (which need no
// comma between them).
func (text *tableText) readItem(sql string, item []token) {
	if len(item) == 0 {
		return
	}
	column := ""
	if first := item[0]; first.quote != 0 || !first.is("constraint") && !first.is("primary") && !first.is("unique") && !first.is("check") && !first.is("foreign") {
		column = first.name()
		item = item[1:]
	}
	constraint := ""
	for i := 0; i < len(item); i++ {
		t := item[i]
		next := func(n int) token {
			if i+n < len(item) {
				return item[i+n]
			}
			return token{}
		}
		switch {
		case t.is("("): // of a type, a default, a key: nothing of ours is in there
			i = group(item, i)
		case t.is("constraint"):
			constraint = next(1).name()
			i++
		case t.is("check") && next(1).is("("):
			end := group(item, i+1)
			if end < len(item) {
				text.checks = append(text.checks, checkText{constraint, strings.TrimSpace(sql[item[i+1].end():item[end].at])})
			}
			constraint = ""
			i = end
		case t.is("collate") && column != "":
			text.collations[column] = next(1).name()
			i++
		case t.is("references"):
			text.references = append(text.references, reference{})
			i++ // the table's name may be any word
		case t.is("deferrable") && len(text.references) > 0:
			text.references[len(text.references)-1].deferrable = i == 0 || !item[i-1].is("not")
		case t.is("initially") && len(text.references) > 0:
			last := &text.references[len(text.references)-1]
			last.deferred = last.deferrable && next(1).is("deferred")
		case t.is("as") && next(1).is("(") && column != "":
			end := group(item, i+1)
			if end < len(item) {
				text.computed[column] = strings.TrimSpace(sql[item[i+1].end():item[end].at])
			}
			i = end
		case t.is("autoincrement"):
			text.autoincrement = true
		case t.is("default"):
			i++ // a literal, or a parenthesis
			if i < len(item) && item[i].is("(") {
				i = group(item, i)
			}
		}
	}
}

// readIndex reads the key parts and the predicate of a CREATE INDEX. Parts lose ASC and DESC, which mean
// nothing for uniqueness.
func readIndex(sql string) (parts []string, where string) {
	ts := tokens(sql)
	open := 0
	for open < len(ts) && !ts[open].is("(") {
		open++
	}
	if open == len(ts) {
		return nil, ""
	}
	end := group(ts, open)
	for _, item := range items(ts[open+1 : end]) {
		if n := len(item); n > 1 && (item[n-1].is("asc") || item[n-1].is("desc")) {
			item = item[:n-1]
		}
		if len(item) > 0 {
			parts = append(parts, sql[item[0].at:item[len(item)-1].end()])
		}
	}
	if end+1 < len(ts) && ts[end+1].is("where") {
		where = strings.TrimSpace(sql[ts[end+1].end():])
	}
	return parts, where
}

// readTrigger tells whether a CREATE TRIGGER fires on INSERT, whether it does before the row stands, and whether for some
// rows alone.
func readTrigger(sql string) (before, insert, when bool) {
	for i, t := range tokens(sql) {
		switch {
		case t.is("before"):
			before = true
		case t.is("insert"):
			insert = true
		case t.is("when"):
			when = true
		case i > 2 && (t.is("update") || t.is("delete")) && !insert, i > 2 && t.is("begin"):
			return before, insert, when
		}
	}
	return before, insert, when
}

// namesIn gives those of the names that stand in an expression as identifiers.
func namesIn(expression string, names []string) (found []string) {
	ts := tokens(expression)
	for _, name := range names {
		for i, t := range ts {
			// A word before a parenthesis is a function's name.
			if t.quote != '\'' && strings.EqualFold(t.name(), name) && (i+1 == len(ts) || t.quote != 0 || !ts[i+1].is("(")) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}
