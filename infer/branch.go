package infer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// mostBranches are as many ways to satisfy its checks as a table's rows are divided among.
const mostBranches = 8

// declare makes the table's columns and divides its rows among the ways to satisfy its checks.
func (t *table) declare() {
	for _, sc := range t.schema.Columns {
		if sc.Generated {
			continue
		}
		c := &col{table: t, schema: sc, name: sc.Name}
		t.columns = append(t.columns, c)
		t.byName[c.name] = c
	}
	if t.standing {
		return
	}
	t.denySingles()
	t.solve()
	t.partialUniques()
	t.derivedUniques()
	t.narrow()
	t.divide()
	t.tell()
}

// solve finds the ways to satisfy the table's checks.
func (t *table) solve() {
	inState := t.inState()
	branches, err := t.solved()
	var never *check.NeverError
	if errors.As(err, &never) && t.admit(never.Check.Name) {
		t.solve()
		return
	}
	switch {
	case errors.As(err, &never):
		t.never = &Unsatisfied{Table: t.name, Constraint: never.Check.Name, Expression: never.Check.Expression, Why: "no row satisfies it"}
		branches = nil
	case err != nil:
		t.draft.notice("%s: its checks could not be taken apart: %v", t.name, err)
		branches = nil
	}
	if len(branches) == 0 {
		branches = []branch{{}}
	}
	t.branches = branches
	if t.kept != nil {
		t.branches = slices.Clone(t.kept)
		for i := range t.branches {
			t.branches[i].most = nil // others no longer take the rows that it does not hold
		}
	}
	if t.spec != nil || t.merged == 1 {
		t.branches = one(t.branches)
		return
	}
	t.special()
	t.branches = slices.Concat(inState, t.branches, t.inDefault())
	t.plant()
	t.pairOff()
}

// special lets the first rows satisfy what a check asks of those with certain keys (id <> 1 OR type = 3), as few as that
// takes: the others have other keys.
func (t *table) special() {
	for _, sc := range t.schema.Columns {
		if !t.countsUp(sc) {
			continue
		}
		last := int64(0) // the last key that some ways leave out
		leave := map[*branch]int{}
		left := map[int64]bool{}
		for i := range t.branches {
			b := &t.branches[i]
			if d := b.domain(sc.Name); d != nil {
				for _, v := range d.NotIn {
					if n, err := strconv.ParseInt(v, 10, 64); err == nil {
						last, left[n] = max(last, n), true
						leave[b]++
					}
				}
			}
		}
		var common, rest []branch
		for i := range t.branches {
			switch b := &t.branches[i]; {
			case leave[b] == len(left):
				common = append(common, *b)
			case !b.leavesOut(sc.Name, left): // keys below 1, which no row has
			default:
				rest = append(rest, *b)
			}
		}
		if len(left) == 0 || len(common) == 0 || len(common) == len(t.branches) || last > 0 && len(rest) == 0 || last > max(t.rows/4, 1) {
			continue
		}
		for _, b := range slices.Concat(common, rest) { // one generator fills the key of all rows
			if d := b.Columns[sc.Name]; d != nil {
				d := *d
				d.NotIn = nil
				b.Columns[sc.Name] = &d
			}
		}
		t.branches = common
		if last > 0 {
			rest[0].first, rest[0].Name = &last, "special"
			t.branches = append(rest[:1:1], common...)
		}
	}
}

// leavesOut tells whether a way leaves out those of some keys that are below 1.
func (b *branch) leavesOut(key string, keys map[int64]bool) bool {
	for n := range keys {
		if d := b.domain(key); n < 1 && (d == nil || !slices.Contains(d.NotIn, strconv.FormatInt(n, 10))) {
			return false
		}
	}
	return true
}

// countsUp tells whether a column is a key that rows are given one by one.
func (t *table) countsUp(c *schema.Column) bool {
	pk := t.schema.PrimaryKey
	return c.Type.Kind == column.Int && t.single(c.Name) != nil && (c.Sequence != "" || c.Identity != "" || pk != nil && len(pk.Columns) == 1 && pk.Columns[0] == c.Name) &&
		!slices.ContainsFunc(t.schema.References(), func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, c.Name) })
}

// sum is a check that wants columns to add up to a number.
var sum = regexp.MustCompile(`^\w+( \+ \w+)+ = \d+$`)

// divides is a check that wants a number to be a multiple of another column's.
var divides = regexp.MustCompile(`^(\w+) % (\w+) = 0$`)

// narrow gives numbers that a check compares with one another a common range, so that drawing again soon
// satisfies it.
func (t *table) narrow() {
	solved := t.linears()
	for _, k := range t.schema.Checks {
		if len(k.Columns) < 2 || solved[k] {
			continue
		}
		plain := strings.NewReplacer("(", "", ")", "").Replace(k.Expression)
		if m := divides.FindStringSubmatch(plain); m != nil && numberColumn(t.schema.Column(m[1])) && numberColumn(t.schema.Column(m[2])) {
			for i := range t.branches {
				t.branches[i].Equal = append(t.branches[i].Equal, check.Equation{Column: m[1], Expression: m[2] + " * 3", Columns: []string{m[2]}})
			}
			continue
		}
		if sum.MatchString(plain) {
			left, total, _ := strings.Cut(plain, " = ")
			t.addUp(strings.Split(left, " + "), total)
			continue
		}
		for i := range t.branches {
			b := &t.branches[i]
			var least, most *check.Bound
			for _, name := range k.Columns {
				if d := b.Columns[name]; d != nil && numberColumn(t.schema.Column(name)) {
					if d.Max != nil {
						most = d.Max
					}
					if d.Min != nil {
						least = d.Min
					}
				}
			}
			for _, name := range k.Columns {
				b.within(t.schema.Column(name), least, most)
			}
		}
	}
}

func numberColumn(c *schema.Column) bool {
	return c != nil && (c.Type.Kind == column.Int || c.Type.Kind == column.Float || c.Type.Kind == column.Decimal) && c.Sequence == "" && c.Identity == ""
}

// within bounds a column that has no bounds.
func (b *branch) within(c *schema.Column, least, most *check.Bound) {
	if !numberColumn(c) || least == nil && most == nil {
		return
	}
	d := check.Domain{}
	if have := b.Columns[c.Name]; have != nil {
		d = *have
	}
	if d.In != nil {
		return
	}
	if d.Min == nil {
		d.Min = least
	}
	if d.Max == nil {
		d.Max = most
	}
	if b.Columns == nil {
		b.Columns = map[string]*check.Domain{}
	}
	b.Columns[c.Name] = &d
}

// addUp makes the last of some columns what is left of a total.
func (t *table) addUp(names []string, total string) {
	n, err := strconv.ParseInt(total, 10, 64)
	if err != nil || slices.ContainsFunc(names, func(name string) bool { return !numberColumn(t.schema.Column(name)) }) {
		return
	}
	last := names[len(names)-1]
	for i := range t.branches {
		b := &t.branches[i]
		for _, name := range names[:len(names)-1] {
			b.within(t.schema.Column(name), &check.Bound{Value: "0"}, &check.Bound{Value: strconv.FormatInt(n/int64(len(names)-1), 10)})
		}
		b.Equal = append(b.Equal, check.Equation{Column: last, Expression: total + " - " + strings.Join(names[:len(names)-1], " - "), Columns: names[:len(names)-1]})
	}
}

// outside begins the names of conditions that keep rows out of a partial unique.
const outside = "outside of "

// conditions are what rows must satisfy besides the table's checks: that they fall into a partition, and that they
// stay out of partial uniques that have no room.
func (t *table) conditions() (out []*check.Check) {
	if t.schema.Partitioned {
		if c := t.draft.leavesOf(t.schema).usual; len(c) > 0 && !t.undivided {
			out = append(out, t.fallsInto(c))
		}
	}
	for s := t.schema; s != nil && s.Partition != nil; s = t.draft.table(s.Partition.ParentSchema, s.Partition.ParentTable) {
		if s.Partition.Condition != "" {
			out = append(out, &check.Check{Name: "partition " + t.name, Expression: s.Partition.Condition})
		}
	}
	out = append(out, t.wanted...)
	out = append(out, t.valuesOfParents()...)
	for _, u := range t.denied {
		out = append(out, &check.Check{Name: outside + u.Name, Expression: "(" + u.Where + ") is not true", Columns: u.Depends})
	}
	return out
}

// divide gives each branch its rows: as many each, the first ones one more; those that hold fewer leave them to the
// others. The table has fewer rows where none of them can.
func (t *table) divide() {
	taken := map[string]bool{}
	open := make([]*branch, len(t.branches))
	for i := range t.branches {
		b := &t.branches[i]
		if open[i] = b; len(t.branches) > 1 {
			name := b.Name
			if name == "" {
				name = fmt.Sprintf("case_%d", i+1)
			}
			b.part = t.partName(name, taken)
		}
	}
	left := t.rows
	for _, b := range slices.Clone(open) {
		if b.inState() {
			b.rows = min(b.room(t.rows), left)
			left -= b.rows
			open = slices.DeleteFunc(open, func(o *branch) bool { return o == b })
		}
	}
	for _, b := range slices.Clone(open) {
		if b.first != nil && len(open) > 1 {
			b.rows = min(*b.first, left)
			left -= b.rows
			open = slices.DeleteFunc(open, func(o *branch) bool { return o == b })
		}
	}
	var few []*branch
	for _, b := range slices.Clone(open) {
		if b.few && len(open) > 1 {
			b.rows = min(fewOf(t.rows), left)
			if b.most != nil {
				b.rows = min(b.rows, *b.most)
			}
			left -= b.rows
			few = append(few, b)
			open = slices.DeleteFunc(open, func(o *branch) bool { return o == b })
		}
	}
	for _, b := range open {
		if b.each != nil {
			b.most = &b.each.rows
		}
	}
	for full := true; full; {
		full = false
		n := int64(len(open))
		for i, b := range open {
			b.rows = left / n
			if int64(i) < left%n {
				b.rows++
			}
		}
		for _, b := range open {
			if b.most != nil && b.rows > *b.most {
				b.rows, full = *b.most, true
				left -= b.rows
				open = slices.DeleteFunc(slices.Clone(open), func(o *branch) bool { return o == b })
			}
		}
		if len(open) == 0 {
			for _, b := range few { // they take what the others have no room for
				more := left
				if b.most != nil {
					more = min(more, *b.most-b.rows)
				}
				b.rows += more
				left -= more
			}
			t.rows -= left
			return
		}
	}
}

// domain is what the checks ask of a column in a branch; nil where it is free.
func (b *branch) domain(c string) *check.Domain { return b.Columns[c] }

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
		c.fills = append(c.fills, t.choices(c.schema, t.branches[i].domain(c.name), unique))
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
		c.settle(Candidate{Generator: string(null), Reason: "no generator is known for its type, " + c.schema.Type.Name, fallback: true, exact: true}, nil)
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

// sameDomain finds an earlier branch that asks the same of a column, or -1.
func (t *table) sameDomain(name string, i int) int {
	a := values(t.branches[i].domain(name))
	for j := range i {
		if equalDomains(a, values(t.branches[j].domain(name))) {
			return j
		}
	}
	return -1
}

// values gives what a domain asks of values, whether nulls may stand among them or not.
func values(d *check.Domain) *check.Domain {
	if d == nil {
		return &check.Domain{}
	}
	if d.Null != check.NotNull {
		return d
	}
	c := *d
	c.Null = check.Either
	return &c
}

func equalDomains(a, b *check.Domain) bool {
	if a == nil || b == nil {
		return a == b
	}
	return fmt.Sprintf("%+v", *flat(a)) == fmt.Sprintf("%+v", *flat(b))
}

// flat gives a domain whose pointers are replaced by what they point to, for comparison.
func flat(d *check.Domain) *flatDomain {
	f := &flatDomain{Domain: *d}
	f.Domain.Min, f.Domain.Max, f.Domain.Elements = nil, nil, nil
	if d.Min != nil {
		f.min = *d.Min
	}
	if d.Max != nil {
		f.max = *d.Max
	}
	f.hasMin, f.hasMax = d.Min != nil, d.Max != nil
	if d.Elements != nil {
		f.elements = fmt.Sprintf("%+v", *flat(d.Elements))
	}
	return f
}

type flatDomain struct {
	check.Domain
	min, max       check.Bound
	hasMin, hasMax bool
	elements       string
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
	k, first := &f.candidates[0], ", first: self}}"
	if c.name == c.table.tree {
		first = ", first: earlier}}"
	}
	if body, ok := strings.CutSuffix(k.Generator, "}}"); ok && strings.HasPrefix(k.Generator, "{reference") && !strings.Contains(k.Generator, "first:") {
		k.Generator = body + first
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
	return &fill{candidates: []Candidate{{Generator: string(null), Reason: "its table's checks want it null here", Confidence: 1, exact: true}}}
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
	s := &site{words: splitName(c.name)}
	switch {
	case s.has("deleted", "removed", "purged", "deceased", "death", "died"):
		return 0.97
	case s.has("banned", "suspended", "reversed", "reverses", "deprecated", "terminated", "dropped", "deactivated", "disabled", "blocked", "withdrawn", "refunded"):
		return 0.93
	case s.has("archived", "cancelled", "canceled", "revoked", "error", "failure", "declined", "rejected", "left"):
		return 0.85
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
