package infer

import (
	"strings"
	"testing"
)

// Moments that stand as numbers or texts are in order, and there in their states, by a hidden column of moments beside each.
func TestInstants(t *testing.T) {
	orders := listed(keyed(tableOf("orders", "id", integerType, "status", textType, "created_at", integerType, "paid_at?", integerType, "shipped_on?", textType, "updated_at", textType)),
		"status", "pending", "paid", "shipped", "cancelled")
	byDefault(orders, "updated_at", "(CURRENT_TIMESTAMP)")
	r := infer(t, database(orders))
	got := cells(t, r.Plan, "orders")
	column := func(name string) []string { return strings.Split(got[name], "\n") }
	paid := 0
	for i := range 200 {
		created, at, status := column("created_at")[i], column("paid_at")[i], column("status")[i]
		if len(created) != 10 || at != "null" && at < created {
			t.Errorf("row %d: paid at %s, created at %s", i, at, created)
		}
		if (at != "null") != (status == "paid" || status == "shipped") {
			t.Errorf("row %d: paid at %s while %s", i, at, status)
		}
		if day := column("shipped_on")[i]; (day != "null") != (status == "shipped") || day != "null" && len(day) != len("2025-01-01") {
			t.Errorf("row %d: shipped on %s while %s", i, day, status)
		}
		if moment := column("updated_at")[i]; len(moment) != len("2025-01-01 00:00:00") {
			t.Errorf("row %d: updated at %s", i, moment)
		}
		if at != "null" {
			paid++
		}
	}
	if paid == 0 {
		t.Error("no row is paid")
	}
}
