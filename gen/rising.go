package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Rising lets the moments or days of the rows of one parent rise with their places among them: the range is cut into as
// many stretches as the parent has rows, and each row draws from its own.
type Rising struct {
	Among  string             `yaml:"rising" desc:"a part with each, or a column that refers with per_parent: timestamps of the rows of one parent rise with their ordinal"`
	Within blueprint.Duration `yaml:"within" desc:"with rising: the last of them comes at most so long after the first may, such as 30d (default: the whole range)"`
}

// rising is a Rising as a Filler uses it.
type rising struct {
	among  *Siblings
	within int64 // units of the cells; 0 for the whole range
	of     string
}

// make settles it; nil where nothing rises. What the cells may not precede is the same for all rows of a parent, as it
// is reached through it.
func (m *Rising) make(c *Context, unit int64) (*rising, error) {
	if m.Among == "" {
		if m.Within != 0 {
			return nil, fmt.Errorf("within goes with rising alone")
		}
		return nil, nil
	}
	if err := m.shared("not_before", c.NotBefore); err != nil {
		return nil, err
	}
	among, err := c.Host.Siblings(m.Among)
	if err != nil {
		return nil, err
	}
	if m.Within < 0 {
		return nil, fmt.Errorf("within is below 0")
	}
	return &rising{among: among, within: int64(m.Within) / unit, of: m.Among}, nil
}

// shared proves that cells are the same for all rows of a parent.
func (m *Rising) shared(key string, paths []string) error {
	for _, path := range paths {
		if !strings.HasPrefix(path, m.Among+".") {
			return fmt.Errorf("rising: %s %s is not reached through %s: it may differ among the rows of one parent", key, path, m.Among)
		}
	}
	return nil
}

// stretches appends the place of each row among those of its parent, from 0, and how many there are.
func (f *rising) stretches(s *Span, ranks, counts *column.Vec) {
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	parents, firsts := s.Scratch.Vec(column.Int), s.Scratch.Vec(column.Int)
	f.among.Places(s.Rows, parents, ranks, s.Scratch)
	f.among.Families(Rows{N: parents.Len(), List: parents.Ints}, firsts, counts, s.Scratch)
}

// draw draws one of n values, from 0, of the stretch of a row.
func (f *rising) draw(st *rng.Stream, n uint64, rank, count int64) uint64 {
	if f.within > 0 {
		n = min(n, uint64(f.within)+1)
	}
	return f.stretch(st, n, rank, count)
}

// stretch draws one of n values of the stretch of a row.
func (f *rising) stretch(st *rng.Stream, n uint64, rank, count int64) uint64 {
	from, to := mulDiv(n, uint64(rank), uint64(count)), mulDiv(n, uint64(rank)+1, uint64(count))
	return min(from+st.N(max(to-from, 1)), n-1)
}

func (f *rising) String() string { return ", rising among the rows of one " + f.of }

// Rises tells whether the cells of the rows of one parent rise with their places.
func Rises(f Filler) bool {
	switch f := f.(type) {
	case *timestamp:
		return f.rising != nil
	case *date:
		return f.rising != nil
	}
	return false
}
