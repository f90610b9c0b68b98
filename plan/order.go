package plan

import (
	"slices"

	"github.com/sowerdata/sower/schema"
)

// sort puts parents before children, in the blueprint's order where that is free. Tables that refer to
// one another in a circle are the strongly connected components of the graph of parents, found by Tarjan's
// algorithm ("Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972), which gives
// them with the parents' components first. They form a unit. The cells of its rows need no order: a
// reference reads key cells alone, which compile proves to depend on no circle.
func (p *Plan) sort() {
	p.Tables = p.sorted()
}

// cellOrder gives the tables in an order in which those come first whose cells others may have to look at.
func (b *builder) cellOrder() []*Table {
	if !b.matching {
		return b.plan.Tables
	}
	return b.plan.sorted()
}

func (p *Plan) sorted() (out []*Table) {
	s := &components{index: map[*Table]int{}, low: map[*Table]int{}, open: map[*Table]bool{}, awaited: p.awaited()}
	for _, t := range p.Tables {
		if s.index[t] == 0 {
			s.visit(t)
		}
	}
	place := map[*Table]int{}
	for i, t := range p.Tables {
		place[t] = i
	}
	for i, unit := range s.found {
		slices.SortFunc(unit, func(a, b *Table) int { return place[a] - place[b] })
		for _, t := range fewestFirst(unit) {
			t.Unit = i
			out = append(out, t)
		}
	}
	return out
}

// components are the strongly connected components of the tables that were visited.
type components struct {
	index map[*Table]int // in the order of visits, from 1
	low   map[*Table]int // least index that is reached
	open  map[*Table]bool
	stack []*Table
	found [][]*Table

	awaited map[*Table][]*Table
}

func (s *components) visit(t *Table) {
	s.index[t] = len(s.index) + 1
	s.low[t] = s.index[t]
	s.open[t] = true
	s.stack = append(s.stack, t)
	for _, parent := range slices.Concat(t.Parents, s.awaited[t]) {
		switch {
		case s.index[parent] == 0:
			s.visit(parent)
			s.low[t] = min(s.low[t], s.low[parent])
		case s.open[parent]:
			s.low[t] = min(s.low[t], s.index[parent])
		}
	}
	if s.low[t] < s.index[t] {
		return
	}
	at := slices.Index(s.stack, t)
	unit := slices.Clone(s.stack[at:])
	s.stack = s.stack[:at]
	for _, u := range unit {
		s.open[u] = false
	}
	s.found = append(s.found, unit)
}

// OneByOne tells whether the batches of a table are loaded one after another: its rows refer to earlier ones of it, or its
// triggers may look at these.
func (t *Table) OneByOne() bool {
	return t.Sequential || t.Schema != nil && slices.ContainsFunc(t.Schema.Triggers, func(g *schema.Trigger) bool {
		return !g.Disabled && g.Row && g.Code != nil && g.Code.Names(t.Schema.Name)
	})
}

// fewestFirst orders the tables of a unit: each time the one with the fewest parents that are still to
// come, so that few references lead forward.
func fewestFirst(unit []*Table) []*Table {
	left := slices.Clone(unit)
	out := make([]*Table, 0, len(unit))
	for len(left) > 0 {
		at, fewest := 0, len(unit)
		for i, t := range left {
			n := 0
			for _, parent := range t.Parents {
				if slices.Contains(left, parent) {
					n++
				}
			}
			if n < fewest {
				at, fewest = i, n
			}
		}
		out = append(out, left[at])
		left = slices.Delete(left, at, at+1)
	}
	return out
}

// Units gives the tables in the order of loading, those together that refer to one another in a circle:
// their foreign keys hold only once all of them are loaded; or that triggers which fire at commit want together. Most units
// are of one table. A table that
// refers to itself alone is Sequential, and a unit of its own.
func (p *Plan) Units() [][]*Table {
	var out [][]*Table
	for i, t := range p.Tables {
		if i == 0 || p.Tables[i-1].Unit != t.Unit {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], t)
	}
	return out
}
