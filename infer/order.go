package infer

import (
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/infer/meaning"
)

// order makes the moments of a row follow one another: a row is created before it is changed, starts before it
// ends, and is no older than the parents that it cannot do without.
func (t *table) order() {
	for i := range t.branches {
		t.distances(t.branches[i].Between)
		for _, r := range t.branches[i].Between {
			t.relate(r)
		}
	}
	for _, e := range t.branches[0].Equal {
		t.equate(e)
	}
	created := t.created()
	for _, c := range t.columns {
		s := &site{words: unfolded(c.name)}
		if created != nil && c != created && t.movable(c) && c.schema.NotNull && c.kind() == column.Timestamp && created.kind() == column.Timestamp && s.has(atOnce...) && !s.has("for", "start", "end", "from", "to", "until") {
			t.follow(c, created, "0s", "20s", 1, "it is when the row is made")
		}
	}
	appointed := t.appointed()
	t.sequence(created)
	t.measured()
	for _, c := range t.columns {
		if !t.movable(c) || c == created {
			continue
		}
		s := &site{words: unfolded(c.name)}
		if first := t.earliest(); s.has("updated", "update", "modified", "changed", "edited", "touched", "last", "latest", "seen") && first != nil && first != c && created == nil && !t.behind(first, c) {
			t.follow(c, first, "0s", "60d", 0.5, "a row is changed after it was made")
			continue
		}
		if first := t.earliest(); first != nil && first != c && created == nil && !c.follows && t.inCourse(c, first) {
			t.follow(c, first, "1h", "90d", 1, "it comes after "+first.name)
			continue
		}
		if begun := t.acquired(c); begun != nil && created == nil && begun != c && !c.follows && s.has(upkeep...) && !t.behind(begun, c) {
			after := begun
			if last := t.lastOf(c); last != nil && s.has("next") {
				after = last
			}
			t.follow(c, after, "30d", "900d", 1, "it comes after "+after.name)
			continue
		}
		switch start := t.startOf(c); {
		case start != nil:
			t.follow(c, start, "1h", "30d", 1, "it ends what "+start.name+" begins")
		case created != nil && s.has("updated", "update", "modified", "changed", "edited", "touched"):
			t.follow(c, created, "0s", "60d", 0.5, "a row is changed after it was created")
		case created != nil && created.kind() != column.Time && s.has(expiring...):
			d := stepTo(60, c.kind())
			t.follow(c, created, d.least, d.most, 1, "it lies after "+created.name)
		case created != nil && !s.has("birth", "dob", "born", "valid", "scheduled", "from", "start", "starts", "begin", "event"):
			t.follow(c, created, "1m", "90d", 1, "it comes after "+created.name)
		case created == nil && !c.schema.NotNull && !s.has("birth", "dob", "born", "valid", "scheduled", "from", "start", "starts", "begin", "event"):
			if first := t.earliest(); first != nil && first != c {
				if rank, _ := t.rank(c); rank > t.rankAt(first) {
					t.follow(c, first, "1m", "90d", 1, "it comes after "+first.name)
				}
			}
		}
	}
	if created == nil {
		created = t.earliest()
	}
	if created == nil {
		created = t.first()
	}
	t.afterStart()
	t.shape(created)
	if created == nil || created.kind() != column.Timestamp {
		t.dayAfterParents()
		return
	}
	day := func(p *col) bool { // of a parent, that lies within the days of all
		return p.kind() == column.Date && len(p.fills) == 1 && p.fills[0].chosen().Generator.ranges("date")
	}
	for _, c := range t.columns {
		r := c.reference
		if r == nil || r.leader != c.name || c.virtual || len(c.fills) > 1 && !c.sameParent() || r.parent.standing || !c.schema.NotNull && r.parent != t && meaning.DoneBy(unfolded(c.name)) {
			continue
		}
		if r.parent == t { // a reply comes after what it answers
			g := c.fills[0].chosen().Generator
			if !t.wantsUnique(c) && len(r.key.Columns) == 1 && g.is("reference") && !g.has("first") && !created.follows && len(c.fills) == 1 {
				created.notBefore = append(created.notBefore, c.name+"."+created.name)
			}
			continue
		}
		p := r.parent.beginning()
		if p != nil && p.kind() == column.Timestamp && r.parent.created() != p && t.acyclic(r.parent) && books(created) && scheduled(p) && len(c.fills) == 1 && c.nulls == 0 && t.movable(created) {
			t.bookBefore(created, c, p)
			continue
		}
		if p != nil && (p.kind() == column.Timestamp || day(p)) && t.acyclic(r.parent) {
			created.notBefore = append(created.notBefore, c.name+"."+p.name)
			if appointed != nil && appointed != created {
				appointed.notBefore = append(appointed.notBefore, c.name+"."+p.name)
			}
			if s := r.parent.appointed(); s != nil && s != p && takesPlace(created) { // it takes place when it was to
				created.notBefore = append(created.notBefore, c.name+"."+s.name)
			}
		}
	}
}

// dayAfterParents lets the first day of a row that has no moments lie after the parents that it cannot do without were made.
func (t *table) dayAfterParents() {
	var day *col
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Date || !c.schema.NotNull || !t.movable(c) || !c.fills[0].chosen().Generator.ranges("date") {
			continue
		}
		if r, of := t.rank(c); of == "" && r >= 10 && r <= 30 && day == nil {
			day = c
		}
	}
	if day == nil || day.shared() == nil {
		return
	}
	for _, c := range t.columns {
		r := c.reference
		if r == nil || r.leader != c.name || c.virtual || len(c.fills) != 1 || !c.schema.NotNull || r.parent == t || r.parent.standing || !t.acyclic(r.parent) {
			continue
		}
		if p := r.parent.beginning(); p != nil && len(p.fills) > 0 && (p.fills[0].chosen().Generator.ranges("timestamp") || p.fills[0].chosen().Generator.ranges("date")) {
			day.notBefore = append(day.notBefore, c.name+"."+p.name)
		}
	}
}

func (c *col) kind() column.Kind {
	if c.schema == nil {
		return column.Invalid
	}
	return c.schema.Type.Kind
}

// movable tells whether a column holds moments that nothing but its rule decides.
func (t *table) movable(c *col) bool {
	if c.kind() == column.Time && slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return w == "closes" || w == "closing" || w == "close" || w == "check" || w == "checkin" || w == "checkout"
	}) && !t.checkedWithOthers(c) {
		return false // late in the day, whenever it opens
	}
	if c.schema == nil || c.kind() != column.Timestamp && c.kind() != column.Date && c.kind() != column.Time || c.reference != nil || c.slot || c.follows || t.wantsUnique(c) || len(c.fills) == 0 {
		return false
	}
	return !t.bound(c)
}

// bound tells whether checks want a column's values in a range or in a list.
func (t *table) bound(c *col) bool {
	for i := range t.branches {
		if d := t.branches[i].domain(c.name); d != nil && (d.Min != nil || d.Max != nil || d.In != nil) {
			return true
		}
	}
	return false
}

// changed lets the moment of a row's last change be none of before what happened to the row.
func (t *table) changed() {
	created := t.created()
	if created == nil || created.kind() != column.Timestamp {
		return
	}
	for _, c := range t.columns {
		if c.kind() != column.Timestamp || c.after != created || len(uniqueFills(c.fills)) != 1 || t.wantsUnique(c) || t.bound(c) {
			continue
		}
		if s := (&site{words: unfolded(c.name)}); !s.has("updated", "update", "modified", "changed") || s.has("status", "price", "password") {
			continue
		}
		f := c.fills[0]
		if !f.chosen().Generator.is("offset") {
			continue
		}
		var others []string
		for _, o := range t.columns {
			if o == c || o.kind() != column.Timestamp || o.reference != nil || len(o.fills) == 0 || !o.follows || !t.behind(o, created) || t.reaches(o, c) || len(uniqueFills(o.fills)) != 1 {
				continue
			}
			if s := (&site{words: unfolded(o.name)}); s.has(expiring...) || s.has("valid", "scheduled", "estimated", "planned", "expected", "next", "trial", "period", "birth", "start", "starts", "end", "ends", "begin", "last", "first", "seen", "login", "updated", "modified", "changed", "to", "from", "through", "renews", "renewal", "eta", "promised", "follow", "reminder", "snoozed") || o.fills[0].chosen().Generator.isNull() {
				continue
			}
			others = append(others, o.name)
		}
		if len(others) == 0 {
			continue
		}
		edited := t.virtual(c.name+" by hand", f.chosen().Generator, "when somebody changed the row besides")
		k := Candidate{Generator: short("latest", list(append([]string{edited}, others...))), Reason: "a row is changed when something happens to it", Confidence: 0.85, copies: true, meant: true}
		f.candidates = slices.Insert(f.candidates, f.at, k)
		c.reads = append(c.reads, others...)
	}
}

// goneBy are words for what is over where it is said at all, and not planned.
var goneBy = []string{"termination", "terminated", "resigned", "resignation", "retired", "retirement", "dismissed", "dismissal", "deceased", "death", "died", "left", "closed", "ceased", "dissolved", "demolished", "decommissioned", "scrapped"}

// follow puts a candidate first that keeps a column at or after another one.
func (t *table) follow(c, after *col, least, most string, share float64, reason string) bool {
	if !after.schema.NotNull && c.schema.NotNull && after.follows || !comparable(after, c) || !t.covers(after, c) || t.behind(after, c) {
		return false
	}
	if c.schema.NotNull { // what begins is known where the end is
		after.nulls = 0
	}
	for _, f := range uniqueFills(c.fills) {
		if f.chosen().Generator.isNull() {
			continue
		}
		k := Candidate{Reason: reason, Confidence: 0.85, exact: true, copies: true}
		if c.kind() == column.Date && strings.HasSuffix(least, "h") || c.kind() == column.Date && strings.HasSuffix(least, "m") {
			least = "0s"
		}
		var args []any
		if share < 1 {
			args = append(args, "share", share)
		}
		rank, of := t.rank(c)
		begins := c.schema.NotNull && of == "" && rank > 0 && rank <= 30 && c.kind() != column.Time // others may come after it
		if begins || strings.HasPrefix(strings.ToLower(c.name), "last") || slices.ContainsFunc(unfolded(c.name), func(w string) bool { return slices.Contains(goneBy, w) }) {
			args = append(args, "until", lastDay)
		}
		if by := after.fills[0].stepped(); by != "" && rank >= 50 && rank < 60 && c.kind() == column.Timestamp && comes(by, most) {
			if !comes(by, least) {
				least = by
			}
			args = append(args, "step", quote(by)) // what begins on a quarter of an hour ends on one
		}
		k.Generator = t.offset(c, after.name, least, most, args...)
		f.candidates = slices.Insert(f.candidates, 0, k)
	}
	c.follows, c.after = true, after
	return true
}

// stepped gives the distance between the timestamps that a column may have, "" for none.
func (f *fill) stepped() string {
	if g := f.chosen().Generator; g.ranges("timestamp") && g.has("step") {
		return g.arg("step").str()
	}
	return ""
}

// comes tells whether a duration is no longer than another one, which days never are here.
func comes(short, long string) bool {
	a, err := time.ParseDuration(short)
	b, failed := time.ParseDuration(long)
	return err == nil && failed == nil && a <= b
}

// comparable tells whether one column's moments can be told from another one's: times of day from one another alone.
func comparable(a, b *col) bool {
	return a.kind() == b.kind() || a.kind() != column.Time && b.kind() != column.Time
}

// behind tells whether a column follows another one, over others too.
func (t *table) behind(c, first *col) bool {
	for range len(t.columns) {
		if c == first {
			return true
		}
		if c = c.after; c == nil {
			return false
		}
	}
	return true
}

func uniqueFills(fills []*fill) (out []*fill) {
	for _, f := range fills {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// relate keeps a comparison of two columns where one of them can be made from the other.
func (t *table) relate(r check.Relation) {
	left, right := t.byName[r.Left], t.byName[r.Right]
	if left == nil || right == nil || left.schema == nil || right.schema == nil {
		return
	}
	switch {
	case r.Op == "starts" || r.Op == "ends":
		t.affix(left, right, r)
		return
	case r.Offset != "":
		return
	}
	switch r.Op {
	case "<", "<=":
		if t.ascend(left, right) {
			return
		}
		if t.movable(right) && left.kind() == right.kind() && (left.kind() == column.Timestamp || r.Op == "<=") {
			d := step{"1m", "30d"}
			if rank, _ := t.rank(right); rank > 0 && t.rankAt(left) < rank { // by what both are, where their names tell
				if s := t.stepFrom(left, right, rank); !strings.HasPrefix(s.least, "-") {
					d = s
				}
			}
			t.follow(right, left, d.least, d.most, 1, "a check wants it after "+left.name)
		}
	case "contained", "=":
		if r.Op == "contained" { // a range lies within itself
			left, right = right, left
		}
		if !right.settledByKey() && left.schema.Type.Name == right.schema.Type.Name && !t.behind(left, right) {
			for _, f := range uniqueFills(right.fills) {
				f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: short("cell", left.name), Reason: "a check wants it to equal " + left.name, Confidence: 1, exact: true, copies: true})
			}
			right.after = left
		}
	}
}

// equate makes a column from others by the equation of a check.
func (t *table) equate(e check.Equation) {
	if d := t.branches[0].domain(e.Column); e.Inverse != nil && d != nil && (d.Min != nil || d.Max != nil || d.In != nil || d.Multiple != "") {
		e = *e.Inverse // what it may be is asked for: the others are made from it
	}
	c := t.byName[e.Column]
	if c == nil || c.schema == nil || c.settledByKey() || c.given || len(c.fills) == 0 {
		return
	}
	for _, name := range e.Columns {
		if o := t.byName[name]; o == nil || o.after == c || o == c {
			return
		}
	}
	for _, f := range uniqueFills(c.fills) {
		if !f.chosen().Generator.isNull() {
			f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: short("expression", quote(e.Expression)), Reason: "a check wants it to equal " + e.Expression, Confidence: 1, exact: true, copies: true})
		}
	}
	c.after, c.follows = t.byName[e.Columns[0]], t.isMoment(c)
}

func (c *col) settledByKey() bool { return c.reference != nil || c.slot }

// acyclic tells whether a parent's rows never look, over their own parents, at this table's.
func (t *table) acyclic(parent *table) bool {
	pair := [2]*table{t, parent}
	is, known := t.draft.acyclic[pair]
	if !known {
		is = !parent.descendsFrom(t, map[*table]bool{})
		if t.draft.acyclic == nil {
			t.draft.acyclic = map[[2]*table]bool{}
		}
		t.draft.acyclic[pair] = is
	}
	return is
}

// descendsFrom tells whether a table's keys lead to another one, over those of others too; seen are those that were looked at.
func (t *table) descendsFrom(to *table, seen map[*table]bool) bool {
	if t == to {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	for _, fk := range t.schema.References() {
		if up := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]; up != nil && up != t && up.descendsFrom(to, seen) {
			return true
		}
	}
	return false
}
