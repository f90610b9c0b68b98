package gen

import (
	"fmt"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Text writes English: titles of some words, sentences, or paragraphs of three to six sentences with
// empty lines between them. A text that would be too long ends with an earlier sentence or word; one
// that would be too short gets further words. Texts that must be unique end in a number where there are too few
// others, or, where there is no room for that, are codes.
type Text struct {
	Words      *Extent `yaml:"words" desc:"the number of words, as in words: {min: 2, max: 5}: a title"`
	Sentences  *Extent `yaml:"sentences" desc:"the number of sentences (default 1 to 3)"`
	Paragraphs *Extent `yaml:"paragraphs" desc:"the number of paragraphs"`
	MinLength  *int    `yaml:"min_length" desc:"the smallest number of characters (default 1)"`
	MaxLength  *int    `yaml:"max_length" desc:"the largest number of characters (default: what the column holds)"`
	Case       string  `yaml:"case" desc:"lower, upper or capital (every text begins with a capital letter and goes on without) in place of usual writing"`
}

// Extent is a number between bounds; a number alone is exact.
type Extent struct {
	Min *int `yaml:"min" desc:"the smallest number (default: max)"`
	Max int  `yaml:"max" short:"true" required:"true" desc:"the largest number"`
}

func (e *Extent) bounds(what string) (lo, hi int, err error) {
	most := 1000
	if what == "words" {
		most = 50
	}
	lo, hi = e.Max, e.Max
	if e.Min != nil {
		lo = *e.Min
	}
	switch {
	case lo < 1 || hi > most:
		err = fmt.Errorf("%s: %d to %d is not within 1 to %d", what, lo, hi, most)
	case lo > hi:
		err = fmt.Errorf("%s: min %d is above max %d", what, lo, hi)
	}
	return lo, hi, err
}

// OutputVersion implements Maker.
func (*Text) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Text) Make(c *Context) (Filler, error) {
	f := &text{key: c.Key, what: "sentences", english: englishForms()}
	if m.MaxLength != nil {
		if *m.MaxLength < 1 {
			return nil, fmt.Errorf("max_length %d is below 1", *m.MaxLength)
		}
		f.limit = *m.MaxLength
	} else if c.Type.Length > 0 {
		f.limit = c.Type.Length
	}
	one := 1
	extent, given := &Extent{Min: &one, Max: 3}, 0
	for _, e := range []struct {
		what   string
		extent *Extent
	}{{"words", m.Words}, {"sentences", m.Sentences}, {"paragraphs", m.Paragraphs}} {
		if e.extent != nil {
			f.what, extent = e.what, e.extent
			given++
		}
	}
	if given > 1 {
		return nil, fmt.Errorf("name one of words, sentences and paragraphs")
	}
	var err error
	if f.min, f.max, err = extent.bounds(f.what); err != nil {
		return nil, err
	}
	switch f.what {
	case "words":
		for n := 1; n <= f.max; n++ {
			f.titles = append(f.titles, f.english.title(n))
		}
		all := choiceForm(f.titles[f.min-1:]...)
		f.maxLen = all.mx
		if (f.limit == 0 || f.maxLen <= f.limit) && all.unambiguous() {
			f.all, f.card = all, all.card
		}
	case "sentences":
		f.maxLen = f.max*(f.english.sentence.mx+1) - 1
	case "paragraphs":
		f.maxLen = f.max*(mostSentences*(f.english.sentence.mx+1)+1) - 2
	}
	if f.limit > 0 {
		f.maxLen = min(f.maxLen, f.limit)
	}
	return f, f.shape(m, c)
}

// Sentences of a paragraph.
const fewestSentences, mostSentences = 3, 6

type text struct {
	key           rng.Key
	what          string
	min, max      int
	limit, maxLen int // characters; limit 0: none
	english       *english
	titles        []*form // words: by their number, from min on
	all           *form   // words: all titles
	card          uint64
	least         int    // characters
	letters       string // the case
	codes         *codes // of unique texts, where they need some
}

func (f *text) Kind() column.Kind { return column.Text }
func (f *text) Facts() Facts      { return Facts{Drawn: true} }
func (f *text) Bounds() Bounds    { return Bounds{MaxLen: f.maxLen} }
func (f *text) String() string {
	number := fmt.Sprintf("%d to %d", f.min, f.max)
	if f.min == f.max {
		number = fmt.Sprint(f.min)
	}
	return fmt.Sprintf("text of %s %s, at most %d characters", number, f.what, f.maxLen)
}
func (f *text) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		n := f.min + int(st.N(uint64(f.max-f.min)+1))
		begin := len(dst.Data)
		switch f.what {
		case "words":
			dst.Data = f.title(dst.Data, begin, n, &st)
		case "sentences":
			dst.Data, _ = f.sentences(dst.Data, begin, n, &st)
		default:
			dst.Data = f.paragraphs(dst.Data, begin, n, &st)
		}
		dst.Data = f.finish(dst.Data, begin, &st)
		dst.EndCell()
	}
	return nil
}

// title appends a title of n words, or of as many as there is room for.
func (f *text) title(b []byte, begin, n int, st *rng.Stream) []byte {
	for ; ; n-- {
		b = f.titles[n-1].draw(b[:begin], st)
		if f.limit == 0 || len(b)-begin <= f.limit {
			return b
		}
		if n == 1 {
			return f.cut(b, begin, "")
		}
	}
}

// paragraphs appends n paragraphs, or fewer where there is no room for them.
func (f *text) paragraphs(b []byte, begin, n int, st *rng.Stream) []byte {
	for j := range n {
		before := len(b)
		if j > 0 {
			b = append(b, "\n\n"...)
		}
		after := len(b)
		var all bool
		if b, all = f.sentences(b, begin, fewestSentences+int(st.N(mostSentences-fewestSentences+1)), st); !all {
			if len(b) == after {
				b = b[:before]
			}
			break
		}
	}
	return b
}

// sentences appends n sentences to the text that begins at begin, or fewer where there is no room for
// them; it tells whether there was.
func (f *text) sentences(b []byte, begin, n int, st *rng.Stream) ([]byte, bool) {
	for j := range n {
		before := len(b)
		if j > 0 {
			b = append(b, ' ')
		}
		b = f.english.sentence.draw(b, st)
		if f.limit > 0 && len(b)-begin > f.limit {
			if before > begin {
				return b[:before], false
			}
			return f.cut(b, begin, "."), false
		}
	}
	return b, true
}

// cut shortens the text that begins at begin to the limit, at the end of a word if it has one, and
// puts end behind it. A character is never cut.
func (f *text) cut(b []byte, begin int, end string) []byte {
	if f.limit == 0 || len(b)-begin <= f.limit {
		return b
	}
	t := b[begin:]
	if utf8.RuneCount(t) <= f.limit {
		return b
	}
	t = runePrefix(t, f.limit-len(end)+1) // one more, to see whether a word ends
	at := len(t) - 1
	for at > 0 && t[at] != ' ' {
		at--
	}
	for at > 0 && (t[at-1] == ' ' || t[at-1] == ',') {
		at--
	}
	if at == 0 {
		return append(b[:begin], runePrefix(t, f.limit)...)
	}
	return append(b[:begin+at], end...)
}

func (f *text) Card() uint64 {
	if f.codes != nil {
		return f.codes.card
	}
	return f.card
}
func (f *text) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	if f.codes != nil {
		dst.Data = f.coded(dst.Data, i)
	} else {
		dst.Data = f.all.index(dst.Data, i)
	}
	dst.EndCell()
}
func (f *text) Rules() []Rule {
	return []Rule{{
		Text: fmt.Sprintf("has %d to %d characters", f.least, f.maxLen),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %d and %d", d.Length(x), f.least, f.maxLen)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			n := utf8.RuneCount(v.Bytes(i))
			return v.Null(i) || n >= f.least && n <= f.maxLen
		},
	}}
}
