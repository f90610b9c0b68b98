package gen

import (
	"slices"
	"unicode/utf8"
)

// runeSet is a set of characters as pairs lo, hi, sorted and apart from one another: the form that
// regexp/syntax uses.
type runeSet []rune

// runeSetOf gives the set of a text's characters.
func runeSetOf[T string | []byte](text T) runeSet {
	var s runeSet
	var seen [utf8.RuneSelf]bool // most texts have few characters, many times
	for _, r := range string(text) {
		if r < utf8.RuneSelf {
			if seen[r] {
				continue
			}
			seen[r] = true
		}
		s = append(s, r, r)
	}
	return s.normal()
}

// normal sorts the pairs and joins those that touch.
func (s runeSet) normal() runeSet {
	type pair struct{ lo, hi rune }
	var pairs []pair
	for i := 0; i < len(s); i += 2 {
		pairs = append(pairs, pair{s[i], s[i+1]})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return int(a.lo) - int(b.lo) })
	out := runeSet{}
	for _, p := range pairs {
		if n := len(out); n > 0 && p.lo <= out[n-1]+1 {
			out[n-1] = max(out[n-1], p.hi)
			continue
		}
		out = append(out, p.lo, p.hi)
	}
	return out
}

func (s runeSet) union(t runeSet) runeSet { return append(slices.Clone(s), t...).normal() }

// meet gives the characters that both sets have.
func (s runeSet) meet(t runeSet) runeSet {
	out := runeSet{}
	for i := 0; i < len(s); i += 2 {
		for j := 0; j < len(t); j += 2 {
			if lo, hi := max(s[i], t[j]), min(s[i+1], t[j+1]); lo <= hi {
				out = append(out, lo, hi)
			}
		}
	}
	return out.normal()
}

// without gives the characters that t does not have.
func (s runeSet) without(t runeSet) runeSet {
	rest := runeSet{}
	next := rune(0)
	for i := 0; i < len(t); i += 2 {
		if next < t[i] {
			rest = append(rest, next, t[i]-1)
		}
		next = t[i+1] + 1
	}
	return s.meet(append(rest, next, utf8.MaxRune))
}

func (s runeSet) overlaps(t runeSet) bool { return len(s.meet(t)) > 0 }

// count gives the number of characters.
func (s runeSet) count() uint64 {
	var n uint64
	for i := 0; i < len(s); i += 2 {
		n += uint64(s[i+1]-s[i]) + 1
	}
	return n
}

// at gives the i-th character, i < count.
func (s runeSet) at(i uint64) rune {
	for j := 0; ; j += 2 {
		if n := uint64(s[j+1]-s[j]) + 1; i >= n {
			i -= n
			continue
		}
		return s[j] + rune(i)
	}
}
