package infer

import (
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// A partial unique may be about some of the ways to satisfy a table's checks alone: an e-mail address is distinct in
// live rows where it is not empty, and empty in those of service accounts. The column is distinct in the ways that the
// unique is about then: it copies a hidden column there that is distinct in all rows.

// aboutWays tells which ways to satisfy the table's checks a partial unique over a column is about; nil where these are
// all, or the column may be distinct in the others as well, or several generators fill it in those.
func (t *table) aboutWays(u *schema.Unique, name string) []bool {
	if u.Where == "" || len(t.branches) < 2 || t.spec != nil || t.single(name) != nil {
		return nil
	}
	in := &check.Check{Name: "within " + u.Name, Expression: "(" + u.Where + ") is true", Columns: u.Depends}
	cases, err := check.Solve(t.schema, []*check.Check{in}, mostBranches, check.OptionsOf(t.draft.db, lastMoment))
	if err != nil || len(cases) == mostBranches {
		return nil
	}
	out, first := make([]bool, len(t.branches)), -1
	for i := range t.branches {
		b := &t.branches[i]
		out[i] = slices.ContainsFunc(cases, func(c check.Case) bool {
			return !slices.ContainsFunc(u.Depends, func(n string) bool { return disjoint(b.domain(n), c.Columns[n]) })
		})
		switch d := b.domain(name); {
		case !out[i] && (d == nil || d.Null == check.IsNull || len(d.In) == 0 || int64(len(d.In)) >= t.rows):
			return nil // it may be distinct there as well
		case out[i] && first < 0:
			first = i
		case out[i] && !equalDomains(values(t.branches[first].domain(name)), values(d)):
			return nil
		}
	}
	if first < 0 || !slices.Contains(out, false) {
		return nil
	}
	return out
}

// disjoint tells whether no value is of both domains, as far as lists and nulls say.
func disjoint(a, b *check.Domain) bool {
	if a == nil || b == nil {
		return false
	}
	if a.Null == check.IsNull && b.Null == check.NotNull || a.Null == check.NotNull && b.Null == check.IsNull {
		return true
	}
	outside := func(a, b *check.Domain) bool {
		return len(a.In) > 0 && a.Null != check.Either && !slices.ContainsFunc(a.In, func(v string) bool {
			return (b.In == nil || slices.Contains(b.In, v)) && !slices.Contains(b.NotIn, v) &&
				(v != "" || b.MinLength == 0 && !b.Filled)
		})
	}
	return outside(a, b) || outside(b, a)
}

// distinctIn tells whether a unique over the column alone is about a way to satisfy the checks.
func (t *table) distinctIn(c *col, way int) bool {
	return t.single(c.name) != nil || slices.ContainsFunc(t.unique, func(u uniqueSet) bool {
		return len(u.columns) == 1 && u.columns[0] == c.name && !u.classes && (u.within == nil || u.within[way])
	})
}

// apartName names the hidden column that is distinct for another one.
func apartName(column string) string { return "distinct " + column }

// distinctApart lets columns copy hidden ones where a partial unique is about them.
func (t *table) distinctApart() {
	for _, u := range t.unique {
		if len(u.within) != len(t.branches) || len(u.within) == 0 {
			continue
		}
		c := t.byName[u.columns[0]]
		at := slices.Index(u.within, true)
		if c == nil || c.given || len(c.fills) != len(t.branches) || t.byName[apartName(c.name)] != nil {
			continue
		}
		f := c.fills[at]
		hidden := t.byName[t.virtual(apartName(c.name), null, "")]
		hidden.fills, hidden.unique = []*fill{f}, true
		copied := &fill{candidates: []Candidate{{Generator: short("cell", apartName(c.name)),
			Reason: "it is distinct there: " + u.index.Name, Confidence: 1, exact: true, copies: true}}}
		for i, in := range u.within {
			if in {
				c.fills[i] = copied
			}
		}
	}
}
