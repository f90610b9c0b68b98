package infer

import (
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// TestKin: what a row sums up of others comes out, places have no gaps, and pairs that are unique together differ.
func TestKin(t *testing.T) {
	customers := keyed(tableOf("customers", "id", integerType, "orders_count", integerType, "last_order_at?", momentType, "created_at", momentType))
	orders := refers(keyed(tableOf("orders", "id", integerType, "customer_id", integerType, "total", amountType, "created_at", momentType)), "customer_id", "customers")
	lines := refers(keyed(tableOf("order_lines", "id", integerType, "order_id", integerType, "line_no", integerType, "quantity", integerType, "unit_price", amountType, "line_total", amountType)), "order_id", "orders")
	unique(lines, "order_id line_no")
	likes := refers(refers(tableOf("likes", "order_id", integerType, "customer_id", integerType), "order_id", "orders"), "customer_id", "customers")
	unique(likes, "order_id customer_id")
	orders.Columns = append(orders.Columns, &schema.Column{Name: "likes_count", Type: integerType, NotNull: true})
	all := []*schema.Table{customers, lines, likes, orders}
	few, many := int64(60), map[string]int64{"order_lines": 300, "likes": 200}
	r, err := Infer(t.Context(), database(all...), Options{Rows: &few, TableRows: many})
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string][]map[string]string{}
	for _, tb := range r.Plan.Tables {
		var m rows.Maker
		b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			row := map[string]string{}
			for j, v := range b.Vecs {
				row[plan.Names(tb.Out)[j]] = v.String(i)
			}
			cells[tb.Name] = append(cells[tb.Name], row)
		}
	}
	of := func(table, by, key string) (out []map[string]string) {
		for _, row := range cells[table] {
			if row[by] == key {
				out = append(out, row)
			}
		}
		return out
	}
	for _, o := range cells["orders"] {
		mine := of("order_lines", "order_id", o["id"])
		cents, places := 0, []string{}
		for _, l := range mine {
			cents += inCents(t, l["line_total"])
			places = append(places, l["line_no"])
		}
		if inCents(t, o["total"]) != cents || len(mine) == 0 {
			t.Errorf("order %s has the total %s, and its %d lines come to %d cents", o["id"], o["total"], len(mine), cents)
		}
		slices.Sort(places)
		for i := range min(len(places), 9) {
			if len(places) < 10 && places[i] != string(rune('1'+i)) {
				t.Errorf("the lines of order %s are numbered %v", o["id"], places)
			}
		}
		liked := map[string]bool{}
		for _, l := range of("likes", "order_id", o["id"]) {
			liked[l["customer_id"]] = true
		}
		if n := len(of("likes", "order_id", o["id"])); n != len(liked) || o["likes_count"] != itoa(n) {
			t.Errorf("order %s counts %s likes, and has %d of %d customers", o["id"], o["likes_count"], n, len(liked))
		}
	}
	for _, c := range cells["customers"] {
		last := ""
		for _, o := range of("orders", "customer_id", c["id"]) {
			last = max(last, o["created_at"])
		}
		if n := len(of("orders", "customer_id", c["id"])); c["orders_count"] != itoa(n) || n > 0 && c["last_order_at"] != last {
			t.Errorf("customer %s counts %s orders of %d, the last at %s, which is %s", c["id"], c["orders_count"], n, c["last_order_at"], last)
		}
	}
}

// TestKinGivesWay: where keys leave no room for rows that are counted by their parents, a counter is a number as before.
func TestKinGivesWay(t *testing.T) {
	users := keyed(tableOf("users", "id", integerType, "profiles_count", integerType))
	profiles := refers(keyed(tableOf("profiles", "id", integerType, "user_id", integerType)), "user_id", "users")
	unique(profiles, "user_id")
	r, err := Infer(t.Context(), database(profiles, users), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(r.Text); strings.Contains(text, "aggregate") || strings.Contains(text, "per_parent") {
		t.Errorf("profiles, of which each user has one at most, are counted by users:\n%s", text)
	}
}

func inCents(t *testing.T, s string) (n int) {
	t.Helper()
	whole, part, _ := strings.Cut(s, ".")
	for _, c := range whole + (part + "00")[:2] {
		n = n*10 + int(c-'0')
	}
	return n
}

// keyed makes id a table's key.
func keyed(t *schema.Table) *schema.Table {
	unique(t, "id")
	t.PrimaryKey = t.Uniques[len(t.Uniques)-1]
	return t
}
