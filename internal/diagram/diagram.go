// Package diagram draws the tables of a database and who refers to whom: as a page of HTML, for Mermaid and
// for Graphviz. It knows the schema alone; what generators the columns would get it is told.
package diagram

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// Diagram is what is drawn.
type Diagram struct {
	Database *schema.Database
	Graph    *schema.Graph
	// Choice gives the generator that a column would get; nil, or a nil result, where none is known.
	Choice func(t *schema.Table, c *schema.Column) *Choice
}

// Choice is a generator for a column, and why it is this one.
type Choice struct {
	Generator  string
	Why        string
	Confidence string
}

// New makes a diagram of a database.
func New(d *schema.Database) *Diagram { return &Diagram{Database: d, Graph: d.Graph()} }

// Name is the table's name as people write it.
func (d *Diagram) Name(t *schema.Table) string { return d.Database.Qualified(t) }

// ChoiceOf is the generator that a column would get, or nil.
func (d *Diagram) ChoiceOf(t *schema.Table, c *schema.Column) *Choice {
	if d.Choice == nil {
		return nil
	}
	return d.Choice(t, c)
}

// ParentNames are the tables that t refers to, itself left out.
func (d *Diagram) ParentNames(t *schema.Table) (names []string) {
	for _, r := range d.Graph.Parents[t] {
		if name := d.Name(r.To); r.To != t && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Circles says for each circle who refers to whom in it.
func (d *Diagram) Circles() (circles []string) {
	for _, group := range d.Graph.Groups {
		var edges []string
		for _, t := range group {
			for _, r := range d.Graph.Parents[t] {
				if !slices.Contains(group, r.To) {
					continue
				}
				edge := d.Name(t) + "." + strings.Join(r.Columns, "+") + " to " + d.Name(r.To)
				if r.Nullable {
					edge += " (may be null)"
				} else if r.Deferrable {
					edge += " (deferrable)"
				}
				edges = append(edges, edge)
			}
		}
		if len(edges) > 0 {
			circles = append(circles, strings.Join(edges, ", "))
		}
	}
	return circles
}

// Rows says how many rows a table holds, as far as statistics know. known is false where there are some, but
// nobody has counted.
func Rows(t *schema.Table) (n int64, known bool) {
	switch {
	case !t.HasRows:
		return 0, true
	case t.Rows > 0:
		return t.Rows, true
	}
	return 0, false
}

// RowsText is Rows for people.
func RowsText(t *schema.Table) string {
	n, known := Rows(t)
	switch {
	case !known:
		return "some rows"
	case n == 0:
		return "empty"
	case n == 1:
		return "~1 row"
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return "~" + digits + " rows"
}

// TypeText is a type as a declaration has it: its domain's name, or its name with length or precision.
func TypeText(t schema.Type) string {
	number := strconv.Itoa
	switch {
	case t.Domain != "":
		return t.Domain
	case strings.Contains(t.Name, "("):
	case t.Category == schema.ArrayType && t.Element != nil:
		return TypeText(*t.Element) + strings.Repeat("[]", max(t.Dimensions, 1))
	case t.Length > 0 && t.Base != "name":
		return t.Name + "(" + number(t.Length) + ")"
	case t.Precision > 0:
		return t.Name + "(" + number(t.Precision) + "," + number(t.Scale) + ")"
	}
	return t.Name
}

// shortTypes are what the long names of types are shown as where there is little room.
var shortTypes = strings.NewReplacer("character varying", "varchar", "timestamp with time zone", "timestamptz", "timestamp without time zone", "timestamp",
	"time without time zone", "time", "time with time zone", "timetz", "double precision", "double", "character", "char")

// isKey tells whether the column is of the primary key.
func isKey(t *schema.Table, column string) bool {
	return t.PrimaryKey != nil && slices.Contains(t.PrimaryKey.Columns, column)
}

// isUnique tells whether a foreign key leads each row to a parent of its own: its columns hold a whole key.
func isUnique(t *schema.Table, columns []string) bool {
	return slices.ContainsFunc(t.Uniques, func(u *schema.Unique) bool {
		return u.Where == "" && len(u.Columns) > 0 && !slices.ContainsFunc(u.Columns, func(c string) bool { return !slices.Contains(columns, c) })
	})
}

// KeyText is a foreign key for people: "(a, b) to parents (x, y)".
func (d *Diagram) KeyText(r schema.Reference) string {
	text := "(" + strings.Join(r.Columns, ", ") + ") to " + d.Name(r.To)
	if len(r.RefColumns) > 0 {
		text += " (" + strings.Join(r.RefColumns, ", ") + ")"
	}
	if r.OnDelete != "" {
		text += ", on delete " + string(r.OnDelete)
	}
	if r.OnUpdate != "" {
		text += ", on update " + string(r.OnUpdate)
	}
	if r.Deferrable {
		text += ", deferrable"
	}
	if r.Nullable {
		text += ", may be null"
	}
	return text
}

// UniqueText is a unique for people: "(lower(email)) where (deleted_at IS NULL)".
func UniqueText(u *schema.Unique) string {
	parts := u.Columns
	if len(u.Expressions) > 0 {
		parts = u.Expressions
	}
	text := "(" + strings.Join(parts, ", ") + ")"
	if u.NullsNotDistinct {
		text += " nulls not distinct"
	}
	if u.Where != "" {
		text += " where " + u.Where
	}
	return text
}

// ExclusionText is an exclusion for people: "gist (room with =, during with &&)".
func ExclusionText(e *schema.Exclusion) string {
	var parts []string
	for _, el := range e.Elements {
		what := el.Column
		if what == "" {
			what = el.Expression
		}
		parts = append(parts, what+" with "+el.Operator)
	}
	text := e.Method + " (" + strings.Join(parts, ", ") + ")"
	if e.Where != "" {
		text += " where " + e.Where
	}
	return text
}

// TriggerText is a trigger for people: "touch: before each row calls public.touch".
func TriggerText(g *schema.Trigger) string {
	text := g.Name + ": after"
	if g.Before {
		text = g.Name + ": before"
	}
	switch {
	case g.Row:
		text += " each row"
	default:
		text += " each statement"
	}
	if g.Function != "" {
		text += " calls " + g.Function
	}
	if g.Deferred {
		text += ", at commit"
	}
	if g.Disabled {
		text += ", disabled"
	}
	return text
}

// ColumnNotes says what is known of a column besides its name and type.
func ColumnNotes(t *schema.Table, c *schema.Column) (notes []string) {
	if isKey(t, c.Name) {
		notes = append(notes, "key")
	}
	if c.NotNull {
		notes = append(notes, "not null")
	}
	switch {
	case c.Generated && c.Computed != "":
		notes = append(notes, "computed: "+c.Computed)
	case c.Generated:
		notes = append(notes, "computed")
	case c.Identity != "":
		notes = append(notes, "identity "+c.Identity)
	case c.Sequence != "":
		notes = append(notes, "from "+c.Sequence)
	case c.Default != "":
		notes = append(notes, "default "+c.Default)
	}
	if c.Denied {
		notes = append(notes, "not for this role")
	}
	if len(c.Type.Enum) > 0 {
		notes = append(notes, "one of "+strings.Join(c.Type.Enum, ", "))
	}
	return notes
}
