package gen

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Earlier picks a row before another one of the same table, or of the same group of its rows.
type Earlier struct {
	Self   bool      // a row for which there is none refers to itself
	Chain  bool      // to the one right before: no two rows refer to the same
	Before int64     // rows of the table before these, which are earlier than all of them: each has one that refers to it
	Among  *Siblings // to the one right before, among these, which are neighbours; nil where the parents do not matter
	levels []int64   // of a tree of bounded depth: the first row of each level, and behind them the number of rows
}

// Steady tells whether no other draw gives another row.
func (e *Earlier) Steady() bool { return e.Chain || e.Among != nil }

// appendPrevious appends the row before one, among those of its parent; null for the first of them.
func (e *Earlier) appendPrevious(dst *column.Vec, row int64) {
	if _, rank := e.Among.Family.Parent(row); rank > 0 {
		dst.AppendInt(row - 1)
		return
	}
	dst.AppendNull()
}

// among gives the rows of one parent, of which each refers to the one before it; nil where that is not asked.
func (m *Reference) among(c *Context, self bool) (*Siblings, error) {
	if m.Previous == "" {
		return nil, nil
	}
	if !self || m.First != "" || m.Depth != nil || len(m.Matching) > 0 {
		return nil, fmt.Errorf("previous goes with references to the table itself alone, and with none of first, depth and matching")
	}
	s, err := c.Host.Siblings(m.Previous)
	if err == nil && s.Order != nil {
		err = fmt.Errorf("the rows of one parent are anywhere in the table: write together: true beside per_parent of %s", m.Previous)
	}
	return s, err
}

// Self gives a reference's Earlier, and whether it refers to its own table.
func Self(f Filler) (Earlier, bool) {
	r, ok := f.(*reference)
	if !ok || !r.self {
		return Earlier{}, false
	}
	return r.earlier, true
}

// Chain gives a reference to the table itself by which no two rows refer to the same one.
func Chain(f Filler) (Filler, error) {
	r := *f.(*reference)
	if r.earlier.Before > 0 {
		return nil, fmt.Errorf("first: earlier goes not with unique: several rows may refer to one")
	}
	if r.earlier.levels != nil {
		return nil, fmt.Errorf("depth goes not with unique: a chain is as deep as it has rows")
	}
	r.earlier.Chain = true
	return &r, nil
}

// Distinct implements Distinct.
func (f *reference) Distinct() bool { return f.self && f.earlier.Steady() }

func (m *Reference) earlier(rows, before int64, self bool) (out Earlier, err error) {
	switch {
	case m.First != "" && m.First != "self" && m.First != "earlier":
		return out, fmt.Errorf("first %q is unknown: self or earlier", m.First)
	case m.First == "earlier" && len(m.Matching) > 0:
		return out, fmt.Errorf("first: earlier goes not with matching")
	case !self && (m.First != "" || m.Depth != nil):
		return out, fmt.Errorf("first and depth go with references to the table itself alone")
	case m.Depth == nil && m.First == "earlier":
		return Earlier{Before: before}, nil
	case m.Depth == nil:
		return Earlier{Self: m.First == "self"}, nil
	case m.First == "earlier" && before > 0:
		if rows > 0 && *m.Depth < 1 {
			return out, fmt.Errorf("depth is %d: at least 1, for rows below those of earlier parts", *m.Depth)
		}
		return Earlier{Before: before, levels: levelsOf(before+rows, before, *m.Depth)}, nil
	case *m.Depth < 0:
		return out, fmt.Errorf("depth is %d: at least 0", *m.Depth)
	}
	return Earlier{Self: m.First == "self", levels: levelsOf(rows, 1, *m.Depth)}, nil
}

// levelsOf splits rows into the levels of a tree with so many roots, each of which has as many times the rows
// of the one above as it takes for the tree to be no deeper than depth.
func levelsOf(rows, roots int64, depth int) []int64 {
	out := []int64{0}
	if depth == 0 || rows <= roots {
		return append(out, max(rows, roots))
	}
	times := int64(2)
	for !reaches(times, depth, rows, roots) {
		times++
		if times > 1<<16 { // two levels, or very many rows
			times = rows
		}
	}
	size, end := roots, roots
	for end < rows {
		out = append(out, end)
		size *= times
		end += min(size, rows-end)
	}
	return append(out, max(rows, end))
}

// reaches tells whether a tree of the depth has as many rows.
func reaches(times int64, depth int, rows, roots int64) bool {
	size, sum := roots, roots
	for range depth {
		if sum >= rows || size > rows/times {
			return true
		}
		size *= times
		sum += size
	}
	return sum >= rows
}

// Of gives the row that row k, counted from 0, refers to: one before it; false where there is none.
func (e *Earlier) Of(st *rng.Stream, k int64) (int64, bool) {
	switch {
	case e.Before > 0 && k < e.Before:
		return k, true
	case e.Before > 0 && e.levels == nil:
		return int64(st.N(uint64(e.Before + k))), true
	case k == 0 || e.Chain && e.Self: // whoever follows the first row would meet it: all refer to themselves
		return 0, false
	case e.Chain:
		return k - 1, true
	case e.levels == nil:
		return int64(st.N(uint64(k))), true
	}
	k += e.Before
	for l := len(e.levels) - 2; l > 0; l-- {
		if from, to := e.levels[l-1], e.levels[l]; k >= to {
			return from + int64(st.N(uint64(to-from))), true
		}
	}
	return 0, false
}

func (e *Earlier) String() string {
	out := ""
	switch {
	case e.Chain && e.Self:
		return ", each row to itself"
	case e.Chain:
		out += ", one after the other"
	}
	if e.levels != nil {
		out += fmt.Sprintf(", %d deep at most", len(e.levels)-2)
	}
	if e.Before > 0 {
		out += fmt.Sprintf(", the %d before them too", e.Before)
	}
	if e.Among != nil {
		out += ", the one before it of the same parent"
	}
	if e.Self {
		out += ", the first to itself"
	}
	return out
}

// Rooted gives root in place of the nulls of f, which copies the cell of an earlier row.
func Rooted(f Filler, root *column.Vec) Filler { return &rooted{f, root} }

// RootOf gives the cell of rows without an earlier one; nil where there is none.
func RootOf(f Filler) *column.Vec {
	if r, ok := f.(*rooted); ok {
		return r.root
	}
	return nil
}

type rooted struct {
	Filler
	root *column.Vec // of one cell
}

func (f *rooted) Facts() Facts { return Facts{Unbounded: true} }
func (f *rooted) Fill(dst *column.Vec, s *Span) error {
	in := s.Inputs[0]
	dst.Scale, dst.Single = in.Scale, in.Single
	for i := range s.Rows.N {
		if in.Null(i) {
			dst.AppendCell(f.root, 0)
		} else {
			dst.AppendCell(in, i)
		}
	}
	return nil
}
func (f *rooted) String() string { return fmt.Sprintf("%s, the first %s", f.Filler, f.root.String(0)) }
func (f *rooted) Rules() []Rule  { return orNull(f.Filler) }
