package schema

import (
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// Database is one database as an Inspector found it.
type Database struct {
	Dialect   string // "postgres" or "sqlite"
	Name      string
	Version   string // the server's, as it says it
	Tables    []*Table
	LeftOut   []string // views, foreign tables, tables of extensions: "public.v (view)"
	Sequences []*Sequence
	Functions map[string]*Function // by qualified name, those that checks call: "public.no_control_chars"
	Defaults  string               // the schema that unqualified names mean ("public"); "" in SQLite
}

// Table is one table.
type Table struct {
	Schema        string // "" in SQLite
	Name          string
	ID            int64 // the database's own number for it, which a rename leaves (PostgreSQL: its OID); 0 where it has none
	Comment       string
	Columns       []*Column
	Refused       string  // why the database takes no rows, as things are; "" where it does
	PrimaryKey    *Unique // nil where there is none; also in Uniques
	Uniques       []*Unique
	ForeignKeys   []*ForeignKey
	Checks        []*Check
	Exclusions    []*Exclusion
	Partition     *Partition    // set where the table is a partition of another
	Partitioned   bool          // a partitioned parent
	PartitionedBy *PartitionKey // of one: how its rows fall; nil where that is not known
	OfPartitions  []*ForeignKey // those that partitions of it have and it has not: they bind the rows that fall there
	KeysBelow     []*Unique     // uniques that partitions of it have and it has not: they bind the rows that fall there
	Inherits      []string      // qualified names of the tables that it inherits from, partitions left out
	Inherited     bool          // other tables, no partitions, inherit from it: only FROM ONLY reads its own rows
	Unlogged      bool
	Options       []string   // of SQLite: "without rowid", "strict"
	Indexes       int        // number of all indexes, those of keys included
	Triggers      []*Trigger // user triggers that fire on insert, those of constraints included
	RowSecurity   bool
	CanInsert     bool  // the role may insert
	Rows          int64 // rows as the statistics have it; -1 where unknown
	HasRows       bool  // at least one row stands in it
}

// Column is one column of a table.
type Column struct {
	Name      string
	ID        int // the database's own number for it in its table, which a rename leaves; 0 where it has none
	Type      Type
	NotNull   bool
	Default   string // the default's expression; "" where there is none
	Generated bool   // computed by the database: never written
	Computed  string // of a generated column: the expression
	Denied    bool   // the role may insert into the table, but may not give this column a value
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
	// Keeps is the smallest unit that an interval with a modifier keeps: year, month, day, hour, minute or second (Scale
	// digits of it); "" where it has none.
	Keeps string
	// Precision and Scale of numeric; Precision 0: unconstrained. Timestamp, Time: Scale is the number of digits of the second, 0 to 6.
	Precision, Scale int
	Enum             []string // labels of an enum
	EnumName         string   // of an enum: its qualified, quoted name, for casts
	Base             string   // the catalog's own name of the type ("int4", "timestamptz", "_text"); "" for user types
	Category         Category // what sort of type it is
	Element          *Type    // of an array: its elements'. Of a range or multirange: its bounds'
	Dimensions       int      // of an array: as declared, 1 where that is not said
	Fields           []Field  // of a composite type
	Extension        string   // the extension that the type comes from: "citext", "ltree", "postgis"
	Feature          *Feature // of PostGIS's geometry and geography: what its modifier says; nil where there is none
	Domain           string   // the domain's name, where the column's type is one (the other fields say its base)
	Checks           []*Check // of a domain: its checks and those of the domains beneath, over VALUE; those of a column are among its table's, too
	JSONB            bool     // jsonb (order and doubles normalised) rather than json
	Zone             bool     // timestamptz, timetz
	Fixed            bool     // char(n): padded with blanks
}

// Feature is the modifier of a column of PostGIS: geometry(PolygonZ, 4326).
type Feature struct {
	Code int  // of the subtype, as in well-known binary: 1 for a point to 7 for a collection, and those beyond; 0: any
	SRID int  // the number of its reference system; 0: any
	Z, M bool // further coordinates of each point
}

// Single tells whether the type is a float of single precision.
func (t Type) Single() bool { return t.Kind == column.Float && t.Width == 4 }

// Category is a sort of types.
type Category uint8

// The categories.
const (
	Plain Category = iota
	EnumType
	ArrayType
	RangeType
	MultirangeType
	CompositeType
)

// Field is one field of a composite type.
type Field struct {
	Name string
	Type Type
}

// Sequence is a sequence, with the columns that it feeds.
type Sequence struct {
	Name      string   // qualified
	Columns   []string // "public.orders.id" of every column whose default or identity takes its values
	Start     int64
	Increment int64
	Min, Max  int64
	Cycle     bool
}

// Function is a function that a check calls.
type Function struct {
	Name     string // qualified
	Language string
	Body     string   // of an SQL or PL/pgSQL function: its text; of one in the SQL standard's form: the expression or query alone
	Args     []string // names, "" where unnamed
	Strict   bool     // null where an argument is null
}

// Trigger is a user's trigger that fires on insert.
type Trigger struct {
	Name       string
	Function   string // qualified name of what it calls
	Before     bool   // before the row stands, so that it may change it
	Row        bool   // once a row rather than once a statement
	Constraint bool
	Deferred   bool // fires at commit
	Disabled   bool
	When       bool // it fires for those rows alone that a condition (WHEN) holds for
	// Code is what it runs, in PL/pgSQL or SQLite's SQL; nil where that is another language, or no tokens of SQL.
	Code *routine.Routine
}

// AtCommit tells whether the trigger fires for each row when its transaction ends.
func (g *Trigger) AtCommit() bool { return g.Row && g.Deferred && !g.Disabled && g.Code != nil }

// Awaits tells whether a trigger of table t that fires at commit looks at rows of a table o, or deletes the row of t unless rows
// of o keep it.
func (g *Trigger) Awaits(t, o *Table) bool {
	if !g.AtCommit() {
		return false
	}
	refers := slices.ContainsFunc(o.References(), func(fk *ForeignKey) bool {
		return o != t && fk.RefTable == t.Name && fk.RefSchema == t.Schema && fk.OnDelete != "cascade"
	})
	return g.Code.Names(o.Name) || refers && g.Deletes(t)
}

// Deletes tells whether the trigger deletes rows of the table that it fires for.
func (g *Trigger) Deletes(t *Table) bool {
	if g.Code == nil {
		return false
	}
	found := false
	routine.Walk(g.Code.Body, func(s routine.Statement) {
		c, ok := s.(*routine.Change)
		found = found || ok && c.Delete && c.Table == t.Name && (c.Schema == "" || c.Schema == t.Schema)
	})
	return found
}

// Exclusion is an exclusion constraint, or a key WITHOUT OVERLAPS.
type Exclusion struct {
	Name       string
	Elements   []ExclusionElement
	Where      string
	Method     string // gist, spgist, btree, hash
	Deferrable bool
}

// ExclusionElement is one element of an Exclusion: no two rows may have both true for all of them.
type ExclusionElement struct {
	Column     string // "" where it is an expression
	Expression string // as the database prints it: "tstzrange(starts_at, ends_at)"
	Operator   string // "=", "&&", "<>"
}

// Action says what a foreign key does when its parent goes or changes.
type Action string

// Unique is a primary key, unique constraint or unique index.
type Unique struct {
	Name             string
	Columns          []string // plain columns; empty where an expression takes part
	Expressions      []string // each key part as the database prints it, where one is an expression
	Where            string   // predicate of a partial index
	Primary          bool
	NullsNotDistinct bool
	Constraint       bool // a constraint rather than only an index: a foreign key can refer to it
	Deferrable       bool
	Depends          []string // all columns that take part, those in expressions and in Where too
}

// ForeignKey references a unique key of another table, or of the same one.
type ForeignKey struct {
	Name               string
	Columns            []string
	RefSchema          string
	RefTable           string
	RefColumns         []string
	Deferrable         bool
	Deferred           bool // initially deferred
	MatchFull          bool
	NotValid           bool
	OnDelete, OnUpdate Action // "" for no action; "cascade", "restrict", "set null", "set default"
	Period             bool   // its last column is a period: contained in those of the parents (PERIOD)
	Broken             bool   // it refers to no key: the database takes no row of either table
}

// Check is a check constraint, of the table or of a column's domain.
type Check struct {
	Name       string
	Expression string   // as the database prints it, without CHECK
	Columns    []string // those that it reads, where the catalog says so
	Domain     string   // the domain that it comes from; in Expression the value is then VALUE
	NoInherit  bool
	NotValid   bool
	Functions  []string // qualified names of the user's functions that it calls
}

// PartitionKey says by what the rows of a partitioned table fall into its partitions.
type PartitionKey struct {
	Strategy string   // "list", "range", "hash"
	Columns  []string // "" for an expression
}

// NewPartition is a partition that a table is to get.
type NewPartition struct {
	Schema string `json:"schema"`
	Table  string `json:"table"` // that it is a partition of
	Name   string `json:"name"`
	Bound  string `json:"bound"` // as it is declared: FOR VALUES IN ('a')
}

// Partition is a table's place in its partitioned parent.
type Partition struct {
	ParentSchema, ParentTable string
	Strategy                  string            // "list", "range", "hash"
	Bound                     string            // as the database prints it: "FOR VALUES IN ('items')"
	Key                       []string          // of the parent: key columns; "" for an expression
	Condition                 string            // what is true of every row in it, as the database prints it (pg_get_partition_constraintdef)
	Only                      map[string]string // column -> its only legal value (text form), for single-value lists, those of the parents included
}

// Qualified is the table's name as people write it: with its schema where that is not the default one. Where dots within
// names make it that of another table too, it has quotes.
func (d *Database) Qualified(t *Table) string {
	name := d.plain(t)
	if t.Schema == "" || !strings.Contains(t.Schema, ".") && !strings.Contains(t.Name, ".") {
		return name
	}
	if !slices.ContainsFunc(d.Tables, func(o *Table) bool { return (o.Schema != t.Schema || o.Name != t.Name) && d.plain(o) == name }) {
		return name
	}
	if t.Schema == d.Defaults {
		return quoted(t.Name)
	}
	return quoted(t.Schema) + "." + quoted(t.Name)
}

func (d *Database) plain(t *Table) string {
	if t.Name == "" {
		return quoted(t.Name)
	}
	if t.Schema == "" || t.Schema == d.Defaults {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

func quoted(name string) string {
	if name == "" || strings.ContainsAny(name, `."`) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// Table finds a table by its name as people write it, or gives nil.
func (d *Database) Table(name string) *Table {
	for _, t := range d.Tables {
		if d.Qualified(t) == name {
			return t
		}
	}
	for _, t := range d.Tables {
		if t.Schema+"."+t.Name == name {
			return t
		}
	}
	return nil
}

// References gives the foreign keys that rows of the table may have to hold: its own, and those of partitions alone.
func (t *Table) References() []*ForeignKey {
	if len(t.OfPartitions) == 0 && t.Refused == "" {
		return t.ForeignKeys
	}
	return slices.DeleteFunc(slices.Concat(t.ForeignKeys, t.OfPartitions), func(fk *ForeignKey) bool { return fk.Broken })
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
