package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// Pick draws from a list, a pool or a weighted list.
type Pick struct {
	From    []blueprint.Value          `yaml:"from" short:"true" desc:"the values, all equally likely; texts where the column has days, moments, JSON or UUIDs"`
	Pool    string                     `yaml:"pool" desc:"the name of a pool, in place of a list"`
	Weights blueprint.Ordered[float64] `yaml:"weights" desc:"value: weight, in place of a list; weights are relative and need not sum to anything"`
}

// OutputVersion implements Maker.
func (*Pick) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Pick) Make(c *Context) (Filler, error) {
	f := &pick{key: c.Key, of: c.Type}
	set := 0
	if len(m.From) > 0 {
		set++
		for _, v := range m.From {
			f.values = append(f.values, v.V)
		}
	}
	if m.Pool != "" {
		set++
		p, err := c.Host.Pool(m.Pool)
		if err != nil {
			return nil, err
		}
		for _, t := range p.Texts() {
			f.values = append(f.values, t)
		}
	}
	if len(m.Weights) > 0 {
		set++
		var shares []float64
		for _, e := range m.Weights {
			f.values = append(f.values, e.KeyValue.V)
			shares = append(shares, e.Value)
		}
		weights, err := integerWeights(shares)
		if err != nil {
			return nil, err
		}
		if f.alias, err = rng.NewAlias(weights); err != nil {
			return nil, err
		}
	}
	if set != 1 {
		return nil, fmt.Errorf("name what to pick from: one of from, pool and weights, not empty")
	}
	kind := kindOf(f.values)
	switch c.Type.Kind {
	case column.Date, column.Timestamp, column.Time, column.UUID, column.JSON:
		if kind == column.Text {
			kind = c.Type.Kind // texts stand for these, as in constants
		}
	}
	f.cells.Reset(kind)
	for _, v := range f.values {
		if err := AppendValue(&f.cells, v); err != nil {
			return nil, err
		}
	}
	f.facts = listedFacts(&f.cells, func(i int) bool { return len(m.Weights) == 0 || m.Weights[i].Value > 0 })
	f.facts.Drawn, f.facts.Weighted = true, len(m.Weights) > 0
	seen := map[string]bool{}
	for i := range f.cells.Len() {
		if text := f.cells.String(i); !seen[text] {
			seen[text] = true
			f.once = append(f.once, i)
		}
	}
	return f, nil
}

// integerWeights scales weights to integers, exact for those with up to six decimal digits.
func integerWeights(shares []float64) ([]uint64, error) {
	out := make([]uint64, len(shares))
	for i, w := range shares {
		if !(w >= 0) || w > 1e12 {
			return nil, fmt.Errorf("weight %v is not between 0 and 1e12", w)
		}
		out[i] = uint64(float64(w*1e6) + 0.5)
	}
	return out, nil
}

type pick struct {
	key    rng.Key
	values []any
	cells  column.Vec
	of     schema.Type // of the column
	alias  *rng.Alias
	facts  Facts
	once   []int // the first place of each different value: rows that have to differ take these
}

func (f *pick) Kind() column.Kind { return f.cells.Kind }
func (f *pick) Facts() Facts      { return f.facts }
func (f *pick) Fill(dst *column.Vec, s *Span) error {
	n := uint64(f.cells.Len())
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		var at int
		if f.alias != nil {
			at = f.alias.Pick(&st)
		} else {
			at = int(st.N(n))
		}
		dst.AppendCell(&f.cells, at)
	}
	return nil
}
func (f *pick) Card() uint64 { return uint64(len(f.once)) }
func (f *pick) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.AppendCell(&f.cells, f.once[i])
}
func (f *pick) Bounds() Bounds { return cellBounds(&f.cells) }
func (f *pick) String() string { return "pick from " + listed(f.values) }
func (f *pick) Rules() []Rule  { return []Rule{within(f.values, &f.cells, f.of)} }

// listed shows the first values of a list.
func listed(values []any) string {
	var out []string
	for i, v := range values {
		if i == 4 && len(values) > 5 {
			out = append(out, fmt.Sprintf("... (%d)", len(values)))
			break
		}
		out = append(out, scalarText(v))
	}
	return strings.Join(out, ", ")
}

// within is the rule that a cell is one of a list.
func within(values []any, cells *column.Vec, t schema.Type) Rule {
	known := map[string]bool{}
	hasNull := false
	for i := range cells.Len() {
		hasNull = hasNull || cells.Null(i)
		known[cells.String(i)] = true
	}
	return Rule{
		Text: "is one of " + listed(values),
		SQL: func(d Dialect, x string, _ []string) string {
			var list []string
			for i := range cells.Len() {
				if !cells.Null(i) {
					list = append(list, d.Cell(cells, i))
				}
			}
			if len(list) == 0 {
				return x + " is null"
			}
			in := compared(t, x) + " in (" + strings.Join(list, ", ") + ")"
			if !hasNull {
				in = "(" + x + " is not null and " + in + ")"
			}
			return in
		},
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool {
			if v.Null(i) {
				return hasNull
			}
			return known[v.String(i)]
		},
	}
}
