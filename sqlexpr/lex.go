package sqlexpr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/bound"
)

// TokenKind says what a Token is.
type TokenKind uint8

// The kinds of Tokens.
const (
	TokEnd    TokenKind = iota
	TokName             // unquoted, in lower case in PostgreSQL
	TokQuoted           // a quoted identifier
	TokString
	TokBytes // SQLite's x'ff'
	TokBits  // PostgreSQL's n'a', b'01' and x'ff', which no expression is read with
	TokNumber
	TokParam // $1
	TokOp    // operators, and ( ) [ ] , . ; :: := =>
)

// Token is a word, a constant or a sign of a text in SQL.
type Token struct {
	Kind    TokenKind
	Text    string // of names and strings what they stand for
	At, End int    // byte offsets in the source
}

// Is tells whether the token is a keyword, operator or sign.
func (t Token) Is(word string) bool {
	return t.Kind == TokOp && t.Text == word || t.Kind == TokName && strings.EqualFold(t.Text, word)
}

// Lex cuts an expression into tokens. PostgreSQL's operators are cut by its own rule
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html, 4.1.3); SQLite's are a short list.
func Lex(src string, sqlite bool) ([]Token, error) {
	l := &lexer{src: src, sqlite: sqlite}
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.pos >= len(src) {
			l.out = append(l.out, Token{Kind: TokEnd, At: l.pos, End: l.pos})
			return l.out, nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

type lexer struct {
	src    string
	pos    int
	sqlite bool
	out    []Token
}

// space skips white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case strings.IndexByte(" \t\n\r\f\v", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			depth, i := 0, 0
			for {
				switch {
				case i >= len(rest):
					return fmt.Errorf("a comment does not end")
				case strings.HasPrefix(rest[i:], "/*") && (depth == 0 || !l.sqlite):
					depth++
					i += 2
				case strings.HasPrefix(rest[i:], "*/"):
					depth--
					i += 2
				default:
					i++
				}
				if depth == 0 {
					break
				}
			}
			l.pos += i
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) add(k TokenKind, text string, end int) {
	l.out = append(l.out, Token{Kind: k, Text: text, At: l.pos, End: end})
	l.pos = end
}

func nameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
func digit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) next() error {
	src, c := l.src, l.src[l.pos]
	quoted := func(n int) bool { return l.pos+n < len(src) && src[l.pos+n] == '\'' }
	switch {
	case c == '\'':
		return l.str(l.pos, false)
	case (c == 'e' || c == 'E') && quoted(1) && !l.sqlite:
		return l.str(l.pos+1, true)
	case (c == 'x' || c == 'X') && quoted(1) && l.sqlite:
		start := l.pos
		if err := l.str(l.pos+1, false); err != nil {
			return err
		}
		t := &l.out[len(l.out)-1]
		t.Kind, t.At = TokBytes, start
	case (c == 'n' || c == 'N' || c == 'b' || c == 'B' || c == 'x' || c == 'X') && quoted(1) && !l.sqlite:
		start := l.pos
		if err := l.str(l.pos+1, false); err != nil {
			return err
		}
		t := &l.out[len(l.out)-1]
		t.Kind, t.At = TokBits, start
	case (c == 'u' || c == 'U') && !l.sqlite && (strings.HasPrefix(src[l.pos+1:], "&'") || strings.HasPrefix(src[l.pos+1:], `&"`)):
		return l.unicode()
	case c == '"':
		return l.ident('"', '"')
	case c == '`' && l.sqlite:
		return l.ident('`', '`')
	case c == '[' && l.sqlite:
		return l.ident('[', ']')
	case c == '$' && l.pos+1 < len(src) && digit(src[l.pos+1]):
		end := l.pos + 1
		for end < len(src) && digit(src[end]) {
			end++
		}
		l.add(TokParam, src[l.pos+1:end], end)
	case c == '$' && !l.sqlite:
		return l.dollar()
	case nameStart(c):
		end := l.pos
		for end < len(src) && (nameStart(src[end]) || digit(src[end]) || src[end] == '$') {
			end++
		}
		text := src[l.pos:end]
		if !l.sqlite {
			text = LowerASCII(text)
		}
		l.add(TokName, text, end)
	case digit(c) || c == '.' && l.pos+1 < len(src) && digit(src[l.pos+1]):
		l.number()
	default:
		return l.operator()
	}
	return nil
}

// LowerASCII folds an unquoted identifier as PostgreSQL does in UTF-8 databases.
func LowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// str reads a string whose opening quote is at from.
func (l *lexer) str(from int, escapes bool) error {
	var text strings.Builder
	src := l.src
	for i := from + 1; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\'' && i+1 < len(src) && src[i+1] == '\'':
			text.WriteByte('\'')
			i++
		case c == '\'':
			l.add(TokString, text.String(), i+1)
			return nil
		case c == '\\' && escapes && i+1 < len(src):
			n, err := unescape(&text, src[i+1:])
			if err != nil {
				return err
			}
			i += n
		default:
			text.WriteByte(c)
		}
	}
	return fmt.Errorf("a string does not end: %s", bound.Short(src[from:]))
}

// unescape reads what follows a backslash in an E” string, and gives its length.
func unescape(text *strings.Builder, s string) (int, error) {
	number := func(from, least, most, base int) (int, int) {
		n, v := 0, 0
		for n < most && from+n < len(s) {
			d := strings.IndexByte("0123456789abcdef", s[from+n]|0x20)
			if digit(s[from+n]) {
				d = int(s[from+n] - '0')
			}
			if d < 0 || d >= base {
				break
			}
			v = v*base + d
			n++
		}
		if n < least {
			return 0, 0
		}
		return v, n
	}
	switch s[0] {
	case 'b':
		text.WriteByte('\b')
	case 'f':
		text.WriteByte('\f')
	case 'n':
		text.WriteByte('\n')
	case 'r':
		text.WriteByte('\r')
	case 't':
		text.WriteByte('\t')
	case 'x':
		if v, n := number(1, 1, 2, 16); n > 0 {
			text.WriteByte(byte(v))
			return 1 + n, nil
		}
		text.WriteByte('x')
	case 'u', 'U':
		digits := 4
		if s[0] == 'U' {
			digits = 8
		}
		v, n := number(1, digits, digits, 16)
		if n == 0 {
			return 0, fmt.Errorf("a bad escape in a string: \\%s", bound.Short(s))
		}
		text.WriteRune(rune(v))
		return 1 + n, nil
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := number(0, 1, 3, 8)
		text.WriteByte(byte(v))
		return n, nil
	default:
		_, n := utf8.DecodeRuneInString(s)
		text.WriteString(s[:n])
		return n, nil
	}
	return 1, nil
}

// unicode reads U&'...' and U&"...", in which \0041 and \+000041 are characters
// (https://www.postgresql.org/docs/current/sql-syntax-lexical.html, 4.1.2.3). Another sign in the place of the backslash,
// which UESCAPE behind it names, is read by nobody.
func (l *lexer) unicode() error {
	start := l.pos
	l.pos += len("U&")
	read := func() error { return l.str(l.pos, false) }
	if l.src[l.pos] == '"' {
		read = func() error { return l.ident('"', '"') }
	}
	if err := read(); err != nil {
		return err
	}
	t := &l.out[len(l.out)-1]
	parts := strings.Split(t.Text, `\`)
	text := parts[0]
	for i := 1; i < len(parts); i++ {
		part, digits := parts[i], 4
		if part == "" && i+1 < len(parts) { // two of them are one
			i++
			text += `\` + parts[i]
			continue
		}
		part, long := strings.CutPrefix(part, "+")
		if long {
			digits = 6
		}
		n, err := strconv.ParseUint(part[:min(digits, len(part))], 16, 32)
		if err != nil || len(part) < digits || !utf8.ValidRune(rune(n)) {
			return fmt.Errorf("a bad escape in a text: %s", bound.Short(l.src[start:]))
		}
		text += string(rune(n)) + part[digits:]
	}
	t.Text, t.At = text, start
	return nil
}

func (l *lexer) ident(open, shut byte) error {
	var text strings.Builder
	for i := l.pos + 1; i < len(l.src); i++ {
		c := l.src[i]
		switch {
		case c == shut && open == shut && i+1 < len(l.src) && l.src[i+1] == shut:
			text.WriteByte(c)
			i++
		case c == shut:
			l.add(TokQuoted, text.String(), i+1)
			return nil
		default:
			text.WriteByte(c)
		}
	}
	return fmt.Errorf("a quoted name does not end: %s", bound.Short(l.src[l.pos:]))
}

// dollar reads $tag$...$tag$.
func (l *lexer) dollar() error {
	rest := l.src[l.pos:]
	n := strings.IndexByte(rest[1:], '$')
	if n < 0 {
		return fmt.Errorf("a $ that begins nothing: %s", bound.Short(rest))
	}
	tag := rest[:n+2]
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return fmt.Errorf("a string in %s does not end", tag)
	}
	l.add(TokString, rest[len(tag):len(tag)+end], l.pos+2*len(tag)+end)
	return nil
}

func (l *lexer) number() {
	src, end := l.src, l.pos
	if l.sqlite && len(src) > end+2 && src[end] == '0' && (src[end+1] == 'x' || src[end+1] == 'X') {
		for end += 2; end < len(src) && strings.IndexByte("0123456789abcdefABCDEF", src[end]) >= 0; end++ {
		}
		l.add(TokNumber, src[l.pos:end], end)
		return
	}
	digits := func() {
		for end < len(src) && digit(src[end]) {
			end++
		}
	}
	digits()
	if end < len(src) && src[end] == '.' {
		end++
		digits()
	}
	if end < len(src) && (src[end] == 'e' || src[end] == 'E') {
		mark := end
		end++
		if end < len(src) && (src[end] == '+' || src[end] == '-') {
			end++
		}
		if end < len(src) && digit(src[end]) {
			digits()
		} else {
			end = mark
		}
	}
	l.add(TokNumber, src[l.pos:end], end)
}

var sqliteOps = []string{"->>", "||", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "+", "-", "*", "/", "%", "<", ">", "=", "&", "|", "~"}

const operatorBytes = "+-*/<>=~!@#%^&|`?"

func (l *lexer) operator() error {
	rest := l.src[l.pos:]
	if strings.IndexByte("()[],.;", rest[0]) >= 0 {
		l.add(TokOp, rest[:1], l.pos+1)
		return nil
	}
	if l.sqlite {
		for _, op := range sqliteOps {
			if strings.HasPrefix(rest, op) {
				l.add(TokOp, op, l.pos+len(op))
				return nil
			}
		}
		return fmt.Errorf("%q is not understood", bound.Short(rest))
	}
	for _, op := range []string{"::", ":=", ":"} {
		if strings.HasPrefix(rest, op) {
			l.add(TokOp, op, l.pos+len(op))
			return nil
		}
	}
	n := 0
	for n < len(rest) && strings.IndexByte(operatorBytes, rest[n]) >= 0 && !strings.HasPrefix(rest[n:], "--") && !strings.HasPrefix(rest[n:], "/*") {
		n++
	}
	if n == 0 {
		return fmt.Errorf("%q is not understood", bound.Short(rest))
	}
	if !strings.ContainsAny(rest[:n], "~!@#%^&|`?") { // only those may end in + or -
		for n > 1 && (rest[n-1] == '+' || rest[n-1] == '-') {
			n--
		}
	}
	op := rest[:n]
	if op == "!=" {
		op = "<>"
	}
	l.add(TokOp, op, l.pos+n)
	return nil
}
