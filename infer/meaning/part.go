package meaning

import (
	"slices"
	"strings"
)

// within are words for a part, and those for the whole of which it is one, with how much of it in hundredths.
var within = []struct {
	part, whole map[string]bool
	least, most int
}{
	{set("used uses redeemed claimed consumed"), set("max limit capacity total quota allowed"), 0, 100},
	{set("done completed finished processed succeeded passed"), set("total planned committed"), 0, 100},
	{set("occupied filled booked sold taken enrolled registered current assigned"), set("total capacity max limit quota"), 30, 100},
	{set("available free remaining vacant"), set("total capacity max initial"), 0, 100},
	{set("received shipped delivered fulfilled scrapped rejected invoiced returned refunded"), set("ordered"), 0, 100},
	{set("reserved allocated"), set("hand stock total"), 0, 40},
	{set("outstanding remaining"), set("principal"), 5, 95},
	{set("deductible excess"), set("limit coverage insured sum"), 1, 10},
	{set("cost wholesale purchase"), set("price list retail selling sale"), 40, 75},
	{set("sale discounted discount special offer"), set("price list regular retail original"), 60, 95},
	{set("compressed"), set("uncompressed original"), 20, 80},
	{set("failed errors error"), set("total attempts"), 0, 10},
	{set("refunded"), set("amount paid total"), 0, 0},
	{set("paid"), set("amount total"), 0, 100},
	{set("unread"), set("total message messages"), 0, 30},
	{set("diastolic"), set("systolic"), 60, 70},
	{set("overtime"), set("worked total regular"), 0, 20},
	{set("downtime idle"), set("uptime runtime total"), 1, 20},
}

// pairs are words for the lower and for the upper of two numbers.
var pairs = [][2]map[string]bool{
	{set("min least lowest"), set("max most highest")},
	{set("low lower floor"), set("high upper ceiling")},
	{set("from start begin first"), set("to end last through until")},
}

// counters say that something is counted; a part and its whole need not both say it.
var counters = set("count number quantity amount value points point seats seat items item beds bed copies copy")

// parts are numbers that are no more than another one, or no less: what is used of what there is, the least and the most.
func (r *reading) parts() {
	var numbers []*Column
	for _, c := range r.Columns {
		if c.number() && (!c.has(set("percent rate id year month")) || c.has(set("heart frame bit pulse respiratory"))) {
			numbers = append(numbers, c)
		}
	}
	r.overdrawn(numbers)
	for _, c := range numbers {
		if r.taken[c.Name] || c.has(set("max total limit capacity")) {
			continue
		}
		for _, w := range within {
			if !c.has(w.part) {
				continue
			}
			if of := r.wholeOf(c, numbers, w.part, w.whole); of != nil {
				whole := cell(of.Name)
				if c.NotNull && !of.NotNull {
					whole = "coalesce(" + whole + ", 0)"
				}
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most " + of.Name,
					Confidence: 0.85, Part: &Part{Of: whole, Least: w.least,
						Most: w.most}, Reads: []string{of.Name}})
				break
			}
		}
		for _, of := range numbers { // redemptions of max_redemptions
			if !r.taken[c.Name] && of != c && of.Type.Kind == c.Type.Kind && r.limits(of, c) {
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most " + of.Name, Confidence: 0.85, Part: &Part{Of: cell(of.Name), Most: 100}, Reads: []string{of.Name}})
			}
		}
	}
	r.paidOf(numbers)
	r.played(numbers)
	r.granted(numbers)
	r.limited(numbers)
	r.measured(numbers)
	r.ordered(numbers)
	r.means(numbers)
	r.special(numbers)
}

// overdrawn lets an account be overdrawn by no more than it may be, which it can dispose of too.
func (r *reading) overdrawn(numbers []*Column) {
	balance, limit := r.named(numbers, "balance", "current_balance"), r.named(numbers, "overdraft_limit", "overdraft")
	if balance == nil || limit == nil || !balance.NotNull || !limit.NotNull || balance.Type.Kind != limit.Type.Kind {
		return
	}
	b := cell(balance.Name)
	r.claim(Claim{Column: limit.Name, Says: r.Name + "." + limit.Name + " is enough for its " + balance.Name, Confidence: 0.86,
		Part: &Part{Of: "2000", Shares: []int{0, 0, 0, 25, 50, 100}, Unless: b + " < 0 ? ceil((0 - " + b + ") / 100) * 100 : "}, Reads: []string{balance.Name}})
	if a := r.named(numbers, "available_balance", "available"); a != nil && a.Type.Kind == limit.Type.Kind {
		r.claim(Claim{Column: a.Name, Says: r.Name + "." + a.Name + " = " + balance.Name + " + " + limit.Name, Confidence: 0.86,
			Computed: b + " + " + cell(limit.Name), Reads: []string{balance.Name, limit.Name}})
	}
}

// Limits gives the names of columns that count something, each with that of the one that says how much of it there is at
// most.
func Limits(t *Table) (out [][2]string) {
	r := &reading{Table: t, taken: map[string]bool{}}
	var numbers []*Column
	for _, c := range t.Columns {
		if c.number() {
			numbers = append(numbers, c)
		}
	}
	for _, c := range numbers {
		if c.has(set("max limit capacity quota total")) {
			continue
		}
		for _, w := range within[:3] {
			if of := r.wholeOf(c, numbers, w.part, w.whole); c.has(w.part) && of != nil {
				out = append(out, [2]string{c.Name, of.Name})
			}
		}
		if budget := r.named(numbers, "budget", "total_budget", "budget_amount"); budget != nil &&
			budget.Type.Kind == c.Type.Kind &&
			set("spent amount_spent spent_amount spend total_spent")[r.plain(c)] {
			out = append(out, [2]string{c.Name, budget.Name})
		}
		for _, of := range numbers {
			if of != c && of.Type.Kind == c.Type.Kind && r.limits(of, c) {
				out = append(out, [2]string{c.Name, of.Name})
			}
		}
	}
	return out
}

// limits tells whether a number is the most that another one may be: max_redemptions of redemptions.
func (r *reading) limits(most, c *Column) bool {
	own := r.own(most)
	if len(own) < 2 || own[0] != "max" && own[len(own)-1] != "limit" {
		return false
	}
	rest := without(own, set("max limit"))
	return same(rest, without(r.own(c), set("count number"))) || len(rest) == 1 && one(rest[0]) == "use" && c.has(set("used"))
}

// grants are steps of an amount: what is asked for, what is granted of it, what is paid of that.
var grants = []struct {
	words map[string]bool
	event string
	of    []int // hundredths of the step before
}{
	{words: set("claimed requested applied asked quoted")},
	{set("approved granted accepted awarded authorized"), "approved", []int{100, 100, 100, 90, 80, 75, 50}},
	{set("paid disbursed settled reimbursed"), "paid", []int{100}},
}

// grants tells whether a table says how much was granted.
func (r *reading) grants() bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.number() && c.has(grants[1].words) && c.has(counters) })
}

// granted are amounts that are no more than those of the step before, and there once it was taken.
func (r *reading) granted(numbers []*Column) {
	at := func(i int) *Column {
		for _, c := range numbers {
			if rest := without(r.own(c), grants[i].words, units, counters); c.has(grants[i].words) && len(rest) == 0 && c.has(counters) {
				return c
			}
		}
		return nil
	}
	before := at(0)
	if before == nil {
		before = r.named(numbers, "amount", "total_amount", "total")
	}
	for i := 1; i < len(grants); i++ {
		c := at(i)
		if c == nil || before == nil || c == before || c.Type.Kind != before.Type.Kind || i == 2 && before != at(1) {
			continue
		}
		k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most " + before.Name, Confidence: 0.86, Part: &Part{Of: cell(before.Name), Shares: grants[i].of}, Reads: []string{before.Name}}
		if at := slices.IndexFunc(r.claims, func(o Claim) bool { return o.Column == c.Name && o.When != nil }); at >= 0 && !c.Fixed { // it was only known when it is there
			r.claims = slices.Delete(r.claims, at, at+1)
			r.taken[c.Name] = false
		}
		if !r.taken[c.Name] && r.claim(k) && !c.NotNull {
			if w := r.since(c, grants[i].event); w != nil {
				r.only(c, w, 0.86)
			}
		}
		before = c
	}
}

// limited are numbers of which a parent says how much there may be: the points of what may have max_points.
func (r *reading) limited(numbers []*Column) {
	most := set("max limit capacity total out")
	for _, c := range numbers {
		if r.taken[c.Name] || c.has(most) || c.has(set("min")) {
			continue
		}
		rest := without(r.own(c), units)
		for _, b := range r.Columns {
			if b.Refers == nil || b.Refers.Self || !b.NotNull || b.Refers.Parent == nil {
				continue
			}
			for _, o := range b.Refers.Parent.Columns {
				if own := b.Refers.Parent.own(o); !o.number() || !o.NotNull || !o.has(set("max limit")) || !same(rest, without(own, most, units)) {
					continue
				}
				if low := b.Refers.Parent.lower(o); low != nil && c.Type.Kind == o.Type.Kind {
					from, to := cell(b.Name)+"."+low.Name, cell(b.Name)+"."+o.Name
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " lies between the " + low.Name + " and the " + o.Name + " of its " + strings.Join(stem(b), "_"), Confidence: 0.87,
						Part: &Part{Of: to + " - " + from, Least: 0, Most: 100, Unless: from + " + "}, Reads: []string{b.Name}})
				}
				least := 1
				if c.number() && !c.whole() || c.has(set("points score")) {
					least = 40
				}
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most the " + o.Name + " of its " + strings.Join(stem(b), "_"), Confidence: 0.85,
					Part: &Part{Of: cell(b.Name) + "." + o.Name, Least: least, Most: 100}, Reads: []string{b.Name}})
			}
		}
	}
}

// measured are numbers of which what the parent is of says the least and the most: a device's readings, by its type.
func (r *reading) measured(numbers []*Column) {
	for _, c := range numbers {
		if r.taken[c.Name] || c.has(set("max min limit capacity total out")) {
			continue
		}
		rest := without(r.own(c), units)
		for _, b := range r.Columns {
			if b.Refers == nil || b.Refers.Self || !b.NotNull || b.Refers.Parent == nil {
				continue
			}
			for _, up := range b.Refers.Parent.Columns {
				if up.Refers == nil || up.Refers.Self || !up.NotNull || up.Refers.Parent == nil || up.Refers.Parent == r.Table {
					continue
				}
				t := up.Refers.Parent
				for _, o := range t.Columns {
					if !o.number() || !o.NotNull || o.Type.Kind != c.Type.Kind || !o.has(set("max")) || !same(rest, without(t.own(o), set("max"), units)) {
						continue
					}
					if low := t.lower(o); low != nil {
						at := cell(b.Name) + "." + up.Name + "."
						r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " lies between the " + low.Name + " and the " + o.Name + " of its " + strings.Join(stem(b), "_") + "'s " + strings.Join(stem(up), "_"), Confidence: 0.85,
							Part: &Part{Of: at + o.Name + " - " + at + low.Name, Least: 0, Most: 100, Unless: at + low.Name + " + "}, Reads: []string{b.Name}})
					}
				}
			}
		}
	}
}

// lower finds the least that there may be of what a column says the most.
func (t *Table) lower(most *Column) *Column {
	for _, c := range t.Columns {
		if c != most && c.number() && c.NotNull && c.Type.Kind == most.Type.Kind && c.has(set("min least")) &&
			slices.Equal(without(c.Words, set("min least")), without(most.Words, set("max most limit"))) {
			return c
		}
	}
	return nil
}

// wholeOf finds the whole that a part is of: the same thing by its other words.
func (r *reading) wholeOf(c *Column, numbers []*Column, part, whole map[string]bool) *Column {
	usual := set("std standard base normal")
	rest := without(r.own(c), part, whole, units, counters, usual)
	var out *Column
	for _, o := range numbers {
		if o == c || o.Type.Kind != c.Type.Kind || !o.has(whole) || o.has(part) && !o.has(set("max total limit")) || o.has(units) != c.has(units) && !same(rest, without(r.own(o), part, whole, units, counters)) {
			continue
		}
		others := without(r.own(o), part, whole, units, counters, usual)
		switch {
		case slices.Equal(others, rest):
			return o
		case out == nil && (len(rest) == 0 && len(others) <= 1 || len(others) == 0 && len(rest) <= 1 || same(rest, others)) && !o.has(set("price cost tax")) && !c.has(set("price cost tax")):
			out = o
		}
	}
	return out
}

// same tells whether words are the same but for a plural.
func same(a, b []string) bool {
	return len(a) > 0 && slices.EqualFunc(a, b, func(x, y string) bool { return strings.TrimSuffix(x, "s") == strings.TrimSuffix(y, "s") })
}

// ordered lets the upper of two numbers be above the lower one, and a mean between them.
func (r *reading) ordered(numbers []*Column) {
	for _, low := range numbers {
		for _, p := range pairs {
			if !low.has(p[0]) || low.has(p[1]) {
				continue
			}
			rest := without(low.Words, p[0])
			for _, high := range numbers {
				if high == low || !high.has(p[1]) || !slices.Equal(without(high.Words, p[1]), rest) || high.Type.Kind != low.Type.Kind {
					continue
				}
				if low.has(set("salary wage pay budget price rent")) && !r.taken[high.Name] && low.NotNull == high.NotNull {
					r.claim(Claim{Column: high.Name, Says: r.Name + "." + high.Name + " is above " + low.Name, Confidence: 0.88, Part: &Part{Of: cell(low.Name), Shares: []int{110, 115, 120, 120, 125, 125, 130, 135, 140, 150}}, Reads: []string{low.Name}})
				}
				if r.claim(Claim{Column: high.Name, Says: r.Name + "." + high.Name + " is above " + low.Name, Confidence: 0.88, Above: &Part{Of: cell(low.Name), Least: 1, Most: 100}, Reads: []string{low.Name}}) {
					for _, mid := range numbers {
						if mid.has(set("average median typical")) && slices.Equal(without(mid.Words, set("average median typical")), rest) {
							r.claim(Claim{Column: mid.Name, Says: r.Name + "." + mid.Name + " is between " + low.Name + " and " + high.Name, Confidence: 0.88,
								Above: &Part{Of: cell(low.Name), Least: 20, Most: 80, Shares: nil}, Reads: []string{low.Name, high.Name}})
						}
					}
				}
			}
		}
	}
}

// means are below the most of what they are means of.
func (r *reading) means(numbers []*Column) {
	for _, c := range numbers {
		if !c.has(set("average")) {
			continue
		}
		if of := r.wholeOf(c, numbers, set("average"), set("max peak highest")); of != nil {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is below " + of.Name, Confidence: 0.85, Part: &Part{Of: cell(of.Name), Least: 60, Most: 95}, Reads: []string{of.Name}})
		}
	}
}

// special are pairs of numbers that go by names of their own.
func (r *reading) special(numbers []*Column) {
	for _, s := range []struct {
		part, whole string
		least, most int
	}{
		{"open_count", "sent_count", 15, 45}, {"opens_count", "sent_count", 15, 45}, {"opened_count", "sent_count", 15, 45}, {"opens", "sent", 15, 45}, {"click_count", "open_count", 5, 25}, {"clicks_count", "opens_count", 5, 25}, {"clicked_count", "opened_count", 5, 25}, {"clicks", "opens", 5, 25}, {"bounce_count", "sent_count", 0, 4}, {"bounced_count", "sent_count", 0, 4}, {"unsubscribe_count", "sent_count", 0, 2}, {"delivered_count", "sent_count", 95, 100}, {"actual_cost", "budget", 50, 105}, {"spent", "budget", 10, 100}, {"amount_spent", "budget", 10, 100}, {"expected_salary", "current_salary", 100, 130}, {"ms_played", "duration_ms", 5, 100}, {"floor", "total_floors", 0, 100}, {"floor", "floors", 0, 100}, {"favorites", "views", 1, 10}, {"favorites_count", "views_count", 1, 10}, {"saves", "views", 1, 10}, {"actual_cost", "estimated_cost", 80, 130}, {"actual_hours", "estimated_hours", 70, 140}, {"sold_price", "list_price", 90, 103}, {"sale_price", "list_price", 70, 95}, {"original_price", "list_price", 100, 112}, {"security_deposit", "monthly_rent", 100, 200}, {"deposit", "monthly_rent", 100, 200}, {"deposit", "rent", 100, 200}, {"deposit_amount", "amount", 5, 20}, {"previous_price", "asking_price", 100, 112}, {"previous_price", "price", 100, 115}, {"fee", "price", 5, 15}, {"service_fee", "price", 5, 15}, {"booking_fee", "price", 5, 15}, {"deposit", "amount", 5, 20}, {"deposit", "price", 5, 20}, {"down_payment", "price", 10, 30}, {"down_payment", "amount", 10, 30}, {"down_payment", "purchase_price", 10, 30}, {"cost_price", "unit_price", 40, 75}, {"cost", "unit_price", 40, 75}, {"unit_cost", "unit_price", 40, 75}, {"purchase_price", "unit_price", 40, 75}, {"reading", "word_count", 0, 0}, {"reading_time", "word_count", 0, 0}, {"last_service", "odometer", 70, 99}, {"last_service", "mileage", 70, 99},
		{"available_balance", "balance", 80, 100}, {"compare_at_price", "price", 105, 160}, {"compare_price", "price", 105, 160}, {"original_price", "price", 105, 160}, {"old_price", "price", 105, 160}, {"msrp", "price", 105, 140}, {"rrp", "price", 105, 140},
		{"first_response", "resolution", 2, 40}, {"response", "resolution", 2, 40}, {"helpful_votes", "votes", 20, 95}, {"helpful_count", "votes_count", 20, 95}, {"helpful_votes", "total_votes", 20, 95}, {"wins", "games", 0, 60}, {"wins", "played", 0, 60}, {"likes_count", "views_count", 1, 10}, {"likes", "views", 1, 10}, {"unique_visitors", "page_views", 20, 60}, {"clicks", "impressions", 1, 8}, {"replies_count", "views_count", 1, 10},
	} {
		part, whole := r.named(numbers, s.part), r.named(numbers, s.whole)
		switch {
		case part == nil || whole == nil || r.taken[part.Name]:
		case s.most == 0: // people read 200 words a minute
			r.claim(Claim{Column: part.Name, Says: r.Name + "." + part.Name + " is how long " + whole.Name + " words take", Confidence: 0.85, Computed: "floor(" + cell(whole.Name) + " / 200) + 1", Reads: []string{whole.Name}})
		default:
			r.claim(Claim{Column: part.Name, Says: r.Name + "." + part.Name + " is " + atMost(s.least) + " " + whole.Name, Confidence: 0.8, Part: &Part{Of: cell(whole.Name), Least: s.least, Most: s.most}, Reads: []string{whole.Name}})
		}
	}
}

func atMost(least int) string {
	if least > 100 {
		return "more than"
	}
	return "at most"
}
