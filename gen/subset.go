package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Subset gives a JSON array of distinct texts of a pool, in random order; their number is uniform.
type Subset struct {
	Pool string `yaml:"pool" required:"true" desc:"the pool's name"`
	Min  int    `yaml:"min" desc:"the smallest number of texts (default 0)"`
	Max  int    `yaml:"max" required:"true" desc:"the largest number of texts"`
}

// OutputVersion implements Maker.
func (*Subset) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Subset) Make(c *Context) (Filler, error) {
	p, err := c.Host.Pool(m.Pool)
	if err != nil {
		return nil, err
	}
	if err := checkSubset("", m.Min, m.Max, p); err != nil {
		return nil, err
	}
	return &subset{key: c.Key, pool: p, min: m.Min, max: m.Max}, nil
}

// checkSubset holds the bounds of a number of distinct texts against each other and a pool.
func checkSubset(what string, lo, hi int, p *Pool) error {
	if what != "" {
		what += ": "
	}
	switch {
	case lo < 0:
		return fmt.Errorf("%smin %d is below 0", what, lo)
	case lo > hi:
		return fmt.Errorf("%smin %d is above max %d", what, lo, hi)
	case hi > p.Len():
		return fmt.Errorf("%smax is %d and pool %s has %d distinct texts: lower max or add texts", what, hi, p.Name, p.Len())
	}
	return nil
}

type subset struct {
	key      rng.Key
	pool     *Pool
	min, max int
}

func (f *subset) Kind() column.Kind { return column.JSON }
func (f *subset) Facts() Facts      { return Facts{Drawn: true} }
func (f *subset) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		k := f.min + int(st.N(uint64(f.max-f.min)+1))
		s.Scratch.Index = st.Subset(s.Scratch.Index[:0], k, f.pool.Len())
		b := append(dst.Data, '[')
		for j, at := range s.Scratch.Index {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = append(b, f.pool.JSON(int(at))...)
		}
		dst.Data = append(b, ']')
		dst.EndCell()
	}
	return nil
}
func (f *subset) String() string {
	return fmt.Sprintf("%d to %d distinct texts of pool %s (%d)", f.min, f.max, f.pool.Name, f.pool.Len())
}
func (f *subset) Rules() []Rule {
	return []Rule{{
		Text: "has " + f.String(),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("(%s between %d and %d and %s and %s)", d.JSONLength(x), f.min, f.max, d.JSONDistinct(x), d.JSONWithin(x, f.pool.Texts()))
		},
	}}
}
