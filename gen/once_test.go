package gen

import (
	"slices"
	"testing"
	"unicode/utf8"
)

// A blueprint that is inferred is planned many times: what is known of lists and expressions is found once.
func TestOnce(t *testing.T) {
	w := wordsOf("english", "noun")
	if w != wordsOf("english", "noun") {
		t.Error("a list is made twice")
	}
	if first, second := wholly("[a-c]+"), wholly("[a-c]+"); first != second {
		t.Error("an expression is compiled twice")
	}
	var all, first, last runeSet
	w = newWords([]string{"élan", "", "zebra", "naïf", "ab é"})
	for _, text := range w.texts() {
		for _, r := range text {
			all = append(all, r, r)
		}
		if text != "" {
			r, _ := utf8.DecodeRuneInString(text)
			first = append(first, r, r)
			r, _ = utf8.DecodeLastRuneInString(text)
			last = append(last, r, r)
		}
	}
	f := listForm(w)
	for range 2 {
		if !slices.Equal(f.all(), all.normal()) || !slices.Equal(f.first(), first.normal()) || !slices.Equal(f.last(), last.normal()) {
			t.Errorf("characters %v, first %v, last %v", f.all(), f.first(), f.last())
		}
	}
}
