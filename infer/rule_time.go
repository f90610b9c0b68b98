package infer

import "time"

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
	{"a day that is a text", texts, func(s *site) bool {
		return (s.ends("date") || s.words[0] == "date" && len(s.words) > 1) && !s.coded() && s.fits(10)
	}, func(s *site) yaml {
		return short("pattern", "202[0-5]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
	}, 0.75},
	{"a moment that is a text", texts, func(s *site) bool { return len(s.words) > 1 && s.ends("at", "timestamp", "datetime") && s.fits(20) }, func(s *site) yaml {
		return short("pattern", "202[0-5]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
	}, 0.75},
	{"a time of day at which something begins", times, func(s *site) bool {
		return s.has("start", "starts", "begin", "begins", "from", "open", "opens", "opening")
	}, func(s *site) yaml {
		return call("time", "from", quote("08:00"), "to", quote("15:00"), "step", "15m", "precision", 0)
	}, 0.85},
	{"a day", days, func(s *site) bool { return true }, func(s *site) yaml { return call("date", "from", firstDay, "to", lastDay) }, 0.7},
	{"a moment", moments, func(s *site) bool { return true }, func(s *site) yaml {
		return call("timestamp", "from", firstDay, "to", lastDay, "precision", min(s.column.Type.Scale, 3))
	}, 0.7},
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
