package meaning

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Kin is what a row knows of the rows of another table that refer to it.
type Kin struct {
	Child *Table
	By    string // the column of Child that refers
	Op    string // of generator aggregate
	Cell  string // an expression over the child's cells; "" for the number of rows
	Where string // a condition over them; "" for all
	Least bool   // each row has at least one, if there are enough
}

// Place is where a row stands among those of the same parent.
type Place struct {
	By    string // the column that refers to the parent
	Value string // "" for its number; "first" or "last" for whether it is that one; "one" for whether it is the only one, of all
	Least bool   // each parent has a row, if there are enough
}

// parts are last words of tables whose rows are parts of what they belong to.
var components = set("line item detail entry posting position component leg split parcel instalment installment stop step movement image photo")

// composed tells whether a table's rows are parts of another one's: order_items of orders.
func (t *Table) composed(by *Column) bool {
	p := by.Refers.Parent
	if by.Refers.Self || p == nil || !by.NotNull || len(t.Owner) == 0 || len(p.Owner) == 0 {
		return false
	}
	whole := p.Owner[len(p.Owner)-1]
	if len(t.Owner) > 1 && slices.Contains(t.Owner[:len(t.Owner)-1], whole) {
		return true
	}
	if !components[t.Owner[len(t.Owner)-1]] {
		return false
	}
	for _, c := range t.Columns { // the first that it cannot do without
		if c.Refers != nil && c.NotNull && !c.Refers.Self {
			return c == by && !(len(t.Owner) > 1 && t.belongs())
		}
	}
	return false
}

// itemizes tells whether a table's rows are what another one's are made of: no order is without a line.
func (t *Table) itemizes(by *Column) bool {
	return t.about(set("line item detail posting leg")) && t.composed(by)
}

// belongs tells whether one of the tables that a table refers to gives it its name.
func (t *Table) belongs() bool {
	return slices.ContainsFunc(t.Columns, func(c *Column) bool {
		return c.Refers != nil && c.Refers.Parent != nil && !c.Refers.Self && len(c.Refers.Parent.Owner) > 0 &&
			slices.Contains(t.Owner[:len(t.Owner)-1], c.Refers.Parent.Owner[len(c.Refers.Parent.Owner)-1])
	})
}

// Kindred is a column of a child by which it refers to a table.
type Kindred struct {
	Child *Table
	By    *Column
}

// families are the ways by which rows of other tables belong to a table's, one for each of them: by the column that is
// named as the table is, or the only one.
func families(t *Table, children []*Table) (out []Kindred) {
	for _, child := range children {
		if len(child.Owner) == 0 {
			continue
		}
		var found []*Column
		for _, c := range child.Columns {
			if c.Refers != nil && c.Refers.Parent == t && !c.Refers.Self && c.Type.Kind != column.Invalid {
				found = append(found, c)
			}
		}
		if len(found) > 1 && len(t.Owner) > 0 {
			named := slices.DeleteFunc(slices.Clone(found), func(c *Column) bool {
				s := stem(c)
				return len(s) != 1 || s[0] != t.Owner[len(t.Owner)-1] && !set("author owner user creator customer buyer")[s[0]]
			})
			if len(named) > 0 {
				found = named
			}
		}
		if len(found) == 1 {
			out = append(out, Kindred{child, found[0]})
		}
	}
	slices.SortStableFunc(out, func(a, b Kindred) int { return len(a.Child.Owner) - len(b.Child.Owner) }) // readings before meter_readings
	return out
}

// Sums gives what the columns of a table sum up of the rows of others.
func Sums(t *Table, children []*Table) (out []Claim) {
	of := families(t, children)
	if len(of) == 0 {
		return nil
	}
	r := &reading{Table: t, taken: map[string]bool{}}
	for _, c := range t.Columns {
		if c.Fixed || c.Refers != nil || c.Unique {
			continue
		}
		for _, f := range summings {
			if k, ok := f(r, c, of); ok {
				k.Column = c.Name
				out = append(out, k)
				break
			}
		}
	}
	return out
}

// summings look for one kind of sum each, the surest first.
var summings = []func(*reading, *Column, []Kindred) (Claim, bool){
	(*reading).counted, (*reading).averaged, (*reading).edge, (*reading).extreme, (*reading).added, (*reading).exists,
}

// counting are words that say that a column counts.
var counting = set("count counter num number total nb cached cache nbr amount quantity cnt")

// others are further words for the rows of a table, by the word that counts them.
var others = map[string]string{
	"reply": "post comment message answer response", "answer": "reply response", "comment": "reply", "message": "post",
	"item": "line detail product", "line": "item detail", "product": "listing", "version": "revision", "revision": "version",
	"member": "membership participant subscription_member user team_member", "user": "member account", "employee": "staff worker agent",
	"use": "redemption usage", "usage": "tag tagging redemption use order", "used": "redemption usage", "redemption": "coupon_use",
	"like": "reaction favorite favourite", "follower": "follow", "subscriber": "subscription", "seat": "membership assignment",
	"student": "enrollment enrolment", "enrollment": "enrolment", "enrolment": "enrollment", "enrolled": "enrollment enrolment registration",
	"participant": "registration participation attendee", "attendee": "registration booking", "registered": "registration",
	"rating": "review", "review": "rating", "purchase": "order", "sale": "order", "transaction": "payment posting",
	"booked": "booking reservation", "photo": "image picture", "image": "photo picture", "view": "pageview visit",
}

// says tells whether words name the rows of a child: its own words, or others of the same sense.
func (k Kindred) says(words []string) bool {
	if len(words) == 0 || len(k.Child.Owner) == 0 {
		return false
	}
	own := k.Child.Owner
	last, mine := one(words[len(words)-1]), own[len(own)-1]
	if len(words) > 1 && len(own) >= len(words) && one(strings.Join(words, "_")) == strings.Join(own[len(own)-len(words):], "_") {
		return true
	}
	if len(words) > 1 {
		return false
	}
	if last == mine || set(others[last])[mine] || set(others[last])[strings.Join(own, "_")] {
		return true
	}
	if role := stem(k.By); len(role) == 1 && role[0] != "user" && last == "used" && len(own) == 1 && own[0] == "order" {
		return true // coupons that orders refer to
	}
	// a table that does nothing but join counts as what it joins to: article_tags are a tag's uses
	return last == "usage" || last == "use" && len(own) > 1 && k.joins()
}

// joins tells whether a child is little more than two references.
func (k Kindred) joins() bool {
	n := 0
	for _, c := range k.Child.Columns {
		if c.Refers != nil {
			n++
		}
	}
	return n >= 2 && len(k.Child.Columns) <= 4
}

// one gives a word in the singular.
func one(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && len(w) > 3:
		return w[:len(w)-1]
	}
	return w
}

// counted are numbers of children: comments_count, total_orders, open_tickets.
func (r *reading) counted(c *Column, of []Kindred) (Claim, bool) {
	if !c.whole() || !c.number() || c.has(set("max limit min capacity percent id quota target planned ordered unread")) {
		return Claim{}, false
	}
	own := r.own(c)
	if len(own) == 1 && (own[0] == "number" || own[0] == "count") {
		return Claim{}, false
	}
	words := without(own, counting, set("of"))
	explicit := len(words) < len(own) || set("used enrolled registered booked")[words[len(words)-1]]
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
		if len(words) > 1 && k.says(words[1:]) {
			if where := k.are(words[0]); where != "" {
				return r.kin(c, k, "count", "", where, 0.85, "the number of its "+k.Child.Name+" where "+where), true
			}
		}
	}
	return Claim{}, false
}

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
	for _, k := range of {
		if !k.says(words) && !(len(words) == 1 && set(verbs[words[0]])[k.Child.Owner[len(k.Child.Owner)-1]]) {
			continue
		}
		at := k.Child.when()
		if at == nil || at.Type.Kind != c.Type.Kind {
			continue
		}
		return r.kin(c, k, op, cell(at.Name), "", 0.88, "the "+map[string]string{"max": "last", "min": "first"}[op]+" "+at.Name+" of its "+k.Child.Name), true
	}
	return Claim{}, false
}

// verbs name what is done by the rows that say so.
var verbs = map[string]string{"ordered": "order", "posted": "post", "commented": "comment",
	"purchased": "order purchase", "purchase": "order", "paid": "payment", "visited": "visit", "measured": "measurement reading",
	"replied": "reply post comment message", "reply": "post comment message", "contacted": "contact interaction", "login": "session login",
	"logged": "session login", "messaged": "message", "read": "reading", "scanned": "scan", "seen": "visit"}

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

// amountOf gives what a child's row comes to, in the units of a column; "" where it does not say.
func amountOf(t *Table, c *Column) string {
	var numbers []*Column
	for _, o := range t.Columns {
		if o.number() && o.Refers == nil && o.has(units) == c.has(units) {
			numbers = append(numbers, o)
		}
	}
	for _, name := range []string{"line_total", "line_amount", "total_price", "total_amount", "grand_total", "total", "net_amount", "extended_price",
		"amount", "subtotal", "total_cost", "line_price", "line_cost", "sum", "value", "cost"} {
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
	if quantity != nil && price != nil {
		return cell(quantity.Name) + " * " + cell(price.Name)
	}
	return ""
}

// added are sums: an order's total over its lines, what a customer spent, what was moved, the time that was taken.
func (r *reading) added(c *Column, of []Kindred) (Claim, bool) {
	if !c.number() || c.has(set("max limit min rate percent average target budget capacity planned estimated expected id")) {
		return Claim{}, false
	}
	name := r.plain(c)
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
	return Claim{}, false
}

var (
	spendings = set(`total_spent spent lifetime_value lifetime_spend lifetime_spent total_purchases amount_spent total_revenue revenue total_sales sales`)
	holdings  = set(`balance current_balance stock stock_quantity quantity_in_stock on_hand quantity_on_hand stock_level inventory quantity
		points points_balance credits credit_balance`)
	moves = set("amount quantity delta change quantity_change points quantity_delta change_amount")
)

// addend is what a column sums up of a child; "" where it sums up nothing of it.
func (r *reading) addend(c *Column, name string, k Kindred) string {
	child := k.Child
	composed := child.composed(k.By)
	kind := func(o *Column) bool {
		return o != nil && (o.Type.Kind == c.Type.Kind || c.Type.Kind == column.Decimal && o.whole())
	}
	fits := func(expr string) string {
		for _, o := range child.Columns {
			if strings.Contains(expr, cell(o.Name)) && o.number() && (!kind(o) || o.Type.Kind == column.Decimal && o.Type.Scale > c.Type.Scale && !c.whole()) {
				return ""
			}
		}
		return expr
	}
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
	case set("amount_paid paid_amount total_paid paid")[name] && child.about(set("payment")):
		return fits(amountOf(child, c))
	case set("amount_refunded refunded_amount total_refunded refunded")[name] && child.about(set("refund")):
		return fits(amountOf(child, c))
	case set("item_count items_count total_items total_quantity total_units quantity_total units")[name] && composed:
		for _, o := range child.Columns {
			if o.whole() && o.has(set("quantity")) && !o.has(set("received shipped returned")) {
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

// measured tells whether the rows of a child are what is done, bit by bit.
func (k Kindred) measured() bool {
	return k.Child.about(set("entry log record line item session activity worklog timesheet transaction movement lap leg trip"))
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

var (
	numbering = set(`position line_number line sort_order sort sequence seq sequence_number ordinal item_number display_order step_number step
		stop_number parcel_number instalment_number installment_number rank index order_index number page_number revision version
		version_number revision_number lineno line_no seq_no attempt round part_number leg_number sequence_no`)
)

// Places gives which columns number the rows of a parent, or say which of them is the first one or the last one. unique
// are the sets of columns that are unique together.
func Places(t *Table, unique [][]string) (out []Claim) {
	r := &reading{Table: t, taken: map[string]bool{}}
	among := func(c *Column) (by *Column, sure bool) {
		for _, u := range unique {
			if len(u) != 2 || !slices.Contains(u, c.Name) {
				continue
			}
			for _, o := range t.Columns {
				if o != c && slices.Contains(u, o.Name) && o.Refers != nil && !o.Refers.Self {
					return o, true
				}
			}
		}
		var found *Column
		for _, o := range t.Columns {
			if o.Refers != nil && t.composed(o) {
				return o, true
			}
			lookup := o.Refers != nil && o.Refers.Parent != nil && o.Refers.Parent.about(set("country language currency locale type category status role"))
			if o.Refers != nil && o.NotNull && !o.Refers.Self && o.Refers.Parent != nil && found == nil && !lookup {
				found = o
			}
		}
		return found, false
	}
	numbered := false
	for _, c := range t.Columns {
		name := strings.Join(r.own(c), "_")
		named := numbering[name] || c.has(set("number seq sequence")) && len(c.Words) == 2
		if !c.whole() || c.Refers != nil || c.Sequence != "" || c.Identity != "" || !named || numbered {
			continue
		}
		by, sure := among(c)
		if by == nil || !sure && !set("position sort_order sequence seq line_number display_order ordinal sequence_number")[name] {
			continue
		}
		numbered = true
		out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " numbers the rows of each " + strings.Join(stem(by), "_"), Confidence: 0.88,
			Place: &Place{By: by.Name, Least: t.itemizes(by)}, Reads: []string{by.Name}})
	}
	for _, c := range t.Columns {
		if c.Type.Kind != column.Bool || c.Fixed {
			continue
		}
		words := without(r.own(c), switches)
		if len(words) != 1 {
			continue
		}
		by, _ := among(c)
		if by == nil && (words[0] == "current" || words[0] == "default" && t.about(set("locale language currency country plan tier template theme warehouse region zone"))) && !r.ends() {
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of one row", Confidence: 0.8, Place: &Place{Value: "one"}})
		}
		if by == nil || by.Refers.Parent == nil {
			continue
		}
		switch w := words[0]; {
		case w == "default" || w == "primary" || w == "main" || w == "preferred":
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of one row of each " + strings.Join(stem(by), "_"), Confidence: 0.85,
				Place: &Place{By: by.Name, Value: "first"}, Reads: []string{by.Name}})
		case (w == "current" || w == "latest") && !r.ends():
			out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is so of the last row of each " + strings.Join(stem(by), "_"), Confidence: 0.85,
				Place: &Place{By: by.Name, Value: "last"}, Reads: []string{by.Name}})
		}
	}
	for _, c := range t.Columns { // one owner of each account
		if c.text() && c.has(set("role")) && slices.Contains(c.Values, "owner") && !c.Fixed {
			if by, _ := among(c); by != nil {
				out = append(out, Claim{Column: c.Name, Says: t.Name + "." + c.Name + " is owner in one row of each " + strings.Join(stem(by), "_"), Confidence: 0.8,
					Place: &Place{By: by.Name, Value: "owner"}, Reads: []string{by.Name}})
			}
		}
	}
	return out
}

// ends tells whether a row says itself how long it holds.
func (r *reading) ends() bool {
	return slices.ContainsFunc(r.Columns, func(c *Column) bool { return c.moment() && c.has(set("end ends ended until to")) && !c.NotNull })
}
