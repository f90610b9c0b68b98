package check

// jsonShapes are functions of documents.
var jsonShapes = []shape{
	{[]string{"jsonb_typeof", "json_typeof", "json_type"}, func(n *narrowing, c comparison) outcome {
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
	{[]string{"jsonb_array_length", "json_array_length"}, func(n *narrowing, c comparison) outcome {
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
