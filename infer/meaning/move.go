package meaning

import "slices"

// outgoing are kinds of movements by which something gets less.
var outgoing = set("out outbound issue issued debit withdrawal withdraw sale sold outgoing removal consumption consumed decrease shipment dispatch redemption redeemed redeem spend spent expire expired expiration forfeit forfeited scrap write_off damage loss shrinkage expiry transfer_out stock_out")

// moved are quantities that come and go: what goes out is below zero, where the amount that is there after it stands
// beside, or where checks show that numbers below zero are meant and no parent counts what is left of them.
func (r *reading) moved(numbers []*Column) {
	by := r.named(numbers, "quantity", "amount", "delta", "change", "quantity_change", "points", "miles", "credits",
		"tokens", "coins")
	stocked := slices.ContainsFunc(r.Columns, func(b *Column) bool {
		return b.Refers != nil && b.Refers.Parent != nil && slices.ContainsFunc(b.Refers.Parent.Columns, func(c *Column) bool {
			return c.number() && c.has(set("stock balance quantity hand inventory level points credits")) &&
				!c.has(set("min max reorder safety target"))
		})
	})
	if by == nil || (!by.Signed || stocked) && !slices.ContainsFunc(numbers, func(c *Column) bool { return c.has(set("after")) }) {
		return
	}
	for _, kind := range r.Columns {
		if !kind.text() || len(kind.Values) < 2 {
			continue
		}
		expr, outs := "", 0
		for _, v := range kind.Values {
			if outgoing[normal(v)] {
				expr, outs = expr+cell(kind.Name)+" == \""+v+"\" ? -100 : ", outs+1
			}
		}
		if outs > 0 {
			r.claim(Claim{Column: by.Name, Says: r.Name + "." + by.Name + " is below 0 where " + kind.Name + " says that it goes out", Confidence: 0.85,
				Part: &Part{Of: expr + "100", Least: 1, Most: 50}, Reads: []string{kind.Name}})
			return
		}
	}
}
