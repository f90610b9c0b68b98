package schema

import "github.com/sowerdata/sower/column"

// Database is one database as an Inspector found it.
type Database struct {
	Dialect  string // "postgres" or "sqlite"
	Name     string
	Version  string // the server's, as it says it
	Tables   []*Table
	LeftOut  []string // views, foreign tables, tables of extensions: "public.v (view)"
	Defaults string   // the schema that unqualified names mean ("public"); "" in SQLite
}

// Table is one table.
type Table struct {
	Schema      string // "" in SQLite
	Name        string
	Comment     string
	Columns     []*Column
	PrimaryKey  *Unique // nil where there is none; also in Uniques
	Uniques     []*Unique
	ForeignKeys []*ForeignKey
	Checks      []*Check
	Partition   *Partition // set where the table is a partition of another
	Partitioned bool       // a partitioned parent
	Indexes     int        // number of all indexes, those of keys included
	Triggers    []string   // names of user triggers
	RowSecurity bool
	CanInsert   bool  // the role may insert
	Rows        int64 // rows as the statistics have it; -1 where unknown
}

// Column is one column of a table.
type Column struct {
	Name      string
	Type      Type
	NotNull   bool
	Default   string // the default's expression; "" where there is none
	Generated bool   // computed by the database: never written
	Identity  string // "always", "by default" or ""
	Sequence  string // qualified name of the sequence that feeds the default or identity; "" where none does
	Comment   string
	Collation string // "" for the database's default
}

// Type is a column's type.
type Type struct {
	Name   string      // as the database formats it, without its arguments: "character varying", "integer", "public.mood"
	Kind   column.Kind // the kind whose cells it stores and gives back; Literal for all that have none of their own
	Length int         // character limit of char and varchar; 0: none
	Width  int         // Int: bytes (2, 4, 8). Float: 4 or 8
	// Precision and Scale of numeric; Precision 0: unconstrained. Timestamp, Time: Scale is the number of digits of the second, 0 to 6.
	Precision, Scale int
	Enum             []string // labels of an enum
	Domain           string   // the domain's name, where the column's type is one (the other fields say its base)
	JSONB            bool     // jsonb (order and doubles normalised) rather than json
	Zone             bool     // timestamptz, timetz
	Fixed            bool     // char(n): padded with blanks
}

// Unique is a primary key, unique constraint or unique index.
type Unique struct {
	Name             string
	Columns          []string // plain columns; empty where an expression takes part
	Expressions      []string // each key part as the database prints it, where one is an expression
	Where            string   // predicate of a partial index
	Primary          bool
	NullsNotDistinct bool
}

// ForeignKey references a unique key of another table, or of the same one.
type ForeignKey struct {
	Name       string
	Columns    []string
	RefSchema  string
	RefTable   string
	RefColumns []string
	Deferrable bool
	MatchFull  bool
}

// Check is a check constraint, of the table or of a column's domain.
type Check struct {
	Name       string
	Expression string   // as the database prints it, without CHECK
	Columns    []string // those that it reads, where the catalog says so
}

// Partition is a table's place in its partitioned parent.
type Partition struct {
	ParentSchema, ParentTable string
	Strategy                  string            // "list", "range", "hash"
	Bound                     string            // as the database prints it: "FOR VALUES IN ('items')"
	Only                      map[string]string // column -> its only legal value (text form), for single-value lists, those of the parents included
}

// Qualified is the table's name as people write it: with its schema where that is not the default one.
func (d *Database) Qualified(t *Table) string {
	if t.Schema == "" || t.Schema == d.Defaults {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Table finds a table by its name as people write it, or gives nil.
func (d *Database) Table(name string) *Table {
	for _, t := range d.Tables {
		if d.Qualified(t) == name || t.Schema+"."+t.Name == name {
			return t
		}
	}
	return nil
}

// Column finds a column by name, or gives nil.
func (t *Table) Column(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}
