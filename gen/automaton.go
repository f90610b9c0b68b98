package gen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/rng"
)

// automaton is the texts, of a number of characters within bounds, in which each of some regular
// expressions is found and none of some others. It is the product of the expressions' programs made
// deterministic (subset construction), with the number of texts of each length from each state: so
// texts are drawn and numbered without trying.
type automaton struct {
	classes [][]rune // characters that no expression tells apart
	next    []int32  // by state and class; -1: no text goes on like this
	accept  []bool   // by state
	counts  [][]uint64
	min     int      // counts[n][state] is the number of texts of n more characters, at most full
	lens    []uint64 // of the texts of min, min+1, ... characters
	card    uint64
}

// needle is an expression as a program.
type needle struct {
	prog  *syntax.Prog
	whole bool // the text matches from beginning to end; or else it is found somewhere
	not   bool // it is not found
}

var errTooComplex = errors.New("the expressions are too complex together: simplify them")

// newAutomaton makes the automaton of texts of min to max characters. rows is how many texts are wanted: as
// few characters as give so many are used, letters and digits before others. max 0: as long as is usual.
func newAutomaton(needles []needle, lo, hi int, rows int64) (*automaton, error) {
	some, all := alphabets(needles)
	var first error
	for _, alphabet := range [][]rune{some, all} {
		a := &automaton{min: lo}
		if err := a.build(needles, alphabet); err != nil {
			return nil, err
		}
		err := a.count(lo, hi, rows)
		if err != nil {
			first = err
			continue
		}
		if a.card >= times(uint64(max(rows, 1)), 50) || len(alphabet) == len(all) || a.complete(needles, all, hi, rows) {
			return a, nil
		}
	}
	return nil, first
}

// complete tells whether the larger alphabet has no more texts.
func (a *automaton) complete(needles []needle, all []rune, hi int, rows int64) bool {
	b := &automaton{min: a.min}
	return b.build(needles, all) == nil && b.count(a.min, hi, rows) == nil && b.card == a.card
}

// alphabets gives the characters to try first, and all.
func alphabets(needles []needle) (some, all []rune) {
	own := runeSet{}
	for _, n := range needles {
		for i := range n.prog.Inst {
			in := &n.prog.Inst[i]
			switch in.Op {
			case syntax.InstRune, syntax.InstRune1:
				if len(in.Rune) == 1 {
					own = append(own, in.Rune[0], in.Rune[0])
					continue
				}
				for j := 0; j+1 < len(in.Rune); j += 2 {
					const few = 300 // characters of a class outside of ASCII
					if r, s := in.Rune[j], in.Rune[j+1]; r > unicode.MaxASCII && s-r < few && !n.not {
						own = append(own, r, s)
					} else if r == s {
						own = append(own, r, s)
					}
				}
			}
		}
	}
	visible := own.normal().without(control)
	for _, s := range []struct {
		to  *[]rune
		set runeSet
	}{{&some, runeSet{'0', '9', 'a', 'z'}.union(visible)}, {&all, printable.union(visible)}} {
		for i := range s.set.count() {
			*s.to = append(*s.to, s.set.at(i))
		}
	}
	return some, all
}

// stand is a state of the product before it has a number.
type stand struct {
	pcs  [][]uint32 // of each needle: where its program stands, sorted
	done []bool     // of each needle: it was found
	prev rune       // -1: the text begins; or else a character of the same sort as the last one
}

func (p *stand) key() string {
	var b []byte
	b = append(b, byte(p.prev+1))
	for i, pcs := range p.pcs {
		if p.done[i] {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = binary.AppendUvarint(b, uint64(len(pcs)))
		for _, pc := range pcs {
			b = binary.AppendUvarint(b, uint64(pc))
		}
	}
	return string(b)
}

// build makes the states that can be reached.
func (a *automaton) build(needles []needle, alphabet []rune) error {
	const most, mostWork = 4000, 50_000_000
	work := 0 // instructions looked at
	a.classes = classesOf(needles, alphabet)
	start := &stand{pcs: make([][]uint32, len(needles)), done: make([]bool, len(needles)), prev: -1}
	for i, n := range needles {
		start.pcs[i] = []uint32{uint32(n.prog.Start)}
	}
	numbers := map[string]int32{start.key(): 0}
	points := []*stand{start}
	for at := 0; at < len(points); at++ {
		for _, pcs := range points[at].pcs {
			work += len(pcs) * len(a.classes)
		}
		if len(points) > most || work > mostWork {
			return errTooComplex
		}
		_, ok := points[at].closed(needles, -1)
		a.accept = append(a.accept, ok)
		for _, class := range a.classes {
			to := int32(-1)
			if p := points[at].step(needles, class[0]); p != nil {
				key := p.key()
				n, known := numbers[key]
				if !known {
					n = int32(len(points))
					numbers[key] = n
					points = append(points, p)
				}
				to = n
			}
			a.next = append(a.next, to)
		}
	}
	return nil
}

// closed follows what reads no character, between the last one and r (-1: the text ends). It gives the
// point with what is found, and tells whether a text may end here.
func (p *stand) closed(needles []needle, r rune) (q *stand, ok bool) {
	q = &stand{pcs: make([][]uint32, len(needles)), done: slices.Clone(p.done), prev: p.prev}
	flags := syntax.EmptyOpContext(p.prev, r)
	ok = true
	for i, n := range needles {
		if q.done[i] {
			continue
		}
		pcs, matched := closure(n.prog, p.pcs[i], flags)
		found := matched && (!n.whole || r < 0)
		switch {
		case found && !n.not, found && n.not:
			q.done[i] = true
		default:
			q.pcs[i] = pcs
		}
		ok = ok && q.done[i] != n.not
	}
	return q, ok
}

// closure gives the instructions that read a character, reached from pcs without reading any.
func closure(prog *syntax.Prog, pcs []uint32, flags syntax.EmptyOp) (out []uint32, matched bool) {
	seen := make([]bool, len(prog.Inst))
	stack := slices.Clone(pcs)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch in := &prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				stack = append(stack, in.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			out = append(out, pc)
		}
	}
	return out, matched
}

// step reads a character; nil: no text that is wanted goes on with it.
func (p *stand) step(needles []needle, r rune) *stand {
	q, _ := p.closed(needles, r)
	q.prev = ' '
	if syntax.IsWordChar(r) {
		q.prev = 'a'
	}
	for i, n := range needles {
		if q.done[i] {
			if n.not {
				return nil
			}
			q.pcs[i] = nil
			continue
		}
		var to []uint32
		for _, pc := range q.pcs[i] {
			if in := &n.prog.Inst[pc]; in.MatchRune(r) {
				to = append(to, in.Out)
			}
		}
		if !n.whole {
			to = append(to, uint32(n.prog.Start))
		}
		if len(to) == 0 && !n.not {
			return nil
		}
		slices.Sort(to)
		q.pcs[i] = slices.Compact(to)
	}
	return q
}

// classesOf sorts the characters into those that no needle tells apart.
func classesOf(needles []needle, alphabet []rune) [][]rune {
	byKey := map[string]int{}
	var out [][]rune
	for _, r := range alphabet {
		key := []byte{'0'}
		if syntax.IsWordChar(r) {
			key[0] = '1'
		}
		for _, n := range needles {
			for i := range n.prog.Inst {
				switch in := &n.prog.Inst[i]; in.Op {
				case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
					bit := byte('0')
					if in.MatchRune(r) {
						bit = '1'
					}
					key = append(key, bit)
				}
			}
		}
		at, known := byKey[string(key)]
		if !known {
			at = len(out)
			byKey[string(key)] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], r)
	}
	return out
}

// count numbers the texts of each length.
func (a *automaton) count(lo, hi int, rows int64) error {
	const longest, more = 1000, 16 // characters; those beyond the shortest text that lengths are drawn from
	states := len(a.accept)
	row := make([]uint64, states)
	for s, ok := range a.accept {
		if ok {
			row[s] = 1
		}
	}
	a.counts = [][]uint64{row}
	first, last := -1, longest
	if hi > 0 {
		last = min(hi, longest)
	}
	for n := 0; n <= last; n++ {
		if n > 0 {
			row = make([]uint64, states)
			for s := range states {
				row[s] = a.sum(s, a.counts[n-1])
			}
			a.counts = append(a.counts, row)
		}
		if n < lo {
			continue
		}
		if row[0] > 0 && first < 0 {
			first = n
		}
		if first >= 0 {
			a.lens = append(a.lens, row[0])
			a.card = min(a.card+row[0], full)
			if n >= first+more && a.card >= times(uint64(max(rows, 1)), 50) {
				break
			}
		}
		if states*n > 4_000_000 {
			break
		}
	}
	if first < 0 {
		if hi > 0 {
			return fmt.Errorf("no text of %d to %d characters is as it must be", lo, hi)
		}
		return fmt.Errorf("no text of at most %d characters is as it must be", longest)
	}
	a.min = first
	return nil
}

// sum adds up what follows a state.
func (a *automaton) sum(s int, rest []uint64) uint64 {
	var n uint64
	for c, class := range a.classes {
		if to := a.next[s*len(a.classes)+c]; to >= 0 {
			n = min(n+times(rest[to], uint64(len(class))), full)
		}
	}
	return n
}

// longest is the number of characters of the longest texts.
func (a *automaton) longest() int { return a.min + len(a.lens) - 1 }

// draw appends a random text: every length is equally likely, and every text of a length about so.
func (a *automaton) draw(b []byte, st *rng.Stream) []byte {
	n := 0
	for {
		if n = int(st.N(uint64(len(a.lens)))); a.lens[n] > 0 {
			break
		}
	}
	s := 0
	for n += a.min; n > 0; n-- {
		rest := a.counts[n-1]
		// The weights are scaled down, so that their sum is one of 64 bits.
		var all uint64
		for c, class := range a.classes {
			if to := a.next[s*len(a.classes)+c]; to >= 0 {
				all += a.weight(rest[to], len(class))
			}
		}
		x := st.N(all)
		for c, class := range a.classes {
			to := a.next[s*len(a.classes)+c]
			if to < 0 {
				continue
			}
			w := a.weight(rest[to], len(class))
			if x >= w {
				x -= w
				continue
			}
			b = utf8.AppendRune(b, class[st.N(uint64(len(class)))])
			s = int(to)
			break
		}
	}
	return b
}

// weight is at most 2^50, and not 0 where there is a text.
func (a *automaton) weight(count uint64, chars int) uint64 {
	if count == 0 {
		return 0
	}
	return min(times(count, uint64(chars)), 1<<50)
}

// index appends text i < card. Where there are more than full, the numbers reach some of them, all
// different ones.
func (a *automaton) index(b []byte, i uint64) []byte {
	k, i := choose(a.lens, a.card, i)
	s := 0
	d := dealer{i, i, min(a.lens[k], full)}
	exact := a.lens[k] < full
	for n := a.min + k; n > 0; n-- {
		rest := a.counts[n-1]
		if !exact {
			var big uint64
			for c, class := range a.classes {
				if to := a.next[s*len(a.classes)+c]; to >= 0 && rest[to] == full {
					big += uint64(len(class))
				}
			}
			if big > 0 {
				x := d.deal(big)
				for c, class := range a.classes {
					to := a.next[s*len(a.classes)+c]
					if to < 0 || rest[to] < full {
						continue
					}
					if x >= uint64(len(class)) {
						x -= uint64(len(class))
						continue
					}
					b, s = utf8.AppendRune(b, class[x]), int(to)
					break
				}
				continue
			}
			exact = true
			if i = d.rest; d.room <= 1 {
				i = rng.Mix(d.seed+0x9e3779b97f4a7c15) % a.counts[n][s]
			}
		}
		for c, class := range a.classes {
			to := a.next[s*len(a.classes)+c]
			if to < 0 || rest[to] == 0 {
				continue
			}
			all := times(rest[to], uint64(len(class)))
			if i >= all {
				i -= all
				continue
			}
			b, s = utf8.AppendRune(b, class[i/rest[to]]), int(to)
			i %= rest[to]
			break
		}
	}
	return b
}
