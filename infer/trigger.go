package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// inserts finds what a trigger's function writes: INSERT INTO table (columns) VALUES (values).
var inserts = regexp.MustCompile(`(?is)\binsert\s+into\s+([\w."]+)\s*\(([^()]*)\)\s*values\s*\(((?:[^()]|\([^()]*\))*)\)`)

// newCell is a value that copies a cell of the row that fired the trigger.
var newCell = regexp.MustCompile(`(?i)^new\."?(\w+)"?(?:::[\w. ]+)?$`)

// made is a row that a trigger makes for each row of a table: its key follows that row's cells.
type made struct {
	of      *table
	columns map[string]string // column of the made row -> column of the row that fired
	trigger string
}

// triggered finds the tables whose rows triggers make one for one: the base row of a subtype, or the row that
// goes with another. They are not filled: the triggers do that, and others refer to what they make.
func (d *draft) triggered() {
	for _, t := range d.tables {
		if t.standing {
			continue
		}
		for _, g := range t.schema.Triggers {
			if g.Disabled || !g.Row || g.Body == "" {
				continue
			}
			for _, m := range inserts.FindAllStringSubmatch(g.Body, -1) {
				d.makes(t, g, m[1], m[2], m[3])
			}
		}
	}
	for _, t := range d.tables {
		for _, m := range t.made {
			d.notice("%s: its rows are made by the trigger %s of %s", t.name, m.trigger, m.of.name)
		}
	}
	d.carry()
}

// carry gives tables whose triggers make rows the foreign keys of these rows: what is copied into them has to
// refer to what their keys want.
func (d *draft) carry() {
	for again := true; again; { // a trigger's rows may fire triggers
		again = false
		for _, t := range d.tables {
			for _, m := range t.made {
				for _, fk := range t.foreignKeys() {
					again = m.carry(fk) || again
				}
			}
		}
	}
}

// carry adds a foreign key of the made rows to the table that fires; false where it is there, or where its columns do
// not all follow that table's.
func (m made) carry(fk *schema.ForeignKey) bool {
	k := *fk
	k.Columns = nil
	for _, name := range fk.Columns {
		c := m.columns[name]
		if c == "" {
			return false
		}
		k.Columns = append(k.Columns, c)
	}
	if fk.RefSchema == m.of.schema.Schema && fk.RefTable == m.of.schema.Name {
		return false // the row that fires
	}
	if slices.ContainsFunc(m.of.foreignKeys(), func(o *schema.ForeignKey) bool {
		return slices.Equal(o.Columns, k.Columns) && o.RefSchema == k.RefSchema && o.RefTable == k.RefTable
	}) {
		return false
	}
	m.of.carried = append(m.of.carried, &k)
	return true
}

// foreignKeys gives the foreign keys that the table's rows must hold: its own, and those of rows that its triggers
// make.
func (t *table) foreignKeys() []*schema.ForeignKey {
	return slices.Concat(t.schema.References(), t.carried)
}

func (d *draft) makes(t *table, g *schema.Trigger, into, columns, values string) {
	b := d.byName(into, t.schema.Schema)
	if b == nil || b == t || b.standing {
		return
	}
	m := made{of: t, columns: map[string]string{}, trigger: g.Name}
	names, cells := strings.Split(columns, ","), splitValues(values)
	if len(names) != len(cells) {
		return
	}
	for i, n := range names {
		n = strings.Trim(strings.TrimSpace(n), `"`)
		if c := newCell.FindStringSubmatch(strings.TrimSpace(cells[i])); c != nil && b.schema.Column(n) != nil && t.schema.Column(c[1]) != nil {
			m.columns[n] = c[1]
		}
	}
	if !slices.ContainsFunc(b.schema.Uniques, func(u *schema.Unique) bool {
		return u.Where == "" && len(u.Columns) > 0 && !slices.ContainsFunc(u.Columns, func(c string) bool { return m.columns[c] == "" })
	}) {
		return // no key of it follows the row: it may hold other rows too
	}
	related := func(from, to *table) bool {
		return slices.ContainsFunc(from.schema.ForeignKeys, func(fk *schema.ForeignKey) bool { return d.table(fk.RefSchema, fk.RefTable) == to.schema })
	}
	if related(t, b) || related(b, t) {
		b.made = append(b.made, m)
	}
}

// byName finds a table of the draft by its name in a function's text.
func (d *draft) byName(name, namespace string) *table {
	name = strings.ReplaceAll(name, `"`, "")
	for _, t := range d.tables {
		if t.schema.Name == name && (t.schema.Schema == namespace || t.schema.Schema == d.db.Defaults) || t.schema.Schema+"."+t.schema.Name == name {
			return t
		}
	}
	return nil
}

// splitValues splits a list at the commas outside of parentheses and quotes.
func splitValues(s string) (out []string) {
	depth, quoted, from := 0, false, 0
	for i, r := range s {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// filled tells whether rows are made for the table here.
func (t *table) filled() bool { return !t.standing && len(t.made) == 0 }

// sharedKeys puts tokens first for texts that triggers make the key of another table of: several tables may
// share that one.
func (t *table) sharedKeys(c *col) {
	if c.kind() != texts[0] || !t.wantsUnique(c) {
		return
	}
	for _, o := range t.draft.tables {
		for _, m := range o.made {
			if m.of != t {
				continue
			}
			for _, from := range m.columns {
				if from != c.name {
					continue
				}
				n := 20
				if limit := c.schema.Type.Length; limit > 0 {
					n = min(n, limit)
				}
				for _, f := range uniqueFills(c.fills) {
					f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: string(call("code", "type", "token", "digits", n)), Reason: "the trigger " + m.trigger + " makes it the key of " + o.name, Confidence: 0.8})
				}
				return
			}
		}
	}
}

// madeBy tells whether triggers of t make the rows of a table.
func (t *table) madeBy(of *table) bool {
	return slices.ContainsFunc(t.made, func(m made) bool { return m.of == of })
}
