package sqlexpr

import "testing"

// TestFilter holds that FILTER is read as what the aggregate leaves out by nulls.
func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"(select sum(x) filter (where side = 'debit') from t)": "(SELECT sum((CASE WHEN (side = 'debit') THEN x END)) FROM t)",
		"(select count(*) filter (where x > 1) from t)":        "(SELECT count((CASE WHEN (x > 1) THEN 1 END)) FROM t)",
	} {
		e, err := ParseQueries(text, false)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := e.String(); got != want {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
	if _, err := Parse("sum(x) filter (where x > 1)", false); err == nil {
		t.Error("an aggregate in a check is taken")
	}
}
