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
	usual []string // of partitions with bounds
	rest  []string // of DEFAULT partitions, and of those below
	whole bool     // a DEFAULT partition takes whatever the others do not
	open  bool     // every row has a place, or its place cannot be told
}

// leavesOf gives the conditions of a partitioned table's partitions. Where all that have a place for rows are DEFAULT ones, these
// count as usual.
func (d *draft) leavesOf(t *schema.Table) (out leaves) {
	for _, p := range d.index.Partitions(t) {
		if !d.db.HasPlace(p) {
			continue
		}
		if p.Partition.Strategy == "hash" || p.Partition.Condition == "" {
			return leaves{open: true}
		}
		below := leaves{open: true}
		if p.Partitioned {
			below = d.leavesOf(p)
		}
		if below.open {
			below.usual = []string{p.Partition.Condition}
		}
		own := ""
		for _, k := range p.Checks { // a partition may have checks of its own
			if k.Domain == "" && !slices.ContainsFunc(t.Checks, func(o *schema.Check) bool { return o.Name == k.Name }) {
				own += fmt.Sprintf(" AND ((%s) is not false)", k.Expression)
			}
		}
		for _, list := range [][]string{below.usual, below.rest} {
			for i, c := range list {
				list[i] = "(" + c + ")" + own
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

func anyOf(conditions []string) string {
	var out []string
	for _, c := range conditions {
		out = append(out, "("+c+")")
	}
	return strings.Join(out, " OR ")
}

// stretchOfKey is a condition that a column lies in a range.
type stretchOfKey struct {
	column, from, to string // "" for an open end
	loose            bool   // it is another condition
	text             string
}

// joined puts ranges of one column together where one begins at the end of another.
func joined(conditions []string) (out []string) {
	var all []stretchOfKey
	for _, c := range conditions {
		all = append(all, rangeOf(c))
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
			all[i].to, all[i].text, again = all[j].to, "", true
			all = slices.Delete(all, j, j+1)
			break
		}
	}
	for _, s := range all {
		if s.text == "" {
			s.text = s.column + " IS NOT NULL"
			if s.from != "" {
				s.text += " AND " + s.column + " >= " + s.from
			}
			if s.to != "" {
				s.text += " AND " + s.column + " < " + s.to
			}
		}
		out = append(out, s.text)
	}
	return out
}

// rangeOf reads the condition of a partition by range of one column.
func rangeOf(condition string) stretchOfKey {
	out, loose := stretchOfKey{text: condition}, stretchOfKey{text: condition, loose: true}
	e, err := check.Parse(condition, false)
	if err != nil {
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
		if !ok || out.column != "" && out.column != c.String() {
			return false
		}
		out.column = c.String()
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
	conditions := t.conditions()
	for i, c := range conditions {
		if strings.HasPrefix(c.Name, partitionsOf) {
			conditions[i] = &check.Check{Name: c.Name, Expression: anyOf(rest), Columns: c.Columns}
		}
	}
	cases, err := check.Solve(t.schema, conditions, min(len(rest), mostDefaults), check.OptionsOf(t.draft.db, lastMoment))
	if err != nil {
		return nil
	}
	for _, c := range cases {
		c.Name = "by_default"
		out = append(out, branch{Case: c, few: true})
	}
	return out
}

// undivide lets rows fall where they may, where a DEFAULT partition takes what the others do not; false where they do, or where none
// does.
func (t *table) undivide() bool {
	if t.undivided || t.spec != nil || !t.schema.Partitioned || !t.draft.leavesOf(t.schema).whole {
		return false
	}
	t.undivided, t.kept, t.all, t.tries = true, nil, nil, 0
	t.restart()
	return true
}
