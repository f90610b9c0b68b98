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

// days numbers rows by the days of a moment: where a unique is over the day of a column, alone or with plain columns, the day is
// a column of its own, distinct with the others, and the moment lies within it. It gives what is distinct; nil where
// the unique is no such one.
func (t *table) days(u *schema.Unique) (columns []string) {
	var moment *col
	for _, e := range u.Expressions {
		x, err := check.Parse(e, t.draft.db.Dialect == "sqlite")
		if err != nil {
			return nil
		}
		if ref, ok := x.(*check.ColumnRef); ok && t.byName[ref.Name] != nil {
			columns = append(columns, ref.Name)
			continue
		}
		name, ok := check.DayOf(x)
		c := t.byName[name]
		if !ok || moment != nil || c == nil || c.schema.Type.Kind != column.Timestamp || c.settled() {
			return nil
		}
		moment = c
	}
	if moment == nil || slices.ContainsFunc(t.schema.Checks, func(k *schema.Check) bool { return slices.Contains(k.Columns, moment.name) }) {
		return nil
	}
	day := moment.name + " day"
	if t.byName[day] != nil {
		return nil
	}
	reason := "the unique index " + u.Name + " is over its day"
	v := &col{table: t, name: day, virtual: true}
	v.settle(Candidate{Generator: string(call("date", "from", firstDay, "to", lastDay)), Reason: reason, Confidence: 0.9, exact: true}, nil)
	t.columns, t.byName[day] = append(t.columns, v), v
	moment.settle(Candidate{Generator: string(call("offset", "from", day, "max", "23h")), Reason: reason, Confidence: 0.9, exact: true}, nil)
	return append(columns, day)
}
