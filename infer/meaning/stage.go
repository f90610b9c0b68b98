package meaning

import (
	"slices"
	"strings"
)

// Stages names the states through which rows go, by the words of the moments that they have besides the one at which they
// were made: what is no state of its own first, then one for each moment, in the order of life, those that leave the way
// last. owner are the words of their table's name.
func Stages(moments [][]string, owner []string) []string {
	var main, side []string
	at := map[string]int{}
	first := "pending"
	if len(owner) > 0 && set("ticket issue task case bug incident todo card complaint")[owner[len(owner)-1]] {
		first = "open"
	}
	for _, words := range moments {
		name := past(normal(strings.Join(without(words, set("at on date time datetime timestamp ts day actual"), setOf(owner)), "_")))
		s, known := stages[normal(name)]
		if !known || s.at <= 10 || slices.ContainsFunc(words, func(w string) bool { return outlooks[w] }) || at[name] != 0 {
			continue
		}
		if announced[name] {
			first = "draft"
		}
		at[name] = s.at
		if s.side {
			side = append(side, name)
		} else {
			main = append(main, name)
		}
	}
	by := func(a, b string) int { return at[a] - at[b] }
	slices.SortStableFunc(main, by)
	slices.SortStableFunc(side, by)
	if len(main)+len(side) == 0 {
		return nil
	}
	return slices.Concat([]string{first}, main, side)
}

// Further adds states to a list, up to a number of them, that come after those which go on: where the last of these is no
// end, as codes that nobody explains mostly do.
func Further(names []string, most int) []string {
	at := len(names)
	for at > 1 && stages[normal(names[at-1])].side {
		at--
	}
	for _, n := range []string{"completed", "closed"} {
		if s := stages[normal(names[at-1])]; len(names) < most && s.at < stages[n].at && (s.at < 50 || n == "closed" && at > 1 && names[at-1] == "completed") && !slices.Contains(names, n) {
			names = slices.Insert(names, at, n)
			at++
		}
	}
	return names
}

// Status tells whether words are those of a column, or of a table, that says how far rows have come.
func Status(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return statuses[w] })
}

// Plain tells whether the words of a column of states say nothing but that, and what its table is about.
func Plain(words, owner []string) bool { return len(without(words, statuses, setOf(owner))) == 0 }

// Flagged gives what a switch of a list says of its entries, by the words of its name: which one is the first, which ones are
// ends; nil where it says something else.
func Flagged(words []string) func(place int, name string) bool {
	switch {
	case slices.ContainsFunc(words, func(w string) bool { return set("default initial first start")[w] }):
		return func(place int, _ string) bool { return place == 0 }
	case slices.ContainsFunc(words, func(w string) bool { return set("closed final terminal done finished end ended resolved completed")[w] }):
		return func(_ int, name string) bool {
			s := stages[normal(name)]
			return s.side || s.at >= 50
		}
	case slices.ContainsFunc(words, func(w string) bool { return set("active enabled visible selectable")[w] }):
		return func(int, string) bool { return true }
	}
	return nil
}

// Lists are what tables have that list what others choose from, by the last word of their names.
var Lists = map[string][]string{
	"status": {"new", "in_progress", "on_hold", "completed", "cancelled"}, "stage": {"new", "in_progress", "on_hold", "completed", "cancelled"},
	"priority": {"medium", "low", "high", "urgent"}, "severity": {"minor", "moderate", "major", "critical"}, "role": {"member", "manager", "administrator", "editor", "guest"},
	"difficulty": {"easy", "medium", "hard", "expert"}, "level": {"beginner", "intermediate", "advanced", "expert"}, "gender": {"female", "male", "other"},
	"issue_type": {"task", "bug", "story", "improvement", "epic"}, "ticket_type": {"question", "incident", "problem", "feature_request"},
	"payment_method": {"credit_card", "paypal", "bank_transfer", "direct_debit", "cash"}, "payment_type": {"credit_card", "paypal", "bank_transfer", "direct_debit", "cash"},
	"shipping_method": {"standard", "express", "next_day", "pick_up"}, "delivery_method": {"standard", "express", "next_day", "pick_up"},
	"leave_type": {"annual_leave", "sick_leave", "parental_leave", "unpaid_leave"}, "contract_type": {"permanent", "fixed_term", "part_time", "internship"},
	"employment_type": {"full_time", "part_time", "contract", "internship"}, "account_type": {"checking", "savings", "credit", "business"},
	"address_type": {"home", "work", "billing", "shipping"}, "contact_type": {"email", "phone", "letter", "visit"}, "document_type": {"invoice", "contract", "report", "letter", "certificate"},
	"absence_type": {"vacation", "sickness", "parental_leave", "unpaid", "training"},
	"meter_type":   {"electricity", "gas", "water", "heat"},
	"shift_type":   {"early", "late", "night", "day"}, "fuel_type": {"petrol", "diesel", "electric",
		"hybrid"}, "course_type": {"lecture", "seminar", "laboratory", "workshop"},
	"sample_type": {"blood", "urine", "water", "soil", "tissue"}, "service_type": {"maintenance", "repair",
		"inspection", "installation"}, "insurance_type": {"home", "car", "life", "health", "travel"},
	"loan_type": {"personal", "mortgage", "car", "student", "business"}, "ticket_class": {"economy", "business",
		"first"}, "expense_type": {"travel", "lodging", "meals", "supplies"},
	"room_type": {"single", "double", "twin", "suite", "family_room"}, "vehicle_type": {"car", "van", "truck", "motorcycle", "bus"}, "property_type": {"apartment", "house", "office", "land"},
	"event_type": {"conference", "workshop", "concert", "meetup", "webinar"}, "user_type": {"customer", "employee", "partner", "guest"}, "transaction_type": {"payment", "refund", "fee", "transfer"},
	"movement_type": {"receipt", "issue", "transfer", "adjustment"}, "incident_type": {"outage", "security", "performance", "access"}, "membership_type": {"basic", "standard", "premium", "family"},
}
