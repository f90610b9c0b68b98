package rows

import (
	"fmt"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/plan"
)

// Prove makes the cells of a guard's columns in some rows. The error names a row that no attempt
// satisfies. It is a plan.Prove.
func Prove(g *plan.Guard, rows []int64) error {
	var m Maker
	return m.frame(g.Table, gen.Rows{List: rows, N: len(rows)}).guarded(g)
}

// guarded fills all columns of a guard: the rows are drawn, held against the checks, and those for which a
// check is false are drawn again, until none is left.
func (f *frame) guarded(g *plan.Guard) error {
	first := f.draw(g, f.rows, 0)
	for i, v := range f.vecs { // what is known of the same rows already
		if v != nil && f.table.Columns[i].Guard != g {
			first.vecs[i] = v
		}
	}
	drawn, err := first.columns(g)
	if err != nil {
		return err
	}
	left, _, err := first.fails(g)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		for k, c := range g.Columns {
			f.vecs[c.Index] = drawn[k]
		}
		return nil
	}
	return f.again(g, drawn, left)
}

// again draws the rows that are left with one attempt after the other, and puts the cells that hold in the place
// of those drawn first.
func (f *frame) again(g *plan.Guard, drawn []*column.Vec, left []int) error {
	held := make([]*column.Vec, len(g.Columns)) // cells that hold, in the order in which they were found
	final := make([]*column.Vec, len(g.Columns))
	for k, c := range g.Columns {
		held[k], final[k] = f.m.vecOf(c), f.m.vecOf(c)
	}
	at := make([]int, f.rows.N) // of each row: its place in held, counted from 1
	list := make([]int64, 0, len(left))
	for attempt := uint32(1); len(left) > 0; attempt++ {
		if attempt >= 32 && attempt&(attempt-1) == 0 && len(left) > 1 {
			// Where no draw of the first row holds, the others need not be drawn as often to say so.
			if err := f.alone(g, f.rows.At(left[0]), attempt); err != nil {
				return err
			}
		}
		mark := f.m.mark()
		list = list[:0]
		for _, i := range left {
			list = append(list, f.rows.At(i))
		}
		sub := f.draw(g, gen.Rows{List: list, N: len(list)}, attempt)
		cells, err := sub.columns(g)
		if err != nil {
			return fmt.Errorf("%s row %d: to satisfy %s, %s was drawn again: %w", f.table.Name, list[0], g.Names(), g.Redraw(), err)
		}
		fails, why, err := sub.fails(g)
		if err != nil {
			return err
		}
		if attempt == plan.MostAttempts && len(fails) > 0 {
			return &plan.NoDraw{Guard: g, Row: list[fails[0]], Attempts: attempt, Check: why}
		}
		var still []int
		for i, row := range left {
			if len(fails) > 0 && fails[0] == i {
				still, fails = append(still, row), fails[1:]
				continue
			}
			for k, v := range cells {
				held[k].Scale = v.Scale
				held[k].AppendCell(v, i)
			}
			at[row] = held[0].Len()
		}
		left = still
		f.m.release(mark)
	}
	for k, c := range g.Columns {
		final[k].Scale = drawn[k].Scale
		for i, place := range at {
			if place > 0 {
				final[k].AppendCell(held[k], place-1)
			} else {
				final[k].AppendCell(drawn[k], i)
			}
		}
		f.vecs[c.Index] = final[k]
	}
	return nil
}

// alone looks for an attempt, from a first one on, that holds for a row; the error is a plan.NoDraw where there is none.
func (f *frame) alone(g *plan.Guard, row int64, from uint32) error {
	for attempt := from; ; attempt++ {
		mark := f.m.mark()
		fails, why, err := f.draw(g, gen.Rows{List: []int64{row}, N: 1}, attempt).fails(g)
		f.m.release(mark)
		switch {
		case err != nil || len(fails) == 0:
			return nil // what is drawn with all others says it, with its place
		case attempt == plan.MostAttempts:
			return &plan.NoDraw{Guard: g, Row: row, Attempts: attempt, Check: why}
		}
	}
}

// draw makes a frame of rows whose guarded columns are drawn with one attempt, whatever the checks say.
func (f *frame) draw(g *plan.Guard, r gen.Rows, attempt uint32) *frame {
	sub := f.ofRows(r)
	sub.guard, sub.attempt = g, attempt
	return sub
}

// columns gives the cells of all of a guard's columns.
func (f *frame) columns(g *plan.Guard) ([]*column.Vec, error) {
	out := make([]*column.Vec, len(g.Columns))
	for k, c := range g.Columns {
		v, err := f.cells(c)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

// fails gives the indexes of the rows that violate a check, in order, and the check that the first one
// does. A row for which a check cannot be told counts as one.
func (f *frame) fails(g *plan.Guard) (rows []int, why *plan.GuardCheck, err error) {
	type judge struct {
		of    *plan.GuardCheck
		eval  *check.Evaluator
		cells []*column.Vec
	}
	var judges []judge
	for _, k := range g.Checks {
		for p, program := range k.Programs {
			j := judge{of: k, eval: f.m.evaluator(program)}
			for _, c := range k.Inputs[p] {
				v, err := f.cells(c)
				if err != nil {
					return nil, nil, err
				}
				j.cells = append(j.cells, v)
			}
			judges = append(judges, j)
		}
	}
	for i := range f.rows.N {
		for _, j := range judges {
			t, err := j.eval.Eval(j.cells, i)
			if err == nil && t != check.False {
				continue
			}
			if !g.Judges(f.rows.At(i)) {
				break
			}
			if !j.of.Judges(f.rows.At(i)) {
				continue
			}
			if rows == nil {
				why = j.of
			}
			rows = append(rows, i)
			break
		}
	}
	return rows, why, nil
}

// evaluator gives the Maker's evaluator of a program.
func (m *Maker) evaluator(p *check.Program) *check.Evaluator {
	e := m.evaluators[p]
	if e == nil {
		if m.evaluators == nil {
			m.evaluators = map[*check.Program]*check.Evaluator{}
		}
		e = p.Evaluator()
		m.evaluators[p] = e
	}
	return e
}

// memory is how much of a Maker's memory is lent.
type memory struct{ vecs, ints, frames int }

func (m *Maker) mark() memory { return memory{m.lent, m.intsOut, len(m.used)} }

// release takes back what was lent since mark.
func (m *Maker) release(to memory) {
	m.free = append(m.free, m.used[to.frames:]...)
	m.used, m.lent, m.intsOut = m.used[:to.frames], to.vecs, to.ints
}

// drawAgain gives the attempt that a frame adds to a column's own.
func (f *frame) drawAgain(c *plan.Column) uint32 {
	if f.guard == nil || f.attempt == 0 || !f.guard.Draws(c) {
		return 0
	}
	return f.attempt
}
