package gen

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

func TestTextCounts(t *testing.T) {
	const n = 3000
	count := func(text string, of func(string) int) map[int]int {
		out := map[int]int{}
		for _, s := range texts(made(t, text, n)) {
			out[of(s)]++
		}
		return out
	}
	words := count(`text: {words: {min: 1, max: 12}}`, func(s string) int { return len(strings.Fields(s)) })
	for k := 1; k <= 12; k++ {
		wantShare(t, fmt.Sprintf("%d words", k), words[k], n, 1.0/12)
	}
	sentences := count(`text: {sentences: {min: 2, max: 4}}`, func(s string) int { return strings.Count(s, ".") })
	for k := 2; k <= 4; k++ {
		wantShare(t, fmt.Sprintf("%d sentences", k), sentences[k], n, 1.0/3)
	}
	if got := count(`text: {sentences: 5}`, func(s string) int { return strings.Count(s, ".") }); got[5] != n {
		t.Error(got)
	}
	paragraphs := count(`text: {paragraphs: {min: 1, max: 2}}`, func(s string) int { return strings.Count(s, "\n\n") + 1 })
	wantShare(t, "1 paragraph", paragraphs[1], n, 0.5)
	wantShare(t, "2 paragraphs", paragraphs[2], n, 0.5)
	if all := texts(made(t, `text`, n)); distinct(all) < n*9/10 {
		t.Errorf("%d distinct texts of %d", distinct(all), n)
	}
}

func TestTextLimits(t *testing.T) {
	for _, form := range []string{`words: {min: 1, max: 8}`, `sentences: {min: 1, max: 4}`, `paragraphs: 3`} {
		for _, limit := range []int{1, 2, 5, 10, 40, 120, 300} {
			f, b := mustMake(t, fmt.Sprintf("text: {%s}", form), schema.Type{Kind: column.Text, Length: limit})
			for _, s := range texts(b.fill(t, f, Rows{N: 500}, 0)) {
				if n := utf8.RuneCountInString(s); n < 1 || n > limit {
					t.Fatalf("%s, %d: %q has %d characters", form, limit, s, n)
				}
				if strings.TrimSpace(s) != s {
					t.Fatalf("%s, %d: %q has blanks at its ends", form, limit, s)
				}
			}
			if got := f.(Bounded).Bounds().MaxLen; got > limit {
				t.Errorf("%s, %d: the bound is %d", form, limit, got)
			}
		}
	}
	// A sentence that does not fit is left out, rather than cut.
	for _, s := range texts(made(t, `text: {sentences: 6, max_length: 200}`, 500)) {
		if !strings.HasSuffix(s, ".") {
			t.Fatalf("%q is cut", s)
		}
	}
	// A single sentence that does not fit is cut at a word and ended.
	for _, s := range texts(made(t, `text: {sentences: 1, max_length: 25}`, 500)) {
		if !strings.HasSuffix(s, ".") || strings.HasSuffix(s, " .") || strings.HasSuffix(s, ",.") {
			t.Fatalf("%q", s)
		}
	}
}

func TestTextCut(t *testing.T) {
	f := &text{limit: 6}
	for _, c := range [][2]string{{"größer", "größer"}, {"größere", "größer"}, {"ab größer", "ab."}, {"abc, def", "abc."}, {"äöüß x y", "äöüß."}, {"abcde fg", "abcde."}, {"abcdef g", "abcdef"}} {
		if got := string(f.cut([]byte("before"+c[0]), len("before"), ".")); got != "before"+c[1] {
			t.Errorf("%q is cut to %q, want %q", c[0], strings.TrimPrefix(got, "before"), c[1])
		}
	}
}

func TestTextErrors(t *testing.T) {
	wantError(t, `text: {words: 3, sentences: 1}`, `name one of words, sentences and paragraphs`)
	wantError(t, `text: {words: 51}`, `words: 51 to 51 is not within 1 to 50`)
	wantError(t, `text: {sentences: {min: 4, max: 2}}`, `sentences: min 4 is above max 2`)
	wantError(t, `text: {paragraphs: 0}`, `paragraphs: 0 to 0 is not within 1 to 1000`)
	wantError(t, `text: {max_length: 0}`, `max_length 0 is below 1`)
}

// TestDataIsPlain: the data files hold nothing twice, and no blanks at the ends.
func TestDataIsPlain(t *testing.T) {
	for file, sections := range map[string][]string{
		"names": {"female", "male"}, "company": {"form", "industry", "department", "area", "phrase"}, "internet": {"domain", "agent", "extension", "mime"},
		"address": {"place", "state", "street", "kind", "unit"},
		"english": {"template", "subject", "past", "verb", "will", "object", "state", "when", "how", "reason", "adjective", "noun"},
	} {
		for _, name := range sections {
			all := section(file, name)
			if distinct(all) != len(all) {
				t.Errorf("%s, %s: a text comes twice", file, name)
			}
			if ascii := strings.Map(func(r rune) rune { return min(r, 0x7f) }, strings.Join(all, "")); strings.Contains(ascii, "\x7f") {
				t.Errorf("%s, %s: more than ASCII", file, name)
			}
		}
	}
	defer func() {
		if r := recover(); r != "gen: data/names.txt has no section dogs" {
			t.Error(r)
		}
	}()
	section("names", "dogs")
}

func TestArray(t *testing.T) {
	counts := map[int]int{}
	f, b := mustMake(t, `array: {of: {integer: {min: 10, max: 19}}, min: 1, max: 4}`)
	v := b.fill(t, f, Rows{N: 4000}, 0)
	digit := map[int]int{}
	total := 0
	for i := range v.Len() {
		var xs []int
		if err := json.Unmarshal(v.Bytes(i), &xs); err != nil {
			t.Fatal(err)
		}
		counts[len(xs)]++
		for _, x := range xs {
			digit[x]++
			total++
		}
	}
	for k := 1; k <= 4; k++ {
		wantShare(t, fmt.Sprintf("%d elements", k), counts[k], 4000, 0.25)
	}
	for x := 10; x < 20; x++ {
		wantShare(t, fmt.Sprint(x), digit[x], total, 0.1)
	}
	if got := f.(Ruled).Rules()[0].SQL(sqlText{name: "sqlite"}, "x", nil); got != "json_length(x) between 1 and 4" {
		t.Error(got)
	}

	// Elements read the cells of their row, and null elements stay.
	for i, s := range texts(made(t, `array: {of: {template: "{kind}-{number}", nulls: 0.5}, min: 2, max: 2}`, 300)) {
		var xs []*string
		if err := json.Unmarshal([]byte(s), &xs); err != nil {
			t.Fatal(err)
		}
		for _, x := range xs {
			if want := fmt.Sprintf("%s-%d", []string{"cat", "dog", "bird"}[i%3], i*7%23-11); x != nil && *x != want {
				t.Fatalf("row %d: %s, want %s", i, *x, want)
			}
		}
	}
	if got := texts(made(t, `array: {of: {constant: "\\x\n"}, min: 1, max: 1}`, 1)); got[0] != `["\\x\n"]` {
		t.Error(got)
	}

	wantError(t, `array: {of: {uuid: 4}, min: -1, max: 2}`, `min -1 is below 0`)
	wantError(t, `array: {of: {uuid: 4}, min: 3, max: 2}`, `min 3 is above max 2`)
	wantError(t, `array: {of: {uuid: 4}, max: 10001}`, `max 10001 is above 10000`)
	wantError(t, `array: {of: {cell: nobody}, max: 2}`, `there is no cell "nobody"`)
}

// TestAppendJSON: every kind of cell can stand in JSON.
func TestAppendJSON(t *testing.T) {
	for _, c := range []struct {
		kind column.Kind
		text string
		want string
	}{
		{column.Bytes, `\x00ff`, `"\\x00ff"`}, {column.Date, "2025-01-02", `"2025-01-02"`}, {column.Time, "01:02:03", `"01:02:03"`},
		{column.UUID, "6447e669-9029-4f80-aad5-fdaa20b2c5f0", `"6447e669-9029-4f80-aad5-fdaa20b2c5f0"`},
		{column.Float, "1e30", `1000000000000000000000000000000`}, {column.Bool, "true", "true"}, {column.Literal, `a"b`, `"a\"b"`},
	} {
		var v column.Vec
		v.Reset(c.kind)
		if err := ParseCell(&v, c.text); err != nil {
			t.Fatal(err)
		}
		if got := string(appendJSON(nil, &v, 0)); got != c.want || !json.Valid([]byte(got)) {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestTemplate(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`template: "{id}"`, "1 2 3"},
		{`template: "{{{id}}}"`, "{1} {2} {3}"},
		{`template: "{{id}}{id}"`, "{id}1 {id}2 {id}3"},
		{`template: "{ maybe }x"`, "0x 1x null"},
		{`template: "{title}/{parent.created_at}"`, "Grüße/2025-01-01 00:00:00 Tea/2025-01-01 00:00:01 a b/2025-01-01 00:00:02"},
		{`template: "{price},{ratio},{flag},{born}"`, "0.01,0,true,2025-01-01 0.38,0.25,false,2025-01-02 0.75,0.5,true,2025-01-03"},
	} {
		if got := strings.Join(texts(made(t, c.text, 3)), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	wantError(t, `template: "{id"`, `"{id" has a { without a }: for a brace write {{`)
	wantError(t, `template: "id}"`, `"id}" has a } without a {: for a brace write }}`)
	wantError(t, `template: "{}"`, `"{}" has {} without a path in it`)
	wantError(t, `template: "fixed"`, `"fixed" has no {path} in it: write {constant: ...} for a fixed text`)
	wantError(t, `template: "{nobody}"`, `there is no cell "nobody"`)

	for _, c := range []struct {
		text     string
		maxLen   int
		distinct bool
		sql      string
	}{
		{`template: "u-{name}ß"`, 15, true, "x = 'u-' || in0 || 'ß'"},
		{`template: "{name} {title}"`, 33, false, "x = in0 || ' ' || in1"},
		{`template: "{kind}"`, 5, false, "x = in0"},
		{`template: "{id}"`, 7, true, ""},
		{`template: "{number}"`, 20, false, ""},
		{`template: "{bad name}"`, 0, false, "x = in0"},
	} {
		f, _ := mustMake(t, c.text)
		if got := f.(Bounded).Bounds().MaxLen; got != c.maxLen {
			t.Errorf("%s: at most %d characters, want %d", c.text, got, c.maxLen)
		}
		if got := f.(Distinct).Distinct(); got != c.distinct {
			t.Errorf("%s: distinct is %v", c.text, got)
		}
		rule := f.(Ruled).Rules()[0]
		if got := rule.SQL(sqlText{name: "postgres"}, "x", []string{"in0", "in1"}); got != c.sql {
			t.Errorf("%s: %s, want %s", c.text, got, c.sql)
		}
		if got := rule.SQL(sqlText{name: "postgres"}, "x", []string{"", ""}); got != "" {
			t.Errorf("%s: %s without inputs", c.text, got)
		}
	}
}

func TestCompany(t *testing.T) {
	ends := strings.Join(section("company", "form"), "|")
	for _, s := range texts(made(t, `company: name`, testRows)) {
		words := strings.Fields(s)
		if last := words[len(words)-1]; len(words) != 3 && !strings.Contains(ends, last) {
			t.Fatal(s)
		}
	}
	for _, s := range texts(made(t, `company: catch_phrase`, testRows)) {
		if strings.ContainsAny(s, "{}") {
			t.Fatal(s)
		}
	}
}
