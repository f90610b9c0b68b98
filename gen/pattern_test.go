package gen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sowerdata/sower/internal/rng"
)

// enumerate gives all texts of a form by their numbers.
func enumerate(f *form) []string {
	out := make([]string, f.card)
	for i := range f.card {
		out[i] = string(f.index(nil, i))
	}
	return out
}

// matching gives all texts over an alphabet up to a length that a regular expression matches wholly.
func matching(re *regexp.Regexp, alphabet string, length int) []string {
	var out []string
	layer := []string{""}
	for range length + 1 {
		var next []string
		for _, s := range layer {
			if re.MatchString(s) {
				out = append(out, s)
			}
			for _, r := range alphabet {
				next = append(next, s+string(r))
			}
		}
		layer = next
	}
	return out
}

// TestPatternIsTheRegex: where a pattern can be numbered, its numbers give the texts that the regular
// expression matches, each once.
func TestPatternIsTheRegex(t *testing.T) {
	for _, c := range []struct {
		regex string
		card  uint64 // 0: not known to be unambiguous
	}{
		{``, 1}, {`a`, 1}, {`^ab$`, 1}, {`^a|b$`, 2}, {`(^a|^b)c$`, 2}, {`\Aab\z`, 1}, {`(?m)^a$`, 1},
		{`[ab]{2}`, 4}, {`[ab]{0,3}`, 15}, {`a?`, 2}, {`a*`, 5}, {`a+`, 4}, {`a{2,}`, 3}, {`a{6,}`, 1}, {`a{0}`, 1},
		{`a+b+`, 16}, {`a+-a+`, 16}, {`a+a+`, 0}, {`a*b*a`, 25}, {`(a|ab)(b|c)`, 4}, {`(a|ab)(c|bc)`, 0},
		{`(a|b)*`, 31}, {`(ab|a)*`, 31}, {`(ab|ba)*`, 31}, {`(-a+){0,2}`, 21}, {`(a+-){1,2}`, 20}, {`(a+)*`, 0}, {`(a?)*`, 0}, {`(a?){3}`, 0},
		{`(|a|aa)`, 3}, {`(a|a)`, 1}, {`(a|b|aa|bb)`, 4}, {`abc|abd|b`, 3}, {`a(b|c)?c`, 3},
		{`a?b?c?`, 8}, {`[^a]{1}`, 94}, {`.`, 95}, {`(?i)ab`, 4}, {`(?i:a)b`, 2}, {`(?i)[a-c]`, 6}, {`(?i)ks`, 4}, {`(?i)é`, 2},
		{`\d`, 10}, {`\w`, 63}, {`\s`, 1}, {`\s\S`, 94}, {`[[:space:]]`, 1}, {`\t`, 1}, {`[\t\n]`, 2}, {`\pN{1}`, 0xffff}, {`[^\x00-\x7f]`, 0xffff},
		{`25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]`, 256}, {`(cat|dog|bird)s?`, 6},
	} {
		f, err := regexForm(c.regex, 4)
		if err != nil {
			t.Errorf("%s: %v", c.regex, err)
			continue
		}
		if c.card == 0xffff {
			continue // more characters than anybody counts
		}
		if f.unambiguous() != (c.card > 0) {
			t.Errorf("%s: unambiguous is %v", c.regex, f.unambiguous())
		}
		re := wholly(c.regex)
		all := enumerate(f)
		for _, s := range all {
			if !re.MatchString(s) {
				t.Errorf("%s does not match %q", c.regex, s)
			}
			if n := len([]rune(s)); n < f.min0 || n > f.mx {
				t.Errorf("%s: %q has %d characters, not %d to %d", c.regex, s, n, f.min0, f.mx)
			}
		}
		if c.card == 0 {
			continue
		}
		if f.card != c.card || distinct(all) != len(all) {
			t.Errorf("%s: %d of %d texts are distinct, want %d", c.regex, distinct(all), f.card, c.card)
		}
	}
}

// regexOver draws a regular expression over a, b and -.
func regexOver(depth int) *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{"a", "b", "-", "ab", "ba", "[ab]", "[b-]", "", "a-b"})
	if depth == 0 {
		return leaf
	}
	sub := regexOver(depth - 1)
	group := rapid.Map(sub, func(s string) string { return "(" + s + ")" })
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(sub, 1, 3), func(s []string) string { return strings.Join(s, "") }),
		rapid.Map(rapid.SliceOfN(sub, 2, 3), func(s []string) string { return "(" + strings.Join(s, "|") + ")" }),
		rapid.Custom(func(t *rapid.T) string {
			return group.Draw(t, "group") + rapid.SampledFrom([]string{"?", "*", "+", "{2}", "{1,2}", "{0,2}", "{2,3}"}).Draw(t, "times")
		}),
	)
}

// TestRandomPatterns holds forms of random regular expressions against a search of all texts: proven
// ones number each text once, and all of them can be drawn.
func TestRandomPatterns(t *testing.T) {
	proven, refuted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		expr := regexOver(3).Draw(t, "regex")
		const times, length = 2, 7
		f, err := regexForm(expr, times)
		if err != nil {
			t.Fatal(err)
		}
		bounded := strings.NewReplacer("*", "{0,2}", "+", "{1,2}").Replace(expr)
		re := wholly(bounded)
		for row := range int64(20) {
			st := rng.NewKey(1, expr).At(row, 0)
			if s := string(f.draw(nil, &st)); !re.MatchString(s) {
				t.Fatalf("%s gives %q", expr, s)
			}
		}
		if f.card > 5000 || f.mx > length {
			return
		}
		all := enumerate(f)
		want := matching(re, "ab-", f.mx)
		slices.Sort(all)
		slices.Sort(want)
		got := slices.Compact(slices.Clone(all))
		if !slices.Equal(got, want) {
			t.Fatalf("%s: texts\n%q\nwant\n%q", expr, got, want)
		}
		if f.unambiguous() {
			proven++
			if len(got) != len(all) {
				t.Fatalf("%s: %d texts for %d numbers", expr, len(got), len(all))
			}
		} else {
			refuted++
		}
	})
	if proven < 10 || refuted < 10 {
		t.Errorf("%d expressions proven unambiguous, %d not: the test sees too few", proven, refuted)
	}
}

func TestPatternDraws(t *testing.T) {
	// Every text of a small pattern comes up; lengths are equally likely.
	v := texts(made(t, `pattern: "[ab]{1,2}|-"`, 5000))
	counts := map[string]int{}
	for _, s := range v {
		counts[s]++
	}
	if len(counts) != 7 {
		t.Fatalf("%d texts of 7: %v", len(counts), counts)
	}
	wantShare(t, "the branch of 1 text beside 6", counts["-"], 5000, 1.0/7)
	wantShare(t, "length 1", counts["a"]+counts["b"], 5000, 3.0/7)

	counts = map[string]int{}
	for _, s := range texts(made(t, `pattern: "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"`, 51200)) {
		counts[s]++
	}
	if len(counts) != 256 {
		t.Errorf("%d octets of 256", len(counts))
	}
	wantShare(t, "250 to 255", counts["250"]+counts["251"]+counts["252"]+counts["253"]+counts["254"]+counts["255"], 51200, 6.0/256)
}

func TestPatternErrors(t *testing.T) {
	wantError(t, `pattern: "a("`, `"a(" is no regular expression of Go's: missing closing )`)
	wantError(t, `pattern: "a\\b"`, `"a\\b": \b is not supported: say which characters stand there`)
	wantError(t, `pattern: "a^b"`, `"a^b": ^ can stand only at the beginning`)
	wantError(t, `pattern: "a$b"`, `"a$b": $ can stand only at the end`)
	wantError(t, `pattern: "(^a)+"`, `"(^a)+": ^ can stand only at the beginning`)
	wantError(t, `pattern: "[^\\x00-\\x{10FFFF}]"`, `"[^\\x00-\\x{10FFFF}]" matches nothing`)
	wantError(t, `pattern: {regex: a, max_repeat: -1}`, `max_repeat -1 is not between 0 and 1000`)
}

// TestLargeForms: numbers beyond what a form can count still give different texts.
func TestLargeForms(t *testing.T) {
	for _, regex := range []string{
		`[a-z]{40}`, `[a-z]{30,40}`, `(x[a-z]{30}|y[a-z]{30}|z)`, `[0-9]{5}[a-z]{20}[0-9]{5}`, `(-[a-z]{20}){1,3}`, `a{3}[a-z]{13}b?`,
	} {
		f, err := regexForm(regex, 8)
		if err != nil {
			t.Fatal(err)
		}
		if !f.unambiguous() || f.card != full {
			t.Fatalf("%s: card %d", regex, f.card)
		}
		seen := map[string]bool{}
		re := wholly(regex)
		for n := range uint64(60_000) {
			i := n
			switch n % 3 {
			case 1:
				i = full - 1 - n
			case 2:
				i = rng.Mix(n) % full
			}
			s := string(f.index(nil, i))
			if seen[s] || !re.MatchString(s) {
				t.Fatalf("%s: number %d gives %q", regex, i, s)
			}
			seen[s] = true
		}
	}
}

// TestDealer: numbers are dealt out to the parts from the first on.
func TestDealer(t *testing.T) {
	f := sequenceForm(numberForm(1, 3), literalForm("/"), numberForm(0, 4), literalForm("/"), listForm(newWords([]string{"a", "b"})))
	all := enumerate(f)
	if f.card != 24 || distinct(all) != 24 {
		t.Fatalf("%d of %d", distinct(all), f.card)
	}
	if all[0] != "1//a" || all[23] != "3/3/b" {
		t.Fatal(all)
	}
}

func TestTimes(t *testing.T) {
	for _, c := range [][3]uint64{{0, full, 0}, {1, full, full}, {2, full / 2, full}, {3, full / 2, full}, {1 << 31, 1 << 31, full}, {full, full, full}, {1 << 30, 1 << 31, 1 << 61}} {
		if got := times(c[0], c[1]); got != c[2] {
			t.Errorf("%d * %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestRunes(t *testing.T) {
	set := runeSetOf("cabxz")
	if fmt.Sprint(set) != fmt.Sprint(runeSet{'a', 'c', 'x', 'x', 'z', 'z'}) || set.count() != 5 || set.at(3) != 'x' || set.at(4) != 'z' {
		t.Error(set)
	}
	if got := set.without(runeSet{'b', 'x'}); fmt.Sprint(got) != fmt.Sprint(runeSet{'a', 'a', 'z', 'z'}) {
		t.Error(got)
	}
	if set.overlaps(runeSet{'d', 'w'}) || !set.overlaps(runeSet{'d', 'x'}) {
		t.Error("overlaps")
	}
	if got := set.union(runeSet{'d', 'w'}); fmt.Sprint(got) != fmt.Sprint(runeSet{'a', 'x', 'z', 'z'}) {
		t.Error(got)
	}
}
