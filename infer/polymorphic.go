package infer

import (
	"cmp"
	"fmt"
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
		if kind != nil && t.pairedOff(kind, id) {
			continue
		}
		if kind == nil || kind.settled() || kind.schema == nil || len(t.branches) > 1 {
			continue
		}
		targets := t.targets(kind, id)
		if len(targets) == 0 {
			continue
		}
		if len(targets) == 1 {
			x := targets[0]
			kind.settle(Candidate{Generator: short("constant", quote(x.name)), Reason: "it names the table that " + id.name + " refers to", Confidence: 0.8, exact: true}, nil)
			id.settle(Candidate{Generator: call("reference", "table", x.table.name, "column", x.key), Reason: "a row of the table that " + kind.name + " names", Confidence: 0.8, exact: true}, nil)
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
			v.settle(Candidate{Generator: call("reference", "table", x.table.name, "column", x.key), Reason: kind.name + " may name " + x.table.name, Confidence: 0.8, exact: true}, nil)
			t.columns = append(t.columns, v)
			t.byName[link] = v
			names = append(names, x.name)
			cases = append(cases, x.name, short("cell", link+"."+x.key))
		}
		if len(names) == 0 {
			continue
		}
		kind.settle(Candidate{Generator: short("pick", list(names)), Reason: "it names the table that " + id.name + " refers to", Confidence: 0.8, exact: true}, nil)
		id.settle(Candidate{Generator: call("switch", "on", kind.name, "cases", mapping(cases...)), Reason: "a row of the table that " + kind.name + " names", Confidence: 0.8, exact: true, copies: true}, nil)
	}
}

// pairing are the columns that name a table and the key of a row in it, where they are distinct together: each row of these
// tables has one row at most.
type pairing struct {
	kind, id string
	target
}

// pairOff divides the rows of a table among those that a distinct pair of type and id refers to: a part for each table.
func (t *table) pairOff() {
	if len(t.branches) != 1 || t.spec != nil || t.rows < 2 {
		return
	}
	for _, u := range t.schema.Uniques {
		if len(u.Columns) != 2 {
			continue
		}
		kind, id := t.byName[u.Columns[0]], t.byName[u.Columns[1]]
		if kind != nil && id != nil && strings.HasSuffix(id.name, "_type") {
			kind, id = id, kind
		}
		if kind == nil || id == nil || kind.given || id.given || !pairs(kind.name, id.name) || t.inKey(kind.name) || t.inKey(id.name) {
			continue
		}
		targets := slices.DeleteFunc(t.targets(kind, id), func(x target) bool { return !x.table.filled() || x.table.rows == 0 || !t.acyclic(x.table) })
		if len(targets) < 2 {
			continue
		}
		one, room := t.branches[0], int64(0)
		t.branches = nil
		for _, x := range targets {
			b := one
			b.Name, b.each, b.pair = x.table.schema.Name, x.table, &pairing{kind.name, id.name, x}
			t.branches = append(t.branches, b)
			room += x.table.rows
		}
		if room < t.rows {
			t.draft.lower(t, "", room, fmt.Sprintf("%s and %s are distinct together (%s), and they refer to %d rows", kind.name, id.name, u.Name, room))
		}
		return
	}
}

// pairs tells whether two columns are named as type and id of the same thing.
func pairs(kind, id string) bool {
	base, ok := strings.CutSuffix(id, "_id")
	return ok && kind == base+"_type"
}

// inKey tells whether a foreign key of the table has the column.
func (t *table) inKey(name string) bool {
	return slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, name) })
}

// pairedOff fills a pair whose tables have parts of their own; false where they have none.
func (t *table) pairedOff(kind, id *col) bool {
	if p := t.branches[0].pair; p == nil || p.kind != kind.name || p.id != id.name || len(t.branches) < 2 {
		return false
	}
	kind.fills, id.fills = nil, nil
	for i := range t.branches {
		b := &t.branches[i]
		reason := "each row of " + b.each.name + " has one at most"
		kind.fills = append(kind.fills, &fill{candidates: []Candidate{{Generator: short("constant", quote(b.pair.name)), Reason: reason, Confidence: 0.8, exact: true}}})
		id.fills = append(id.fills, &fill{candidates: []Candidate{{Generator: short("cell", b.part+"."+b.pair.key), Reason: reason, Confidence: 0.8, exact: true, copies: true}}})
	}
	return true
}

// owners are the words that stand for rows of several tables: commentable, subject, target.
var owners = []string{
	"subject", "target", "owner", "source", "context", "actor", "item", "entity", "object", "record", "resource", "model", "parent", "reference", "related", "linked", "link", "author", "sender",
	"recipient", "causer", "creator", "content", "origin", "destination", "holder", "member", "participant", "assignee", "association", "element", "thing", "topic", "event", "user", "initiator", "requester", "activity",
}

// standsForMany tells whether a name is one for rows of several tables.
func standsForMany(base string) bool {
	words := splitName(base)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return strings.HasSuffix(last, "able") || strings.HasSuffix(last, "ible") || slices.Contains(owners, last)
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
	if base, _ := strings.CutSuffix(kind.name, "_type"); !standsForMany(base) {
		return nil // the kind of a session, of which another system has the number
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
