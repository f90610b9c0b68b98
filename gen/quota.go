package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Quota gives each value an exact number of rows, placed at random: shares of the row count by the
// largest remainder method, or counts.
type Quota struct {
	Shares blueprint.Ordered[float64] `yaml:"shares" desc:"value: share; shares are relative, each gets its exact part of the rows by the largest remainder method"`
	Counts blueprint.Ordered[int64]   `yaml:"counts" desc:"value: exact number of rows"`
	Rest   *blueprint.Value           `yaml:"rest" desc:"with counts: the value of all other rows"`
}

// OutputVersion implements Maker.
func (*Quota) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Quota) Make(c *Context) (Filler, error) {
	var values []any
	var counts []int64
	switch {
	case len(m.Shares) > 0 && len(m.Counts) == 0 && m.Rest == nil:
		var shares []float64
		for _, e := range m.Shares {
			values = append(values, e.KeyValue.V)
			shares = append(shares, e.Value)
		}
		weights, err := integerWeights(shares)
		if err != nil {
			return nil, err
		}
		var sum uint64
		for _, w := range weights {
			sum += w
		}
		if sum == 0 {
			return nil, fmt.Errorf("all shares are 0")
		}
		counts = rng.Apportion(c.Rows, weights)
	case len(m.Counts) > 0 && len(m.Shares) == 0:
		rest := c.Rows
		for _, e := range m.Counts {
			if e.Value < 0 {
				return nil, fmt.Errorf("the count of %s is %d: at least 0", e.Key, e.Value)
			}
			values = append(values, e.KeyValue.V)
			counts = append(counts, e.Value)
			rest -= e.Value
		}
		switch {
		case rest < 0:
			return nil, fmt.Errorf("the counts make %d rows: there are %d", c.Rows-rest, c.Rows)
		case m.Rest != nil:
			values, counts = append(values, m.Rest.V), append(counts, rest)
		case rest > 0:
			return nil, fmt.Errorf("the counts make %d rows and there are %d: say what the others get, with rest", c.Rows-rest, c.Rows)
		}
	default:
		return nil, fmt.Errorf("name either shares or counts")
	}
	f := &quota{values: values, counts: counts, skip: int64(len(c.Fixed))}
	f.cells.Reset(kindOf(values))
	for _, v := range values {
		if err := AppendValue(&f.cells, v); err != nil {
			return nil, err
		}
	}
	// Fixed rows have their cells given: they use up their value's count and take no part in the draw.
	free := append([]int64(nil), counts...)
	for _, fx := range c.Fixed {
		if !fx.Given {
			f.skip--
			continue
		}
		at := -1
		for i, v := range values {
			if scalarText(v) == scalarText(fx.Value) {
				at = i
			}
		}
		if at < 0 || free[at] == 0 {
			return nil, fmt.Errorf("a fixed row has the value %s, for which the quota of %d rows has no row left", describe(fx.Value), c.Rows)
		}
		free[at]--
	}
	if f.skip > 0 && f.skip < int64(len(c.Fixed)) {
		return nil, fmt.Errorf("either all fixed rows of a table give a column that has a quota, or none")
	}
	f.classes = rng.NewClasses(c.Key, free)
	f.facts = listedFacts(&f.cells, m.comes)
	return f, nil
}

// Steady implements Steady.
func (*Quota) Steady() bool { return true }

// comes tells whether the i-th value is asked for. How many rows there are does not matter.
func (m *Quota) comes(i int) bool {
	switch {
	case i < len(m.Shares):
		return m.Shares[i].Value > 0
	case i < len(m.Counts):
		return m.Counts[i].Value > 0
	}
	return true // the rest
}

type quota struct {
	values  []any
	counts  []int64
	cells   column.Vec
	classes *rng.Classes
	facts   Facts
	skip    int64 // fixed rows that come first
}

func (f *quota) Kind() column.Kind { return f.cells.Kind }
func (f *quota) Facts() Facts      { return f.facts }
func (f *quota) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		row := s.Rows.At(i) - f.skip
		if row < 0 { // a fixed row: its cell is given
			dst.AppendCell(&f.cells, 0)
			continue
		}
		class, _ := f.classes.Of(row)
		dst.AppendCell(&f.cells, class)
	}
	return nil
}
func (f *quota) Bounds() Bounds { return cellBounds(&f.cells) }
func (f *quota) String() string {
	var out []string
	for i, v := range f.values {
		out = append(out, fmt.Sprintf("%s %d", scalarText(v), f.counts[i]))
	}
	return "quota: " + strings.Join(out, ", ")
}
func (f *quota) Rules() []Rule {
	r := Rule{Text: "has exact numbers of rows"}
	for i, v := range f.values {
		r.Counts = append(r.Counts, Count{Value: v, Rows: f.counts[i]})
	}
	return []Rule{r}
}
