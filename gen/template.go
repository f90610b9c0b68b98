package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/bound"
)

// Template puts cells of the row into a text. Where one of them is null, so is the text.
type Template struct {
	Of string `yaml:"of" short:"true" required:"true" desc:"the text with {paths} of cells, such as {first_name} <{creator_id.email}>; {{ and }} are braces"`
}

// OutputVersion implements Maker.
func (*Template) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Template) Make(c *Context) (Filler, error) {
	f := &filled{of: m.Of}
	text := []byte{}
	rest := m.Of
	for rest != "" {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			text = append(text, rest...)
			break
		}
		text = append(text, rest[:at]...)
		brace := rest[at]
		rest = rest[at+1:]
		switch {
		case rest != "" && rest[0] == brace:
			text, rest = append(text, brace), rest[1:]
			continue
		case brace == '}':
			return nil, fmt.Errorf("%q has a } without a {: for a brace write }}", bound.Short(m.Of))
		}
		path, after, ok := strings.Cut(rest, "}")
		if !ok {
			return nil, fmt.Errorf("%q has a { without a }: for a brace write {{", bound.Short(m.Of))
		}
		if path = strings.TrimSpace(path); path == "" {
			return nil, fmt.Errorf("%q has {} without a path in it", bound.Short(m.Of))
		}
		in, err := c.Host.Input(path)
		if err != nil {
			return nil, err
		}
		f.holes = append(f.holes, hole{string(text), in})
		text, rest = text[:0], after
	}
	f.end = string(text)
	if len(f.holes) == 0 {
		return nil, fmt.Errorf("%q has no {path} in it: write {constant: ...} for a fixed text", m.Of)
	}
	for _, h := range f.holes {
		f.facts.NullWith = append(f.facts.NullWith, h.in.Index)
	}
	return f, nil
}

// Steady implements Steady.
func (*Template) Steady() bool { return true }

// hole is where a cell goes, with the text before it.
type hole struct {
	before string
	in     Input
}

// filled is the Filler of a template.
type filled struct {
	of    string
	holes []hole
	end   string
	facts Facts
}

func (f *filled) Kind() column.Kind { return column.Text }
func (f *filled) Facts() Facts      { return f.facts }
func (f *filled) String() string    { return "text " + f.of }
func (f *filled) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		if f.null(s.Inputs, i) {
			dst.AppendNull()
			continue
		}
		dst.Data = f.text(dst.Data, s.Inputs, i)
		dst.EndCell()
	}
	return nil
}

func (f *filled) null(in []*column.Vec, i int) bool {
	for j := range f.holes {
		if in[f.holes[j].in.Index].Null(i) {
			return true
		}
	}
	return false
}

func (f *filled) text(b []byte, in []*column.Vec, i int) []byte {
	for j := range f.holes {
		b = append(b, f.holes[j].before...)
		b = in[f.holes[j].in.Index].AppendText(b, i)
	}
	return append(b, f.end...)
}

// Distinct is true where a single cell, which is distinct, goes in.
func (f *filled) Distinct() bool { return len(f.holes) == 1 && f.holes[0].in.Unique }

// Bounds knows the length where those of all cells are known.
func (f *filled) Bounds() Bounds {
	n := len([]rune(f.end))
	for _, h := range f.holes {
		most := textLen(h.in)
		if most == 0 {
			return Bounds{}
		}
		n += len([]rune(h.before)) + most
	}
	return Bounds{MaxLen: n}
}

// textLen gives the largest number of characters of an input's text form, or 0 where it is unknown.
func textLen(in Input) int {
	switch in.Kind {
	case column.Bool:
		return len("false")
	case column.Date:
		return len("2006-01-02")
	case column.Time:
		return len("15:04:05.000000")
	case column.Timestamp:
		return len("2006-01-02 15:04:05.000000")
	case column.UUID:
		return 36
	case column.Int:
		if in.Bounds == (Bounds{}) {
			return len("-9223372036854775808")
		}
		return max(len(fmt.Sprint(in.Bounds.Min)), len(fmt.Sprint(in.Bounds.Max)))
	case column.Decimal:
		return len("-9223372036854775808.")
	case column.Text:
		return in.Bounds.MaxLen
	}
	return 0
}

func (f *filled) Rules() []Rule {
	return []Rule{{
		Text: "is " + f.of,
		SQL: func(d Dialect, x string, in []string) string {
			var parts []string
			for _, h := range f.holes {
				if h.in.Kind != column.Text || in[h.in.Index] == "" {
					return "" // other kinds have other text forms in SQL
				}
				if h.before != "" {
					parts = append(parts, d.Text(h.before))
				}
				parts = append(parts, in[h.in.Index])
			}
			if f.end != "" {
				parts = append(parts, d.Text(f.end))
			}
			return x + " = " + strings.Join(parts, " || ")
		},
		Cell: func(v *column.Vec, i int, in []*column.Vec) bool {
			if v.Null(i) || f.null(in, i) {
				return v.Null(i) == f.null(in, i)
			}
			return string(v.Bytes(i)) == string(f.text(nil, in, i))
		},
	}}
}
