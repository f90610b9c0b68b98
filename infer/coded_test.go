package infer

import (
	"slices"
	"strconv"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// TestLists: a table of states or priorities has the words of such a list, in its order, and as many as it mostly has;
// more
// where they are asked for by the table's name. Rows that refer to it
// have the moments of their state.
func TestLists(t *testing.T) {
	flag := schema.Type{Name: "boolean", Base: "bool", Kind: column.Bool}
	states := unique(keyed(tableOf("ticket_states", "id", integerType, "label", textType, "sort_order", integerType,
		"is_terminal", flag, "is_default", flag)), "label", "sort_order")
	severities := unique(keyed(tableOf("severities", "id", integerType, "name", textType, "weight", integerType)),
		"name")
	tickets := refers(refers(keyed(tableOf("tickets", "id", integerType, "state_id", integerType, "severity_id",
		integerType,
		"opened_at", momentType, "started_at?", momentType, "solved_at?", momentType, "closed_at?", momentType)),
		"state_id", "ticket_states"), "severity_id", "severities")
	db := database(states, severities, tickets)
	for _, x := range []struct {
		each               int64
		named              map[string]int64
		states, severities int
		lowered            int
	}{{300, nil, 4, 4, 2}, {20, nil, 4, 4, 2}, {300, map[string]int64{"severities": 7}, 4, 7, 1}} {
		r, err := Infer(t.Context(), db, Options{Rows: &x.each, TableRows: x.named})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Lowered) != x.lowered {
			t.Errorf("%d rows: lowered %v", x.each, r.Lowered)
		}
		cells := map[string][][]string{}
		for _, tb := range r.Plan.Tables {
			var m rows.Maker
			b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.N {
				var row []string
				for _, name := range plan.Names(tb.Out) {
					v := b.Vecs[slices.Index(plan.Names(tb.Out), name)]
					text := ""
					if !v.Null(i) {
						text = v.String(i)
					}
					row = append(row, name+"="+text)
				}
				cells[tb.Name] = append(cells[tb.Name], row)
			}
		}
		if len(cells["ticket_states"]) != x.states || len(cells["severities"]) != x.severities {
			t.Fatalf("%d rows: %d states, %d severities", x.each, len(cells["ticket_states"]), len(cells["severities"]))
		}
		if x.states > 4 {
			continue
		}
		for i, label := range []string{"Open", "In progress", "Solved", "Closed"} {
			want := []string{"id=" + strconv.Itoa(i+1), "label=" + label, "sort_order=" + strconv.Itoa(i+1),
				"is_terminal=" + map[bool]string{true: "true", false: "false"}[i > 1],
				"is_default=" + map[bool]string{true: "true", false: "false"}[i == 0]}
			if !slices.Equal(cells["ticket_states"][i], want) {
				t.Errorf("state %d: %v, want %v", i, cells["ticket_states"][i], want)
			}
		}
		solved := 0
		for _, row := range cells["tickets"] {
			is := func(cell string) bool { return slices.Contains(row, cell) }
			if over := is("state_id=3") || is("state_id=4"); over == is("solved_at=") ||
				is("state_id=4") == is("closed_at=") {
				t.Errorf("a ticket %v", row)
			} else if over {
				solved++
			}
		}
		if solved < len(cells["tickets"])/3 {
			t.Errorf("only %d tickets are solved", solved)
		}
	}
}
