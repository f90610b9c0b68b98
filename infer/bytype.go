package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// byType gives what a column's type allows, within what its checks ask of it.
func (s *site) byType() []Candidate {
	reason := "its type, " + s.column.Type.Name
	if s.bounded() {
		reason += ", within its checks"
	}
	sure := 0.3
	if slices.Contains(telling, s.column.Type.Base) || len(s.domain.Members) > 0 {
		sure = 0.7
	}
	var out []Candidate
	for _, g := range s.ofType(&s.column.Type) {
		if g.exists() {
			out = append(out, Candidate{Generator: g, Reason: reason, Confidence: sure, exact: true, fallback: sure < 0.5})
		}
	}
	return out
}

// telling are types that say what their values are, whatever the name.
var telling = []string{"inet", "cidr", "macaddr", "macaddr8", "money"}

func (s *site) bounded() bool {
	d := s.domain
	return d.Min != nil || d.Max != nil || len(d.Patterns) > 0 || d.MinLength > 0 || d.MaxLength > 0 || d.Multiple != "" || d.Lower || d.Upper || d.Trimmed || d.Filled
}

func (s *site) ofType(t *schema.Type) []yaml {
	switch t.Category {
	case schema.EnumType:
		if len(t.Enum) > 0 {
			return []yaml{short("pick", list(t.Enum))}
		}
	case schema.ArrayType:
		return s.arrays(t)
	case schema.RangeType, schema.MultirangeType:
		return s.ranges(t)
	case schema.CompositeType:
		return s.composite(t)
	}
	if len(t.Enum) > 0 {
		return []yaml{short("pick", list(t.Enum))}
	}
	switch t.Kind {
	case column.Bool:
		return []yaml{call("boolean")}
	case column.Int:
		return []yaml{s.integers(t)}
	case column.Float:
		return []yaml{s.floats()}
	case column.Decimal:
		return []yaml{s.decimals(t)}
	case column.UUID:
		return []yaml{call("uuid")}
	case column.Timestamp:
		return append([]yaml{s.moments(t)}, s.gridOfMoments()...)
	case column.Date:
		return append([]yaml{s.days()}, s.moreDays()...)
	case column.Time:
		return append([]yaml{s.times(), call("time")}, s.gridOfTimes()...)
	case column.Text:
		return s.texts(t)
	case column.JSON:
		return s.documents()
	case column.Bytes:
		return []yaml{s.bytes()}
	}
	return s.literals(t)
}

// literals are types that have no kind of their own.
func (s *site) literals(t *schema.Type) []yaml {
	base := t.Base
	if base == "" {
		base = t.Name
		if i := strings.LastIndexByte(base, '.'); i >= 0 {
			base = base[i+1:]
		}
	}
	switch base {
	case "numeric":
		if t.Precision > 0 && t.Scale < 0 {
			return []yaml{s.coarse(t)}
		}
		return []yaml{s.decimals(t)}
	case "money":
		return []yaml{call("price", "min", 1, "max", 500), call("decimal", "min", 0, "max", 1000)}
	case "interval":
		return []yaml{s.intervals()}
	case "timetz":
		return []yaml{call("time")}
	case "inet", "cidr", "macaddr", "macaddr8":
		return []yaml{short("network", base)}
	case "bit", "varbit":
		n := t.Length
		if n == 0 {
			n = 1
		}
		if base == "varbit" {
			if t.Length == 0 {
				n = 8
			}
			return []yaml{call("bits", "min", 1, "max", n)}
		}
		return []yaml{short("bits", n)}
	case "point", "line", "lseg", "box", "path", "polygon", "circle":
		return []yaml{short("geometry", base)}
	case "geometry", "geography":
		return features(t)
	case "tsvector", "tsquery", "xml", "ltree", "lquery", "hstore", "jsonpath":
		return []yaml{short("document", base)}
	case "oid", "xid", "xid8", "cid", "tid", "pg_lsn", "name", "char", "pg_snapshot", "txid_snapshot", "refcursor", "regclass", "regtype",
		"regnamespace", "regproc", "regprocedure", "regoper", "regoperator", "regrole", "regconfig", "regdictionary", "regcollation":
		return []yaml{short("system", base)}
	}
	return nil
}

func itoa(n int) string { return value(n).str() }

func (s *site) documents() []yaml {
	if len(s.domain.Members) > 0 {
		return []yaml{s.object(s.domain.Members)}
	}
	switch s.domain.JSON {
	case "array":
		if d := s.domain; len(d.Items) > 0 || d.MinSize > 0 || d.MaxSize > 0 {
			return []yaml{s.items(d.Items, d.MinSize, d.MaxSize)}
		}
		return []yaml{short("json", "tags")}
	case "string":
		return []yaml{short("constant", `"text"`)}
	case "number":
		return []yaml{short("constant", "1")}
	case "boolean":
		return []yaml{short("constant", "true")}
	}
	return []yaml{short("json", "metadata"), short("constant", "{}"), short("constant", "[]")}
}

func (s *site) bytes() yaml {
	d := s.domain
	switch {
	case d.MinLength > 0 && d.MinLength == d.MaxLength:
		return short("bytes", d.MinLength)
	case d.MinLength > 0 || d.MaxLength > 0:
		most := d.MaxLength
		if most == 0 {
			most = d.MinLength + 32
		}
		return call("bytes", "min", max(d.MinLength, min(most, 1)), "max", min(most, max(64, d.MinLength)))
	}
	if s.unique || s.column.NotNull {
		return short("bytes", 32)
	}
	return call("bytes", "min", 8, "max", 64)
}

// arrays are lists of what their elements' type and the column's name say.
func (s *site) arrays(t *schema.Type) (out []yaml) {
	if t.Element == nil {
		return nil
	}
	inner := s.element(t.Element)
	d := s.domain
	least, most := d.MinSize, 4
	if d.MaxSize > 0 {
		most = d.MaxSize
		if least == 0 {
			most = min(most, 4)
		}
	}
	most = max(most, least)
	if s.unique {
		least = max(least, 1)
	}
	for _, g := range inner {
		of := g
		for range max(t.Dimensions, 1) - 1 {
			of = call("list", "of", of, "min", 2, "max", 2)
		}
		out = append(out, call("list", "of", of, "min", least, "max", most))
	}
	return out
}

// element gives generators for the elements of a type: as for a column of that type with this name.
func (s *site) element(t *schema.Type) []yaml {
	words := slices.Clone(s.words)
	if n := len(words); n > 0 {
		words[n-1] = singular(words[n-1])
	}
	sub := s.called(words)
	c := *s.column
	c.Type, c.Default, c.NotNull = *t, "", true
	sub.column, sub.unique, sub.limit = &c, false, t.Length
	if sub.domain = s.domain.Elements; sub.domain == nil {
		sub.domain = s.domainOf(t, c.Name)
	}
	if values := legal(&c, sub.domain); len(values) > 0 {
		return []yaml{oneOf(values, "").Generator}
	}
	var out []yaml
	if t.Kind == column.Text {
		for _, k := range sub.candidates() {
			if !k.Generator.has("sentences", "group") {
				out = append(out, k.Generator)
			}
		}
	}
	return append(out, sub.ofType(t)...)
}

// domainOf gives what the checks of a type's domain ask, for elements and fields.
func (s *site) domainOf(t *schema.Type, name string) *check.Domain {
	if len(t.Checks) == 0 {
		return &check.Domain{}
	}
	one := &schema.Table{Name: t.Domain, Columns: []*schema.Column{{Name: name, Type: *t, NotNull: true}}}
	for _, k := range t.Checks {
		c := *k
		c.Domain, c.Columns = t.Domain, []string{name}
		one.Checks = append(one.Checks, &c)
	}
	cases, err := check.Solve(one, nil, 1, check.OptionsOf(s.table.draft.db, lastMoment))
	if err != nil || len(cases) == 0 || cases[0].Columns[name] == nil {
		return &check.Domain{}
	}
	return cases[0].Columns[name]
}

// composite is a row of what its fields' types and names say.
func (s *site) composite(t *schema.Type) []yaml {
	var kv []any
	for _, f := range t.Fields {
		sub := s.called(splitName(f.Name))
		c := schema.Column{Name: f.Name, Type: f.Type}
		sub.column, sub.domain, sub.unique, sub.limit = &c, &check.Domain{}, false, f.Type.Length
		var g yaml = null
		if all := sub.element(&f.Type); len(all) > 0 {
			g = all[0]
		}
		kv = append(kv, f.Name, g)
	}
	if len(kv) == 0 {
		return nil
	}
	return []yaml{short("composite", mapping(kv...))}
}
