package gen

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// phraseForm makes a form of a text with {slots}, each a word of the list with its name. A slot whose
// name begins with a capital letter has its word begin with one.
func phraseForm(text string, list func(name string) []string) *form {
	var parts []*form
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			parts = append(parts, literalForm(before))
		}
		if !found {
			break
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		lower := strings.ToLower(name)
		texts := list(lower)
		if name != lower {
			texts = capitalized(texts)
		}
		parts = append(parts, listForm(newWords(texts)))
	}
	return sequenceForm(parts...)
}

// phrases gives the choice of the phrases of a section, whose slots are other sections of the file.
func phrases(file, name string) *form {
	var branches []*form
	for _, line := range section(file, name) {
		branches = append(branches, phraseForm(line, func(slot string) []string { return section(file, slot) }))
	}
	return choiceForm(branches...)
}

func capitalized(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		r, n := utf8.DecodeRuneInString(t)
		out[i] = string(unicode.ToUpper(r)) + t[n:]
	}
	return out
}

// english are the forms that texts are made of.
type english struct {
	sentence                  *form
	adjective, noun           *form
	firstAdjective, firstNoun *form // with a capital letter
}

var englishForms = sync.OnceValue(func() *english {
	adjectives, nouns := section("english", "adjective"), section("english", "noun")
	return &english{
		sentence:       phrases("english", "template"),
		adjective:      listForm(newWords(adjectives)),
		noun:           listForm(newWords(nouns)),
		firstAdjective: listForm(newWords(capitalized(adjectives))),
		firstNoun:      listForm(newWords(capitalized(nouns))),
	}
})

// title gives the form of n words that could be a title: "Silver lantern", "Quiet harbor, bright
// window and early rain". They are nouns with or without an adjective, as it takes to make n.
func (e *english) title(n int) *form {
	var sizes []int // words of each noun phrase; before the last one comes "and"
	switch rest := n - 1; {
	case n <= 2:
		sizes = []int{n}
	case n == 3:
		sizes = []int{1, 1}
	default:
		for ; rest > 3; rest -= 2 {
			sizes = append(sizes, 2)
		}
		if rest == 3 {
			sizes = append(sizes, 1)
		}
		sizes = append(sizes, 2)
	}
	var parts []*form
	for i, size := range sizes {
		switch {
		case i == 0:
		case i == len(sizes)-1:
			parts = append(parts, literalForm(" and "))
		default:
			parts = append(parts, literalForm(", "))
		}
		adjective, noun := e.adjective, e.noun
		if i == 0 {
			adjective, noun = e.firstAdjective, e.firstNoun
		}
		if size == 2 {
			parts = append(parts, adjective, literalForm(" "), e.noun)
		} else {
			parts = append(parts, noun)
		}
	}
	return sequenceForm(parts...)
}
