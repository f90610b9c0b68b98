package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// sieveVersion is the version of how distinct values are taken from those that checks admit: see Origin.
const sieveVersion = 1

// sifted gives a column that must be distinct, alone or with others, only those of its values that satisfy the checks which
// are held by drawing it alone again, so that the values that are dealt to rows are all admitted, and counted beforehand.
// Fillers of more values than are looked at stay as they are.
func (b *builder) sifted(c *Column, f gen.Filler, key rng.Key) (gen.Filler, error) {
	ix, ok := f.(gen.Indexed)
	if !ok || ix.Card() == 0 || ix.Card() > some || c.Table.Schema == nil || c.Table.Rows <= 1 || !c.dealt() {
		return f, nil
	}
	var programs []*check.Program
	var names []string
	for _, spec := range c.Table.spec.Checks {
		if len(spec.Redraw) != 1 || spec.Redraw[0] != c.Name || spec.Parts != nil {
			continue
		}
		for _, k := range heldChecks(c.Table.Schema) {
			if k.Name != spec.Name {
				continue
			}
			domain := ""
			if k.Domain != "" {
				domain = c.Name
			}
			p, err := check.Compile(c.Table.Schema, k.Expression, domain, check.OptionsOf(b.plan.Database, earliest))
			if err == nil && !p.ReadsTime && len(p.Columns) == 1 && p.Columns[0] == c.Name {
				programs, names = append(programs, p), append(names, k.Name)
			}
		}
	}
	if len(programs) == 0 {
		return f, nil
	}
	admits := func(from gen.Indexed, step uint64) (kept []uint32, all bool) {
		values := valuesOf(from, step, typeOf(c).Single())
		cells := []*column.Vec{values}
		evaluators := make([]*check.Evaluator, len(programs))
		for k, p := range programs {
			evaluators[k] = p.Evaluator()
		}
		for i := range values.Len() {
			if !slices.ContainsFunc(evaluators, func(e *check.Evaluator) bool {
				truth, err := e.Eval(cells, i)
				return err != nil || truth == check.False
			}) {
				kept = append(kept, uint32(i))
			}
		}
		return kept, len(kept) == values.Len()
	}
	if step := ix.Card() / lookedAt; step > 1 {
		if _, all := admits(ix, step); all {
			return f, nil // what is left of the values is as good as all: drawing again does for the others
		}
	}
	out := &sieve{Indexed: ix, key: key.Derive("sieve"), checks: names}
	out.kept, _ = admits(ix, 1)
	if len(out.kept) == 0 {
		return nil, gen.AtMost(0, "none of its values (%s) satisfies %s", f, names[0])
	}
	c.note("sieve", sieveVersion)
	return out, nil
}

// dealt tells whether the column's values are dealt to rows: it is unique, alone or together with others.
func (c *Column) dealt() bool {
	if wanted, _ := c.wantsUnique(); wanted {
		return true
	}
	for _, u := range c.Table.spec.Unique {
		if slices.Contains(u.Columns, c.Name) {
			return true
		}
	}
	for _, u := range c.Table.Schema.Uniques {
		if slices.Contains(u.Columns, c.Name) || slices.Contains(u.Depends, c.Name) {
			return true
		}
	}
	return false
}

// lookedAt are as many values as show whether checks admit all of them.
const lookedAt = 4096

// valuesOf gives every step-th value of a filler, as its column holds them.
func valuesOf(ix gen.Indexed, step uint64, single bool) *column.Vec {
	var sc gen.Scratch
	v := new(column.Vec)
	v.Reset(ix.Kind())
	v.Single = single
	for i := uint64(0); i < ix.Card(); i += step {
		ix.AppendIndex(v, i, &sc)
	}
	v.Round()
	return v
}

// sieve is a Filler of those values of another one that checks admit.
type sieve struct {
	gen.Indexed
	key    rng.Key
	kept   []uint32 // their numbers
	checks []string
}

func (f *sieve) Card() uint64 { return uint64(len(f.kept)) }
func (f *sieve) AppendIndex(dst *column.Vec, i uint64, sc *gen.Scratch) {
	f.Indexed.AppendIndex(dst, uint64(f.kept[i]), sc)
}
func (f *sieve) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		f.AppendIndex(dst, st.N(f.Card()), s.Scratch)
	}
	return nil
}
func (f *sieve) Facts() gen.Facts   { return gen.DrawnAgain(f.Indexed) }
func (f *sieve) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Indexed}) }
func (f *sieve) Rules() []gen.Rule  { return rulesOf(f.Indexed) }
func (f *sieve) String() string {
	return fmt.Sprintf("%s, those that satisfy %s", f.Indexed, f.checks[0])
}
