package check

import "slices"

// Member is what checks ask of a member of a JSON object.
type Member struct {
	Name   string
	Absent bool     // the object has no such member; the rest does not apply
	Type   string   // as Domain.JSON; "" for any but null
	Filled bool     // its text is not empty
	In     []string // the only legal texts; nil for any
}

// member holds what a change says of a member; it gives contradicts where that goes against what is held already.
func (n *narrowing) member(name string, change Member) outcome {
	if n.t.kind != kJSONB && n.t.kind != kJSON || n.d.JSON != "" && n.d.JSON != "object" && !change.Absent {
		return notTold
	}
	change.Name = name
	i := slices.IndexFunc(n.d.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		n.d.Members = append(n.d.Members, change)
		return told
	}
	m := n.d.Members[i]
	if m.Absent || change.Absent {
		if m.Absent != change.Absent {
			return contradicts
		}
		return told
	}
	switch {
	case change.Type == "" || m.Type == change.Type:
	case m.Type != "":
		return contradicts
	default:
		m.Type = change.Type
	}
	m.Filled = m.Filled || change.Filled
	if change.In != nil {
		if m.In != nil {
			change.In = slices.DeleteFunc(slices.Clone(change.In), func(v string) bool { return !slices.Contains(m.In, v) })
		}
		m.In = change.In
		if len(m.In) == 0 {
			return contradicts
		}
	}
	n.d.Members[i] = m
	return told
}

// memberOf reads an access to a member of the column: x -> 'name' or x ->> 'name'.
func (n *narrowing) memberOf(e Expr, ops ...string) (string, bool) {
	b, ok := n.plain(e).(*Binary)
	if !ok || !slices.Contains(ops, b.Op) || !n.isColumn(b.L) {
		return "", false
	}
	return n.text(b.R)
}

// members holds conditions over members: x ? 'name', x ?& ARRAY['a', 'b'], x ->> 'name' = 'text', x ->> 'name' <> ”.
func (n *narrowing) members(e *Binary, positive bool) outcome {
	switch e.Op {
	case "?":
		name, ok := n.text(e.R)
		if !ok || !n.isColumn(e.L) || n.t.kind != kJSONB {
			return notTold
		}
		return n.member(name, Member{Absent: !positive})
	case "?&":
		a, ok := n.constant(e.R)
		if !ok || !positive || !n.isColumn(e.L) || n.t.kind != kJSONB || a.konst.null || a.t.kind != kArray {
			return notTold
		}
		for _, v := range a.konst.x.(*list).elems {
			if v.null {
				continue
			}
			if out := n.member(string(v.b), Member{}); out != told {
				return out
			}
		}
		return told
	}
	l, r, op := e.L, e.R, e.Op
	if len(Columns(l)) == 0 {
		l, r = r, l
	}
	if !positive && isComparison(op) {
		op = opposite(op)
	}
	name, ok := n.memberOf(l, "->>")
	if !ok {
		return notTold
	}
	v, ok := n.text(r)
	switch {
	case !ok:
	case op == "<>" && v == "":
		return n.member(name, Member{Filled: true})
	case op == "=" && v != "":
		return n.member(name, Member{In: []string{v}})
	}
	return notTold
}
