package infer

import (
	"slices"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// vectorsOf makes all rows of a table of a plan, and gives some of its columns.
func vectorsOf(t *testing.T, p *plan.Plan, table string, names ...string) (n int, out []*column.Vec) {
	t.Helper()
	at := slices.IndexFunc(p.Tables, func(x *plan.Table) bool { return x.Name == table })
	if at < 0 {
		t.Fatalf("the plan has no table %s", table)
	}
	var m rows.Maker
	b, err := m.Batch(p.Tables[at], p.Tables[at].Out, 0, int(p.Tables[at].Rows))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		out = append(out, b.Vecs[slices.Index(plan.Names(p.Tables[at].Out), name)])
	}
	return b.N, out
}

// TestCounters: what a counter shows rises from reading to reading, each of which knows the one before, after the thing was
// put in place, which shows what its last reading says. The days of one thing's readings are distinct, as a key wants.
func TestCounters(t *testing.T) {
	cars := keyed(tableOf("vans", "id", integerType, "purchased_on", dayType, "initial_mileage", integerType, "current_mileage?", integerType))
	logs := unique(refers(keyed(tableOf("mileage_logs", "id", integerType, "van_id", integerType, "logged_on", dayType, "mileage", integerType, "previous_mileage", integerType, "distance_used", integerType)),
		"van_id", "vans"), "van_id logged_on")
	logs.Column("distance_used").Name = "usage"
	each := int64(60)
	r, err := Infer(t.Context(), database(cars, logs), Options{Rows: &each})
	if err != nil {
		t.Fatal(err)
	}
	n, c := vectorsOf(t, r.Plan, "mileage_logs", "van_id", "logged_on", "mileage", "previous_mileage", "usage")
	vans, v := vectorsOf(t, r.Plan, "vans", "id", "purchased_on", "initial_mileage", "current_mileage")
	of := map[int64]int{}
	for i := range vans {
		of[v[0].Ints[i]] = i
	}
	last := map[int64]int{}
	for i := range n {
		van := of[c[0].Ints[i]]
		before, day := v[2].Ints[van], v[1].Ints[van]
		if at, ok := last[c[0].Ints[i]]; ok {
			before, day = c[2].Ints[at], c[1].Ints[at]
		}
		if c[3].Ints[i] != before || c[2].Ints[i] <= before || c[4].Ints[i] != c[2].Ints[i]-before || c[1].Ints[i] <= day {
			t.Errorf("row %d: van %d on day %d shows %d after %d, used %d; before it %d on day %d", i, c[0].Ints[i], c[1].Ints[i], c[2].Ints[i], c[3].Ints[i], c[4].Ints[i], before, day)
		}
		last[c[0].Ints[i]] = i
	}
	if len(last) == n {
		t.Error("no van has two readings")
	}
	for i := range vans {
		at, read := last[v[0].Ints[i]]
		if read == v[3].Null(i) || read && v[3].Ints[i] != c[2].Ints[at] {
			t.Errorf("van %d does not show what its last reading says", v[0].Ints[i])
		}
	}
}

// TestReminders: they come level by level, no more of them than there are levels, after what they are about was due.
func TestReminders(t *testing.T) {
	loans := keyed(tableOf("loans", "id", integerType, "lent_on", dayType, "due_on", dayType))
	dunnings := unique(refers(keyed(tableOf("dunnings", "id", integerType, "loan_id", integerType, "level", integerType, "sent_on", dayType)), "loan_id", "loans"), "loan_id level")
	dunnings.Checks = append(dunnings.Checks, &schema.Check{Name: "levels", Columns: []string{"level"}, Expression: "((level >= 1) and (level <= 3))"})
	each := int64(60)
	r, err := Infer(t.Context(), database(loans, dunnings), Options{Rows: &each})
	if err != nil {
		t.Fatal(err)
	}
	_, l := vectorsOf(t, r.Plan, "loans", "id", "due_on")
	n, c := vectorsOf(t, r.Plan, "dunnings", "loan_id", "level", "sent_on")
	sent := map[[2]int64]int64{} // by loan and level
	for i := range n {
		sent[[2]int64{c[0].Ints[i], c[1].Ints[i]}] = c[2].Ints[i]
	}
	for at, day := range sent {
		before := l[1].Ints[slices.Index(l[0].Ints, at[0])]
		if at[1] > 1 {
			var ok bool
			if before, ok = sent[[2]int64{at[0], at[1] - 1}]; !ok {
				t.Errorf("loan %d: level %d without the one before", at[0], at[1])
			}
		}
		if day <= before || at[1] > 3 {
			t.Errorf("loan %d: level %d on day %d, before it %d", at[0], at[1], day, before)
		}
	}
	if n != 60 {
		t.Errorf("%d reminders, want 60", n)
	}
}
