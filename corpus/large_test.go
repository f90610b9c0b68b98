package corpus

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/bigschema"
	"github.com/sowerdata/sower/internal/pgtest"
)

// TestLarge fills a schema of more than 300 tables.
func TestLarge(t *testing.T) {
	const tables, rows = 320, 100
	ddl := bigschema.Grown(1, tables)
	if got := strings.Count(ddl, "\tforeign key ("); got < 80 {
		t.Fatalf("%d composite foreign keys, want 80", got)
	}
	if ddl != bigschema.Grown(1, tables) {
		t.Fatal("the schema is another at the second time")
	}
	s := pgtest.Shared(t, 0)
	url := s.NewDatabase(t, "large")
	conn := connect(t, url)
	apply(t, url, ddl)
	before := snapshot(t, conn)
	start := time.Now()
	code, out, errs := sower("generate", "--database-url", url, "--rows", fmt.Sprint(rows))
	took := time.Since(start)
	if code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	got := counts(t, conn)
	if len(got) != tables {
		t.Errorf("%d tables, want %d", len(got), tables)
	}
	for name, n := range got {
		if n != rows {
			t.Errorf("%s: %d rows, want %d", name, n, rows)
		}
	}
	for _, line := range violations(t, conn) {
		t.Error(line)
	}
	if snapshot(t, conn) != before {
		t.Error("the schema is another now")
	}
	t.Logf("%d tables, %d rows each: %.1f s", len(got), rows, took.Seconds())
}
