package check

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/sqlexpr"
)

// like is a pattern of LIKE.
type like struct {
	parts []likePart
	fold  bool
	ascii bool
}

// likePart is a run of characters, or a sign.
type likePart struct {
	text []byte
	sign byte // '%', '_', or 0 for text
}

// compileLike reads a pattern; escape 0 means none.
func compileLike(pattern string, escape rune, fold bool) (*like, error) {
	l := &like{fold: fold, ascii: true}
	var run []byte
	flush := func() {
		if len(run) > 0 {
			l.parts = append(l.parts, likePart{text: run})
			run = nil
		}
	}
	escaped := false
	for _, c := range pattern {
		if c >= utf8.RuneSelf {
			l.ascii = false
		}
		switch {
		case escaped:
			run = utf8.AppendRune(run, c)
			escaped = false
		case escape != 0 && c == escape:
			escaped = true
		case c == '%' || c == '_':
			flush()
			if n := len(l.parts); c == '_' || n == 0 || l.parts[n-1].sign != '%' {
				l.parts = append(l.parts, likePart{sign: byte(c)})
			}
		default:
			run = utf8.AppendRune(run, c)
		}
	}
	if escaped {
		return nil, fmt.Errorf("the LIKE pattern %q ends in its escape character", pattern)
	}
	flush()
	if fold {
		for i := range l.parts {
			l.parts[i].text = []byte(sqlexpr.LowerASCII(string(l.parts[i].text)))
		}
	}
	return l, nil
}

func (l *like) match(b []byte) (bool, error) {
	if l.fold && !l.ascii {
		for _, c := range b {
			if c >= utf8.RuneSelf {
				return false, errLocale
			}
		}
	}
	return l.rest(l.parts, b), nil
}

// rest matches parts. What does not go on is tried again one character further behind the last % alone: those before
// it have taken as little as they can.
func (l *like) rest(parts []likePart, b []byte) bool {
	var again []likePart // behind the last %
	var from []byte      // where they were tried
	for {
		if len(parts) > 0 && parts[0].sign == '%' {
			if parts = parts[1:]; len(parts) == 0 {
				return true
			}
			again, from = parts, b
			continue
		}
		n := l.takes(parts, b)
		if n >= 0 {
			if len(parts) == 0 {
				return true
			}
			parts, b = parts[1:], b[n:]
			continue
		}
		if again == nil || len(from) == 0 {
			return false
		}
		_, n = utf8.DecodeRune(from)
		from = from[n:]
		parts, b = again, from
	}
}

// takes gives how many bytes the first part takes, a text or a sign for one character, or where there is none whether
// the text ends; -1 where it does not match.
func (l *like) takes(parts []likePart, b []byte) int {
	switch {
	case len(parts) == 0:
		if len(b) == 0 {
			return 0
		}
	case parts[0].sign == '_':
		if len(b) > 0 {
			_, n := utf8.DecodeRune(b)
			return n
		}
	case len(b) >= len(parts[0].text) && l.equal(b[:len(parts[0].text)], parts[0].text):
		return len(parts[0].text)
	}
	return -1
}

func (l *like) equal(b, p []byte) bool {
	if !l.fold {
		return string(b) == string(p)
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != p[i] {
			return false
		}
	}
	return true
}

// regexp gives the pattern as a regular expression of package regexp.
func (l *like) regexp() string {
	var b strings.Builder
	b.WriteString("^")
	for _, p := range l.parts {
		switch p.sign {
		case '%':
			b.WriteString("(?s:.*)")
		case '_':
			b.WriteString("(?s:.)")
		default:
			b.WriteString(regexp.QuoteMeta(string(p.text)))
		}
	}
	b.WriteString("$")
	return b.String()
}
