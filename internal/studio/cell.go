package studio

import (
	"context"
	"fmt"
	"time"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// Cell makes one cell, and the cells that it is made from.
func (w *Workbench) Cell(table string, row int64, name string) (*Cell, error) {
	p, err := w.current()
	if err != nil {
		return nil, err
	}
	t, err := p.made(table)
	if err != nil {
		return nil, err
	}
	c, err := columnNamed(t, name)
	if err != nil {
		return nil, err
	}
	out := &Cell{Shown: p.at, Table: table, Row: row, Column: name, Inputs: []Input{}}
	if out.Value, err = cellOf(c, row); err != nil {
		return nil, err
	}
	part := t.PartOf(row)
	if len(t.Parts) > 1 {
		out.Part = shown.Text(t.Parts[part].Name)
	}
	node := c.Nodes[part]
	out.Generator = shown.Text(node.Fill.String())
	if c.FixedCell(row) != nil {
		out.Generator = "given by the blueprint"
		return out, nil
	}
	if c.Guard != nil {
		out.Held = shown.Text(c.Guard.Names())
	}
	for _, in := range node.Inputs {
		x, err := inputOf(t, row, in)
		if err != nil {
			return nil, err
		}
		out.Inputs = append(out.Inputs, x)
	}
	return out, nil
}

// inputOf follows the way to an input. Where it leads to many rows, those that are summed up, no single one is named.
func inputOf(t *plan.Table, row int64, in plan.Input) (Input, error) {
	c := in.Column
	out := Input{Table: shown.Text(c.Table.Name), Row: -1, Column: shown.Text(c.Name)}
	at := t
	for _, link := range in.Links {
		if link.Table != at {
			return out, nil
		}
		parent, err := parentOf(link, row)
		if err != nil || parent < 0 {
			return out, err
		}
		at, row = link.Target, parent
	}
	if c.Table != at {
		return out, nil
	}
	if c.Target != nil { // the row of a parent
		parent, err := parentOf(c, row)
		out.Table, out.Row, out.Column = shown.Text(c.Target.Name), parent, ""
		return out, err
	}
	var err error
	out.Row = row
	out.Value, err = cellOf(c, row)
	return out, err
}

// cellOf makes one cell.
func cellOf(c *plan.Column, row int64) (*string, error) {
	var m rows.Maker
	b, err := m.Rows(c.Table, []*plan.Column{c}, []int64{row})
	if err != nil {
		return nil, err
	}
	return cell(b.Vecs[0], 0), nil
}

// parentOf gives the row of the parent that a row refers to; -1 for none.
func parentOf(link *plan.Column, row int64) (int64, error) {
	var m rows.Maker
	b, err := m.Rows(link.Table, []*plan.Column{link}, []int64{row})
	if err != nil || b.Vecs[0].Null(0) {
		return -1, err
	}
	return b.Vecs[0].Ints[0], nil
}

const (
	mostChildren = 100                    // that one request gives
	searchTime   = 400 * time.Millisecond // of one request
	searchBatch  = 10_000
)

// Children gives rows of the table child that refer to a row by a column: those that are known from their parent at
// once, and of all others those that are found within some time, from the row first on.
func (w *Workbench) Children(ctx context.Context, table string, row int64, child, column string, first int64) (*Children, error) {
	p, err := w.current()
	if err != nil {
		return nil, err
	}
	parent := p.table(table)
	t, err := p.made(child)
	if err != nil {
		return nil, err
	}
	c, err := columnNamed(t, column)
	if err != nil {
		return nil, err
	}
	if parent == nil || c.Link == nil || c.Link.Target != parent || c.Link.Table != t {
		return nil, fmt.Errorf("%s.%s does not refer to %s", child, column, table)
	}
	if row < 0 || row >= parent.Rows {
		return nil, fmt.Errorf("%s has no row %d", table, row)
	}
	s := &search{ctx: ctx, link: c.Link, parent: row, out: &Children{Table: child, Column: column, Rows: []int64{}, Of: t.Rows}}
	if err := s.all(max(first, 0)); err != nil {
		return nil, err
	}
	return s.out, nil
}

// search looks for the rows that refer to one of a parent.
type search struct {
	ctx    context.Context
	link   *plan.Column
	parent int64
	out    *Children
	maker  rows.Maker
}

func (s *search) all(first int64) error {
	t, ended := s.link.Table, time.Now().Add(searchTime)
	s.out.Searched = first
	for _, part := range t.Parts {
		end := part.First + part.Rows
		if first >= end {
			continue
		}
		first = max(first, part.First)
		if list, ok := s.known(part); ok {
			if err := s.keep(list, first); err != nil {
				return err
			}
			first = end
		}
		for first < end && len(s.out.Rows) < mostChildren && time.Now().Before(ended) && s.ctx.Err() == nil {
			n := min(searchBatch, end-first)
			b, err := s.maker.Batch(t, []*plan.Column{s.link}, first, int(n))
			if err != nil {
				return err
			}
			s.take(b.Vecs[0].Ints, func(i int) bool { return b.Vecs[0].Null(i) }, func(i int) int64 { return first + int64(i) }, b.N)
			first += n
		}
		s.out.Searched = first
		if first < end {
			return s.ctx.Err()
		}
	}
	return nil
}

// take keeps the rows that refer to the parent.
func (s *search) take(parents []int64, null func(int) bool, row func(int) int64, n int) {
	for i := range n {
		if !null(i) && parents[i] == s.parent {
			s.out.Rows = append(s.out.Rows, row(i))
		}
	}
}

// known gives the rows of a part that there are for each row of the parent; false where the part is made otherwise.
func (s *search) known(part *plan.Part) ([]int64, bool) {
	if part.Each != s.link.Target {
		return nil, false
	}
	if part.Among == nil {
		return []int64{part.First + s.parent}, true
	}
	first, n := part.Among.Family.Children(s.parent)
	list := make([]int64, min(n, mostChildren))
	for i := range list {
		list[i] = part.First + part.Among.Row(first, int64(i))
	}
	return list, true
}

// keep keeps those rows that refer to the parent by this link: a table may refer to the other one by several.
func (s *search) keep(list []int64, first int64) error {
	b, err := s.maker.Rows(s.link.Table, []*plan.Column{s.link}, list)
	if err != nil {
		return err
	}
	parents := b.Vecs[0]
	s.take(parents.Ints, func(i int) bool { return parents.Null(i) || list[i] < first }, func(i int) int64 { return list[i] }, b.N)
	return nil
}
