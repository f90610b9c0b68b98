package meaning

import (
	"slices"
	"strconv"

	"github.com/sowerdata/sower/column"
)

// charges are what makes up what one pays, where no column sums up the most of it.
var charges = set("base distance time fare fee fees labor labour parts material materials surcharge toll tax vat tip gratuity rent electricity water heating energy travel mileage extra extras insurance deposit service cleaning delivery shipping late")

// fares: a total of several charges, times what they are multiplied by in rush hours, and the tip.
func (r *reading) fares(total *Column, numbers []*Column) {
	var plain, besides, reads []*Column
	var times *Column
	for _, c := range numbers {
		own := without(r.own(c), units, set("amount charge cost price"))
		switch {
		case c == total || c.Refers != nil || c.has(physical) != total.has(physical):
		case c.has(set("multiplier surge")) && !c.whole():
			times = c
		case c.has(none) || c.has(set("count minutes hours distance_km km miles")) && !c.has(units) || c.has(units) != total.has(units) || c.NotNull != total.NotNull || c.Type.Kind != total.Type.Kind:
		case len(own) == 0 || len(own) > 2 || slices.ContainsFunc(own, func(w string) bool { return !charges[w] && !cuts[w] }):
		case c.has(set("tip gratuity tax vat")) || c.has(cuts):
			besides = append(besides, c)
		default:
			plain = append(plain, c)
		}
	}
	if len(plain) < 2 && (len(plain) == 0 || len(besides) == 0) || len(plain) == 1 && !plain[0].has(set("fare base rent")) {
		return
	}
	expr := ""
	for i, c := range plain {
		if i > 0 {
			expr += " + "
		}
		expr, reads = expr+cell(c.Name), append(reads, c)
	}
	if times != nil {
		digits := ""
		if !total.whole() {
			digits = ", " + strconv.Itoa(total.Type.Scale)
		}
		expr, reads = "round(("+expr+") * "+cell(times.Name)+digits+")", append(reads, times)
	}
	for _, c := range besides {
		sign := " + "
		if c.has(cuts) {
			sign = " - "
			r.share(c, plain[0], 0.8, "a small part of", []int{0, 0, 0, 0, 0, 0, 5, 10, 10, 15})
		}
		expr, reads = expr+sign+cell(c.Name), append(reads, c)
	}
	if times != nil && total.whole() {
		var names []string
		for _, c := range reads {
			names = append(names, c.Name)
		}
		r.claim(Claim{Column: total.Name, Says: r.Name + "." + total.Name + " = " + expr, Confidence: 0.86, Computed: expr, Reads: names})
		return
	}
	r.compute(total, expr, 0.86, reads...)
}

// letting: what is let costs a month's rent, what is sold a price.
func (r *reading) letting(numbers []*Column) {
	price := r.named(numbers, "asking_price", "list_price", "listing_price", "price", "amount")
	if price == nil || !r.about(set("listing property house apartment flat unit advert ad")) {
		return
	}
	for _, kind := range r.Columns {
		if !kind.text() || len(kind.Values) < 2 || kind.Refers != nil {
			continue
		}
		for _, v := range kind.Values {
			if !set("rent rental let lease for_rent to_let")[normal(v)] || !slices.ContainsFunc(kind.Values, func(o string) bool { return set("sale sell buy for_sale")[normal(o)] }) {
				continue
			}
			least, most := "1800", "400000"
			if price.has(set("cents")) {
				least, most = "180000", "40000000"
			}
			r.claim(Claim{Column: price.Name, Says: r.Name + "." + price.Name + " is a month's rent where " + kind.Name + " is " + v, Confidence: 0.84,
				Part: &Part{Of: cell(kind.Name) + " == \"" + v + "\" ? " + least + " : " + most, Shares: []int{40, 50, 60, 65, 70, 75, 80, 85, 90, 95, 100, 110, 120, 135, 150, 170, 200, 240, 300}}, Reads: []string{kind.Name}})
			return
		}
	}
}

// rated are amounts of which the row says how many per cent of what it is about they are: a commission by its rate.
func (r *reading) rated(numbers []*Column) {
	for _, c := range numbers {
		if !c.has(set("commission fee interest bonus royalty deposit withholding")) || c.has(set("rate percent")) || r.taken[c.Name] {
			continue
		}
		rest := without(r.own(c), set("amount value"), units)
		for _, o := range numbers {
			if o == c || !o.has(set("rate percent")) || !slices.Equal(without(r.own(o), set("rate percent")), rest) {
				continue
			}
			base := r.named(numbers, "sale_price", "price", "final_price", "amount", "subtotal", "gross", "gross_amount", "total", "base_amount", "base_salary", "principal", "net_amount", "total_amount", "loan_amount")
			if base == nil || base == c {
				continue
			}
			by := " / 100"
			if o.Type.Kind == column.Float && !o.has(set("percent")) || o.Type.Kind == column.Decimal && o.Type.Precision > 0 && o.Type.Precision-o.Type.Scale <= 1 {
				by = ""
			}
			r.compute(c, cell(base.Name)+" * "+cell(o.Name)+by, 0.87, base, o)
		}
	}
}

// percentOf finds how many per cent of the base a number is: discount_percent of discount.
func (r *reading) percentOf(numbers []*Column, c *Column) *Column {
	for _, o := range numbers {
		if o != c && o.has(set("percent")) && slices.Equal(without(r.own(o), set("percent")), without(r.own(c), set("amount value"), units)) {
			return o
		}
	}
	return nil
}
