package check

import (
	"strconv"
	"strings"
)

// deriveTextCall writes the functions of texts that a blueprint's language has under its own names.
func (s *solver) deriveTextCall(x *Call) (derived, bool) {
	n := len(x.Args)
	named := func(name string, first Expr, more ...Expr) (derived, bool) {
		in, ok := s.derive(first)
		if in.kind == kNumeric && strings.HasSuffix(name, "pad") { // SQLite's texts and numbers are one
			in.text, in.kind = "text("+in.text+")", kText
		}
		text := name + "(" + in.text
		for _, m := range more {
			c, constant := s.deriveConstant(m)
			ok = ok && constant
			text += ", " + c.text
		}
		in.text = text + ")"
		return in, ok && in.kind == kText
	}
	switch x.Name {
	case "right":
		if n == 2 {
			return named("suffix", x.Args[0], x.Args[1])
		}
	case "substr", "substring":
		if n == 2 || n == 3 {
			return named("substr", x.Args[0], x.Args[1:]...)
		}
	case "split_part":
		if n == 3 {
			return named("split", x.Args[0], x.Args[1:]...)
		}
	case "lpad", "rpad":
		if n == 2 || n == 3 {
			return named(x.Name, x.Args[0], x.Args[1:]...)
		}
	case "md5":
		return named("md5", x.Args[0])
	case "concat":
		return s.joined("", x.Args)
	case "concat_ws":
		if sep, ok := s.deriveConstant(x.Args[0]); ok && sep.kind == kText {
			return s.joined(sep.text, x.Args[1:])
		}
	case "translate":
		return s.translated(x)
	case "format", "printf":
		return s.formatted(x)
	case "to_char":
		if n == 2 {
			form, filled := strings.CutPrefix(textOf(x.Args[1]), "FM")
			in, ok := s.derive(x.Args[0])
			digits := strings.Trim(form, "0") == ""
			in.text, in.kind = "lpad(text("+in.text+"), "+strconv.Itoa(len(form))+`, "0")`, kText
			return in, ok && filled && digits && form != ""
		}
	}
	return derived{}, false
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
