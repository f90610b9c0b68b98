package infer

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// fillRest fills the columns that no foreign key fills.
func (t *table) fillRest() {
	t.slots()
	t.polymorphic()
	for _, c := range t.columns {
		if c.given {
			continue
		}
		if c.settled() {
			t.restrict(c)
			continue
		}
		if c.schema == nil {
			continue
		}
		t.fill(c)
		if t.unfillable(c) {
			continue
		}
		t.sift(c)
		t.sharedKeys(c)
		if c.nullable() && !t.neverNull(c) && !t.nullsCount(c) && !t.referred(c) {
			if c.nulls = nullShare(c); c.defaultsToNow() {
				c.nulls = 0
			}
			if t.branches[0].divided && t.checked(c) {
				c.nulls = 0.5 // so that drawing again soon finds a way to satisfy the check
			}
		}
	}
	t.distinctApart()
	t.instants()
	t.coded()
	t.listing()
	t.alike()
	t.grow()
	t.appoint()
}

// fill gives a column its candidates in each branch.
func (t *table) fill(c *col) {
	unique := t.wantsUnique(c)
	for i := range t.branches {
		if i > 0 {
			if j := t.sameDomain(c.name, i); j >= 0 {
				c.fills = append(c.fills, c.fills[j])
				continue
			}
		}
		c.fills = append(c.fills, t.choices(c.schema, t.branches[i].domain(c.name), unique && t.distinctIn(c, i)))
	}
}

// unfillable deals with a column for whose type no generator is known: it is left to its default, or null.
func (t *table) unfillable(c *col) bool {
	if !slices.ContainsFunc(c.fills, func(f *fill) bool { return len(f.candidates) == 0 }) {
		return false
	}
	switch {
	case c.schema.Default != "" && !t.neverNull(c):
		c.fills = nil
		t.draft.notice("%s.%s has the type %s, for which no generator is known: its default stands", t.name, c.name, c.schema.Type.Name)
	case c.nullable() && !t.neverNull(c):
		c.settle(Candidate{Generator: null, Reason: "no generator is known for its type, " + c.schema.Type.Name, fallback: true, exact: true}, nil)
	default:
		c.fills = nil
		if t.never == nil {
			t.never = &Unsatisfied{Table: t.name, Columns: []string{c.name}, Why: fmt.Sprintf("no generator is known for the type of %s, %s", c.name, c.schema.Type.Name)}
		}
	}
	return true
}

// nullsCount tells whether a unique counts nulls as equal: then the column has none.
func (t *table) nullsCount(c *col) bool {
	return slices.ContainsFunc(t.schema.Uniques, func(u *schema.Unique) bool { return u.NullsNotDistinct && slices.Contains(u.Columns, c.name) })
}

// referred tells whether a foreign key refers to the column: then it has no nulls, for nothing refers to them.
func (t *table) referred(c *col) bool {
	return slices.ContainsFunc(t.draft.referring(t.schema), func(child *table) bool {
		return child.filled() && slices.ContainsFunc(child.foreignKeys(), func(fk *schema.ForeignKey) bool {
			return fk.RefTable == t.schema.Name && fk.RefSchema == t.schema.Schema && slices.Contains(fk.RefColumns, c.name)
		})
	})
}

// checked tells whether a check reads the column.
func (t *table) checked(c *col) bool {
	return slices.ContainsFunc(t.schema.Checks, func(k *schema.Check) bool { return slices.Contains(k.Columns, c.name) })
}

// restrict holds a column that a foreign key fills against the branches: where one wants it null it is null,
// where one wants it filled it has no nulls.
func (t *table) restrict(c *col) {
	if p := t.branches[0].pair; p != nil && (p.kind == c.name || p.id == c.name) && len(c.fills) == len(t.branches) {
		return
	}
	if len(t.branches) == 1 {
		if d := t.together(&t.branches[0], c); d != nil {
			switch d.Null {
			case check.IsNull:
				c.fills = []*fill{nullFill()}
			case check.NotNull:
				c.nulls = 0
				c.fills[0].ownFirst(c)
			}
		}
		return
	}
	if c.reference == nil && len(c.fills) == len(t.branches) { // pinned: filled for each of them already
		return
	}
	one := c.fills[0]
	null := nullFill()
	c.fills = make([]*fill, len(t.branches))
	for i := range t.branches {
		c.fills[i] = one
		if d := t.together(&t.branches[i], c); d != nil {
			switch d.Null {
			case check.IsNull:
				c.fills[i] = null
			case check.NotNull:
				c.filled = true
			}
		}
	}
	if c.filled {
		one.ownFirst(c)
	}
	if c.filled {
		c.nulls = 0
	}
	t.fillStates(c)
}

// ownFirst lets a reference to the table itself that must not be null begin with rows that refer to themselves.
func (f *fill) ownFirst(c *col) {
	if c.reference == nil || c.reference.parent != c.table {
		return
	}
	k, first := &f.candidates[0], "self"
	if c.name == c.table.tree {
		first = "earlier"
	}
	if g := k.Generator; g.open("reference") && !g.has("first") {
		k.Generator = g.with("first", first)
	}
}

// together gives the domain of a column that a foreign key fills: null where one of the key's columns is wanted
// null, and filled where one is wanted filled.
func (t *table) together(b *branch, c *col) *check.Domain {
	d := b.domain(c.name)
	if c.reference == nil || d != nil && d.Null != check.Either {
		return d
	}
	for _, name := range c.reference.key.Columns {
		if o := b.domain(name); o != nil && o.Null != check.Either && t.byName[name] != nil && t.byName[name].reference == c.reference {
			return &check.Domain{Null: o.Null}
		}
	}
	return d
}

func nullFill() *fill {
	return &fill{candidates: []Candidate{{Generator: null, Reason: "its table's checks want it null here", Confidence: 1, exact: true}}}
}

// neverNull tells whether a check wants the column filled.
func (t *table) neverNull(c *col) bool {
	for i := range t.branches {
		if d := t.branches[i].domain(c.name); d != nil && d.Null == check.NotNull {
			return true
		}
	}
	return false
}

// wantsUnique tells whether no value of the column may come twice.
func (t *table) wantsUnique(c *col) bool {
	if t.single(c.name) != nil {
		return true
	}
	for _, u := range t.unique {
		if len(u.columns) == 1 && !u.classes && u.columns[0] == c.name {
			return true
		}
	}
	return false
}

// inUnique tells whether the column is distinct together with others.
func (t *table) inUnique(c *col) bool {
	return slices.ContainsFunc(t.schema.Uniques, func(u *schema.Unique) bool { return slices.Contains(u.Columns, c.name) }) ||
		slices.ContainsFunc(t.unique, func(u uniqueSet) bool { return slices.Contains(u.columns, c.name) })
}

// nullShare is the share of nulls of a column that takes them.
func nullShare(c *col) float64 {
	s, t := &site{words: splitName(c.name)}, &site{table: c.table, column: c.schema}
	switch {
	case s.has("deleted", "removed", "purged", "deceased", "death", "died"):
		return 0.97
	case s.has("banned", "suspended", "reversed", "reverses", "deprecated", "terminated", "dropped", "deactivated", "disabled", "blocked", "withdrawn", "refunded"):
		return 0.93
	case c.kind() == column.Date && s.has("closed", "closing", "ceased", "dissolved", "demolished", "decommissioned", "scrapped", "retired") && t.besideAny("opened", "opening", "founded", "established", "built", "commissioned", "installed", "bought", "purchased"):
		return 0.9
	case s.has("archived", "cancelled", "canceled", "revoked", "error", "failure", "declined", "rejected", "left"):
		return 0.85
	case c.reference != nil && c.reference.parent == c.table && s.has("referred", "referrer", "referral", "invited", "inviter", "duplicate", "original", "previous", "renewal", "renewed", "replaces", "replaced", "superseded", "reversal", "forked", "fork", "repost", "quoted"):
		return 0.7
	case c.reference != nil && c.reference.parent == c.table && c.table.created() != nil:
		return 0.45
	case c.reference != nil && c.reference.parent == c.table:
		return 0.2
	case c.reference != nil:
		return 0.1
	case s.has("coupon", "promo", "voucher", "referral", "special", "allergens") && !s.about("coupon"):
		return 0.8
	case s.has("note", "notes", "remark", "remarks", "instructions", "memo") && c.kind() == column.Text:
		return 0.6
	case s.has("middle", "line2", "suffix", "fax", "ended", "completed", "finished", "closed", "expires", "expired", "resolved"):
		return 0.4
	case s.has("name", "email", "title", "created", "updated", "status", "type"):
		return 0.02
	}
	return 0.15
}
