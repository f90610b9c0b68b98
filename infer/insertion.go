package infer

import (
	"regexp"
	"slices"
	"strings"

	limit "github.com/sowerdata/sower/internal/bound"
)

// insertion is an INSERT of one row in the text of a trigger's function.
type insertion struct {
	table   string
	columns []string
	values  []string
	maybe   bool // not for every row that fires the trigger, or for some more than once
	guarded bool // not where the row is there already
}

// token is a word, or a sign, of a function's text; what stands in quotes is left out.
type token struct {
	text string // in lower case
	at   int
}

// answer says whether a condition holds where a row is inserted.
type answer uint8

const (
	unknown answer = iota
	holds
	fails
	absent  // it asks whether the row to be made is there already: no
	present // the same the other way round
)

// block is an IF, CASE, LOOP or BEGIN that is open.
type block struct {
	kind    string
	at      answer // of the branch that the text is in
	settled bool   // an earlier branch holds: the later ones do not come to their turn
	handler bool   // behind EXCEPTION
}

// insertions finds what a trigger's function inserts when rows are: INSERT INTO table (columns), with VALUES or a SELECT
// without FROM. known answers conditions about the row.
func insertions(body string, known func(condition string) answer) (out []insertion) {
	if limit.Long(body, limit.Text) != nil {
		return nil // the trigger's rows are counted when they are there
	}
	body = withoutComments(body)
	tokens := tokensOf(body)
	var open []block
	maybe, guarded := false, false // after a RETURN that is taken for some rows
	next := func(i int) string {
		if i < len(tokens) {
			return tokens[i].text
		}
		return ""
	}
	pop := func(kind string) {
		for len(open) > 0 {
			last := open[len(open)-1].kind
			open = open[:len(open)-1]
			if last == kind {
				return
			}
		}
	}
	branch := func(b *block, i int) { // IF or ELSIF at i
		end := i + 1
		for end < len(tokens) && tokens[end].text != "then" {
			end++
		}
		if b.at = fails; b.settled || end == len(tokens) {
			return
		}
		b.at = condition(body[tokens[i].at+len(tokens[i].text):tokens[end].at], known)
		b.settled = b.at == holds
	}
	for i := 0; i < len(tokens); i++ {
		switch w := tokens[i].text; {
		case w == "end":
			switch n := next(i + 1); {
			case n == "if" || n == "loop" || n == "case":
				pop(n)
				i++
			case len(open) > 0 && open[len(open)-1].kind == "case":
				pop("case")
			default:
				pop("begin")
			}
		case w == "if" && slices.ContainsFunc(tokens[i:], func(k token) bool { return k.text == "then" || k.text == ";" }) && tokens[i+slices.IndexFunc(tokens[i:], func(k token) bool { return k.text == "then" || k.text == ";" })].text == "then":
			b := block{kind: "if"}
			branch(&b, i)
			open = append(open, b)
		case (w == "elsif" || w == "elseif" || w == "else") && len(open) > 0 && open[len(open)-1].kind == "if":
			b := &open[len(open)-1]
			switch was := b.at; {
			case w != "else":
				branch(b, i)
			case b.settled:
				b.at = fails
			default:
				b.at = map[answer]answer{unknown: unknown, holds: fails, fails: holds, absent: present, present: absent}[was]
			}
		case w == "case" || w == "loop" || w == "begin":
			open = append(open, block{kind: w})
		case w == "exception" && (i == 0 || next(i-1) != "raise") && len(open) > 0 && open[len(open)-1].kind == "begin":
			open[len(open)-1].handler = true
		case w == "return":
			if at, _ := answerOf(open); at == unknown {
				maybe = true
			} else if at == present { // it returns where the row is there
				guarded = true
			}
		case w == "insert" && next(i+1) == "into":
			at, g := answerOf(open)
			if at == fails || at == present {
				continue
			}
			n, ok := insertionAt(body, tokens, i, known)
			if !ok {
				continue
			}
			n.maybe = n.maybe || maybe || at == unknown
			n.guarded = n.guarded || guarded || g
			out = append(out, n)
		}
	}
	return out
}

// answerOf tells whether the text within open blocks is run: whether all of them hold, and whether one asks if the row
// is there already.
func answerOf(open []block) (at answer, guarded bool) {
	at = holds
	for _, b := range open {
		switch {
		case b.kind == "begin" && !b.handler:
		case b.kind == "if" && b.at == fails:
			return fails, false
		case b.kind == "if" && b.at == present && at != unknown:
			at = present
		case b.kind == "if" && b.at == absent:
			guarded = true
		case b.kind == "if" && b.at == holds:
		default:
			at = unknown
		}
	}
	return at, guarded
}

var (
	operation  = regexp.MustCompile(`^tg_op (=|<>|!=) '(\w+)'$`)
	operations = regexp.MustCompile(`^tg_op (not )?in \(([^()]*)\)$`)
)

// condition answers the condition of an IF or a WHERE, where it is about the operation or about whether the row is there
// already; known is asked for the others.
func condition(text string, known func(string) answer) answer {
	c := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for strings.HasPrefix(c, "(") && closing(c, 0) == len(c)-1 {
		c = strings.TrimSpace(c[1 : len(c)-1])
	}
	yes := func(b bool) answer {
		if b {
			return holds
		}
		return fails
	}
	if m := operation.FindStringSubmatch(c); m != nil {
		return yes((m[2] == "insert") == (m[1] == "="))
	}
	if m := operations.FindStringSubmatch(c); m != nil {
		return yes(strings.Contains(m[2], "'insert'") == (m[1] == ""))
	}
	switch {
	case c == "not found", strings.HasPrefix(c, "not exists") && closing(c, strings.IndexByte(c, '(')) == len(c)-1:
		return absent
	case c == "found", strings.HasPrefix(c, "exists") && closing(c, strings.IndexByte(c, '(')) == len(c)-1:
		return present
	}
	return known(c)
}

// insertionAt reads the INSERT at a token; false where it is of another form, or of any number of rows.
func insertionAt(body string, tokens []token, i int, known func(string) answer) (n insertion, ok bool) {
	rest := body[tokens[i].at:]
	m := insertHead.FindStringSubmatchIndex(rest)
	if m == nil {
		return n, false
	}
	n.table = rest[m[2]:m[3]]
	for _, c := range strings.Split(rest[m[4]:m[5]], ",") {
		n.columns = append(n.columns, strings.Trim(strings.TrimSpace(c), `"`))
	}
	from := tokens[i].at + m[1]
	depth, end, clauses := 0, len(body), map[string]int{}
	var order []int
scan:
	for _, t := range tokens {
		if t.at < from {
			continue
		}
		switch t.text {
		case "(":
			depth++
		case ")":
			depth--
		case ";":
			if depth == 0 {
				end = t.at
				break scan
			}
		case "from", "where", "on", "returning", "union", "limit":
			if _, twice := clauses[t.text]; depth == 0 && !twice {
				clauses[t.text] = t.at
				order = append(order, t.at)
			}
		}
	}
	upTo := func(at int) int {
		for _, o := range order {
			if o > at {
				return o
			}
		}
		return end
	}
	_, n.guarded = clauses["on"]
	text := body[from:upTo(from)]
	if strings.EqualFold(rest[m[6]:m[7]], "values") {
		text = strings.TrimSpace(text)
		last := closing(text, 0)
		if !strings.HasPrefix(text, "(") || last < 0 {
			return n, false
		}
		n.maybe = last != len(text)-1 // several rows
		n.values = splitValues(text[1:last])
	} else {
		_, other := clauses["from"]
		_, union := clauses["union"]
		if other || union {
			return n, false
		}
		n.values = splitValues(text)
		if at, where := clauses["where"]; where {
			switch condition(body[at+len("where"):upTo(at)], known) {
			case fails, present:
				return n, false
			case unknown:
				n.maybe = true
			case absent:
				n.guarded = true
			}
		}
	}
	for k, v := range n.values {
		n.values[k] = strings.TrimSpace(v)
	}
	return n, len(n.values) == len(n.columns)
}

// insertHead is the beginning of an INSERT that names its columns.
var insertHead = regexp.MustCompile(`(?is)^insert\s+into\s+([\w."]+)\s*(?:as\s+\w+\s*)?\(([^()]*)\)\s*(values|select)\b`)

// tokenForms are the words, quoted texts and signs of a function's text.
var tokenForms = regexp.MustCompile(`(?s)'(?:[^']|'')*'|"[^"]*"|[\pL_][\pL\d_$]*|[;()]`)

func tokensOf(body string) (out []token) {
	for _, at := range tokenForms.FindAllStringIndex(body, -1) {
		if w := body[at[0]:at[1]]; w[0] != '\'' && w[0] != '"' {
			out = append(out, token{strings.ToLower(w), at[0]})
		}
	}
	return out
}

// comments are the texts in quotes, which stay, and the comments of a function.
var comments = regexp.MustCompile(`(?s)'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/`)

func withoutComments(body string) string {
	return comments.ReplaceAllStringFunc(body, func(s string) string {
		if s[0] == '\'' {
			return s
		}
		return " "
	})
}

// closing finds the parenthesis that closes the one at a place; -1 where none does.
func closing(s string, at int) int {
	depth, quoted := 0, false
	for i := max(at, 0); i < len(s) && at >= 0; i++ {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case s[i] == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// splitValues splits a list at the commas outside of parentheses and quotes.
func splitValues(s string) (out []string) {
	depth, quoted, from := 0, false, 0
	for i, r := range s {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}
