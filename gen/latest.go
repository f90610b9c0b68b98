package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Latest gives the latest of several moments of the row; nulls do not count.
type Latest struct {
	Of []string `yaml:"of" short:"true" required:"true" desc:"paths of the timestamps"`
}

// OutputVersion implements Maker.
func (*Latest) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Latest) Make(c *Context) (Filler, error) {
	if len(m.Of) == 0 {
		return nil, fmt.Errorf("name the timestamps, as in latest: [created_at, completed_at]")
	}
	ins, err := timeInputs(c, m.Of)
	f := &latestOf{ins: ins, facts: Facts{Unbounded: true}}
	if len(ins) == 1 {
		f.facts.NullWith = []int{ins[0].index}
	} else {
		f.facts.Null = MayBeNull // where all are null
	}
	return f, err
}

// Steady implements Steady.
func (*Latest) Steady() bool { return true }

type latestOf struct {
	ins   []timeInput
	facts Facts
}

func (f *latestOf) Kind() column.Kind { return column.Timestamp }
func (f *latestOf) Facts() Facts      { return f.facts }
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
