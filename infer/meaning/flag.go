package meaning

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// events give the participle of what a reason, a note or a moment is about.
var events = map[string]string{
	"ban": "banned", "cancel": "canceled", "failure": "failed", "error": "failed", "fail": "failed", "rejection": "rejected", "reject": "rejected", "withdrawal": "withdrawn", "withdraw": "withdrawn",
	"block": "blocked", "damage": "damaged", "decline": "declined", "suspension": "suspended", "suspend": "suspended", "lock": "locked", "archive": "archived", "delete": "deleted", "deletion": "deleted",
	"return": "returned", "refund": "refunded", "revocation": "revoked", "close": "closed", "closure": "closed", "closing": "closed", "termination": "terminated", "void": "voided", "hold": "on_hold",
	"dispute": "disputed", "expiry": "expired", "discharge": "discharged", "approval": "approved", "resolution": "resolved", "delivery": "delivered", "signed": "delivered", "abort": "aborted", "default": "defaulted",
	"payment": "paid", "shipment": "shipped", "submission": "submitted", "activation": "activated", "dispatch": "dispatched", "receipt": "received", "acceptance": "accepted", "confirmation": "confirmed",
	"reimbursement": "reimbursed", "cancellation": "canceled", "retirement": "retired", "resignation": "resigned", "graduation": "graduated", "settlement": "settled", "redemption": "redeemed",
	"release": "released", "review": "reviewed", "assignment": "assigned", "acknowledgement": "acknowledged", "acknowledgment": "acknowledged", "inspection": "inspected", "repair": "repaired",
	"verification": "verified", "completion": "completed", "publication": "published", "denial": "denied", "spam": "spam", "fraud": "fraud", "late": "late", "deactivation": "deactivated", "leave": "left", "leaving": "left",
}

// past gives a word as the participle of what happened.
func past(w string) string {
	if p := events[w]; p != "" {
		return p
	}
	return w
}

// on is the value of a switch that is on: true, or one of two letters; "" where the column is no switch.
func (c *Column) on() string {
	if c.Type.Kind == column.Bool {
		return "true"
	}
	if !c.text() || len(c.Values) != 2 || c.Refers != nil {
		return ""
	}
	for i, v := range c.Values {
		if yes[strings.ToLower(v)] == strings.ToLower(c.Values[1-i]) && yes[strings.ToLower(v)] != "" {
			return v
		}
	}
	return ""
}

// yes are the words for a switch that is on, each with the one for off.
var yes = map[string]string{"y": "n", "yes": "no", "t": "f", "true": "false", "1": "0", "j": "n", "ja": "nein", "on": "off", "s": "n", "o": "n"}

// seldom and mostly are what switches of letters say of few rows, and of most.
var (
	seldom = set("deleted banned fraud spam suspended blocked locked recalled discontinued damaged disputed defective obsolete discount hidden")
	mostly = set("active enabled verified visible confirmed valid available published approved subscribed current public")
)

var switches = set("is was has been flag indicator")

// flags lets a moment be there where the switch of the same name is on, and switches follow moments that end something.
func (r *reading) flags() {
	for _, f := range r.Columns {
		on := f.on()
		if on == "" {
			continue
		}
		name := without(f.Words, switches, setOf(r.Owner))
		if len(name) == 0 {
			continue
		}
		for _, c := range r.Columns {
			if c.NotNull || !c.moment() {
				continue
			}
			words := without(c.Words, set("at on date time timestamp until since"))
			switch {
			case slices.Equal(words, name), r.saysOf(f, c, words, name), len(name) == 1 && len(words) == 1 && root(words[0]) == root(name[0]), len(words) == len(name)+1 && slices.Equal(words[:len(name)], name) && words[len(name)] == "reported":
				k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + f.Name, Confidence: 0.9, When: &When{On: f.Name, Values: []string{on}, After: r.base()}, Reads: []string{f.Name}}
				if k.When.After == "" {
					k.When.After = r.starts()
				}
				if before := r.undone(name[0]); before != "" {
					k.When.After = before
				}
				if k.When.After != "" {
					k.Reads = append(k.Reads, k.When.After)
				}
				r.claim(k)
			case (name[0] == "active" || name[0] == "current" || name[0] == "enabled") && len(name) == 1 && len(words) == 1 && (gone[words[0]] || name[0] == "current" && set("end ends until to")[words[0]]) && on == "true":
				r.claim(Claim{Column: f.Name, Says: r.Name + "." + f.Name + " where there is no " + c.Name, Confidence: 0.85, Computed: cell(c.Name) + " == nil", Reads: []string{c.Name}})
			case len(name) == 1 && name[0] == "online" && strings.Join(words, "_") == "last_seen" && on == "true":
				r.claim(Claim{Column: f.Name, Says: r.Name + "." + f.Name + " only where there is " + c.Name, Confidence: 0.8, Computed: cell(c.Name) + " != nil", Reads: []string{c.Name}})
			}
		}
	}
}

// undone finds what a state takes back that leaves the way: what has bounced was received before.
func (r *reading) undone(state string) string {
	if s := stages[normal(state)]; !s.side || s.at < 30 {
		return ""
	}
	for _, c := range r.Columns {
		if c.moment() && c.NotNull && !c.has(outlooks) && c.has(set("received paid charged collected delivered")) {
			return c.Name
		}
	}
	return ""
}

// saysOf tells whether a moment is that of a switch, and of no other one: opted_in_at of newsletter_opt_in, consented_at of
// gdpr_consent.
func (r *reading) saysOf(f, c *Column, words, name []string) bool {
	among := func(all []string) bool {
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(all, func(o string) bool { return root(o) == root(w) })
		})
	}
	if len(words) == 0 || len(name) < 2 || len(words) > len(name) || !among(name) || c.has(outlooks) {
		return false
	}
	for _, o := range r.Columns {
		if o != f && o.on() != "" && among(without(o.Words, switches)) {
			return false
		}
	}
	return true
}

// starts finds the beginning of what has an end.
func (r *reading) starts() string {
	for _, c := range r.Columns {
		if c.moment() && c.NotNull && c.has(set("starts start begins authorized sent occurred moved measured planned")) {
			return c.Name
		}
	}
	return ""
}

// gone are words for the end of what was active.
var gone = set("left ended terminated deactivated closed retired dismissed resigned disabled discontinued archived deleted expired decommissioned")

// companions are cells that are there where something happened: why, by whom, how long, what was noted.
func (r *reading) companions() {
	for _, c := range r.Columns {
		if c.NotNull || r.taken[c.Name] || c.Unique || len(c.Words) < 2 && !c.has(set("longitude lng lon")) {
			continue
		}
		last := c.Words[len(c.Words)-1]
		head := past(c.Words[max(len(c.Words)-2, 0)])
		first := past(c.Words[0])
		switch {
		case c.text() && (last == "reason" || last == "note" || last == "notes" || last == "comment" || last == "message" || last == "code" && first == "failed" || last == "details"):
			if !r.where(c, head, last) && head != first {
				r.where(c, first, last)
			}
		case c.text() && (last == "by" || len(c.Words) > 2 && last == "id" && c.Words[len(c.Words)-2] == "by"):
			head = past(c.Words[max(slices.Index(c.Words, "by")-1, 0)])
			r.where(c, head, last)
		case c.Refers != nil && !c.Refers.Self && first != c.Words[0] || c.Refers != nil && stages[normal(first)].at >= 28 && len(c.Words) > 2:
			r.where(c, first, last)
		case (c.number() || c.text()) && set("amount price value fee percent code offer")[last] && len(c.Words) == 2 && r.stated(c) != nil:
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + r.stated(c).String(), Confidence: 0.82, When: r.stated(c), Reads: []string{r.stated(c).On}})
		case c.moment() && last == "until":
			r.where(c, head, last)
		case c.moment() && last == "from" && head != "valid": // frozen_from beside frozen_until
			r.where(c, head, last)
		case c.whole() && (last == "late" || c.Words[0] == "late" || last == "overdue"):
			r.where(c, "late", last)
		case c.number() && (last == "amount" || last == "paid") && head == "paid" && len(c.Words) == 2:
			r.with(c, func(o *Column) bool { return o.moment() && slices.Contains(o.Words, "paid") })
		case c.number() && (c.has(set("duration latency elapsed")) || strings.HasPrefix(strings.Join(c.Words, "_"), "length_of")):
			r.with(c, func(o *Column) bool {
				return o.moment() && !o.NotNull && o.has(set("ended end finished resolved discharged completed closed stopped returned"))
			})
			r.with(c, func(o *Column) bool { return o.moment() && !o.NotNull && o.has(set("acknowledged answered responded")) })
		case c.number() && (last == "longitude" || last == "lng" || last == "lon"):
			r.with(c, func(o *Column) bool {
				end := o.Words[len(o.Words)-1]
				return o.number() && (end == "latitude" || end == "lat") && slices.Equal(o.Words[:len(o.Words)-1], c.Words[:len(c.Words)-1])
			})
		case c.number() && c.has(set("points score mark grade")) && slices.ContainsFunc(r.Columns, func(o *Column) bool { return o.moment() && o.has(set("graded marked scored evaluated")) }):
			r.with(c, func(o *Column) bool { return o.moment() && !o.NotNull && o.has(set("graded marked scored evaluated")) })
		}
	}
	for _, c := range r.Columns { // an excuse is for who is not there
		if c.text() && !c.NotNull && len(c.Words) == 1 && c.Words[0] == "excuse" && !r.taken[c.Name] {
			r.where(c, "absent", "reason")
		}
	}
	for _, c := range r.Columns { // what comes of a thing is known once it is over
		if !c.NotNull && !r.taken[c.Name] && c.Refers == nil && !c.moment() &&
			set("feedback outcome result score recommendation conclusion findings resolution compensation compensation_amount resolution_notes verdict")[strings.Join(without(r.own(c), units), "_")] {
			for _, what := range []string{"completed", "done", "attended", "finished", "resolved", "closed"} {
				if r.where(c, what, "result") {
					break
				}
			}
		}
	}
	for _, c := range r.Columns { // how one has paid is known once one has
		if name := strings.Join(r.own(c), "_"); c.text() && !c.NotNull && !r.taken[c.Name] && (name == "payment_method" || name == "paid_by" || name == "paid_via" || name == "payment_type" || name == "payment_reference") {
			if w := r.since(c, "paid"); w != nil {
				r.only(c, w, 0.85)
			} else {
				r.where(c, "paid", "by")
			}
		}
	}
	for _, c := range r.Columns { // and what one thinks of it once it is over
		if !c.NotNull && !r.taken[c.Name] && c.Refers == nil && !c.Unique && c.number() && c.has(set("rating stars satisfaction")) && !c.has(set("count average")) {
			for _, f := range r.Columns {
				if on := f.on(); on != "" && f.has(set("completed done finished attended delivered returned closed")) {
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + f.Name, Confidence: 0.85, When: &When{On: f.Name, Values: []string{on}}, Reads: []string{f.Name}})
				}
			}
		}
	}
	for _, c := range r.Columns { // an answer is there where it was given
		own := r.own(c)
		if c.text() && !c.NotNull && !r.taken[c.Name] && len(own) == 1 && len(own[0]) > 4 && c.Refers == nil && len(c.Values) == 0 {
			r.with(c, func(o *Column) bool {
				words := without(r.own(o), set("at on date time"))
				return o.moment() && len(words) == 1 && strings.HasPrefix(words[0], own[0][:4])
			})
		}
	}
	r.methods()
	r.refused()
	r.doings()
}

// stated finds the state whose word is the first of a column's name: countered of counter_amount. States that rows go on from
// are none.
func (r *reading) stated(c *Column) *When {
	for _, o := range r.Columns {
		if o == c || !o.text() || len(o.Values) < 3 || !o.has(statuses) {
			continue
		}
		for _, v := range o.Values {
			s := stages[normal(v)]
			if root(normal(v)) == root(c.Words[0]) && (s.side || set("countered escalated waived adjusted")[normal(v)]) {
				return &When{On: o.Name, Values: []string{v}}
			}
		}
	}
	return nil
}

// where lets a cell be there in the rows to which something happened, by their state, switch or moment.
func (r *reading) where(c *Column, what, last string) bool {
	say := func(on *Column, values []string, sure float64) bool {
		says := r.Name + "." + c.Name + " is there where " + on.Name
		if len(values) > 0 && values[0] != "true" {
			says += " is " + strings.Join(values, " or ")
		}
		k := Claim{Column: c.Name, Says: says, Confidence: sure, When: &When{On: on.Name, Values: values}, Reads: []string{on.Name}}
		if c.moment() && last == "from" && len(values) > 0 {
			if k.When.After = r.base(); k.When.After != "" {
				k.Reads = append(k.Reads, k.When.After)
			}
		}
		return r.claim(k)
	}
	for _, o := range r.Columns {
		if o.text() && len(o.Values) > 1 {
			var in []string
			for _, v := range o.Values {
				if normal(v) == what || past(normal(v)) == what {
					in = append(in, v)
				}
			}
			if len(in) > 0 && o != c {
				return say(o, in, 0.88)
			}
		}
	}
	for _, o := range r.Columns {
		if on := o.on(); on != "" && slices.ContainsFunc(o.Words, func(w string) bool { return past(w) == what }) {
			return say(o, []string{on}, 0.88)
		}
	}
	for _, o := range r.Columns {
		if o.moment() && o != c && !o.NotNull && slices.ContainsFunc(o.Words, func(w string) bool { return past(w) == what }) {
			return say(o, nil, 0.85)
		}
	}
	for _, o := range r.Columns { // what is counted, where there is any of it
		if o != c && o.number() && o.NotNull && slices.ContainsFunc(o.Words, func(w string) bool { return w == what }) && set("quantity count amount number qty units")[o.Words[0]] != (len(o.Words) == 1) {
			w := &When{On: o.Name, Above: true}
			return r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + w.String(), Confidence: 0.84, When: w, Reads: []string{o.Name}})
		}
	}
	return false
}

// with lets a cell be there where another one is.
func (r *reading) with(c *Column, fits func(*Column) bool) {
	if r.taken[c.Name] {
		return
	}
	for _, o := range r.Columns {
		if o != c && !o.NotNull && fits(o) {
			w := &When{On: o.Name}
			if c.moment() && o.moment() {
				w.After = o.Name
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + o.Name + " is",
				Confidence: 0.85, When: w, Reads: []string{o.Name}})
			return
		}
	}
}

// methods: digits and brands are of those who pay by card; the names of a person are none of a company's.
func (r *reading) methods() {
	for _, o := range r.Columns {
		if !o.text() || len(o.Values) < 2 || o.Refers != nil {
			continue
		}
		for _, c := range r.Columns {
			if c.NotNull || c == o || c.Refers != nil && c.Refers.Self || c.Refers == nil && r.taken[c.Name] || c.Unique {
				continue
			}
			for _, v := range o.Values {
				kind := normal(v)
				own := len(c.Words) > 1 && slices.Contains(strings.Split(kind, "_"), c.Words[0]) && !statuses[o.Words[len(o.Words)-1]]
				pays := !own && paysBy(kind, c)
				person := set("person individual private household consumer residential natural_person")[kind] &&
					(c.has(set("first last birth middle")) && c.has(set("name date birth")) || c.has(set("gender sex")))
				firm := (kind == "company" || kind == "business" || kind == "organization" || kind == "corporate") && (c.has(set("company vat legal registration business")) || strings.Join(c.Words, "_") == "tax_number")
				switch {
				case c.Refers != nil && own && len(c.Words) == 2 && !o.has(set("by")): // the agent of what an agent has sent
					r.only(c, &When{On: o.Name, Values: []string{v}}, 0.85)
				case c.Refers != nil && len(c.Words) == 3 && root(kind) == root(c.Words[0]) &&
					o.has(set("kind type reason source channel")): // who was referred, of a referral
					r.only(c, &When{On: o.Name, Values: []string{v}}, 0.84)
				case c.Refers != nil:
				case own || pays || person || firm || o.has(set("kind type category")) && measures[kind] != "" &&
					c.number() && c.has(set(measures[kind])):
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is there where " + o.Name + " is " + v, Confidence: 0.85, When: &When{On: o.Name, Values: []string{v}}, Reads: []string{o.Name}})
				}
			}
		}
	}
}

// measures are words for what is measured of one kind of expense, trip or activity alone.
var measures = map[string]constant{
	"mileage": "distance mileage kilometers miles odometer", "fuel": "liters litres gallons", "lodging": "nights",
	"hotel":         "nights",
	"accommodation": "nights",
}

// people: a person's sex, where a list has the words for it, is that of the first name.
func (r *reading) people() {
	if !slices.ContainsFunc(r.Columns, func(c *Column) bool {
		name := strings.Join(r.own(c), "_")
		return c.text() && (name == "first_name" || name == "firstname" || name == "given_name" || name == "forename" || name == "full_name")
	}) {
		return
	}
	for _, c := range r.Columns {
		if !c.text() || !c.has(set("gender sex salutation title")) || len(c.Values) < 2 {
			continue
		}
		p := &Person{}
		for _, v := range c.Values {
			switch normal(v) {
			case "f", "female", "w", "woman", "frau", "ms", "mrs", "ms.", "mrs.", "mme":
				p.Female = v
			case "m", "male", "man", "herr", "mr", "mr.":
				p.Male = v
			}
		}
		if p.Female != "" && p.Male != "" {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " goes with the first name", Confidence: 0.88, Person: p})
		}
	}
}

// paysBy tells whether a column is there for one way to pay.
func paysBy(kind string, c *Column) bool {
	switch {
	case set("sepa direct_debit bank_transfer transfer bank ach wire sepa_debit bank_account debit")[kind]:
		return c.has(set("iban bic swift mandate routing")) || strings.Join(c.Words, "_") == "account_holder" || strings.Join(c.Words, "_") == "bank_name"
	case set("card credit_card debit_card creditcard")[kind]:
		return c.has(set("card last4 cardholder")) || strings.HasSuffix(strings.Join(c.Words, "_"), "last_4")
	case set("cheque check")[kind]:
		return c.has(set("cheque")) || strings.Join(c.Words, "_") == "check_number"
	case set("mortgage loan financed finance financing")[kind]:
		return c.has(set("lender mortgage loan"))
	case kind == "paypal":
		return c.has(set("paypal"))
	}
	return false
}

// usual are values of which one comes most often: the declared default, or else the first.
func (r *reading) usual() {
	for _, c := range r.Columns {
		if c.whole() && slices.Equal(slices.Sorted(slices.Values(c.Values)), []string{"-1", "1"}) && c.Refers == nil {
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + ": most are for it", Confidence: 0.75, Weights: []Weight{{"1", 80}, {"-1", 20}}})
		}
		if !c.text() || len(c.Values) < 2 || len(c.Values) > 40 || c.Refers != nil || c.Unique || r.taken[c.Name] {
			continue
		}
		if c.has(set("gender sex weekday day month")) {
			continue
		}
		if on := c.on(); on != "" && (c.has(seldom) || c.has(mostly)) {
			k := Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is " + on + " in few rows", Confidence: 0.8}
			share := 4
			if c.has(mostly) {
				share, k.Says = 86, r.Name+"."+c.Name+" is "+on+" in most rows"
			}
			for _, v := range c.Values {
				w := 100 - share
				if v == on {
					w = share
				}
				k.Weights = append(k.Weights, Weight{v, w})
			}
			r.claim(k)
			continue
		}
		at := slices.Index(c.Values, c.literal())
		k := Claim{Column: c.Name, Confidence: 0.8}
		if at >= 0 {
			k.Says = r.Name + "." + c.Name + " is " + c.Values[at] + " in most rows, its default"
		} else {
			k.Says, k.Confidence = r.Name+"."+c.Name+": some come more often than others", 0.6
		}
		usual := Usual(c.Values)
		for i, v := range c.Values {
			w := max(100/(max(i-usual, usual-i)+2), 4)
			if at >= 0 {
				w = max(24/len(c.Values), 2)
				if i == at {
					w = 80
				}
			}
			if s, ok := stages[normal(v)]; ok && s.rare || normal(v) == "critical" || normal(v) == "fatal" {
				w = min(w, 5)
			}
			k.Weights = append(k.Weights, Weight{v, w})
		}
		r.claim(k)
	}
}
