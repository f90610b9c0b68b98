package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/gen"
)

// OwnRange is a predicate that is true of all rows of the table that the run made, and of as few others as keys tell:
// by ranges of keys that the run took, its own and those of the rows that it refers to. "" where nothing tells them.
func (t *Table) OwnRange(d gen.Dialect, alias string) string {
	between := func(c, key *Column) (string, bool) {
		first, ok := key.Consecutive()
		if !ok {
			return "", false
		}
		return fmt.Sprintf("%s.%s between %d and %d", alias, d.Ident(c.Name), first, first+key.Table.Rows-1), true
	}
	if t.Key != nil {
		if own, ok := between(t.Key, t.Key); ok {
			return own
		}
	}
	var all []string
	for _, c := range t.Reservable() {
		if own, ok := between(c, c); ok {
			all = append(all, own)
		}
	}
	for _, c := range t.Out {
		if c.Link == nil || len(c.fixed) > 0 || c.Link.Target == t || c.Link.Target.Standing || c.Link.Target.Triggered {
			continue
		}
		key := referenced(c)
		if key == nil || key != key.Table.Key || key.Table != c.Link.Target {
			continue
		}
		if own, ok := between(c, key); ok {
			all = append(all, "("+own+" or "+alias+"."+d.Ident(c.Name)+" is null)")
		}
	}
	return strings.Join(all, " and ")
}

// each adds that every row of this table has exactly one row in each of the parts that follow it. Where keys do not
// tell the rows of parts apart, the parts are counted together; where they do not tell the run's rows from others, there
// may be more.
func (r *ruler) each() {
	for _, child := range r.plan.Tables {
		for _, c := range child.Out {
			byKey := map[string][]int{} // the key that the column holds -> parts
			for i, part := range child.Parts {
				if key := r.follows(c, i, part); key != nil {
					byKey[key.Name] = append(byKey[key.Name], i)
				}
			}
			for _, key := range r.table.Out {
				parts := byKey[key.Name]
				first, ranged := int64(0), false
				if child.Key != nil {
					first, ranged = child.Key.Consecutive()
				}
				switch {
				case len(parts) == 0:
				case ranged:
					for _, i := range parts {
						p := child.Parts[i]
						named := ""
						if len(child.Parts) > 1 {
							named = ", part " + p.Name
						}
						own := fmt.Sprintf("between %d and %d", first+p.First, first+p.First+p.Rows-1)
						r.follow(key, c, "= 1", own, "every row of %s has exactly one row of %s (by %s%s)", r.table.Name, child.Name, c.Name, named)
					}
				case r.alone(child) && !refersElsewhere(c, parts):
					r.follow(key, c, fmt.Sprintf("= %d", len(parts)), "", "every row of %s has exactly %s of %s (by %s)",
						r.table.Name, manyRows(len(parts)), child.Name, c.Name)
				default:
					r.follow(key, c, fmt.Sprintf(">= %d", len(parts)), "", "every row of %s has at least %s of %s (by %s)",
						r.table.Name, manyRows(len(parts)), child.Name, c.Name)
				}
			}
		}
	}
}

// follows gives the column of this table that a column of another one holds in a part with a row for each of this one's;
// nil where it does not.
func (r *ruler) follows(c *Column, i int, part *Part) *Column {
	n := c.Nodes[i]
	if part.Each != r.table || part.Among != nil || !n.copies() || len(n.Inputs) != 1 || len(n.Inputs[0].Links) != 1 || n.Inputs[0].Links[0] != part.link {
		return nil
	}
	if key := n.Inputs[0].Column; key.Unique && slices.Contains(r.table.Out, key) {
		return key
	}
	return nil
}

// follow states a rule that counts the rows of a child for each key, in one pass over the child, whether or not its
// column has an index. own restricts the child's keys.
func (r *ruler) follow(key, c *Column, count, own, format string, args ...any) {
	a := r.alias()
	link := r.expr(a, c)
	if own != "" {
		own = " and " + r.expr(a, c.Table.Key) + " " + own
	} else if where := c.Table.OwnRange(r.dialect, a); where != "" {
		own = " and " + where
	}
	sql := fmt.Sprintf("%s in (select %s from %s %s where %s is not null%s group by %s having count(*) %s)",
		r.expr("t", key), link, r.tableSQL(c.Table), a, link, own, link, count)
	r.add(nil, sql, format, args...)
}

// refersElsewhere tells whether a column may hold keys in other parts than these.
func refersElsewhere(c *Column, parts []int) bool {
	for i := range c.Nodes {
		if !slices.Contains(parts, i) && c.Table.Parts[i].Rows > 0 && (c.Link == nil || !isNullRow(c.Link.Nodes[i])) {
			return true
		}
	}
	return false
}

func manyRows(n int) string {
	if n == 1 {
		return "one row"
	}
	return fmt.Sprintf("%d rows", n)
}
