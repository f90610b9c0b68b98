package gen

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// shortest is the length below which nothing is left of names that are cut.
const shortest = 4

// fitted lets a generator of texts that may be too long for its column write them shorter: what fits stays as it is, so
// that the columns of a group still speak of the same. It gives the filler itself where all of its texts fit, or where
// there is no room for anything.
func fitted(c *Context, f Filler, shorten func(text []byte, limit int) []byte) Filler {
	limit := c.Type.Length
	b, ok := f.(Bounded)
	if c.Type.Kind != column.Text || limit < shortest || !ok || b.Bounds().MaxLen <= limit {
		return f
	}
	return &fittedText{Filler: f, limit: limit, shorten: shorten}
}

// Whole gives a generator whose texts are written as they are, however long: shortened ones cannot be told apart.
func Whole(f Filler) Filler {
	if short, ok := f.(*fittedText); ok {
		return short.Filler
	}
	return f
}

type fittedText struct {
	Filler
	limit   int // characters
	shorten func([]byte, int) []byte
}

func (f *fittedText) Bounds() Bounds { return Bounds{MaxLen: f.limit} }
func (f *fittedText) Facts() Facts {
	facts := f.Filler.Facts()
	facts.Apart = "" // what was cut may be the same
	return facts
}
func (f *fittedText) String() string { return fmt.Sprintf("%s, short", f.Filler) }
func (f *fittedText) Fill(dst *column.Vec, s *Span) error {
	var long column.Vec
	long.Reset(column.Text)
	if err := f.Filler.Fill(&long, s); err != nil {
		return err
	}
	for i := range s.Rows.N {
		x := long.Bytes(i)
		if utf8.RuneCount(x) > f.limit {
			x = f.shorten(x, f.limit)
		}
		dst.Data = append(dst.Data, runePrefix(x, f.limit)...)
		dst.EndCell()
	}
	return nil
}

// Rules: what a text looks like is no longer the generator's own pattern.
func (f *fittedText) Rules() []Rule {
	return []Rule{{
		Text: fmt.Sprintf("has %d characters at most", f.limit),
		SQL:  func(d Dialect, x string, _ []string) string { return fmt.Sprintf("%s <= %d", d.Length(x), f.limit) },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			return v.Null(i) || utf8.RuneCount(v.Bytes(i)) <= f.limit
		},
	}}
}

// cutText leaves out what is too long at the end.
func cutText(x []byte, limit int) []byte { return bytes.TrimRight(runePrefix(x, limit), " -&,.'") }

// cutWords leaves out words at the end, or cuts the first one.
func cutWords(x []byte, limit int) []byte {
	for utf8.RuneCount(x) > limit {
		at := bytes.LastIndexByte(x, ' ')
		if at <= 0 {
			return cutText(x, limit)
		}
		x = bytes.TrimRight(x[:at], " -&,")
	}
	return x
}

// cutFirst writes the first of two names as its first letter: E. Garcia.
func cutFirst(separator string, mark string) func([]byte, int) []byte {
	return func(x []byte, limit int) []byte {
		at := bytes.Index(x, []byte(separator))
		if at <= 0 {
			return cutText(x, limit)
		}
		_, n := utf8.DecodeRune(x)
		out := append([]byte{}, x[:n]...)
		out = append(append(out, mark...), x[at:]...)
		return cutText(out, limit)
	}
}
