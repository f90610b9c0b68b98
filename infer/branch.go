package infer

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
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

// dividing reads a check that wants a number to be a multiple of another column's: a % b = 0.
func dividing(e check.Expr) (number, by string, ok bool) {
	x, _ := e.(*check.Binary)
	if x == nil || x.Op != "=" || !isNumber(x.R, "0") {
		return "", "", false
	}
	rest, _ := x.L.(*check.Binary)
	if rest == nil || rest.Op != "%" {
		return "", "", false
	}
	l, okL := plain(rest.L)
	r, okR := plain(rest.R)
	return l, r, okL && okR
}

// adding reads a check that wants columns to add up to a number: a + b + c = 100.
func adding(e check.Expr) (names []string, total string, ok bool) {
	x, _ := e.(*check.Binary)
	if x == nil || x.Op != "=" {
		return nil, "", false
	}
	n, _ := uncast(x.R).(*check.Literal)
	if n == nil || n.Kind != check.NumberLiteral {
		return nil, "", false
	}
	l := x.L
	for plus, is := l.(*check.Binary); is && plus.Op == "+"; plus, is = l.(*check.Binary) {
		name, ok := plain(plus.R)
		if !ok {
			return nil, "", false
		}
		names, l = append(names, name), plus.L
	}
	name, ok := plain(l)
	names = append(names, name)
	slices.Reverse(names)
	return names, n.Text, ok && len(names) > 1
}

// isNumber tells whether an expression is a number, as it is written.
func isNumber(e check.Expr, text string) bool {
	n, ok := uncast(e).(*check.Literal)
	return ok && n.Kind == check.NumberLiteral && n.Text == text
}

// narrow gives numbers that a check compares with one another a common range, so that drawing again soon
// satisfies it.
func (t *table) narrow() {
	solved := t.linears()
	for _, k := range t.schema.Checks {
		if len(k.Columns) < 2 || solved[k] {
			continue
		}
		e, err := t.parse(k.Expression)
		if err != nil {
			continue
		}
		if n, by, ok := dividing(e); ok && numberColumn(t.schema.Column(n)) && numberColumn(t.schema.Column(by)) {
			for i := range t.branches {
				t.branches[i].Equal = append(t.branches[i].Equal, check.Equation{Column: n, Expression: meaning.Cell(by) + " * 3", Columns: []string{by}})
			}
			continue
		}
		if names, total, ok := adding(e); ok {
			t.addUp(names, total)
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
		b.Equal = append(b.Equal, check.Equation{Column: last, Expression: total + " - " + strings.Join(asExpressions(names[:len(names)-1]), " - "), Columns: names[:len(names)-1]})
	}
}

// asExpressions writes columns as expressions read them.
func asExpressions(names []string) (out []string) {
	for _, n := range names {
		out = append(out, meaning.Cell(n))
	}
	return out
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

func equalDomains(a, b *check.Domain) bool { return reflect.DeepEqual(a, b) }
