package gen

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// Slug writes a text of the row as addresses of pages have it: small letters and digits, with hyphens between the words.
type Slug struct {
	Of     string `yaml:"of" short:"true" required:"true" desc:"the path of the text, such as a title"`
	Number string `yaml:"number" desc:"the path of an integer, such as the key, that stands behind it: the slugs are distinct where these numbers are"`
}

// OutputVersion implements Maker.
func (*Slug) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Slug) Make(c *Context) (Filler, error) {
	in, err := textInput(c, m.Of)
	if err != nil {
		return nil, err
	}
	f := &slug{in: in, number: -1, most: c.Type.Length}
	f.facts.NullWith = []int{in.Index}
	if m.Number != "" {
		n, err := c.Host.Input(m.Number)
		if err != nil {
			return nil, err
		}
		if n.Kind != column.Int {
			return nil, fmt.Errorf("%s is of kind %s: an integer is wanted", m.Number, n.Kind)
		}
		f.number, f.unique = n.Index, n.Unique
		f.facts.NullWith = append(f.facts.NullWith, n.Index)
	}
	if c.Type.Kind != column.Text {
		f.most = 0
	}
	return f, nil
}

// Steady implements Steady.
func (*Slug) Steady() bool { return true }

type slug struct {
	in     Input
	number int // index of the input behind the text; -1 for none
	unique bool
	most   int // characters; 0 for no limit
	facts  Facts
}

// numberRoom are the characters of the longest number with its hyphen.
const numberRoom = 20

func (f *slug) Kind() column.Kind { return column.Text }
func (f *slug) Facts() Facts      { return f.facts }
func (f *slug) Distinct() bool    { return f.unique && (f.most == 0 || f.most >= numberRoom) }
func (f *slug) String() string    { return "slug of " + f.in.Path }
func (f *slug) Bounds() Bounds {
	most := f.in.Bounds.MaxLen
	if f.number >= 0 && most > 0 {
		most += numberRoom
	}
	if f.most > 0 && (most == 0 || most > f.most) {
		most = f.most
	}
	return Bounds{MaxLen: max(most, 1)}
}

func (f *slug) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[f.in.Index]
	var room [numberRoom + 4]byte
	tail := room[:0]
	for i := range s.Rows.N {
		if in.Null(i) || f.number >= 0 && s.Inputs[f.number].Null(i) {
			dst.AppendNull()
			continue
		}
		tail = tail[:0]
		if f.number >= 0 {
			tail = strconv.AppendInt(append(tail, '-'), s.Inputs[f.number].Ints[i], 10)
		}
		from := len(dst.Data)
		dst.Data = appendSlug(dst.Data, in.Bytes(i))
		if left := f.most - len(tail); f.most > 0 && len(dst.Data)-from > left {
			dst.Data = dst.Data[:from+max(left, 0)]
		}
		for len(dst.Data) > from && dst.Data[len(dst.Data)-1] == '-' {
			dst.Data = dst.Data[:len(dst.Data)-1]
		}
		if len(dst.Data) == from {
			dst.Data = append(dst.Data, 'n')
		}
		dst.Data = append(dst.Data, tail...)
		dst.EndCell()
	}
	return nil
}

// plainLetters are what slugs have for the usual letters beyond a to z.
var plainLetters = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'Ä': "ae", 'Ö': "oe", 'Ü': "ue", 'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'å': "a", 'æ': "ae", 'ç': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ø': "o", 'œ': "oe", 'ù': "u", 'ú': "u", 'û': "u", 'ý': "y", 'É': "e", 'È': "e", 'À': "a", 'Ç': "c", 'Ñ': "n", 'Ó': "o",
}

// appendSlug appends a text as a slug.
func appendSlug(dst, text []byte) []byte {
	gap, first := false, len(dst)
	put := func(s string) {
		if gap && len(dst) > first {
			dst = append(dst, '-')
		}
		gap = false
		dst = append(dst, s...)
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r >= 'A' && r <= 'Z':
			put(string(r + 'a' - 'A'))
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			put(string(r))
		case r == '\'' || r == '’': // Hall's: halls
		case r == '&':
			gap = true
			put("and")
			gap = true
		case plainLetters[r] != "":
			put(plainLetters[r])
		default:
			gap = true
		}
		text = text[n:]
	}
	return dst
}

// Rules implements Ruled: what SQL is not asked is compared cell by cell.
func (f *slug) Rules() []Rule {
	pattern := "[a-z0-9]+(-+[a-z0-9]+)*"
	return []Rule{matches(pattern, wholly(pattern))}
}
