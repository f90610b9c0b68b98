package meaning

import (
	"slices"
	"testing"
)

// A list that is wanted longer has further words of its kind, none twice, in the order in which such lists stand:
// scales
// from little to much, states by how far they have come, those that leave the way last.
func TestLonger(t *testing.T) {
	priorities := Longer("priority", Lists["priority"], 9)
	if want := []string{"someday", "deferred", "trivial", "lowest", "very_low", "low", "medium", "high",
		"urgent"}; !slices.Equal(priorities, want) {
		t.Errorf("priorities: %v", priorities)
	}
	states := Longer("status", []string{"open", "solved", "closed"}, 20)
	at := func(v string) int { return slices.Index(states, v) }
	if len(states) != 20 || at("draft") != 0 || at("solved") < at("in_progress") || at("cancelled") < at("closed") {
		t.Errorf("states: %v", states)
	}
	for i, v := range states {
		if slices.Contains(states[:i], v) {
			t.Errorf("%s stands twice", v)
		}
	}
	if same := Longer("nothing", []string{"a", "b"}, 5); !slices.Equal(same, []string{"a", "b"}) {
		t.Errorf("what nobody knows: %v", same)
	}
	initial, end := Flagged([]string{"is", "initial"}, states), Flagged([]string{"is", "closed"}, states)
	for i, v := range states {
		if initial(i, v) != (v == "new") {
			t.Errorf("%s: initial %v", v, initial(i, v))
		}
		if over := slices.Contains([]string{"solved", "completed", "closed", "cancelled", "rejected", "expired"},
			v); over != end(i, v) && v != "failed" && v != "archived" && v != "withdrawn" {
			t.Errorf("%s: an end: %v", v, end(i, v))
		}
	}
	if got := Stages([][]string{{"canceled", "on"}}, []string{"contract"}); !slices.Equal(got, []string{"pending",
		"active", "canceled"}) {
		t.Errorf("contracts: %v", got)
	}
}
