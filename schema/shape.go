package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
)

// Shape is what the record of a run keeps of a database's schema, so that a later call can tell what has changed.
// Partitions are left out: their parents speak for them.
type Shape struct {
	Tables []TableShape `json:"tables"`
}

// TableShape is one table of a Shape.
type TableShape struct {
	Schema  string            `json:"schema,omitempty"`
	Name    string            `json:"name"`
	ID      int64             `json:"id,omitempty"` // see Table.ID
	Columns []ColumnShape     `json:"columns"`
	Rules   map[string]string `json:"rules,omitempty"` // constraints by name: "check (a > 0)"
}

// ColumnShape is one column of a TableShape.
type ColumnShape struct {
	Name      string `json:"name"`
	ID        int    `json:"id,omitempty"` // see Column.ID
	Type      string `json:"type"`
	NotNull   bool   `json:"not_null,omitempty"`
	Generated bool   `json:"generated,omitempty"`
}

// Shape gives the shape of a database as it is.
func (d *Database) Shape() *Shape {
	s := &Shape{}
	for _, t := range d.Tables {
		if t.Partition != nil || t.Unnameable() != "" { // a record is text, too
			continue
		}
		ts := TableShape{Schema: t.Schema, Name: t.Name, ID: t.ID, Rules: t.rules()}
		for _, c := range t.Columns {
			ts.Columns = append(ts.Columns, ColumnShape{c.Name, c.ID, c.Type.Text(), c.NotNull, c.Generated})
		}
		s.Tables = append(s.Tables, ts)
	}
	return s
}

// Text is the type as its declaration writes it, with its length or precision.
func (t Type) Text() string {
	switch {
	case t.Domain != "":
		return t.Domain
	case strings.Contains(t.Name, "("):
		return t.Name
	case t.Length > 0:
		return fmt.Sprintf("%s(%d)", t.Name, t.Length)
	case t.Kind == column.Decimal && t.Precision > 0:
		return fmt.Sprintf("%s(%d,%d)", t.Name, t.Precision, t.Scale)
	}
	return t.Name
}

// rules are the table's constraints by their names.
func (t *Table) rules() map[string]string {
	out := map[string]string{}
	add := func(name, text string) {
		if name == "" {
			name = text
		}
		out[name] = text
	}
	for _, u := range t.Uniques {
		text := "unique (" + strings.Join(slices.Concat(u.Columns, u.Expressions), ", ") + ")"
		if u.Where != "" {
			text += " where " + u.Where
		}
		add(u.Name, text)
	}
	for _, k := range t.ForeignKeys {
		add(k.Name, "foreign key ("+strings.Join(k.Columns, ", ")+") references "+k.RefTable)
	}
	for _, c := range t.Checks {
		add(c.Name, "check ("+c.Expression+")")
	}
	return out
}

// ChangeKind says what sort of change a Change is.
type ChangeKind string

// The kinds of changes.
const (
	TableAdded    ChangeKind = "table added"
	TableDropped  ChangeKind = "table dropped"
	TableRenamed  ChangeKind = "table renamed"
	ColumnAdded   ChangeKind = "column added"
	ColumnDropped ChangeKind = "column dropped"
	ColumnRenamed ChangeKind = "column renamed"
	TypeChanged   ChangeKind = "type changed"
	NotNullAdded  ChangeKind = "not null added"
	RuleAdded     ChangeKind = "constraint added"
)

// Change is one thing that is otherwise than it was. Constraints that were dropped are none: rows that satisfied them
// are no worse.
type Change struct {
	Kind   ChangeKind
	Schema string // of the table as it was; of an added one, as it is
	Table  string
	Column string // as it was; of an added one, as it is
	Was    string
	Is     string
}

// In names the table, with its schema where that is not the database's default.
func (c *Change) In(d *Database) string {
	return d.Qualified(&Table{Schema: c.Schema, Name: c.Table})
}

// Text says what has changed.
func (c *Change) Text(d *Database) string {
	t := c.In(d)
	switch c.Kind {
	case TableAdded:
		return "the table " + t + " is new"
	case TableDropped:
		return "the table " + t + " is gone"
	case TableRenamed:
		return "the table " + t + " is now " + c.Is
	case ColumnAdded:
		return fmt.Sprintf("the column %s.%s (%s) is new", t, c.Column, c.Is)
	case ColumnDropped:
		return fmt.Sprintf("the column %s.%s is gone", t, c.Column)
	case ColumnRenamed:
		return fmt.Sprintf("the column %s.%s is now %s", t, c.Column, c.Is)
	case TypeChanged:
		return fmt.Sprintf("the column %s.%s was %s and is now %s", t, c.Column, c.Was, c.Is)
	case NotNullAdded:
		return fmt.Sprintf("the column %s.%s takes no null any more", t, c.Column)
	default:
		return fmt.Sprintf("the constraint %s of %s is new: %s", c.Was, t, c.Is)
	}
}

// Changes tells what of a database is otherwise than it was: in the order of the tables as they were, what is new last.
// Tables and columns that were renamed are known by the database's own numbers for them; where it has none, a column by
// its place, where nothing but its name differs.
func (s *Shape) Changes(d *Database) (out []Change) {
	is := d.Shape()
	seen := map[int]bool{}
	for _, was := range s.Tables {
		i := is.find(&was)
		if i < 0 {
			out = append(out, Change{Kind: TableDropped, Schema: was.Schema, Table: was.Name})
			continue
		}
		seen[i] = true
		now := &is.Tables[i]
		if now.Schema != was.Schema || now.Name != was.Name {
			full := d.Qualified(&Table{Schema: now.Schema, Name: now.Name})
			if now.Schema != was.Schema && now.Schema != "" {
				full = now.Schema + "." + now.Name
			}
			out = append(out, Change{Kind: TableRenamed, Schema: was.Schema, Table: was.Name, Is: full})
		}
		out = append(out, was.changes(now)...)
	}
	for i, t := range is.Tables {
		if !seen[i] {
			out = append(out, Change{Kind: TableAdded, Schema: t.Schema, Table: t.Name})
		}
	}
	return out
}

// find gives the place of the table that another one has become; -1 where it is gone. One of the same name with another
// number was made anew, which changes nothing by itself.
func (s *Shape) find(was *TableShape) int {
	at := slices.IndexFunc(s.Tables, func(t TableShape) bool { return was.ID != 0 && t.ID == was.ID })
	if at < 0 {
		at = slices.IndexFunc(s.Tables, func(t TableShape) bool { return t.Schema == was.Schema && t.Name == was.Name })
	}
	return at
}

// Now gives the table that a recorded one has become, by the name that it had; nil where it is gone.
func (s *Shape) Now(d *Database, name string) *Table {
	for _, was := range s.Tables {
		if d.Qualified(&Table{Schema: was.Schema, Name: was.Name}) != name || was.ID == 0 {
			continue
		}
		if at := slices.IndexFunc(d.Tables, func(t *Table) bool { return t.ID == was.ID }); at >= 0 {
			return d.Tables[at]
		}
	}
	return d.Table(name)
}

func (t *TableShape) changes(now *TableShape) (out []Change) {
	change := func(kind ChangeKind, column, was, is string) {
		out = append(out, Change{Kind: kind, Schema: t.Schema, Table: t.Name, Column: column, Was: was, Is: is})
	}
	byNumber := t.ID != 0 && t.ID == now.ID
	seen := map[string]bool{}
	for i, was := range t.Columns {
		at := slices.IndexFunc(now.Columns, func(c ColumnShape) bool {
			return byNumber && was.ID != 0 && c.ID == was.ID || !byNumber && c.Name == was.Name
		})
		if at < 0 && !byNumber && len(now.Columns) == len(t.Columns) && t.renamed(now, i) {
			at = i
		}
		if at < 0 {
			change(ColumnDropped, was.Name, was.Type, "")
			continue
		}
		is := now.Columns[at]
		seen[is.Name] = true
		if is.Name != was.Name {
			change(ColumnRenamed, was.Name, "", is.Name)
		}
		if is.Type != was.Type || is.Generated != was.Generated {
			text := is.Type
			if is.Generated && !was.Generated {
				text += ", computed by the database"
			}
			change(TypeChanged, was.Name, was.Type, text)
		}
		if is.NotNull && !was.NotNull {
			change(NotNullAdded, was.Name, "", "")
		}
	}
	for _, c := range now.Columns {
		if !seen[c.Name] {
			change(ColumnAdded, c.Name, "", c.Type)
		}
	}
	for _, name := range sortedKeys(now.Rules) {
		if was, ok := t.Rules[name]; !ok && !hasValue(t.Rules, now.Rules[name]) || ok && was != now.Rules[name] {
			change(RuleAdded, "", name, now.Rules[name])
		}
	}
	return out
}

// renamed tells whether the column at a place has only another name than it had.
func (t *TableShape) renamed(now *TableShape, at int) bool {
	was, is := t.Columns[at], now.Columns[at]
	has := func(cs []ColumnShape, name string) bool {
		return slices.ContainsFunc(cs, func(c ColumnShape) bool { return c.Name == name })
	}
	return was.Type == is.Type && was.NotNull == is.NotNull && !has(now.Columns, was.Name) && !has(t.Columns, is.Name)
}

func sortedKeys(m map[string]string) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func hasValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}
