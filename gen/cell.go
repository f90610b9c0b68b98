package gen

import (
	"github.com/sowerdata/sower/column"
)

// Cell copies another cell: of the same row, or of a parent through links.
type Cell struct {
	Path string `yaml:"path" short:"true" required:"true" desc:"the path: created_at, creator_id.created_at, item.creator_id"`
}

// OutputVersion implements Maker.
func (*Cell) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Cell) Make(c *Context) (Filler, error) {
	in, err := c.Host.Input(m.Path)
	return &cell{in, Facts{Copies: &in, NullWith: []int{in.Index}, Unbounded: in.Bounds == Bounds{}}}, err
}

// Steady implements Steady.
func (*Cell) Steady() bool { return true }

type cell struct {
	in    Input
	facts Facts
}

func (f *cell) Kind() column.Kind { return f.in.Kind }
func (f *cell) Facts() Facts      { return f.facts }
func (f *cell) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[f.in.Index]
	dst.Scale, dst.Single = in.Scale, in.Single
	dst.AppendVec(in)
	return nil
}
func (f *cell) Bounds() Bounds { return f.in.Bounds }
func (f *cell) String() string { return "the cell " + f.in.Path }
func (f *cell) Rules() []Rule {
	return []Rule{{
		Text: "is " + f.in.Path,
		SQL: func(d Dialect, x string, in []string) string {
			if in[f.in.Index] == "" {
				return ""
			}
			if f.in.Kind == column.JSON {
				return d.JSONEqual(x, in[f.in.Index])
			}
			return x + " = " + in[f.in.Index]
		},
		Cell: func(v *column.Vec, i int, in []*column.Vec) bool { return v.Equal(i, in[f.in.Index], i) },
	}}
}
