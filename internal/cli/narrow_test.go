package cli

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/run"
)

// Reports and previews have no line that is wider than the terminal, down to 60 columns.
func TestNarrowTerminals(t *testing.T) {
	r := &run.Report{Run: 12, State: "complete", Rows: 1_234_567_890, Bytes: 1 << 40, Elapsed: 3 * time.Hour}
	for _, name := range []string{"users", "comments_on_tasks_of_projects_of_organisations", "order_lines"} {
		r.Tables = append(r.Tables, run.TableReport{Name: name, Made: 40_000, Stood: 40_000, Total: 80_000, Elapsed: time.Minute})
		r.Rebuilt = append(r.Rebuilt, name)
	}
	b := &column.Batch{N: 3}
	for _, name := range []string{"id", "first_name", "last_name", "email", "address", "note"} {
		v := new(column.Vec)
		v.Reset(column.Text)
		for range 3 {
			v.AppendString(strings.Repeat(name, 9))
		}
		b.Names, b.Vecs = append(b.Names, name), append(b.Vecs, v)
	}
	for _, width := range []int{60, 80, 200} {
		for what, text := range map[string]string{"report": tablesGrid(r, width), "preview": fit(b, width)} {
			if strings.Count(text, "\n") < 4 {
				t.Errorf("%s of %d columns:\n%s", what, width, text)
			}
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
					t.Errorf("%s: a line of %d characters for %d columns:\n%s", what, n, width, line)
				}
			}
		}
	}
	if text := fit(b, 60); !strings.Contains(text, "columns: ") || !strings.Contains(text, "note") {
		t.Errorf("what is left out is not named:\n%s", text)
	}
}
