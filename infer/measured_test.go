package infer

import (
	"strings"
	"testing"
)

// What a check takes the distance of does not lie before that from which it takes it, whatever the columns are called.
func TestMeasured(t *testing.T) {
	for _, expression := range []string{
		"(secs = (extract(epoch from (e - s)))::integer)",
		"((secs)::numeric = floor(extract(epoch from (e - s))))",
	} {
		spans := checked(keyed(tableOf("spans", "id", integerType, "s", momentType, "e", momentType, "secs", integerType)), expression, "secs", "e", "s")
		few := int64(40)
		r, err := Infer(t.Context(), database(spans), Options{Rows: &few})
		if err != nil || len(r.Skipped) > 0 {
			t.Fatal(err, r)
		}
		if !strings.Contains(string(r.Text), "e: {offset: {from: s, min: \"1m\"") {
			t.Errorf("%s: e does not follow s:\n%s", expression, r.Text)
		}
	}
}
