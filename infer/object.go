package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// object writes a JSON object of the members that checks ask for, each by what its name says.
func (s *site) object() yaml {
	members := slices.Clone(s.domain.Members)
	slices.SortFunc(members, func(a, b check.Member) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
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

// member gives the generator of a member.
func (s *site) member(m check.Member) yaml {
	if m.In != nil {
		return yaml(oneOf(m.In, "").Generator)
	}
	text := schema.Type{Name: "text", Base: "text", Kind: column.Text}
	switch m.Type {
	case "number":
		text = schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}
	case "boolean":
		return "boolean"
	case "array":
		return short("json", "tags")
	case "object":
		return short("json", "metadata")
	}
	sub := *s
	c := *s.column
	c.Name, c.Type, c.Default, c.NotNull = m.Name, text, "", true
	sub.column, sub.words, sub.domain, sub.unique, sub.limit = &c, splitName(m.Name), &check.Domain{}, false, 0
	for _, k := range sub.candidates() {
		return yaml(k.Generator)
	}
	if all := sub.ofType(&text); len(all) > 0 {
		return all[0]
	}
	return short("constant", "x")
}
