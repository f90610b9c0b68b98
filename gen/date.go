package gen

import (
	"fmt"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Date draws days uniformly from a range. Where the column has a not_before, the range begins at the
// latest of those cells, or on the day after, where that cell is a moment within a day.
type Date struct {
	From   blueprint.DateTime `yaml:"from" required:"true" desc:"the first day, as 2006-01-02"`
	To     blueprint.DateTime `yaml:"to" required:"true" desc:"the last day"`
	Step   int64              `yaml:"step" desc:"the number of days between neighbouring dates, counted from the first: 7 for a day of the week (default 1)"`
	Rising `yaml:",inline"`
}

const dayMicros = 24 * 3600 * 1_000_000

// OutputVersion implements Maker.
func (*Date) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Date) Make(c *Context) (Filler, error) {
	f := &date{key: c.Key, step: max(m.Step, 1)}
	if m.Step < 0 {
		return nil, fmt.Errorf("step %d is below 1", m.Step)
	}
	for _, b := range []struct {
		what string
		at   blueprint.DateTime
		day  *int64
	}{{"from", m.From, &f.lo}, {"to", m.To, &f.hi}} {
		if mod(int64(b.at), dayMicros) != 0 {
			return nil, fmt.Errorf("%s is %s: leave the time of day out", b.what, b.at)
		}
		*b.day = int64(b.at) / dayMicros
	}
	if f.lo > f.hi {
		return nil, fmt.Errorf("from (%s) is after to (%s)", days(f.lo), days(f.hi))
	}
	f.hi -= (f.hi - f.lo) % f.step
	var err error
	if f.rising, err = m.make(c, dayMicros*f.step); err != nil {
		return nil, err
	}
	for _, path := range c.NotBefore {
		in, err := c.Host.Input(path)
		if err != nil {
			return nil, err
		}
		if in.Kind != column.Date && in.Kind != column.Timestamp {
			return nil, fmt.Errorf("%s is of kind %s: a date or a timestamp is wanted", path, in.Kind)
		}
		f.notBefore = append(f.notBefore, in)
	}
	return f, nil
}

// TakesNotBefore implements NotBefore.
func (*Date) TakesNotBefore() bool { return true }

func days(d int64) string { return string(column.AppendDate(nil, d)) }

type date struct {
	key       rng.Key
	lo, hi    int64 // days since 1970-01-01
	step      int64
	notBefore []Input
	rising    *rising // nil where each row draws by itself
}

// firstDay gives the first day that is not before cell i of an input.
func firstDay(in *column.Vec, i int) int64 {
	if in.Kind == column.Date || column.Infinite(in.Ints[i]) {
		return in.Ints[i]
	}
	return ceilTo(in.Ints[i], dayMicros) / dayMicros
}

func (f *date) Kind() column.Kind { return column.Date }
func (f *date) Last() int64       { return f.hi }
func (f *date) Follows(int) bool  { return true }
func (f *date) Facts() Facts      { return Facts{Drawn: true} }
func (f *date) Bounds() Bounds    { return Bounds{Min: f.lo, Max: f.hi} }
func (f *date) String() string {
	out := fmt.Sprintf("date %s to %s", days(f.lo), days(f.hi))
	if f.rising != nil {
		out += f.rising.String()
	}
	return out
}
func (f *date) Fill(dst *column.Vec, s *Span) error {
	var ranks, counts *column.Vec
	if f.rising != nil {
		mark := s.Scratch.Mark()
		defer s.Scratch.Release(mark)
		ranks, counts = s.Scratch.Vec(column.Int), s.Scratch.Vec(column.Int)
		f.rising.stretches(s, ranks, counts)
	}
	for i := range s.Rows.N {
		lo := f.lo
		for j := range f.notBefore {
			if in := s.Inputs[f.notBefore[j].Index]; !in.Null(i) {
				switch first := firstDay(in, i); first {
				case column.MinusInfinity:
				case column.Infinity:
					lo = first
				default:
					lo = max(lo, f.lo+ceilTo(first-f.lo, f.step))
				}
			}
		}
		if lo > f.hi {
			return fmt.Errorf("row %d: %s, the first day that it may have, is after the end of the range, %s", s.Rows.At(i), days(lo), days(f.hi))
		}
		st := f.key.At(s.Rows.At(i), s.Attempt)
		n := uint64((f.hi-lo)/f.step) + 1
		if f.rising != nil {
			dst.AppendInt(lo + int64(f.rising.draw(&st, n, ranks.Ints[i], counts.Ints[i]))*f.step)
			continue
		}
		dst.AppendInt(lo + int64(st.N(n))*f.step)
	}
	return nil
}
func (f *date) Card() uint64 {
	if len(f.notBefore) > 0 || f.rising != nil {
		return 0
	}
	return uint64((f.hi-f.lo)/f.step) + 1
}
func (f *date) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.AppendInt(f.lo + int64(i)*f.step)
}
func (f *date) Rules() []Rule {
	rules := []Rule{betweenCells(column.Date, f.lo, f.hi)}
	for _, in := range f.notBefore {
		rules = append(rules, Rule{
			Text: "is not before " + in.Path,
			SQL: func(d Dialect, x string, e []string) string {
				if e[in.Index] == "" || in.Kind != column.Date && d.Name() != "postgres" {
					return "" // SQLite compares texts, and a day is a text shorter than its first moment
				}
				return x + " >= " + e[in.Index]
			},
			Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
				return v.Null(i) || vs[in.Index].Null(i) || v.Ints[i] >= firstDay(vs[in.Index], i)
			},
		})
	}
	return rules
}

// betweenCells is the rule that a cell of an integer kind is between two others.
func betweenCells(kind column.Kind, lo, hi int64) Rule {
	var v column.Vec
	v.Reset(kind)
	v.AppendInt(lo)
	v.AppendInt(hi)
	return Rule{
		Text: fmt.Sprintf("is between %s and %s", v.String(0), v.String(1)),
		SQL: func(d Dialect, x string, _ []string) string {
			return fmt.Sprintf("%s between %s and %s", x, d.Cell(&v, 0), d.Cell(&v, 1))
		},
		Cell: func(w *column.Vec, i int, _ []*column.Vec) bool {
			return w.Null(i) || w.Ints[i] >= lo && w.Ints[i] <= hi
		},
	}
}
