package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Condition is what has to be true of a row for its cell to be there: compiled of an expression over cells.
type Condition struct {
	Text string
	fill Filler
}

// NewCondition compiles a condition. Host declares what it reads.
func NewCondition(text string, host Host) (*Condition, error) {
	f, err := (&Expression{Expr: text}).Make(&Context{Key: rng.Key{}, Host: host})
	if err != nil {
		return nil, err
	}
	if f.Kind() != column.Bool {
		return nil, fmt.Errorf("%q gives %s where a condition is wanted", text, aKind(f.Kind()))
	}
	return &Condition{text, f}, nil
}

// SQL says the condition, given the expressions of its inputs; "" where the dialect cannot.
func (c *Condition) SQL(d Dialect, in []string) string { return c.fill.(Spoken).SQL(d, in) }

// Fill appends whether the condition is true of each row of a Span that has its inputs; null stands for no.
func (c *Condition) Fill(dst *column.Vec, s *Span) error { return c.fill.Fill(dst, s) }

// When lets a Filler make the cells of those rows of which a condition is true; all others are null. The condition's
// inputs, so many, stand behind those of the Filler, or with them where apart is below 0.
func When(f Filler, c *Condition, apart int) Filler {
	if c == nil || AlwaysNull(f) {
		return f
	}
	return &conditional{f, c, apart}
}

// Always gives the Filler that makes the cells where a condition is true; without one f itself.
func Always(f Filler) Filler {
	if w, ok := f.(*conditional); ok {
		return w.Filler
	}
	return f
}

type conditional struct {
	Filler
	when  *Condition
	apart int
}

// own divides the inputs of a Span.
func (f *conditional) own(in []*column.Vec) (filler, condition []*column.Vec) {
	if f.apart < 0 {
		return in, in
	}
	n := len(in) - f.apart
	return in[:n], in[n:]
}

func (f *conditional) Fill(dst *column.Vec, s *Span) error {
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	holds := s.Scratch.Vec(column.Bool)
	sub := s.Scratch.lendSpan()
	defer s.Scratch.returnSpan()
	*sub = *s
	own, of := f.own(s.Inputs)
	sub.Inputs = of
	if err := f.when.Fill(holds, sub); err != nil {
		return err
	}
	whole := *s
	whole.Inputs = own
	is := func(i int) bool { return !holds.Null(i) && holds.Ints[i] != 0 }
	for from := 0; from < s.Rows.N; {
		to := from + 1
		for to < s.Rows.N && is(to) == is(from) {
			to++
		}
		if !is(from) {
			for range to - from {
				dst.AppendNull()
			}
			from = to
			continue
		}
		var done func()
		*sub, done = whole.Slice(from, to)
		err := f.Filler.Fill(dst, sub)
		done()
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}
func (f *conditional) Facts() Facts {
	facts := f.Filler.Facts()
	facts.Null, facts.NullShare = MayBeNull, 0 // only cells tell
	return facts
}
func (f *conditional) Bounds() Bounds { return boundsOf(f.Filler) }
func (f *conditional) String() string { return fmt.Sprintf("%s; where %s", f.Filler, f.when.Text) }

// Distinct implements Distinct: nulls are left aside.
func (f *conditional) Distinct() bool {
	d, ok := f.Filler.(Distinct)
	return ok && d.Distinct()
}

// Rules are those of the Filler, of the cells that are there.
func (f *conditional) Rules() []Rule {
	var out []Rule
	for _, rule := range orNull(f.Filler) {
		sql, cell := rule.SQL, rule.Cell
		if f.apart > 0 {
			rule.SQL = func(d Dialect, x string, in []string) string { return sql(d, x, in[:len(in)-f.apart]) }
			if cell != nil {
				rule.Cell = func(v *column.Vec, i int, in []*column.Vec) bool { return cell(v, i, in[:len(in)-f.apart]) }
			}
		}
		out = append(out, rule)
	}
	return out
}
