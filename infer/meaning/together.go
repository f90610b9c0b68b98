package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// together are cells that are there or not there as one: a paper's number and its expiry, both ends of a trial, the
// address of a
// receipt where there is one.
func (r *reading) together() {
	for _, f := range r.Columns { // has_receipt, receipt_url
		if on := f.on(); on != "" && len(f.Words) > 1 && f.Words[0] == "has" {
			for _, c := range r.Columns {
				if c != f && !c.NotNull && c.Refers == nil && !c.Unique && len(c.Words) > len(f.Words)-1 &&
					slices.Equal(c.Words[:len(f.Words)-1], f.Words[1:]) {
					r.only(c, &When{On: f.Name, Values: []string{on}}, 0.88)
				}
			}
		}
	}
	r.switched()
	for i := range r.claims { // the end after the beginning, both where the switch is on
		k := &r.claims[i]
		c := r.Column(k.Column)
		if k.When == nil || !c.moment() || len(k.When.Values) == 0 || k.When.Least != "" {
			continue
		}
		head, tail := r.papered(c)
		for _, o := range r.claims {
			of := r.Column(o.Column)
			if first, last := r.papered(of); head != "" && o.When != nil && of.moment() && of != c &&
				first == head && rankOf[last] < rankOf[tail] && o.When.On == k.When.On {
				k.When.After, k.Reads = of.Name, append(k.Reads, of.Name)
			}
		}
	}
	for _, c := range r.Columns {
		if c.NotNull || c.Refers != nil || c.Unique || len(c.Words) < 2 || len(c.Values) > 0 || !c.moment() &&
			!c.text() {
			continue
		}
		head, tail := r.papered(c)
		if head == "" {
			continue
		}
		for _, o := range r.Columns {
			if first, last := r.papered(o); o == c || o.NotNull || first != head || o.Refers != nil ||
				rankOf[last] == 0 || rankOf[last] >= rankOf[tail] {
				continue
			}
			if at := slices.IndexFunc(r.claims, func(k Claim) bool {
				return k.Column == o.Name &&
					k.When != nil
			}); at >= 0 { // as that one is
				r.only(c, r.claims[at].When, 0.84)
				break
			}
			r.with(c, func(x *Column) bool { return x == o })
			break
		}
	}
}

// switched are the fee of what has bounced, the code of what is discounted; and switches that say what a list says too.
func (r *reading) switched() {
	for _, f := range r.Columns {
		name := without(f.Words, switches, setOf(r.Owner))
		on := f.on()
		if on == "" || len(name) != 1 ||
			set("active enabled default public visible primary verified has open current")[name[0]] {
			continue
		}
		for _, c := range r.Columns {
			if c != f && !c.NotNull && c.Refers == nil && !c.Unique && !c.moment() && len(c.Words) > 1 &&
				root(c.Words[0]) == root(name[0]) &&
				c.has(set("fee amount charge cost penalty reason code percent rate note")) {
				r.only(c, &When{On: f.Name, Values: []string{on}}, 0.84)
			}
		}
		if f.Type.Kind != column.Bool || slices.ContainsFunc(r.claims, func(k Claim) bool {
			return k.When != nil &&
				k.When.On == f.Name
		}) {
			continue
		}
		for _, c := range r.Columns {
			if c == f || !c.text() || len(c.Values) < 2 || !c.NotNull || c.has(statuses) {
				continue
			}
			for _, v := range c.Values {
				if root(normal(v)) == root(name[0]) {
					r.claim(Claim{Column: f.Name, Says: r.Name + "." + f.Name + " where " + c.Name + " is " + v,
						Confidence: 0.85, Computed: cell(c.Name) + " == \"" + v + "\"", Reads: []string{c.Name}})
				}
			}
		}
	}
}

// rankOf are the last words of cells that go together, the one that decides first.
var rankOf = map[string]int{"number": 1, "no": 1, "since": 2, "start": 2, "issued": 3, "end": 4, "until": 4,
	"expires": 5}

// papered gives what a cell is about, and what it says of that by one of the words of rankOf; nothing where it says
// something else.
func (r *reading) papered(c *Column) (of, what string) {
	words := without(r.own(c), set("at on date time is"))
	if len(words) < 2 {
		return "", ""
	}
	last := words[len(words)-1]
	switch {
	case c.text() && set("number no nr")[last]:
		last = "number"
	case !c.moment():
		return "", ""
	case beginnings[last] || last == "starting":
		last = "start"
	case last == "since" || last == "from":
		last = "since"
	case set("until to through")[last]:
		last = "until"
	case endings[last] || last == "ending":
		last = "end"
	case set("issued issue granted obtained")[last]:
		last = "issued"
	case set("expires expiry expiration expire")[last]:
		last = "expires"
	default:
		return "", ""
	}
	return strings.Join(words[:len(words)-1], "_"), last
}

// planned finds the moment for which something was planned that has happened at another one: scheduled_departure of
// actual_departure, planned_start of started_at.
func (r *reading) planned(c *Column) *Column {
	plans := set("scheduled planned expected estimated promised target")
	if c.has(plans) {
		return nil
	}
	words := without(r.own(c), set("at on date time actual datetime timestamp"))
	for _, o := range r.Columns {
		if rest := without(r.own(o), set("at on date time datetime timestamp"), plans); o != c && o.moment() &&
			o.NotNull && o.has(plans) && len(rest) == len(words) && len(rest) > 0 &&
			slices.EqualFunc(rest, words, func(a, b string) bool {
				return root(a) == root(b) || finish[root(a)] &&
					finish[root(b)]
			}) {
			return o
		}
	}
	return nil
}

// finish are roots of words for the end of what was planned.
var finish = set("end finish complet stop arriv land")

// near lets what happened be near to when it was planned.
func (r *reading) near() {
	for _, c := range r.Columns {
		if !c.moment() || c.has(set("estimated expected")) {
			continue
		}
		plan := r.planned(c)
		if plan == nil {
			continue
		}
		least, most := "-5m", "9m"
		if plan.Type.Kind == column.Date || c.Type.Kind == column.Date {
			least, most = "0s", "3d"
		}
		if at := slices.IndexFunc(r.claims, func(k Claim) bool {
			return k.Column == c.Name &&
				k.When != nil
		}); at >= 0 {
			k := &r.claims[at]
			if o := r.Column(k.When.After); o != nil && !o.NotNull && !c.has(set("actual")) {
				continue // it ends what has begun
			}
			k.When.After, k.When.Least, k.When.Most = plan.Name, least, most
			k.Reads = append(k.Reads, plan.Name)
			continue
		}
		r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is about " + plan.Name, Confidence: 0.85,
			Later: &Later{plan.Name, least, most}, Reads: []string{plan.Name}})
	}
}

// way is the time for which something under way is planned: from departure to arrival.
func (r *reading) way() {
	for _, start := range r.Columns {
		if start.Type.Kind != column.Timestamp || !start.NotNull || !start.has(set("departure departs depart")) {
			continue
		}
		rest := without(start.Words, set("departure departs depart"))
		for _, end := range r.Columns {
			if end != start && end.Type.Kind == column.Timestamp && end.has(set("arrival arrives arrive")) &&
				slices.Equal(without(end.Words, set("arrival arrives arrive")), rest) {
				r.lasting(start, end)
				r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is some hours after " +
					start.Name, Confidence: 0.85, Later: &Later{start.Name, "45m",
					"9h"}, Reads: []string{start.Name}})
			}
		}
	}
}

// weeks have seven days: the last one is six days after the first.
func (r *reading) weeks() {
	for _, start := range r.Columns {
		if start.Type.Kind != column.Date || !start.NotNull || !start.has(set("week")) ||
			!start.has(set("start starts starting begin begins beginning commencing from first")) {
			continue
		}
		for _, end := range r.Columns {
			if end.Type.Kind == column.Date && end.has(set("week")) && end.has(set("end ends ending until to last")) {
				r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is six days after " + start.Name,
					Confidence: 0.9, Computed: "plus(" + cell(start.Name) +
						", 6, \"day\")", Reads: []string{start.Name}})
			}
		}
	}
}

// away lets who is away be so for some days.
func (r *reading) away() {
	if !r.about(set("leave absence vacation holiday pto request")) ||
		!r.has(set("leave absence vacation holiday pto")) {
		return
	}
	if start, end := r.stretch(); start != nil && end != nil && start.Type.Kind == column.Date && start.NotNull {
		r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is some days after " + start.Name,
			Confidence: 0.85, Later: &Later{start.Name, "0s", "14d"}, Reads: []string{start.Name}})
	}
}
