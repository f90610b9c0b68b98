package plan

import (
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
)

// combined gives the number of a fixed row's combination. It is not known where a cell is none of those
// that its generator gives.
func (of *combination) combined(row int64) (number uint64, known, null bool) {
	drawn := of.at.number(uint64(row))
	known = true
	for _, d := range of.digits {
		n, ok, null := d.given(of, row, drawn)
		if null {
			return 0, false, true
		}
		known = known && ok
		number += n
	}
	if !known || number >= of.at.perm.Len() {
		return 0, false, false
	}
	return number, true, false
}

// digit is a digit of the number of a combination: a column's, or a space's.
type digit struct {
	column *Column
	joint  *joint
	space  *space
	unit   unit
	div    uint64 // of the space or the unit
}

// given gives the digit, times its unit, of a fixed row whose other cells have the drawn number.
func (d *digit) given(of *combination, row int64, drawn uint64) (n uint64, known, null bool) {
	if d.space != nil {
		return d.givenRows(row, drawn)
	}
	if d.unit != nil {
		digit, known, null := d.unit.given(row, drawn/d.div%d.unit.card())
		return digit * d.div, known, null
	}
	j := d.joint
	cell := d.column.FixedCell(row)
	switch {
	case cell == nil:
		return j.digit(drawn) * j.div, true, false
	case cell.Null(0):
		return 0, false, true
	}
	digit, ok := indexGiven(d.column, j.Indexed, row)
	if ok && j.spread != nil {
		digit = j.spread.Inverse(digit)
		ok = digit <= (of.at.perm.Len()-1)/j.div
	}
	return digit * j.div, ok, false
}

func (d *digit) givenRows(row int64, drawn uint64) (n uint64, known, null bool) {
	c, err := d.space.get()
	if err != nil {
		return 0, false, false
	}
	at := drawn / d.div % d.space.card
	rows := make([]int64, len(d.space.links))
	any := false
	for k, link := range d.space.links {
		rows[k] = -1
		cell := link.FixedCell(row)
		switch {
		case cell == nil:
			continue
		case cell.Null(0):
			return 0, false, true
		}
		rows[k], any = cell.Ints[0], true
	}
	if any {
		if at, known = c.number(0, 1, rows); !known {
			return 0, false, false
		}
	}
	return at * d.div, true, false
}

const maxCard = 1 << 62

func satMul(a, b uint64) uint64 {
	if b != 0 && a > maxCard/b {
		return maxCard
	}
	return a * b
}

// setVersion is the version of how the values of unique sets are dealt to rows: see Origin.
const setVersion = 1

// combination is a keyed bijection from rows to the combinations of several columns' values.
type combination struct {
	at      *bijection
	members []*Column
	digits  []digit
	turns   bool // every second attempt turns pairs around, and stays with the combination
}

// place says where a member's digit stands in the number of a combination.
type place struct {
	of   *combination
	div  uint64
	fans []*fan // what makes of it the number that the digit is of
}

// number gives the digits from the place on of a row's attempt.
func (p *place) number(row int64, attempt uint32) (uint64, error) {
	if p.of.turns {
		attempt >>= 1
	}
	n, err := p.of.at.of(row, attempt)
	if err != nil {
		return 0, err
	}
	for _, f := range p.fans {
		n = f.of(n)
	}
	return n / p.div, nil
}

// joint is one member of columns that are unique together: a digit of the number of the row's
// combination. A redraw draws all members again: see Column.SetAttempt.
type joint struct {
	gen.Indexed
	place
	spread *rng.Perm // of its values, where not all of them take part
}

func (f *joint) digit(number uint64) uint64 { return number / f.div % f.Card() }

func (f *joint) Fill(dst *column.Vec, s *gen.Span) error {
	for i := range s.Rows.N {
		number, err := f.number(s.Rows.At(i), s.Attempt)
		if err != nil {
			return err
		}
		digit := number % f.Card()
		if f.spread != nil {
			digit = f.spread.At(digit)
		}
		f.AppendIndex(dst, digit, s.Scratch)
	}
	return nil
}

func (f *joint) String() string { return f.Indexed.String() + ", unique together with others" }

func (f *joint) Facts() gen.Facts { return gen.DrawnAgain(f.Indexed) }

func (f *joint) Bounds() gen.Bounds { return gen.UnionBounds([]gen.Filler{f.Indexed}) }

func (f *joint) Rules() []gen.Rule { return rulesOf(f.Indexed) }
