// Package bound says how much the parsers of what people and databases hand over take: expressions, patterns, SQL,
// JSON and YAML. Beyond these bounds a text is refused with an error; it never takes the process, or minutes.
package bound

import "fmt"

// The bounds.
const (
	Depth = 500       // how deep parts of a text may be nested: brackets, operators, lists
	Text  = 64 << 10  // bytes of an expression or a pattern that people write
	SQL   = 512 << 10 // bytes of an expression or a function of a database
	Parts = 100_000   // parts of a parsed text, what is repeated counted each time
	Drawn = 1 << 20   // characters of the longest text that a pattern may give
	YAML  = 100       // how deep lists and mappings of a YAML file may be nested
)

// Error says that a text is beyond a bound.
type Error struct{ What string }

func (e *Error) Error() string { return e.What + ": make it simpler, or divide it" }

// Deep is the error of a text that is nested too deeply.
func Deep() error { return &Error{fmt.Sprintf("it is nested more than %d levels deep", Depth)} }

// Large is the error of a text with too many parts.
func Large() error { return &Error{fmt.Sprintf("it has more than %d parts", Parts)} }

// Long is the error of a text of more than most bytes, and nil for others.
func Long(text string, most int) error {
	if len(text) <= most {
		return nil
	}
	return &Error{fmt.Sprintf("it has %d bytes, and %d are the most", len(text), most)}
}

// Nesting holds a text of any language with brackets and quotes against Text and Depth, before a parser that has no
// bounds of its own reads it. Brackets within quotes do not count; a backslash takes its meaning from what follows it.
func Nesting(text string) error {
	if err := Long(text, Text); err != nil {
		return err
	}
	depth := 0
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '(' || c == '[' || c == '{':
			if depth++; depth > Depth {
				return Deep()
			}
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
		}
	}
	return nil
}

// Short gives the beginning of a text that may be long, for messages.
func Short(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	n := most
	for n > 0 && text[n]&0xc0 == 0x80 { // within a character
		n--
	}
	return text[:n] + "..."
}
