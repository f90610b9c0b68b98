package cli

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// columns finds where a column of a line begins: two blanks or more stand before it.
var columns = regexp.MustCompile(`\S {2,}`)

// lay breaks lines that are wider than the room between words. What goes on is indented: it stands under the last of
// the line's columns that begins in the first two thirds, and else two further in than the line. A word that finds no
// room stays whole.
func lay(text string, room int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if utf8.RuneCountInString(codes.ReplaceAllString(line, "")) > room {
			lines[i] = layLine(line, room)
		}
	}
	return strings.Join(lines, "\n")
}

func layLine(line string, room int) string {
	plain := codes.ReplaceAllString(line, "")
	hang := len(plain) - len(strings.TrimLeft(plain, " ")) + 2
	for _, at := range columns.FindAllStringIndex(plain, -1) {
		if n := utf8.RuneCountInString(plain[:at[1]]); n <= room*2/3 {
			hang = n
		}
	}
	var b strings.Builder
	begin, space, column := 0, -1, 0 // of what is not written yet; where it may be broken; how wide it is so far
	inWords := false                 // beyond the blanks that it begins with
	for i := 0; i < len(line); {
		if code := codes.FindStringIndex(line[i:]); code != nil && code[0] == 0 {
			i += code[1]
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		if r == ' ' && inWords {
			space = i
		}
		inWords = inWords || r != ' '
		if column++; column > room && space >= begin && r != ' ' {
			b.WriteString(strings.TrimRight(line[begin:space], " ") + "\n" + strings.Repeat(" ", hang))
			begin = space + 1
			column = hang + utf8.RuneCountInString(codes.ReplaceAllString(line[begin:i+n], ""))
			space = -1
		}
		i += n
	}
	return b.String() + line[begin:]
}

// reflow joins the lines of paragraphs, which are broken anew where they are shown. What is indented stays.
func reflow(text string) string {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		b.WriteString(line)
		switch {
		case i == len(lines)-1:
		case line == "" || lines[i+1] == "" || strings.HasPrefix(line, " ") || strings.HasPrefix(lines[i+1], " "):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
