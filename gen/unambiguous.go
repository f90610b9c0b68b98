package gen

import (
	"strings"
)

// unambiguous tells whether no two ways to put a text of f together give the same text. It is a proof:
// true is certain, false only says that none was found.
func (f *form) unambiguous() bool {
	for _, p := range f.subs {
		if !p.unambiguous() {
			return false
		}
	}
	switch f.op {
	case opSequence:
		return bounded(f.subs)
	case opChoice:
		for i, a := range f.subs {
			for _, b := range f.subs[:i] {
				if !disjoint(a, b) {
					return false
				}
			}
		}
	case opRepeat:
		sub := f.subs[0]
		switch {
		case f.mx == 0:
			return f.card == 1
		case f.min == 1 && len(f.cards) == 1:
			return true
		case sub.min0 == 0: // how many of them are empty?
			return false
		case f.min+len(f.cards)-1 == 1 || sub.fixed():
			return true
		}
		// Read from the left, each repetition must end where it is seen to end.
		first := sub.first()
		parts := []*form{sub}
		if sub.op == opSequence {
			parts = sub.subs
		}
		for i := range parts {
			if !endsSeen(parts, i, first) {
				return false
			}
		}
	}
	return true
}

func (f *form) fixed() bool { return f.min0 == f.mx }

// bounded tells whether a text of the parts in a row shows where each part begins and ends: reading
// from the left up to some part, and from the right down to the same.
func bounded(parts []*form) bool {
	left, right := 0, len(parts)
	for left < right && endsSeen(parts, left, nil) {
		left++
	}
	for right > left && beginsSeen(parts, right-1) {
		right--
	}
	return right-left <= 1
}

// endsSeen tells whether the end of part i is seen when its beginning is known: it has a fixed length,
// or goes on to the first character that it cannot hold. after are those that may follow all parts.
func endsSeen(parts []*form, i int, after runeSet) bool {
	if parts[i].fixed() {
		return true
	}
	next := runeSet{}
	for _, p := range parts[i+1:] {
		next = next.union(p.first())
		if p.min0 > 0 {
			after = nil
			break
		}
	}
	return !parts[i].all().overlaps(next.union(after))
}

// beginsSeen is endsSeen from right to left.
func beginsSeen(parts []*form, i int) bool {
	if parts[i].fixed() {
		return true
	}
	before := runeSet{}
	for j := i - 1; j >= 0; j-- {
		before = before.union(parts[j].last())
		if parts[j].min0 > 0 {
			break
		}
	}
	return !parts[i].all().overlaps(before)
}

// disjoint tells whether no text belongs to both forms: they differ in length, or in their first,
// their last, a character whose place is fixed, or the number of some mark between words.
func disjoint(a, b *form) bool {
	if a.mx < b.min0 || b.mx < a.min0 {
		return true
	}
	if a.min0 > 0 || b.min0 > 0 {
		if !a.first().overlaps(b.first()) || !a.last().overlaps(b.last()) {
			return true
		}
	}
	p, q := a.places(), b.places()
	for i := range min(len(p), len(q)) {
		if !p[i].overlaps(q[i]) {
			return true
		}
	}
	for _, mark := range " -_.,;:/@|&" {
		fewA, mostA := a.count(mark)
		fewB, mostB := b.count(mark)
		if mostA < fewB || mostB < fewA {
			return true
		}
	}
	return false
}

// count gives the smallest and the largest number of times that a text of f holds a character.
func (f *form) count(r rune) (few, most int) {
	switch f.op {
	case opLiteral:
		few = strings.Count(string(f.lit), string(r))
		most = few
	case opClass:
		if f.set.overlaps(runeSet{r, r}) {
			most = 1
			if f.card == 1 {
				few = 1
			}
		}
	case opList:
		few = f.mx
		for i := range f.words.len() {
			n := strings.Count(string(f.words.at(i)), string(r))
			few, most = min(few, n), max(most, n)
		}
	case opNumber:
		if r >= '0' && r <= '9' {
			most = f.mx
		}
	case opSequence:
		for _, p := range f.subs {
			a, b := p.count(r)
			few, most = few+a, most+b
		}
	case opChoice:
		few = f.mx
		for _, p := range f.subs {
			a, b := p.count(r)
			few, most = min(few, a), max(most, b)
		}
	case opRepeat:
		a, b := f.subs[0].count(r)
		few, most = f.min*a, (f.min+len(f.cards)-1)*b
	}
	return few, most
}

// all gives the characters that a text of f may hold.
func (f *form) all() runeSet {
	switch f.op {
	case opLiteral:
		return runeSetOf(f.lit)
	case opClass:
		return f.set
	case opList:
		return f.words.chars()
	case opNumber:
		return runeSet{'0', '9'}
	}
	s := runeSet{}
	for _, p := range f.subs {
		s = s.union(p.all())
	}
	return s
}

// first gives the characters that a text of f may begin with.
func (f *form) first() runeSet { return f.edge(false) }

// last gives the characters that a text of f may end with.
func (f *form) last() runeSet { return f.edge(true) }

func (f *form) edge(fromEnd bool) runeSet {
	s := runeSet{}
	switch f.op {
	case opLiteral:
		if len(f.lit) > 0 {
			r := firstRune(f.lit)
			if fromEnd {
				r = lastRune(f.lit)
			}
			return runeSet{r, r}
		}
	case opList:
		if fromEnd {
			return f.words.lasts()
		}
		return f.words.firsts()
	case opSequence:
		for i := range f.subs {
			p := f.subs[i]
			if fromEnd {
				p = f.subs[len(f.subs)-1-i]
			}
			s = s.union(p.edge(fromEnd))
			if p.min0 > 0 {
				break
			}
		}
	case opChoice, opRepeat:
		for _, p := range f.subs {
			s = s.union(p.edge(fromEnd))
		}
	default:
		return f.all()
	}
	return s
}

// places gives the characters that may stand in the places from the first on: as far as each text of f
// has them, and each part before has a fixed length.
func (f *form) places() []runeSet {
	const long = 256 // places that are looked at
	var out []runeSet
	switch f.op {
	case opLiteral:
		for _, r := range string(f.lit) {
			out = append(out, runeSet{r, r})
		}
	case opSequence:
		for _, p := range f.subs {
			out = append(out, p.places()...)
			if !p.fixed() || len(out) > long {
				break
			}
		}
	case opRepeat:
		for range f.min {
			out = append(out, f.subs[0].places()...)
			if !f.subs[0].fixed() || len(out) > long {
				break
			}
		}
	case opChoice:
		out = make([]runeSet, f.min0)
		for _, p := range f.subs {
			places := p.places()
			out = out[:min(len(out), len(places))]
			for i := range out {
				out[i] = out[i].union(places[i])
			}
		}
	default:
		for range f.min0 {
			out = append(out, f.all())
		}
	}
	return out
}
