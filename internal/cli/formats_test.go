package cli

import (
	"testing"
	"time"
	"unicode/utf8"
)

func TestFormats(t *testing.T) {
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check(thousands(0), "0")
	check(thousands(999), "999")
	check(thousands(1000), "1,000")
	check(thousands(-1234567), "-1,234,567")
	check(thousands(-123), "-123")
	check(count(1, "row"), "1 row")
	check(count(0, "row"), "0 rows")
	check(count(2000, "row"), "2,000 rows")
	check(size(0), "0 B")
	check(size(999), "999 B")
	check(size(999.9), "1.00 kB")
	check(size(1500), "1.50 kB")
	check(size(12_345_678), "12.3 MB")
	check(size(999_600_000), "1.00 GB")
	check(size(5e18), "5000 PB")
	check(span(-time.Second), "0 ms")
	check(span(0), "0 ms")
	check(span(999*time.Millisecond), "999 ms")
	check(span(1250*time.Millisecond), "1.25 s")
	check(span(59949*time.Millisecond), "59.9 s")
	check(span(59950*time.Millisecond), "1m 00s")
	check(span(125*time.Second), "2m 05s")
	check(span(time.Hour-400*time.Millisecond), "1h 00m")
	check(span(190*time.Minute), "3h 10m")
	check(rate(1000, 0), "0 rows/s")
	check(rate(1000, 2*time.Second), "500 rows/s")
	check(clip("héllo", 5), "héllo")
	check(clip("héllo", 4), "hél…")
	check(clip("héllo", 0), "")
	check(visible("a\x1b[31mb\tc\u202ed\u00a0é"), `a\x1b[31mb\tc\u202ed\xa0é`)
	check(shellQuote("it's here"), `'it'\''s here'`)
	check(shellQuote(""), "''")
	for _, test := range []struct {
		part, whole int64
		want        int
	}{{0, 0, 100}, {0, 10, 0}, {999, 1000, 99}, {1000, 1000, 100}, {5, 3, 100}} {
		if got := percent(test.part, test.whole); got != test.want {
			t.Errorf("percent(%d, %d) = %d", test.part, test.whole, got)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("héllo wörld", 4)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n > 1000 {
			return
		}
		if got := utf8.RuneCountInString(clip(s, n)); got > max(n, 0) {
			t.Errorf("clip(%q, %d) has %d characters", s, n, got)
		}
	})
}

func TestGrid(t *testing.T) {
	g := grid{header: []string{"table", ">rows", "note"}, indent: "  "}
	g.add("users", "1,000", "")
	g.add("ünits", "7", "seven")
	want := "  table   rows  note\n  users  1,000\n  ünits      7  seven\n"
	if g.String() != want {
		t.Errorf("%q, want %q", g.String(), want)
	}
}
