package gen

import "testing"

// Moments come after days too: a day begins at midnight.
func TestTimestampNotBeforeDay(t *testing.T) {
	b := newBench()
	b.c.NotBefore = []string{"born"}
	f, err := b.parse(`timestamp: {from: "1900-01-01", to: "2050-01-01"}`)
	if err != nil {
		t.Fatal(err)
	}
	v, in := b.fill(t, f, Rows{N: testRows}, 0), b.cells(Rows{N: testRows})
	rules, later := f.(Ruled).Rules(), 0
	for i := range v.Len() {
		if in[0].Null(i) {
			continue
		}
		if v.Ints[i] < in[0].Ints[i]*dayMicros {
			t.Fatalf("row %d: %s is before %s", i, v.String(i), in[0].String(i))
		}
		later++
		for _, rule := range rules {
			if !rule.Cell(v, i, in) {
				t.Fatalf("row %d: %s %s", i, v.String(i), rule.Text)
			}
		}
	}
	if later == 0 {
		t.Error("no row has a day")
	}
}
