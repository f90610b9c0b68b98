package infer

import (
	"slices"
	"testing"
)

// Columns that a unique over a generated column is really over are distinct, by what it makes of them.
func TestGeneratedUniques(t *testing.T) {
	for _, c := range []struct {
		computed string
		want     []string
	}{
		{"((at AT TIME ZONE 'UTC'::text))::date", []string{"n", "at"}},
		{"(date_trunc('day'::text, at))::date", []string{"n", "at"}},
		{"date(at)", []string{"n", "at"}},
		{"(EXTRACT(year FROM at))::integer", []string{"n", "at"}},
	} {
		table := unique(tableOf("visits", "n", dayType, "at", momentType, "key", dayType), "n key")
		key := table.Columns[2]
		key.Generated, key.Computed = true, c.computed
		rows := int64(50)
		d, err := newDraft(t.Context(), databaseOf(table), &Options{Seed: 1, Rows: &rows}, &Result{})
		if err != nil {
			t.Fatal(err)
		}
		d.byTable[table].declare()
		if got := d.byTable[table].unique; len(got) != 1 || !slices.Equal(got[0].columns, c.want) || !got[0].classes {
			t.Errorf("%s: distinct are %v, want %v", c.computed, got, c.want)
		}
	}
}
