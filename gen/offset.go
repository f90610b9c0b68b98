package gen

import (
	"fmt"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Offset moves a moment of the row, or of a parent, by a random distance: earlier for negative
// distances. Where the column has a not_before, a result that would be earlier becomes the latest of
// those cells.
type Offset struct {
	From  string              `yaml:"from" required:"true" desc:"the path of the moment to start from"`
	Min   blueprint.Duration  `yaml:"min" desc:"the smallest distance, such as 10s, 5m, 2h, 30d; negative: earlier (default 0s)"`
	Max   blueprint.Duration  `yaml:"max" required:"true" desc:"the largest distance"`
	Share *float64            `yaml:"share" desc:"the share of rows that are moved; the others stay at the moment itself (default 1)"`
	Until *blueprint.DateTime `yaml:"until" desc:"the last moment that a result may have"`
	Zone  string              `yaml:"zone" desc:"the IANA time zone of until (default UTC)"`
}

// Make implements Maker.
func (m *Offset) Make(c *Context) (Filler, error) {
	f := &offset{key: c.Key, min: int64(m.Min), max: int64(m.Max), share: 1}
	if f.min > f.max {
		return nil, fmt.Errorf("min %s is above max %s", duration(f.min), duration(f.max))
	}
	if m.Share != nil {
		if f.share = *m.Share; !(f.share >= 0 && f.share <= 1) {
			return nil, fmt.Errorf("share %v is not between 0 and 1", f.share)
		}
	}
	from, err := timeInputs(c, []string{m.From})
	if err != nil {
		return nil, err
	}
	f.from = from[0]
	if m.Until != nil {
		until, err := inZone(*m.Until, m.Zone)
		if err != nil {
			return nil, err
		}
		f.until = &until
	}
	if f.unit, err = unit(nil, c); err != nil {
		return nil, err
	}
	f.notBefore, err = timeInputs(c, c.NotBefore)
	return f, err
}

type offset struct {
	key       rng.Key
	from      timeInput
	min, max  int64 // microseconds
	unit      int64
	share     float64
	until     *int64
	notBefore []timeInput
}

func (f *offset) Kind() column.Kind { return column.Timestamp }
func (f *offset) Fill(dst *column.Vec, s *Span) error {
	from := s.Inputs[f.from.index]
	for i := range s.Rows.N {
		if from.Null(i) {
			dst.AppendNull()
			continue
		}
		x := from.Ints[i]
		st := f.key.At(s.Rows.At(i), s.Attempt)
		if f.share >= 1 || st.Float() < f.share {
			lo, hi := x+f.min, x+f.max
			if f.until != nil {
				hi = min(hi, *f.until)
				lo = min(lo, hi)
			}
			x = st.Range(lo, hi)
			x -= mod(x, f.unit)
		}
		if f.min >= 0 { // never before its origin, whatever the bounds and the precision did
			x = max(x, from.Ints[i])
		}
		dst.AppendInt(latest(x, f.notBefore, s, i))
	}
	return nil
}
func (f *offset) String() string {
	out := fmt.Sprintf("%s moved by %s to %s", f.from.path, duration(f.min), duration(f.max))
	if f.share < 1 {
		out += fmt.Sprintf(" in %.4g %% of rows", f.share*100)
	}
	return out
}

func duration(us int64) string { return (time.Duration(us) * time.Microsecond).String() }

// Rules: the order against the origin where the distance has one sign, the largest distance, and the bounds.
func (f *offset) Rules() []Rule {
	rules := notBeforeRules(f.notBefore)
	if f.min >= 0 {
		rules = append(rules, notBeforeRules([]timeInput{f.from})...)
	}
	if f.max <= 0 {
		rules = append(rules, Rule{
			Text: "is not after " + f.from.path,
			SQL: func(_ Dialect, x string, e []string) string {
				if e[f.from.index] == "" {
					return ""
				}
				return x + " <= " + e[f.from.index]
			},
			Cell: func(v *column.Vec, i int, vs []*column.Vec) bool {
				return v.Null(i) || vs[f.from.index].Null(i) || v.Ints[i] <= vs[f.from.index].Ints[i]
			},
		})
	}
	if f.until != nil {
		rules = append(rules, Rule{
			Text: "is not after " + micros(*f.until) + " UTC",
			SQL: func(d Dialect, x string, _ []string) string {
				var v column.Vec
				v.Reset(column.Timestamp)
				v.AppendInt(*f.until)
				return x + " <= " + d.Cell(&v, 0)
			},
			Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Null(i) || v.Ints[i] <= *f.until },
		})
	}
	return rules
}
