package rows_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/plan"
)

const setBlueprint = `
sower: 1
name: shop
tables:
  shops: {rows: 12, columns: {id: sequence}}
  shelves: {rows: 300, columns: {shop_id: {reference: shops}, aisle: {integer: {min: 1, max: 9}}, side: {pick: [a, b, c, d]}}, unique: [[shop_id, aisle, side]]}
`

// TestPlanVersions: what plan does with generators' cells changes them only with the version that the record has of it.
// UPDATE=1 writes the digests of new versions, and never lets those of a version change.
func TestPlanVersions(t *testing.T) {
	const path = "testdata/versions.txt"
	was := map[string]string{}
	if text, err := os.ReadFile(path); err == nil {
		for line := range strings.Lines(string(text)) {
			digest, name, _ := strings.Cut(strings.TrimSpace(line), " ")
			was[name] = digest
		}
	}
	redrawn, err := planned(t, guardedBlueprint, guardedSchema())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range []struct {
		what, table string
		plan        *plan.Plan
	}{{"matching", "tasks", agreeing(t)}, {"unique set", "members", agreeing(t)}, {"unique set", "shelves", load(t, setBlueprint)}, {"redraw", "spans", redrawn}} {
		named := regexp.MustCompile(`\b` + c.what + ` \d+`).FindString(strings.Join(c.plan.Resolved().Origins, "\n"))
		if named == "" {
			t.Fatalf("no column is made by %s: %q", c.what, c.plan.Resolved().Origins)
		}
		named += " " + c.table
		digest := digests(t, c.plan, 4096, 1)[c.table]
		if old := was[named]; old != "" && old != digest {
			t.Fatalf("%s makes other cells: raise the version of %s (plan.Origin names it), and say it in CHANGELOG.md", named, c.what)
		} else if old == "" && os.Getenv("UPDATE") == "" {
			t.Errorf("%s is not in %s: UPDATE=1 go test ./rows -run TestPlanVersions", named, path)
		}
		lines = append(lines, fmt.Sprintf("%s %s\n", digest, named))
	}
	if os.Getenv("UPDATE") == "" {
		return
	}
	slices.Sort(lines)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
