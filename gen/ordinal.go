package gen

import (
	"fmt"
	"strconv"

	"github.com/sowerdata/sower/column"
)

// Ordinal numbers the rows of each parent: 1, 2, 3 and so on, without gaps. It goes with rows that are known from their
// parents: those of a part with each, or of a reference with per_parent.
type Ordinal struct {
	Of     string `yaml:"of" short:"true" desc:"the part, or the column that refers with per_parent (default: the only one)"`
	Start  *int64 `yaml:"start" desc:"the number of the first row of each parent (default 1)"`
	Prefix string `yaml:"prefix" desc:"a text before the number: the cell is a text then"`
	Width  int    `yaml:"width" desc:"digits of the number, at least, with zeros before it: the cell is a text then"`
}

// OutputVersion implements Maker.
func (*Ordinal) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Ordinal) Make(c *Context) (Filler, error) {
	f := &ordinal{of: m.Of, start: 1, prefix: m.Prefix, width: m.Width}
	if m.Start != nil {
		f.start = *m.Start
	}
	if m.Width < 0 || m.Width > 18 {
		return nil, fmt.Errorf("width %d is not between 0 and 18", m.Width)
	}
	f.text = m.Prefix != "" || m.Width > 0 || c.Type.Kind == column.Text
	var err error
	if f.among, err = c.Host.Siblings(m.Of); err != nil {
		return nil, err
	}
	if f.start < -1<<53 || f.start > 1<<53 {
		return nil, fmt.Errorf("start %d is not within ±2^53", f.start)
	}
	if f.text && f.start < 0 {
		return nil, fmt.Errorf("start %d is below 0, which goes not with a text", f.start)
	}
	return f, nil
}

// Steady implements Steady.
func (*Ordinal) Steady() bool { return true }

type ordinal struct {
	of     string
	among  *Siblings
	start  int64
	prefix string
	width  int
	text   bool
}

func (f *ordinal) Kind() column.Kind {
	if f.text {
		return column.Text
	}
	return column.Int
}
func (f *ordinal) Facts() Facts { return Facts{} }
func (f *ordinal) Fill(dst *column.Vec, s *Span) error {
	if !f.text {
		at := dst.Len()
		f.among.Places(s.Rows, nil, dst, s.Scratch)
		for i := range dst.Ints[at:] {
			dst.Ints[at+i] += f.start
		}
		return nil
	}
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	ranks := s.Scratch.Vec(column.Int)
	f.among.Places(s.Rows, nil, ranks, s.Scratch)
	for _, rank := range ranks.Ints {
		dst.Data = f.append(dst.Data, rank+f.start)
		dst.EndCell()
	}
	return nil
}

func (f *ordinal) append(b []byte, n int64) []byte {
	b = append(b, f.prefix...)
	digits := 1
	for x := n; x >= 10; x /= 10 {
		digits++
	}
	for ; digits < f.width; digits++ {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, n, 10)
}

// Bounds implements Bounded.
func (f *ordinal) Bounds() Bounds {
	last := f.start + max(f.among.Most, 1) - 1
	if f.text {
		return Bounds{MaxLen: len([]rune(string(f.append(nil, last))))}
	}
	return Bounds{Min: f.start, Max: last}
}
func (f *ordinal) String() string {
	out := "the place among the rows of its parent"
	if f.of != "" {
		out += " (" + f.of + ")"
	}
	return fmt.Sprintf("%s, from %s", out, f.append(nil, f.start))
}

// Numbering is a Filler of numbers from First on, without gaps, among rows of one parent.
type Numbering interface {
	Filler
	Among() *Siblings
	First() (n int64, ok bool) // false where they are texts
}

// Among implements Numbering.
func (f *ordinal) Among() *Siblings { return f.among }

// First implements Numbering.
func (f *ordinal) First() (int64, bool) { return f.start, !f.text }
