package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// exactReferences refuses exact numbers of rows for a parent's row that the row which refers cannot name: the cells that
// it holds of it stand in several rows of the parent, as one column of a key of several does.
func (b *builder) exactReferences(t *Table) {
	if b.plan.options.Scan == nil || b.reads != nil || len(b.problems) > 0 {
		return
	}
	for _, c := range t.Columns {
		if c.Spec == nil || c.state != compiled {
			continue
		}
		for i, n := range c.Nodes {
			if i > 0 && n == c.Nodes[0] || len(n.Inputs) != 1 || len(n.Inputs[0].Links) != 1 {
				continue
			}
			link := n.Inputs[0].Links[0]
			_, parents := countsOf(n.Fill, 0)
			held := t.heldOf(link, i)
			if len(parents) == 0 || link.Target.toldBy(parentColumns(held)) {
				continue
			}
			for _, p := range parents {
				if same := b.alike(link.Target, parentColumns(held), p.Row); same > 1 {
					b.problemOn(c, c.pos(), "hold the other columns of its key too, as in {cell: "+c.Name+"...}",
						"%s.%s: exact: %s is one of %d rows of %s with the same %s, so that nothing tells which rows refer to it",
						t.Name, c.Name, p.Name, same, link.Target.Name, strings.Join(Names(parentColumns(held)), ", "))
				}
			}
		}
	}
}

// held is a column that holds a cell of the parent's row that a link leads to.
type held struct{ column, of *Column }

func parentColumns(all []held) (out []*Column) {
	for _, h := range all {
		if !slices.Contains(out, h.of) {
			out = append(out, h.of)
		}
	}
	return out
}

// heldOf gives the columns of a table, in a part, that hold cells of the row which a link leads to: those of its keys.
func (t *Table) heldOf(link *Column, part int) (out []held) {
	for _, c := range t.Columns {
		if c.Spec == nil || c.Spec.Virtual || c.state != compiled {
			continue
		}
		v, ok := t.view(Input{Column: c}, part)
		if ok && v.link == link && len(v.in.Links) == 0 && (v.in.Column.Unique || link.Target.partOfKey(v.in.Column.Name)) {
			out = append(out, held{c, v.in.Column})
		}
	}
	return out
}

// alike counts the rows of a table that have the same in some columns as one of them; 0 where they cannot be made.
func (b *builder) alike(t *Table, columns []*Column, row int64) (same int) {
	read := make([]Input, len(columns))
	for i, c := range columns {
		read[i] = Input{Column: c}
	}
	var want []*column.Vec
	err := b.plan.options.Scan(t, read, func(first int64, cells []*column.Vec) error {
		if row >= first+int64(cells[0].Len()) {
			return nil
		}
		for _, v := range cells {
			w := new(column.Vec)
			w.ResetAs(v)
			w.AppendCell(v, int(row-first))
			want = append(want, w)
		}
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		return 0 // which is told where the rows are made
	}
	err = b.plan.options.Scan(t, read, func(_ int64, cells []*column.Vec) error {
		for i := range cells[0].Len() {
			equal := true
			for k, w := range want {
				equal = equal && cells[k].Equal(i, w, 0)
			}
			if equal {
				same++
			}
		}
		return nil
	})
	if err != nil {
		return 0
	}
	return same
}
