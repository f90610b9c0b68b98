package meaning

import (
	"slices"
	"strings"
)

// Flagged gives what a switch of a list says of its entries, by the words of its name: which one is the first, or the
// usual
// one, which ones are ends; nil where it says something else.
func Flagged(words, names []string) func(place int, name string) bool {
	said := func(by constant) bool {
		return slices.ContainsFunc(words, func(w string) bool { return set(by)[w] })
	}
	ends := func(_ int, name string) bool {
		s := stages[normal(name)]
		return s.side && !halts[normal(name)] || s.at >= 50
	}
	switch {
	case said("default initial first start"):
		usual := Usual(names)
		if at := slices.IndexFunc(names, func(n string) bool { return set("new open pending")[normal(n)] }); at > 0 {
			usual = at
		}
		return func(place int, _ string) bool { return place == usual }
	case said("closed final terminal done finished end ended resolved completed"):
		return ends
	case said("open"):
		return func(place int, name string) bool { return !ends(place, name) }
	case said("active enabled visible selectable"):
		return func(int, string) bool { return true }
	}
	return nil
}

// Usual finds the entry of a list that most rows have: the one in the middle of a scale, else the first.
func Usual(names []string) int {
	return max(slices.IndexFunc(names,
		func(n string) bool { return set("medium normal moderate standard")[normal(n)] }), 0)
}

// scales are the words of lists that go from little to much, in that order.
var scales = map[string][]string{
	"priority": strings.Fields("someday deferred trivial lowest very_low low minor normal medium moderate elevated major " +
		"important high very_high highest urgent severe critical blocker immediate emergency"),
	"severity": strings.Fields("cosmetic negligible informational trivial very_low low minor limited normal medium moderate " +
		"elevated significant considerable serious major high very_high severe critical fatal blocker catastrophic"),
	"level": strings.Fields("newcomer novice beginner elementary basic pre_intermediate intermediate upper_intermediate " +
		"proficient skilled advanced senior expert specialist master"),
	"difficulty": strings.Fields("trivial very_easy easy simple moderate medium challenging tricky demanding hard very_hard " +
		"expert extreme"),
}

// further are more entries of lists, for whoever wants them longer than they usually are, the commonest first.
var further = map[string]string{
	"status": "new in_progress on_hold completed cancelled in_review approved rejected draft submitted scheduled assigned " +
		"waiting confirmed blocked expired suspended archived failed reopened escalated paused verified withdrawn",
	"role": "member manager administrator editor guest viewer owner contributor moderator reviewer author auditor developer " +
		"analyst support supervisor coordinator trainer operator approver observer maintainer publisher planner",
	"issue": "task bug story improvement epic feature_request question subtask incident change_request documentation " +
		"spike refactoring test_case risk requirement support_request security release maintenance design research",
}

// Longer makes a list of a kind as long as is wanted, as far as words of its kind go, in the order in which such lists
// stand.
func Longer(kind string, names []string, want int) []string {
	out := slices.Clone(names)
	by := kind
	switch {
	case by == "stage" || by == "state" || by == "phase":
		by = "status"
	case by == "type" && slices.Contains(names, "bug"):
		by = "issue"
	}
	more := scales[by]
	if more == nil {
		more = strings.Fields(further[by])
	}
	for _, n := range more {
		same := func(o string) bool { return normal(o) == normal(n) }
		if len(out) < want && !slices.ContainsFunc(out, same) {
			out = append(out, n)
		}
	}
	place := func(n string) int { return slices.Index(scales[by], n) }
	if by == "status" {
		place = func(n string) int {
			s, known := stages[normal(n)]
			switch {
			case s.side || s.rare:
				return 100 + s.at
			case !known:
				return 40
			}
			return s.at
		}
	}
	if len(out) > len(names) && (by == "status" || scales[by] != nil) {
		slices.SortStableFunc(out, func(a, b string) int { return place(a) - place(b) })
	}
	return out
}

// Lists are what tables have that list what others choose from, by the last word of their names.
var Lists = map[string][]string{
	"status": {"new", "in_progress", "on_hold", "completed", "cancelled"}, "stage": {"new", "in_progress", "on_hold",
		"completed", "cancelled"},
	"priority": {"low", "medium", "high", "urgent"}, "severity": {"minor", "moderate", "major", "critical"},
	"role":       {"member", "manager", "administrator", "editor", "guest"},
	"difficulty": {"easy", "medium", "hard", "expert"}, "level": {"beginner", "intermediate", "advanced", "expert"},
	"gender":     {"female", "male", "other"},
	"issue_type": {"task", "bug", "story", "improvement", "epic"}, "ticket_type": {"question", "incident", "problem",
		"feature_request"},
	"payment_method":  {"credit_card", "paypal", "bank_transfer", "direct_debit", "cash"},
	"payment_type":    {"credit_card", "paypal", "bank_transfer", "direct_debit", "cash"},
	"shipping_method": {"standard", "express", "next_day", "pick_up"}, "delivery_method": {"standard", "express",
		"next_day", "pick_up"},
	"leave_type": {"annual_leave", "sick_leave", "parental_leave", "unpaid_leave"}, "contract_type": {"permanent",
		"fixed_term", "part_time", "internship"},
	"employment_type": {"full_time", "part_time", "contract", "internship"}, "account_type": {"checking", "savings",
		"credit", "business"},
	"address_type": {"home", "work", "billing", "shipping"}, "contact_type": {"email", "phone", "letter", "visit"},
	"document_type": {"invoice", "contract", "report", "letter", "certificate"},
	"absence_type":  {"vacation", "sickness", "parental_leave", "unpaid", "training"},
	"meter_type":    {"electricity", "gas", "water", "heat"},
	"shift_type":    {"early", "late", "night", "day"}, "fuel_type": {"petrol", "diesel", "electric",
		"hybrid"}, "course_type": {"lecture", "seminar", "laboratory", "workshop"},
	"sample_type": {"blood", "urine", "water", "soil", "tissue"}, "service_type": {"maintenance", "repair",
		"inspection", "installation"}, "insurance_type": {"home", "car", "life", "health", "travel"},
	"loan_type": {"personal", "mortgage", "car", "student", "business"}, "ticket_class": {"economy", "business",
		"first"}, "expense_type": {"travel", "lodging", "meals", "supplies"},
	"room_type": {"single", "double", "twin", "suite", "family_room"}, "vehicle_type": {"car", "van", "truck",
		"motorcycle", "bus"}, "property_type": {"apartment", "house", "office", "land"},
	"event_type": {"conference", "workshop", "concert", "meetup", "webinar"}, "user_type": {"customer", "employee",
		"partner", "guest"}, "transaction_type": {"payment", "refund", "fee", "transfer"},
	"movement_type": {"receipt", "issue", "transfer", "adjustment"}, "incident_type": {"outage", "security",
		"performance", "access"}, "membership_type": {"basic", "standard", "premium", "family"},
}
