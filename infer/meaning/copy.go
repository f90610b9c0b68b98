package meaning

import (
	"slices"
	"strings"
)

var (
	prices     = set("price cost rate")
	quantities = set("quantity units pieces count hours nights days")
	carried    = set("probability name title sku code email phone price type unit brand currency category isbn number model symbol locale") // what others write down again of a row
	doings     = set("payment refund charge transaction settlement capture payout receipt")
)

// copies are cells that repeat a parent's: the name of the product, its price, the currency of the account.
func (r *reading) copies() {
	for _, c := range r.Columns {
		if c.Refers != nil || r.taken[c.Name] || c.Unique || c.moment() {
			continue
		}
		for _, b := range r.Columns {
			if b.Refers == nil || b.Refers.Self || b.Refers.Parent == nil || !b.NotNull {
				continue
			}
			if k, ok := r.copied(c, b); ok && r.claim(k) {
				break
			}
		}
		if c.text() && !r.taken[c.Name] && !r.about(set("currency country")) && (c.Words[len(c.Words)-1] == "currency" || strings.Join(r.own(c), "_") == "currency_code") {
			r.currency(c)
		}
	}
}

// currency is that of what the row belongs to, over several steps: of the event's organizer.
func (r *reading) currency(c *Column) {
	type place struct {
		table *Table
		path  string
	}
	at := []place{{r.Table, ""}}
	for range 3 {
		var next []place
		for _, p := range at {
			for _, b := range p.table.Columns {
				if b.Refers == nil || b.Refers.Self || !b.NotNull || b.Refers.Parent == nil || b.Refers.Parent == r.Table || b.Refers.Parent.about(set("currency")) {
					continue
				}
				path := strings.TrimPrefix(p.path+"."+b.Name, ".")
				for _, o := range b.Refers.Parent.Columns {
					if o.text() && o.NotNull && o.Refers == nil && len(b.Refers.Parent.own(o)) <= 2 && b.Refers.Parent.own(o)[0] == "currency" && strings.Contains(path, ".") {
						r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is the " + o.Name + " of " + path, Confidence: 0.84, Copied: &Path{path, o.Name}, Reads: []string{firstStep(path)}})
						return
					}
				}
				next = append(next, place{b.Refers.Parent, path})
			}
		}
		at = next
	}
}

func (r *reading) copied(c, b *Column) (Claim, bool) {
	parent := b.Refers.Parent
	says := func(o *Column, sure float64) (Claim, bool) {
		if o == nil || o.Name == b.Refers.Column || o.Refers != nil && c.Refers == nil || o.Type.Kind != c.Type.Kind || c.NotNull && !o.NotNull || o.Type.Scale > c.Type.Scale && o.number() ||
			c.text() && c.Type.Length > 0 && (o.Type.Length == 0 || o.Type.Length > c.Type.Length) && !slices.ContainsFunc(o.Words, func(w string) bool { return w == "currency" }) {
			return Claim{}, false
		}
		return Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is the " + o.Name + " of its " + strings.Join(stem(b), "_"), Confidence: sure,
			Copied: &Path{b.Name, o.Name}, Reads: []string{b.Name}}, true
	}
	last := c.Words[len(c.Words)-1]
	if s := stem(b); len(s) > 0 && len(c.Words) > len(s) && slices.Equal(c.Words[:len(s)], s) { // product_name beside product_id
		rest := c.Words[len(s):]
		if carried[rest[len(rest)-1]] {
			if o := parent.worded(rest); o != nil {
				return says(o, 0.9)
			}
		}
	}
	switch name := strings.Join(r.own(c), "_"); {
	case c.text() && set("title name sku")[name] && r.about(set("line item")) && r.counts() && parent.about(set("product article item variant sku book part service")):
		return says(parent.worded(r.own(c)), 0.85)
	case c.text() &&
		set("holder recipient recipient_name holder_name cardholder_name card_holder account_holder contact_name customer_name full_name")[name] && parent.about(set("user customer person client member contact buyer patient student employee")):
		for _, o := range []string{"full_name", "display_name", "name"} {
			if of := parent.worded(strings.Split(o, "_")); of != nil && !of.has(set("user login")) && !of.Unique {
				if k, ok := says(of, 0.8); ok {
					return k, ok
				}
			}
		}
		first, last := parent.worded([]string{"first", "name"}), parent.worded([]string{"last", "name"})
		if first != nil && last != nil && first.NotNull && last.NotNull && cell(first.Name) == first.Name && cell(last.Name) == last.Name && (c.Type.Length == 0 || c.Type.Length > first.Type.Length+last.Type.Length && first.Type.Length > 0 || c.Type.Length >= 30) {
			return Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is the name of its " + strings.Join(stem(b), "_"), Confidence: 0.8,
				Text: "{" + b.Name + "." + first.Name + "} {" + b.Name + "." + last.Name + "}", Reads: []string{b.Name}}, true
		}
	case last == "currency" || strings.Join(c.Words, "_") == "currency_code":
		return says(parent.worded(c.Words), 0.88)
	case last == "severity" && parent.has(set("rule check policy monitor")):
		return says(parent.worded(c.Words), 0.8)
	case c.number() && c.has(prices) && (c.has(set("unit")) || len(r.own(c)) == 1) && r.counts():
		return says(parent.priceOf(c), 0.85)
	case c.number() && c.Refers == nil && r.about(set("refund chargeback reversal")) && r.is(c, set("amount amount_cents total total_amount value refunded_amount amount_refunded")) && parent.about(set("payment charge transaction capture receipt")):
		if of := amountOf(parent, c); of != "" && !strings.ContainsAny(of, "*(") {
			return Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is at most that of its " + strings.Join(stem(b), "_"), Confidence: 0.85,
				Part: &Part{Of: cell(b.Name) + "." + of, Shares: []int{100, 100, 100, 100, 75, 50, 50, 25}}, Divided: b.Name, Reads: []string{b.Name}}, true
		}
	case c.number() && r.about(set("offer bid proposal")) && r.is(c, set("amount price offer_price bid_amount offered_price")) && parent.about(set("listing property auction item vehicle house")):
		for _, name := range []string{"list_price", "asking_price", "price", "starting_price"} {
			if o := parent.worded(strings.Split(name, "_")); o != nil && o.NotNull && cell(o.Name) == o.Name && o.number() {
				return Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is near the " + o.Name + " of its " + strings.Join(stem(b), "_"), Confidence: 0.8,
					Part: &Part{Of: cell(b.Name) + "." + o.Name, Least: 88, Most: 104}, Reads: []string{b.Name}}, true
			}
		}
	case c.number() && r.about(set("payout settlement disbursement")) && r.is(c, set("gross gross_amount gross_cents amount total total_amount amount_cents total_cents")) && parent.raised(c) != nil:
		return says(parent.raised(c), 0.82)
	case c.number() && r.about(doings) && r.is(c, set("amount amount_cents total total_amount amount_paid total_cents")) && !parent.about(persons) && !parent.about(doings):
		return says(parent.whole(c), 0.75)
	case c.number() && r.is(c, set("sale_price price final_price agreed_price contract_price amount")) && parent.about(set("offer bid quote proposal")):
		return says(parent.worded([]string{"amount"}), 0.82)
	case c.number() && len(without(r.own(c), units, set("amount monthly weekly base"))) > 0 && c.has(set("rent fee premium salary wage tuition dues")) && !c.has(set("late")) && !parent.about(persons) && parent.alike(c) != nil:
		return says(parent.alike(c), 0.82)
	case c.number() && r.priced1(c) && !parent.about(persons) && !r.composes() && !r.about(set("history log change snapshot quote bid offer")):
		return says(parent.priceOf(c), 0.8)
	case c.number() && c.has(set("fee price rate premium tariff charge deposit")) && len(c.Words) > 1 && !c.has(none) && !parent.about(persons) && !r.about(set("history log change snapshot quote bid offer")):
		return says(parent.worded(c.Words), 0.8)
	}
	return Claim{}, false
}

// raised finds what was collected for a row: pledged, raised, earned.
func (t *Table) raised(c *Column) *Column {
	for _, o := range t.Columns {
		if o.number() && o.has(units) == c.has(units) && o.has(set("pledged raised collected earned funded donated")) && len(without(t.own(o), units, set("total amount"))) == 1 {
			return o
		}
	}
	return nil
}

// alike finds the amount of the same thing, for a month or a week: monthly_rent of rent_amount.
func (t *Table) alike(c *Column) *Column {
	usual := set("amount monthly weekly base")
	for _, o := range t.Columns {
		if o.number() && o.has(units) == c.has(units) && slices.Equal(without(t.own(o), usual, units), without(c.Words, usual, units)) {
			return o
		}
	}
	return nil
}

// priced1 tells whether a column is the price of the one thing that a row is for: of a ticket, a seat, a night.
func (r *reading) priced1(c *Column) bool {
	own := without(r.own(c), units)
	return len(own) == 1 && own[0] == "price" && !r.counts()
}

// stem are the words of a reference without those that say that it is one.
func stem(c *Column) []string { return without(c.Words, set("id key fk ref uuid")) }

// has tells whether a table's name has one of some words.
func (t *Table) has(words map[string]bool) bool {
	return slices.ContainsFunc(t.Owner, func(w string) bool { return words[w] })
}

// worded finds a column by its words, with the table's name before them or without.
func (t *Table) worded(words []string) *Column {
	for _, c := range t.Columns {
		if slices.Equal(c.Words, words) || slices.Equal(t.own(c), words) {
			return c
		}
	}
	return nil
}

// counts tells whether a row says how many there are of something that has a price.
func (r *reading) counts() bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.number() && c.has(quantities) })
}

// priceOf finds the price of what a row sells, or its cost.
func (t *Table) priceOf(c *Column) *Column {
	for _, name := range []string{"unit_price", "price", "list_price", "selling_price", "sale_price", "retail_price", "regular_price", "base_price", "unit_cost", "cost", "cost_price"} {
		costs := strings.Contains(name, "cost")
		if costs != c.has(set("cost")) {
			continue
		}
		for _, o := range t.Columns {
			if strings.Join(without(t.own(o), units), "_") == name && o.number() && o.has(units) == c.has(units) {
				return o
			}
		}
	}
	return nil
}

// whole finds what all of a row comes to.
func (t *Table) whole(c *Column) *Column {
	for _, o := range t.Columns {
		if o.number() && o.has(units) == c.has(units) && totals[strings.Join(without(t.own(o), units), "_")] {
			return o
		}
	}
	return nil
}
