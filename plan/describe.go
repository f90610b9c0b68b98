package plan

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
)

// Describe gives the tables that hold the rows of a plan that was made without a database: for each written column the
// type that its generator is made for, keys, uniques, references and what is never null. Tables whose rows stand are
// not among them.
func (p *Plan) Describe() *schema.Database {
	db := &schema.Database{Name: p.Blueprint.Name}
	types := map[*Column]schema.Type{}
	for _, t := range p.Tables {
		if t.Standing || t.Schema != nil {
			continue
		}
		s := &schema.Table{CanInsert: true}
		s.Schema, s.Name = splitName(t.Name)
		for _, c := range t.Out {
			s.Columns = append(s.Columns, &schema.Column{Name: c.Name, Type: c.declared(types, 0), NotNull: c.sure(0)})
		}
		t.describeKeys(s)
		db.Tables = append(db.Tables, s)
	}
	for _, t := range p.Tables {
		s := db.Table(t.Name)
		if s == nil {
			continue
		}
		t.describeReferences(s, db)
	}
	return db
}

// describeReferences gives a table its foreign keys: columns that hold the cells of one row of another table, which
// are unique there.
func (t *Table) describeReferences(s *schema.Table, db *schema.Database) {
	var copies []Input // by column of t.Out
	for _, c := range t.Out {
		copies = append(copies, c.refersTo())
	}
	seen := map[string]bool{}
	for i, first := range copies {
		if first.Column == nil {
			continue
		}
		parent := db.Table(first.Column.Table.Name)
		if parent == nil {
			continue
		}
		for _, u := range parent.Uniques {
			fk := &schema.ForeignKey{RefColumns: u.Columns}
			fk.RefSchema, fk.RefTable = splitName(first.Column.Table.Name)
			for _, name := range u.Columns { // of the same row
				k := slices.IndexFunc(copies, func(in Input) bool {
					return in.Column != nil && in.Column.Table == first.Column.Table && in.Column.Name == name &&
						slices.Equal(in.Links, first.Links)
				})
				if name == first.Column.Name {
					k = i
				}
				if k >= 0 {
					fk.Columns = append(fk.Columns, t.Out[k].Name)
				}
			}
			key := strings.Join(append(fk.Columns, fk.RefColumns...), "\x00")
			if len(fk.Columns) < len(u.Columns) || !slices.Contains(u.Columns, first.Column.Name) || seen[key] {
				continue
			}
			seen[key] = true
			s.ForeignKeys = append(s.ForeignKeys, fk)
			promote(parent, u)
		}
	}
}

// splitName parts the name of a table into its schema, which may be "", and its own.
func splitName(name string) (namespace, table string) {
	if namespace, table, ok := strings.Cut(name, "."); ok {
		return namespace, table
	}
	return "", name
}

// describeKeys gives a table its key and its uniques.
func (t *Table) describeKeys(s *schema.Table) {
	add := func(columns []string) *schema.Unique {
		for _, name := range columns {
			if s.Column(name) == nil {
				return nil
			}
		}
		u := &schema.Unique{Columns: columns, Constraint: true}
		s.Uniques = append(s.Uniques, u)
		return u
	}
	filled := func(name string) bool { return s.Column(name) != nil && s.Column(name).NotNull }
	if t.Key != nil && filled(t.Key.Name) {
		s.PrimaryKey = add([]string{t.Key.Name})
		if g := t.Key.Spec.Generator; g.Name == "sequence" && g.Args == nil {
			s.Column(t.Key.Name).Identity = "by default"
		}
	}
	for _, set := range t.spec.Unique {
		u := add(set.Columns)
		open := slices.ContainsFunc(set.Columns, func(name string) bool { return !filled(name) })
		if u != nil && s.PrimaryKey == nil && !open {
			s.PrimaryKey = u
		}
	}
	for _, c := range t.Out {
		if c != t.Key && c.Unique && (c.Spec.Unique || c.isKey()) {
			if u := add([]string{c.Name}); s.PrimaryKey == nil && c.isKey() && filled(c.Name) {
				s.PrimaryKey = u
			}
		}
	}
	if s.PrimaryKey != nil {
		s.PrimaryKey.Primary = true
	}
}

// isKey tells whether the column's generator is one of keys.
func (c *Column) isKey() bool {
	return slices.Contains([]string{"sequence", "uuid"}, c.Spec.Generator.Name)
}

// promote makes a unique that others refer to the key of a table that has none.
func promote(t *schema.Table, u *schema.Unique) {
	null := func(name string) bool { return !t.Column(name).NotNull }
	if t.PrimaryKey == nil && !slices.ContainsFunc(u.Columns, null) {
		t.PrimaryKey, u.Primary = u, true
	}
}

// refersTo gives the cell of another row that this column's is equal to wherever it is not null; its Column is nil
// where there is none. Where parts come to that cell by links of their own, it has no links.
func (c *Column) refersTo() (to Input) {
	for _, n := range c.Nodes {
		if gen.AlwaysNull(n.Fill) {
			continue
		}
		if !n.copies() || len(n.Inputs[0].Links) == 0 || to.Column != nil && to.Column != n.Inputs[0].Column {
			return Input{}
		}
		if in := n.Inputs[0]; to.Column == nil {
			to = in
		} else if !slices.Equal(to.Links, in.Links) {
			to.Links = nil
		}
	}
	return to
}

// declared gives the type of a column. Cells that are copied have the type of those that they copy.
func (c *Column) declared(known map[*Column]schema.Type, depth int) schema.Type {
	const deepest = 50
	if t, ok := known[c]; ok {
		return t
	}
	t := schema.Type{Kind: column.Text}
	var wide bool
	found := false
	for _, n := range c.Nodes {
		if gen.AlwaysNull(n.Fill) {
			continue
		}
		own := gen.Declare(n.Fill)
		if n.copies() && depth < deepest {
			own = n.Inputs[0].Column.declared(known, depth+1)
		}
		wide = wide || own.Kind == column.Int && own.Width == 8
		if !found {
			t, found = own, true
		}
	}
	if !found && c.Kind != column.Invalid { // null in every row but fixed ones
		t = schema.Type{Kind: c.Kind, Width: 8}
	}
	if wide {
		t.Width = 8
	}
	for _, cell := range c.fixed {
		if c.Kind == column.Int && !cell.Null(0) && cell.Ints[0] != int64(int32(cell.Ints[0])) {
			t.Width = 8
		}
	}
	if t.Kind == column.Decimal {
		t.Scale = int(c.Scale)
	}
	t.Enum = c.labels()
	known[c] = t
	return t
}

// labels gives the texts that a column picks from, where they are few; nil where they are not, or it does something
// else.
func (c *Column) labels() []string {
	const most = 20
	if c.Kind != column.Text {
		return nil
	}
	picks := false
	for _, n := range c.Nodes {
		facts := n.facts()
		if facts.Values == nil {
			return nil
		}
		picks = picks || facts.Values.Len() > 1
	}
	texts, ok := c.valuesIn(-1)
	if !ok || !picks || len(texts) > most {
		return nil
	}
	return texts
}

// sure tells whether the column is known to be null in no row.
func (c *Column) sure(depth int) bool {
	const deepest = 50
	if depth > deepest || c.null() != "" {
		return false
	}
	for i, n := range c.Nodes {
		facts := n.Fill.Facts()
		if facts.Null != gen.NeverNull || c.conditional(i) != nil {
			return false
		}
		for _, k := range facts.NullWith {
			if k >= len(n.Inputs) {
				continue
			}
			unsure := func(c *Column) bool { return !c.sure(depth + 1) }
			if in := n.Inputs[k]; unsure(in.Column) || slices.ContainsFunc(in.Links, unsure) {
				return false
			}
		}
	}
	return true
}
