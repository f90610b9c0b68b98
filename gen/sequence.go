package gen

import (
	"fmt"
	"math"

	"github.com/sowerdata/sower/column"
)

// Sequence numbers the rows: start, start+step, ... As the key of a table in a database its first value
// is what the database reserves for the run, and start holds only where there is no database.
type Sequence struct {
	Start *int64 `yaml:"start" desc:"the first value; in a key or unique column the first value that the database has free takes its place (default 1)"`
	Step  int64  `yaml:"step" desc:"the distance from one value to the next (default 1)"`
}

// OutputVersion implements Maker.
func (*Sequence) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Sequence) Make(c *Context) (Filler, error) {
	f := &sequence{start: 1, step: m.Step, rows: c.Rows}
	if m.Start != nil {
		f.start = *m.Start
	}
	if f.step == 0 {
		f.step = 1
	}
	if f.rows > 0 && (f.step > 0 && f.start > math.MaxInt64-f.step*(f.rows-1) || f.rows > math.MaxInt64/abs(f.step)) {
		most := math.MaxInt64 / abs(f.step)
		if f.step > 0 && f.start > 0 {
			most = (math.MaxInt64-f.start)/f.step + 1
		}
		return nil, AtMost(most, "%d values from %d by %d pass the largest integer", f.rows, f.start, f.step)
	}
	return f, nil
}

// Steady implements Steady.
func (*Sequence) Steady() bool { return true }

func abs(x int64) int64 { return max(x, -x) }

type sequence struct{ start, step, rows int64 }

// Offsetable is a Filler of consecutive integer keys whose first value a database can choose.
type Offsetable interface {
	Filler
	// From gives the same sequence with another first value.
	From(first int64) Filler
	// First gives the first value, and whether keys follow one another by one.
	First() (first int64, consecutive bool)
}

func (f *sequence) From(first int64) Filler {
	return &sequence{start: first, step: f.step, rows: f.rows}
}
func (f *sequence) First() (int64, bool) { return f.start, f.step == 1 }

func (f *sequence) Kind() column.Kind { return column.Int }
func (f *sequence) Facts() Facts      { return Facts{} }
func (f *sequence) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		dst.AppendInt(f.start + f.step*s.Rows.At(i))
	}
	return nil
}
func (f *sequence) Distinct() bool { return true }
func (f *sequence) Bounds() Bounds {
	last := f.start + f.step*max(f.rows-1, 0)
	return Bounds{Min: min(f.start, last), Max: max(f.start, last)}
}
func (f *sequence) String() string {
	if f.step != 1 {
		return fmt.Sprintf("sequence from %d by %d", f.start, f.step)
	}
	return fmt.Sprintf("sequence from %d", f.start)
}
func (f *sequence) Rules() []Rule {
	b := f.Bounds()
	return []Rule{{
		Text: fmt.Sprintf("is one of %d to %d", b.Min, b.Max),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %d and %d", x, b.Min, b.Max)
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Ints[i] >= b.Min && v.Ints[i] <= b.Max },
	}}
}
