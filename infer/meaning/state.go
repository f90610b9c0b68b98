package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// stage is where a state lies in the life of a row: how far it has come, and whether it leaves the way that others go on.
type stage struct {
	at   int
	side bool // a state that nothing comes after: only moments up to at lie behind it
	rare bool

	unknown bool // no word of the table
	guessed bool // by its place in the list
}

// stages are the words for states and for the moments at which they begin.
var stages = func() map[string]stage {
	out := map[string]stage{}
	add := func(at int, side, rare bool, words string) {
		for w := range strings.FieldsSeq(words) {
			out[w] = stage{at: at, side: side, rare: rare}
		}
	}
	add(5, false, false, "draft drafted")
	add(10, false, false, "created new pending initial provisioned registered unpaid waiting unreleased unpublished unconfirmed awaiting todo backlog invited trialing")
	add(11, false, false, "quoted estimated saved")
	add(18, false, false,
		"under_review in_review reviewing investigating under_investigation assessing assessment pending_review pending_approval evaluating matched partially_paid partly_paid partial")
	add(22, false, false, "ready available listed decided")
	add(28, false, false, "posted collected awarded")
	add(30, false, false, "launched in_use on_loan borrowed lent loaned rented reserved_out")
	add(60, false, false, "successful effective honored honoured")
	add(30, true, true, "lapsed unsuccessful missing damaged reversed")
	add(20, true, true, "waived")
	add(12, false, false, "requested applied submitted proposed scheduled planned reserved booked ordered placed queued enqueued")
	add(15, false, false, "open opened issued reported triggered unread")
	add(20, false, false, "sent dispatched notified invoiced assigned")
	add(20, false, false, "contacted screening screened countered")
	add(24, false, false, "qualified interview interviewing proposal demo")
	add(26, false, false, "offer negotiation checked_in")
	add(15, true, true, "unqualified disqualified")
	add(60, false, false, "hired checked_out")
	add(25, false, false, "confirmed approved accepted authorized acknowledged verified reviewed picked packed seen viewed")
	add(28, false, false, "disbursed funded signed processed paid captured admitted checked")
	add(30, false, false, "activated started begun running active processing live enabled published released enrolled in_progress progress start occupied subscribed transferred faulty on_hold paused published")
	add(38, false, false, "shipped ship shipping picked_up collected loaded departed")
	add(42, false, false, "in_transit transit out_for_delivery arrived landed delivering")
	add(20, false, false, "boarding")
	add(60, false, false, "taken")
	add(30, true, true, "on_leave")
	add(30, true, true, "diverted")
	add(50, false, false, "delivered fulfilled")
	add(60, false, false, "succeeded success completed complete finished done resolved solved repaid settled executed graduated discharged ended end solved returned_home inactive answered merged won converted redeemed received attended used consumed filled")
	add(22, true, true, "declined refused denied")
	add(65, false, false, "closed")
	add(70, false, true, "archived decommissioned retired deactivated")
	add(12, true, true, "canceled void voided withdrawn spam flagged dropped no_show skipped revoked lost")
	add(15, true, true, "rejected dismissed ignored")
	add(30, true, true, "failed error blocked banned suspended expired timed_out defaulted frozen terminated locked disabled bounced crashed aborted")
	add(50, true, true, "returned refunded disputed charged_back")
	add(20, true, true, "timeout past_due overdue uncollectible written_off")
	out["failed"], out["void"], out["voided"] = stage{at: 30, side: true, rare: true}, stage{at: 15, side: true, rare: true}, stage{at: 15, side: true, rare: true}
	out["defaulted"], out["timed_out"] = stage{at: 30, side: true, rare: true}, stage{at: 20, side: true, rare: true}
	out["returned"] = stage{at: 42, side: true, rare: true}
	return out
}()

// neutral are moments at which something is over, however it ended.
var neutral = set("finished ended closed resolved decided assessed handled reviewed end processed completed")

// outlooks are words of moments that are only planned: no state sets them.
var outlooks = set("planned expected estimated scheduled due target next last first valid trial until expires expiry period birth updated modified edited seen login since")

// statuses are the words by which a column of states goes.
var statuses = set("status state stage phase")

// life is a column of states with those moments of the row that belong to them.
type life struct {
	column *Column
	states []string
	stages []stage
}

// states reads the lives of rows: which state sets which moments, and how often each is.
func (r *reading) states() {
	for _, c := range r.Columns {
		if l := r.lifeOf(c); l != nil {
			r.settled(l)
			r.weigh(l)
			r.moments(l)
			r.ratings(l)
		}
	}
}

// lifeOf reads the states of a column; nil where they do not tell a life. States that nobody knows take their place in the
// list, which is written in the order of life where moments of the row go by the same words.
func (t *Table) lifeOf(c *Column) *life {
	if !c.text() || len(c.Values) < 2 || c.Refers != nil || !c.has(statuses) {
		return nil
	}
	l := &life{column: c}
	known, told := 0, 0
	for _, v := range c.Values {
		s, ok := stages[normal(v)]
		if !ok {
			s, ok = stages[normal(past(normal(v)))]
		}
		switch {
		case normal(v) == "returned" && t.about(lendings):
			s = stage{at: 60}
		case (normal(v) == "available" || normal(v) == "ready") && v == c.literal() && !t.about(lendings): // things are there, and stay so
			s = stage{at: 35}
		}
		if ok {
			known++
		}
		if t.momentOf(v) != nil {
			told++
		}
		if !ok {
			s = stage{at: -1, unknown: true}
		}
		l.states, l.stages = append(l.states, v), append(l.stages, s)
	}
	if known*2 < len(l.states) && told == 0 {
		return nil
	}
	at := 11 // of the state before in the list
	for i, s := range l.stages {
		switch {
		case s.at < 0 && told < 2:
			l.stages[i].at = 30
		case s.at < 0:
			at++
			l.stages[i] = stage{at: at, guessed: true}
		case s.side && normal(l.states[i]) == "locked" && l.goesOn(i): // the books of a month, before it is paid
			at++
			l.stages[i] = stage{at: at}
		case !s.side && s.at < at && i > 0 && working[normal(l.states[i-1])]: // it comes of what was worked on
			at++
			l.stages[i] = stage{at: at}
		case !s.side && s.at < 70:
			at = s.at
		}
	}
	return l
}

// lendings are what ends when a thing comes back.
var lendings = set("loan rental checkout borrowing lending hire lease booking reservation circulation issue")

// momentOf finds the moment that goes by a state's word: interviewed_at by interview, hire_date by hired.
func (t *Table) momentOf(state string) *Column {
	for _, c := range t.Columns {
		if !c.moment() || c.has(outlooks) {
			continue
		}
		words := without(c.Words, set("at on date time datetime timestamp ts day actual"), setOf(t.Owner))
		if len(words) > 0 && root(strings.Join(words, "_")) == root(normal(state)) {
			return c
		}
	}
	return nil
}

// root is what a verb's forms share: of hired, hire and hiring it is hir; of shipment and shipped ship.
func root(word string) string {
	word = normal(past(word))
	for _, end := range []string{"cation", "ations", "ation", "ment", "ions", "ion", "ing", "ure", "ed", "al", "e",
		"s"} {
		if short, ok := strings.CutSuffix(word, end); ok && len(short) >= 3 {
			word = short
			break
		}
	}
	if n := len(word); n > 3 && word[n-1] == word[n-2] { // shipped, cancelled
		word = word[:n-1]
	}
	return word
}

// normal writes a state as the table of stages has it.
func normal(v string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(v), func(c rune) bool { return c == '_' || c == ' ' || c == '-' }), "_")
	if s := spellings[name]; s != "" {
		return s
	}
	return name
}

// spellings are other forms of states.
var spellings = map[string]string{
	"cancelled": "canceled", "authorised": "authorized", "voided": "void", "complete": "completed", "finish": "finished", "noshow": "no_show", "inprogress": "in_progress", "pastdue": "past_due",
	"offen": "open", "bezahlt": "paid", "storniert": "canceled", "entlassen": "discharged", "geplant": "scheduled", "erschienen": "attended", "abgesagt": "canceled", "versaeumt": "no_show", "neu": "new", "versendet": "shipped", "versandt": "shipped",
	"geliefert": "delivered", "aktiv": "active", "inaktiv": "inactive", "gekuendigt": "terminated", "abgeschlossen": "completed", "in_bearbeitung": "in_progress", "erledigt": "done", "entwurf": "draft", "genehmigt": "approved", "abgelehnt": "rejected", "gesperrt": "blocked", "bestellt": "ordered",
	"zurueckgegeben": "returned", "ueberfaellig": "overdue", "ausgeliehen": "on_loan", "vorgemerkt": "reserved", "verfuegbar": "available",
	"verloren": "lost", "ausgesondert": "retired", "wartend": "waiting", "bereit": "ready", "abgeholt": "collected",
	"ausstehend": "pending", "bestaetigt": "confirmed", "gebucht": "booked", "abgebrochen": "aborted", "fehlgeschlagen": "failed",
	"freigegeben": "approved", "veroeffentlicht": "published", "archiviert": "archived", "verschickt": "shipped", "zugestellt": "delivered",
	"reserviert": "reserved", "angemeldet": "registered", "teilgenommen": "attended", "geschlossen": "closed", "geloest": "resolved",
	"angenommen": "accepted", "eingegangen": "received", "in_pruefung": "under_review", "gemahnt": "overdue", "teilbezahlt": "partially_paid",
	"erstattet": "refunded", "beendet": "ended", "laufend": "running", "eingereicht": "submitted", "abgelaufen": "expired",
	"neu_angelegt": "new", "defekt": "damaged", "unterwegs": "in_transit",
	"intransit": "in_transit", "arrival": "arrived", "cancel": "canceled", "shipping": "shipped", "deliver": "delivered", "publish": "published", "approve": "approved", "reject": "rejected", "error": "failed", "errored": "failed",
}

// weigh gives how often each state is: the default most often, else the one in which rows rest, and rare ones rarely.
func (r *reading) weigh(l *life) {
	if r.taken[l.column.Name] || l.column.Unique {
		return
	}
	usual := l.column.literal()
	at := slices.Index(l.states, usual)
	if at < 0 {
		at = l.rest()
	}
	k := Claim{Column: l.column.Name, Confidence: 0.85}
	if r.lived(l, at, &k) {
		r.claim(k)
		return
	}
	rest, n := 100, 0
	for _, s := range l.stages {
		if s.rare {
			rest -= 4
		} else {
			n++
		}
	}
	var shares []string
	for i, v := range l.states {
		w := 4
		switch {
		case i == at && n > 1 && len(l.states) > 2:
			w = 68
		case i == at:
			w = max(rest, 70)
		case !l.stages[i].rare:
			w = max((rest-68)/max(n-1, 1), 3)
			if l.stages[at].rare {
				w = max(30/max(n, 1), 3)
			}
		}
		k.Weights = append(k.Weights, Weight{v, w})
		shares = append(shares, v)
	}
	k.Says = r.Name + "." + l.column.Name + ": " + strings.Join(shares, ", ") + "; most are " + l.states[at]
	r.claim(k)
}

// rest finds the state in which rows stay: active or paid rather than done, the furthest of the others.
func (l *life) rest() int {
	out := 0
	for i, s := range l.stages {
		v := normal(l.states[i])
		if v == "active" || v == "published" || v == "paid" && !slices.ContainsFunc(l.states, func(v string) bool { return goods[normal(v)] }) {
			return i
		}
		over := func(o string) bool { return set("closed completed")[normal(o)] }
		if set("converted won hired solved")[v] && len(l.states) > 3 && !slices.ContainsFunc(l.states,
			over) { // few come so far
			for j, o := range l.states {
				if set("rejected disqualified")[normal(o)] {
					return j
				}
			}
			continue
		}
		if !s.side && s.at < 70 && s.at > l.stages[out].at || l.stages[out].side {
			out = i
		}
	}
	return out
}

// goods are states of what is paid for and comes later.
var goods = set("shipped delivered fulfilled picked_up collected completed")

// literal gives a column's default where it is a constant.
func (c *Column) literal() string {
	text, _ := sqlexpr.Constant(c.Default)
	return text
}

// moments lets each moment be there in the states that come at it or after it.
func (r *reading) moments(l *life) {
	group := without(l.column.Words, statuses) // kyc of kyc_status
	group = without(group, setOf(r.Owner))
	if len(group) > 0 && !slices.ContainsFunc(r.Columns, func(c *Column) bool {
		return c.moment() && len(c.Words) > len(group) && slices.Equal(c.Words[:len(group)], group) || c != l.column && c.text() && len(c.Values) > 1 && c.has(statuses)
	}) {
		group = nil // it is the row's only life
	}
	type stamp struct {
		column *Column
		at     int
		in     []string
	}
	var stamps []stamp
	for _, c := range r.Columns {
		if !c.moment() || c.has(outlooks) {
			continue
		}
		words := without(c.Words, set("at on date time datetime timestamp ts day actual"), setOf(r.Owner))
		if len(group) > 0 {
			if len(words) <= len(group) || !slices.Equal(words[:len(group)], group) {
				continue
			}
			words = words[len(group):]
		}
		name := normal(strings.Join(words, "_"))
		if name == "created" { // every row was
			continue
		}
		s, known := stages[name]
		if !known {
			name = normal(past(name))
			s, known = stages[name]
		}
		if name == "checked_in" {
			s, known = stages["checked"], true
		}
		for i, v := range l.states {
			switch own := normal(v); {
			case len(words) == 0:
			case own != name && strings.HasSuffix(own, "ing") && root(own) == root(name): // processed is what is processing no more
				if at := l.stages[i].at; !known || s.at <= at {
					s, known = stage{at: at + 1}, true
				}
			case own == name || root(own) == root(name):
				name, s, known = own, l.stages[i], true
			}
		}
		if !known && answers[name] && slices.ContainsFunc(l.states, func(v string) bool { return replies[normal(v)] }) {
			s, known = stage{at: 29}, true
		}
		if !known {
			continue
		}
		if announced[name] && slices.ContainsFunc(l.stages, func(t stage) bool { return t.at == 5 }) && !slices.ContainsFunc(l.states, func(v string) bool { return root(normal(v)) == root(name) }) {
			s = stage{at: 13} // what is no draft any more is out
		}
		if name == "acknowledged" && r.about(set("appraisal review evaluation assessment")) &&
			!slices.ContainsFunc(l.states, func(v string) bool { return normal(v) == name }) {
			s = stage{at: 60} // of what was written
		}
		in := l.in(name, s)
		if len(in) == 0 || c.NotNull {
			continue
		}
		stamps = append(stamps, stamp{c, s.at, in})
	}
	slices.SortStableFunc(stamps, func(a, b stamp) int { return a.at - b.at })
	base := r.base()
	for i, s := range stamps {
		after := base
		for _, o := range stamps[:i] {
			if !slices.ContainsFunc(s.in, func(v string) bool { return !slices.Contains(o.in, v) }) {
				after = o.column.Name
			}
		}
		if after == base {
			after = r.latestBefore(s.at, base)
		}
		if day := r.stay(s.column); day != nil {
			after = day.Name
		}
		if end := r.periodEnd(); end != nil && after == base && settling[strings.Join(without(r.own(s.column), set("at on date")), "_")] {
			after = end.Name
		}
		k := Claim{Column: s.column.Name, Says: r.Name + "." + s.column.Name + " is there where " + l.column.Name + " is " + strings.Join(s.in, " or "), Confidence: 0.88,
			When: &When{On: l.column.Name, Values: s.in, After: after}, Reads: []string{l.column.Name}}
		if after != "" {
			k.Reads = append(k.Reads, after)
		}
		r.claim(k)
	}
	for _, c := range r.Columns { // what was not issued is not due
		if !c.moment() || c.NotNull || !c.has(set("due")) {
			continue
		}
		for _, s := range stamps {
			if s.column.has(set("issued sent invoiced")) {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + s.column.Name + " is", Confidence: 0.85, When: &When{On: s.column.Name, After: s.column.Name}, Reads: []string{s.column.Name}})
				break
			}
		}
	}
	if slices.ContainsFunc(l.states, func(v string) bool { return strings.HasPrefix(normal(v), "trial") }) {
		for _, c := range r.Columns {
			if c.moment() && !c.NotNull && c.has(set("trial")) && base != "" {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " lies after " + base, Confidence: 0.8, When: &When{On: base, After: base}, Reads: []string{base}})
			}
		}
	}
	r.paid(l)
	r.progress(l)
	r.awaited(l)
}

// announced are moments at which a draft is none any more.
var announced = set("published posted launched listed released announced opened")

// in gives the states in which a moment lies behind.
func (l *life) in(name string, s stage) (out []string) {
	own := slices.ContainsFunc(l.states, func(v string) bool { return normal(v) == name })
	ends := slices.ContainsFunc(l.stages, func(t stage) bool { return !t.side && t.at >= 50 })
	for i, v := range l.states {
		switch t := l.stages[i]; {
		case normal(v) == name:
		case (name == "paused" || name == "on_hold") && own: // not all have been
			continue
		case s.side || s.rare:
			continue
		case neutral[name] && name != "completed" && !own && !t.side && t.at >= 60 && t.at < 70: // a deal that is won is closed
		case neutral[name] && !own && !ends && !t.side && t.at == l.top() && name != "decided" &&
			slices.ContainsFunc(l.states, func(v string) bool {
				return working[normal(v)] &&
					normal(v) != "in_progress"
			}):
		case neutral[name] && t.unknown && !ends && !own: // what is neither open nor under way is over
		case neutral[name] && t.side && !halts[normal(v)] && name != "completed" && !(name == "decided" && t.at < 15):
		case asked[name] && refusals[normal(v)]: // what was refused was asked for
		case answers[name] && !own:
			if !replies[normal(v)] {
				continue
			}
		case payments[name] && unsettled[normal(v)]:
			continue
		case t.side && s.guessed:
			continue
		case t.side && t.at >= s.at && s.at > 12 && normal(v) != "canceled":
		case !t.side && t.at >= s.at && (t.at > s.at || !own):
		default:
			continue
		}
		out = append(out, v)
	}
	return out
}

// asked are moments at which somebody asks for what others decide.
var asked = set("submitted requested applied proposed")

// answers are moments at which somebody says yes or no, and replies the states that come of it.
var (
	answers = set("responded answered replied response reply decision")
	replies = set("accepted declined rejected approved refused denied countered signed answered responded replied resolved closed")
)

// halts are states that keep a row from going on, and are no end of it.
var halts = set("blocked suspended frozen locked disabled")

// base finds the moment that every row has, and that others follow.
func (r *reading) base() string {
	best, at := "", 1000
	for _, c := range r.Columns {
		if !c.moment() || !c.NotNull || c.has(set("updated modified birth due expires until planned expected")) {
			continue
		}
		for _, w := range c.Words {
			s, ok := stages[w]
			if !ok && strings.HasSuffix(w, "ed") && len(w) > 4 && !c.has(outlooks) {
				s, ok = stage{at: 14}, true
			}
			if w == "joined" || w == "enrolled" || w == "registered" || w == "hired" || w == "hire" {
				s, ok = stage{at: 10}, true
			}
			if w == "starts" && !ok { // what is announced was made before
				s, ok = stage{at: 11}, true
			}
			if ok && s.at < at {
				best, at = c.Name, s.at
			}
		}
	}
	return best
}
