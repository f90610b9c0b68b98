package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Latest gives the latest of several moments of the row; nulls do not count.
type Latest struct {
	Of []string `yaml:"of" short:"true" required:"true" desc:"paths of the moments"`
}

// Make implements Maker.
func (m *Latest) Make(c *Context) (Filler, error) {
	if len(m.Of) == 0 {
		return nil, fmt.Errorf("name the moments, as in latest: [created_at, completed_at]")
	}
	ins, err := timeInputs(c, m.Of)
	return &latestOf{ins}, err
}

type latestOf struct{ ins []timeInput }

func (f *latestOf) Kind() column.Kind { return column.Timestamp }
func (f *latestOf) Fill(dst *column.Vec, s *Span) error {
	const none = -1 << 63
	for i := range s.Rows.N {
		if x := latest(none, f.ins, s, i); x == none {
			dst.AppendNull()
		} else {
			dst.AppendInt(x)
		}
	}
	return nil
}
func (f *latestOf) String() string {
	var out []string
	for _, in := range f.ins {
		out = append(out, in.path)
	}
	return "the latest of " + strings.Join(out, ", ")
}
func (f *latestOf) Rules() []Rule {
	return []Rule{{
		Text: "is " + f.String(),
		SQL: func(d Dialect, x string, e []string) string {
			var xs []string
			for _, in := range f.ins {
				if e[in.index] == "" {
					return ""
				}
				xs = append(xs, e[in.index])
			}
			return x + " = " + d.Greatest(xs...)
		},
		Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
			x := latest(-1<<63, f.ins, &Span{Inputs: vs}, i)
			return v.Null(i) || v.Ints[i] == x
		},
	}}
}
