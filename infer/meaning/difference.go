package meaning

import (
	"slices"
	"strconv"

	"github.com/sowerdata/sower/column"
)

// sides are two that share what there is to pay, or to count.
var sides = [][2]string{{"insurance", "patient"}, {"principal", "interest"}, {"employer", "employee"}, {"labor", "parts"}, {"labour", "parts"}, {"labor", "material"}, {"labour", "material"},
	{"cash", "card"}, {"base", "bonus"}, {"cash", "credit"}, {"insurer", "patient"}, {"male", "female"}, {"adults", "children"}, {"federal", "state"}, {"adult", "child"}}

// halves: what two sides pay is the whole.
func (r *reading) halves(numbers []*Column) {
	for _, s := range sides {
		var a, b *Column
		for _, c := range numbers {
			if len(c.Words) > 1 && c.Words[0] == s[0] {
				a = c
			} else if len(c.Words) > 1 && c.Words[0] == s[1] {
				b = c
			}
		}
		if a == nil || b == nil || !slices.Equal(a.Words[1:], b.Words[1:]) {
			continue
		}
		for _, c := range numbers {
			if name := r.plain(c); c != a && c != b && (name == "amount" || totals[name] || name == "payment" || name == "charge") {
				r.compute(c, cell(a.Name)+" + "+cell(b.Name), 0.85, a, b)
				break
			}
		}
	}
}

// differences: what is left is what there is without what is gone; what there is afterwards is what was before and what came.
func (r *reading) differences(numbers []*Column) {
	find := func(words map[string]bool, rest []string) *Column {
		for _, c := range numbers {
			if w := without(c.Words, units); len(w) > 0 && c.has(words) && slices.Equal(without(w, words), rest) {
				return c
			}
		}
		return nil
	}
	for _, c := range numbers {
		switch {
		case c.has(set("accepted good passed usable")) && !c.has(set("rate percent")):
			rest := without(c.Words, set("accepted good passed usable"), units)
			bad := find(set("rejected failed scrapped defective damaged"), rest)
			of := find(set("received delivered total inspected produced checked"), rest)
			if of == nil && len(rest) > 0 {
				of = find(setOf(rest), nil)
			}
			if bad != nil && of != nil && of != bad && of != c {
				r.claim(Claim{Column: bad.Name, Says: r.Name + "." + bad.Name + " is a small part of " + of.Name, Confidence: 0.85,
					Part: &Part{Of: cell(of.Name), Shares: []int{0, 0, 0, 0, 0, 0, 0, 5, 10, 20, 50}, Unless: cell(of.Name) + " < 2 ? 0 : "}, Reads: []string{of.Name}})
				r.compute(c, cell(of.Name)+" - "+cell(bad.Name), 0.87, of, bad)
			}
		case c.has(left):
			rest := without(c.Words, left, units)
			of, gone := find(set("on hand total capacity stock quantity"), without(rest, set("quantity stock"))), find(set("reserved used occupied allocated sold taken booked"), rest)
			if of == nil || of == c {
				of = find(set("on hand total capacity max"), rest)
			}
			if of != nil && gone != nil && of != c && gone != c && of != gone {
				r.compute(c, cell(of.Name)+" - "+cell(gone.Name), 0.88, of, gone)
			}
		case r.plain(c) == "score" || r.plain(c) == "net_votes" || r.plain(c) == "karma" || r.plain(c) == "points":
			up, down := r.named(numbers, "up_votes", "upvotes", "up_vote_count", "upvotes_count", "likes", "likes_count"), r.named(numbers, "down_votes", "downvotes", "dislikes", "downvotes_count", "dislikes_count")
			if up != nil && down != nil {
				r.compute(c, cell(up.Name)+" - "+cell(down.Name), 0.9, up, down)
			}
		case c.has(set("after")):
			before := find(set("before"), without(c.Words, set("after"), units))
			by := r.named(numbers, "quantity", "amount", "delta", "change", "quantity_change", "quantity_delta", "change_amount")
			if before != nil && by != nil {
				r.compute(c, cell(before.Name)+" + "+cell(by.Name), 0.88, before, by)
			}
		case c.has(set("change changed difference delta")) && !c.has(set("reason date")):
			rest := without(c.Words, set("change changed difference delta percent amount"), units)
			old, now := find(set("old previous before"), rest), find(set("new current after"), rest)
			for _, o := range numbers {
				if len(rest) == 0 && len(o.Words) == 2 && old == nil && set("old previous")[o.Words[0]] {
					old, now = o, find(set("new current"), o.Words[1:])
				}
			}
			switch {
			case old == nil || now == nil || old == c || now == c:
			case c.has(set("percent")):
				r.claim(Claim{Column: c.Name, Says: r.Name + "." + c.Name + " is how many per cent " + now.Name + " is above " + old.Name, Confidence: 0.88, Reads: []string{old.Name, now.Name},
					Computed: cell(old.Name) + " == 0 ? 0 : round((" + cell(now.Name) + " - " + cell(old.Name) + ") * 100 / " + cell(old.Name) + ", " + digitsOf(c) + ")"})
				r.claim(Claim{Column: now.Name, Says: r.Name + "." + now.Name + " is near " + old.Name, Confidence: 0.8, Part: &Part{Of: cell(old.Name), Shares: []int{85, 90, 92, 95, 96, 98, 102, 103, 105, 110}}, Reads: []string{old.Name}})
			default:
				r.compute(c, cell(now.Name)+" - "+cell(old.Name), 0.88, now, old)
			}
		case c.has(set("closing")):
			open := find(set("opening"), without(c.Words, set("closing")))
			in, out := r.named(numbers, "total_credits", "credits", "total_in", "deposits", "total_deposits", "credit"), r.named(numbers, "total_debits", "debits", "total_out", "withdrawals", "total_withdrawals", "debit")
			if open != nil && in != nil && out != nil {
				r.compute(c, cell(open.Name)+" + "+cell(in.Name)+" - "+cell(out.Name), 0.9, open, in, out)
			}
		}
	}
}

// digitsOf is the number of digits behind the point that a number has, as expressions write it.
func digitsOf(c *Column) string {
	if c.Type.Kind == column.Float {
		return "2"
	}
	return strconv.Itoa(max(c.Type.Scale, 0))
}

var left = set("available free remaining left open vacant")
