package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// generatedKey lets a foreign key hold whose column the database computes: the column that it is computed from is made of a
// parent's key. Where the computation cannot be followed back and a null does not make the key hold, the table is refused.
func (t *table) generatedKey(fk *schema.ForeignKey, parent *table) {
	if len(fk.Columns) != 1 || t.spec != nil {
		return
	}
	sc := t.schema.Column(fk.Columns[0])
	if sc == nil || !sc.Generated {
		return
	}
	o := check.OptionsOf(t.draft.db, lastMoment)
	base := check.Written(t.schema, sc.Name, o)
	refuse := func(why string) {
		for _, name := range base {
			if c := t.byName[name]; c != nil && c.nullable() && !c.settled() {
				c.settle(Candidate{Generator: null, Reason: fmt.Sprintf("%s is computed from it, and %s", sc.Name, why), Confidence: 1, exact: true}, nil)
				return
			}
		}
		if t.never == nil {
			t.never = &Unsatisfied{Table: t.name, Constraint: fk.Name, Expression: sc.Computed, Columns: base,
				Why: fmt.Sprintf("the foreign key's column %s is computed from %s, and %s: fill %s so that it gives keys of %s", sc.Name, strings.Join(base, ", "), why, strings.Join(base, ", "), fk.RefTable)}
		}
	}
	switch {
	case parent == nil || parent.standing && !parent.schema.HasRows:
		refuse("no row of " + fk.RefTable + " is there to refer to")
		return
	case parent == t:
		refuse("it refers to the table itself")
		return
	case !parent.keysKnown(fk.RefColumns):
		refuse("triggers make the rows of " + fk.RefTable)
		return
	}
	link := fk.Name + " row"
	name := "cell(" + quote(link).String() + ")"
	v := check.Invert(t.schema, (&check.ColumnRef{Name: sc.Name, Quoted: true}).String(), name, o, t.begins)
	if v == nil {
		refuse("what gives a key of " + fk.RefTable + " is not known of " + sc.Computed)
		return
	}
	c := t.byName[v.Column]
	if c == nil || c.given || c.settled() {
		return
	}
	key := parent.schema.Column(fk.RefColumns[0])
	reason := fmt.Sprintf("the foreign key %s, of which the database computes %s", fk.Name, sc.Name)
	refer := Candidate{Generator: call("reference", "table", parent.name, "column", fk.RefColumns[0]), Reason: reason, Confidence: 1, exact: true}
	if v.Plain && v.Path == nil && c.kind() == key.Type.Kind {
		own := *fk
		own.Columns = []string{c.name}
		c.settle(refer, &reference{key: &own, parent: parent, leader: c.name})
		return
	}
	of := &col{table: t, name: link, virtual: true, unique: t.single(sc.Name) != nil}
	of.settle(refer, &reference{key: fk, parent: parent, leader: link})
	t.columns, t.byName[link] = append(t.columns, of), of
	made := Candidate{Reason: reason, Confidence: 1, exact: true, copies: true}
	if v.Path == nil {
		if v.TextIn(c.schema, key.Type.Kind) {
			v.Value = "concat(" + v.Value + ")"
		}
		made.Generator = short("expression", quote(v.Value))
		c.settle(made, nil)
		return
	}
	cell := link
	if !v.Plain {
		cell = fk.Name + " value"
		value := &col{table: t, name: cell, virtual: true}
		value.settle(Candidate{Generator: short("expression", quote(v.Value)), Reason: reason, Confidence: 1, exact: true, copies: true}, nil)
		t.columns, t.byName[cell] = append(t.columns, value), value
	}
	member := short("cell", cell)
	for i := len(v.Path) - 1; i > 0; i-- {
		member = short("object", mapping(v.Path[i], member))
	}
	made.Generator = t.document(c, v.Path[0], member)
	c.settle(made, nil)
}

// document writes a JSON object with a member, and those that the table's checks ask for.
func (t *table) document(c *col, name string, member yaml) yaml {
	fields := []any{name, member}
	d := t.branches[0].domain(c.name)
	if d != nil {
		s := &site{table: t, column: c.schema, words: t.wordsOf(c.name), owner: t.owner(), limit: c.schema.Type.Length, domain: d, rows: t.rows}
		for _, m := range d.Members {
			if m.Name != name && !m.Absent {
				fields = append(fields, m.Name, s.member(m))
			}
		}
	}
	return short("object", mapping(fields...))
}

// begins gives a text of n characters with which a column may begin, by the texts and patterns that checks hold it against.
func (t *table) begins(name string, n int) string {
	found := ""
	for _, k := range t.schema.Checks {
		e, err := t.parse(k.Expression)
		if err != nil || !slices.Contains(k.Columns, name) {
			continue
		}
		check.Walk(e, func(e check.Expr) {
			l, ok := e.(*check.Literal)
			if !ok || l.Kind != check.StringLiteral || found != "" {
				return
			}
			text := strings.TrimPrefix(l.Text, "^")
			end := strings.IndexFunc(text, func(r rune) bool {
				return r != '_' && r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
			})
			if end < 0 {
				end = len(text)
			}
			if end >= n {
				found = text[:n]
			}
		})
	}
	if found != "" {
		return found
	}
	return strings.Repeat("A", n)
}
