package meaning

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sqlexpr"
)

var (
	totals = set("total total_amount grand_total total_price gross gross_amount gross_total total_gross amount_total order_total invoice_total total_debit total_due total_cost price_total total_value gross_price gross_pay gross_salary gross_wage gross_wages gross_income gross_earnings")
	nets   = set("base_fare base_fare_total fare_total room_total base_total rental_total accommodation_total subtotal sub_total net net_amount net_total total_net items_total base_amount net_price amount_net amount_without_tax price_net net_pay net_salary net_wage net_wages net_income net_earnings take_home_pay")
	lines  = set("room_total base_total rental_total accommodation_total line_total line_amount line_price total amount total_price total_amount extended_price extended_amount extended_cost subtotal sub_total net_amount net amount_net price_total total_cost sum line_cost line_value total_value")

	adds = set("tax vat gst deduction deductions insurance pension withholding contribution shipping freight delivery handling fee fees surcharge tip gratuity postage duty taxes")
	cuts = set("discount rebate discounts")
	none = set("rate percent percentage id number code method address type status name country state zip at date")
)

// computed are columns that others give: a line's total, a sum with tax, a volume, what is left.
func (r *reading) computed() {
	var numbers []*Column
	for _, c := range r.Columns {
		if c.number() {
			numbers = append(numbers, c)
		}
	}
	r.lateness()
	r.yearly(numbers)
	r.rebates(numbers)
	r.rates(numbers)
	r.schooling(numbers)
	r.depths(numbers)
	r.letting(numbers)
	r.letters(numbers)
	r.raises(numbers)
	r.moved(numbers)
	if len(numbers) < 2 {
		r.measures(numbers)
		return
	}
	r.products(numbers)
	r.lifetimes(numbers)
	r.cleared(numbers)
	r.wages(numbers)
	r.balances(numbers)
	r.rated(numbers)
	r.leftOver(numbers)
	r.sums(numbers)
	r.halves(numbers)
	r.differences(numbers)
	r.measures(numbers)
	r.outside(numbers)
}

// depths are how far rows of a tree lie below its root.
func (r *reading) depths(numbers []*Column) {
	for _, up := range r.Columns {
		if up.Refers == nil || !up.Refers.Self || up.NotNull || up.Unique {
			continue
		}
		for _, c := range numbers {
			top := "0"
			switch r.plain(c) {
			case "depth", "nesting_level", "nesting", "indent", "indentation":
			case "level", "level_number", "tree_level", "hierarchy_level", "lvl":
				top = "1"
				if first, ok := sqlexpr.Constant(c.Default); ok && first == "0" {
					top = "0"
				}
			default:
				continue
			}
			expr := cell(up.Name) + " == nil ? " + top + " : " + cell(up.Name) + "." + c.Name + " + 1"
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is one more than that of its " + strings.Join(stem(up), "_"), Confidence: 0.9, Computed: expr, Reads: []string{up.Name}})
		}
		return
	}
}

// rebates are per cent or money, by their type.
func (r *reading) rebates(numbers []*Column) {
	value := r.named(numbers, "discount_value", "value", "discount", "discount_amount", "amount")
	if value == nil {
		return
	}
	for _, c := range r.Columns {
		if !c.text() || len(c.Values) < 2 || !c.has(set("type kind")) {
			continue
		}
		at := slices.IndexFunc(c.Values, func(v string) bool { return strings.HasPrefix(normal(v), "percent") })
		if at < 0 {
			continue
		}
		most := "100"
		if value.whole() && slices.ContainsFunc(r.Columns, func(o *Column) bool { return o.has(set("cents")) }) {
			most = "10000"
		}
		r.claim(Claim{Column: value.Name, Says: r.Name + "." + value.Name + " is per cent where " + c.Name + " is " + c.Values[at] + ", and money elsewhere", Confidence: 0.85,
			Part: &Part{Of: cell(c.Name) + " == \"" + c.Values[at] + "\" ? 100 : " + most, Shares: []int{5, 10, 10, 15, 20, 20, 25, 30, 50}}, Reads: []string{c.Name}})
	}
}

// rates of what was sent, opened or clicked are what the counts come to.
func (r *reading) rates(numbers []*Column) {
	for _, x := range [][2]string{{"open", "sent"}, {"click", "sent"}, {"bounce", "sent"}, {"unsubscribe", "sent"}, {"conversion", "visit"}} {
		rate := r.named(numbers, x[0]+"_rate")
		part := r.named(numbers, x[0]+"_count", x[0]+"s_count", x[0]+"s", x[0]+"ed_count")
		whole := r.named(numbers, x[1]+"_count", x[1]+"s_count", x[1], x[1]+"s")
		if rate == nil || part == nil || whole == nil || rate.whole() {
			continue
		}
		times := " * 100"
		if rate.Type.Kind == column.Decimal && rate.Type.Precision > 0 && rate.Type.Precision-rate.Type.Scale < 2 {
			times = ""
		}
		r.claim(Claim{Column: rate.Name, Says: r.Name + "." + rate.Name + " is " + part.Name + " of " + whole.Name, Confidence: 0.86,
			Computed: cell(whole.Name) + " == 0 ? 0 : round(" + cell(part.Name) + times + " / " + cell(whole.Name) + ", " + strconv.Itoa(max(rate.Type.Scale, 2)) + ")", Reads: []string{part.Name, whole.Name}})
	}
}

// schooling: what ends some years after it begins, both in years.
func (r *reading) schooling(numbers []*Column) {
	start, end := r.named(numbers, "start_year", "year_start", "from_year", "formed_year", "year_formed"), r.named(numbers, "end_year", "year_end", "to_year", "graduation_year", "disbanded_year", "year_disbanded")
	if start != nil && end != nil && start.NotNull && start.whole() && end.whole() && r.about(set("education study degree schooling qualification")) {
		r.claim(Claim{Column: end.Name, Says: r.Name + "." + end.Name + " is some years after " + start.Name, Confidence: 0.86, Part: &Part{Of: "6", Least: 20, Most: 100, Unless: cell(start.Name) + " + "}, Reads: []string{start.Name}})
	}
}

// yearly: who pays for a year gets two months of it.
func (r *reading) yearly(numbers []*Column) {
	for _, y := range numbers {
		if !y.has(set("yearly annual annually year")) || !y.has(set("price fee cost amount")) {
			continue
		}
		rest := without(y.Words, set("yearly annual annually year per"))
		for _, m := range numbers {
			if m.has(set("monthly month")) && slices.Equal(without(m.Words, set("monthly month per")), rest) {
				r.compute(y, cell(m.Name)+" * 10", 0.85, m)
			}
		}
	}
}

// lateness: late is what comes after it was due, by the row or by its parent.
func (r *reading) lateness() {
	for _, f := range r.Columns {
		if f.Type.Kind != column.Bool || !f.has(set("late overdue")) {
			continue
		}
		for _, done := range r.Columns {
			if !done.moment() || !done.has(set("submitted returned delivered paid arrived completed finished")) {
				continue
			}
			due := func(t *Table, path string) string {
				for _, c := range t.Columns {
					if c.Type.Kind == done.Type.Kind && c.has(set("due deadline")) && c.NotNull && (path == "" || cell(c.Name) == c.Name) {
						return path + cell(c.Name)
					}
				}
				return ""
			}
			end := due(r.Table, "")
			for _, b := range r.Columns {
				if end == "" && b.Refers != nil && !b.Refers.Self && b.NotNull && b.Refers.Parent != nil {
					end = due(b.Refers.Parent, cell(b.Name)+".")
				}
			}
			if end != "" {
				expr := cell(done.Name) + " != nil and " + cell(done.Name) + " > " + end
				r.claim(Claim{Column: f.Name, Says: r.Name + "." + f.Name + " where " + done.Name + " > " + end, Confidence: 0.88, Computed: expr, Reads: []string{done.Name}})
			}
		}
	}
}

// letters: a mark of A to F is what the points come to.
func (r *reading) letters(numbers []*Column) {
	for _, c := range r.Columns {
		if !c.text() || len(c.Values) < 4 || !c.has(set("grade mark letter")) || slices.ContainsFunc(c.Values, func(v string) bool { return len(v) != 1 || v < "A" || v > "F" }) {
			continue
		}
		for _, n := range numbers {
			if !n.has(set("score points percent percentage total average")) || len(c.Words) > 1 && len(n.Words) > 1 && c.Words[0] != n.Words[0] {
				continue
			}
			expr, least := "", 90
			sorted := slices.Sorted(slices.Values(c.Values))
			for _, v := range sorted[:len(sorted)-1] {
				expr += cell(n.Name) + " >= " + strconv.Itoa(least) + " ? \"" + v + "\" : "
				least -= 10
			}
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is what " + n.Name + " comes to", Confidence: 0.85,
				Computed: cell(n.Name) + " == nil ? nil : " + expr + "\"" + sorted[len(sorted)-1] + "\"", Reads: []string{n.Name}})
			break
		}
	}
}

// outside: what was measured is out of the ordinary where it lies outside of its range.
func (r *reading) outside(numbers []*Column) {
	value := r.named(numbers, "value", "result", "result_value", "measured_value", "reading")
	if value == nil {
		return
	}
	for _, f := range r.Columns {
		if f.Type.Kind != column.Bool || !f.has(set("abnormal range anomaly anomalous alarm flagged outlier")) {
			continue
		}
		for _, low := range numbers {
			for _, high := range numbers {
				if low.has(pairs[1][0]) && high.has(pairs[1][1]) && slices.Equal(without(low.Words, pairs[1][0]), without(high.Words, pairs[1][1])) || low.has(pairs[0][0]) && high.has(pairs[0][1]) && slices.Equal(without(low.Words, pairs[0][0]), without(high.Words, pairs[0][1])) {
					r.claim(Claim{Column: value.Name, Says: r.Name + "." + value.Name + " lies between " + low.Name + " and " + high.Name + " in most rows", Confidence: 0.85,
						Above: &Part{Of: cell(low.Name), Least: -8, Most: 108}, Reads: []string{low.Name, high.Name}})
					expr := cell(value.Name) + " < " + cell(low.Name) + " or " + cell(value.Name) + " > " + cell(high.Name)
					r.claim(Claim{Column: f.Name, Says: r.Name + "." + f.Name + " where " + expr, Confidence: 0.88, Computed: expr, Reads: []string{value.Name, low.Name, high.Name}})
					return
				}
			}
		}
	}
}

// plain are a column's own words without units, joined.
func (r *reading) plain(c *Column) string { return strings.Join(without(r.own(c), units), "_") }

// compute claims that a column is what an expression gives.
func (r *reading) compute(c *Column, expr string, sure float64, reads ...*Column) bool {
	var names []string
	for _, o := range reads {
		names = append(names, o.Name)
	}
	computed := expr
	if c.Type.Kind == column.Float && slices.ContainsFunc(reads, func(o *Column) bool { return o.Type.Kind == column.Float }) {
		computed = "round(" + expr + ", 2)"
	} else if c.whole() && slices.ContainsFunc(reads, func(o *Column) bool { return !o.whole() }) {
		computed = "round(" + expr + ")"
	} else if c.Type.Kind == column.Decimal && slices.ContainsFunc(reads, func(o *Column) bool { return o.Type.Scale > c.Type.Scale || o.Type.Kind == column.Float }) || strings.Contains(expr, "/") || c.Type.Kind == column.Decimal && strings.Contains(expr, "*") {
		computed = "round(" + expr + ", " + strconv.Itoa(c.Type.Scale) + ")"
		if c.whole() {
			computed = "round(" + expr + ")"
		}
	}
	return r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " = " + expr, Confidence: sure, Computed: computed, Reads: names})
}

// products: what a row costs is how many times what one costs, less a discount.
func (r *reading) products(numbers []*Column) {
	var quantity, price *Column
	for _, c := range numbers {
		last := c.Words[len(c.Words)-1]
		switch {
		case c.has(set("quantity")) && !c.has(set("received shipped returned reserved delivered available")) || quantities[last] && quantity == nil && len(r.own(c)) == 1 && last != "count":
			if quantity == nil || !quantity.has(set("quantity")) {
				quantity = c
			}
		}
		unit := c.has(set("unit each per")) && c.has(set("price cost rate amount value"))
		hourly := last == "rate" && len(r.own(c)) == 1 && r.about(set("line item entry detail")) &&
			!r.has2(set("tax tax_amount vat vat_amount"))
		if unit || hourly || prices[last] && len(without(r.own(c), units)) == 1 && last != "rate" ||
			r.plain(c) == "hourly_rate" || r.plain(c) == "daily_rate" || r.plain(c) == "nightly_rate" ||
			r.plain(c) == "rate_per_night" || r.plain(c) == "price_per_night" {
			if price == nil || unit && !price.has(set("unit")) {
				price = c
			}
		}
	}
	if price == nil {
		r.pricedBy(numbers, quantity)
		return
	}
	if quantity == nil || quantity == price {
		return
	}
	var total *Column
	for _, c := range numbers {
		if name := r.plain(c); c != price && c != quantity && lines[name] && c.has(units) == price.has(units) && (total == nil || nets[name]) {
			total = c
		}
	}
	if total == nil {
		return
	}
	expr := cell(quantity.Name) + " * " + cell(price.Name)
	for _, c := range numbers {
		if !c.has(cuts) || c == total || nets[r.plain(total)] || r.taken[c.Name] {
			continue
		}
		switch {
		case c.has(set("percent rate")):
			r.compute(total, expr+" * (100 - "+cell(c.Name)+") / 100", 0.85, quantity, price, c)
		case c.Type.Kind != column.Float:
			r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is a small part of what the row costs", Confidence: 0.8,
				Part: &Part{Of: expr, Shares: []int{0, 0, 0, 0, 0, 5, 10, 10, 15, 20}}, Reads: []string{quantity.Name, price.Name}})
			r.compute(total, expr+" - "+cell(c.Name), 0.85, quantity, price, c)
		}
		return
	}
	r.compute(total, expr, 0.92, quantity, price)
}

// cell writes a column's name as an expression reads it.
func cell(name string) string {
	if name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == "" && (name[0] < '0' || name[0] > '9') && !keywords[strings.ToLower(name)] {
		return name
	}
	return "cell(\"" + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + "\")"
}

// parentCell writes a cell of the row that a column refers to.
func parentCell(by, c *Column) string {
	if cell(c.Name) != c.Name || cell(by.Name) != by.Name {
		return cell(by.Name + "." + c.Name)
	}
	return by.Name + "." + c.Name
}

// keywords are names that expressions read as something else.
var keywords = set("in and or not nil true false let if else contains matches startswith endswith date trunc format year quarter month week weekday yearday day hour minute second lower upper trim length prefix left concat replace text round floor ceil abs min max coalesce epoch cell len type string int float all any one none map filter count sum first last now duration keys values sort split join find now mean median take reduce reverse uniq flatten get")

// sums: a total is what is sold, with tax and shipping, less discounts.
func (r *reading) sums(numbers []*Column) {
	var total, base, rate *Column
	for _, c := range numbers {
		name := r.plain(c)
		switch {
		case totals[name] && !r.taken[c.Name] && total == nil:
			total = c
		case nets[name]:
			base = c
		case (name == "tax_rate" || name == "vat_rate" || name == "tax_percent" || name == "vat_percent" || name == "gst_rate") && rate == nil:
			rate = c
		}
	}
	if base == nil && total != nil { // what is moved, with a fee
		for _, c := range numbers {
			if c != total && (r.plain(c) == "amount" || r.plain(c) == "base_price" || r.plain(c) == "price") {
				base = c
			}
		}
	}
	if base == nil {
		if total != nil {
			r.fares(total, numbers)
		}
		return
	}
	if total != nil && slices.ContainsFunc(r.claims, func(k Claim) bool { return k.Column == base.Name && slices.Contains(k.Reads, total.Name) }) {
		return // the net amount is made of it
	}
	expr, reads := cell(base.Name), []*Column{base}
	taxed, cut := cell(base.Name), []*Column{base}
	for _, c := range numbers {
		if c.has(cuts) && !c.has(none) && c != total && c.has(units) == base.has(units) && total != nil {
			taxed, cut = "("+cell(base.Name)+" - "+cell(c.Name)+")", append(cut, c)
		}
		if c == total || c == base || c.has(none) || c.has(totals) && !c.has(adds) && !c.has(cuts) || c.has(units) != base.has(units) || !c.has(adds) && !c.has(cuts) {
			continue
		}
		switch {
		case c.has(set("tax vat gst taxes duty")) && rate != nil:
			by := " / 100"
			if rate.Type.Kind == column.Float && !rate.has(set("percent")) || rate.Type.Kind == column.Decimal && rate.Type.Precision > 0 && rate.Type.Precision-rate.Type.Scale <= 1 {
				by = ""
			}
			r.compute(c, taxed+" * "+cell(rate.Name)+by, 0.9, append(slices.Clone(cut), rate)...)
		case c.has(set("tax vat gst taxes duty")):
			r.share(c, base, 0.85, "a tax on", []int{20, 20, 20, 10, 5, 0})
		case c.has(set("shipping freight delivery handling postage")):
		case c.has(cuts) && r.percentOf(numbers, c) != nil:
			by := r.percentOf(numbers, c)
			r.compute(c, cell(base.Name)+" * "+cell(by.Name)+" / 100", 0.88, base, by)
		case c.has(cuts):
			r.share(c, base, 0.8, "a small part of", []int{0, 0, 0, 0, 0, 0, 5, 10, 10, 15})
		default:
			r.share(c, base, 0.75, "a small part of", []int{0, 1, 1, 2, 2, 3})
		}
		sign := " + "
		if c.has(cuts) {
			sign = " - "
		}
		expr, reads = expr+sign+cell(c.Name), append(reads, c)
	}
	if total != nil && len(reads) > 1 && total.has(units) == base.has(units) {
		r.compute(total, expr, 0.92, reads...)
	}
}

// leftOver: what somebody gets is what was paid without the fees for it.
func (r *reading) leftOver(numbers []*Column) {
	net, whole := r.named(numbers, "net", "net_amount", "amount_net", "net_total", "payout", "payout_amount", "net_payout"), r.named(numbers, "gross", "gross_amount", "amount", "total", "total_amount", "amount_gross")
	if net == nil || whole == nil || net == whole || r.has2(set("tax vat gst tax_amount vat_amount")) {
		return
	}
	expr, reads := cell(whole.Name), []*Column{whole}
	for _, c := range numbers {
		if c == net || c == whole || !c.has(set("fee fees commission")) || c.has(none) || c.has(units) != whole.has(units) {
			continue
		}
		r.share(c, whole, 0.8, "a small part of", []int{2, 3, 3, 5, 5, 8})
		expr, reads = expr+" - "+cell(c.Name), append(reads, c)
	}
	if len(reads) > 1 && net.has(units) == whole.has(units) {
		r.compute(net, expr, 0.9, reads...)
	}
}

// share claims that a column is one of some hundredths of another one.
func (r *reading) share(c, of *Column, sure float64, what string, shares []int) {
	r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is " + what + " " + of.Name, Confidence: sure, Part: &Part{Of: cell(of.Name), Shares: shares}, Reads: []string{of.Name}})
}

// named finds the first column that goes by one of some names.
func (r *reading) named(numbers []*Column, names ...string) *Column {
	for _, n := range names {
		for _, c := range numbers {
			if r.plain(c) == n {
				return c
			}
		}
	}
	return nil
}

// measures: areas, volumes, and how often something is done in all.
func (r *reading) measures(numbers []*Column) {
	l, w, h := r.named(numbers, "length", "depth"), r.named(numbers, "width"), r.named(numbers, "height")
	for _, c := range numbers {
		switch name := r.plain(c); {
		case (name == "volume" || name == "volume_3") && l != nil && w != nil && h != nil && sameUnit(l, w, h) && (len(c.Words) == 1 || slices.Contains(c.Words, l.Words[len(l.Words)-1])):
			r.compute(c, cell(l.Name)+" * "+cell(w.Name)+" * "+cell(h.Name), 0.85, l, w, h)
		case name == "word_count" || name == "words" || name == "words_count":
			for _, b := range r.Columns {
				if b.text() && b.has(set("body content text")) && !b.has(set("type format html")) {
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " counts the words of " + b.Name, Confidence: 0.9,
						Computed: "length(" + cell(b.Name) + ") - length(replace(" + cell(b.Name) + ", \" \", \"\")) + 1", Reads: []string{b.Name}})
				}
			}
		case name == "login_count" || name == "sign_in_count" || name == "logins_count" || name == "visit_count":
			for _, b := range r.Columns {
				if b.moment() && !b.NotNull && b.has(set("last")) && b.has(set("login sign logged seen visit")) {
					r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is 0 where there is no " + b.Name, Confidence: 0.85,
						Part: &Part{Of: cell(b.Name) + " == nil ? 0 : 60", Least: 2, Most: 100}, Reads: []string{b.Name}})
				}
			}
		case name == "area" && l != nil && w != nil:
			r.compute(c, cell(l.Name)+" * "+cell(w.Name), 0.85, l, w)
		case len(c.Words) == 2 && c.Words[0] == "total" || c.has(set("capacity")):
			for _, per := range numbers {
				n := len(per.Words)
				if n < 2 || per.Words[n-2] != "per" {
					continue
				}
				for _, long := range numbers {
					if u := per.Words[n-1]; r.plain(long) == u+"s" || long.Words[len(long.Words)-1] == u+"s" && long != per {
						r.compute(c, cell(per.Name)+" * "+cell(long.Name), 0.85, per, long)
					}
				}
			}
		}
	}
}

func sameUnit(columns ...*Column) bool {
	last := func(c *Column) string { return c.Words[len(c.Words)-1] }
	for _, c := range columns[1:] {
		if a, b := last(columns[0]), last(c); units[a] != units[b] || units[a] && a != b {
			return false
		}
	}
	return true
}

// Cell writes a column's name as an expression reads it.
func Cell(name string) string { return cell(name) }
