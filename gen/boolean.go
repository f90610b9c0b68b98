package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Boolean draws true with a probability. For an exact number of true rows use quota.
type Boolean struct {
	Share *float64 `yaml:"share" short:"true" desc:"the probability of true, from 0 to 1 (default 0.5)"`
}

// OutputVersion implements Maker.
func (*Boolean) OutputVersion() int { return 1 }

// Make implements Maker.
func (m *Boolean) Make(c *Context) (Filler, error) {
	share := 0.5
	if m.Share != nil {
		share = *m.Share
	}
	if !(share >= 0 && share <= 1) {
		return nil, fmt.Errorf("share %v is not between 0 and 1", share)
	}
	return &boolean{key: c.Key, share: share, parts: uint64(float64(share*wholeShare) + 0.5)}, nil
}

// wholeShare is the number of parts that shares are counted in.
const wholeShare = 1e12

type boolean struct {
	key   rng.Key
	share float64
	parts uint64 // of wholeShare
}

func (f *boolean) Kind() column.Kind { return column.Bool }
func (f *boolean) Facts() Facts      { return Facts{Drawn: true, Values: truths, Weighted: f.share != 0.5} }
func (f *boolean) Bounds() Bounds {
	return Bounds{Min: f.least(), Max: f.least() + int64(f.Card()) - 1}
}
func (f *boolean) String() string { return fmt.Sprintf("true with probability %v", f.share) }
func (f *boolean) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		st := f.key.At(s.Rows.At(i), s.Attempt)
		dst.AppendBool(st.Chance(f.parts, wholeShare))
	}
	return nil
}

// truths are both values.
var truths = func() *column.Vec {
	v := new(column.Vec)
	v.Reset(column.Bool)
	v.AppendBool(true)
	v.AppendBool(false)
	return v
}()

// least is 1 where false is impossible.
func (f *boolean) least() int64 {
	if f.parts == wholeShare {
		return 1
	}
	return 0
}

// Card is 2, or 1 where the value is certain.
func (f *boolean) Card() uint64 {
	if f.parts == 0 || f.parts == wholeShare {
		return 1
	}
	return 2
}
func (f *boolean) AppendIndex(dst *column.Vec, i uint64, _ *Scratch) {
	dst.AppendInt(f.least() + int64(i))
}

// Rules are those of certain values.
func (f *boolean) Rules() []Rule {
	if f.Card() == 2 {
		return nil
	}
	is := f.least() == 1
	return []Rule{{
		Text: fmt.Sprintf("is %v", is),
		SQL:  func(d Dialect, x string, _ []string) string { return x + " = " + d.Value(is) },
		Cell: func(v *column.Vec, i int, _ []*column.Vec) bool { return v.Null(i) || v.Bool(i) == is },
	}}
}
