package gen

import (
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/rng"
)

// Siblings are rows of a table that belong to the rows of another one, its parents, and are known from both sides: a
// row's parent and its place among the rows of that parent, and all rows of a parent. Both are computed, in O(log
// parents), and nothing is kept. Row numbers count from the first of the rows.
type Siblings struct {
	Family rng.Family
	Order  *rng.Perm // child -> row, inverted; nil: a parent's rows are neighbours, in the parents' order
	Least  int64     // rows of each parent
	Most   int64
}

// childOf is the number of a row as its Family counts.
func (s *Siblings) childOf(row int64) int64 {
	if s.Order == nil {
		return row
	}
	return int64(s.Order.At(uint64(row)))
}

// Row gives the row of a parent whose first child is first, and that has the rank among them.
func (s *Siblings) Row(first, rank int64) int64 {
	if s.Order == nil {
		return first + rank
	}
	return int64(s.Order.Inverse(uint64(first + rank)))
}

// run gives the end of the run of neighbours that begins at the i-th row.
func (r Rows) run(i int) int {
	if r.List == nil {
		return r.N
	}
	end := i + 1
	for end < r.N && r.List[end] == r.List[end-1]+1 {
		end++
	}
	return end
}

// fewRows is a run of rows that is not worth a walk over the tree.
const fewRows = 3

// Places appends to parents the parent of each row, and to ranks its place among the rows of that parent, from 0.
// Either may be nil. Rows that are neighbours share the walk over the tree.
func (s *Siblings) Places(rows Rows, parents, ranks *column.Vec, sc *Scratch) {
	add := func(p, rank int64) {
		if parents != nil {
			parents.AppendInt(p)
		}
		if ranks != nil {
			ranks.AppendInt(rank)
		}
	}
	mark := sc.Mark()
	defer sc.Release(mark)
	bounds := sc.Vec(column.Int)
	for i := 0; i < rows.N; {
		end := rows.run(i)
		if s.Order != nil {
			end = i + 1
		}
		p, rank := s.Family.Parent(s.childOf(rows.At(i)))
		if end-i <= fewRows {
			add(p, rank)
			i++
			continue
		}
		last, _ := s.Family.Parent(rows.At(end - 1))
		if last-p > int64(4*(end-i)) { // most parents have no rows
			for ; i < end; i++ {
				add(s.Family.Parent(rows.At(i)))
			}
			continue
		}
		bounds.Ints = s.Family.Bounds(bounds.Ints[:0], p, last+1)
		for k := range len(bounds.Ints) - 1 {
			first := bounds.Ints[k]
			for ; i < end && rows.At(i) < bounds.Ints[k+1]; i++ {
				add(p+int64(k), rows.At(i)-first)
			}
		}
	}
}

// Families appends, for each of the parents, the number of its first child and how many it has: Row gives the rows.
func (s *Siblings) Families(parents Rows, firsts, counts *column.Vec, sc *Scratch) {
	mark := sc.Mark()
	defer sc.Release(mark)
	bounds := sc.Vec(column.Int)
	for i := 0; i < parents.N; {
		end := parents.run(i)
		if end-i <= fewRows {
			first, n := s.Family.Children(parents.At(i))
			firsts.AppendInt(first)
			counts.AppendInt(n)
			i++
			continue
		}
		bounds.Ints = s.Family.Bounds(bounds.Ints[:0], parents.At(i), parents.At(end-1)+1)
		for k := range end - i {
			firsts.AppendInt(bounds.Ints[k])
			counts.AppendInt(bounds.Ints[k+1] - bounds.Ints[k])
		}
		i = end
	}
}

// SiblingsOf gives the Siblings that the rows of a reference are; nil where nobody can ask its parents for their rows.
func SiblingsOf(f Filler) *Siblings {
	if r, ok := f.(*reference); ok && r.split != nil {
		out := &Siblings{Family: r.split, Order: &r.order, Least: r.per.Min, Most: min(r.per.Max, r.rows)}
		if r.per.Together {
			out.Order = nil
		}
		return out
	}
	if m, ok := f.(*member); ok {
		return m.of
	}
	return nil
}

// Members gives the Filler of the parents' row numbers of Siblings that lie in the parents' order. text says how many
// there are.
func Members(of *Siblings, text string) Filler { return &member{of, text} }

type member struct {
	of   *Siblings
	text string
}

func (f *member) Kind() column.Kind { return column.Int }
func (f *member) Facts() Facts      { return Facts{Unbounded: true} }
func (f *member) String() string    { return f.text }
func (f *member) Fill(dst *column.Vec, s *Span) error {
	f.of.Places(s.Rows, dst, nil, s.Scratch)
	return nil
}

// Distinct implements Distinct.
func (f *member) Distinct() bool { return f.of.Most <= 1 }
