package check

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Member is what checks ask of a member of a JSON object, or of an item of an array, which has no name.
type Member struct {
	Name             string
	Absent           bool     // the object has no such member; the rest does not apply
	Type             string   // as Domain.JSON; "" for any but null
	Filled           bool     // its text is not empty
	In               []string // the only legal texts; nil for any
	Min, Max         *Bound   // of a number
	Members          []Member // of an object
	Items            []Member // of an array: those that it has, at the least
	MinSize, MaxSize int      // of an array: elements; 0 for no limit
}

// at holds what a change says of the member at a path; an empty one is the column itself. It gives contradicts where that goes
// against what is held already.
func (n *narrowing) at(path []string, change Member) outcome {
	if n.t.kind != kJSONB && n.t.kind != kJSON {
		return notTold
	}
	for _, name := range slices.Backward(path) {
		change.Name = name
		change = Member{Type: "object", Members: []Member{change}}
		if change.Members[0].Absent && len(path) > 1 {
			return notTold
		}
	}
	if change.Type == "object" && n.d.JSON != "" && n.d.JSON != "object" && change.Members[0].Absent {
		return told
	}
	whole := Member{Type: n.d.JSON, Members: n.d.Members, Items: n.d.Items, MinSize: n.d.MinSize, MaxSize: n.d.MaxSize}
	if len(path) > 0 {
		change.Type = "" // an object by its members, as long as nothing else says what it is
		if whole.Type != "" && whole.Type != "object" {
			return notTold
		}
	}
	if change.In != nil || change.Filled || change.Min != nil || change.Max != nil {
		return notTold // of the column itself
	}
	out := whole.join(change)
	if out == told {
		n.d.JSON, n.d.Members, n.d.Items, n.d.MinSize, n.d.MaxSize = whole.Type, whole.Members, whole.Items, whole.MinSize, whole.MaxSize
	}
	return out
}

// join holds what a change says too.
func (m *Member) join(change Member) outcome {
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
	if m.Min != nil && change.Min != nil || m.Max != nil && change.Max != nil {
		return notTold
	}
	if change.Min != nil {
		m.Min = change.Min
	}
	if change.Max != nil {
		m.Max = change.Max
	}
	m.MinSize = max(m.MinSize, change.MinSize, len(m.Items)+len(change.Items))
	if change.MaxSize > 0 && (m.MaxSize == 0 || change.MaxSize < m.MaxSize) {
		m.MaxSize = change.MaxSize
	}
	if m.MaxSize > 0 && m.MinSize > m.MaxSize {
		return contradicts
	}
	m.Items = append(slices.Clone(m.Items), change.Items...)
	m.Members = slices.Clone(m.Members)
	for _, c := range change.Members {
		i := slices.IndexFunc(m.Members, func(o Member) bool { return o.Name == c.Name })
		if i < 0 {
			m.Members = append(m.Members, c)
			continue
		}
		if out := m.Members[i].join(c); out != told {
			return out
		}
	}
	return told
}

// jsonPath reads an access to a member of the column: x, x -> 'a' -> 'b', x #> '{a,b}', json_extract(x, '$.a.b'), each as JSON or
// as a text.
func (n *narrowing) jsonPath(e Expr) (path []string, text, ok bool) {
	if n.isColumn(e) {
		return nil, false, true
	}
	switch x := stripCasts(e).(type) {
	case *Binary:
		before, wasText, ok := n.jsonPath(x.L)
		if !ok || wasText {
			return nil, false, false
		}
		switch x.Op {
		case "->", "->>":
			name, ok := n.text(x.R)
			if n.options.SQLite && strings.HasPrefix(name, "$") {
				more, ok := dollarPath(name)
				return append(before, more...), x.Op == "->>", ok
			}
			return append(before, name), x.Op == "->>", ok
		case "#>", "#>>":
			list := textOf(x.R)
			if a, isArray := x.R.(*Array); isArray {
				var parts []string
				for _, p := range a.List {
					parts = append(parts, textOf(p))
				}
				list = "{" + strings.Join(parts, ",") + "}"
			}
			if len(list) < 3 || list[0] != '{' || strings.ContainsAny(list, "\"\\") {
				return nil, false, false
			}
			return append(before, strings.Split(list[1:len(list)-1], ",")...), x.Op == "#>>", true
		}
	case *Call:
		if x.Name == "json_extract" && len(x.Args) == 2 && n.isColumn(x.Args[0]) {
			path, ok := dollarPath(textOf(x.Args[1]))
			return path, true, ok
		}
	}
	return nil, false, false
}

// dollar is a path of names, as SQLite and jsonpath write it.
var dollar = regexp.MustCompile(`^\$((?:\."?\w+"?)*)$`)

func dollarPath(s string) ([]string, bool) {
	m := dollar.FindStringSubmatch(s)
	if m == nil {
		return nil, false
	}
	return dotted(m[1]), true
}

// dotted splits .a."b".
func dotted(s string) []string {
	s = strings.Trim(strings.ReplaceAll(s, `"`, ""), ".")
	if s == "" {
		return nil
	}
	return strings.Split(s, ".")
}

// wanted gives what a constant document is, as a condition on one that contains it; false for null.
func wanted(v any) (Member, bool) {
	switch x := v.(type) {
	case string:
		return Member{Type: "string", In: []string{x}}, true
	case bool:
		return Member{Type: "boolean", In: []string{boolText(x)}}, true
	case json.Number:
		return Member{Type: "number", In: []string{string(x)}}, true
	case map[string]any:
		out := Member{Type: "object"}
		for _, name := range slices.Sorted(maps.Keys(x)) {
			m, ok := wanted(x[name])
			if !ok {
				return out, false
			}
			m.Name = name
			out.Members = append(out.Members, m)
		}
		return out, true
	case []any:
		out := Member{Type: "array"}
		for _, e := range x {
			m, ok := wanted(e)
			if !ok {
				return out, false
			}
			out.Items = append(out.Items, m)
		}
		return out, true
	}
	return Member{}, false
}

// query is a jsonpath that asks for a member, or for one of an array's items with a member that compares with a constant:
// $.items[*]?(@.qty > 0).
var query = regexp.MustCompile(`^\$((?:\."?\w+"?)*)(\[\*\])?((?:\."?\w+"?)*)\s*` +
	`(?:\?\s*\(\s*@((?:\."?\w+"?)*)\s*(==|>=|<=|>|<)\s*("[^"\\]*"|-?[0-9.]+|true|false)\s*\))?$`)

// asked gives what a jsonpath asks for.
func asked(s string) (path []string, m Member, ok bool) {
	f := query.FindStringSubmatch(strings.TrimSpace(s))
	if f == nil {
		return nil, m, false
	}
	switch op, v := f[5], f[6]; {
	case op == "":
	case v[0] == '"' && op == "==":
		m = Member{Type: "string", In: []string{strings.Trim(v, `"`)}}
	case v == "true" || v == "false":
		m = Member{Type: "boolean", In: []string{v}}
		ok = op != "=="
	case v[0] == '"':
		return nil, m, false
	default:
		m, ok = numberBound(strings.Replace(op, "==", "=", 1), v)
		ok = !ok
	}
	if ok {
		return nil, m, false
	}
	for _, name := range slices.Backward(append(dotted(f[3]), dotted(f[4])...)) {
		m.Name = name
		m = Member{Type: "object", Members: []Member{m}}
	}
	if path = dotted(f[1]); f[2] != "" {
		m = Member{Type: "array", Items: []Member{m}}
	}
	return path, m, true
}

// numberBound holds a number against a constant.
func numberBound(op, v string) (Member, bool) {
	m := Member{Type: "number"}
	switch op {
	case "=":
		m.In = []string{v}
	case ">", ">=":
		m.Min = &Bound{Value: v, Open: op == ">"}
	case "<", "<=":
		m.Max = &Bound{Value: v, Open: op == "<"}
	default:
		return m, false
	}
	return m, true
}

// members holds conditions over documents and their members: x ? 'name', x ?& ARRAY['a', 'b'], x @> '{"kind": "a"}', x @? '$.a',
// x ->> 'name' = 'text', (x ->> 'n')::int > 0.
func (n *narrowing) members(e *Binary, positive bool) outcome {
	path, _, ok := n.jsonPath(e.L)
	switch e.Op {
	case "?":
		name, isText := n.text(e.R)
		if !ok || !isText || n.t.kind != kJSONB {
			return notTold
		}
		return n.at(append(path, name), Member{Absent: !positive})
	case "?&":
		a, known := n.constant(e.R)
		if !ok || !known || !positive || n.t.kind != kJSONB || a.konst.null || a.t.kind != kArray {
			return notTold
		}
		for _, v := range a.konst.x.(*list).elems {
			if v.null {
				continue
			}
			if out := n.at(append(slices.Clone(path), string(v.b)), Member{}); out != told {
				return out
			}
		}
		return told
	case "@>":
		v, err := decodeJSON([]byte(textOf(e.R)))
		m, known := wanted(v)
		if !ok || !positive || err != nil || !known {
			return notTold
		}
		if len(path) == 0 && m.Type == "object" {
			for _, c := range m.Members {
				if out := n.at([]string{c.Name}, c); out != told {
					return out
				}
			}
			return n.at(nil, Member{Type: "object"})
		}
		return n.at(path, m)
	case "@?":
		path, m, known := asked(textOf(e.R))
		if !known || !positive || !n.isColumn(e.L) {
			return notTold
		}
		return n.at(path, m)
	}
	l, r, op := e.L, e.R, e.Op
	if len(Columns(l)) == 0 {
		l, r, op = r, l, flip(op)
	}
	if !positive && isComparison(op) {
		op = opposite(op)
	}
	if out := n.compareMember(l, op, r); out != notTold {
		return out
	}
	return notTold
}

// compareMember holds a comparison of a member with a constant.
func (n *narrowing) compareMember(l Expr, op string, r Expr) outcome {
	path, text, ok := n.jsonPath(l)
	if !ok || !text || len(path) == 0 || !isComparison(op) {
		return notTold
	}
	k, isNumber := n.constant(r)
	if c, isCast := l.(*Cast); isCast && c.Type.Name != "text" || n.options.SQLite {
		if isNumber && !k.konst.null && (k.t.kind == kInt || k.t.kind == kNumeric || n.options.SQLite && k.t.number()) {
			v, err := numericOf(k)
			if err != nil {
				return notTold
			}
			m, ok := numberBound(op, string(appendNumeric(nil, trimScale(v))))
			if !ok {
				return notTold
			}
			return n.at(path, m)
		}
		if isCast {
			return notTold
		}
	}
	v, ok := n.text(r)
	switch {
	case !ok:
	case op == "<>" && v == "":
		return n.at(path, Member{Filled: true})
	case op == "=" && v != "":
		return n.at(path, Member{In: []string{v}})
	}
	return notTold
}
