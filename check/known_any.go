package check

import "strings"

// anyFunctions are functions of values of any type.
var anyFunctions = []known{
	{names: []string{"coalesce"}, invert: invertDefault, derive: func(s *solver, x *Call) (derived, bool) {
		in, ok := s.derive(x.Args[0])
		if !ok {
			return in, false
		}
		out, ok := s.deriveList(in.kind, x.Args...)
		out.text = "coalesce(" + strings.ReplaceAll(out.text, "\x00", ", ") + ")"
		return out, ok
	}},
	{names: []string{"nullif", "ifnull"}, invert: invertDefault},
}

// invertDefault leaves aside what a function has of a constant: coalesce(x, 0).
func invertDefault(v *Inverse, x *Call, begins func(string, int) string) bool {
	return len(x.Args) == 2 && len(Columns(x.Args[1])) == 0 && v.back(x.Args[0], begins)
}
