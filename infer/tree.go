package infer

import (
	"slices"
	"strconv"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
	"github.com/sowerdata/sower/schema"
)

// A check may say which rows of a table that refers to itself are roots: (parent_id is null) = (level = 0). These are a few rows
// at its beginning then, and the others hang below them.

// mostRoots are as many roots as a tree has.
const mostRoots = 4

// plant finds the reference to the table itself that is null in some ways to satisfy the checks, the roots, and in no other,
// and puts these ways first, with a few rows each.
func (t *table) plant() {
	t.tree = ""
	if t.spec != nil || len(t.branches) < 2 {
		return
	}
	for _, fk := range t.foreignKeys() {
		if len(fk.Columns) != 1 || t.draft.table(fk.RefSchema, fk.RefTable) != t.schema || t.single(fk.Columns[0]) != nil {
			continue
		}
		var roots, below []branch
		for _, b := range t.branches {
			switch d := b.domain(fk.Columns[0]); {
			case b.inState() || b.first != nil:
				return
			case d != nil && d.Null == check.IsNull:
				roots = append(roots, b)
			case d != nil && d.Null == check.NotNull:
				below = append(below, b)
			}
		}
		if len(roots) == 0 || len(below) == 0 || len(roots)+len(below) < len(t.branches) || slices.ContainsFunc(roots, func(b branch) bool { return !t.marks(&b, fk.Columns[0]) }) {
			continue
		}
		n := min(max(t.rows/50/int64(len(roots)), 1), mostRoots)
		for i := range roots {
			roots[i].first = &n
		}
		t.branches, t.tree = slices.Concat(roots, below), fk.Columns[0]
		return
	}
}

// marks tells whether the rows of a branch have one value in a column, or none, besides the one that is null: what says that
// they are roots. A repost without a text of its own says nothing of the others.
func (t *table) marks(b *branch, up string) bool {
	for name, d := range b.Columns {
		if slices.ContainsFunc(t.foreignKeys(), func(fk *schema.ForeignKey) bool { return slices.Contains(fk.Columns, name) }) {
			continue // what a row replies to goes with whom
		}
		if name != up && (len(d.In) == 1 || d.Null == check.IsNull || d.Min != nil && d.Max != nil && d.Min.Value == d.Max.Value) {
			return true
		}
	}
	return false
}

// grow lets numbers that a check gives the roots be one more than that of the row above in all others.
func (t *table) grow() {
	if t.tree == "" {
		return
	}
	roots := slices.IndexFunc(t.branches, func(b branch) bool { return b.first == nil })
	for _, c := range t.columns {
		if c.schema == nil || c.given || c.kind() != column.Int || c.reference != nil || t.wantsUnique(c) || len(c.fills) != len(t.branches) || c.name == t.tree || roots < 0 {
			continue
		}
		if d := t.branches[0].domain(c.name); d == nil || len(d.In) != 1 && (d.Min == nil || d.Max == nil || d.Min.Value != d.Max.Value) {
			continue
		}
		if meaning.Cell(c.name) != c.name || meaning.Cell(t.tree) != t.tree { // names that need quotes
			continue
		}
		text := t.tree + "." + c.name + " + 1"
		for _, f := range uniqueFills(c.fills[roots:]) {
			f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: short("expression", quote(text)),
				Reason: "one more than that of " + t.tree, Confidence: 0.9, exact: true, copies: true})
		}
		c.nulls = 0
		t.bottom(c, roots)
	}
}

// bottom lets the tree be no deeper than a check of the column's takes.
func (t *table) bottom(c *col, roots int) {
	d := t.branches[0].domain(c.name)
	top := ""
	if len(d.In) == 1 {
		top = d.In[0]
	} else {
		top = d.Min.Value
	}
	from, err := strconv.Atoi(top)
	up := t.byName[t.tree]
	for i := roots; i < len(t.branches) && err == nil; i++ {
		most := t.branches[i].domain(c.name)
		if most == nil {
			continue
		}
		values := slices.Clone(most.In)
		if most.Max != nil {
			values = append(values, most.Max.Value)
		} else if len(values) == 0 {
			values = legal(c.schema, most)
		}
		n, err := 0, error(nil)
		for _, v := range values {
			var one int
			if one, err = strconv.Atoi(v); err != nil {
				break
			}
			n = max(n, one)
		}
		k := &up.fills[min(i, len(up.fills)-1)].candidates[0]
		if k.Generator.open("reference") && k.Generator.arg("first").str() == "earlier" && !k.Generator.has("depth") && err == nil && n > from {
			k.Generator = k.Generator.with("depth", n-from)
		}
	}
}
