package plan_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// TestSieve: of the values of a column that must be distinct those are counted, and dealt, that satisfy the check.
func TestSieve(t *testing.T) {
	try := func(n int) (*plan.Plan, error) {
		db := parseSchema(t, "t\n  d date not null\n  unique (d)\n")
		db.Tables[0].Checks = []*schema.Check{{Name: "first", Expression: "d = date_trunc('month', d)", Columns: []string{"d"}}}
		text := fmt.Sprintf("sower: 1\nname: x\ntables:\n  t: {rows: %d, checks: {first: {redraw: [d]}}, columns: {d: {date: {from: 2025-01-01, to: 2025-12-31}}}}\n", n)
		return build(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, db)
	}
	var ps blueprint.Problems
	if _, err := try(13); !errors.As(err, &ps) || len(ps) != 1 || ps[0].Most != 12 {
		t.Fatalf("13 rows of 12 months: %v", err)
	}
	p, err := try(12)
	if err != nil {
		t.Fatal(err)
	}
	var m rows.Maker
	b, err := m.Rows(p.Table("t"), p.Table("t").Out, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range b.N {
		day := b.Col("d").String(i)
		if seen[day] || day[8:] != "01" {
			t.Errorf("row %d: %s", i, day)
		}
		seen[day] = true
	}
}
