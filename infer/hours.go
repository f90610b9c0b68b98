package infer

import (
	"slices"

	"github.com/sowerdata/sower/column"
)

// shapes are the times at which rows of some tables are made: a person buys in the evening, and an office works by day.
var shapes = []struct {
	name  string
	about []string
}{
	{"shop", []string{"order", "purchase", "sale", "cart", "basket", "checkout", "wishlist"}},
	{"people", []string{"comment", "post", "reply", "like", "reaction", "vote", "follow", "review", "session", "login", "visit", "search", "signup", "favorite", "favourite", "bookmark", "play", "stream", "ride", "trip"}},
	{"office", []string{"ticket", "case", "appointment", "encounter", "lesson", "meeting", "invoice", "quote", "contract", "approval", "expense", "timesheet", "inspection"}},
}

// shape lets more rows be made at the hours that are usual for what they are.
func (t *table) shape(created *col) {
	if created == nil || created.kind() != column.Timestamp || created.follows || created.schema == nil || t.draft.options.Plain {
		return
	}
	owner := t.owner()
	if len(owner) == 0 {
		return
	}
	at := slices.IndexFunc(shapes, func(s struct {
		name  string
		about []string
	}) bool {
		return slices.Contains(s.about, owner[len(owner)-1])
	})
	if at < 0 {
		return
	}
	for _, f := range uniqueFills(created.fills) {
		g := f.chosen().Generator
		if !g.open("timestamp") || g.has("shape", "step", "rising") {
			continue
		}
		k := *f.chosen()
		k.Generator, k.Reason = g.with("shape", mapping("usual", shapes[at].name)), k.Reason+", at the hours that are usual for it"
		f.candidates = slices.Insert(f.candidates, f.at, k)
	}
}

// slots are tables of what is agreed upon for an hour: it begins on a quarter of one, by day, and is agreed upon before.
var slots = []string{"appointment", "meeting", "lesson", "interview", "consultation", "viewing", "booking",
	"reservation", "class", "exam", "lecture", "webinar", "workshop", "training", "seminar", "shift", "slot", "visit", "hearing"}

// shows are tables of what is announced for an hour: it has a beginning, by that name.
var shows = []string{"event", "concert", "show", "performance", "match", "game", "screening", "conference", "meetup", "race", "tournament", "auction", "flight", "departure", "tour", "excursion"}

// officeHours are how often something is agreed upon for each hour of the day.
var officeHours = []int{0, 0, 0, 0, 0, 0, 0, 3, 9, 10, 10, 9, 4, 8, 10, 10, 8, 6, 2, 1, 0, 0, 0, 0}

// appoint lets the beginning of what is agreed upon lie on a quarter of an hour by day, and the row be made some days
// before.
func (t *table) appoint() {
	created := t.created()
	if created == nil || created.kind() != column.Timestamp || !t.movable(created) || len(t.branches) > 1 || t.draft.options.Plain {
		return
	}
	owner := t.owner()
	show := len(owner) > 0 && slices.Contains(shows, owner[len(owner)-1])
	if len(owner) == 0 || !show && !slices.Contains(slots, owner[len(owner)-1]) {
		return
	}
	for _, c := range t.columns {
		if c == created || c.kind() != column.Timestamp || !c.schema.NotNull || !t.movable(c) || t.behind(created, c) {
			continue
		}
		if !slices.ContainsFunc(unfolded(c.name), func(w string) bool {
			return slices.Contains([]string{"start", "starts", "begin", "begins"}, w) || !show && (w == "scheduled" || w == "appointment")
		}) || slices.ContainsFunc(unfolded(c.name), func(w string) bool { return slices.Contains([]string{"end", "ends", "until"}, w) }) {
			continue
		}
		f, g := c.shared(), created.shared()
		if f == nil || g == nil {
			return
		}
		at := f.chosen().Generator
		if !at.ranges("timestamp") {
			return
		}
		if !at.has("step") { // no rule knows its hours
			if names := at.without("precision").names(); !slices.Equal(names, []string{"from", "to"}) {
				return
			}
			at = at.without("precision").with("step", raw("15m")).with("shape", mapping("usual", "office", "hours", list(officeHours)))
		}
		f.candidates = slices.Insert(f.candidates, f.at, Candidate{Generator: at,
			Reason: "it is agreed upon for a quarter of an hour, by day", Confidence: 0.85, exact: f.chosen().exact, meant: true})
		g.candidates = slices.Insert(g.candidates, g.at, Candidate{Generator: t.offset(created, c.name, "-30d", "-2d"),
			Reason: "it is agreed upon before " + c.name, Confidence: 0.85, exact: true, copies: true, meant: true})
		c.follows, created.follows, created.after = true, true, c
		return
	}
}

// aroundAppointment is the distance of a moment from the beginning of what is agreed upon, where it is not simply later:
// people come some minutes early, and call off beforehand.
func aroundAppointment(c *col, later step) step {
	switch s := (&site{words: unfolded(c.name)}); {
	case s.has("checked_in", "arrived", "arrival", "checkin"):
		return step{"-20m", "5m"}
	case s.has("cancelled", "canceled", "confirmed", "reminded", "rescheduled", "declined", "accepted", "notified"):
		return step{"-46h", "-1h"}
	}
	return later
}

// takesPlace tells whether a moment is that at which something that was agreed upon begins indeed.
func takesPlace(c *col) bool {
	return slices.ContainsFunc(unfolded(c.name), func(w string) bool {
		return slices.Contains([]string{"started", "begun", "began", "arrived", "performed", "attended", "occurred", "visited", "admitted"}, w)
	})
}
