package infer

import (
	"slices"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// Moments lie in a fixed range, so that the same schema gives the same rows whenever it is filled.
const (
	firstDay  = "2023-01-01"
	lastDay   = "2025-12-31"
	futureDay = "2036-01-01" // what has to lie after the time of the load
	farDay    = "2038-12-31"
)

// lastMoment is what now() means where a check is evaluated here: later than all moments that are made, but for
// those that have to lie in the future.
var lastMoment = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// timeRules recognise days and moments. How those of one row follow one another is settled in order.go.
var timeRules = []rule{
	{"a day of birth", days, func(s *site) bool { return s.has("birth", "dob", "birthday", "birthdate", "born") }, func(s *site) yaml { return call("date", s.born()...) }, 0.95},
	{"a moment of birth", moments, func(s *site) bool { return s.has("birth", "dob", "birthday", "birthdate", "born") }, func(s *site) yaml { return call("timestamp", append(s.born(), "precision", 0)...) }, 0.9},
	{aDayAsText, texts, func(s *site) bool {
		return (s.ends("date") || s.words[0] == "date" && len(s.words) > 1 || s.onDay() || s.limit == 0 && s.endOfTime()) && !s.coded() && s.fits(10)
	}, func(s *site) yaml {
		return short("pattern", "202[0-5]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
	}, 0.75},
	{aMomentAsText, texts, func(s *site) bool { return len(s.words) > 1 && s.ends("at", "timestamp", "datetime") && s.fits(20) }, func(s *site) yaml {
		return short("pattern", "202[0-5]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
	}, 0.75},
	{"when a guest may come", times, func(s *site) bool { return s.has("check_in", "checkin") }, func(s *site) yaml {
		return call("time", "from", quote("14:00"), "to", quote("16:00"), "step", "60m", "precision", 0)
	}, 0.9},
	{"when a guest has to leave", times, func(s *site) bool { return s.has("check_out", "checkout") }, func(s *site) yaml {
		return call("time", "from", quote("10:00"), "to", quote("12:00"), "step", "60m", "precision", 0)
	}, 0.9},
	{"a time of day at which something closes", times, func(s *site) bool { return s.has("close", "closes", "closing", "closed") }, func(s *site) yaml {
		return call("time", "from", quote("17:00"), "to", quote("23:00"), "step", "30m", "precision", 0)
	}, 0.86},
	{"a time of day at which something opens", times, func(s *site) bool { return s.has("open", "opens", "opening") }, func(s *site) yaml {
		return call("time", "from", quote("06:30"), "to", quote("11:30"), "step", "30m", "precision", 0)
	}, 0.86},
	{"a time of day at which something begins", times, func(s *site) bool {
		return s.has("start", "starts", "begin", "begins", "from", "open", "opens", "opening")
	}, func(s *site) yaml {
		return call("time", "from", quote("08:00"), "to", quote("15:00"), "step", "15m", "precision", 0)
	}, 0.85},
	{"a day", days, func(s *site) bool { return true }, func(s *site) yaml { return call("date", "from", firstDay, "to", lastDay) }, 0.7},
	{"when something takes place in the evening", moments, func(s *site) bool {
		return s.scheduled() && s.about("event", "concert", "show", "performance", "festival", "party", "gig", "match", "game", "screening")
	}, func(s *site) yaml {
		return call("timestamp", "from", firstDay, "to", lastDay, "step", "30m", "shape", mapping("hours", list([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1, 1, 3, 4, 4, 6, 9, 12, 10, 3, 0, 0}), "weekdays", list([]int{4, 4, 5, 7, 12, 14, 9})))
	}, 0.8},
	{"when something is scheduled", moments, func(s *site) bool {
		return s.scheduled() && s.about("appointment", "meeting", "lesson", "class", "interview", "viewing", "showing", "session", "exam", "webinar", "consultation", "visit", "booking", "reservation", "course", "lecture", "workshop", "inspection", "slot", "call", "demo", "termin")
	}, func(s *site) yaml {
		return call("timestamp", "from", firstDay, "to", lastDay, "step", "15m", "shape", mapping("hours", list([]int{0, 0, 0, 0, 0, 0, 0, 1, 6, 10, 11, 10, 6, 8, 10, 10, 8, 4, 1, 0, 0, 0, 0, 0}), "weekdays", list([]int{10, 11, 11, 10, 9, 1, 0})))
	}, 0.8},
	{"a moment", moments, func(s *site) bool { return true }, func(s *site) yaml {
		return call("timestamp", "from", firstDay, "to", lastDay, "precision", s.table.fineness(s.column, s.unique))
	}, 0.7},
}

// onDay tells whether a name is that of the day on which something happened: paid_on, issued_on.
func (s *site) onDay() bool {
	if len(s.words) < 2 || !s.ends("on") {
		return false
	}
	w := s.words[len(s.words)-2]
	return momentRanks[w] != 0 || participle(w) || slices.Contains([]string{"died", "born", "held", "taken", "given", "made", "built", "bought", "sold", "written", "read", "won", "seen"}, w)
}

// endOfTime tells whether a text is one end of a stretch of time: period_start, valid_until.
func (s *site) endOfTime() bool {
	return len(s.words) > 1 && (s.ends("until", "since", "check_in", "check_out") ||
		s.ends("start", "end", "starts", "ends", "from", "to", "begin") && slices.Contains([]string{"period", "valid", "effective", "term", "contract", "billing", "coverage", "season", "trial", "frozen", "subscription", "membership", "lease", "sale", "sales"}, s.words[0]))
}

// born gives when those of a table are born: people who work are grown up, pupils are not.
func (s *site) born() []any {
	from, to := "1950-01-01", "2005-12-31"
	switch {
	case s.about("student", "pupil", "schoolchild") && !s.besideAny("degree", "major", "university", "salary"):
		from, to = "2007-01-01", "2016-12-31"
	case s.about("child", "kid", "infant", "dependent", "dependant"):
		from, to = "2008-01-01", "2022-12-31"
	case s.about("employee", "staff", "teacher", "driver", "doctor", "nurse", "instructor", "worker", "manager", "agent", "technician", "pilot", "lecturer", "professor", "physician", "officer") || s.besideAny("hired", "hire", "salary", "employed"):
		from, to = "1960-01-01", "2000-12-31"
	case s.about("pet", "animal", "dog", "cat", "horse"):
		from, to = "2010-01-01", "2022-12-31"
	case s.about("author", "composer", "artist", "director", "president"):
		from, to = "1920-01-01", "1995-12-31"
	}
	return []any{"from", from, "to", to}
}

// machines write moments to the millisecond; people's records have whole seconds.
var machines = []string{"log", "logs", "event", "reading", "measurement", "metric", "trace", "span", "run", "heartbeat", "tick", "trade", "quote", "ping", "scan", "sample", "telemetry", "packet", "build", "execution", "audit", "sensor", "datapoint", "outbox", "webhook", "block", "transaction"}

// fineness is the number of digits after the second that a column's moments have.
func (t *table) fineness(c *schema.Column, unique bool) int {
	words := t.owner()
	if unique || len(words) > 0 && slices.Contains(machines, words[len(words)-1]) {
		return min(c.Type.Scale, 3)
	}
	return 0
}

// offset makes a moment that lies a while after another one, as fine as the column's are.
func (t *table) offset(c *col, from, least, most string, more ...any) yaml {
	args := append([]any{"from", from, "min", quote(least), "max", quote(most)}, more...)
	if c.kind() == column.Timestamp && c.schema.Type.Scale > 0 && !slices.Contains(more, any("step")) {
		if n := t.fineness(c.schema, t.wantsUnique(c)); n < 3 {
			args = append(args, "precision", n)
		}
	}
	return call("offset", args...)
}

// scheduled tells whether a moment is one for which something is planned, and not one of several rows that have to differ.
func (s *site) scheduled() bool {
	return !s.unique && s.column.Type.Scale > 0 && s.domain.Min == nil && s.domain.Max == nil &&
		s.is("starts_at", "start_at", "start_time", "start", "starts", "begins_at", "begin", "begins", "scheduled_at", "scheduled_for", "scheduled_time", "start_date_time", "starts_on", "appointment_time", "kickoff", "kickoff_at", "showtime", "event_time", "start_datetime", "startdate", "date_time")
}
