package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
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
		if begun := t.acquired(); begun != nil && created == nil && begun != c && !c.follows && s.has(upkeep...) && !t.behind(begun, c) {
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
	for _, c := range t.columns {
		r := c.reference
		if r == nil || r.leader != c.name || c.virtual || len(c.fills) > 1 && !c.sameParent() || r.parent.standing {
			continue
		}
		if r.parent == t { // a reply comes after what it answers
			g := c.fills[0].chosen().Generator
			if !t.wantsUnique(c) && len(r.key.Columns) == 1 && strings.HasPrefix(g, "{reference: ") && !strings.Contains(g, "first:") && !created.follows && len(c.fills) == 1 {
				created.notBefore = append(created.notBefore, c.name+"."+created.name)
			}
			continue
		}
		p := r.parent.beginning()
		if p != nil && p.kind() == column.Timestamp && r.parent.created() != p && t.acyclic(r.parent) && books(created) && scheduled(p) && len(c.fills) == 1 && c.nulls == 0 && t.movable(created) {
			t.bookBefore(created, c, p)
			continue
		}
		if p != nil && p.kind() == column.Timestamp && t.acyclic(r.parent) {
			created.notBefore = append(created.notBefore, c.name+"."+p.name)
			if appointed != nil {
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
		if c.schema == nil || c.kind() != column.Date || !c.schema.NotNull || !t.movable(c) || !strings.HasPrefix(c.fills[0].chosen().Generator, "{date: {from: ") {
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
		if p := r.parent.beginning(); p != nil && p.kind() == column.Timestamp && len(p.fills) > 0 && strings.HasPrefix(p.fills[0].chosen().Generator, "{timestamp: {from: ") {
			day.notBefore = append(day.notBefore, c.name+"."+p.name)
		}
	}
}

// afterStart lets a thing be seen and used after it was put to work, where it was.
func (t *table) afterStart() {
	for _, c := range t.columns {
		if c.schema == nil || !c.follows || c.kind() != column.Timestamp || len(c.fills) == 0 {
			continue
		}
		if s := (&site{words: unfolded(c.name)}); !s.has("seen", "used", "login", "heartbeat", "contact", "contacted", "active", "sync", "synced") {
			continue
		}
		for _, o := range t.columns {
			if o == c || o.schema == nil || o.schema.NotNull || o.kind() != column.Timestamp || len(o.fills) == 0 || t.reaches(o, c) || !t.movable(o) && !o.follows {
				continue
			}
			if s := (&site{words: unfolded(o.name)}); s.has("activated", "activation", "installed", "commissioned", "enabled", "connected", "verified") {
				c.notBefore = append(c.notBefore, o.name)
			}
		}
	}
}

// appointed finds the beginning of what is agreed upon: see appoint.
func (t *table) appointed() *col {
	for _, c := range t.columns {
		if c.schema != nil && c.kind() == column.Timestamp && len(c.fills) > 0 && c.follows && c.after == nil && strings.Contains(c.fills[0].chosen().Generator, "step: ") {
			return c
		}
	}
	return nil
}

func (c *col) kind() column.Kind {
	if c.schema == nil {
		return column.Invalid
	}
	return c.schema.Type.Kind
}

// expiring are words for moments that lie ahead when a row is made.
var expiring = []string{"expires", "expire", "expired", "expiry", "expiration", "due", "deadline", "until"}

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

// defaultsToNow tells whether the database writes the present moment where nobody says another one: then few rows are
// without one, though they may be.
func (c *col) defaultsToNow() bool {
	if c.schema == nil || c.kind() != column.Timestamp && c.kind() != column.Date {
		return false
	}
	d := strings.ToLower(strings.Trim(c.schema.Default, "() "))
	for _, now := range []string{"now", "current_timestamp", "current_date", "localtimestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timezone(", "datetime('now'", "date('now'", "strftime("} {
		if strings.HasPrefix(d, now) {
			return true
		}
	}
	return false
}

// first finds the first of the moments that a row may do without.
func (t *table) first() (out *col) {
	least := 0
	for _, c := range t.columns {
		if c.schema == nil || c.kind() != column.Timestamp || !t.movable(c) {
			continue
		}
		if r, of := t.rank(c); r > 0 && r <= 50 && of == "" && (out == nil || r < least) {
			out, least = c, r
		}
	}
	return out
}

// earliest finds the first of the moments that a row cannot do without, where there is one that others follow.
func (t *table) earliest() *col {
	var out *col
	least := 0
	for _, c := range t.columns {
		if c.schema == nil || !c.schema.NotNull && !c.defaultsToNow() || c.kind() != column.Timestamp || !t.movable(c) {
			continue
		}
		if r, _ := t.rank(c); r > 0 && r <= 30 && (out == nil || r < least) {
			out, least = c, r
		}
	}
	return out
}

// inCourse tells whether a moment is of something in the course of what the row is about: its current period.
func (t *table) inCourse(c, first *col) bool {
	rank, of := t.rank(c)
	least, _ := t.rank(first)
	return rank >= least && (of == "current_period" || of == "period" || of == "current") && !t.behind(first, c)
}

// upkeep are words for what becomes of a thing in the years after it was bought or made.
var upkeep = []string{"warranty", "guarantee", "service", "serviced", "servicing", "maintenance", "maintained", "inspection", "inspected", "inspect", "calibration", "calibrated", "repair", "repaired", "audit", "audited", "disposed", "disposal", "sold", "scrapped", "decommissioned", "retired", "replaced", "insured", "renewal", "renewed", "overhaul"}

// acquired finds the day on which a thing was bought, made or put in place, by which its other days are told.
func (t *table) acquired() *col {
	for _, c := range t.columns {
		if c.schema == nil || !c.schema.NotNull || c.follows || !t.movable(c) {
			continue
		}
		if s := (&site{words: unfolded(c.name)}); s.has("purchase", "purchased", "acquired", "acquisition", "bought", "manufactured", "manufacture", "built", "installed", "installation", "commissioned", "delivered") && !s.has(upkeep...) {
			return c
		}
	}
	return nil
}

// lastOf finds what was done last of what is to be done next.
func (t *table) lastOf(next *col) *col {
	for _, c := range t.columns {
		if c.schema == nil || c == next || len(c.fills) == 0 || c.schema.NotNull != next.schema.NotNull || !comparable(c, next) || c.kind() != next.kind() {
			continue
		}
		a, b := unfolded(c.name), unfolded(next.name)
		if len(a) == len(b) && a[0] == "last" && b[0] == "next" && len(a) > 1 && strings.HasPrefix(a[1], b[1][:min(len(b[1]), 4)]) {
			return c
		}
	}
	return nil
}

// books tells whether a moment is that of a booking, which comes before what is booked.
func books(c *col) bool {
	return slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return slices.Contains([]string{"booked", "booking", "registered", "registration", "reserved", "reservation", "purchased", "signed", "rsvp", "invited", "ordered", "requested"}, w)
	})
}

// scheduled tells whether a moment is that of something that is announced beforehand.
func scheduled(c *col) bool {
	return slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return slices.Contains([]string{"start", "starts", "begin", "begins", "scheduled", "departure", "departs", "departing", "kickoff", "showtime"}, w)
	})
}

// bookBefore lets a row be booked some days before what its parent announces.
func (t *table) bookBefore(c, by, announced *col) {
	for _, f := range uniqueFills(c.fills) {
		if f.chosen().Generator != string(null) {
			k := Candidate{Reason: "it is booked before " + announced.table.name + "." + announced.name, Confidence: 0.85, exact: true, copies: true,
				Generator: string(t.offset(c, by.name+"."+announced.name, "-30d", "-1h"))}
			f.candidates = slices.Insert(f.candidates, 0, k)
		}
	}
	c.follows, c.reads = true, append(c.reads, by.name)
}

// beginning finds the moment before which nothing happens to a row.
func (t *table) beginning() *col {
	if c := t.created(); c != nil {
		return c
	}
	return t.earliest()
}

// created finds the column that tells when a row was made.
func (t *table) created() *col {
	for _, name := range []string{"created_at", "created", "createdat", "created_on", "creation_date", "date_created", "inserted_at", "registered_at", "date_added", "added_at", "created_date", "created_time", "create_time", "ordered_at", "placed_at", "joined_at"} {
		for _, c := range t.columns {
			if c.schema != nil && equalFold(c.name, name) && (t.movable(c) || c.follows && c.after != nil && c.after == t.appointed()) {
				return c
			}
		}
	}
	return nil
}

func equalFold(name, want string) bool {
	joined := ""
	for i, w := range unfolded(name) {
		if i > 0 {
			joined += "_"
		}
		joined += w
	}
	return joined == want || joined == "create_date" && want == "created"
}

// ends are words for the end of something, each with those for its beginning.
var ends = map[string][]string{
	"end": {"start", "begin"}, "ends": {"starts", "begins"}, "ended": {"started", "begun"}, "finish": {"start"}, "finished": {"started"},
	"finishes": {"starts"}, "completed": {"started"}, "stop": {"start"}, "stopped": {"started"}, "to": {"from"}, "until": {"from", "since"}, "until_date": {"from_date"},
	"closed": {"opened"}, "checkout": {"checkin"}, "out": {"in"}, "arrival": {"departure"}, "arrived": {"departed"}, "returned": {"borrowed", "rented"}, "delivered": {"shipped"}, "through": {"from"},
	"disconnected": {"connected"}, "left": {"joined"}, "expiry": {"issue"}, "expires": {"issued"}, "expired": {"issued"}, "expiration": {"issue"},
}

// startOf finds the column of the same kind that begins what a column ends: ends_at and starts_at.
func (t *table) startOf(c *col) *col {
	words := unfolded(c.name)
	for i, w := range words {
		for _, begin := range ends[w] {
			want := slices.Clone(words)
			want[i] = begin
			for _, o := range t.columns {
				if o != c && o.schema != nil && o.kind() == c.kind() && slices.Equal(unfolded(o.name), want) && len(o.fills) > 0 && (o.schema.NotNull || c.nullable()) {
					return o
				}
			}
		}
	}
	return nil
}

// atOnce are words for what happens as a row is made.
var atOnce = []string{"placed", "ordered", "submitted", "posted", "requested", "reported", "booked", "applied", "raised", "logged", "registered"}

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
		if !strings.HasPrefix(f.chosen().Generator, "{offset: ") {
			continue
		}
		var others []string
		for _, o := range t.columns {
			if o == c || o.kind() != column.Timestamp || o.reference != nil || len(o.fills) == 0 || !o.follows || !t.behind(o, created) || t.reaches(o, c) || len(uniqueFills(o.fills)) != 1 {
				continue
			}
			if s := (&site{words: unfolded(o.name)}); s.has(expiring...) || s.has("valid", "scheduled", "estimated", "planned", "expected", "next", "trial", "period", "birth", "start", "starts", "end", "ends", "begin", "last", "first", "seen", "login", "updated", "modified", "changed", "to", "from", "through", "renews", "renewal", "eta", "promised", "follow", "reminder", "snoozed") || o.fills[0].chosen().Generator == string(null) {
				continue
			}
			others = append(others, o.name)
		}
		if len(others) == 0 {
			continue
		}
		edited := t.virtual(c.name+" by hand", yaml(f.chosen().Generator), "when somebody changed the row besides")
		k := Candidate{Generator: string(short("latest", list(append([]string{edited}, others...)))), Reason: "a row is changed when something happens to it", Confidence: 0.85, copies: true, meant: true}
		f.candidates = slices.Insert(f.candidates, f.at, k)
		c.reads = append(c.reads, others...)
	}
}

// goneBy are words for what is over where it is said at all, and not planned.
var goneBy = []string{"termination", "terminated", "resigned", "resignation", "retired", "retirement", "dismissed", "dismissal", "deceased", "death", "died", "left"}

// follow puts a candidate first that keeps a column at or after another one.
func (t *table) follow(c, after *col, least, most string, share float64, reason string) bool {
	if !after.schema.NotNull && c.schema.NotNull && after.follows || !comparable(after, c) || !t.covers(after, c) || t.behind(after, c) {
		return false
	}
	if c.schema.NotNull { // what begins is known where the end is
		after.nulls = 0
	}
	for _, f := range uniqueFills(c.fills) {
		if f.chosen().Generator == string(null) {
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
		if slices.ContainsFunc(unfolded(c.name), func(w string) bool { return slices.Contains(goneBy, w) }) {
			args = append(args, "until", lastDay)
		}
		k.Generator = string(t.offset(c, after.name, least, most, args...))
		f.candidates = slices.Insert(f.candidates, 0, k)
	}
	c.follows, c.after = true, after
	return true
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
			t.follow(right, left, "1m", "30d", 1, "a check wants it after "+left.name)
		}
	case "contained", "=":
		if r.Op == "contained" { // a range lies within itself
			left, right = right, left
		}
		if !right.settledByKey() && left.schema.Type.Name == right.schema.Type.Name && !t.behind(left, right) {
			for _, f := range uniqueFills(right.fills) {
				f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: string(short("cell", left.name)), Reason: "a check wants it to equal " + left.name, Confidence: 1, exact: true, copies: true})
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
		if f.chosen().Generator != string(null) {
			f.candidates = slices.Insert(f.candidates, 0, Candidate{Generator: string(short("expression", quote(e.Expression))), Reason: "a check wants it to equal " + e.Expression, Confidence: 1, exact: true, copies: true})
		}
	}
	c.after, c.follows = t.byName[e.Columns[0]], t.isMoment(c)
}

func (c *col) settledByKey() bool { return c.reference != nil || c.slot }

// acyclic tells whether a parent's rows never look, over their own parents, at this table's.
func (t *table) acyclic(parent *table) bool {
	seen := map[*table]bool{}
	var reaches func(p *table) bool
	reaches = func(p *table) bool {
		if p == t {
			return true
		}
		if seen[p] {
			return false
		}
		seen[p] = true
		for _, fk := range p.schema.References() {
			if up := t.draft.byTable[t.draft.table(fk.RefSchema, fk.RefTable)]; up != nil && up != p && reaches(up) {
				return true
			}
		}
		return false
	}
	return !reaches(parent)
}
