package check

import (
	"strconv"
	"strings"
)

// derivedText writes a function of texts as one of a blueprint's language, with so many arguments, of which all but the
// first are constants.
func (s *solver) derivedText(name string, x *Call, least, most int) (derived, bool) {
	if len(x.Args) < least || len(x.Args) > most {
		return derived{}, false
	}
	in, ok := s.derive(x.Args[0])
	if in.kind == kNumeric && strings.HasSuffix(name, "pad") { // SQLite's texts and numbers are one
		in.text, in.kind = "text("+in.text+")", kText
	}
	text := name + "(" + in.text
	for _, m := range x.Args[1:] {
		c, constant := s.deriveConstant(m)
		ok = ok && constant
		text += ", " + c.text
	}
	in.text = text + ")"
	return in, ok && in.kind == kText
}

// joined writes texts, and what becomes one, one behind another with a separator between them.
func (s *solver) joined(sep string, list []Expr) (out derived, ok bool) {
	out.kind = kText
	var parts []string
	for i, e := range list {
		d, ok := s.derive(e)
		if !ok {
			return out, false
		}
		if i > 0 && sep != "" {
			parts = append(parts, sep)
		}
		parts = append(parts, d.text)
		out.reads(d)
	}
	out.text = "concat(" + strings.Join(parts, ", ") + ")"
	return out, len(list) > 0
}

// translated writes translate(x, 'abc', 'de') as one replacement after another, where none of them meets what another gave.
func (s *solver) translated(x *Call) (derived, bool) {
	if len(x.Args) != 3 {
		return derived{}, false
	}
	in, ok := s.derive(x.Args[0])
	from, to := []rune(textOf(x.Args[1])), []rune(textOf(x.Args[2]))
	for i, r := range from {
		by := ""
		if i < len(to) {
			by = string(to[i])
			if strings.ContainsRune(string(from[i+1:]), to[i]) {
				return in, false
			}
		}
		in.text = "replace(" + in.text + ", " + strconv.Quote(string(r)) + ", " + strconv.Quote(by) + ")"
	}
	return in, ok && in.kind == kText && len(from) > 0
}

// formatted writes format('%s-%s', a, b) and SQLite's printf('%04d', n).
func (s *solver) formatted(x *Call) (derived, bool) {
	rest, args := textOf(x.Args[0]), x.Args[1:]
	out := derived{kind: kText}
	var parts []string
	for rest != "" {
		at := strings.IndexByte(rest, '%')
		if at != 0 {
			if at < 0 {
				at = len(rest)
			}
			parts = append(parts, strconv.Quote(rest[:at]))
			rest = rest[at:]
			continue
		}
		width := strings.IndexFunc(rest[1:], func(r rune) bool { return r < '0' || r > '9' })
		if width < 0 {
			return out, false
		}
		digits, verb := rest[1:1+width], rest[1+width]
		rest = rest[2+width:]
		if verb == '%' && digits == "" {
			parts = append(parts, `"%"`)
			continue
		}
		if len(args) == 0 || verb != 's' && verb != 'd' {
			return out, false
		}
		d, ok := s.derive(args[0])
		if args = args[1:]; !ok {
			return out, false
		}
		out.reads(d)
		switch n, isPadded := strings.CutPrefix(digits, "0"); {
		case digits == "":
			parts = append(parts, d.text)
		case isPadded && n != "" && verb == 'd' && d.kind == kNumeric:
			parts = append(parts, "lpad(text("+d.text+"), "+n+`, "0")`)
		default:
			return out, false
		}
	}
	out.text = "concat(" + strings.Join(parts, ", ") + ")"
	return out, len(out.cols) > 0
}
