package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// object writes a JSON object of the members that checks ask for, each by what its name says.
func (s *site) object(members []check.Member) yaml {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b check.Member) int { return strings.Compare(a.Name, b.Name) })
	var fields []any
	for _, m := range members {
		if !m.Absent {
			fields = append(fields, m.Name, s.member(m))
		}
	}
	if len(fields) == 0 {
		return short("constant", "{}")
	}
	return short("object", mapping(fields...))
}

// items writes a JSON array of as many elements as checks ask for: such as they want, or else words.
func (s *site) items(items []check.Member, least, most int) yaml {
	of := call("text", "words", 1)
	if len(items) > 0 {
		of, least = s.member(items[0]), max(least, 1)
	}
	if most == 0 {
		most = max(least, 1) + 3
	}
	return call("array", "of", of, "min", least, "max", most)
}

// member gives the generator of a member.
func (s *site) member(m check.Member) yaml {
	if m.In != nil {
		if m.Type != "number" && m.Type != "boolean" {
			texts := make([]yaml, len(m.In))
			for i, v := range m.In {
				texts[i] = quote(v)
			}
			if len(texts) == 1 {
				return short("constant", texts[0])
			}
			return short("pick", list(texts))
		}
		return oneOf(m.In, "").Generator
	}
	text := schema.Type{Name: "text", Base: "text", Kind: column.Text}
	switch {
	case len(m.Members) > 0:
		return s.object(m.Members)
	case m.Type == "array" && (len(m.Items) > 0 || m.MinSize > 0 || m.MaxSize > 0):
		return s.items(m.Items, m.MinSize, m.MaxSize)
	}
	switch m.Type {
	case "number":
		text = schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}
		sub := *s
		sub.domain, sub.unique = &check.Domain{Min: m.Min, Max: m.Max}, false
		if g := sub.integers(&text); g.exists() && (m.Min != nil || m.Max != nil) {
			return g
		}
	case "boolean":
		return call("boolean")
	case "array":
		return short("json", "tags")
	case "object":
		return short("json", "metadata")
	}
	sub := s.called(splitName(m.Name))
	c := *s.column
	c.Name, c.Type, c.Default, c.NotNull = m.Name, text, "", true
	sub.column, sub.domain, sub.unique, sub.limit = &c, &check.Domain{}, false, 0
	for _, k := range sub.candidates() {
		return k.Generator
	}
	if all := sub.ofType(&text); len(all) > 0 {
		return all[0]
	}
	return short("constant", "x")
}
