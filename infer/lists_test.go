package infer

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/sowerdata/sower/gen"
)

// Rules name no list of words that is not there: their candidates would silently give way to others.
func TestListsOfRulesAreThere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named, genres, found := regexp.MustCompile(`(?:short\("word", |common\()"([a-z_0-9]+)"`), regexp.MustCompile(`(?:short\("prose", |"prose", "genre", )"([a-z_0-9]+)"`), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if found++; len(gen.WordList(m[1])) == 0 {
				t.Errorf("%s: there is no list %q", file, m[1])
			}
		}
		for _, m := range genres.FindAllStringSubmatch(string(text), -1) {
			if found++; !slices.Contains(gen.Genres(), m[1]) {
				t.Errorf("%s: there is no genre %q", file, m[1])
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d lists are named", found)
	}
}
