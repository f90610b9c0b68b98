package shown

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain é 🌱": "plain é 🌱", "a\nb\tc\rd": `a\nb\tc\rd`, "\x1b[31m": `\x1b[31m`, "\u202eltr\u200b": `\u202eltr\u200b`,
		"\u009b\x7f": `\x9b\x7f`, "\U000e0001": `\ue0001`, "a\xffb": "a\ufffdb",
	} {
		if got := Text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := Lines("a\x1bb\n\tc\r"); got != "a\\x1bb\n\\tc\\r" {
		t.Errorf("%q", got)
	}
}

func TestWriterKeepsCharactersWhole(t *testing.T) {
	const text = "é🌱\u202e\x1b日"
	for n := 1; n < 7; n++ {
		var b strings.Builder
		w := Writer(&b, Text)
		for i := 0; i < len(text); i += n {
			if k, err := w.Write([]byte(text[i:min(i+n, len(text))])); err != nil || k != min(n, len(text)-i) {
				t.Fatal(k, err)
			}
		}
		if got := b.String(); got != Text(text) {
			t.Errorf("by %d: %q", n, got)
		}
	}
}

func FuzzShown(f *testing.F) {
	f.Add("a\x1b\u202e\U000e0001\n")
	f.Fuzz(func(t *testing.T, s string) {
		if i := strings.IndexFunc(Text(s), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q: %q", s, Text(s))
		}
		doc, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back, before string
		if err := json.Unmarshal([]byte(JSON(string(doc))), &back); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(doc, &before); err != nil || back != before {
			t.Errorf("%q came back as %q, %v", before, back, err)
		}
	})
}
