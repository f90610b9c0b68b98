package sqlite

import (
	"fmt"
	"slices"
	"strings"
)

// indexText is the text of a CREATE INDEX as SQLite keeps it, taken apart: nothing but these pieces is in it.
type indexText struct {
	sql         string
	name, table token
	parts       []token // between the parentheses
	where       []token
}

// readIndexText reads the text of an index that is not unique. The text is a stranger's where the file is one's: it is
// an error unless it is one whole statement of this form, with nothing behind it:
//
//	CREATE INDEX [IF NOT EXISTS] [main.]name ON table (parts) [WHERE expression]
//
// What SQLite takes as a part or an expression there can only compute.
func readIndexText(sql string) (*indexText, error) {
	bad := fmt.Errorf("the journal has a statement for it that sower does not write (%.200q)", sql)
	ts := tokens(sql)
	next := func(words ...string) bool {
		for i, w := range words {
			if i >= len(ts) || !ts[i].is(w) {
				return false
			}
		}
		ts = ts[len(words):]
		return true
	}
	identifier := func() (t token, ok bool) {
		if len(ts) > 0 && (ts[0].quote != 0 || wordByte(ts[0].text[0])) {
			t, ts, ok = ts[0], ts[1:], true
		}
		return t, ok
	}
	odd := func(t token) bool { return t.is(";") || t.quote != 0 && !t.closed() }
	if strings.ContainsRune(sql, 0) || slices.ContainsFunc(ts, odd) || !next("create", "index") {
		return nil, bad
	}
	next("if", "not", "exists")
	x := &indexText{sql: sql}
	var ok bool
	if x.name, ok = identifier(); !ok {
		return nil, bad
	}
	if next(".") {
		if !strings.EqualFold(x.name.name(), "main") {
			return nil, bad
		}
		if x.name, ok = identifier(); !ok {
			return nil, bad
		}
	}
	if !next("on") {
		return nil, bad
	}
	if x.table, ok = identifier(); !ok || len(ts) == 0 || !ts[0].is("(") {
		return nil, bad
	}
	end := group(ts, 0)
	if end == len(ts) || end == 1 {
		return nil, bad
	}
	x.parts, ts = ts[1:end], ts[end+1:]
	if next("where") {
		x.where, ts = ts, nil
		if len(x.where) == 0 || !balanced(x.where) {
			return nil, bad
		}
	}
	if len(ts) > 0 {
		return nil, bad
	}
	return x, nil
}

// closed tells whether a quoted token has its end.
func (t token) closed() bool {
	end := t.quote
	if end == '[' {
		end = ']'
	}
	return len(t.text) > 1 && t.text[len(t.text)-1] == end && (end == ']' || endOfQuoted(t.text+" ", 0, end) == len(t.text))
}

// balanced tells whether every parenthesis has its other one.
func balanced(ts []token) bool {
	depth := 0
	for _, t := range ts {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

// on gives the statement for the table by the name that it has now, as SQLite itself writes it on a renaming.
func (x *indexText) on(table string) string {
	if strings.EqualFold(table, x.table.name()) {
		return x.sql
	}
	return x.sql[:x.table.at] + quoteIdent(table) + x.sql[x.table.end():]
}

// unknown gives the first name in double quotes that is no column: SQLite would take it for a text. "" where there is none.
func (x *indexText) unknown(columns []string) string {
	for _, t := range slices.Concat(x.parts, x.where) {
		if t.quote == '"' && !slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, t.name()) }) {
			return t.name()
		}
	}
	return ""
}

// same tells whether two are the same index, whatever else their texts have: blanks, comments, case of keywords.
func (x *indexText) same(o *indexText) bool {
	equal := func(a, b token) bool {
		if a.quote == '\'' || b.quote == '\'' {
			return a.text == b.text
		}
		return strings.EqualFold(a.name(), b.name())
	}
	return strings.EqualFold(x.table.name(), o.table.name()) && slices.EqualFunc(x.parts, o.parts, equal) && slices.EqualFunc(x.where, o.where, equal)
}
