package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/check"
	"github.com/sowerdata/sower/schema"
)

// partitionsOf begins the name of the condition that a row falls into a partition of a table.
const partitionsOf = "partitions of "

// leaves are conditions of rows that partitions of a table take, one for each partition without partitions of its own.
type leaves struct {
	usual []leaf // of partitions with bounds
	rest  []leaf // of DEFAULT partitions, and of those below
	whole bool   // a DEFAULT partition takes whatever the others do not
	open  bool   // every row has a place, or its place cannot be told
}

// leaf is one of them.
type leaf struct {
	condition string
	within    *schema.Table // the smallest partition that keys refer to which it is or belongs to; nil for none
}

// leavesOf gives the conditions of a partitioned table's partitions. Where all that have a place for rows are DEFAULT ones, these
// count as usual.
func (d *draft) leavesOf(t *schema.Table) (out leaves) {
	for _, p := range d.index.Partitions(t) {
		if !d.hasPlace(p) {
			continue
		}
		if p.Partition.Strategy == "hash" || p.Partition.Condition == "" {
			return leaves{open: true}
		}
		below := leaves{open: true}
		if p.Partitioned && d.db.HasPlace(p) {
			below = d.leavesOf(p)
		}
		if below.open {
			below.usual = []leaf{{condition: p.Partition.Condition}}
		}
		own := ""
		for _, k := range p.Checks { // a partition may have checks of its own
			if k.Domain == "" && !slices.ContainsFunc(t.Checks, func(o *schema.Check) bool { return o.Name == k.Name }) {
				own += fmt.Sprintf(" AND ((%s) is not false)", k.Expression)
			}
		}
		for _, list := range [][]leaf{below.usual, below.rest} {
			for i := range list {
				list[i].condition = "(" + list[i].condition + ")" + own
				if list[i].within == nil && d.isReferred(p) {
					list[i].within = p
				}
			}
		}
		if p.Partition.Bound == "DEFAULT" {
			out.rest = slices.Concat(out.rest, below.usual, below.rest)
			out.whole = out.whole || own == "" && (below.open || below.whole)
		} else {
			out.usual, out.rest = append(out.usual, below.usual...), append(out.rest, below.rest...)
		}
	}
	if len(out.usual) == 0 {
		out.usual, out.rest = out.rest, nil
		out.open = out.whole
	}
	if len(out.usual) > mostBranches {
		out.usual = joined(out.usual)
	}
	if out.open {
		return leaves{open: true}
	}
	return out
}

// all is true of the rows that fall into any of the partitions; "" where all rows do.
func (p leaves) all() string {
	if p.whole || p.open {
		return ""
	}
	return anyOf(slices.Concat(p.usual, p.rest))
}

func anyOf(list []leaf) string {
	var out []string
	for _, l := range list {
		out = append(out, "("+l.condition+")")
	}
	return strings.Join(out, " OR ")
}

// stretchOfKey is a condition that a column lies in a range.
type stretchOfKey struct {
	column, from, to string // "" for an open end
	loose            bool   // it is another condition
	leaf             leaf
}

// joined puts ranges of one column together where one begins at the end of another.
func joined(list []leaf) (out []leaf) {
	var all []stretchOfKey
	for _, l := range list {
		all = append(all, rangeOf(l))
	}
	for again := true; again; {
		again = false
		for i := range all {
			j := slices.IndexFunc(all, func(o stretchOfKey) bool {
				return !all[i].loose && !o.loose && o.column == all[i].column && o.from != "" && o.from == all[i].to
			})
			if j < 0 || j == i {
				continue
			}
			all[i].to, all[i].leaf, again = all[j].to, leaf{}, true
			all = slices.Delete(all, j, j+1)
			break
		}
	}
	for _, s := range all {
		if s.leaf.condition == "" {
			s.leaf.condition = s.column + " IS NOT NULL"
			if s.from != "" {
				s.leaf.condition += " AND " + s.column + " >= " + s.from
			}
			if s.to != "" {
				s.leaf.condition += " AND " + s.column + " < " + s.to
			}
		}
		out = append(out, s.leaf)
	}
	return out
}

// rangeOf reads the condition of a partition by range of one column.
func rangeOf(l leaf) stretchOfKey {
	out, loose := stretchOfKey{leaf: l}, stretchOfKey{leaf: l, loose: true}
	e, err := check.Parse(l.condition, false)
	if err != nil || l.within != nil {
		return loose
	}
	var read func(e check.Expr) bool
	read = func(e check.Expr) bool {
		var x check.Expr
		switch e := e.(type) {
		case *check.Logic:
			return !e.Or && !slices.ContainsFunc(e.List, func(a check.Expr) bool { return !read(a) })
		case *check.NullTest:
			if x = e.X; !e.Not {
				return false
			}
		case *check.Binary:
			at := map[string]*string{">=": &out.from, "<": &out.to}[e.Op]
			if x = e.L; at == nil || *at != "" || len(check.Columns(e.R)) > 0 {
				return false
			}
			*at = e.R.String()
		default:
			return false
		}
		c, ok := x.(*check.ColumnRef)
		if !ok {
			return false
		}
		name := c.String()
		if out.column != "" && out.column != name {
			return false
		}
		out.column = name
		return true
	}
	if !read(e) {
		return loose
	}
	return out
}

// partitionKeys gives the columns that say in which partition of a table a row is.
func (d *draft) partitionKeys(t *schema.Table) (out []string) {
	all := d.index.Partitions(t)
	if len(all) == 0 {
		return nil
	}
	for _, k := range all[0].Partition.Key {
		if k != "" {
			out = append(out, k)
		}
	}
	for _, p := range all {
		if p.Partitioned {
			for _, k := range d.partitionKeys(p) {
				if !slices.Contains(out, k) {
					out = append(out, k)
				}
			}
		}
	}
	return out
}

// mostDefaults are as many ways to fall into DEFAULT partitions as a table's rows are divided among.
const mostDefaults = 2

// fewOf is the number of rows of a table that fall into a DEFAULT partition.
func fewOf(rows int64) int64 {
	const share = 20 // one in so many
	if rows < 2 {
		return 0
	}
	return max(rows/share, 1)
}

// inDefault gives ways to satisfy the table's checks whose rows fall into DEFAULT partitions.
func (t *table) inDefault() (out []branch) {
	if !t.schema.Partitioned || t.kept != nil || t.spec != nil || t.merged == 1 || t.undivided {
		return nil
	}
	rest := t.draft.leavesOf(t.schema).rest
	if len(rest) == 0 {
		return nil
	}
	for _, g := range grouped(rest) {
		cases, err := check.Solve(t.schema, t.conditionsIn(g), min(len(g), mostDefaults), check.OptionsOf(t.draft.db, lastMoment))
		if err != nil {
			continue
		}
		for _, c := range cases {
			c.Name = "by_default"
			out = append(out, branch{Case: c, few: true, inside: g[0].within})
		}
	}
	return out
}

// fallsInto is the condition that a row falls into one of some partitions.
func (t *table) fallsInto(list []leaf) *check.Check {
	return &check.Check{Name: partitionsOf + t.name, Expression: anyOf(list), Columns: t.draft.partitionKeys(t.schema)}
}

// conditionsIn gives conditions with these partitions in place of the usual ones.
func (t *table) conditionsIn(list []leaf) []*check.Check {
	conditions := t.conditions()
	for i, c := range conditions {
		if strings.HasPrefix(c.Name, partitionsOf) {
			conditions[i] = t.fallsInto(list)
		}
	}
	return conditions
}

// grouped puts leaves together that are within the same partition, among those that keys refer to.
func grouped(list []leaf) (out [][]leaf) {
	for _, l := range list {
		if i := slices.IndexFunc(out, func(g []leaf) bool { return g[0].within == l.within }); i >= 0 {
			out[i] = append(out[i], l)
		} else {
			out = append(out, []leaf{l})
		}
	}
	return out
}

// solved gives the ways to satisfy the table's checks; those for each partition by themselves that keys refer to.
func (t *table) solved() (out []branch, err error) {
	options := check.OptionsOf(t.draft.db, lastMoment)
	groups := grouped(t.draft.leavesOf(t.schema).usual)
	if len(groups) < 2 || t.undivided {
		cases, err := check.Solve(t.schema, t.conditions(), mostBranches, options)
		for _, c := range cases {
			b := branch{Case: c}
			if len(groups) > 0 {
				b.inside = groups[0][0].within
			}
			out = append(out, b)
		}
		return out, err
	}
	for _, g := range groups {
		cases, failed := check.Solve(t.schema, t.conditionsIn(g), mostBranches, options)
		if failed != nil {
			err = failed
		}
		for _, c := range cases {
			if c.Name == "" && g[0].within != nil {
				c.Name = g[0].within.Name
			}
			out = append(out, branch{Case: c, inside: g[0].within})
		}
	}
	if len(out) > 0 {
		err = nil
	}
	return out, err
}

// undivide lets rows fall where they may, where a DEFAULT partition takes what the others do not; false where they do, or where none
// does.
func (t *table) undivide() bool {
	if t.undivided || t.spec != nil || !t.schema.Partitioned || len(t.draft.referred(t.schema)) > 0 || !t.draft.leavesOf(t.schema).whole {
		return false
	}
	t.undivided, t.kept, t.all, t.tries = true, nil, nil, 0
	t.restart()
	return true
}
