package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// derivedUniques makes those columns distinct, alone or together, from which checks make a column that must be distinct:
// the title that a slug is of, the year and the number of an invoice's code. Plan proves that they keep it so.
func (t *table) derivedUniques() {
	for _, e := range t.branches[0].Equal {
		c := t.byName[e.Column]
		if c == nil || !t.wantsUnique(c) || slices.ContainsFunc(e.Columns, func(n string) bool { return t.byName[n] == nil || t.single(n) != nil }) {
			continue
		}
		t.unique = append(t.unique, uniqueSet{columns: e.Columns})
	}
}

// first puts a candidate before the others of a column, but where it is null.
func (c *col) first(k Candidate) {
	for _, f := range uniqueFills(c.fills) {
		if !f.chosen().Generator.isNull() {
			f.candidates = slices.Insert(f.candidates, 0, k)
		}
	}
}

// ascend keeps the order of two columns of which one must be distinct, or both, by making one from the other.
func (t *table) ascend(left, right *col) bool {
	of, from, back := right, left, false
	switch l, r := t.wantsUnique(left), t.wantsUnique(right); {
	case !l && !r || left.kind() != right.kind():
		return false
	case !l:
		of, from, back = left, right, true
	}
	if of.settledByKey() || of.given || of.follows || len(of.fills) == 0 || t.bound(of) || t.behind(from, of) {
		return false
	}
	name := meaning.Cell(from.name)
	text := ""
	switch of.kind() {
	case column.Int, column.Decimal:
		by := "1"
		if of.kind() == column.Int { // different numbers stay different by as much as that
			by = "1 + abs(" + name + " % 7)"
		}
		if text = name + " + " + by; back {
			text = name + " - 1"
		}
	case column.Date, column.Timestamp:
		by := map[bool]string{false: ", 1, ", true: ", -1, "}[back]
		unit := map[column.Kind]string{column.Date: "day", column.Timestamp: "hour"}[of.kind()]
		text = "plus(" + name + by + `"` + unit + `")`
	default:
		return false
	}
	of.first(Candidate{Generator: short("expression", quote(text)), Reason: "a check holds it against " + from.name,
		Confidence: 1, exact: true, copies: true})
	of.after, of.follows, of.spans = from, t.isMoment(of), true
	if of.schema.NotNull {
		from.nulls = 0
	}
	return true
}

// affix makes a text that must begin, or end, with another column's: that one, and a random rest.
func (t *table) affix(c, with *col, r check.Relation) {
	if c.settledByKey() || c.given || len(c.fills) == 0 || t.behind(with, c) || c.after != nil {
		return
	}
	room := 6
	if limit := c.schema.Type.Length; limit > 0 {
		longest := with.schema.Type.Length
		for i := range t.branches {
			if d := t.branches[i].domain(with.name); d != nil {
				for _, v := range d.In {
					longest = max(longest, len([]rune(v)))
				}
			}
		}
		if longest == 0 {
			longest = limit / 2
		}
		room = min(room, limit-longest-len([]rune(r.Offset)))
	}
	if room < 1 {
		return
	}
	class := "[A-Z0-9]"
	if d := t.branches[0].domain(c.name); d != nil && d.Lower {
		class = "[a-z0-9]"
	}
	name := t.virtual(c.name+" rest", short("pattern", class+"{"+itoa(room)+"}"), "what stands in "+c.name+" besides "+with.name)
	rest := t.byName[name]
	rest.unique, rest.helps = t.wantsUnique(c), true
	parts := []string{meaning.Cell(with.name)}
	if r.Offset != "" {
		parts = append(parts, quote(r.Offset).String())
	}
	parts = append(parts, meaning.Cell(name))
	if r.Op == "ends" {
		slices.Reverse(parts)
	}
	text := "concat(" + strings.Join(parts, ", ") + ")"
	c.first(Candidate{Generator: short("expression", quote(text)), Reason: "a check wants " + with.name + " in it",
		Confidence: 1, exact: true, copies: true})
	c.after = with
	if c.schema.NotNull {
		with.nulls = 0
	}
}
