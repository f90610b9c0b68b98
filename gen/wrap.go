package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// NullsVersion is the version of Nullable's choice of cells, and UniqueVersion that of Unique's order of values, as
// Maker.OutputVersion is that of a generator's cells.
const NullsVersion, UniqueVersion = 1, 1

// Nullable makes a share of f's cells null, each at random. A share of 0 gives f itself.
func Nullable(f Filler, share float64, key rng.Key) Filler {
	if share <= 0 {
		return f
	}
	return &nullable{Filler: f, key: key.Derive("null"), share: share}
}

type nullable struct {
	Filler
	key   rng.Key
	share float64
}

func (f *nullable) Fill(dst *column.Vec, s *Span) error {
	mark := s.Scratch.Mark()
	defer s.Scratch.Release(mark)
	v := s.Scratch.Vec(f.Kind())
	if err := f.Filler.Fill(v, s); err != nil {
		return err
	}
	dst.Scale, dst.Single = v.Scale, v.Single
	for i := range s.Rows.N {
		if st := f.key.At(s.Rows.At(i), s.Again); st.Float() < f.share {
			dst.AppendNull()
		} else {
			dst.AppendCell(v, i)
		}
	}
	return nil
}
func (f *nullable) String() string {
	return fmt.Sprintf("%s; null in %.4g %% of rows", f.Filler, f.share*100)
}
func (f *nullable) Unwrap() Filler { return f.Filler }
func (f *nullable) Bounds() Bounds { return boundsOf(f.Filler) }
func (f *nullable) Facts() Facts {
	facts := f.Filler.Facts()
	switch {
	case f.share >= 1:
		facts.Null = OnlyNull
	case facts.Null != OnlyNull:
		facts.Null, facts.NullShare, facts.Drawn = SomeNull, f.share, true
	}
	return facts
}
func (f *nullable) Rules() []Rule { return orNull(f.Filler) }

// orNull gives the rules of a Filler, of cells that are null besides.
func orNull(f Filler) []Rule {
	r, ok := f.(Ruled)
	if !ok {
		return nil
	}
	var out []Rule
	for _, rule := range r.Rules() {
		if rule.SQL == nil {
			continue // exact counts no longer hold
		}
		wrapped := Rule{Text: "is null or " + rule.Text, SQL: func(d Dialect, x string, in []string) string {
			pred := rule.SQL(d, x, in)
			if pred == "" {
				return ""
			}
			return "(" + x + " is null or " + pred + ")"
		}}
		if rule.Cell != nil {
			wrapped.Cell = func(v *column.Vec, i int, in []*column.Vec) bool { return v.Null(i) || rule.Cell(v, i, in) }
		}
		out = append(out, wrapped)
	}
	return out
}

// Capacity is the error of a maker for which there are too many rows.
type Capacity struct {
	Most int64 // rows that fit
	text string
}

// Error says what does not fit.
func (e *Capacity) Error() string { return e.text }

// AtMost gives a Capacity error; text is a format.
func AtMost(rows int64, text string, args ...any) error {
	return &Capacity{Most: rows, text: fmt.Sprintf(text, args...)}
}

// Unique makes f's cells distinct: a keyed bijection maps rows to indexes of f's values. Attempt a of
// row r takes the position r + a*rows, so that a redraw never meets a row to come.
func Unique(f Filler, key rng.Key, rows int64) (Filler, error) {
	if d, ok := f.(Distinct); ok && d.Distinct() {
		return f, nil
	}
	ix, ok := f.(Indexed)
	if !ok || ix.Card() == 0 {
		return nil, fmt.Errorf("cannot be unique: its values (%s) cannot be numbered", f)
	}
	if ix.Card() < uint64(rows) {
		return nil, AtMost(int64(ix.Card()), "%d rows must be distinct and there are at most %d values (%s): lower the row count or widen the values", rows, ix.Card(), f)
	}
	return &uniquely{ix, rng.NewPerm(key.Derive("unique"), ix.Card()), rows}, nil
}

// dealt marks an attempt that names a position of the numbering, rather than counting draws.
const dealt = 1 << 31

// MostDealt is the first position that no attempt can name.
const MostDealt = dealt

// At is the attempt that gives a row the value at a position of the numbering, which is below MostDealt.
func At(position uint64) uint32 { return uint32(position) | dealt }

// Position is the place of a row's attempt in a numbering of rows.
func Position(row int64, attempt uint32, rows int64) uint64 {
	if attempt&dealt != 0 {
		return uint64(attempt &^ dealt)
	}
	return uint64(row) + uint64(attempt)*uint64(rows)
}

type uniquely struct {
	Indexed
	perm rng.Perm
	rows int64
}

func (f *uniquely) Fill(dst *column.Vec, s *Span) error {
	for i := range s.Rows.N {
		at := Position(s.Rows.At(i), s.Attempt, f.rows)
		if at >= f.perm.Len() {
			return fmt.Errorf("row %d: no value is left to draw again: all %d are taken", s.Rows.At(i), f.perm.Len())
		}
		f.AppendIndex(dst, f.perm.At(at), s.Scratch)
	}
	return nil
}
func (f *uniquely) Distinct() bool { return true }
func (f *uniquely) Facts() Facts   { return DrawnAgain(f.Indexed) }
func (f *uniquely) String() string { return f.Indexed.String() + ", unique" }
func (f *uniquely) Bounds() Bounds { return boundsOf(f.Indexed) }
func (f *uniquely) Rules() []Rule {
	if r, ok := f.Indexed.(Ruled); ok {
		return r.Rules()
	}
	return nil
}

// Copy gives the cells of its first input. Of describes them; rules, which may be nil, is a Filler
// whose rules hold for them.
func Copy(kind column.Kind, of string, rules Filler) Filler { return &copied{kind, of, rules} }

var (
	firstInput Input
	onlyFirst  = []int{0}
)

type copied struct {
	kind  column.Kind
	of    string
	rules Filler
}

func (f *copied) Kind() column.Kind { return f.kind }
func (f *copied) Facts() Facts {
	return Facts{Copies: &firstInput, NullWith: onlyFirst, Unbounded: true}
}
func (f *copied) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[0]
	dst.Scale, dst.Single = in.Scale, in.Single
	dst.AppendVec(in)
	return nil
}
func (f *copied) String() string {
	if f.rules != nil {
		return f.rules.String()
	}
	return f.of
}
func (f *copied) Rules() []Rule {
	if r, ok := f.rules.(Ruled); ok {
		return r.Rules()
	}
	return nil
}

// NotBefore is implemented by makers that may take Context.NotBefore into account, and tells whether they do.
type NotBefore interface{ TakesNotBefore() bool }

// TakesNotBefore tells whether a maker's generator can keep cells from being before others. A null is before none.
func TakesNotBefore(m Maker) bool {
	n, ok := m.(NotBefore)
	return ok && n.TakesNotBefore()
}

// OwnKind is implemented by makers whose Fillers are of one kind, whatever they are made of.
type OwnKind interface{ OwnKind() column.Kind }

// KindOf gives the kind of a maker's cells where it is known before they are made; Invalid where not.
func KindOf(m Maker) column.Kind {
	if k, ok := m.(OwnKind); ok {
		return k.OwnKind()
	}
	return column.Invalid
}

// OwnResult is implemented by makers whose arguments, with the column's type, may say of which kind the cells are.
type OwnResult interface {
	// Result gives the kind, Invalid where only what they are made of decides, and the digits behind the point of decimals.
	Result(t schema.Type) (kind column.Kind, scale int)
}

// Scaled is a Filler of Decimal cells.
type Scaled interface {
	Scale() int // digits behind the point
}

// ConstantValue gives the value of a constant generator.
func ConstantValue(f Filler) (v any, ok bool) {
	if c, is := f.(*constant); is {
		return c.value, true
	}
	return nil, false
}
