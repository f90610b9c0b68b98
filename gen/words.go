package gen

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// words is a list of distinct texts in one arena.
type words struct {
	arena
	max int // characters of the longest

	// The characters of all of them, and those that they begin and end with: found when first asked for.
	chars, firsts, lasts func() runeSet
}

// newWords makes a list; texts that come again are left out.
func newWords(texts []string) *words {
	w := &words{arena: arena{off: []int32{0}}}
	seen := make(map[string]bool, len(texts))
	for _, t := range texts {
		if seen[t] {
			continue
		}
		seen[t] = true
		w.data = append(w.data, t...)
		w.off = append(w.off, int32(len(w.data)))
		w.max = max(w.max, utf8.RuneCountInString(t))
	}
	w.chars = sync.OnceValue(func() runeSet { return runeSetOf(w.data) })
	w.firsts = sync.OnceValue(func() runeSet { return w.edges(firstRune) })
	w.lasts = sync.OnceValue(func() runeSet { return w.edges(lastRune) })
	return w
}

// edges gives the set of one character of each text.
func (w *words) edges(of func([]byte) rune) runeSet {
	var s []byte
	for i := range w.len() {
		if t := w.at(i); len(t) > 0 {
			s = utf8.AppendRune(s, of(t))
		}
	}
	return runeSetOf(s)
}

func firstRune(text []byte) rune { r, _ := utf8.DecodeRune(text); return r }
func lastRune(text []byte) rune  { r, _ := utf8.DecodeLastRune(text); return r }

func (w *words) len() int { return len(w.off) - 1 }

func (w *words) texts() []string {
	out := make([]string, w.len())
	for i := range out {
		out[i] = string(w.at(i))
	}
	return out
}

// The word lists of the generators: files of sections, [name] and one text a line.
//
//go:embed data/*.txt data/*.yaml
var dataFiles embed.FS

// section gives the lines of a section of a data file.
func section(file, name string) []string {
	raw, err := dataFiles.ReadFile("data/" + file + ".txt")
	if err != nil {
		panic(err)
	}
	var out []string
	inside := false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case line[0] == '[':
			inside = line == "["+name+"]"
		case inside:
			out = append(out, line)
		}
	}
	if out == nil {
		panic("gen: data/" + file + ".txt has no section " + name)
	}
	return out
}

// wordsOf gives the list of a section of a data file. It is made once: blueprints are planned again and again while one
// is inferred.
func wordsOf(file, name string) *words {
	if w, ok := lists.Load([2]string{file, name}); ok {
		return w.(*words)
	}
	w, _ := lists.LoadOrStore([2]string{file, name}, newWords(section(file, name)))
	return w.(*words)
}

// lists are those that wordsOf has made.
var lists sync.Map

// unknownField is the error for a field that a generator does not have.
func unknownField(name string, fields []string) error {
	fields = slices.Sorted(slices.Values(fields))
	if name == "" {
		return fmt.Errorf("name a field: %s", strings.Join(fields, ", "))
	}
	return fmt.Errorf("field %q is unknown: %s", name, strings.Join(fields, ", "))
}
