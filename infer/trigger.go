package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
)

// made is a row that a trigger makes for each row of a table: its key follows that row's cells.
type made struct {
	of        *table
	columns   map[string]string // column of the made row -> column of the row that fired
	constants map[string]bool   // columns of the made row that are the same in all of them
	trigger   string
	maybe     bool // for some of the rows alone
	guarded   bool // not where the row is there already
}

// triggered finds the tables whose rows triggers make one for one: the base row of a subtype, or the row that
// goes with another. They are not filled: the triggers do that, and others refer to what they make. Where a trigger
// makes rows for some of the rows alone, nobody knows which: the table is left to it.
func (d *draft) triggered() {
	for _, t := range d.tables {
		if t.standing {
			continue
		}
		for _, g := range t.schema.Triggers {
			if g.Disabled || !g.Row || g.Code == nil {
				continue
			}
			for _, n := range insertions(g.Code, t.answer) {
				d.makes(t, g, n)
			}
		}
	}
	d.carry()
	for _, t := range slices.Clone(d.tables) {
		for _, m := range t.made {
			m.distinct(t)
			m.filled(t)
		}
		if i := slices.IndexFunc(t.made, func(m made) bool { return m.maybe }); i >= 0 && d.byTable[t.schema] == t {
			d.leave(t, t.made[i])
			continue
		}
		for _, m := range t.made {
			d.notice("%s: its rows are made by the trigger %s of %s", t.name, m.trigger, m.of.name)
		}
	}
}

// leave takes a table out whose rows triggers make for some rows of another one.
func (d *draft) leave(t *table, m made) {
	d.notice("%s: its rows are made by the trigger %s of %s, for some of its rows: the table is left to it", t.name, m.trigger, m.of.name)
	d.take(t, func(fk *schema.ForeignKey) string {
		return "it needs rows of " + t.name + " (" + fk.Name + "), which a trigger makes as it likes"
	})
}

// answer answers conditions about nulls in a row of the table.
func (t *table) answer(condition sqlexpr.Expr) answer {
	n, ok := condition.(*sqlexpr.NullTest)
	if !ok {
		return unknown
	}
	name, ok := newCell(n.X)
	if c := t.own(name); !ok || c == nil || !c.NotNull {
		return unknown
	}
	return yes(n.Not)
}

// own finds a column by its name in a trigger's body: SQLite's have letters of either case.
func (t *table) own(name string) *schema.Column {
	if c := t.schema.Column(name); c != nil || t.draft.db.Dialect != "sqlite" {
		return c
	}
	i := slices.IndexFunc(t.schema.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return nil
	}
	return t.schema.Columns[i]
}

// needs tells whether rows of t refer to the row that is made with them, and cannot do without.
func (m made) needs(b *table) bool {
	return slices.ContainsFunc(m.of.schema.References(), func(fk *schema.ForeignKey) bool {
		if m.of.draft.table(fk.RefSchema, fk.RefTable) != b.schema || m.of.firmness(fk) == 0 {
			return false
		}
		for i, name := range fk.Columns {
			if m.columns[fk.RefColumns[i]] != name {
				return false
			}
		}
		return true
	})
}

// distinct lets the columns that are copied into a unique of the made rows be distinct in the rows that fire.
func (m made) distinct(b *table) {
	if m.guarded {
		return
	}
	for _, u := range b.schema.Uniques {
		var columns []string
		for _, name := range u.Columns {
			if from := m.columns[name]; from != "" {
				columns = append(columns, from)
			} else if !m.constants[name] {
				columns = nil
				break // it tells the rows apart, or nobody knows
			}
		}
		if len(columns) == 0 || slices.ContainsFunc(m.of.schema.Uniques, func(o *schema.Unique) bool {
			return o.Where == "" && len(o.Columns) > 0 && contains(columns, o.Columns)
		}) {
			continue
		}
		set := uniqueSet{columns: columns}
		m.of.distinct = append(m.of.distinct, set)
		m.of.unique = append(m.of.unique, set)
	}
}

// filled lets columns that are copied into ones without nulls have none.
func (m made) filled(b *table) {
	t, changed := m.of, false
	for _, c := range b.schema.Columns {
		if from := t.schema.Column(m.columns[c.Name]); c.NotNull && from != nil && !from.NotNull {
			t.wanted = append(t.wanted, &check.Check{Name: "what " + m.trigger + " copies", Expression: "(" + ident(from.Name) + " IS NOT NULL)", Columns: []string{from.Name}})
			changed = true
		}
	}
	if changed {
		t.columns, t.byName = nil, map[string]*col{}
		t.declare()
	}
}

// ident is a column's name in the text of a check.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// carry gives tables whose triggers make rows the foreign keys of these rows: what is copied into them has to
// refer to what their keys want.
func (d *draft) carry() {
	for again := true; again; { // a trigger's rows may fire triggers
		again = false
		for _, t := range d.tables {
			for _, m := range t.made {
				for _, fk := range t.foreignKeys() {
					again = !t.makesParent(fk) && m.carry(fk) || again
				}
			}
		}
	}
}

// makesParent tells whether a trigger makes the row that a key refers to as well: it is there whatever was there before.
func (t *table) makesParent(fk *schema.ForeignKey) bool {
	p := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]
	return p != nil && slices.ContainsFunc(p.made, func(m made) bool {
		for i, name := range fk.RefColumns {
			if m.of != t || m.columns[name] != fk.Columns[i] {
				return false
			}
		}
		return true
	})
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
	m.of.carries(&k)
	return true
}

// foreignKeys gives the foreign keys that the table's rows must hold: its own, and those of rows that its triggers
// make. Those to partitions of a table that is filled are keys to that table.
func (t *table) foreignKeys() []*schema.ForeignKey {
	out := slices.Concat(t.schema.References(), t.carried)
	for i, fk := range out {
		out[i] = t.draft.toRoot(fk)
	}
	return out
}

// sameInAll tells whether a value is the same in each row that a trigger makes.
func sameInAll(e sqlexpr.Expr) bool {
	switch e := uncast(e).(type) {
	case *sqlexpr.Literal:
		return e.Kind != sqlexpr.NullLiteral
	case *sqlexpr.Index:
		c, ok := e.X.(*sqlexpr.ColumnRef)
		return ok && c.Table == "" && c.Name == "tg_argv"
	}
	return false
}

// makes notes that a trigger makes rows of a table whose key follows the rows that fire it.
func (d *draft) makes(t *table, g *schema.Trigger, n insertion) {
	b := d.byName(n.schema, n.table, t.schema.Schema)
	if b == nil || b == t || b.standing {
		return
	}
	m := made{of: t, columns: map[string]string{}, constants: map[string]bool{}, trigger: g.Name, guarded: n.guarded}
	columns := n.columns
	if len(columns) == 0 {
		for _, c := range b.schema.Columns[:min(len(n.values), len(b.schema.Columns))] {
			columns = append(columns, c.Name)
		}
	}
	for i, name := range columns {
		c := b.own(name)
		if c == nil {
			continue
		}
		if from, ok := newCell(n.values[i]); ok && t.own(from) != nil {
			m.columns[c.Name] = t.own(from).Name
		}
		m.constants[c.Name] = sameInAll(n.values[i])
	}
	related := func(from, to *table) bool {
		return slices.ContainsFunc(from.schema.References(), func(fk *schema.ForeignKey) bool { return d.table(fk.RefSchema, fk.RefTable) == to.schema })
	}
	follows := func(u *schema.Unique) bool { // a key that copies the cells of the row that fires
		return u.Where == "" && len(u.Columns) > 0 && !slices.ContainsFunc(u.Columns, func(c string) bool { return m.columns[c] == "" })
	}
	if !slices.ContainsFunc(b.schema.Uniques, func(u *schema.Unique) bool {
		return follows(u) && (related(t, b) || related(b, t) || t.isKey(u.Columns, m.columns))
	}) {
		return // no key of it follows the row: it may hold other rows too
	}
	m.maybe = (n.maybe || g.When && g.Code.When == nil) && !m.needs(b)
	b.made = append(b.made, m)
}

// isKey tells whether the columns that some are copied from are a key of the table.
func (t *table) isKey(names []string, from map[string]string) bool {
	return slices.ContainsFunc(t.schema.Uniques, func(u *schema.Unique) bool {
		return u.Where == "" && len(u.Columns) == len(names) && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(u.Columns, from[n]) })
	})
}

// byName finds a table of the draft by its name in a trigger's body.
func (d *draft) byName(schema, name, namespace string) *table {
	is := func(a, b string) bool { return a == b || d.db.Dialect == "sqlite" && strings.EqualFold(a, b) }
	for _, t := range d.tables {
		in := t.schema.Schema
		if is(t.schema.Name, name) && (schema == "" && (in == namespace || in == d.db.Defaults) || is(in, schema) || d.db.Dialect == "sqlite") {
			return t
		}
	}
	return nil
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
					f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: call("code", "type", "token", "digits", n), Reason: "the trigger " + m.trigger + " makes it the key of " + o.name, Confidence: 0.8})
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
