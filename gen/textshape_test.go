package gen

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// TestTextLengths: bounds of length hold exactly, for drawn and for unique texts.
func TestTextLengths(t *testing.T) {
	for _, what := range []string{"words: 1", "words: {min: 2, max: 5}", "sentences: {min: 1, max: 3}", "paragraphs: 2"} {
		for _, bounds := range [][2]int{{1, 1}, {2, 2}, {1, 3}, {5, 5}, {7, 12}, {20, 32}, {60, 60}, {255, 255}, {300, 1000}} {
			for _, letters := range []string{"", ", case: lower", ", case: upper"} {
				text := fmt.Sprintf("text: {%s, min_length: %d, max_length: %d%s}", what, bounds[0], bounds[1], letters)
				f, b := mustMake(t, text)
				v := b.fill(t, f, Rows{N: 300}, 0)
				ix := f.(Indexed)
				w := new(column.Vec)
				w.Reset(column.Text)
				for i := range min(ix.Card(), 500) {
					ix.AppendIndex(w, i, new(Scratch))
				}
				all := texts(w)
				if distinct(all) != len(all) {
					t.Errorf("%s: %d distinct texts of %d", text, distinct(all), len(all))
				}
				for _, x := range append(texts(v), all...) {
					if n := utf8.RuneCountInString(x); n < bounds[0] || n > bounds[1] || x != strings.Trim(x, " ,\n") {
						t.Fatalf("%s: %q has %d characters", text, x, n)
					}
					if letters == ", case: lower" && x != strings.ToLower(x) || letters == ", case: upper" && x != strings.ToUpper(x) {
						t.Fatalf("%s: %q", text, x)
					}
				}
			}
		}
	}
	wantError(t, "text: {min_length: 9, max_length: 4}", "min_length 9 is above 4, the largest number of characters")
	wantError(t, "text: {case: title}", `case "title" is unknown: lower, upper or capital`)
}
