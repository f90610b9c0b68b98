package gen

import (
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/sowerdata/sower/internal/rng"
)

// form is a finite set of texts, described by how each is put together, and numbered: regular
// expressions, names, addresses and the like are all forms. It is immutable once made.
//
// Number i below card stands for one way to put a text together. Where no two ways give the same text,
// which unambiguous proves, distinct numbers give distinct texts.
type form struct {
	op     formOp
	lit    []byte   // literal
	set    runeSet  // class
	ascii  []byte   // class: its characters, where all are ASCII
	words  *words   // list
	lo, n  uint64   // number
	subs   []*form  // sequence: the parts; choice: the branches; repeat: what is repeated
	min    int      // repeat: the smallest number of times; the largest is min+len(cards)-1
	cards  []uint64 // choice: those of the branches; repeat: those of each number of times
	stride int      // repeat of a plain form: how many of it one draw decides; the draw is below reach
	reach  uint64
	weight *rng.Alias // choice: how branches are drawn
	runs   []run      // sequence: how its parts are drawn

	card     uint64 // at most full
	min0, mx int    // characters of the shortest and of the longest text
}

type formOp uint8

const (
	opLiteral  formOp = iota // one text
	opClass                  // one character of a set
	opList                   // one text of a list
	opNumber                 // an integer lo to lo+n-1 in decimal digits; 0 is the empty text
	opSequence               // one text of each part, in order
	opChoice                 // a text of one of the branches
	opRepeat                 // several texts of the same form in a row
)

// full is the number that cardinalities saturate at.
const full = 1 << 62

// run is a stretch of parts of a sequence that one draw decides, or a single part that draws by itself.
type run struct {
	from, to int
	card     uint64 // 0: the part draws
}

// times gives a*b, at most full; a and b are at most full.
func times(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi > 0 || lo > full {
		return full
	}
	return lo
}

func literalForm(text string) *form {
	n := utf8.RuneCountInString(text)
	return &form{op: opLiteral, lit: []byte(text), card: 1, min0: n, mx: n}
}

func classForm(set runeSet) *form {
	f := &form{op: opClass, set: set, card: set.count(), min0: 1, mx: 1}
	if len(set) > 0 && set[len(set)-1] < utf8.RuneSelf {
		for i := range f.card {
			f.ascii = append(f.ascii, byte(set.at(i)))
		}
	}
	return f
}

func listForm(w *words) *form {
	f := &form{op: opList, words: w, card: uint64(w.len()), min0: w.max, mx: w.max}
	for i := range w.len() {
		f.min0 = min(f.min0, utf8.RuneCount(w.at(i)))
	}
	return f
}

// numberForm is the integers lo to lo+n-1 without leading zeros; zero is written as nothing.
func numberForm(lo, n uint64) *form {
	f := &form{op: opNumber, lo: lo, n: n, card: n, mx: digits(lo + n - 1)}
	if lo > 0 {
		f.min0 = digits(lo)
	}
	return f
}

func digits(x uint64) int {
	n := 1
	for ; x >= 10; x /= 10 {
		n++
	}
	return n
}

// sequenceForm puts parts in a row; sequences among them are taken apart.
func sequenceForm(parts ...*form) *form {
	f := &form{op: opSequence, card: 1}
	for _, p := range parts {
		if p.op == opSequence {
			f.subs = append(f.subs, p.subs...)
		} else {
			f.subs = append(f.subs, p)
		}
	}
	for i, p := range f.subs {
		f.card = times(f.card, p.card)
		f.min0 += p.min0
		f.mx += p.mx
		last := len(f.runs) - 1
		switch plain := p.op <= opNumber; {
		case !plain:
			f.runs = append(f.runs, run{i, i + 1, 0})
		case last >= 0 && f.runs[last].card > 0 && times(f.runs[last].card, p.card) < full:
			f.runs[last].to++
			f.runs[last].card *= p.card
		default:
			f.runs = append(f.runs, run{i, i + 1, p.card})
		}
	}
	return f
}

// choiceForm offers branches. They are drawn in proportion to the number of their texts, of which 1000
// count, so that "none|[a-z]{8}" gives a none now and then.
func choiceForm(branches ...*form) *form {
	const most = 1000
	f := &form{op: opChoice, subs: branches, min0: branches[0].min0}
	var weights []uint64
	for _, b := range branches {
		f.card = min(f.card+b.card, full)
		f.min0, f.mx = min(f.min0, b.min0), max(f.mx, b.mx)
		f.cards = append(f.cards, b.card)
		weights = append(weights, min(b.card, most))
	}
	f.weight, _ = rng.NewAlias(weights) // every form has a text, so that no weight is 0
	return f
}

// repeatForm repeats sub lo to hi times; each number of times is equally likely.
func repeatForm(sub *form, lo, hi int) *form {
	f := &form{op: opRepeat, subs: []*form{sub}, min: lo, min0: lo * sub.min0, mx: hi * sub.mx}
	card := uint64(1)
	for k := range hi + 1 {
		if k >= lo {
			f.cards = append(f.cards, card)
			f.card = min(f.card+card, full)
		}
		card = times(card, sub.card)
	}
	if sub.op <= opNumber && sub.card > 1 {
		for f.reach = 1; times(f.reach, sub.card) < full; f.reach *= sub.card {
			f.stride++
		}
	}
	return f
}

// draw appends a random text.
func (f *form) draw(b []byte, st *rng.Stream) []byte {
	switch f.op {
	case opSequence:
		for _, r := range f.runs {
			if r.card == 0 {
				b = f.subs[r.from].draw(b, st)
				continue
			}
			i := uint64(0)
			if r.card > 1 {
				i = st.N(r.card)
			}
			for _, p := range f.subs[r.from:r.to] {
				if p.op == opLiteral {
					b = append(b, p.lit...)
					continue
				}
				b = p.plain(b, i%p.card)
				i /= p.card
			}
		}
		return b
	case opChoice:
		return f.subs[f.weight.Pick(st)].draw(b, st)
	case opRepeat:
		k := f.min
		if len(f.cards) > 1 {
			k += int(st.N(uint64(len(f.cards))))
		}
		sub := f.subs[0]
		if f.stride == 0 {
			for range k {
				b = sub.draw(b, st)
			}
			return b
		}
		for k > 0 {
			i := st.N(f.reach)
			for range min(k, f.stride) {
				b = sub.plain(b, i%sub.card)
				i /= sub.card
			}
			k -= f.stride
		}
		return b
	}
	return f.plain(b, st.N(f.card))
}

// plain appends text i of a form without parts.
func (f *form) plain(b []byte, i uint64) []byte {
	switch f.op {
	case opClass:
		if f.ascii != nil {
			return append(b, f.ascii[i])
		}
		return utf8.AppendRune(b, f.set.at(i))
	case opList:
		return append(b, f.words.at(int(i))...)
	case opNumber:
		if f.lo+i == 0 {
			return b
		}
		return strconv.AppendUint(b, f.lo+i, 10)
	}
	return append(b, f.lit...)
}

// index appends text i < card. Where there are more than full ways, the numbers below full reach
// some of them, all different ones: what a number does not decide follows from a hash of it.
func (f *form) index(b []byte, i uint64) []byte {
	switch f.op {
	case opSequence:
		d := dealer{i, i, f.card}
		for _, p := range f.subs {
			b = p.index(b, d.deal(p.card))
		}
		return b
	case opChoice:
		branch, i := choose(f.cards, f.card, i)
		return f.subs[branch].index(b, i)
	case opRepeat:
		k, i := choose(f.cards, f.card, i)
		d := dealer{i, i, f.cards[k]}
		for range f.min + k {
			b = f.subs[0].index(b, d.deal(f.subs[0].card))
		}
		return b
	}
	return f.plain(b, i)
}

// dealer deals a number out to the parts of a text as the digits of a mixed radix.
type dealer struct {
	seed, rest uint64
	room       uint64 // rest is below it
}

// deal gives a part with card texts its number.
func (d *dealer) deal(card uint64) uint64 {
	if d.room <= 1 && card > 1 {
		d.seed = rng.Mix(d.seed + 0x9e3779b97f4a7c15)
		return d.seed % card
	}
	i := d.rest % card
	d.rest /= card
	d.room = (d.room-1)/card + 1
	return i
}

// choose finds the branch that number i falls into, and its number there. Where the branches together
// have more texts than full, the numbers go to those that alone have, if there are any.
func choose(cards []uint64, card, i uint64) (int, uint64) {
	if card == full {
		var big uint64
		for _, c := range cards {
			if c == full {
				big++
			}
		}
		if big > 0 {
			nth := i % big
			for j, c := range cards {
				if c < full {
					continue
				}
				if nth == 0 {
					return j, i / big
				}
				nth--
			}
		}
	}
	for j, c := range cards {
		if i < c {
			return j, i
		}
		i -= c
	}
	panic("gen: number out of range")
}
