package rows

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

const (
	// foldRows are as many rows of the other table as are made at once.
	foldRows = 1 << 12
	// foldKept are as many sums of a Fold as a Maker keeps, and foldLarge the rows of those that are worth it: else a
	// parent of k rows each of which reads its sum would cost k^2.
	foldKept, foldLarge = 1 << 10, 64
)

// foldCache holds the sums of some parents.
type foldCache struct {
	revision int64
	at       map[int64]int // parent -> index in sums
	sums     column.Vec
}

// fold gives what a node sums up for each row of the frame.
func (f *frame) fold(c *plan.Column, x *plan.Fold) (*column.Vec, error) {
	if f.depth > deepest {
		return nil, fmt.Errorf("%s.%s: cells that it sums up depend on themselves", c.Table.Name, c.Name)
	}
	out := f.sums(x)
	if f.rows.List == nil || ascending(f.rows.List) {
		return out, f.foldRows(x, f.rows, out)
	}
	// Rows that were reached through links come in any order, and more than once.
	list := f.m.intList()
	*list = append(*list, f.rows.List...)
	slices.Sort(*list)
	*list = slices.Compact(*list)
	each := f.sums(x)
	if err := f.foldKept(x, *list, each); err != nil {
		return nil, err
	}
	out.Scale, out.Single = each.Scale, each.Single
	for _, row := range f.rows.List {
		at, _ := slices.BinarySearch(*list, row)
		out.AppendCell(each, at)
	}
	return out, nil
}

// sums lends an empty vector for the sums of a fold.
func (f *frame) sums(x *plan.Fold) *column.Vec {
	v := f.m.lend()
	v.Reset(x.Folder.Kind())
	return v
}

func ascending(list []int64) bool {
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			return false
		}
	}
	return true
}

// foldKept appends the sums of rows, in ascending order, to out: those of large families are kept for the next call.
func (f *frame) foldKept(x *plan.Fold, list []int64, out *column.Vec) error {
	if x.Among().Most < foldLarge {
		return f.foldRows(x, gen.Rows{N: len(list), List: list}, out)
	}
	cache := f.m.cacheOf(x, f.table.Revision())
	missing := f.m.intList()
	for _, row := range list {
		if _, ok := cache.at[row]; !ok {
			*missing = append(*missing, row)
		}
	}
	made := f.sums(x)
	if err := f.foldRows(x, gen.Rows{N: len(*missing), List: *missing}, made); err != nil {
		return err
	}
	out.Scale, out.Single = made.Scale, made.Single
	next := 0
	for _, row := range list {
		if next < len(*missing) && (*missing)[next] == row {
			out.AppendCell(made, next)
			next++
			continue
		}
		out.Scale, out.Single = cache.sums.Scale, cache.sums.Single
		out.AppendCell(&cache.sums, cache.at[row])
	}
	if len(cache.at)+len(*missing) > foldKept {
		cache.reset(made)
	}
	for i, row := range (*missing)[:min(len(*missing), foldKept)] {
		if len(cache.at) == 0 {
			cache.reset(made)
		}
		cache.at[row] = cache.sums.Len()
		cache.sums.AppendCell(made, i)
	}
	return nil
}

// reset empties the cache, for sums like those of v.
func (c *foldCache) reset(v *column.Vec) {
	clear(c.at)
	c.sums.ResetAs(v)
}

// cacheOf gives the Maker's cache of a fold, as of a revision of the plan.
func (m *Maker) cacheOf(x *plan.Fold, revision int64) *foldCache {
	c := m.folds[x]
	if c == nil {
		c = &foldCache{at: map[int64]int{}}
		if m.folds == nil {
			m.folds = map[*plan.Fold]*foldCache{}
		}
		m.folds[x] = c
	}
	if c.revision != revision {
		c.revision = revision
		clear(c.at)
	}
	return c
}

// families are those of the frame's rows: the number of each one's first child and how many it has.
type families struct {
	of            *gen.Siblings
	first         int64 // row number of the first of all
	firsts, sizes []int64
	at            int   // the family that comes next
	done          int64 // children of it that came already
}

// take appends the next children's rows, at most n of them, to list. next is where it goes on.
func (s *families) take(n int, list []int64) (rows []int64, next families) {
	next = *s
	for next.at < len(next.sizes) && n > 0 {
		size := min(next.sizes[next.at]-next.done, int64(n))
		for k := range size {
			list = append(list, next.first+next.of.Row(next.firsts[next.at], next.done+k))
		}
		n -= int(size)
		if next.done += size; next.done == next.sizes[next.at] {
			next.at, next.done = next.at+1, 0
		}
	}
	return list, next
}

// foldRows appends the sums of rows to out, a bounded number of children at a time.
func (f *frame) foldRows(x *plan.Fold, rows gen.Rows, out *column.Vec) error {
	m := f.m
	at := m.scratch.Mark()
	defer m.scratch.Release(at)
	firsts, sizes := m.scratch.Vec(column.Int), m.scratch.Vec(column.Int)
	among := x.Among()
	if among == nil {
		return fmt.Errorf("the rows of %s are not known from their parents", x.Child.Name)
	}
	among.Families(rows, firsts, sizes, &m.scratch)
	s := families{of: among, first: x.First(), firsts: firsts.Ints, sizes: sizes.Ints}
	sum := x.Folder.NewFold()
	list := m.intList()
	for s.at < len(s.sizes) {
		mark := m.mark()
		var next families
		*list, next = s.take(foldRows, (*list)[:0])
		cells, where, err := f.children(x, *list)
		if err != nil {
			return err
		}
		i := 0
		for s.at < next.at || s.at == next.at && s.done < next.done {
			end := s.sizes[s.at]
			if s.at == next.at {
				end = next.done
			}
			for ; s.done < end; s.done++ {
				if where == nil || !where.Null(i) && where.Bool(i) {
					sum.Add(cells, i)
				}
				i++
			}
			if s.at == next.at {
				break
			}
			if err := sum.Append(out); err != nil {
				return fmt.Errorf("row %d: %w", rows.At(s.at), err)
			}
			s.at, s.done = s.at+1, 0
		}
		m.release(mark)
	}
	return nil
}

// children gives the cells that a fold reads of some rows of its table.
func (f *frame) children(x *plan.Fold, list []int64) (cells, where *column.Vec, err error) {
	rows := gen.Rows{N: len(list), List: list}
	if n := len(list); n > 0 && list[n-1]-list[0] == int64(n-1) && ascending(list) {
		rows = gen.Rows{First: list[0], N: n}
	}
	sub := f.m.frame(x.Child, rows)
	sub.depth = f.depth + 1
	if x.Cell != nil {
		if cells, err = sub.cells(x.Cell); err != nil {
			return nil, nil, err
		}
	}
	if x.Where != nil {
		where, err = sub.cells(x.Where)
	}
	return cells, where, err
}
