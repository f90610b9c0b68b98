package infer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// slots fills the columns of exclusion constraints that forbid ranges to overlap: every row has a stretch of its
// own, whatever the other columns are, so that none overlaps another.
func (t *table) slots() {
	t.ends()
	for _, x := range t.schema.Exclusions {
		overlap := false
		for _, e := range x.Elements {
			if e.Operator != "&&" {
				continue
			}
			overlap = true
			if c := t.byName[e.Column]; c != nil && c.reference != nil {
				t.periods(x)
			} else {
				t.slot(x, e)
			}
			break // rows that never overlap in one element never clash
		}
		if !overlap {
			t.distinctFor(x)
		}
	}
}

func (t *table) slot(x *schema.Exclusion, e schema.ExclusionElement) {
	reason := "the exclusion constraint " + x.Name
	settle := func(name, field string) {
		c := t.byName[name]
		if c == nil || c.settled() {
			return
		}
		args := []any{"field", field}
		if field != "range" {
			args = append(args, "group", x.Name)
		}
		c.settle(Candidate{Generator: string(call("slot", args...)), Reason: reason, Confidence: 0.95, exact: true}, nil)
		c.slot = true
	}
	if e.Column != "" {
		if c := t.schema.Column(e.Column); c != nil && c.Type.Category != schema.RangeType && c.Type.Category != schema.MultirangeType {
			if c.Type.Base == "box" {
				t.boxes(e.Column, reason)
				return
			}
			t.unique = append(t.unique, uniqueSet{columns: []string{e.Column}}) // distinct networks of one size do not overlap
			return
		}
		settle(e.Column, "range")
		return
	}
	start, end := t.boundsOf(e.Expression)
	settle(start, "start")
	settle(end, "end")
}

// periods keeps ranges from overlapping that are those of parents (a reference with PERIOD): no two rows have the same
// parent, and parents do not overlap.
func (t *table) periods(x *schema.Exclusion) {
	var names []string
	for _, e := range x.Elements {
		if c := t.byName[e.Column]; c != nil && (e.Operator == "=" || e.Operator == "&&") {
			names = append(names, e.Column)
		}
	}
	t.unique = append(t.unique, uniqueSet{columns: names})
}

// endOf is a check that ties the end of a range to another column.
var endOf = regexp.MustCompile(`^\(*(lower|upper)\(\(?"?(\w+)"?\)?\) = "?(\w+)"?\)*$`)

// ends fills ranges and the columns that checks tie to their ends from one stretch of the row's own.
func (t *table) ends() {
	for _, k := range t.schema.Checks {
		m := endOf.FindStringSubmatch(k.Expression)
		if m == nil {
			continue
		}
		r, e := t.byName[m[2]], t.byName[m[3]]
		if r != nil && r.schema.Type.Category != schema.RangeType {
			continue
		}
		if r == nil || e == nil || r.schema == nil || e.schema == nil || e.settled() || r.settled() && !r.slot {
			continue
		}
		field := map[string]string{"lower": "start", "upper": "end"}[m[1]]
		reason := "the check " + k.Name
		if !r.settled() {
			r.settle(Candidate{Generator: string(call("slot", "field", "range", "group", m[2])), Reason: reason, Confidence: 0.95, exact: true}, nil)
		}
		e.settle(Candidate{Generator: string(call("slot", "field", field, "group", m[2])), Reason: reason, Confidence: 0.95, exact: true}, nil)
		r.slot, e.slot = true, true
	}
}

// boxes fills a column with boxes side by side.
func (t *table) boxes(name, reason string) {
	c := t.byName[name]
	if c == nil || c.settled() {
		return
	}
	left, right := name+" left", name+" right"
	for i, edge := range []string{left, right} {
		v := &col{table: t, name: edge, virtual: true}
		v.settle(Candidate{Generator: string(call("sequence", "start", i, "step", 2)), Reason: "an edge of " + name, Confidence: 1, exact: true}, nil)
		t.columns = append(t.columns, v)
		t.byName[edge] = v
	}
	c.settle(Candidate{Generator: string(short("template", "({"+right+"},1),({"+left+"},0)")), Reason: reason, Confidence: 0.9, exact: true}, nil)
	c.slot = true
}

// boundsOf finds the two columns of an expression such as tstzrange(starts_at, ends_at).
func (t *table) boundsOf(expression string) (start, end string) {
	at := map[string]int{}
	var names []string
	for _, c := range t.schema.Columns {
		if i := strings.Index(expression, c.Name); i >= 0 {
			at[c.Name] = i
			names = append(names, c.Name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if at[a] != at[b] {
			return at[a] - at[b]
		}
		return len(b) - len(a)
	})
	if len(names) < 2 {
		if len(names) == 1 {
			return names[0], ""
		}
		return "", ""
	}
	return names[0], names[1]
}

// distinctFor makes the columns of an exclusion constraint without ranges distinct together: of those that are
// compared by =, where every other comparison is <>, the first one by itself.
func (t *table) distinctFor(x *schema.Exclusion) {
	var names []string
	for _, e := range x.Elements {
		if e.Operator == "=" && e.Column != "" && t.byName[e.Column] != nil {
			names = append(names, e.Column)
		}
	}
	if len(names) > 0 {
		t.unique = append(t.unique, uniqueSet{columns: names})
	}
}
