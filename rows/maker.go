package rows

import (
	"fmt"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

// Maker makes rows. It keeps the memory of the last batch for the next one, and belongs to one
// goroutine.
type Maker struct {
	free    []*frame
	used    []*frame
	vecs    []*column.Vec
	lent    int
	ints    []*[]int64
	intsOut int
	scratch gen.Scratch
	batch   column.Batch

	evaluators map[*check.Program]*check.Evaluator
	folds      map[*plan.Fold]*foldCache
}

// Batch makes n rows of t from row first on: the cells of cols, in their order. The batch is valid
// until the next call.
func (m *Maker) Batch(t *plan.Table, cols []*plan.Column, first int64, n int) (*column.Batch, error) {
	return m.make(t, cols, gen.Rows{First: first, N: n})
}

// Rows makes the rows of t with the given numbers, in their order. The batch's First is the first of
// them.
func (m *Maker) Rows(t *plan.Table, cols []*plan.Column, rows []int64) (*column.Batch, error) {
	return m.make(t, cols, gen.Rows{List: rows, N: len(rows)})
}

func (m *Maker) make(t *plan.Table, cols []*plan.Column, r gen.Rows) (*column.Batch, error) {
	if err := within(t, r); err != nil {
		return nil, err
	}
	for _, c := range cols {
		if c.Table != t {
			return nil, fmt.Errorf("%s.%s is no column of %s", c.Table.Name, c.Name, t.Name)
		}
	}
	m.reset()
	b := &m.batch
	b.N, b.First = r.N, 0
	if r.N > 0 {
		b.First = r.At(0)
	}
	b.Names, b.Vecs = b.Names[:0], b.Vecs[:0]
	f := m.frame(t, r)
	for _, c := range cols {
		v, err := f.cells(c)
		if err != nil {
			return nil, err
		}
		b.Names = append(b.Names, c.Name)
		b.Vecs = append(b.Vecs, v)
	}
	return b, nil
}

// reset takes back the memory of the last batch.
func (m *Maker) reset() {
	m.free = append(m.free, m.used...)
	m.used, m.lent, m.intsOut = m.used[:0], 0, 0
}

// within checks that the rows are rows of the table.
func within(t *plan.Table, r gen.Rows) error {
	if r.N < 0 {
		return fmt.Errorf("%s: a batch of %d rows", t.Name, r.N)
	}
	for i := range r.N {
		if row := r.At(i); row < 0 || row >= t.Rows {
			return fmt.Errorf("%s has no row %d: its rows are 0 to %d", t.Name, row, t.Rows-1)
		}
		if r.List == nil && i == 0 && r.At(r.N-1) < t.Rows {
			break
		}
	}
	return nil
}

// vecOf lends an empty vector for a column's cells.
func (m *Maker) vecOf(c *plan.Column) *column.Vec {
	v := m.lend()
	v.Reset(c.Kind)
	v.Single = c.Single
	return v
}

// lend lends a vector, to be reset.
func (m *Maker) lend() *column.Vec {
	if m.lent == len(m.vecs) {
		m.vecs = append(m.vecs, new(column.Vec))
	}
	m.lent++
	return m.vecs[m.lent-1]
}

// intList lends an empty list of row numbers.
func (m *Maker) intList() *[]int64 {
	if m.intsOut == len(m.ints) {
		m.ints = append(m.ints, new([]int64))
	}
	p := m.ints[m.intsOut]
	m.intsOut++
	*p = (*p)[:0]
	return p
}
