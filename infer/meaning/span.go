package meaning

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Later says that a moment lies a while after another one of the row.
type Later struct{ From, Least, Most string }

var (
	beginnings = set("start starts started begin begins began from clock_in check_in checked_in time_in punch_in departure departed pickup picked_up checkin arrival_time opened onset admitted admission first starting beginning commencing")
	endings    = set("end ends ended finish finished until to through clock_out check_out checked_out time_out punch_out arrival arrived dropoff dropped_off checkout stopped completed discharged discharge returned return last ending")
	onTheDay   = set("date day work_date workday shift_date visit_date session_date event_date log_date entry_date attendance_date business_date service_date class_date lesson_date game_date match_date appointment_date booking_date schedule_date shift_day")
	lengths    = set("hours minutes days nights seconds duration length elapsed")
)

// spans are days and moments that speak of the same stretch of time: those of a day's row lie on that day, how long
// something took is what lies between its ends, and what is settled of a period comes after it.
func (r *reading) spans() {
	r.periods()
	r.doors()
	r.sale()
	r.booked()
	r.onOneDay()
	r.afterPeriod()
	r.calls()
	r.way()
	r.weeks()
	r.away()
	start, end := r.stretch()
	if start == nil || end == nil {
		return
	}
	r.lasting(start, end)
	for _, c := range r.Columns {
		if !c.number() || c.Refers != nil || r.taken[c.Name] || !c.has(lengths) || c.has(set("max planned estimated expected break scheduled total_break")) || c.Words[0] == "min" {
			continue
		}
		unit, per := r.unitOf(c, start)
		words := without(r.own(c), lengths,
			set("number count total worked in of actual min sec spent visit session call work ride trip stay play talk shift service class lesson meeting event usage downtime runtime travel active moving working leave absence"))
		if unit == "" || len(words) > 0 {
			continue
		}
		expr := "elapsed(" + cell(start.Name) + ", " + cell(end.Name) + ", \"" + unit + "\")"
		switch {
		case per > 0:
			expr = "elapsed(" + cell(start.Name) + ", " + cell(end.Name) + ", \"minute\") / 60"
			if c.Type.Kind == column.Decimal {
				expr = "round(" + expr + ", " + strconv.Itoa(c.Type.Scale) + ")"
			}
		case start.Type.Kind == column.Date && c.has(set("days")) && !c.has(set("between")) && r.inclusive(start):
			expr += " + 1" // the first day and the last one count
		case start.Type.Kind != column.Date:
			expr = "floor(" + expr + ")"
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is how long it is from " + start.Name + " to " + end.Name, Confidence: 0.88, Computed: expr, Reads: []string{start.Name, end.Name}}
		r.claim(k)
	}
}

// lasting lets what has a beginning and an end last as long as what it is one of does: a class as long as its type.
func (r *reading) lasting(start, end *Column) {
	if start.Type.Kind != column.Timestamp || !start.NotNull || r.taken[end.Name] || slices.ContainsFunc(r.Columns,
		func(c *Column) bool {
			return c.number() && c.has(set("duration minutes length")) && !c.has(set("delay late break"))
		}) {
		return
	}
	for _, b := range r.Columns {
		if b.Refers == nil || b.Refers.Self || !b.NotNull || b.Refers.Parent == nil {
			continue
		}
		for _, c := range b.Refers.Parent.Columns {
			if !c.whole() || !c.number() || !c.NotNull || !c.has(set("duration length minutes")) || c.has(set("max min notice break buffer track")) && !c.has(set("duration")) {
				continue
			}
			unit, per := r.unitOf(c, start)
			if unit == "" || per > 0 {
				continue
			}
			r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is " + start.Name + " and the " + c.Name + " of its " + strings.Join(stem(b), "_"), Confidence: 0.86,
				Computed: "plus(" + cell(start.Name) + ", " + parentCell(b, c) + ", \"" + unit + "\")", Reads: []string{start.Name, b.Name}})
			return
		}
	}
}

// inclusive tells whether both ends of a stretch of days belong to it: nights of a stay do not count so.
func (r *reading) inclusive(start *Column) bool {
	return !start.has(set("checkin check arrival")) && !r.has(set("stay reservation rental hotel booking"))
}

// unitOf tells in which unit a number counts how long something took; per says that it is 60 of a smaller unit, with digits.
func (r *reading) unitOf(c, start *Column) (unit string, per int) {
	days := start.Type.Kind == column.Date
	switch {
	case c.has(set("days nights")):
		if days {
			return "day", 0
		}
	case days:
	case c.has(set("hours")) && c.whole():
		return "hour", 0
	case c.has(set("hours")):
		return "hour", 60
	case c.has(set("minutes min mins")) && c.whole():
		return "minute", 0
	case c.has(set("seconds sec secs")) && c.whole():
		return "second", 0
	}
	return "", 0
}

// stretch finds the only two columns between which what a row is about takes place.
func (r *reading) stretch() (start, end *Column) {
	for _, c := range r.Columns {
		if !c.moment() {
			continue
		}
		name := strings.Join(without(r.own(c), set("at on date time timestamp datetime ts day period")), "_")
		switch {
		case beginnings[name]:
			if start = r.settle(start, c); start == nil {
				return nil, nil
			}
		case endings[name]:
			if end = r.settle(end, c); end == nil {
				return nil, nil
			}
		}
	}
	for _, c := range r.Columns { // power is out until it is restored
		if end == nil && start != nil && c.moment() && set("restored recovered")[strings.Join(without(r.own(c),
			set("at on date time")), "_")] {
			end = c
		}
	}
	if start != nil && end != nil && start.Type.Kind != end.Type.Kind {
		return nil, nil
	}
	return start, end
}

// settle takes one of two columns for the same end: the day that every row has before the moment that some have.
func (r *reading) settle(a, b *Column) *Column {
	day := func(c *Column) bool { return c.Type.Kind == column.Date && c.NotNull }
	switch {
	case a == nil || day(b) && !day(a) && !a.NotNull:
		return b
	case day(a) && !day(b) && !b.NotNull:
		return a
	}
	return nil
}

// stay finds the day of a stay on which a guest came, or left: check_in of checked_in_at.
func (r *reading) stay(c *Column) *Column {
	for _, x := range [][2]string{{"checked_in", "check_in"}, {"checked_out", "check_out"}} {
		if name := strings.Join(without(r.own(c), set("at on time date actual")), "_"); name != x[0] {
			continue
		}
		for _, o := range r.Columns {
			if o != c && o.Type.Kind == column.Date && o.NotNull && strings.Join(without(r.own(o), set("date day on at")), "_") == x[1] {
				return o
			}
		}
	}
	return nil
}

// booked lets a stay, a rental or a trip begin after it was booked, and end some days later.
func (r *reading) booked() {
	if !r.about(set("reservation booking rental stay hire")) {
		return
	}
	var made, from, to *Column
	for _, c := range r.Columns {
		if !c.moment() || !c.NotNull {
			continue
		}
		name := strings.Join(without(r.own(c), set("date day on at time")), "_")
		switch {
		case made == nil && c.Type.Kind == column.Timestamp && set("booked created reserved placed made")[name]:
			made = c
		case c.Type.Kind == column.Date && set("check_in checkin arrival start from pickup begin rental_start")[name]:
			from = c
		case c.Type.Kind == column.Date && set("check_out checkout departure end to return dropoff until rental_end")[name]:
			to = c
		}
	}
	if made == nil || from == nil || to == nil {
		return
	}
	r.claim(Claim{Column: from.Name, Says: r.Name + "." + from.Name + " is after " + made.Name, Confidence: 0.86, Later: &Later{made.Name, "1d", "75d"}, Reads: []string{made.Name}})
	r.claim(Claim{Column: to.Name, Says: r.Name + "." + to.Name + " is some days after " + from.Name, Confidence: 0.86, Later: &Later{from.Name, "1d", "9d"}, Reads: []string{from.Name}})
}

// onOneDay lets the moments of a row that is about a day lie on it.
func (r *reading) onOneDay() {
	var day *Column
	for _, c := range r.Columns {
		if c.Type.Kind != column.Date || !c.NotNull || c.Refers != nil {
			continue
		}
		if !onTheDay[strings.Join(c.Words, "_")] && !onTheDay[strings.Join(r.own(c), "_")] || day != nil {
			return
		}
		day = c
	}
	if day == nil {
		return
	}
	r.edges(day)
	var began *Column
	for _, c := range r.Columns {
		if c.Type.Kind == column.Timestamp && beginnings[strings.Join(without(r.own(c), set("at on time timestamp datetime ts actual")), "_")] {
			began = c
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is on " + day.Name, Confidence: 0.88, Later: &Later{day.Name, "7h", "11h"}, Reads: []string{day.Name}})
		}
	}
	for _, c := range r.Columns {
		if began != nil && c.Type.Kind == column.Timestamp && endings[strings.Join(without(r.own(c), set("at on time timestamp datetime ts actual")), "_")] {
			least, most := "3h", "10h"
			if r.about(set("appointment lesson class visit session meeting call game match workout run ride exercise activity training")) {
				least, most = "15m", "2h"
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is a while after " + began.Name, Confidence: 0.88, Later: &Later{began.Name, least, most}, Reads: []string{began.Name}})
		}
	}
}

// calls are the stops of a way: what arrives leaves afterwards.
func (r *reading) calls() {
	if !r.about(set("stop halt waypoint call stopover layover")) {
		return
	}
	var planned, arrived, departed *Column
	for _, c := range r.Columns {
		switch {
		case c.Type.Kind != column.Timestamp:
		case c.has(set("planned scheduled expected eta")):
			if c.NotNull && planned == nil && !c.has(set("departure departs departed")) {
				planned = c
			}
		case c.has(set("arrived arrival arrives")):
			arrived = c
		case c.has(set("departed departure departs left")):
			departed = c
		}
	}
	if planned == nil || arrived == nil || arrived.NotNull {
		return
	}
	r.claim(Claim{Column: arrived.Name, Says: r.Name + "." + arrived.Name + " is about " + planned.Name, Confidence: 0.85, Later: &Later{planned.Name, "-15m", "40m"}, Reads: []string{planned.Name}})
	if departed != nil && !departed.NotNull {
		r.claim(Claim{Column: departed.Name, Says: r.Name + "." + departed.Name + " is a while after " + arrived.Name, Confidence: 0.88, Later: &Later{arrived.Name, "5m", "2h"}, Reads: []string{arrived.Name}})
	}
}

// edges are the first and the last moment of a day.
func (r *reading) edges(day *Column) {
	for _, c := range r.Columns {
		if c.Type.Kind != column.Timestamp {
			continue
		}
		switch name := strings.Join(without(r.own(c), set("at on time timestamp datetime ts seen reading event activity entry sample measured")), "_"); name {
		case "first", "earliest", "opening":
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is on " + day.Name, Confidence: 0.88, Later: &Later{day.Name, "1m", "11h"}, Reads: []string{day.Name}})
		case "last", "latest", "closing":
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is on " + day.Name, Confidence: 0.88, Later: &Later{day.Name, "12h", "1439m"}, Reads: []string{day.Name}})
		}
	}
}

// afterPeriod lets what is paid or issued for a period come after its end.
func (r *reading) afterPeriod() {
	end := r.periodEnd()
	if end == nil {
		return
	}
	for _, c := range r.Columns {
		if name := strings.Join(without(r.own(c), set("at on date")), "_"); c.moment() && settling[name] {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " comes after " + end.Name, Confidence: 0.85, Later: &Later{end.Name, "1d", "10d"}, Reads: []string{end.Name}})
		}
	}
}

// settling are words for what is done about a period once it is over.
var settling = set("pay payday payout locked paid payment issued issue processed settled closed generated calculated invoiced invoice submitted")

// periodEnd finds the end of the period that a row is about.
func (r *reading) periodEnd() (out *Column) {
	for _, c := range r.Columns {
		if c.moment() && c.NotNull && (c.has(set("period pay_period billing_period")) ||
			r.about(set("period cycle"))) && c.has(set("end ends to until")) {
			out = c
		}
	}
	return out
}

// passing: who has passed is who has the marks for it; marks are given once something is completed.
func (r *reading) passing() {
	var mark, done *Column
	for _, c := range r.Columns {
		switch {
		case c.number() && c.has(set("grade score mark points percentage result")) && !c.has(set("max min pass passing")) && mark == nil:
			mark = c
		case c.moment() && !c.NotNull && c.has(set("completed graded finished")):
			done = c
		}
	}
	if mark == nil {
		return
	}
	if done != nil && !mark.NotNull {
		r.claim(Claim{Column: mark.Name, Says: r.Name + "." + mark.Name + " is there where " + done.Name + " is", Confidence: 0.85, When: &When{On: done.Name}, Reads: []string{done.Name}})
	}
	for _, c := range r.Columns {
		if c.Type.Kind == column.Bool && slices.Contains([]string{"passed", "is_passed", "has_passed", "pass", "is_pass"}, strings.Join(r.own(c), "_")) {
			least := "50"
			if mark.Type.Precision > 0 && mark.Type.Precision-mark.Type.Scale <= 1 || mark.has(set("gpa")) {
				least = "2.5"
			}
			for _, o := range r.Columns {
				if !o.NotNull && o.Refers == nil && !o.Unique && o.has(set("certificate diploma")) {
					r.only(o, &When{On: c.Name, Values: []string{"true"}}, 0.85)
				}
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " where " + mark.Name + " is at least " + least, Confidence: 0.85, Computed: cell(mark.Name) + " >= " + least, Reads: []string{mark.Name}})
		}
	}
}

// periods for which one pays are months.
func (r *reading) periods() {
	for _, end := range r.Columns {
		if !end.moment() || !end.has(set("period billing")) || !end.has(endings) || end.has(set("cancel at")) && !end.has(set("current period")) {
			continue
		}
		rest := without(end.Words, endings)
		for _, start := range r.Columns {
			if start != end && start.Type.Kind == end.Type.Kind && start.has(beginnings) && slices.Equal(without(start.Words, beginnings), rest) && (start.NotNull || !end.NotNull) {
				r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is a month after " + start.Name, Confidence: 0.82, Computed: "plus(" + cell(start.Name) + ", 1, \"month\")", Reads: []string{start.Name}})
				break
			}
		}
	}
	r.terms()
}

// terms are how many months, weeks or years something lasts that has a beginning and an end.
func (r *reading) terms() {
	for _, c := range r.Columns {
		if !c.whole() || !c.NotNull || c.Refers != nil || !c.has(set("months month weeks years")) || !c.has(set("term duration length period contract lease loan rental months")) || c.has(set("rate price notice grace per")) {
			continue
		}
		unit := ""
		for _, u := range []string{"month", "week", "year"} {
			if c.has(setOf([]string{u, u + "s"})) {
				unit = u
			}
		}
		for _, end := range r.Columns {
			if !end.moment() || !end.has(endings) && !end.has(set("maturity expires expiry matures")) || end.has(set("actual trial period")) || r.taken[end.Name] || !end.NotNull {
				continue
			}
			for _, start := range r.Columns {
				if start != end && start.NotNull && start.Type.Kind == end.Type.Kind && (start.has(beginnings) || start.has(set("disbursed effective issued signed"))) {
					r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is " + start.Name + " and " + c.Name, Confidence: 0.86, Computed: "plus(" + cell(start.Name) + ", " + cell(c.Name) + ", \"" + unit + "\")", Reads: []string{start.Name, c.Name}})
					return
				}
			}
		}
	}
}

// sale is the time in which one can buy or register for what has a beginning: from when the row was made to the beginning.
func (r *reading) sale() {
	about := set("sale sales registration booking bookings ticket tickets presale signup enrollment enrolment rsvp checkin")
	var start, made *Column
	for _, c := range r.Columns {
		switch name := strings.Join(without(r.own(c), set("at on date time datetime")), "_"); {
		case c.Type.Kind != column.Timestamp || !c.NotNull:
		case set("starts start begins begin departure departs scheduled kickoff showtime event_start scheduled_departure")[name] && start == nil:
			start = c
		case name == "created":
			made = c
		}
	}
	if start == nil {
		return
	}
	for _, c := range r.Columns {
		words := without(r.own(c), set("at on date time"))
		if c.Type.Kind != column.Timestamp || len(words) != 2 || !about[words[0]] {
			continue
		}
		switch {
		case set("start starts open opens begin begins from")[words[1]] && made != nil:
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is soon after " + made.Name, Confidence: 0.85, Later: &Later{made.Name, "0s", "2h"}, Reads: []string{made.Name}})
		case set("start starts open opens begin begins from")[words[1]]:
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is some weeks before " + start.Name, Confidence: 0.85, Later: &Later{start.Name, "-60d", "-14d"}, Reads: []string{start.Name}})
		case set("end ends close closes until deadline")[words[1]]:
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is shortly before " + start.Name, Confidence: 0.85, Later: &Later{start.Name, "-3h", "0s"}, Reads: []string{start.Name}})
		}
	}
}

// doors open before what one comes for begins.
func (r *reading) doors() {
	for _, c := range r.Columns {
		if c.Type.Kind != column.Timestamp || !c.has(set("doors door gates boarding")) {
			continue
		}
		for _, start := range r.Columns {
			if start != c && start.Type.Kind == c.Type.Kind && start.NotNull && start.has(set("starts start begins begin departure departs scheduled showtime kickoff")) {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is shortly before " + start.Name, Confidence: 0.86, Later: &Later{start.Name, "-90m", "-30m"}, Reads: []string{start.Name}})
				break
			}
		}
	}
}
