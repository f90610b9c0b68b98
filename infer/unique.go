package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// partialUniques settles the unique indexes that plan does not read as such: partial ones, and those over
// expressions. Their columns are made distinct together in all rows, which is more than is asked and needs no look
// at the predicate; where there is no room for that, no row satisfies the predicate (see denied).
func (t *table) partialUniques() {
	t.unique = append(slices.Clone(t.distinct), t.ofPartitions()...)
	t.twosomes()
	for _, u := range t.uniques() {
		if u.Where == "" && len(u.Columns) > 0 || slices.Contains(t.denied, u) ||
			slices.ContainsFunc(t.unique, func(s uniqueSet) bool { return s.index == u && s.pair != nil }) {
			continue
		}
		if columns := t.classes(u); columns != nil {
			t.unique = append(t.unique, uniqueSet{columns: columns, index: u, classes: true})
			continue
		}
		columns := u.Columns
		if len(columns) == 0 {
			columns = t.ofExpressions(u)
			if slices.Contains(t.tight, u) {
				columns = t.plainOf(u)
			}
		}
		if len(columns) == 0 || slices.ContainsFunc(columns, func(n string) bool { return t.byName[n] == nil || t.byName[n].schema.Type.Kind == column.JSON }) {
			continue
		}
		s := uniqueSet{columns: columns, index: u}
		if len(columns) == 1 {
			s.within = t.aboutWays(u, columns[0])
		}
		t.unique = append(t.unique, s)
	}
}

// ofExpressions gives the columns that a unique index over expressions reads; texts in them are then made so
// that letters' case does not tell them apart.
func (t *table) ofExpressions(u *schema.Unique) (out []string) {
	reads, folded := map[string]bool{}, false
	for _, text := range u.Expressions {
		e, err := t.parse(text)
		if err != nil {
			for _, name := range u.Depends { // it may read any of them
				reads[name] = true
			}
			continue
		}
		check.Walk(e, func(e check.Expr) {
			if c, ok := e.(*check.ColumnRef); ok && t.own(c.Name) != nil {
				reads[t.own(c.Name).Name] = true
			}
			folded = folded || folds(e)
		})
	}
	for _, name := range u.Depends {
		if t.schema.Column(name) != nil && !slices.Contains(out, name) && reads[name] {
			out = append(out, name)
		}
	}
	for i := range t.branches {
		for _, name := range out {
			b := &t.branches[i]
			d := check.Domain{}
			if have := b.Columns[name]; have != nil {
				d = *have
			}
			if d.Null == check.Either {
				d.Null = check.NotNull // coalesce and its like take a null for a value
			}
			if folded && t.schema.Column(name).Type.Kind == texts[0] {
				d.Lower = true
			}
			if b.Columns == nil {
				b.Columns = map[string]*check.Domain{}
			}
			if d.Null != check.IsNull {
				b.Columns[name] = &d
			}
		}
	}
	return out
}

// plainOf gives those columns of a unique index over expressions of which different values stay different: those that stand
// by themselves, and those whose letters' case alone an expression takes away.
func (t *table) plainOf(u *schema.Unique) (out []string) {
	for _, text := range u.Expressions {
		e, err := t.parse(text)
		if err != nil {
			continue
		}
		if c, ok := e.(*check.Call); ok && folds(c) && len(c.Args) == 1 {
			e = uncast(c.Args[0])
		}
		if c, ok := e.(*check.ColumnRef); ok && t.schema.Column(c.Name) != nil && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

// tighten makes those columns of a unique index over expressions distinct by themselves that its expressions leave
// as they are; false where there are none, or that has been tried.
func (t *table) tighten(u *schema.Unique) bool {
	if len(u.Expressions) == 0 || slices.Contains(t.tight, u) || len(t.plainOf(u)) == 0 || t.spec != nil {
		return false
	}
	t.tight = append(t.tight, u)
	t.restart()
	return true
}

// folds tells whether an expression takes letters' case away.
func folds(e check.Expr) bool {
	c, ok := e.(*check.Call)
	return ok && (c.Name == "lower" || c.Name == "upper")
}

// deny gives up on making a partial unique's columns distinct: rows stay out of the index instead. False where
// that has been tried, or where it is not partial.
func (t *table) deny(u *schema.Unique) bool {
	if u.Where == "" || slices.Contains(t.denied, u) || slices.Contains(t.admitted, u) {
		return false
	}
	t.denied = append(t.denied, u)
	return true
}

// denySingles keeps rows out of partial uniques that hold a single row, since what they index is constant: there is one
// default among all.
func (t *table) denySingles() {
	for _, u := range t.uniques() {
		if t.spec == nil && t.constant(u) {
			t.deny(u)
		}
	}
}

// admit takes back a condition that keeps rows out of a partial unique, where no row satisfies it together with the
// table's checks: the one that is named, or else the last one. False where there is none.
func (t *table) admit(condition string) bool {
	if len(t.denied) == 0 {
		return false
	}
	i := slices.IndexFunc(t.denied, func(u *schema.Unique) bool { return condition == outside+u.Name })
	if i < 0 {
		i = len(t.denied) - 1
	}
	t.admitted = append(t.admitted, t.denied[i])
	t.denied = slices.Delete(slices.Clone(t.denied), i, i+1)
	return true
}
