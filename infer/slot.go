package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// slots fills the columns of exclusion constraints that forbid ranges to overlap: every row has a stretch of its
// own, whatever the other columns are, so that none overlaps another. Rows that never overlap in one element never
// clash: it is the element whose columns are the freest.
func (t *table) slots() {
	t.ends()
	for _, x := range t.schema.Exclusions {
		var best *stretch
		overlap := false
		for _, e := range x.Elements {
			if e.Operator != "&&" {
				continue
			}
			overlap = true
			if c := t.byName[e.Column]; c != nil && c.reference != nil {
				t.periods(x)
				best = nil
				break
			}
			if s := t.stretchOf(e); best == nil || s.rank > best.rank {
				best = s
			}
		}
		switch {
		case !overlap:
			t.distinctFor(x, nil)
		case best != nil && best.rank == bounded:
			t.distinctFor(x, best)
		case best != nil:
			t.slot(x, best)
		}
	}
}

// stretch is an element of an exclusion constraint that forbids ranges to overlap, and how it is filled.
type stretch struct {
	element    schema.ExclusionElement
	start, end string // columns; "" where the element does not begin or end with one
	args       []any  // further arguments of the slots
	rank       int
}

// The ranks of stretches: what becomes of the columns.
const (
	bounded = iota // they are distinct where that is enough: their values are listed or bounded, or nothing is known of them
	begins         // the first one begins a stretch, whose length others give
	pair           // both ends are those of a stretch
	whole          // the column is a range, or a box or a network
)

// stretchOf reads an element such as tstzrange(starts_at, ends_at, '[]').
func (t *table) stretchOf(e schema.ExclusionElement) *stretch {
	s := &stretch{element: e, rank: whole}
	if e.Column != "" {
		return s
	}
	s.rank = bounded
	x, err := t.parse(e.Expression)
	if err != nil {
		return s
	}
	call, _ := x.(*check.Call)
	if call == nil || len(call.Args) < 2 || !strings.HasSuffix(call.Name, "range") && !t.joinsTwo(call) {
		return s
	}
	s.start, s.end = endIn(call.Args[0]), endIn(call.Args[1])
	first, last := t.schema.Column(s.start), t.schema.Column(s.end)
	switch {
	case first == nil || !t.unbounded(s.start):
		if !single(call, s.start) {
			s.start = ""
		}
		s.end = ""
	case last != nil && s.end != s.start && t.unbounded(s.end) && first.Type.Kind == last.Type.Kind:
		s.rank = pair
		s.args = stepOf(call, first, true)
	default:
		s.rank, s.end = begins, ""
		s.args = stepOf(call, first, false)
	}
	return s
}

// joinsTwo tells whether a call may be that of a range type of one's own: its first arguments are two columns of one type.
func (t *table) joinsTwo(call *check.Call) bool {
	a, b := t.schema.Column(endIn(call.Args[0])), t.schema.Column(endIn(call.Args[1]))
	return a != nil && b != nil && a != b && a.Type.Name == b.Type.Name && len(call.Args) <= 3
}

// endIn gives the column that stands for an end of a range: by itself, cast, or with what counts in place of a null.
func endIn(e check.Expr) string {
	switch e := e.(type) {
	case *check.ColumnRef:
		return e.Name
	case *check.Cast:
		return endIn(e.X)
	case *check.Call:
		if e.Name == "coalesce" && len(e.Args) > 0 {
			return endIn(e.Args[0])
		}
	}
	return ""
}

// unbounded tells whether a column may get stretches that go on and on.
func (t *table) unbounded(name string) bool {
	c := t.byName[name]
	if c == nil || c.reference != nil || c.settled() && !c.slot || c.schema == nil {
		return false
	}
	if spanned(c.schema) == "" {
		return false
	}
	for i := range t.branches {
		if d := t.branches[i].domain(name); d != nil && (d.In != nil || d.Max != nil && c.kind() == column.Int || d.Multiple != "" || d.Null == check.IsNull) {
			return false
		}
	}
	return true
}

// stepOf gives the distance between slots where it is not the usual one: days that moments are cut to are a day apart,
// a range that its end belongs to does not touch the next one, and of a range whose length other columns tell, an end
// within a day is likely.
func stepOf(call *check.Call, c *schema.Column, closed bool) []any {
	last := closedAtEnd(call)
	moment := c.Type.Kind == column.Timestamp
	switch {
	case moment && (!closed || call.Name == "daterange" && !last):
		return []any{"step", "24h"}
	case moment && call.Name == "daterange":
		return []any{"step", "48h", "length", "24h"}
	case moment && last:
		return []any{"length", "45m"}
	case closed && last && c.Type.Kind == column.Time:
		return []any{"length", "1s"}
	case closed && last && slices.Contains([]column.Kind{column.Int, column.Decimal, column.Date, column.Float}, c.Type.Kind):
		return []any{"step", 2, "length", 1}
	case !closed && c.Type.Kind == column.Date:
		return []any{"step", 30}
	}
	return nil
}

// closedAtEnd tells whether the end of a range belongs to it, as in tstzrange(a, b, '[]').
func closedAtEnd(call *check.Call) bool {
	if len(call.Args) < 3 {
		return false
	}
	bounds := call.Args[2]
	if k, ok := bounds.(*check.Cast); ok {
		bounds = k.X
	}
	l, ok := bounds.(*check.Literal)
	return ok && strings.HasSuffix(l.Text, "]")
}

// single tells whether a range holds one whole number, that of a column: int4range(spot, spot + 1).
func single(call *check.Call, name string) bool {
	if closedAtEnd(call) {
		return endIn(call.Args[1]) == name
	}
	plus, ok := call.Args[1].(*check.Binary)
	if !ok || plus.Op != "+" || endIn(plus.L) != name {
		return false
	}
	one, ok := plus.R.(*check.Literal)
	return ok && one.Text == "1"
}

// skipped leaves the slots free that rows of other runs are in.
func (t *table) skipped() []any {
	if t.stood == nil || *t.stood == 0 {
		return nil
	}
	return []any{"skip", *t.stood}
}

func (t *table) slot(x *schema.Exclusion, s *stretch) {
	reason := "the exclusion constraint " + x.Name
	settle := func(name, field string) {
		c := t.byName[name]
		if c == nil || c.settled() {
			return
		}
		args := []any{"field", field}
		if field != "range" {
			args = append(append(args, "group", x.Name), t.slotArgs(name)...)
		}
		args = append(args, t.skipped()...)
		c.settle(Candidate{Generator: call("slot", append(args, s.args...)...), Reason: reason, Confidence: 0.95, exact: true}, nil)
		c.slot = true
	}
	e := s.element
	if e.Column != "" {
		if of := ownBounds(&t.schema.Column(e.Column).Type); of != nil {
			known := gen.BoundsOf(of)
			if known == "" {
				return // no generator is known for it
			}
			one := site{table: t}
			s.args = append(s.args, one.endArgs(known, of)...)
		}
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
	settle(s.start, "start")
	settle(s.end, "end")
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

// endOf reads a check that ties the end of a range to another column: lower(during) = starts_at.
func endOf(e check.Expr) (field, of, column string, ok bool) {
	x, _ := e.(*check.Binary)
	if x == nil || x.Op != "=" {
		return "", "", "", false
	}
	l, r := x.L, x.R
	if _, is := r.(*check.Call); is {
		l, r = r, l
	}
	call, _ := l.(*check.Call)
	if call == nil || len(call.Args) != 1 || call.Schema != "" {
		return "", "", "", false
	}
	field = map[string]string{"lower": "start", "upper": "end"}[call.Name]
	of, isRange := plain(call.Args[0])
	column, isColumn := plain(r)
	return field, of, column, field != "" && isRange && isColumn
}

// ends fills ranges and the columns that checks tie to their ends from one stretch of the row's own.
func (t *table) ends() {
	for _, k := range t.schema.Checks {
		x, err := t.parse(k.Expression)
		if err != nil {
			continue
		}
		field, of, column, ok := endOf(x)
		if !ok {
			continue
		}
		r, e := t.byName[of], t.byName[column]
		if r == nil || e == nil || r.schema == nil || e.schema == nil || r.schema.Type.Category != schema.RangeType || e.settled() || r.settled() && !r.slot {
			continue
		}
		reason := "the check " + k.Name
		if !r.settled() {
			r.settle(Candidate{Generator: call("slot", append([]any{"field", "range", "group", of}, t.skipped()...)...), Reason: reason, Confidence: 0.95, exact: true}, nil)
		}
		e.settle(Candidate{Generator: call("slot", append([]any{"field", field, "group", of}, t.skipped()...)...), Reason: reason, Confidence: 0.95, exact: true}, nil)
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
		v.settle(Candidate{Generator: call("sequence", "start", i, "step", 2), Reason: "an edge of " + name, Confidence: 1, exact: true}, nil)
		t.columns = append(t.columns, v)
		t.byName[edge] = v
	}
	c.settle(Candidate{Generator: short("template", "({"+right+"},1),({"+left+"},0)"), Reason: reason, Confidence: 0.9, exact: true}, nil)
	c.slot = true
}

// distinctFor makes the columns of an exclusion constraint distinct together that are compared by =: where it forbids
// no ranges to overlap, or those of bounded columns, which are distinct with them.
func (t *table) distinctFor(x *schema.Exclusion, s *stretch) {
	var names []string
	for _, e := range x.Elements {
		if e.Operator == "=" && e.Column != "" && t.byName[e.Column] != nil {
			names = append(names, e.Column)
		}
	}
	if s != nil && t.byName[s.start] != nil {
		names = append(names, s.start)
	}
	if len(names) > 0 {
		t.unique = append(t.unique, uniqueSet{columns: names})
	}
}
