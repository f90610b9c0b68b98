// Package shown writes texts that come from a database (names, comments, values, messages) so that whoever reads them
// sees them and obeys nothing: a terminal, a page, a comment of one line.
package shown

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes in one line what is no letter, mark, number, sign or blank: control characters, line ends, signs
// without width, those that turn the direction of writing around.
func Text(s string) string {
	return escape(s, isShown, func(b *strings.Builder, r rune) {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x100:
			fmt.Fprintf(b, `\x%02x`, r)
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
	})
}

// Lines is Text for a text of several lines.
func Lines(s string) string {
	return escape(s, func(r rune) bool { return isShown(r) || r == '\n' }, func(b *strings.Builder, r rune) {
		b.WriteString(Text(string(r)))
	})
}

// JSON escapes the same in a JSON document, in which they stand within texts alone; it means the same as before.
func JSON(s string) string {
	return escape(s, isData, func(b *strings.Builder, r rune) {
		if r > 0xffff {
			r -= 0x10000
			fmt.Fprintf(b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			return
		}
		fmt.Fprintf(b, `\u%04x`, r)
	})
}

// YAML is JSON for a text in double quotes of a YAML document.
func YAML(s string) string {
	return escape(s, isData, func(b *strings.Builder, r rune) {
		if r > 0xffff {
			fmt.Fprintf(b, `\U%08x`, r)
			return
		}
		fmt.Fprintf(b, `\u%04x`, r)
	})
}

func isShown(r rune) bool { return r == ' ' || unicode.IsPrint(r) }
func isData(r rune) bool  { return isShown(r) || r == '\n' || r == '\t' }

// escape copies s, but for runes that are not fine. Bytes that are no UTF-8 show as the sign for it.
func escape(s string, fine func(rune) bool, write func(*strings.Builder, rune)) string {
	if strings.IndexFunc(s, func(r rune) bool { return !fine(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if fine(r) {
			b.WriteRune(r)
		} else {
			write(&b, r)
		}
	}
	return b.String()
}

// Writer passes on what is written to it, whole characters at a time, each piece as form writes it.
func Writer(w io.Writer, form func(string) string) io.Writer { return &writer{w: w, form: form} }

type writer struct {
	w    io.Writer
	form func(string) string
	rest []byte // the beginning of a character
}

func (w *writer) Write(p []byte) (int, error) {
	text := append(w.rest, p...)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if start := len(text) - back; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				end = start
			}
			break
		}
	}
	if _, err := io.WriteString(w.w, w.form(string(text[:end]))); err != nil {
		return 0, err
	}
	w.rest = append([]byte(nil), text[end:]...)
	return len(p), nil
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// ShellWord writes a name so that a shell reads it as one word.
func ShellWord(name string) string {
	if plainWord.MatchString(name) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
