package gen

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sowerdata/sower/column"
)

// Word draws from a list that every installation has: words that say what kind, what state, which
// country or currency. The lists are sections of a data file.
type Word struct {
	List  string `yaml:"list" short:"true" required:"true" desc:"the name of the list, such as color, country_code, currency, order_status or tag"`
	Case  string `yaml:"case" desc:"lower, upper or capital: how the words are written, in place of as in the list"`
	First int    `yaml:"first" desc:"take the first so many words of the list alone"`
}

// wordLists gives the lists by name.
var wordLists = sync.OnceValue(func() map[string][]string {
	raw, err := dataFiles.ReadFile("data/word.txt")
	if err != nil {
		panic(err)
	}
	out := map[string][]string{}
	name := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case line[0] == '[' && line[len(line)-1] == ']':
			name = line[1 : len(line)-1]
		case name == "":
			panic("data/word.txt: words before the first list")
		default:
			for word := range strings.SplitSeq(line, "|") {
				out[name] = append(out[name], word)
			}
		}
	}
	// Lists of one table: code, three-letter code and name of countries, code and name of currencies and so on.
	for list, columns := range map[string][]string{
		"countries":  {"country_code", "country_code3", "country"},
		"currencies": {"currency", "currency_name"},
		"languages":  {"language_code", "language"},
	} {
		for i, cell := range out[list] {
			at := columns[i%len(columns)]
			out[at] = append(out[at], cell)
		}
		delete(out, list)
	}
	return out
})

// WordLists gives the names of the lists of word, sorted.
func WordLists() []string {
	var out []string
	for name := range wordLists() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// WordList gives the words of a list, nil where there is no such list.
func WordList(name string) []string { return slices.Clone(wordLists()[name]) }

// OutputVersion implements Maker.
func (*Word) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Word) Make(c *Context) (Filler, error) {
	all, ok := wordLists()[m.List]
	if !ok {
		return nil, fmt.Errorf("list %q is unknown: %s", m.List, strings.Join(WordLists(), ", "))
	}
	if m.First < 0 || m.First > len(all) {
		return nil, fmt.Errorf("first is %d, and the list has %d words", m.First, len(all))
	}
	if m.First > 0 {
		all = all[:m.First]
	}
	change, err := caseOf(m.Case)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, t := range all {
		texts = append(texts, change(t))
	}
	if c.Type.Length > 0 && c.Type.Kind == column.Text { // those that the column holds
		short := slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return len([]rune(t)) > c.Type.Length })
		if len(short) > 0 {
			texts = short
		}
	}
	w := newWords(texts)
	return newDrawn("word "+m.List, c.Key, listForm(w), nil, anyOf(w)), nil
}

// caseOf gives the function that writes a text in a case.
func caseOf(name string) (func(string) string, error) {
	switch name {
	case "":
		return func(s string) string { return s }, nil
	case "lower":
		return strings.ToLower, nil
	case "upper":
		return strings.ToUpper, nil
	case "capital":
		return func(s string) string { return capitalized([]string{s})[0] }, nil
	}
	return nil, unknown("case", name, "lower", "upper", "capital")
}
