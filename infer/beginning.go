package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
)

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

// appointed finds the beginning of what is agreed upon: see appoint. In a table that does not say when its rows were made
// it is the first timestamp of a calendar.
func (t *table) appointed() *col {
	if t.created() == nil {
		return t.calendar(false)
	}
	return t.agreed()
}

// agreed is appointed where the row was made earlier.
func (t *table) agreed() *col { return t.calendar(true) }

// calendar finds the first timestamp that lies on a quarter of an hour or the like; follows says whether another one
// comes before it.
func (t *table) calendar(follows bool) *col {
	for _, c := range t.columns {
		if c.schema != nil && c.kind() == column.Timestamp && len(c.fills) > 0 && c.after == nil && c.follows == follows && c.fills[0].stepped() != "" {
			return c
		}
	}
	return nil
}

// expiring are words for moments that lie ahead when a row is made.
var expiring = []string{"expires", "expire", "expired", "expiry", "expiration", "due", "deadline", "until"}

// defaultsToNow tells whether the database writes the present moment where nobody says another one: then few rows are
// without one, though they may be.
func (c *col) defaultsToNow() bool {
	if c.schema == nil || c.kind() != column.Timestamp && c.kind() != column.Date {
		return false
	}
	e, err := c.table.parse(c.schema.Default)
	for err == nil {
		switch x := e.(type) {
		case *check.Cast:
			e = x.X
		case *check.Binary: // some time from now
			e = x.L
		case *check.Call:
			if x.Name != "date" && x.Name != "datetime" && x.Name != "extract" {
				return slices.Contains(presents, x.Name)
			}
			l, ok := append(x.Args, x)[0].(*check.Literal)
			if !ok || l.Text != "epoch" || len(x.Args) != 2 {
				return ok && strings.EqualFold(l.Text, "now")
			}
			e = x.Args[1] // seconds
		default:
			return false
		}
	}
	return false
}

// defaultCalls tells whether the column's default calls a function.
func (c *col) defaultCalls(name string) (is bool) {
	e, err := c.table.parse(c.schema.Default)
	if err != nil {
		return false
	}
	check.Walk(e, func(e check.Expr) {
		call, ok := e.(*check.Call)
		is = is || ok && call.Name == name
	})
	return is
}

// presents are functions that give the present moment.
var presents = []string{"now", "current_timestamp", "current_date", "localtimestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timezone", "strftime",
	"unixepoch"}

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

// earliest finds the first of the moments that a row cannot do without, where there is one that others follow; where there
// are none but days, the first of these.
func (t *table) earliest() *col {
	if c := t.earliestOf(column.Timestamp, t.movable); c != nil {
		return c
	}
	return t.earliestOf(column.Date, t.movable)
}

func (t *table) earliestOf(kind column.Kind, fits func(*col) bool) *col {
	var out *col
	least := 0
	for _, c := range t.columns {
		if c.schema == nil || !c.schema.NotNull && !c.defaultsToNow() || c.kind() != kind || !fits(c) {
			continue
		}
		if r, of := t.rank(c); r > 0 && r <= 30 && (kind == column.Timestamp || of == "") && (out == nil || r < least) {
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

// acquired finds the day on which a thing was bought, made or put in place, by which another one is told: one that is known
// wherever the other is.
func (t *table) acquired(other *col) *col {
	for _, c := range t.columns {
		if c.schema == nil || !c.schema.NotNull && other.schema.NotNull || c.follows || !t.movable(c) {
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
	owner := &site{words: c.table.owner()}
	if s := (&site{words: unfolded(c.name)}); s.has("issued") && owner.has("ticket", "voucher", "seat") {
		return true
	}
	return slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return slices.Contains([]string{"booked", "booking", "registered", "registration", "reserved",
			"reservation", "purchased", "signed", "rsvp", "invited", "ordered", "requested", "enrolled", "enrolment", "enrollment"}, w)
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
		if !f.chosen().Generator.isNull() {
			k := Candidate{Reason: "it is booked before " + announced.table.name + "." + announced.name, Confidence: 0.85, exact: true, copies: true,
				Generator: t.offset(c, by.name+"."+announced.name, "-30d", "-1h")}
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
	fits := func(c *col) bool { // whether its table was put in order already or not
		return t.movable(c) || c.follows && c.after != nil && c.after.table == t && !t.bound(c) && !t.wantsUnique(c)
	}
	if c := t.earliestOf(column.Timestamp, fits); c != nil {
		return c
	}
	return t.earliestOf(column.Date, fits)
}

// created finds the column that tells when a row was made.
func (t *table) created() (found *col) {
	best := len(createdNames)
	for _, c := range t.columns {
		if c.schema == nil {
			continue
		}
		name := strings.Join(unfolded(c.name), "_")
		if name == "create_date" {
			name = "created"
		}
		at := slices.Index(createdNames, name)
		if at >= 0 && at < best && (t.movable(c) || c.follows && c.after != nil && c.after == t.agreed()) {
			found, best = c, at
		}
	}
	return found
}

// createdNames are names for the moment at which a row was made, the surest first.
var createdNames = []string{
	"created_at", "created", "createdat", "created_on", "creation_date", "date_created", "inserted_at", "registered_at", "date_added",
	"added_at", "created_date", "created_time", "create_time", "ordered_at", "placed_at", "joined_at",
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
