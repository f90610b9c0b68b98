package meaning

import "strings"

// heads are words for how many of what the parent has a price for somebody takes.
var heads = set("seats tickets guests persons people participants passengers adults attendees visitors copies items units places spots quantity qty pieces nights days hours")

// pricedBy: what a row costs is how many it takes times what one costs at its parent, where it has no price of its own.
func (r *reading) pricedBy(numbers []*Column, quantity *Column) {
	var total *Column
	for _, c := range numbers {
		own := r.own(c)
		if quantity == nil && c.whole() && len(own) > 0 && heads[own[len(own)-1]] && len(without(own, set("number of count num total"), heads)) == 0 {
			quantity = c
		}
		if name := r.plain(c); (name == "total" || name == "total_price" || name == "total_amount" || name == "price_total" || name == "total_cost") && !r.taken[c.Name] {
			total = c
		}
	}
	if quantity == nil || total == nil || quantity == total || !quantity.NotNull {
		return
	}
	var by, price *Column
	for _, b := range r.Columns {
		if b.Refers == nil || b.Refers.Self || b.Refers.Parent == nil || !b.NotNull {
			continue
		}
		for _, c := range b.Refers.Parent.Columns {
			words := without(b.Refers.Parent.own(c), units, set("unit base standard regular ticket seat per person each list entry"))
			if !c.number() || !c.NotNull || len(words) != 1 || !set("price fee cost")[words[0]] || c.has(units) != total.has(units) || c.whole() != total.whole() {
				continue
			}
			if price != nil { // which one is meant nobody can tell
				return
			}
			by, price = b, c
		}
	}
	if price == nil {
		return
	}
	r.claim(Claim{Column: total.Name, Says: r.Name + "." + total.Name + " is " + quantity.Name + " times the " + price.Name + " of its " + strings.Join(stem(by), "_"),
		Confidence: 0.88, Computed: cell(quantity.Name) + " * " + parentCell(by, price), Reads: []string{quantity.Name, by.Name}})
}
