package meaning

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// counted are numbers of children: comments_count, total_orders, open_tickets.
func (r *reading) counted(c *Column, of []Kindred) (Claim, bool) {
	if !c.whole() || !c.number() || c.has(set("max limit min capacity percent id quota target planned ordered unread")) {
		return Claim{}, false
	}
	own := r.own(c)
	if len(own) == 1 && (own[0] == "number" || own[0] == "count") {
		return Claim{}, false
	}
	words := without(own, counting, set("of times"))
	explicit := len(words) < len(own) || len(words) > 0 && set("used enrolled registered booked")[words[len(words)-1]]
	if n := len(words); n > 1 && doneTo[words[n-1]] && one(words[n-2]) != words[n-2] { // policies_sold
		for _, k := range of {
			if where := k.are(words[n-1]); where != "" && k.says(words[:n-1]) {
				return r.kin(c, k, "count", "", where, 0.85, "the number of its "+k.Child.Name+" where "+where), true
			}
		}
		words = words[:n-1]
	}
	if len(words) == 0 || !explicit && one(words[len(words)-1]) == words[len(words)-1] {
		return Claim{}, false
	}
	if r.about(set("plan tier")) || c.has(set("minutes hours seconds days months cents")) {
		return Claim{}, false
	}
	for _, k := range of {
		if k.says(words) {
			return r.kin(c, k, "count", "", "", 0.88, "the number of its "+k.Child.Name), true
		}
		if len(words) > 1 && set("affected involved impacted attached linked")[words[0]] && k.says(words[1:]) {
			return r.kin(c, k, "count", "", "", 0.85, "the number of its "+k.Child.Name), true
		}
		if len(words) > 1 && k.says(words[1:]) {
			if where := k.are(words[0]); where != "" {
				return r.kin(c, k, "count", "", where, 0.85, "the number of its "+k.Child.Name+" where "+where), true
			}
		}
	}
	for _, k := range of { // as many backers as there are pledges
		if len(words) == 1 && slices.ContainsFunc(k.Child.Columns, func(o *Column) bool {
			s := stem(o)
			return o != k.By && o.Refers != nil && o.NotNull && len(s) == 1 && s[0] == one(words[0]) && !o.Refers.Self
		}) {
			return r.kin(c, k, "count", "", "", 0.8, "the number of its "+k.Child.Name), true
		}
	}
	return Claim{}, false
}

// doneTo are words behind what is counted that say no more than that it is there.
var doneTo = set("sold made written placed given taken won lost published posted attended completed backed created received sent issued handled hosted organized played borrowed rented read uploaded managed owned opened closed delivered driven shipped")

// signs are words for votes of one kind.
var signs = map[string]int{"up": 1, "positive": 1, "like": 1, "plus": 1, "down": -1, "negative": -1, "dislike": -1, "minus": -1}

// are gives the condition that children are in a state that a word names; "" where they have none.
func (k Kindred) are(word string) string {
	for _, c := range k.Child.Columns {
		for _, v := range c.Values {
			if normal(v) == normal(word) && c.text() {
				return cell(c.Name) + " == \"" + v + "\""
			}
		}
		if c.Type.Kind == column.Bool && slices.Equal(without(c.Words, switches), []string{word}) {
			return cell(c.Name)
		}
		if sign := signs[word]; sign != 0 && c.whole() && slices.Equal(slices.Sorted(slices.Values(c.Values)), []string{"-1", "1"}) {
			return cell(c.Name) + " == " + strconv.Itoa(sign)
		}
	}
	return ""
}

// kin makes a claim.
func (r *reading) kin(c *Column, k Kindred, op, expr, where string, sure float64, says string) Claim {
	return Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is " + says, Confidence: sure,
		Kin: &Kin{Child: k.Child, By: k.By.Name, Op: op, Cell: expr, Where: where, Least: k.Child.itemizes(k.By)}}
}

// averaged are means: the rating of a product is that of its reviews.
func (r *reading) averaged(c *Column, of []Kindred) (Claim, bool) {
	if c.Refers != nil || c.Type.Kind != column.Decimal && c.Type.Kind != column.Float {
		return Claim{}, false
	}
	mean := c.has(set("average avg"))
	words := without(r.own(c), set("average avg value score stars"))
	for _, k := range of {
		rated := k.Child.about(set("review rating feedback evaluation survey"))
		if !mean && !(rated && r.is(c, set("rating rating_value score"))) {
			continue
		}
		for _, o := range k.Child.Columns {
			if !o.number() || o.has(set("count id")) {
				continue
			}
			plain := without(k.Child.own(o), set("value stars"))
			if len(plain) == 0 {
				plain = []string{"rating"}
			}
			same := slices.Equal(plain, words) || len(words) > 0 && k.says(words) && len(plain) == 1 && set("rating score stars points grade value")[plain[0]]
			same = same || rated && (len(words) == 0 || words[0] == "rating") && set("rating score stars")[plain[0]]
			if same {
				return r.kin(c, k, "avg", cell(o.Name), "", 0.88, "the mean "+o.Name+" of its "+k.Child.Name), true
			}
		}
	}
	return Claim{}, false
}

// edge is the first or the last moment of something: last_order_at, first_reading_at.
func (r *reading) edge(c *Column, of []Kindred) (Claim, bool) {
	if !c.moment() {
		return Claim{}, false
	}
	op := ""
	switch {
	case c.has(set("last latest newest recent")):
		op = "max"
	case c.has(set("first earliest oldest")):
		op = "min"
	default:
		return Claim{}, false
	}
	words := without(r.own(c), set("last latest newest recent most first earliest oldest at on date time timestamp datetime day"))
	if len(words) == 1 && strings.HasSuffix(words[0], "ed") { // when the first of its rows were published
		for _, k := range of {
			o := k.Child.worded([]string{words[0], "at"})
			if o == nil {
				o = k.Child.worded([]string{words[0], "on"})
			}
			if o != nil && o.moment() && o.Type.Kind == c.Type.Kind && !c.NotNull && stages[normal(words[0])].at >= 28 {
				return r.kin(c, k, op, cell(o.Name), "", 0.86, "the "+map[string]string{"max": "last", "min": "first"}[op]+" "+o.Name+" of its "+k.Child.Name), true
			}
		}
	}
	for _, k := range of {
		if !k.says(words) && !(len(words) == 1 && set(verbs[words[0]])[k.Child.Owner[len(k.Child.Owner)-1]]) {
			continue
		}
		at := k.Child.when()
		for _, o := range k.Child.Columns {
			if at != nil && at.Type.Kind != c.Type.Kind && o.Type.Kind == c.Type.Kind && o.moment() && o.NotNull &&
				!o.has(outlooks) {
				at = o
			}
		}
		if at == nil || at.Type.Kind != c.Type.Kind {
			continue
		}
		return r.kin(c, k, op, cell(at.Name), "", 0.88, "the "+map[string]string{"max": "last", "min": "first"}[op]+" "+at.Name+" of its "+k.Child.Name), true
	}
	return Claim{}, false
}

// verbs name what is done by the rows that say so.
var verbs = map[string]constant{"ordered": "order", "posted": "post", "commented": "comment",
	"purchased": "order purchase", "purchase": "order", "paid": "payment", "visited": "visit", "measured": "measurement reading",
	"replied": "reply post comment message", "reply": "post comment message", "contacted": "contact interaction", "login": "session login",
	"logged": "session login", "activity": "transaction event action activity log session movement", "messaged": "message", "read": "reading", "scanned": "scan", "seen": "visit"}

// happened are words for moments at which something takes place.
var happened = set("created placed ordered posted sent measured recorded taken occurred happened booked paid visited started purchased submitted opened logged moved scanned played inserted added")

// when finds the moment at which a row came to be.
func (t *Table) when() (out *Column) {
	for _, c := range t.Columns {
		if c.moment() && c.NotNull && !c.has(outlooks) {
			if c.has(happened) {
				return c
			}
			if out == nil {
				out = c
			}
		}
	}
	return out
}

// extreme are the largest or smallest of the children's numbers: highest_bid, min_price.
func (r *reading) extreme(c *Column, of []Kindred) (Claim, bool) {
	op := ""
	switch {
	case !c.number():
		return Claim{}, false
	case c.has(set("highest max largest best top")):
		op = "max"
	case c.has(set("lowest min smallest cheapest")):
		op = "min"
	default:
		return Claim{}, false
	}
	words := without(r.own(c), set("highest max largest best top lowest min smallest cheapest"))
	for _, k := range of {
		if k.Child.about(set("limit policy setting rule")) {
			continue
		}
		for _, o := range k.Child.Columns {
			if !o.number() || o.Type.Kind != c.Type.Kind || o.has(set("min max")) {
				continue
			}
			if k.Child.composes() && slices.Equal(k.Child.own(o), words) || k.says(words) && r.sum(k.Child, o) {
				return r.kin(c, k, op, cell(o.Name), "", 0.8, "the "+op+" "+o.Name+" of its "+k.Child.Name), true
			}
		}
	}
	return Claim{}, false
}

// composes tells whether a table is a part or a kind of what it belongs to.
func (t *Table) composes() bool {
	return t.about(set("variant option offer bid quote price item line"))
}

// sum tells whether a number is what a row comes to.
func (r *reading) sum(t *Table, c *Column) bool {
	return set("amount total value price total_amount line_total")[strings.Join(without(t.own(c), units), "_")]
}

// sells tells whether a table's rows are what is sold one by one, each with its price: tickets, seats, nights.
func (t *Table) sells() bool {
	return !t.about(set("payment refund shipment parcel coupon discount review message note log event document")) &&
		slices.ContainsFunc(t.Columns, func(c *Column) bool {
			own := without(t.own(c), units)
			return c.number() && c.NotNull && len(own) == 1 && own[0] == "price"
		})
}

// amountOf gives what a child's row comes to, in the units of a column; "" where it does not say.
func amountOf(t *Table, c *Column) string {
	var numbers []*Column
	for _, o := range t.Columns {
		if o.number() && o.Refers == nil && o.has(units) == c.has(units) {
			numbers = append(numbers, o)
		}
	}
	first := []string{"gross_amount", "gross", "gross_total"}
	if nets[strings.Join(without(c.Words, units), "_")] {
		first = nil
	}
	for _, name := range slices.Concat(first, []string{"line_total", "line_amount", "total_price", "total_amount",
		"grand_total", "total", "net_amount", "net", "extended_price",
		"amount", "subtotal", "total_cost", "line_price", "line_cost", "sale_price", "sold_price", "sum", "value", "cost"}) {
		for _, o := range numbers {
			if strings.Join(without(t.own(o), units), "_") == name || strings.Join(without(o.Words, units), "_") == name {
				return cell(o.Name)
			}
		}
	}
	var quantity, price *Column
	for _, o := range numbers {
		switch {
		case o.has(quantities) && quantity == nil:
			quantity = o
		case o.has(set("price")) && price == nil:
			price = o
		}
	}
	switch {
	case quantity != nil && price != nil:
		return cell(quantity.Name) + " * " + cell(price.Name)
	case price != nil:
		return cell(price.Name)
	}
	return ""
}

// added are sums: an order's total over its lines, what a customer spent, what was moved, the time that was taken.
func (r *reading) added(c *Column, of []Kindred) (Claim, bool) {
	if !c.number() || c.has(set("max limit min rate percent average target budget capacity planned estimated expected id")) {
		return Claim{}, false
	}
	name := r.plain(c)
	var numbers []*Column
	for _, o := range r.Columns {
		if o.number() {
			numbers = append(numbers, o)
		}
	}
	if gross, net, _, _ := r.payslip(numbers); c == gross || c == net && net != nil {
		return Claim{}, false
	}
	for _, k := range of {
		if expr := r.addend(c, name, k); expr != "" {
			where := ""
			if set("payment refund")[k.Child.Owner[len(k.Child.Owner)-1]] {
				for _, w := range []string{"succeeded", "captured", "completed", "paid", "settled"} {
					if where = k.are(w); where != "" {
						break
					}
				}
			}
			return r.kin(c, k, "sum", expr, where, 0.85, "the sum of "+expr+" over its "+k.Child.Name), true
		}
	}
	for _, k := range of {
		if expr, where := r.tallied(c, k); expr != "" && r.fitting(c, k.Child, expr) != "" {
			return r.kin(c, k, "sum", expr, where, 0.84, "the sum of "+expr+" over its "+k.Child.Name), true
		}
	}
	return Claim{}, false
}

var (
	spendings = set(`total_spent spent lifetime_value lifetime_spend lifetime_spent total_purchases amount_spent total_revenue revenue total_sales sales sales_volume sales_total total_volume turnover gmv`)
	holdings  = set(`balance current_balance stock stock_quantity quantity_in_stock on_hand quantity_on_hand stock_level inventory quantity
		points points_balance credits credit_balance`)
	moves = set("amount quantity delta change quantity_change points quantity_delta change_amount")
)

// addend is what a column sums up of a child; "" where it sums up nothing of it.
func (r *reading) addend(c *Column, name string, k Kindred) string {
	child := k.Child
	composed := child.composed(k.By) || r.about(purchases) && child.partOf(k.By) && child.sells()
	kind := func(o *Column) bool { return summable(o, c) }
	fits := func(expr string) string { return r.fitting(c, child, expr) }
	switch {
	case composed && (nets[name] || totals[name] || name == "amount" || name == "total_debits" || name == "value"):
		if !nets[name] && r.has2(nets) || (totals[name] || name == "amount") && r.taxed(c) {
			return "" // of which the subtotal is one
		}
		if expr := amountOf(child, c); expr != "" && !child.about(set("payment refund shipment parcel note image photo event")) {
			return fits(expr)
		}
	case spendings[name] && child.about(set("order invoice purchase sale payment booking transaction")):
		return fits(amountOf(child, c))
	case holdings[name] || c.has(set("stock")) && len(r.own(c)) <= 2:
		moving := child.about(set("movement transaction posting entry adjustment operation"))
		stock := !set("balance points credits")[lastOf(name)]
		if !moving || stock && !child.has(set("stock inventory movement adjustment")) {
			return ""
		}
		for _, o := range child.Columns {
			if o.number() && moves[strings.Join(without(child.own(o), units), "_")] && kind(o) {
				return fits(cell(o.Name))
			}
		}
	case set("amount_paid paid_amount total_paid paid")[name] && child.about(set("payment")) && (c.NotNull || !r.grants()):
		return fits(amountOf(child, c))
	case set("amount_refunded refunded_amount total_refunded refunded")[name] && child.about(set("refund")):
		return fits(amountOf(child, c))
	case r.comesTo(c, child):
		for _, o := range child.Columns {
			if o.number() && o.has(units) == c.has(units) && strings.Join(without(child.own(o), units), "_") == "amount" {
				return fits(cell(o.Name))
			}
		}
		return fits(amountOf(child, c))
	case set("item_count items_count total_items total_quantity total_units quantity_total units")[name] && composed:
		for _, o := range child.Columns {
			if o.whole() && o.has(set("quantity")) && !o.has(set("received shipped returned")) {
				return fits(cell(o.Name))
			}
		}
	}
	if composed && c.has(set("fee fees tip tips")) {
		for _, o := range child.Columns {
			if a, b := without(child.own(o), units), without(r.own(c), units); o.number() && o.has(units) == c.has(units) && len(a) == len(b) && one(a[len(a)-1]) == one(b[len(b)-1]) && slices.Equal(a[:len(a)-1], b[:len(b)-1]) {
				return fits(cell(o.Name))
			}
		}
	}
	if k.measured() || composed {
		words := without(r.own(c), set("total sum spent logged overall all worked time estimated"))
		for _, o := range child.Columns {
			same := o.number() && len(words) > 0 && slices.Equal(without(child.own(o), set("spent logged worked time total")), words)
			summed := c.has(set("total sum spent logged worked")) || composed && o.has(set("weight"))
			if same && summed && !o.has(set("price number id position unit per")) && !c.has(set("average price unit")) {
				return fits(cell(o.Name))
			}
		}
	}
	return ""
}

// summable tells whether numbers of one column add up to those of another one.
func summable(o, c *Column) bool {
	return o != nil && (o.Type.Kind == c.Type.Kind || c.Type.Kind == column.Decimal && o.whole())
}

// fitting gives an expression over a child's cells where a column can hold what they come to, else "".
func (r *reading) fitting(c *Column, child *Table, expr string) string {
	for _, o := range child.Columns {
		if strings.Contains(expr, cell(o.Name)) && o.number() && (!summable(o, c) ||
			o.Type.Kind == column.Decimal && o.Type.Scale > c.Type.Scale && !c.whole()) {
			return ""
		}
	}
	return expr
}

// measured tells whether the rows of a child are what is done, bit by bit.
func (k Kindred) measured() bool {
	return k.Child.about(set("entry log record line item session activity worklog timesheet transaction movement lap leg trip"))
}

// comesTo tells whether a number is what the rows of a child come to, by the verb of what they are: what was pledged, of pledges.
func (r *reading) comesTo(c *Column, child *Table) bool {
	words := without(r.own(c), units, set("total amount sum so far to date current"))
	last := child.Owner[len(child.Owner)-1]
	if len(words) != 1 || c.has(set("paid refunded refund payment")) || last == "payment" || last == "refund" {
		return false
	}
	w := words[0]
	if set("raised collected funded")[w] {
		return set("pledge donation contribution investment gift backing")[last]
	}
	return strings.HasSuffix(w, "ed") && (root(w) == root(last) || past(last) == w)
}

func lastOf(name string) string { return name[strings.LastIndexByte(name, '_')+1:] }

// has2 tells whether a table has a number of one of some names.
func (r *reading) has2(names map[string]bool) bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.number() && names[r.plain(c)] })
}

// taxed tells whether something is added to a column's sum: a tax, a fee.
func (r *reading) taxed(total *Column) bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool {
		return c != total && c.number() && (c.has(adds) || c.has(cuts)) && !c.has(none) && c.has(units) == total.has(units)
	})
}

// exists tells whether there are any children: has_attachments.
func (r *reading) exists(c *Column, of []Kindred) (Claim, bool) {
	if c.Type.Kind != column.Bool || len(c.Words) < 2 || c.Words[0] != "has" {
		return Claim{}, false
	}
	for _, k := range of {
		if k.says(c.Words[1:]) {
			return r.kin(c, k, "any", "true", "", 0.88, "whether it has "+k.Child.Name), true
		}
	}
	return Claim{}, false
}
