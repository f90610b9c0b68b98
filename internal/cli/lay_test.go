package cli

import "testing"

func TestLay(t *testing.T) {
	for _, c := range []struct {
		text string
		room int
		want string
	}{
		{"short enough", 12, "short enough"},
		{"one two three four", 9, "one two\n  three\n  four"},
		{"  id    integer  sequence from 1 [unique]", 30, "  id    integer  sequence from\n                 1 [unique]"},
		{"ok     a is between 1 and 20000", 20, "ok     a is between\n       1 and 20000"},
		{"averyveryverylongword and more", 10, "averyveryverylongword\n  and more"},
		{"\x1b[32mgreen\x1b[0m words and more", 12, "\x1b[32mgreen\x1b[0m words\n  and more"},
		{"größer größer größer", 14, "größer größer\n  größer"},
		{"a\n  b c d e f\nc", 8, "a\n  b c d\n    e f\nc"},
	} {
		if got := lay(c.text, c.room); got != c.want {
			t.Errorf("%q in %d columns is\n%s\nwant\n%s", c.text, c.room, got, c.want)
		}
	}
}

func TestReflow(t *testing.T) {
	const text = "one\ntwo\n\nthree\n  four\n  five\nsix\nseven"
	if got, want := reflow(text), "one two\n\nthree\n  four\n  five\nsix seven"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
