package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	limit "github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/schema"
)

// The statements of a trigger's body are followed to those that refuse the row: what is true on the route there, over cells of
// the row alone, is a condition that no row may satisfy, as a check would say it.

// route is the route to a statement: conditions over the row, each true ("(c) is true") or not ("(c) is not true").
type route []string

// statements reads statements in small letters with single spaces.
type statements struct {
	text    string
	refuses []route
}

var (
	statementWord = regexp.MustCompile(`^(?:<<\w+>> )?(\w+)`)
	raises        = regexp.MustCompile(`^raise (?:exception\b|sqlstate\b|'|\w+ using\b|using\b)`)
	setsNew       = regexp.MustCompile(`(?:; ?|\b(?:begin|then|else|loop) )new\.(\w+) ?:?=`)
	intoNew       = regexp.MustCompile(`\binto (?:strict )?((?:new\.\w+(?: ?, ?)?)+)`)
	ofNew         = regexp.MustCompile(`\bnew\.(\w+)`)
	word          = regexp.MustCompile(`'(?:[^']|'')*'|\w+`)
	inserting     = regexp.MustCompile(`(?i)^\(*tg_op ?= ?'insert'\)*$`)
	otherwise     = regexp.MustCompile(`(?i)^\(*tg_op ?(?:=|in) ?\(?'(?:update|delete)'`)
)

// refusals gives the routes on which a trigger's body refuses the row.
func refusals(body string) []route {
	if limit.Long(body, limit.Text) != nil {
		return nil
	}
	text := strings.TrimSpace(spaces.ReplaceAllString(lowered(withoutComments(body)), " "))
	at := strings.Index(" "+text, " begin ")
	if at < 0 {
		return nil
	}
	s := &statements{text: text}
	s.block(at+len("begin "), nil)
	return s.refuses
}

// block follows statements from a place on, until a word that no statement begins with. It gives the place of that word,
// whether the end is never reached, and what is true where it is.
func (s *statements) block(at int, on route) (next int, ends bool, after route) {
	for at < len(s.text) {
		for at < len(s.text) && (s.text[at] == ' ' || s.text[at] == ';') {
			at++
		}
		m := statementWord.FindStringSubmatch(s.text[at:])
		if m == nil {
			return len(s.text), ends, on
		}
		switch m[1] {
		case "end", "else", "elsif", "elseif", "when", "exception":
			return at, ends, on
		case "if":
			at, ends, on = s.branches(at+len(m[0]), on, ends)
		case "case":
			at, ends, on = s.branches(at+len(m[0]), on, ends)
		case "begin":
			var inner bool
			if at, inner, on = s.block(at+len(m[0]), on); s.at(at, "exception") { // what is raised here may be caught
				at = s.after(at, "end")
			}
			ends, at = ends || inner, s.over(at)
		case "declare":
			at = max(s.after(at, "begin")-len("begin"), at+len(m[0]))
		case "loop", "while", "for", "foreach": // what happens there is not followed
			at = s.after(at, "end loop")
		default:
			from := at
			at = s.over(at)
			switch statement := s.text[from:at]; {
			case m[1] == "return":
				ends = true
			case raises.MatchString(statement):
				if !ends {
					s.refuses = append(s.refuses, slices.Clone(on))
				}
				ends = true
			}
		}
	}
	return at, ends, on
}

// branches follows IF or CASE from behind that word on.
func (s *statements) branches(at int, on route, ended bool) (next int, ends bool, after route) {
	subject := ""
	if !strings.HasSuffix(s.text[:at], "if") {
		next := s.find(at, "when")
		subject = strings.TrimSpace(s.text[at:next])
		at = next + len("when")
	}
	all, past := true, slices.Clone(on) // past: where none of the branches so far is taken
	after = slices.Clone(on)
	for at < len(s.text) {
		then := s.find(at, "then")
		if then >= len(s.text) {
			return then, ended, nil
		}
		c := strings.TrimSpace(s.text[at:then])
		if subject != "" {
			c = "(" + subject + ") = (" + c + ")"
		}
		end, stops, _ := s.block(then+len("then"), append(slices.Clone(past), "("+c+") is true"))
		past = append(past, "("+c+") is not true")
		if stops {
			after = append(after, "("+c+") is not true")
		}
		all = all && stops
		at = end
		if w := statementWord.FindString(s.text[at:]); w == "elsif" || w == "elseif" || w == "when" {
			at += len(w)
			continue
		}
		if s.at(at, "else") {
			at, stops, _ = s.block(at+len("else"), past)
			all = all && stops
		} else {
			all = false
		}
		return s.over(at), ended || all, after
	}
	return at, ended, after
}

// at tells whether a word stands at a place.
func (s *statements) at(at int, w string) bool {
	return at < len(s.text) && statementWord.FindString(s.text[at:]) == w
}

// over gives the place behind the statement's semicolon.
func (s *statements) over(at int) int { return min(s.scan(at, ";")+1, len(s.text)) }

// after gives the place behind words, wherever they stand.
func (s *statements) after(at int, words string) int {
	if i := strings.Index(s.text[at:], words); i >= 0 {
		return at + i + len(words)
	}
	return len(s.text)
}

// find gives the place of a word outside of quotes, parentheses and CASE expressions.
func (s *statements) find(at int, w string) int { return s.scan(at, w) }

func (s *statements) scan(at int, w string) int {
	depth, cases := 0, 0
	for i := at; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\'':
			end := strings.IndexByte(s.text[i+1:], '\'')
			if end < 0 {
				return len(s.text)
			}
			i += end + 1
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && w == ";":
			return i
		case i == 0 || !isWordByte(s.text[i-1]):
			m := statementWord.FindString(s.text[i:])
			switch {
			case m == "":
				continue
			case m == w && depth == 0 && cases == 0:
				return i
			case m == "case":
				cases++
			case m == "end" && cases > 0:
				cases--
			}
			i += len(m) - 1
		}
	}
	return len(s.text)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.'
}

// guarded takes the conditions over the row alone under which its triggers refuse it as further checks.
func (t *table) guarded() {
	for _, g := range t.schema.Triggers {
		if g.Disabled || !g.Row || g.When || g.Body == "" {
			continue
		}
		set := map[string]bool{}
		body := spaces.ReplaceAllString(lowered(withoutComments(g.Body)), " ")
		for _, m := range setsNew.FindAllStringSubmatch(body, -1) {
			set[m[1]] = true
		}
		for _, m := range intoNew.FindAllStringSubmatch(body, -1) {
			for _, n := range ofNew.FindAllStringSubmatch(m[1], -1) {
				set[n[1]] = true
			}
		}
		for _, w := range refusals(g.Body) {
			if k := t.avoids(g, w, set); k != nil {
				t.wanted = append(t.wanted, k)
				t.columns, t.byName = nil, map[string]*col{}
				t.declare()
			}
		}
	}
}

// avoids makes a check of a route on which no row may be; nil where that hangs on anything but cells of the row that
// the trigger leaves as they are, or is of no use.
func (t *table) avoids(g *schema.Trigger, on route, set map[string]bool) *check.Check {
	var all []string
	for _, c := range on {
		inner, is := strings.CutSuffix(c, " is true")
		inner = unwrapped(strings.TrimSuffix(inner, " is not true"))
		switch {
		case inserting.MatchString(inner) && is, otherwise.MatchString(inner) && !is:
			continue // as it is on insert
		case inserting.MatchString(inner), otherwise.MatchString(inner):
			return nil
		}
		for _, n := range ofNew.FindAllStringSubmatch(c, -1) {
			if set[n[1]] || t.schema.Column(n[1]) == nil {
				return nil
			}
		}
		plain := ofNew.ReplaceAllString(c, " \"$1\" ")
		for _, w := range word.FindAllString(ofNew.ReplaceAllString(c, " "), -1) {
			if w == "select" || w == "old" || w == "found" || strings.HasPrefix(w, "tg_") {
				return nil
			}
		}
		all = append(all, "("+strings.TrimSpace(plain)+")")
	}
	if len(all) == 0 {
		return nil
	}
	k := &check.Check{Name: "what " + g.Name + " takes", Expression: "((" + strings.Join(all, " AND ") + ") IS NOT TRUE)"}
	e, err := check.Parse(k.Expression, false)
	if err != nil {
		return nil
	}
	k.Columns = check.Columns(e)
	o := check.OptionsOf(t.draft.db, lastMoment)
	if len(k.Columns) == 0 || slices.ContainsFunc(k.Columns, func(n string) bool { return t.schema.Column(n) == nil }) {
		return nil
	}
	if _, err := check.Compile(t.schema, k.Expression, "", o); err != nil {
		return nil
	}
	if cases, err := check.Solve(t.schema, append(t.conditions(), k), mostBranches, o); err != nil || len(cases) == 0 {
		return nil
	}
	return k
}
