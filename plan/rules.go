package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// Rule is something that is true of a run's rows, to be asked of the database.
type Rule struct {
	Table *Table
	Part  *Part // the rows that it speaks of; nil for all of the table's
	Text  string
	// SQL is a predicate over the table under the alias t. Without Exact it is true or null for every
	// row; with it, true for exactly that many rows.
	SQL   string
	Exact *int64
	All   bool // with Exact: it counts all rows, whatever their cells
	// Exempt are rows that the rule does not hold for: their cell follows the first draw of a value that
	// was drawn again.
	Exempt []int64
	// Reads are columns of other tables that it rests on.
	Reads []*Column
	// Whole: the query stands for itself and gives 0 where the rule holds.
	Whole bool
	// Counted says what a Whole query counts: "rows are otherwise".
	Counted string
}

// CellOf gives one cell as a Vec of one. Rules need the keys of named rows.
type CellOf func(c *Column, row int64) (*column.Vec, error)

// Rules gives every rule of the plan that can be asked in the dialect, table by table, and the texts of
// those that only the comparison of recomputed cells covers. alone tells of which tables OwnRange gives the run's rows
// and no others.
func (p *Plan) Rules(d gen.Dialect, cell CellOf, alone func(*Table) bool) (rules []Rule, untold []string, err error) {
	for _, t := range p.Tables {
		if t.Standing || t.Triggered {
			continue
		}
		r := &ruler{plan: p, dialect: d, table: t, cell: cell, alone: alone}
		r.count()
		for _, c := range t.Out {
			if err := r.column(c); err != nil {
				return nil, nil, err
			}
		}
		r.each()
		r.families()
		rules = append(rules, r.rules...)
		untold = append(untold, r.untold...)
	}
	return rules, untold, nil
}

type ruler struct {
	plan    *Plan
	dialect gen.Dialect
	table   *Table
	cell    CellOf
	alone   func(*Table) bool
	rules   []Rule
	untold  []string
	aliases int
}

// add states a rule of a part's rows, or of all for nil. Where nothing tells the rows of a part from the
// others, it stays untold.
func (r *ruler) add(part *Part, sql, format string, args ...any) *Rule {
	text := fmt.Sprintf(format, args...)
	if part != nil && len(r.table.Parts) > 1 {
		text += " (rows of part " + part.Name + ")"
		if r.table.Key == nil {
			sql = ""
		}
	} else {
		part = nil
	}
	if sql == "" {
		r.untold = append(r.untold, text)
		return nil
	}
	r.rules = append(r.rules, Rule{Table: r.table, Part: part, Text: text, SQL: sql})
	return &r.rules[len(r.rules)-1]
}

func (r *ruler) exact(part *Part, n int64, sql, format string, args ...any) {
	if rule := r.add(part, sql, format, args...); rule != nil {
		rule.Exact = &n
	}
}

func (r *ruler) count() {
	r.exact(nil, r.table.Rows, "1 = 1", "%s has %d rows", r.table.Name, r.table.Rows)
	r.rules[len(r.rules)-1].All = true
	if k := r.table.Key; k != nil {
		r.add(nil, r.expr("t", k)+" is not null", "%s.%s is the key of every row", r.table.Name, k.Name)
	}
}

func (r *ruler) column(c *Column) error {
	name := r.table.Name + "." + c.Name
	x := r.expr("t", c)
	r.unique(c, name, x)
	if err := r.counts(c, name, x); err != nil {
		return err
	}
	seen := map[*Node]bool{}
	for i, n := range c.Nodes {
		if seen[n] {
			continue
		}
		seen[n] = true
		part := r.table.Parts[i]
		if c.Shared() != nil {
			part = nil
		}
		r.node(c, n, part, name, x)
		r.when(c, i, part, name, x)
	}
	if c.Link != nil && !distinctByPart(c) {
		if parent, key := c.Link.Target, referenced(c); key != nil && r.expr("", key) != "" {
			p := r.alias()
			sql := fmt.Sprintf("%s is null or exists (select 1 from %s %s where %s = %s)", x, r.tableSQL(parent), p, r.expr(p, key), x)
			for _, n := range c.Nodes {
				if root := gen.RootOf(n.Fill); root != nil {
					sql = x + " = " + r.dialect.Cell(root, 0) + " or " + sql
				}
			}
			r.add(nil, "("+sql+")", "%s refers to a row of %s", name, parent.Name)
		}
	}
	return nil
}

// unique adds that a column's cells are distinct: in the whole table where the database holds it, else
// among the run's rows, where keys tell them.
func (r *ruler) unique(c *Column, name, x string) {
	if !c.Unique {
		return
	}
	own := ""
	if r.alone(r.table) {
		if own = r.table.OwnRange(r.dialect, "t"); own == "" {
			own = "1 = 1"
		}
	}
	if r.table.Schema != nil && slices.ContainsFunc(r.table.Schema.Uniques, func(u *schema.Unique) bool {
		return len(u.Columns) == 1 && u.Columns[0] == c.Name && u.Where == ""
	}) {
		own = "1 = 1"
	} else if own == "" {
		r.untold = append(r.untold, name+" is unique")
		return
	}
	rule := r.add(nil, fmt.Sprintf("select count(%s) - count(distinct %s) from %s t where %s", x, x, r.tableSQL(r.table), own), "%s is unique", name)
	rule.Whole, rule.Counted = true, "values are double"
}

// referenced gives the parent's column whose cells a reference holds.
func referenced(c *Column) *Column {
	for _, n := range c.Nodes {
		if len(n.Inputs) == 1 && len(n.Inputs[0].Links) == 1 && n.Inputs[0].Links[0] == c.Link {
			return n.Inputs[0].Column
		}
	}
	for i, n := range c.Nodes { // copied from a row that the reference leads to
		if len(n.Inputs) == 1 && n.Inputs[0].Column.Table == c.Link.Target && c.links[i] != nil && !c.links[i].null {
			return n.Inputs[0].Column
		}
	}
	for _, n := range c.Nodes {
		if len(n.Inputs) == 1 && n.Inputs[0].Column.Link != nil && n.Inputs[0].Column.Link.Target == c.Link.Target {
			return referenced(n.Inputs[0].Column)
		}
	}
	return nil
}

// node adds the rules of one part's generator.
func (r *ruler) node(c *Column, n *Node, part *Part, name, x string) {
	if numbers, ok := n.Fill.(gen.Numbering); ok {
		r.numbered(n, numbers, name, x)
	}
	if gen.Differing(n.raw) != nil {
		r.differing(n, name, x)
	}
	if gen.Rises(n.raw) {
		r.rising(n, name, x)
	}
	if n.Fold != nil {
		r.fold(c, n, name, x)
	}
	ruled, ok := n.Fill.(gen.Ruled)
	if !ok {
		return
	}
	reads := n.Reads()
	in := make([]string, len(reads))
	for i := range reads {
		in[i] = r.input("t", reads[i], part)
	}
	for _, rule := range ruled.Rules() {
		if rule.SQL == nil {
			continue
		}
		sql, left := rule.SQL(r.dialect, x, in), exempt(c, n, rule)
		if len(left) > 0 && r.table.Key == nil { // nothing tells those rows from the others
			sql = ""
		}
		if told := r.add(part, sql, "%s %s", name, rule.Text); told != nil {
			told.Exempt = left
			told.Reads = r.elsewhere(n)
		}
	}
}

// elsewhere gives the columns of other tables that a node's inputs are found by.
func (r *ruler) elsewhere(n *Node) (out []*Column) {
	for _, in := range n.Reads() {
		for _, c := range append(slices.Clone(in.Links), in.Column) {
			if c != nil && c.Table != r.table && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// exempt gives the rows for which a rule of a column's generator need not hold: those of a unique column
// whose inputs were drawn again (see rows.Maker), and fixed rows, whose cell the blueprint gives.
func exempt(c *Column, n *Node, rule gen.Rule) []int64 {
	var out []int64
	for _, in := range n.Inputs {
		if c.Unique && len(in.Links) == 0 {
			out = slices.AppendSeq(out, maps.Keys(in.Column.redraw))
		}
	}
	for row, cell := range c.fixed {
		if len(n.Inputs) > 0 || rule.Cell == nil || !cell.Null(0) && !rule.Cell(cell, 0, nil) {
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// counts adds the exact numbers of rows by value, where every part of the column knows them, and by
// named parent.
func (r *ruler) counts(c *Column, name, x string) error {
	var total []gen.Count
	known := true
	for i, n := range c.Nodes {
		if i > 0 && n == c.Nodes[0] {
			continue
		}
		rows := r.table.Parts[i].Rows
		if c.Shared() != nil {
			rows = r.table.Rows
		}
		counts, parents := countsOf(n.Fill, rows)
		known = known && counts != nil
		for _, k := range counts {
			at := slices.IndexFunc(total, func(o gen.Count) bool { return o.Value == k.Value })
			if at < 0 {
				total = append(total, k)
			} else {
				total[at].Rows += k.Rows
			}
		}
		for _, pc := range parents {
			part := r.table.Parts[i]
			pred, key, err := r.refersTo(c, i, pc.Row)
			if err != nil {
				return err
			}
			r.exact(part, pc.Rows, pred, "%s: exactly %d rows refer to %s (%s)", name, pc.Rows, pc.Name, key)
		}
	}
	if !known || len(total) < 2 && c.Shared() != nil {
		return nil
	}
	for _, k := range total {
		value := "null"
		pred := x + " is null"
		if k.Value != nil {
			value = fmt.Sprint(k.Value)
			v, err := valueCell(c, k.Value)
			if err != nil {
				return err
			}
			pred = x + " = " + r.dialect.Cell(v, 0)
		}
		n := k.Rows
		r.exact(nil, n, pred, "%s is %s in exactly %d rows (%.4g %%)", name, value, n, 100*float64(n)/float64(max(r.table.Rows, 1)))
	}
	return nil
}

// refersTo is the SQL that a row of a part refers by a column to a row of the parent: of a key of several columns, by
// all that the row holds of it. key shows the parent's cells.
func (r *ruler) refersTo(c *Column, part int, row int64) (sql, key string, err error) {
	var preds, keys []string
	for _, h := range r.table.heldOf(c.Nodes[part].Inputs[0].Links[0], part) {
		x := r.expr("t", h.column)
		if x == "" || h.column != c && c.Nodes[part].Inputs[0].Column.Unique {
			continue
		}
		v, err := r.cell(h.of, row)
		if err != nil {
			return "", "", err
		}
		if v.Null(0) {
			preds = append(preds, x+" is null")
			continue
		}
		preds, keys = append(preds, x+" = "+r.dialect.Cell(v, 0)), append(keys, v.String(0))
	}
	return strings.Join(preds, " and "), strings.Join(keys, ", "), nil
}

func countsOf(f gen.Filler, rows int64) (counts []gen.Count, parents []gen.ParentCount) {
	if v, ok := gen.ConstantValue(f); ok {
		return []gen.Count{{Value: v, Rows: rows}}, nil
	}
	if ruled, ok := f.(gen.Ruled); ok {
		for _, rule := range ruled.Rules() {
			counts = append(counts, rule.Counts...)
			parents = append(parents, rule.Parents...)
		}
	}
	return counts, parents
}

func (r *ruler) alias() string {
	r.aliases++
	return fmt.Sprintf("p%d", r.aliases)
}

// TableSQL is a table's name in SQL.
func TableSQL(d gen.Dialect, t *Table) string {
	if t.Schema != nil {
		name := d.Ident(t.Schema.Schema, t.Schema.Name)
		if t.Schema.Inherited {
			return "only " + name // the rows of tables that inherit from it are others
		}
		return name
	}
	return d.Ident(strings.Split(t.Name, ".")...)
}

func (r *ruler) tableSQL(t *Table) string { return TableSQL(r.dialect, t) }

// expr is the SQL of a column's cell under an alias: the column itself, or the field of a document that
// carries it, or "".
func (r *ruler) expr(alias string, c *Column) string {
	if c.Table.Standing || slices.Contains(c.Table.Out, c) {
		return alias + "." + r.dialect.Ident(c.Name)
	}
	for _, doc := range c.Table.Out {
		n := doc.Shared()
		if n == nil {
			continue
		}
		if carrier, ok := n.Fill.(gen.Carrier); ok {
			if field, ok := carrier.Carries()[c.Name]; ok {
				return r.dialect.JSONField(alias+"."+r.dialect.Ident(doc.Name), field)
			}
		}
	}
	return ""
}

// input is the SQL of a cell that a node reads, through links by subqueries; "" where a link is no
// column.
func (r *ruler) input(alias string, in Input, part *Part) string {
	if len(in.Links) == 0 {
		return r.expr(alias, in.Column)
	}
	fk, key := r.linkColumns(in.Links[0], part)
	if fk == nil || key == nil || !key.Unique && key.Table.Rows > 1 { // several rows would answer
		return ""
	}
	a := r.alias()
	if r.expr(a, key) == "" {
		return ""
	}
	inner := r.input(a, Input{Links: in.Links[1:], Column: in.Column}, nil)
	if inner == "" {
		return ""
	}
	return fmt.Sprintf("(select %s from %s %s where %s = %s)", inner, r.tableSQL(in.Links[0].Target), a, r.expr(a, key), r.expr(alias, fk))
}

// linkColumns finds the written column whose cells say which parent a link leads to, and the parent's
// column that they equal.
func (r *ruler) linkColumns(link *Column, part *Part) (fk, key *Column) {
	t := link.Table
	for _, c := range t.Out {
		if c.Link == nil {
			continue
		}
		if c.Link == link {
			return c, referenced(c)
		}
		for i, p := range t.Parts {
			if part != nil && p != part || p.link != link || c.Link.Nodes[i] == nil {
				continue
			}
			n := c.Link.Nodes[i]
			if len(n.Inputs) == 1 && len(n.Inputs[0].Links) == 0 && n.Inputs[0].Column == link {
				return c, c.Nodes[i].Inputs[0].Column
			}
		}
	}
	return nil, nil
}
