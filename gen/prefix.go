package gen

import (
	"fmt"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
)

// Prefix gives the first characters of a text of the row, never cut inside a character.
type Prefix struct {
	Of     string `yaml:"of" required:"true" desc:"the path of the text"`
	Length int    `yaml:"length" required:"true" desc:"the number of characters"`
}

// OutputVersion implements Maker.
func (*Prefix) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Prefix) Make(c *Context) (Filler, error) {
	in, err := textInput(c, m.Of)
	if err != nil {
		return nil, err
	}
	if m.Length < 0 {
		return nil, fmt.Errorf("length %d is below 0", m.Length)
	}
	return &prefix{in: in, n: m.Length}, nil
}

// Steady implements Steady.
func (*Prefix) Steady() bool { return true }

// textInput declares an input that is a text.
func textInput(c *Context, path string) (Input, error) {
	in, err := c.Host.Input(path)
	if err == nil && in.Kind != column.Text {
		err = fmt.Errorf("%s is of kind %s: a text is wanted", path, in.Kind)
	}
	return in, err
}

type prefix struct {
	in Input
	n  int
}

func (f *prefix) Kind() column.Kind { return column.Text }
func (f *prefix) Facts() Facts      { return Facts{NullWith: []int{f.in.Index}} }
func (f *prefix) Bounds() Bounds    { return Bounds{MaxLen: f.n} }
func (f *prefix) String() string    { return fmt.Sprintf("the first %d characters of %s", f.n, f.in.Path) }
func (f *prefix) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[f.in.Index]
	for i := range s.Rows.N {
		if in.Null(i) {
			dst.AppendNull()
			continue
		}
		dst.AppendBytes(runePrefix(in.Bytes(i), f.n))
	}
	return nil
}

// runePrefix gives the first n characters of b.
func runePrefix(b []byte, n int) []byte {
	at := 0
	for range n {
		if at >= len(b) {
			break
		}
		if b[at] < utf8.RuneSelf {
			at++
			continue
		}
		_, w := utf8.DecodeRune(b[at:])
		at += w
	}
	return b[:at]
}

func (f *prefix) Rules() []Rule {
	return []Rule{{
		Text: "is " + f.String(),
		SQL: func(d Dialect, x string, in []string) string {
			if in[f.in.Index] == "" {
				return ""
			}
			return x + " = " + d.Prefix(in[f.in.Index], f.n)
		},
		Cell: func(v *column.Vec, i int, in []*column.Vec) bool {
			w := in[f.in.Index]
			return v.Null(i) == w.Null(i) && string(v.Bytes(i)) == string(runePrefix(w.Bytes(i), f.n))
		},
	}}
}
