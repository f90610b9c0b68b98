package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// uniques gives the uniques of the table's rows: those over generated columns as uniques over the expressions that the
// database computes these of. Each is the same at every call.
func (t *table) uniques() []*schema.Unique {
	if t.opened != nil {
		return t.opened
	}
	list := t.schema.Uniques
	if t.schema.PrimaryKey != nil && t.computes(t.schema.PrimaryKey) {
		list = append(slices.Clone(list), t.schema.PrimaryKey)
	}
	t.opened = make([]*schema.Unique, 0, len(list))
	for _, u := range list {
		if t.computes(u) {
			u = t.open(u)
		}
		t.opened = append(t.opened, u)
	}
	return t.opened
}

// computes tells whether a generated column is among those of a unique.
func (t *table) computes(u *schema.Unique) bool {
	return slices.ContainsFunc(u.Columns, func(n string) bool { sc := t.schema.Column(n); return sc != nil && sc.Generated })
}

func (t *table) open(u *schema.Unique) *schema.Unique {
	o := *u
	o.Columns, o.Depends = nil, slices.Clone(u.Depends)
	for _, name := range u.Columns {
		sc, part := t.schema.Column(name), (&check.ColumnRef{Name: name}).String()
		if sc.Generated {
			part = "(" + sc.Computed + ")"
		}
		o.Expressions = append(o.Expressions, part)
		for _, c := range check.Written(t.schema, name, check.OptionsOf(t.draft.db, lastMoment)) {
			if !slices.Contains(o.Depends, c) {
				o.Depends = append(o.Depends, c)
			}
		}
	}
	return &o
}

// classes gives the columns of a unique over expressions of which some are of one number, day or moment: rows are numbered by
// the expressions' values then. Texts are drawn so once they have clashed. It gives nil where the unique is no such one.
func (t *table) classes(u *schema.Unique) (columns []string) {
	if len(u.Expressions) == 0 || slices.Contains(t.unclassed, u) {
		return nil
	}
	var by []*col
	for _, e := range u.Expressions {
		p, err := check.CompileKeyed(t.schema, e, check.OptionsOf(t.draft.db, lastMoment))
		if err != nil || len(p.Columns) > 1 || p.ReadsTime {
			return nil
		}
		for _, name := range p.Columns {
			c := t.byName[name]
			if c == nil {
				return nil
			}
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
			if p.Plain {
				continue
			}
			if slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, name) }) {
				return nil
			}
			switch c.kind() {
			case column.Int, column.Decimal, column.Date, column.Timestamp, column.Time:
			case column.Text:
				if !slices.Contains(t.clashed, u) {
					return nil
				}
			default:
				return nil
			}
			by = append(by, c)
		}
	}
	if len(by) == 0 {
		return nil
	}
	for _, c := range by {
		c.slot = true // it follows no other column
	}
	return columns
}

// clash draws the columns of a unique over expressions, of which sample rows clash, by the values of these; false where
// that has been tried.
func (t *table) clash(u *schema.Unique) bool {
	if slices.Contains(t.clashed, u) || slices.Contains(t.unclassed, u) || t.spec != nil {
		return false
	}
	t.clashed = append(t.clashed, u)
	if t.classes(u) == nil {
		return false
	}
	t.restart()
	return true
}

// unclass goes back to columns that are distinct by themselves; false where none are drawn otherwise.
func (t *table) unclass() (changed bool) {
	for _, s := range t.unique {
		if s.classes {
			t.unclassed, changed = append(t.unclassed, s.index), true
		}
	}
	if changed {
		t.restart()
	}
	return changed
}

// byClass tells whether what expressions make of the column is distinct.
func (t *table) byClass(c *col) bool {
	return slices.ContainsFunc(t.unique, func(u uniqueSet) bool { return u.classes && slices.Contains(u.columns, c.name) })
}
