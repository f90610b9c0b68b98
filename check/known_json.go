package check

import "strings"

// jsonFunctions are functions of documents.
var jsonFunctions = []known{
	{names: []string{"json_extract"}, invert: func(v *Inverse, x *Call, begins func(string, int) string) bool {
		if len(x.Args) != 2 || !strings.HasPrefix(textOf(x.Args[1]), "$.") {
			return false
		}
		return v.member(x.Args[0], strings.Split(textOf(x.Args[1])[2:], "."))
	}},
	{
		names: []string{"json_extract_path", "json_extract_path_text", "jsonb_extract_path", "jsonb_extract_path_text"},
		invert: func(v *Inverse, x *Call, begins func(string, int) string) bool {
			var path []string
			for _, a := range x.Args[1:] {
				path = append(path, textOf(a))
			}
			return v.member(x.Args[0], path)
		},
	},
	{names: []string{"jsonb_typeof", "json_typeof", "json_type"}, narrow: func(n *narrowing, c comparison) outcome {
		v, ok := n.text(c.with)
		path, is := n.jsonArgument(c.args)
		if !ok || !is || c.op != "=" || v == "null" {
			return notTold
		}
		if n.options.SQLite {
			switch v {
			case "text":
				v = "string"
			case "integer":
				v = "number"
			case "object", "array":
			default:
				return notTold
			}
		}
		return n.at(path, Member{Type: v})
	}},
	{names: []string{"jsonb_array_length", "json_array_length"}, narrow: func(n *narrowing, c comparison) outcome {
		k, ok := n.integer(c.with)
		path, is := n.jsonArgument(c.args)
		d := Domain{}
		sizes := narrowing{solver: n.solver, d: &d}
		if !ok || !is {
			return notTold
		}
		if out := sizes.sized(c.op, k); out != told {
			return out
		}
		return n.at(path, Member{Type: "array", MinSize: d.MinSize, MaxSize: d.MaxSize})
	}},
}

// jsonArgument gives the path of the value that a function is of: f(x -> 'a'), or SQLite's f(x, '$.a').
func (n *narrowing) jsonArgument(args []Expr) (path []string, ok bool) {
	path, text, ok := n.jsonPath(args[0])
	if len(args) == 2 && n.options.SQLite && ok {
		more, known := dollarPath(textOf(args[1]))
		return append(path, more...), known
	}
	return path, ok && !text && len(args) == 1
}
