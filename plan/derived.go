package plan

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
)

// mostProved is how many rows of a column are looked at, all of them, to see whether cells that are computed from others
// differ from one another: 8 to 16 bytes of memory each, as long as the plan is made.
const mostProved = 1 << 22

// derived tells whether a column's cells in a node are computed from others of the row alone, so that they are distinct if
// these are and the computation keeps them apart: that is seen once the plan is whole.
func (b *builder) derived(c *Column, n *Node, f gen.Filler) bool {
	if ix, ok := f.(gen.Indexed); ok && ix.Card() > 0 || len(n.Inputs) == 0 || f.Facts().Drawn || b.plan.options.Scan == nil || c.Table.Rows > mostProved {
		return false
	}
	if d, ok := f.(gen.Distinct); ok && d.Distinct() {
		return false
	}
	n.distinct, n.derived = true, true
	return true
}

// derivedSet tells whether a column of a set is computed from other cells, so that rows may be distinct in the set by
// that: it is seen once the plan is whole.
func (b *builder) derivedSet(s *together) bool {
	if s.index != "" || s.pair != nil || len(s.table.Parts) > 1 || b.plan.options.Scan == nil || s.table.Rows > mostProved {
		return false
	}
	computed := func(c *Column) bool {
		n := c.Nodes[0]
		return c.Link == nil && len(c.fixed) == 0 && len(n.Inputs) > 0 && !n.copies() && !n.Fill.Facts().Drawn
	}
	if !slices.ContainsFunc(s.columns, computed) {
		return false
	}
	b.derivedSets = append(b.derivedSets, s)
	return true
}

// proveSets looks at all cells of columns that must be distinct together, where some are computed from others.
func (b *builder) proveSets() {
	if b.reads != nil || len(b.problems) > 0 {
		return
	}
	for _, s := range b.derivedSets {
		var inputs []Input
		for _, c := range s.columns {
			inputs = append(inputs, Input{Column: c})
		}
		seen := make(map[uint64]int64, s.table.Rows)
		var twice [2]int64
		err := b.plan.options.Scan(s.table, inputs, func(first int64, cells []*column.Vec) error {
			for i := range cells[0].Len() {
				var key []byte
				null := false
				for _, v := range cells {
					if null = null || v.Null(i); !null {
						key = binary.LittleEndian.AppendUint64(key, hashCell(v, i))
					}
				}
				if null {
					continue
				}
				h := xxhash.Sum64(key)
				if was, ok := seen[h]; ok {
					twice = [2]int64{was, first + int64(i)}
					return errEnough
				}
				seen[h] = first + int64(i)
			}
			return nil
		})
		if err != nil && twice[1] > 0 {
			p := b.problemIn(s.table, s.at, "let the cells that they are made from be distinct", "%s: rows must be distinct in (%s) together, and rows %d and %d are the same there",
				s.table.Name, s.list(), twice[0], twice[1])
			p.Cause = &blueprint.Cause{Kind: blueprint.SameTwice, Columns: s.names}
		}
	}
}

// proveDerived looks at all cells of columns that must be distinct and are computed from others.
func (b *builder) proveDerived(t *Table) {
	if b.reads != nil || len(b.problems) > 0 {
		return
	}
	for _, c := range t.Columns {
		var made []string // from which columns
		by := ""
		for _, n := range c.Nodes {
			if n != nil && n.derived {
				by = n.Fill.String()
				for _, in := range n.Inputs {
					if len(in.Links) == 0 {
						made = append(made, in.Column.Name)
					}
				}
			}
		}
		if by == "" {
			continue
		}
		seen := make(map[uint64]int64, t.Rows)
		var twice [2]int64
		err := b.plan.options.Scan(t, []Input{{Column: c}}, func(first int64, cells []*column.Vec) error {
			for i := range cells[0].Len() {
				if cells[0].Null(i) {
					continue
				}
				h := hashCell(cells[0], i)
				if was, ok := seen[h]; ok {
					twice = [2]int64{was, first + int64(i)}
					return errEnough
				}
				seen[h] = first + int64(i)
			}
			return nil
		})
		if err != nil && twice[1] > 0 {
			const advice = "let the cells that it is made from be distinct"
			p := b.problemOn(c, c.pos(), advice, "%s.%s must be unique, and its cells (%s) are the same in rows %d and %d", t.Name, c.Name, by, twice[0], twice[1])
			p.Cause = &blueprint.Cause{Kind: blueprint.SameTwice, Columns: made}
		}
	}
}

// hashCell gives a number that different cells hardly share.
func hashCell(v *column.Vec, i int) uint64 {
	if v.Kind.Integer() || v.Kind == column.Decimal {
		return xxhash.Sum64(binary.LittleEndian.AppendUint64(nil, uint64(v.Ints[i])))
	}
	return xxhash.Sum64String(fmt.Sprintf("%d %s", v.Kind, v.String(i)))
}
