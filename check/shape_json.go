package check

// jsonShapes are functions of documents.
var jsonShapes = []shape{
	{[]string{"jsonb_typeof", "json_typeof"}, func(n *narrowing, c comparison) outcome {
		v, ok := n.text(c.with)
		if name, is := n.memberOf(c.args[0], "->"); is && ok && c.op == "=" && v != "null" {
			return n.member(name, Member{Type: v})
		}
		switch {
		case !ok || c.op != "=" || !n.isColumn(c.args[0]):
			return notTold
		case n.d.JSON != "" && n.d.JSON != v:
			return contradicts
		}
		n.d.JSON = v
		return told
	}},
}
