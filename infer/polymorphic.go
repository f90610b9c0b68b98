package infer

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// mostTargets are as many tables as a pair of type and id refers to where nothing lists them.
const mostTargets = 3

// polymorphic fills pairs of columns that name a table and the key of a row in it, without a foreign key:
// commentable_type and commentable_id. Each row refers to a row that is there.
func (t *table) polymorphic() {
	for _, id := range t.columns {
		base, ok := strings.CutSuffix(id.name, "_id")
		if !ok || strings.HasPrefix(base, "external") || strings.HasPrefix(base, "remote") || strings.HasPrefix(base, "foreign") || id.settled() || id.schema == nil || t.wantsUnique(id) {
			continue
		}
		kind := t.byName[base+"_type"]
		if kind == nil || kind.settled() || kind.schema == nil || len(t.branches) > 1 {
			continue
		}
		targets := t.targets(kind, id)
		if len(targets) == 0 {
			continue
		}
		var names []string
		var cases []any
		for _, x := range targets {
			link := base + "_" + x.name
			if t.byName[link] != nil {
				continue
			}
			v := &col{table: t, name: link, virtual: true}
			v.settle(Candidate{Generator: string(call("reference", "table", x.table.name, "column", x.key)), Reason: kind.name + " may name " + x.table.name, Confidence: 0.8, exact: true}, nil)
			t.columns = append(t.columns, v)
			t.byName[link] = v
			names = append(names, x.name)
			cases = append(cases, x.name, short("cell", link+"."+x.key))
		}
		if len(names) == 0 {
			continue
		}
		kind.settle(Candidate{Generator: string(short("pick", list(names))), Reason: "it names the table that " + id.name + " refers to", Confidence: 0.8, exact: true}, nil)
		id.settle(Candidate{Generator: string(call("switch", "on", kind.name, "cases", mapping(cases...))), Reason: "a row of the table that " + kind.name + " names", Confidence: 0.8, exact: true, copies: true}, nil)
	}
}

// target is a table that a polymorphic pair refers to, and what the pair calls it.
type target struct {
	name  string
	table *table
	key   string
}

// targets gives the tables that the legal values of a type column name, or else a few whose keys are like the id.
func (t *table) targets(kind, id *col) (out []target) {
	fits := func(o *table) (string, bool) {
		if o == t || o.rows == 0 && !o.standing || o.schema.PrimaryKey == nil || len(o.schema.PrimaryKey.Columns) != 1 {
			return "", false
		}
		key := o.schema.PrimaryKey.Columns[0]
		c := o.schema.Column(key)
		return key, c != nil && c.Type.Kind == id.schema.Type.Kind && !slices.ContainsFunc(o.schema.ForeignKeys, func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, key) })
	}
	values := kind.schema.Type.Enum
	if d := t.branches[0].domain(kind.name); d != nil && len(d.In) > 0 {
		values = d.In
	}
	for _, v := range values {
		want := singular(strings.Join(splitName(v), "_"))
		for _, o := range t.draft.tables {
			words := splitName(o.schema.Name)
			words[len(words)-1] = singular(words[len(words)-1])
			if key, ok := fits(o); ok && strings.Join(words, "_") == want {
				out = append(out, target{v, o, key})
				break
			}
		}
	}
	if len(values) > 0 || kind.schema.Type.Kind != column.Text {
		if len(out) < len(values) {
			return nil // a value that names no table is legal too
		}
		return out
	}
	// The order is that of a hash, so that a table more seldom changes the choice.
	for _, o := range t.draft.tables {
		if key, ok := fits(o); ok {
			words := splitName(o.schema.Name)
			words[len(words)-1] = singular(words[len(words)-1])
			name := ""
			for _, w := range words {
				name += strings.ToUpper(w[:1]) + w[1:]
			}
			if kind.schema.Type.Length == 0 || len(name) <= kind.schema.Type.Length {
				out = append(out, target{name, o, key})
			}
		}
	}
	rank := func(x target) uint64 {
		h := fnv.New64a()
		h.Write([]byte(t.name + "\x00" + kind.name + "\x00" + x.table.name))
		return h.Sum64()
	}
	slices.SortFunc(out, func(a, b target) int { return cmp.Compare(rank(a), rank(b)) })
	out = out[:min(len(out), mostTargets)]
	slices.SortFunc(out, func(a, b target) int { return cmp.Compare(a.name, b.name) })
	return out
}
