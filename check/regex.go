package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/bound"
)

// regex is a regular expression of PostgreSQL, translated for package regexp.
type regex struct {
	*regexp.Regexp
	text string // as package regexp has it, without flags
	fold bool   // without regard to case
	// Which characters beyond ASCII the database's locale may see otherwise than package regexp does: a
	// match against a text that has one is not decided here.
	unsure func(rune) bool
	lazy   bool // has a non-greedy quantifier
	groups int
}

// translate reads a regular expression in PostgreSQL's syntax ("ARE", section 9.7.3 of its manual). What
// package regexp has not, such as back references and lookaround, is an error.
func translate(src string, ignoreCase bool) (*regex, error) {
	if err := bound.Long(src, bound.Text); err != nil {
		return nil, fmt.Errorf("the regular expression %q is not understood: %w", bound.Short(src), err)
	}
	t := &translator{src: src}
	if strings.HasPrefix(src, "***") {
		return nil, fmt.Errorf("the regular expression %q begins with ***", src)
	}
	if strings.HasPrefix(src, "(?") && len(src) > 2 && src[2] >= 'a' && src[2] <= 'z' {
		end := strings.IndexByte(src, ')')
		for i := 2; i < end; i++ {
			switch src[i] {
			case 'i':
				ignoreCase = true
			case 'c':
				ignoreCase = false
			case 's', 't':
			default:
				return nil, fmt.Errorf("the regular expression %q has the option %c", src, src[i])
			}
		}
		t.pos = end + 1
	}
	if err := t.all(); err != nil {
		return nil, fmt.Errorf("the regular expression %q %w", src, err)
	}
	flags := "(?s)"
	if ignoreCase {
		flags = "(?si)"
		if t.ascii {
			t.doubt(func(r rune) bool { return r == 'ſ' || r == '\u212a' }) // which fold to s and k
		} else {
			t.doubt(func(r rune) bool { return unicode.SimpleFold(r) != r })
		}
	}
	re, err := regexp.Compile(flags + t.out.String())
	if err != nil {
		return nil, fmt.Errorf("the regular expression %q is not understood: %v", src, err)
	}
	r := &regex{Regexp: re, text: t.out.String(), fold: ignoreCase, lazy: t.lazy, groups: re.NumSubexp()}
	if len(t.doubts) > 0 {
		doubts := t.doubts
		r.unsure = func(r rune) bool {
			for _, d := range doubts {
				if d(r) {
					return true
				}
			}
			return false
		}
	}
	return r, nil
}

// match tells whether the expression matches somewhere in the text.
func (r *regex) match(b []byte) (bool, error) {
	if err := r.sure(b); err != nil {
		return false, err
	}
	return r.Match(b), nil
}

// sure fails where the text has a character that the database's locale may take otherwise.
func (r *regex) sure(b []byte) error {
	if r.unsure == nil {
		return nil
	}
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, n := utf8.DecodeRune(b[i:])
		if r.unsure(c) {
			return errLocale
		}
		i += n
	}
	return nil
}

type translator struct {
	src    string
	pos    int
	out    strings.Builder
	lazy   bool
	ascii  bool
	depth  int
	doubts []func(rune) bool
}

func (t *translator) doubt(f func(rune) bool) { t.doubts = append(t.doubts, f) }

func (t *translator) all() error {
	t.ascii = true
	for _, r := range t.src {
		if r >= utf8.RuneSelf {
			t.ascii = false
		}
	}
	for t.pos < len(t.src) {
		rest := t.src[t.pos:]
		switch c := rest[0]; c {
		case '[':
			if err := t.bracket(); err != nil {
				return err
			}
		case '\\':
			n, err := t.escape(rest, false)
			if err != nil {
				return err
			}
			t.pos += n
		case '(':
			t.depth++
			if strings.HasPrefix(rest, "(?") {
				if !strings.HasPrefix(rest, "(?:") {
					return fmt.Errorf("has %.3s", rest)
				}
				t.out.WriteString("(?:")
				t.pos += 3
				continue
			}
			t.out.WriteByte(c)
			t.pos++
		case ')':
			if t.depth == 0 { // an ordinary character
				t.out.WriteByte('\\')
			} else {
				t.depth--
			}
			t.out.WriteByte(c)
			t.pos++
		case '{':
			if len(rest) < 2 || !digit(rest[1]) {
				t.out.WriteString(`\{`)
				t.pos++
				continue
			}
			end := strings.IndexByte(rest, '}')
			if end < 0 {
				return fmt.Errorf("has a { without }")
			}
			t.out.WriteString(rest[:end+1])
			t.pos += end + 1
			t.greed()
		case '*', '+', '?':
			t.out.WriteByte(c)
			t.pos++
			t.greed()
		case '}', ']':
			t.out.WriteString(`\` + string(c))
			t.pos++
		default:
			_, n := utf8.DecodeRuneInString(rest)
			t.out.WriteString(rest[:n])
			t.pos += n
		}
	}
	return nil
}

// greed takes a ? after a quantifier.
func (t *translator) greed() {
	if strings.HasPrefix(t.src[t.pos:], "?") {
		t.out.WriteByte('?')
		t.pos++
		t.lazy = true
	}
}

// classes are PostgreSQL's character classes in package regexp, and which characters beyond ASCII might
// belong to them in some locale.
var classes = map[string]func(rune) bool{
	"alnum": beyond, "alpha": beyond, "graph": beyond, "lower": beyond, "upper": beyond, "print": beyond, "punct": beyond, "word": beyond,
	"digit":  func(r rune) bool { return unicode.In(r, unicode.N) },
	"xdigit": func(r rune) bool { return unicode.In(r, unicode.N) },
	"space":  func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.C) },
	"blank":  func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Z, unicode.C) },
	"cntrl":  func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) },
}

func beyond(rune) bool { return true }

// bracket translates [...].
func (t *translator) bracket() error {
	src := t.src[t.pos:]
	i := 1
	t.out.WriteByte('[')
	if i < len(src) && src[i] == '^' {
		t.out.WriteByte('^')
		i++
	}
	for first := true; ; first = false {
		if i >= len(src) {
			return fmt.Errorf("has a [ without ]")
		}
		switch c := src[i]; {
		case c == ']' && !first:
			t.out.WriteByte(']')
			t.pos += i + 1
			return nil
		case strings.HasPrefix(src[i:], "[:"):
			end := strings.Index(src[i:], ":]")
			if end < 0 {
				return fmt.Errorf("has a [: without :]")
			}
			name := src[i+2 : i+end]
			unsure, ok := classes[name]
			if !ok {
				return fmt.Errorf("has the class %q", name)
			}
			t.doubt(unsure)
			t.out.WriteString("[:" + name + ":]")
			i += end + 2
		case strings.HasPrefix(src[i:], "[.") || strings.HasPrefix(src[i:], "[="):
			return fmt.Errorf("has %.2s", src[i:])
		case c == '\\':
			n, err := t.escape(src[i:], true)
			if err != nil {
				return err
			}
			i += n
		case c == '-':
			if first || i+1 < len(src) && src[i+1] == ']' {
				t.out.WriteString(`\-`)
			} else {
				t.out.WriteByte('-')
			}
			i++
		case c < utf8.RuneSelf && c != '_' && !digit(c) && !letter(c):
			t.out.WriteString(regexp.QuoteMeta(string(rune(c))))
			i++
		default:
			_, n := utf8.DecodeRuneInString(src[i:])
			t.out.WriteString(src[i : i+n])
			i += n
		}
	}
}

// escape translates what begins with a backslash, and gives its length.
func (t *translator) escape(s string, inBracket bool) (int, error) {
	if len(s) < 2 {
		return 0, fmt.Errorf("ends in a backslash")
	}
	char := func(r rune) { t.out.WriteString(regexp.QuoteMeta(string(r))) }
	class := func(name string) {
		t.doubt(classes[name])
		word := ""
		if name == "word" {
			word, name = "_", "alnum"
		}
		if inBracket {
			t.out.WriteString("[:" + name + ":]" + word)
		} else {
			t.out.WriteString("[[:" + name + ":]" + word + "]")
		}
	}
	negated := func(name string) error {
		if inBracket {
			return fmt.Errorf("has %.2s in brackets", s)
		}
		t.doubt(classes[name])
		t.out.WriteString("[^[:" + name + ":]]")
		return nil
	}
	hex := func(digits int) (int, error) {
		if len(s) < 2+digits {
			return 0, fmt.Errorf("has %q", s)
		}
		n, err := strconv.ParseUint(s[2:2+digits], 16, 31)
		if err != nil {
			return 0, fmt.Errorf("has %q", s)
		}
		t.out.WriteString(fmt.Sprintf(`\x{%x}`, n))
		return 2 + digits, nil
	}
	switch c := s[1]; c {
	case 'd':
		class("digit")
	case 's':
		class("space")
	case 'w':
		class("word")
	case 'D':
		return 2, negated("digit")
	case 'S':
		return 2, negated("space")
	case 'W':
		if inBracket {
			return 0, fmt.Errorf(`has \W in brackets`)
		}
		t.doubt(beyond)
		t.out.WriteString("[^[:alnum:]_]")
	case 'a':
		t.out.WriteString(`\x07`)
	case 'b':
		t.out.WriteString(`\x08`)
	case 'B':
		t.out.WriteString(`\\`)
	case 'e':
		t.out.WriteString(`\x1b`)
	case 'f', 'n', 'r', 't', 'v':
		t.out.WriteString(s[:2])
	case '0':
		t.out.WriteString(`\x00`)
	case 'x':
		n := 0
		for 2+n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[2+n]) >= 0 {
			n++
		}
		return hex(n)
	case 'u':
		return hex(4)
	case 'U':
		return hex(8)
	case 'A':
		if inBracket {
			return 0, fmt.Errorf(`has \A in brackets`)
		}
		t.out.WriteString(`\A`)
	case 'Z':
		if inBracket {
			return 0, fmt.Errorf(`has \Z in brackets`)
		}
		t.out.WriteString(`\z`)
	case 'y', 'Y':
		if inBracket {
			return 0, fmt.Errorf(`has %.2s in brackets`, s)
		}
		t.doubt(beyond)
		if c == 'y' {
			t.out.WriteString(`\b`)
		} else {
			t.out.WriteString(`\B`)
		}
	default:
		if digit(c) || letter(c) {
			return 0, fmt.Errorf("has %.2s", s)
		}
		r, n := utf8.DecodeRuneInString(s[1:])
		char(r)
		return 1 + n, nil
	}
	return 2, nil
}

// similar translates a pattern of SIMILAR TO into a regular expression, as similar_escape_internal of
// PostgreSQL's regexp.c does.
func similar(pattern string, escape rune) (string, error) {
	var b strings.Builder
	b.WriteString("^(?:")
	inBracket, escaped := false, false
	for _, c := range pattern {
		switch {
		case escaped:
			if c == '"' {
				return "", fmt.Errorf("the pattern %q has parts", pattern)
			}
			b.WriteString(`\` + string(c))
			escaped = false
		case escape != 0 && c == escape:
			escaped = true
		case inBracket:
			if c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
			inBracket = c != ']'
		case c == '[':
			b.WriteRune(c)
			inBracket = true
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteByte('.')
		case c == '(':
			b.WriteString("(?:")
		case c == '\\' || c == '.' || c == '^' || c == '$':
			b.WriteString(`\` + string(c))
		default:
			b.WriteRune(c)
		}
	}
	b.WriteString(")$")
	return b.String(), nil
}
