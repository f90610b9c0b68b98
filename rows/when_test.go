package rows_test

import (
	"testing"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// stating is a plan whose cells, references among them, are there in some states alone.
func stating(t testing.TB) *plan.Plan {
	return load(t, `
sower: 1
name: stating
tables:
  teams: {rows: 20, columns: {id: sequence}}
  agents: {rows: 200, columns: {id: sequence, team_id: {reference: teams}, name: {person: full_name}}}
  tickets:
    rows: 2000
    columns:
      id: sequence
      team_id: {reference: teams}
      state: {pick: {weights: {open: 60, closed: 40}}}
      closed_by: {reference: {table: agents, column: id, matching: {team_id: team_id}}, when: 'state == "closed"'}
      closer: {cell: closed_by.name}
      reviewer_id: {reference: agents, when: 'closed_by != nil and id % 2 == 0'}
      reopens_id: {reference: tickets, when: 'state == "open" and id > 10'}
      rating: {pick: [1, 2, 3, 4, 5], when: 'state == "closed"', nulls: 0.5}
      token: {text: {words: 2}, unique: true, when: 'state == "open"'}
`)
}

// The first law where cells hang on conditions: the same cells whatever the batches, their order and the worker.
func TestConditionsAnyBatches(t *testing.T) {
	want := digests(t, stating(t), 4096, 1)
	p := stating(t)
	for _, n := range []int64{1, 7, 500} {
		for name, d := range digests(t, p, n, 3) {
			if d != want[name] {
				t.Errorf("%s in batches of %d has digest %s, in batches of 4096 %s", name, n, d, want[name])
			}
		}
	}
}

// A reference is there exactly where its condition is true, and so is what is read through it.
func TestConditionsHold(t *testing.T) {
	tb := stating(t).Table("tickets")
	var m rows.Maker
	b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
	if err != nil {
		t.Fatal(err)
	}
	closed := 0
	for i := range b.N {
		is := b.Col("state").String(i) == "closed"
		if is {
			closed++
		}
		id := b.Col("id").Ints[i]
		for name, want := range map[string]bool{"closed_by": is, "closer": is, "reviewer_id": is && id%2 == 0, "reopens_id": !is && id > 10, "token": !is} {
			if got := !b.Col(name).Null(i); got != want {
				t.Fatalf("row %d: %s is there: %v, want %v (state %s)", i, name, got, want, b.Col("state").String(i))
			}
		}
		if !is && !b.Col("rating").Null(i) {
			t.Fatalf("row %d is open, and rated", i)
		}
	}
	if closed < 600 || closed > 1000 {
		t.Errorf("%d of %d are closed", closed, b.N)
	}
}

// BenchmarkConditions is a reference with a condition beside one without.
func BenchmarkConditions(b *testing.B) {
	tb := stating(b).Table("tickets")
	var m rows.Maker
	for _, name := range []string{"team_id", "reviewer_id"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Batch(tb, []*plan.Column{tb.Column(name)}, 0, int(tb.Rows)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
