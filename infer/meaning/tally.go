package meaning

import (
	"slices"
	"strings"
)

var (
	summing = set("total sum overall all spent earned logged worked count number")
	plainly = set("total amount pay value price cost duration sum line item")
)

// tallied are sums that go by the words of what they sum up: total_gross of gross_pay, taxes_total of taxes,
// billable_hours
// of the hours that are billable, delay_minutes of the minutes of delays. It gives the sum and its condition.
func (r *reading) tallied(c *Column, k Kindred) (expr, where string) {
	own := r.own(c)
	if c.has(set("average avg mean max min last first price rate unit per target goal limit")) ||
		k.Child.about(set("snapshot history log_entry statement summary")) {
		return "", ""
	}
	explicit := slices.ContainsFunc(own, func(w string) bool { return summing[w] })
	words := without(own, summing)
	if o := k.Child.worded(words); o != nil && explicit && len(without(words, plainly)) > 0 && o.number() &&
		o.Refers == nil {
		return cell(o.Name), ""
	}
	for _, o := range k.Child.Columns {
		if !o.number() || o.Refers != nil || o.has(units) != c.has(units) ||
			o.has(set("id number position rate percent per unit average max min")) || o.has(set("price")) &&
			!c.has(set("price fare")) {
			continue
		}
		theirs := without(k.Child.own(o), set("total sum"))
		switch core := without(words, plainly); {
		case len(words) == 0 || len(theirs) == 0 || len(core) == 0 && !durations(words, theirs) &&
			strings.Join(words, "_") != "spent" && !units[words[0]]:
		case explicit && (same(words, theirs) || same(without(core, units), without(theirs, plainly, units)) ||
			durations(words, theirs)):
			return cell(o.Name), ""
		case len(words) > 1 && same(words[1:], theirs) && k.are(words[0]) != "":
			return cell(o.Name), k.are(words[0])
		case len(words) > 1 && same(words[1:], theirs) && k.says(words[:1]):
			return cell(o.Name), ""
		case strings.Join(words, "_") == "spent" || len(words) == 1 && units[words[0]] && explicit && own[0] == "spent":
			if t := without(theirs, units); len(t) == 1 && t[0] == "cost" {
				return cell(o.Name), ""
			}
		}
	}
	return "", ""
}

// durations tells whether words are a unit of time, and others a length in it.
func durations(words, theirs []string) bool {
	return len(words) == 1 && set("seconds minutes hours days ms")[words[0]] && slices.Contains(theirs, words[0]) &&
		len(without(theirs, set("seconds minutes hours days ms duration length runtime spent"))) == 0
}

// heads counts people: the headcount of a department, the seats that were sold of a flight.
func (r *reading) heads(c *Column, of []Kindred) (Claim, bool) {
	name := strings.Join(r.own(c), "_")
	var about map[string]bool
	switch {
	case name == "headcount" || name == "head_count" || name == "staff_count":
		about = set("employee staff member worker person user")
	case set("seats_sold seats_booked seats_taken sold_seats booked_seats seats_reserved tickets_sold")[name]:
		about = set("ticket booking reservation seat seat_reservation")
	default:
		return Claim{}, false
	}
	for _, k := range of {
		if k.Child.about(about) {
			return r.kin(c, k, "count", "", "", 0.86, "the number of its "+k.Child.Name), true
		}
	}
	return Claim{}, false
}

// played is how much of something one has heard or seen: no more than it lasts.
func (r *reading) played(numbers []*Column) {
	for _, c := range numbers {
		if !c.whole() || !c.has(set("listened watched played viewed streamed heard")) ||
			!c.has(set("seconds minutes ms")) {
			continue
		}
		for _, b := range r.Columns {
			if b.Refers == nil || b.Refers.Self || b.Refers.Parent == nil || !b.NotNull {
				continue
			}
			for _, o := range b.Refers.Parent.Columns {
				if o.whole() && o.number() && o.has(set("duration length runtime")) && slices.Equal(without(o.Words,
					set("duration length runtime")), without(c.Words, set("listened watched played viewed streamed heard duration"))) && cell(b.Name) == b.Name && cell(o.Name) == o.Name {
					of := b.Name + "." + o.Name
					if !o.NotNull {
						of = "coalesce(" + of + ", 60)"
					}
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most the " + o.Name +
						" of its " + strings.Join(stem(b), "_"), Confidence: 0.85,
						Part: &Part{Of: of, Least: 5, Most: 100}, Reads: []string{b.Name}})
				}
			}
		}
	}
}

// paidOf are counts of which a part is done: instalments that were paid, findings that were closed.
func (r *reading) paidOf(numbers []*Column) {
	done := set("paid closed resolved completed done used elapsed answered settled repaid missed attended")
	for _, c := range numbers {
		if !c.whole() || !c.has(done) || c.has(units) || len(r.own(c)) < 2 {
			continue
		}
		rest := without(r.own(c), done, set("count number total"))
		for _, o := range numbers {
			if o != c && o.whole() && !o.has(done) && !o.has(units) && same(rest, without(r.own(o),
				set("count number total max"))) {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most " + o.Name,
					Confidence: 0.85, Part: &Part{Of: cell(o.Name), Most: 100}, Reads: []string{o.Name}})
				break
			}
		}
	}
}

// balances are what is left of what there was: what is outstanding, the days that one has not taken, what a meter
// counted.
func (r *reading) balances(numbers []*Column) {
	find := func(words map[string]bool, rest []string, but ...*Column) *Column {
		for _, c := range numbers {
			if c.has(words) && !slices.Contains(but, c) && slices.Equal(without(r.own(c), words, units, counters),
				rest) {
				return c
			}
		}
		return nil
	}
	for _, c := range numbers {
		switch {
		case c.has(set("outstanding unpaid owed")) || r.plain(c) == "amount_due" || r.plain(c) == "balance_due":
			of := r.named(numbers, "principal", "gross", "gross_amount", "gross_total", "total", "total_amount",
				"amount_total", "grand_total", "amount", "principal_amount", "loan_amount")
			paid := r.named(numbers, "paid", "amount_paid", "paid_amount", "total_paid", "repaid", "repaid_amount",
				"amount_repaid", "repaid_total")
			if of == nil || paid == nil || of == c || of.has(units) != c.has(units) || paid.has(units) != c.has(units) {
				continue
			}
			r.claim(Claim{Column: paid.Name, Says: r.Name + "." + paid.Name + " is at most " + of.Name,
				Confidence: 0.82, Part: &Part{Of: cell(of.Name), Most: 100}, Reads: []string{of.Name}})
			r.compute(c, cell(of.Name)+" - "+cell(paid.Name), 0.9, of, paid)
		case c.has(set("remaining left available unused")):
			rest := without(r.own(c), left, set("unused"), units, counters)
			of, gone := find(set("entitled entitlement allotted allocated allowance allowed granted accrued annual"), rest, c), find(set("used taken consumed spent booked"), rest, c)
			if of == nil || gone == nil {
				continue
			}
			expr, reads := cell(of.Name), []*Column{of}
			if more := find(set("carried over carry forward"), rest, c, of, gone); more != nil {
				r.share(more, of, 0.8, "a part of", []int{0, 0, 0, 10, 20})
				expr, reads = expr+" + "+cell(more.Name), append(reads, more)
			}
			r.claim(Claim{Column: gone.Name, Says: r.Name + "." + gone.Name + " is at most " + of.Name,
				Confidence: 0.85, Part: &Part{Of: cell(of.Name), Most: 100}, Reads: []string{of.Name}})
			r.compute(c, expr+" - "+cell(gone.Name), 0.9, append(reads, gone)...)
		case c.has(set("consumption consumed usage used advance distance")):
			old := find(set("previous prior last opening start old"), nil)
			for _, rest := range [][]string{{}, {"reading"}, {"odometer"}, {"mileage"}, {"index"}} {
				o := find(set("previous prior opening old"), rest, c)
				if o != nil {
					old = o
					break
				}
			}
			if old == nil || old == c || c.has(units) != old.has(units) && len(without(c.Words, units)) > 1 {
				continue
			}
			var now *Column
			for _, o := range numbers {
				if o != c && o != old && o.Type.Kind == old.Type.Kind && (same(without(r.own(o),
					set("current new closing reading")), without(r.own(old), set("previous prior opening old last reading"))) ||
					slices.Equal(without(r.own(o), set("current new closing")), without(r.own(old),
						set("previous prior opening old last")))) && !o.has(set("max min count")) {
					now = o
					break
				}
			}
			if now == nil {
				continue
			}
			r.claim(Claim{Column: now.Name, Says: r.Name + "." + now.Name + " is above " + old.Name,
				Confidence: 0.84, Above: &Part{Of: cell(old.Name), Least: 1, Most: 60}, Reads: []string{old.Name}})
			r.compute(c, cell(now.Name)+" - "+cell(old.Name), 0.9, now, old)
		case c.has(set("lifetime")):
			rest := without(r.own(c), set("lifetime total"))
			if o := find(set("balance current available"), rest, c); o != nil {
				r.claim(Claim{Column: o.Name, Says: r.Name + "." + o.Name + " is at most " + c.Name,
					Confidence: 0.85, Part: &Part{Of: cell(c.Name), Most: 100}, Reads: []string{c.Name}})
			}
		}
	}
}
