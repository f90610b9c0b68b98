package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestChart: a complete run shows the bars of its blueprint's charts, no wider than 80 columns, without colour where
// none is wanted; each has the number that the database holds.
func TestChart(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "shop_test.db")
	env := []string{"SOWER_ORDERS=500", "SOWER_REVIEWS=50", "CLICOLOR_FORCE=1", "NO_COLOR=1", "LANG=en_US.UTF-8"}
	code, stdout, stderr := call(t, env, "generate", "shop", url, "--create-schema", "--progress", "none")
	if code != 0 {
		t.Fatalf("generate ended with %d:\n%s%s", code, stdout, stderr)
	}
	_, chart, _ := strings.Cut(stdout, "revenue by month, as declared\n")
	lines := strings.Split(strings.TrimRight(chart, "\n"), "\n")
	if len(lines) < 24 || !strings.HasPrefix(lines[0], "  2024-01 1,095 █") || !strings.HasPrefix(lines[23], "  2025-12 4,560 █") {
		t.Fatalf("the chart is\n%s", chart)
	}
	for i, line := range lines[:24] {
		if utf8.RuneCountInString(line) > 80 || strings.Contains(line, "\x1b") {
			t.Errorf("line %d is %q", i, line)
		}
	}
	if n := strings.Count(lines[23], "█"); n < 4*strings.Count(lines[0], "█") {
		t.Errorf("the bar of the last month has %d characters, that of the first %d", n, strings.Count(lines[0], "█"))
	}
	if _, stdout, _ = call(t, append(env, "NO_COLOR="), "generate", "shop", url, "--create-schema", "--progress", "none"); !strings.Contains(stdout, "\x1b[32m█") {
		t.Errorf("no colour where it is forced:\n%s", stdout)
	}
}
