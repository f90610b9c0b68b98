package infer

import "testing"

// What a check takes the distance of does not lie before that from which it takes it, whatever the columns are called.
func TestMeasured(t *testing.T) {
	for _, expression := range []string{
		"(secs = (extract(epoch from (e - s)))::integer)",
		"(secs = ((extract(epoch from e))::integer - (extract(epoch from s))::integer))",
	} {
		spans := checked(keyed(tableOf("spans", "id", integerType, "s", momentType, "e", momentType, "secs", integerType)), expression, "secs", "e", "s")
		few := int64(40)
		r, err := Infer(t.Context(), database(spans), Options{Rows: &few})
		if err != nil || len(r.Skipped) > 0 {
			t.Fatal(err, r)
		}
		from, to := cellsOf(t, r, "spans", "s"), cellsOf(t, r, "spans", "e")
		for i := range from {
			if to[i] < from[i] {
				t.Errorf("%s: row %d is from %s to %s", expression, i, from[i], to[i])
			}
		}
	}
}
