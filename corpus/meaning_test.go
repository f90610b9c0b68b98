package corpus

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestMeaning: columns of whole applications get generators for what they mean, not only for what their type takes.
// The share is the corpus's own measure; a fall of it is a regression.
func TestMeaning(t *testing.T) {
	const least = 85 // per cent
	s := pgtest.Shared(t, 0)
	meant, columns := 0, 0
	types := map[string]int{} // those of the others
	for _, e := range entries(t) {
		if !strings.HasPrefix(e.name, "app_") {
			continue
		}
		url := s.NewDatabase(t, "meaning")
		apply(t, url, e.postgres)
		code, out, errs := sower("inspect", "--database-url", url, "--format", "json")
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", e.name, code, errs)
		}
		var schema struct {
			Tables []struct {
				Name    string
				Columns []struct {
					Name, Type string
					Choice     *struct{ Confidence string }
				}
			}
		}
		if err := json.Unmarshal([]byte(out), &schema); err != nil {
			t.Fatal(err)
		}
		for _, table := range schema.Tables {
			for _, c := range table.Columns {
				if c.Choice == nil {
					continue // the database's own: computed, or a default that stands
				}
				sure, err := strconv.Atoi(strings.TrimSuffix(c.Choice.Confidence, " %"))
				if err != nil {
					t.Fatal(err)
				}
				columns++
				if sure > 30 || c.Type == "uuid" { // a uuid means no more than that
					meant++
				} else {
					types[c.Type+" "+c.Name]++
				}
			}
		}
	}
	if columns < 2000 {
		t.Fatalf("only %d columns", columns)
	}
	var names []string
	for name := range types {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return types[b] - types[a] })
	share := 100 * float64(meant) / float64(columns)
	t.Logf("%d of %d columns (%.1f %%) by what they mean; most frequent of the others: %q", meant, columns, share, names[:min(len(names), 40)])
	if share < least {
		t.Errorf("%.1f %% of the columns by what they mean, want %d %%", share, least)
	}
}
