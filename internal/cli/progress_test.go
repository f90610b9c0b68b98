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
		out = append(out, run.Event{Phase: "load", Table: "users", Rows: (i + 1) * 250, Total: 1000, Batch: 250, Done: (i + 1) * 250, All: 31_000, Elapsed: time.Duration(i+1) * 40 * ms})
	}
	for i := range int64(10) {
		out = append(out, run.Event{Phase: "load", Table: "content_items", Rows: 10_000 + (i+1)*2000, Total: 30_000, Batch: 2000, Done: 11_000 + (i+1)*2000, All: 31_000, Elapsed: time.Duration(i+1)*450*ms + 160*ms})
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
				var v view = &barView{screen: s, width: s.width} // which time alone does not draw
				if mode != "bar" {
					v = a.progressView(mode)
				}
				for _, e := range events() {
					v.event(e)
				}
				v.done()
				text := strings.NewReplacer("\r\n", "\n", "\r", "\n\\r", "\x1b", "\\e").Replace(out.String())
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

// TestTablesSideBySide: each table that is loaded beside others has its own line, and one more is for all of them.
func TestTablesSideBySide(t *testing.T) {
	load := func(v view, table string, rows, total, done int64, at time.Duration) {
		v.event(run.Event{Phase: "load", Table: table, Rows: rows, Total: total, Batch: rows, Done: done, All: 30_000, Elapsed: at})
	}
	for mode, want := range map[string]string{
		"bar": "  one #.............................   5 %  500 of 10,000\r\nload 1 %  500 of 30,000 rows  0:00" +
			"\r\x1b[1A\x1b[J  one #.............................   5 %  500 of 10,000\r\n  two #.............................   5 %  1,000 of 20,000\r\n" +
			"load 5 %  1,500 of 30,000 rows  1,500 rows/s  0:01  0:19 left" +
			"\r\x1b[2A\x1b[J  two #.............................   5 %  1,000 of 20,000\r\nload 36 %  11,000 of 30,000 rows  5,500 rows/s  0:02  0:03 left" +
			"\r\x1b[1A\x1b[J",
		"plain": "one: 500 of 10,000 rows (5 %), 500 rows/s, 19.0 s left\n" +
			"two: 1,000 of 20,000 rows (5 %), 1,000 rows/s, 19.0 s left\n" +
			"one: 10,000 rows in 3.00 s, 2 batches, 3,333 rows/s\n" +
			"two: 1,000 of 20,000 rows in 1.00 s, 1,000 rows/s\n",
	} {
		s, out := terminal(70)
		a := &app{ui: &ui{out: s, err: s}}
		var v view = &barView{screen: s, width: s.width}
		if mode != "bar" {
			v = a.progressView(mode)
		}
		load(v, "one", 500, 10_000, 500, time.Second)
		load(v, "two", 1000, 20_000, 1500, 2*time.Second)
		load(v, "one", 10_000, 10_000, 11_000, 3*time.Second)
		v.done()
		if got := out.String(); got != want {
			t.Errorf("%s: got\n%q\nwant\n%q", mode, got, want)
		}
	}
}

// TestBarWidth: no line is wider than its terminal, whatever the numbers and the width.
func TestBarWidth(t *testing.T) {
	for _, table := range []string{"t", "a_table_with_a_rather_long_name", strings.Repeat("ö", 70)} {
		for _, rows := range []int64{1, 999, 1 << 40} {
			for width := 20; width < 130; width++ {
				s, _ := terminal(width)
				s.colour, s.unicode = true, true
				v := &barView{screen: s, width: s.width}
				for i := range 9 {
					v.event(run.Event{
						Phase: "load", Table: table + fmt.Sprint(i), Rows: rows, Total: 1 << 41, Batch: rows, Done: rows, All: 1 << 45,
						Elapsed: time.Hour,
					})
				}
				v.event(run.Event{Phase: "indexes", Text: strings.Repeat(table, 3), Elapsed: time.Hour})
				lines := append(v.lines(2*time.Hour, width-1), s.live...)
				for _, line := range lines {
					if got := utf8.RuneCountInString(codes.ReplaceAllString(line, "")); got > width-1 {
						t.Fatalf("%q, %d rows, width %d: %d characters: %q", table, rows, width, got, line)
					}
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
		v.event(run.Event{Phase: "load", Table: "t", Rows: i + 1, Total: n + 1, Batch: 1, Done: i + 1, All: n + 1, Elapsed: time.Duration(i) * time.Millisecond})
	}
	if draws := strings.Count(out.String(), "\x1b[J"); draws > 31 {
		t.Errorf("%d draws in 3 s", draws)
	}
}

// TestLiveLine: what is written meanwhile takes the place of the live lines, which come back after. A terminal that got
// narrower has wrapped them.
func TestLiveLine(t *testing.T) {
	s, out := terminal(80)
	s.show("half", "done, of a line that has more than forty characters")
	fmt.Fprintln(s, "a notice")
	s.width = func() int { return 40 }
	s.show()
	lines := "half\r\ndone, of a line that has more than forty characters"
	want := lines + "\r\x1b[1A\x1b[J" + "a notice\n" + lines + "\r\x1b[2A\x1b[J"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
