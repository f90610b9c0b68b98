package meaning

import "testing"

// Rows that begin in the default state have mostly come to where they rest, but for those made of late; what begins where it
// rests stays there.
func TestLived(t *testing.T) {
	weight := func(of []Weight, state string) int {
		for _, w := range of {
			if w.Value == state {
				return w.Weight
			}
		}
		return 0
	}
	status := func(name, list, usual string, more ...string) Claim {
		table := tableOf(name, nil, append([]string{"id", "status " + list}, more...)...)
		table.Column("status").Default = "'" + usual + "'"
		return claimed(table, "status")
	}
	k := status("orders", "pending|paid|shipped|delivered|cancelled", "pending", "placed_at time")
	if k.Since != "placed_at" || weight(k.Weights, "delivered") < 50 || weight(k.Weights, "pending") > 5 || weight(k.Late, "pending") <= weight(k.Late, "delivered") || weight(k.Weights, "cancelled") > 10 {
		t.Errorf("orders: %+v", k)
	}
	if k := status("claims", "reported|under_review|approved|rejected|closed", "reported"); k.Late != nil || weight(k.Weights, "closed") < 40 {
		t.Errorf("without a moment: %+v", k)
	}
	if k := status("subscriptions", "active|cancelled|expired", "active", "created_at time"); k.Late != nil || weight(k.Weights, "active") < 60 {
		t.Errorf("what begins where it rests: %+v", k)
	}
	if k := status("accounts", "open|frozen|closed", "open", "opened_at time"); weight(k.Weights, "open") < 60 {
		t.Errorf("accounts: %+v", k)
	}
}

// What was granted is no more than what was asked for, and known where it was granted; what was paid is what was granted.
func TestGranted(t *testing.T) {
	table := tableOf("requests", nil, "id", "status reported|approved|rejected|paid", "claimed_amount", "approved_amount null", "paid_amount null", "paid_at time null")
	approved, paid := claimed(table, "approved_amount"), claimed(table, "paid_amount")
	if approved.Part == nil || approved.Part.Of != "claimed_amount" || approved.Only == nil || approved.Only.Expression() != `status in ["approved", "paid"]` {
		t.Errorf("approved: %+v", approved)
	}
	if paid.Part == nil || paid.Part.Of != "approved_amount" || paid.Only == nil {
		t.Errorf("paid: %+v", paid)
	}
}

// What two rows that a row refers to are both of is the same: the coverages of a policy are those of its product, the card is
// that of who pledges. Who made both is not, nor what both are called.
func TestAkin(t *testing.T) {
	users := tableOf("users", nil, "id")
	products := tableOf("products", nil, "id")
	languages := tableOf("languages", nil, "id")
	all := []*Table{users, products, languages}
	coverages := tableOf("coverages", all, "id", "product_id -> products")
	policies := tableOf("policies", all, "id", "product_id -> products", "language_id -> languages")
	cards := tableOf("cards", all, "id", "user_id -> users")
	pledges := tableOf("pledges", all, "id", "backer_id -> users")
	pages := tableOf("pages", all, "id", "language_id -> languages")
	all = append(all, coverages, policies, cards, pledges, pages)
	if k := claimed(tableOf("policy_coverages", all, "policy_id -> policies", "coverage_id -> coverages"), "coverage_id"); len(k.Agrees) != 1 || k.Agrees[0] != (Pair{"product_id", "policy_id.product_id"}) {
		t.Errorf("coverages: %+v", k)
	}
	if k := claimed(tableOf("charges", all, "id", "pledge_id -> pledges", "card_id -> cards"), "card_id"); len(k.Agrees) != 1 || k.Agrees[0] != (Pair{"user_id", "pledge_id.backer_id"}) {
		t.Errorf("cards: %+v", k)
	}
	if k := claimed(tableOf("links", all, "policy_id -> policies", "page_id -> pages"), "page_id"); len(k.Agrees) > 0 {
		t.Errorf("pages: %+v", k)
	}
}
