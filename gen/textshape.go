package gen

import (
	"fmt"
	"strconv"

	"github.com/sowerdata/sower/internal/rng"
)

// shape reads the arguments about length and case, and what unique texts are made of.
func (f *text) shape(m *Text, c *Context) error {
	f.least, f.letters = 1, m.Case
	if m.MinLength != nil {
		f.least = max(*m.MinLength, 1)
	}
	switch {
	case m.MinLength != nil && *m.MinLength < 0:
		return fmt.Errorf("min_length %d is below 0", *m.MinLength)
	case f.limit > 0 && f.least > f.limit:
		return fmt.Errorf("min_length %d is above %d, the largest number of characters", f.least, f.limit)
	case f.least > 100_000:
		return fmt.Errorf("min_length %d is above 100000", f.least)
	}
	if _, err := caseOf(f.letters); err != nil {
		return err
	}
	const longestWord = 24 // with the blank before it
	if f.least > 1 {
		f.maxLen = max(f.maxLen, f.least+longestWord)
		if f.limit > 0 {
			f.maxLen = min(f.maxLen, f.limit)
		}
	}
	if f.least > 1 || f.letters != "" || f.card < uint64(c.Rows) {
		f.codes = newCodes(c.Key.Derive("code"), c.Rows, f.maxLen)
	}
	return nil
}

// finish makes the text that begins at begin long enough, and writes it in the case. All of it is ASCII.
func (f *text) finish(b []byte, begin int, st *rng.Stream) []byte {
	if len(b)-begin < f.least {
		b = f.lengthen(b, begin, f.least, f.maxLen, st)
	}
	return f.recase(b, begin)
}

// lengthen adds words to the text that begins at begin until it has least characters; a word that goes
// beyond most is cut.
func (f *text) lengthen(b []byte, begin, least, most int, st *rng.Stream) []byte {
	nouns := textNouns()
	for len(b)-begin < least {
		if len(b) > begin {
			b = append(b, ' ')
		}
		b = append(b, nouns.at(int(st.N(uint64(nouns.len()))))...)
	}
	if len(b)-begin > most {
		b = b[:begin+most]
		if c := b[len(b)-1]; c == ' ' || c == ',' {
			b[len(b)-1] = byte('a' + st.N(26))
		}
	}
	return b
}

func (f *text) recase(b []byte, begin int) []byte {
	for i := begin; f.letters != "" && i < len(b); i++ {
		c := b[i]
		switch upper := f.letters == "upper" || f.letters == "capital" && i == begin; {
		case upper && c >= 'a' && c <= 'z':
			b[i] = c - 'a' + 'A'
		case !upper && c >= 'A' && c <= 'Z':
			b[i] = c - 'A' + 'a'
		}
	}
	return b
}

// textNouns are the words that texts are lengthened with.
func textNouns() *words { return documentWords() }

// codes number texts: by a number behind a blank at their end, or by a code of letters and digits that
// is all of the text.
type codes struct {
	key   rng.Key
	card  uint64
	width int  // characters of the code or number
	alone bool // there is no room for words
}

const codeDigits = "0123456789abcdefghijklmnopqrstuvwxyz"

// newCodes makes codes for texts of at most so many characters.
func newCodes(key rng.Key, rows int64, most int) *codes {
	wanted := times(uint64(max(rows, 1)), 50)
	c := &codes{key: key, card: 100, width: 2}
	for c.card < wanted {
		c.card *= 10
		c.width++
	}
	const room = 4 // characters for words, and the blank
	if c.width+room <= most {
		return c
	}
	c.alone, c.card, c.width = true, 1, 0
	for c.width < most && (c.card < wanted || c.width < 2) {
		c.card = times(c.card, uint64(len(codeDigits)))
		c.width++
	}
	return c
}

// coded appends text i: words drawn for the number, and the number.
func (f *text) coded(b []byte, i uint64) []byte {
	begin := len(b)
	st := f.codes.key.At(int64(i), 0)
	if f.codes.alone {
		fill := max(f.least-f.codes.width, 0)
		for range f.codes.width {
			b = append(b, codeDigits[i%uint64(len(codeDigits))])
			i /= uint64(len(codeDigits))
		}
		for range fill {
			b = append(b, byte('a'+st.N(26)))
		}
		return f.recase(b, begin)
	}
	most := f.maxLen - 1 - digits(i)
	n := f.min + int(st.N(uint64(f.max-f.min)+1))
	limited := *f
	limited.limit = most
	switch f.what {
	case "words":
		b = limited.title(b, begin, n, &st)
	case "sentences":
		b, _ = limited.sentences(b, begin, n, &st)
	default:
		b = limited.paragraphs(b, begin, n, &st)
	}
	if least := f.least - 1 - digits(i); len(b)-begin < least {
		b = f.lengthen(b, begin, least, most, &st)
	}
	b = append(b, ' ')
	b = strconv.AppendUint(b, i, 10)
	return f.recase(b, begin)
}
