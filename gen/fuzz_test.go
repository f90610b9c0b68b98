package gen

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/rng"
)

// FuzzPattern: a text that is drawn for a regular expression is matched by it, by Go's matcher.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{`[A-Z]{3}-[0-9]{4}`, `a*b*a`, `(a|ab)(c|bc)`, `(?i)é`, `^a|b$`, `\pN{1}`, `[^a]{1,3}`, `(cat|dog|)s?`, `.`, `\d+\.\d{2}`, `(?s).\n`, `[[:word:]]+`, `\x{1F600}`, `a{0}`, `(((a+)+)+)`, `\bfoo\b`} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, expr string, seed uint64) {
		if len(expr) > 200 {
			return
		}
		re, err := regexp.Compile(`^(?:` + expr + `)$`)
		if err != nil {
			return
		}
		form, err := regexForm(expr, 4)
		if err != nil {
			return // refused with a reason
		}
		key := rng.NewKey(seed, "fuzz")
		for row := range int64(8) {
			s := key.At(row, 0)
			text := form.draw(nil, &s)
			if !utf8.Valid(text) || !re.Match(text) {
				t.Fatalf("%q gave %q", expr, text)
			}
			if form.card > 0 {
				if text := form.index(nil, s.Uint64()%form.card); !re.Match(text) {
					t.Fatalf("%q numbered gave %q", expr, text)
				}
			}
		}
	})
}
