package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sowerdata/sower/run"
)

// events are those of a run with two tables, of which one is resumed.
func events() []run.Event {
	ms := time.Millisecond
	out := []run.Event{{Phase: "prepare", Text: "reading the record of runs"}}
	for i := range int64(4) {
		out = append(out, run.Event{Phase: "load", Table: "users", Rows: (i + 1) * 250, Total: 1000, Batch: 250, Elapsed: time.Duration(i+1) * 40 * ms})
	}
	for i := range int64(10) {
		out = append(out, run.Event{Phase: "load", Table: "content_items", Rows: 10_000 + (i+1)*2000, Total: 40_000, Batch: 2000, Elapsed: time.Duration(i+1)*450*ms + 160*ms})
	}
	return append(out, run.Event{Phase: "finish", Text: "gathering statistics", Elapsed: 5 * time.Second})
}

// terminal is a screen whose output shows its control characters.
func terminal(width int) (*screen, *bytes.Buffer) {
	var out bytes.Buffer
	s := newScreen(&out, func(string) string { return "" }, &sync.Mutex{}, &secrets{})
	s.terminal = true
	s.width = func() int { return width }
	return s, &out
}

// TestProgress holds each view against its golden file. SOWER_UPDATE_GOLDEN=1 writes them.
func TestProgress(t *testing.T) {
	for _, mode := range []string{"bar", "plain", "json", "none"} {
		for _, width := range []int{100, 60, 20} {
			if mode != "bar" && width != 100 {
				continue
			}
			name := fmt.Sprintf("%s-%d", mode, width)
			t.Run(name, func(t *testing.T) {
				s, out := terminal(width)
				a := &app{ui: &ui{out: s, err: s}}
				v := a.progressView(mode)
				for _, e := range events() {
					v.event(e)
				}
				v.done()
				text := strings.NewReplacer("\r", "\\r", "\x1b[K", "\\K\n").Replace(out.String())
				golden(t, filepath.Join("testdata", "progress", name+".txt"), text)
			})
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("SOWER_UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// TestTablesSideBySide: each table that is loaded beside others has its own line, and one bar stands for all of them.
func TestTablesSideBySide(t *testing.T) {
	load := func(v view, table string, rows, total int64, at time.Duration) {
		v.event(run.Event{Phase: "load", Table: table, Rows: rows, Total: total, Batch: rows, Elapsed: at})
	}
	for mode, want := range map[string]string{
		"bar": "\rone [.................]   5 %  500 of 10,000  500 rows/s  19.0 s left\x1b[K" +
			"\r2 tables [..........]   5 %  1,500 of 30,000  750 rows/s  38.0 s left\x1b[K" +
			"\r\x1b[Kone: 10,000 rows in 3.00 s, 2 batches, 3,333 rows/s\n" +
			"\rtwo [.............]   5 %  1,000 of 20,000  1,000 rows/s  19.0 s left\x1b[K" +
			"\r\x1b[Ktwo: 1,000 of 20,000 rows in 1.00 s, 1,000 rows/s\n",
		"plain": "one: 500 of 10,000 rows (5 %), 500 rows/s, 19.0 s left\n" +
			"two: 1,000 of 20,000 rows (5 %), 1,000 rows/s, 19.0 s left\n" +
			"one: 10,000 rows in 3.00 s, 2 batches, 3,333 rows/s\n" +
			"two: 1,000 of 20,000 rows in 1.00 s, 1,000 rows/s\n",
	} {
		s, out := terminal(70)
		a := &app{ui: &ui{out: s, err: s}}
		v := a.progressView(mode)
		load(v, "one", 500, 10_000, time.Second)
		load(v, "two", 1000, 20_000, 2*time.Second)
		load(v, "one", 10_000, 10_000, 3*time.Second)
		v.done()
		if got := out.String(); got != want {
			t.Errorf("%s: got\n%q\nwant\n%q", mode, got, want)
		}
	}
}

// TestBarWidth: no bar is wider than its terminal, whatever the numbers and the width.
func TestBarWidth(t *testing.T) {
	for _, table := range []string{"t", "a_table_with_a_rather_long_name", strings.Repeat("ö", 70)} {
		for _, rows := range []int64{0, 1, 999, 1 << 40} {
			for width := range 130 {
				tl := &tally{table: table, rows: rows, total: 1 << 40, now: time.Hour}
				if got := utf8.RuneCountInString(bar(tl, width)); got > width {
					t.Fatalf("%q, %d rows, width %d: %d characters", table, rows, width, got)
				}
			}
		}
	}
}

// TestDraws: a bar is drawn at most ten times a second.
func TestDraws(t *testing.T) {
	s, out := terminal(80)
	v := &barView{screen: s, width: s.width}
	const n = 3000
	for i := range int64(n) {
		v.event(run.Event{Phase: "load", Table: "t", Rows: i + 1, Total: n + 1, Batch: 1, Elapsed: time.Duration(i) * time.Millisecond})
	}
	if draws := strings.Count(out.String(), "\r"); draws > 31 {
		t.Errorf("%d draws in 3 s", draws)
	}
}

// TestLiveLine: what is written meanwhile takes the place of the live line, which comes back after.
func TestLiveLine(t *testing.T) {
	s, out := terminal(80)
	s.show("half done")
	fmt.Fprintln(s, "a notice")
	s.show("")
	want := "\rhalf done\x1b[K" + "\r\x1b[K" + "a notice\n" + "\rhalf done\x1b[K" + "\r\x1b[K"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
