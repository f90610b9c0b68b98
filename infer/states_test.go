package infer

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// States that no check lists are the usual ones, with the default among them and in its case, and the timestamps that belong
// to them are there in them alone.
func TestStatesWithoutAList(t *testing.T) {
	tasks := byDefault(keyed(tableOf("tasks", "id", integerType, "title", textType, "status", textType, "created_at", momentType, "done_at?", momentType)), "status", "'TODO'::text")
	orders := keyed(tableOf("orders", "id", integerType, "status", upTo(9), "placed_at", momentType, "shipped_at?", momentType, "delivered_at?", momentType, "cancelled_at?", momentType))
	r := infer(t, database(tasks, orders))
	column := func(table, name string) []string {
		return strings.Split(strings.TrimSuffix(cells(t, r.Plan, table)[name], "\n"), "\n")
	}
	for table, want := range map[string]map[string][]string{
		"tasks":  {"done_at": {"DONE"}},
		"orders": {"shipped_at": {"shipped", "delivered"}, "delivered_at": {"delivered"}, "cancelled_at": {"cancelled"}},
	} {
		status := column(table, "status")
		for name, in := range want {
			at, some := column(table, name), false
			for i, s := range status {
				if (at[i] != "null") != slices.Contains(in, s) {
					t.Errorf("%s row %d: %s is %s while %s", table, i, name, at[i], s)
				}
				some = some || at[i] != "null"
			}
			if !some {
				t.Errorf("%s: %s never is", table, name)
			}
		}
		if table == "tasks" && !slices.Contains(status, "TODO") {
			t.Errorf("the default is no state of %v", status)
		}
	}
}

// A visit ends within hours, on the quarter of an hour, also where a check wants it to end after it begins.
func TestAppointmentsEnd(t *testing.T) {
	visits := checked(keyed(tableOf("visits", "id", integerType, "starts_at", momentType, "ends_at", momentType)), "(ends_at > starts_at)", "starts_at", "ends_at")
	r := infer(t, database(visits))
	got := cells(t, r.Plan, "visits")
	starts, ends := strings.Fields(strings.ReplaceAll(got["starts_at"], " ", "T")), strings.Fields(strings.ReplaceAll(got["ends_at"], " ", "T"))
	for i := range starts {
		a, err := time.Parse("2006-01-02T15:04:05", starts[i])
		b, failed := time.Parse("2006-01-02T15:04:05", ends[i])
		if d := b.Sub(a); err != nil || failed != nil || d < 15*time.Minute || d > 3*time.Hour || d%(15*time.Minute) != 0 {
			t.Errorf("row %d: %s to %s", i, starts[i], ends[i])
		}
	}
}

// What a row takes costs what one costs at its parent.
func TestPriceOfTheParent(t *testing.T) {
	shows := keyed(tableOf("screenings", "id", integerType, "starts_at", momentType, "base_price", amountType))
	bookings := keyed(tableOf("bookings", "id", integerType, "screening_id", integerType, "seats", integerType, "total_price", amountType))
	refers(bookings, "screening_id", "screenings")
	r := infer(t, database(shows, bookings))
	if text := string(r.Text); !strings.Contains(text, "total_price: {expression: \"seats * screening_id.base_price\"}") {
		t.Errorf("total_price is no product:\n%s", text)
	}
}
