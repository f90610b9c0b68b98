package infer

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
)

// momentRanks tell what becomes of something, in the order in which it happens: a rank, and the words that have it.
var momentRanks = map[string]int{}

func init() {
	for rank, list := range map[int]string{
		8:  "incident occurred occurrence happened accident",
		10: "created create creation creates inserted registered registration measured scanned tracked sampled weighed recorded observed logged manufactured produced",
		12: "propose proposed proposal offered suggested",
		15: "invited assigned enrolled enrolment enrollment collected applied onset diagnosed provisioned installed ordered order placed submitted submission requested request uploaded upload rental rented borrowed loan loaned issued issue invoice booked booking purchase purchased contract detected quoted pledged filed raised donated listed submitted reserved posted",
		20: "queued enqueued scheduled",
		22: "verified reviewed decided decision ready",
		25: "approved accepted confirmed paid authorized sent notified picked signed",
		30: "starting beginning commencing started start starts begin begins began begun opened open opens opening granted released release first hired hire joined from since effective departure departed checkin in activated connected employed earliest dispatched triggered entered entry admission admitted launched launch activated activation published publication",
		40: "shipped ship shipping processed captured acknowledged",
		45: "delivered delivery arrived received",
		50: "ending finished finish finishes ended end ends ending completed complete completion closed close closes closing stopped stop stops last returned return responded response resolved termination terminated to left restored restore recovered arrival checkout out done failed disconnected cancelled canceled revoked answered replied latest dropped withdrawn graduated resigned deceased deprecated deactivated decommissioned retired repaid defaulted executed rejected reported graded corrected evaluated assessed exited exit discharge discharged settled refunded archived",
		60: "expires expire expired expiration expiry until due deadline required through thru",
		70: "deleted removed purged dissolved",
	} {
		for w := range strings.FieldsSeq(list) {
			momentRanks[w] = rank
		}
	}
}

// expected are words for moments that are planned.
var expected = []string{"estimated", "expected", "planned", "promised", "projected", "target"}

// carriers are words of a moment's name that say no more than that it is one.
var carriers = []string{"at", "on", "date", "time", "datetime", "timestamp", "ts", "day", "moment", "by", "was", "is", "valid", "utc", "dt"}

// rankOf gives a moment's place in the order of what happens, and what it happens to, by the other words of its name:
// those of trial_ends_at speak of a trial. Rank 0 is for names that do not tell.
func rankOf(name string, owner []string) (rank int, of string) {
	var rest []string
	words := unfolded(name)
	for i, w := range words {
		switch r := momentRanks[w]; {
		case (w == "in" || w == "out" || w == "to" || w == "from") && i < len(words)-1 && !slices.Contains(carriers, words[i+1]) && i > 0:
			rest = append(rest, w)
		case r != 0 && rank == 0:
			rank = r
		case r != 0 && (w == "last" || w == "first" || slices.Contains(words, "last") || slices.Contains(words, "first")):
			rest = append(rest, w) // the last start is no start
		case r != 0:
			rank = max(rank, r)
		case !slices.Contains(carriers, w):
			rest = append(rest, w)
		}
	}
	if len(owner) > 0 && len(rest) > 0 && rest[0] == owner[len(owner)-1] {
		rest = rest[1:]
	}
	return rank, strings.Join(rest, "_")
}

// rank gives a column's place in the order of what happens, and what it happens to. A moment without a word of its own
// is that of the row: timestamp, date.
func (t *table) rank(c *col) (rank int, of string) {
	name := c.name
	if w := wordsIn(name); len(w) > 1 && w[0] == t.common() {
		name = strings.Join(w[1:], "_")
	}
	rank, of = rankOf(name, t.owner())
	if c.kind() != column.Timestamp && c.kind() != column.Date {
		return rank, of
	}
	always := c.schema.NotNull || c.defaultsToNow()
	switch {
	case (rank == 30 || rank == 50) && of == "checked": // in and out
		of = ""
	case rank == 30 && (of == "due" || of == "payment_due" || of == "payment" || of == "instalment" ||
		of == "installment"): // the first of what is due
		rank, of = 60, ""
	case rank == 0 && of == "":
		rank = 10
	case rank == 0 && slices.Contains([]string{"expected", "estimated", "promised", "projected"}, of):
		rank, of = 45, ""
	case rank == 0 && !always && slices.Contains([]string{"viewed", "seen", "downloaded"}, of): // what was sent is seen
		rank, of = 44, ""
	case rank == 0 && participle(of) && always:
		rank, of = 14, ""
	case rank == 0 && participle(of):
		rank, of = 42, ""
	case rank == 0 && always && strings.HasSuffix(of, "ed") && t.created() == nil && t.onlyMoment(c): // of what was changed, read or checked then
		rank, of = 14, ""
	case c.schema.NotNull && of == "" && slices.Contains(unfolded(c.name), "reported"): // what others come after
		rank = 12
	case rank == 15 && !always:
		rank = 16
	}
	return rank, of
}

// onlyMoment tells whether a column holds the only moments that a table's rows cannot do without.
func (t *table) onlyMoment(c *col) bool {
	return !slices.ContainsFunc(t.columns, func(o *col) bool {
		return o != c && o.schema != nil && o.schema.NotNull && (o.kind() == column.Timestamp || o.kind() == column.Date)
	})
}

// participle tells whether a word is one for what has happened, and not of what goes on or is planned.
func participle(w string) bool {
	return strings.HasSuffix(w, "ed") && len(w) > 4 && !strings.Contains(w, "_") && !slices.Contains(expected, w) &&
		!slices.Contains([]string{"updated", "modified", "changed", "edited", "touched", "used", "viewed", "visited", "synced", "indexed", "cached", "checked", "refreshed", "accessed", "scheduled", "timed", "need", "speed", "feed", "seed"}, w)
}

// lasting are words for the first day of what goes on for years.
var lasting = []string{"hire", "hired", "employed", "joined", "effective", "from", "since", "first", "opened", "begin", "begun", "purchase", "purchased", "acquired", "acquisition", "built", "installed", "installation", "manufactured", "commissioned"}

// step is how far one moment lies after another one, as an offset tells it.
type step struct{ least, most string }

// stepTo is the distance from an earlier moment to one of a rank; days are longer apart than moments.
func stepTo(rank int, kind column.Kind) step {
	switch {
	case kind == column.Time && rank >= 50:
		return step{"1h", "10h"}
	case kind == column.Time:
		return step{"5m", "1h"}
	case rank >= 70:
		return step{"31d", "180d"}
	case rank >= 60 && kind == column.Date:
		return step{"14d", "60d"}
	case rank >= 60:
		return step{"31d", "365d"}
	case kind == column.Date && rank >= 50:
		return step{"1d", "30d"}
	case kind == column.Date:
		return step{"1d", "10d"}
	case rank == 42: // at some time
		return step{"1h", "60d"}
	case rank == 20:
		return step{"1s", "10m"}
	case rank < 50:
		return step{"1m", "5d"}
	}
	return step{"1h", "30d"}
}

// stepFor is the distance from an earlier moment to one of a rank, as it is for what the table is about.
func (t *table) stepFor(c *col, rank int) step {
	s, own := &site{words: unfolded(c.name), owner: t.owner()}, stepTo(rank, c.kind())
	switch {
	case c.kind() == column.Time && rank >= 50 && s.about("class", "lesson", "meeting", "appointment", "course", "session", "lecture", "exam", "interview", "consultation", "viewing", "visit", "call", "training"):
		return step{"45m", "2h"}
	case c.kind() == column.Time && rank >= 50:
		return step{"1h", "8h"}
	case c.kind() == column.Date && s.has("harvested", "harvest", "harvested_on"):
		return step{"45d", "150d"}
	case c.kind() != column.Timestamp:
		return own
	case rank > 10 && rank < 70 && t.quick():
		return step{"2m", "25m"}
	case s.has("checked") && s.has("in") && s.about("reservation", "stay", "booking", "guest"):
		return step{"14h", "22h"}
	case s.has("checked") && s.has("out") && s.about("reservation", "stay", "booking", "guest"):
		return step{"7h", "11h"}
	case rank >= 60 && s.has("expires", "expire", "expired", "expiry") && s.about("order", "cart", "basket", "checkout", "hold", "otp", "code", "token", "challenge", "verification", "reset"):
		return step{"15m", "2d"}
	case s.has("due"):
		return step{"14d", "30d"}
	case rank >= 50 && rank < 60 && s.has("end", "ends", "ended", "finished") && s.about("appointment", "meeting",
		"lesson", "session", "class", "shift", "visit", "call", "encounter", "event", "window", "play", "listen", "stream", "playback", "view", "exam", "interview", "consultation", "slot", "ride", "run"):
		return step{"15m", "3h"}
	case rank >= 50 && rank < 60 && s.has("end", "ends", "ended") && s.about("training", "workshop", "seminar",
		"webinar", "lecture"):
		return step{"1h", "8h"}
	case rank >= 50 && rank < 60 && s.has("out", "checkout", "exit", "left") && s.about("in", "ins", "checkin", "visit", "attendance", "parking", "session", "entry", "timesheet", "punch", "log", "visitor"):
		return step{"20m", "4h"}
	case s.has("received", "processed") && s.about("reading", "measurement", "sample", "event", "metric", "message", "log"):
		return step{"1s", "2m"}
	case s.has("acknowledged", "responded") && s.about("command", "alert", "alarm", "request", "call", "message"):
		return step{"1s", "30m"}
	}
	return own
}

// stepFrom is the distance from one timestamp, or day, to another one of a rank.
func (t *table) stepFrom(near, c *col, rank int) step {
	s := t.stepFor(c, rank)
	switch {
	case near == t.appointed() && c.kind() == column.Timestamp:
		return aroundAppointment(c, s)
	case c.kind() == column.Date && rank >= 50 && slices.ContainsFunc(unfolded(near.name), func(w string) bool { return slices.Contains(lasting, w) }):
		return step{"30d", "1500d"}
	}
	return s
}

// sequence lets each moment of a row come after the nearest one that happens before it to the same thing.
func (t *table) sequence(created *col) {
	for _, c := range t.columns {
		if c.schema == nil || c.follows || c == created || !t.movable(c) && !t.yearly(c) {
			continue
		}
		rank, of := t.rank(c)
		if rank == 0 {
			continue
		}
		if slices.Contains(expected, of) { // what is expected follows what has happened
			of = ""
		}
		var near *col
		nearest := 0
		for _, o := range t.columns {
			r, other := 0, ""
			if o.schema != nil {
				r, other = t.rank(o)
			}
			if o == c || r == 0 || r >= rank || rank >= 60 && (r > 30 || r == 20 || r == 25) || other != of || !t.precedes(o, c) || r < nearest || r == nearest && near != nil && !(o.kind() == c.kind() && near.kind() != c.kind()) {
				continue
			}
			near, nearest = o, r
		}
		if near == nil {
			continue
		}
		if near.kind() == column.Int {
			t.followNumber(c, near)
			continue
		}
		s := t.stepFrom(near, c, rank)
		t.follow(c, near, s.least, s.most, 1, "it comes after "+near.name)
	}
}

// precedes tells whether a column holds moments that another one can be made to follow.
func (t *table) precedes(o, c *col) bool {
	if len(o.fills) == 0 || o.schema == nil || o.reference != nil {
		return false
	}
	if !o.schema.NotNull && !o.defaultsToNow() && c.schema.NotNull && c.kind() != column.Int { // what may not have happened comes before nothing that has, but for a beginning
		if rank, _ := t.rank(o); rank != 30 || o.follows || slices.ContainsFunc(t.columns, func(k *col) bool {
			return k != c && k.schema != nil && k.schema.NotNull && k.schema.Type.Kind == c.kind()
		}) {
			return false
		}
	}
	if c.kind() == column.Int {
		return o.kind() == column.Int && c.lasts(o) && !t.behind(o, c)
	}
	return o.kind() != column.Int && comparable(o, c) && t.covers(o, c) && !t.behind(o, c)
}

// yearly tells whether a column holds years, or seconds since 1970, that nothing but its rule decides.
func (t *table) yearly(c *col) bool {
	if c.kind() != column.Int || c.reference != nil || c.slot || c.follows || t.wantsUnique(c) || len(c.fills) == 0 || t.bound(c) {
		return false
	}
	_, _, ok := c.span()
	return ok
}

// span reads the bounds of integers that are years or seconds since 1970, as rules write them.
func (f *fill) span() (lo, hi string, ok bool) {
	k := f.chosen()
	if !k.dates || !k.Generator.open("integer") || !slices.Equal(k.Generator.names(), []string{"min", "max"}) {
		return "", "", false
	}
	return k.Generator.arg("min").str(), k.Generator.arg("max").str(), true
}

// span gives the bounds that all fills of a column have which are no nulls; false where there is none such.
func (c *col) span() (lo, hi string, ok bool) {
	for _, f := range uniqueFills(c.fills) {
		if f.chosen().Generator.isNull() {
			continue
		}
		l, h, is := f.span()
		if !is || ok && (l != lo || h != hi) {
			return "", "", false
		}
		lo, hi, ok = l, h, true
	}
	return lo, hi, ok
}

// lasts tells whether the numbers of both columns lie in the same range.
func (c *col) lasts(o *col) bool {
	lo, hi, ok := o.span()
	l, h, also := c.span()
	return ok && also && lo == l && hi == h
}

// followNumber keeps the numbers of a column at or above those of another one.
func (t *table) followNumber(c, after *col) {
	for _, f := range uniqueFills(c.fills) {
		if k := *f.chosen(); !k.Generator.isNull() {
			k.Reason, k.Confidence, k.dates = k.Reason+", after "+after.name, 0.9, false
			f.candidates = slices.Insert(f.candidates, f.at, k)
		}
	}
	c.notBefore = append(c.notBefore, after.name)
	c.follows, c.after = true, after
}

// covers tells whether a moment is there wherever one that follows it has to be.
func (t *table) covers(after, c *col) bool {
	at := func(c *col, i int) *fill { return c.fills[min(i, len(c.fills)-1)] }
	for i := range t.branches {
		if at(c, i).chosen().Generator.isNull() {
			continue
		}
		want, have := t.branches[i].domain(c.name), t.branches[i].domain(after.name)
		if at(after, i).chosen().Generator.isNull() || want != nil && want.Null == check.NotNull && !after.schema.NotNull && after.nulls > 0 && (have == nil || have.Null != check.NotNull) {
			return false
		}
	}
	return true
}

// owner gives the words of the table's name, the last one in the singular.
func (t *table) owner() []string {
	if t.words == nil {
		t.words = ownerWords(t.schema.Name)
	}
	return t.words
}

// ownerWords are the words of a table's name, the last one in the singular, without those that say that it is a table.
func ownerWords(name string) []string {
	w := splitName(name)
	for len(w) > 1 && slices.Contains([]string{"t", "tb", "tbl", "tab", "table", "tm", "tt", "dim", "fact", "mst", "trn", "app"}, w[0]) {
		w = w[1:]
	}
	if n := len(w); n > 0 {
		w[n-1] = singular(w[n-1])
	}
	return w
}

// quick tells whether what a table is about takes less than an hour or two: meals that are brought, rides.
func (t *table) quick() bool {
	s := &site{table: t, owner: t.owner()}
	if s.about("ride", "dispatch") {
		return true
	}
	if !s.about("order", "delivery", "trip", "errand") {
		return false
	}
	n := 0
	if s.about("trip") {
		n--
	}
	for _, c := range t.schema.Columns {
		for _, w := range splitName(c.Name) {
			switch w {
			case "courier", "driver", "restaurant", "kitchen", "rider", "ready", "prepared", "preparing", "pickup", "dropoff", "fare", "surge":
				n++
			}
		}
	}
	return n > 1
}
