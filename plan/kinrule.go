package plan

import (
	"fmt"
	"slices"

	"github.com/sowerdata/sower/gen"
)

// Rules of rows that are known from their parents: how many each parent has, their places, and what is summed up over
// them. Each is one pass over the rows, grouped by parent, whether or not their column has an index.

// own is a predicate of the run's rows of a table; "" where nothing tells them.
func (r *ruler) own(t *Table, alias string) string {
	if len(t.Adopted) > 0 {
		return ""
	}
	if own := t.OwnRange(r.dialect, alias); own != "" {
		return own
	}
	if r.alone(t) {
		return "1 = 1"
	}
	return ""
}

// grouped gives the columns by which rows belong to their parents; nil where SQL cannot tell, or tells more rows than
// those of a kinship.
func (r *ruler) grouped(k *kinship) (fk, key *Column) {
	var part *Part
	all := []int{}
	if k.part >= 0 {
		part, all = k.table.Parts[k.part], append(all, k.part)
	} else {
		for i := range k.table.Parts {
			all = append(all, i)
		}
	}
	fk, key = r.linkColumns(k.link, part)
	if fk == nil || key == nil || len(fk.fixed) > 0 || refersElsewhere(fk, all) || !slices.Contains(key.Table.Out, key) {
		return nil, nil
	}
	return fk, key
}

// differ is the predicate that two cells are not the same, null being a value.
func (r *ruler) differ(x, y string) string {
	if r.dialect.Name() == "sqlite" {
		return x + " is not " + y
	}
	return x + " is distinct from " + y
}

// joined states that of each row of a kinship's parents what is summed up over its rows is so: wrong is the predicate
// that it is not, in which g.v is the sum, or null where a parent has no rows.
func (r *ruler) joined(k *kinship, sum func(alias string) string, wrong, format string, args ...any) *Rule {
	text := fmt.Sprintf(format, args...)
	fk, key := r.grouped(k)
	parent := k.link.Target
	own := r.own(parent, "t")
	a := r.alias()
	s := ""
	if fk != nil && own != "" {
		s = sum(a)
	}
	if s == "" {
		r.untold = append(r.untold, text)
		return nil
	}
	rule := r.add(nil, fmt.Sprintf("select count(*) from %s t left join (select %s as k, %s as v from %s %s where %s is not null group by %s) g on g.k = %s where %s and %s",
		r.tableSQL(parent), r.expr(a, fk), s, r.tableSQL(k.table), a, r.expr(a, fk), r.expr(a, fk), r.expr("t", key), own, wrong), "%s", text)
	rule.Whole, rule.Counted = true, "rows are otherwise"
	rule.Reads = append(rule.Reads, fk)
	return rule
}

// family states how many rows each parent has.
func (r *ruler) family(k *kinship) {
	among := k.among()
	if among == nil || k.link.Target.Standing || k.link.Target.Triggered {
		return
	}
	r.joined(k, func(string) string { return "count(*)" }, fmt.Sprintf("coalesce(g.v, 0) not between %d and %d", among.Least, among.Most),
		"every row of %s has %d to %d rows of %s (by %s)", k.link.Target.Name, among.Least, among.Most, k.table.Name, k.name)
}

// families states it of all kinships of the table.
func (r *ruler) families() {
	for i, p := range r.table.Parts {
		if p.Among != nil {
			r.family(&kinship{table: r.table, name: p.Name, link: p.link, part: i})
		}
	}
	for _, c := range r.table.Out {
		if c.Link == nil {
			continue
		}
		for i, n := range c.Link.Nodes {
			if n.ref == nil || n.ref.PerParent == nil || i > 0 && n == c.Link.Nodes[0] {
				continue
			}
			k := &kinship{table: r.table, name: c.Name, link: c.Link, part: i}
			if c.Link.Shared() != nil {
				k.part = -1
			}
			r.family(k)
		}
	}
}

// numbered states that a column numbers the rows of each parent without gaps.
func (r *ruler) numbered(n *Node, numbers gen.Numbering, name, x string) {
	text := name + " numbers the rows of each parent without gaps"
	fk, _ := r.grouped(n.kin)
	own := r.own(r.table, "t")
	if fk == nil || own == "" || x == "" {
		r.untold = append(r.untold, text)
		return
	}
	wrong := fmt.Sprintf("count(distinct %s) <> count(*)", x)
	if first, ok := numbers.First(); ok {
		wrong += fmt.Sprintf(" or min(%s) <> %d or max(%s) <> %d + count(*)", x, first, x, first-1)
	}
	link := r.expr("t", fk)
	rule := r.add(nil, fmt.Sprintf("select count(*) from (select %s from %s t where %s and %s is not null group by %s having %s) g",
		link, r.tableSQL(r.table), own, link, link, wrong), "%s", text)
	rule.Whole, rule.Counted = true, "parents have rows that are numbered otherwise"
}

// differing states that a column refers to different rows in the rows of each parent.
func (r *ruler) differing(n *Node, name, x string) {
	text := name + " is another one in each row of one " + n.kin.name
	fk, _ := r.grouped(n.kin)
	own := r.own(r.table, "t")
	if fk == nil || own == "" || x == "" {
		r.untold = append(r.untold, text)
		return
	}
	link := r.expr("t", fk)
	rule := r.add(nil, fmt.Sprintf("select count(*) from (select %s from %s t where %s and %s is not null and %s is not null group by %s having count(distinct %s) <> count(*)) g",
		link, r.tableSQL(r.table), own, link, x, link, x), "%s", text)
	rule.Whole, rule.Counted = true, "parents have rows with the same"
}

// rising states that a column rises with the number that another one gives the rows of each parent.
func (r *ruler) rising(n *Node, name, x string) {
	text := name + " rises with the place among the rows of one " + n.kin.name
	fk, _ := r.grouped(n.kin)
	own := r.own(r.table, "t")
	at := slices.IndexFunc(r.table.Out, func(c *Column) bool {
		of := c.Nodes[max(n.kin.part, 0)]
		numbers, ok := of.Fill.(gen.Numbering)
		if !ok || of.kin == nil || of.kin.link != n.kin.link || len(c.fixed) > 0 {
			return false
		}
		_, ok = numbers.First()
		return ok
	})
	if fk == nil || own == "" || x == "" || at < 0 {
		r.untold = append(r.untold, text)
		return
	}
	link, number := r.expr("t", fk), r.expr("t", r.table.Out[at])
	rule := r.add(nil, fmt.Sprintf("select count(*) from (select %s as x, lag(%s) over (partition by %s order by %s) as before from %s t where %s and %s is not null) g where x < before",
		x, x, link, number, r.tableSQL(r.table), own, link), "%s", text)
	rule.Whole, rule.Counted = true, "rows come before the one with the number below"
}

// fold states that a column is what its node sums up.
func (r *ruler) fold(c *Column, n *Node, name, x string) {
	f, ok := n.Fold.Folder.(gen.Summed)
	if !ok {
		return
	}
	k := n.Fold.kin
	wrong := r.differ(x, "coalesce(g.v, "+f.EmptySQL(r.dialect)+")")
	if n.nulls > 0 || n.When != nil {
		wrong = x + " is not null and " + wrong
	}
	sum := func(a string) string {
		cell, where := r.folded(a, n.Fold, n.Fold.Cell), r.folded(a, n.Fold, n.Fold.Where)
		if len(c.fixed) > 0 || x == "" || n.Fold.Cell != nil && cell == "" || n.Fold.Where != nil && where == "" {
			return ""
		}
		return f.SumSQL(r.dialect, cell, where)
	}
	if rule := r.joined(k, sum, wrong, "%s is: %s", name, n.Fold.Folder); rule != nil {
		for _, of := range []*Column{n.Fold.Cell, n.Fold.Where} {
			if of != nil {
				rule.Reads = append(append(rule.Reads, of), readBy(of, k.part)...)
			}
		}
	}
}

// readBy gives the columns that a column's node reads in a part.
func readBy(c *Column, part int) (out []*Column) {
	for _, in := range c.Nodes[max(part, 0)].Inputs {
		out = append(out, in.Column)
	}
	return out
}

// folded is the SQL of what a fold reads of a row; "" where it cannot be said.
func (r *ruler) folded(alias string, x *Fold, c *Column) string {
	if c == nil {
		return ""
	}
	if !c.Hidden() {
		return r.expr(alias, c)
	}
	n := c.Nodes[max(x.kin.part, 0)]
	said, ok := n.Fill.(gen.Spoken)
	if !ok {
		return ""
	}
	in := make([]string, len(n.Inputs))
	for i := range n.Inputs {
		var part *Part
		if x.kin.part >= 0 {
			part = x.Child.Parts[x.kin.part]
		}
		if in[i] = r.input(alias, n.Inputs[i], part); in[i] == "" {
			return ""
		}
	}
	return said.SQL(r.dialect, in)
}
