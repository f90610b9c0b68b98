package blueprint

import (
	"fmt"
	"strings"
)

// Suggest gives the known name that name was most likely meant to be, or "" where none is near. Near is
// at most one typing mistake (a letter too many, missing, wrong, or two swapped) for every three letters,
// and fewer mistakes than letters. Of very long lists the first names alone are looked at.
func Suggest(name string, known []string) string {
	const maxLen = 64 // longer texts are no mistyped names
	const maxKnown = 10_000
	if name == "" || len(name) > maxLen {
		return ""
	}
	folded := foldName(name)
	best, bestDistance := "", min(len(folded), max(1, len(folded)/3)+1)
	for _, k := range known[:min(len(known), maxKnown)] {
		// Each letter more or less is a mistake; a letter takes at most four bytes.
		if len(k) > maxLen || k == name || len(k)/4 > len(folded)+bestDistance {
			continue
		}
		if d := distance(folded, foldName(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// Instead says what there is in place of a name that is unknown: the one that was probably meant, or else some of all.
func Instead(name string, known []string) string {
	const most = 12
	if s := Suggest(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	if len(known) > most {
		return fmt.Sprintf("there are %s and %d more", strings.Join(known[:most], ", "), len(known)-most)
	}
	return "there are " + strings.Join(known, ", ")
}

// foldName makes names equal that differ in case and in the kind of dash alone.
func foldName(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), "-", "_")
}

// didYouMean is the suggestion for an unknown name; "" where no known name is near.
func didYouMean(name string, known []string) string {
	if s := Suggest(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

// distance is the Damerau-Levenshtein distance (optimal string alignment) of two short names.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before := make([]int, len(y)+1) // row i-2
	above := make([]int, len(y)+1)  // row i-1
	row := make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}
