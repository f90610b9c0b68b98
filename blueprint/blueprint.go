package blueprint

import (
	"io/fs"

	"go.yaml.in/yaml/v4"
)

// Blueprint is a resolved blueprint: all parameters have their values, every ${...} is replaced.
type Blueprint struct {
	Name        string
	Description string
	Version     int               // of the blueprint language; 1
	DDL         map[string]string // dialect ("postgres", "sqlite") -> path of a DDL file below the folder
	Database    string            // path of a saved schema below the folder; "" for none
	Parameters  []*Parameter      // as declared, with Value set
	Pools       map[string]*PoolSpec
	Tables      []*Table // in the file's order
	Charts      []Chart
	Files       fs.FS  // the blueprint's folder
	Digest      string // SHA-256 (hex) over the blueprint, its includes and pool files: what its rows depend on, but for the parameters' values

	Source     *Source               // what Digest is of; nil where it is large
	Fit        *Fit                  // numbers of rows that are not its own; nil: none
	pools      map[string][]PoolText // one for a single pool, all of a group
	origin     origin
	generators []string
}

// Parameter is a declared parameter: a flag, an environment variable and a config key at once.
type Parameter struct {
	Name     string // snake_case; the flag is its kebab-case
	Type     string // integer, number, string, boolean, uuid, datetime
	Default  any    // int64, float64, string or bool; nil where there is none
	Min, Max any    // bounds for integer and number (int64 or float64) and datetime (string); nil: none
	Env      string // environment variable that sets it, besides SOWER_<NAME>
	Config   string // path of its key in a config file, dots between the levels; "" is its name
	Required bool   // a run without a value stops before it connects
	Help     string
	Value    any // int64, float64, string or bool, checked against Type, Min and Max
	Pos      Pos

	broken bool // its declaration has a mistake
}

// Table is what the blueprint says of one table.
type Table struct {
	Name      string // "users" or "schema.users"
	Standing  bool   // its rows stand in the database: referred to, never written
	Triggered bool   // its rows are made by triggers of the tables that its parts follow: never written
	Parts     []*Part
	Fixed     []*FixedRow
	Columns   []*Column
	Unique    []UniqueSet // uniqueness over several columns
	Checks    []Check     // constraints that are held by drawing again
	Pos       Pos
}

// Part is a run of a table's rows that are counted together. A table with a plain row count has one
// part with the name "".
type Part struct {
	Name   string
	Rows   int64       // the number of rows, where Each is ""
	Each   string      // it follows the rows of this table; the part's name is then a link to them
	Counts *EachCounts // how many rows for each row; nil: one
	// Computed is the number of rows as the file has it, where that is computed: "${orders * 3}"; "" where it is not.
	Computed string
	Pos      Pos
}

// FixedRow is a named row some of whose cells are given. Fixed rows are the first rows of the table's
// first part, in order.
type FixedRow struct {
	Name  string
	Adopt bool // a row with this key that already stands in the database takes this row's place
	Cells []FixedCell
	Pos   Pos
}

// FixedCell is one given cell.
type FixedCell struct {
	Column string
	Value  Value
	Pos    Pos
}

// Check is a check constraint of the database that no generator keeps by itself: its columns are drawn
// again until it is not false. Under the name of a partial unique index, they are drawn until the row is not in it.
type Check struct {
	Name   string
	Redraw []string
	Parts  []string // whose rows are held to it; nil for all
	Pos    Pos
}

// Column says how one column is filled.
type Column struct {
	Name      string
	Generator Generator
	Unique    bool
	NotBefore []string // paths of cells ("created_at", "creator_id.created_at") that this one is not before
	Virtual   bool     // not a column of the table: only other columns read it
	Added     bool     // not in the file: see With
	Optional  bool     // written where the table has it, left out without a notice where not
	Pos       Pos
}

// Generator is a generator's name and its arguments, undecoded.
type Generator struct {
	Name  string
	Args  *yaml.Node // nil where there are none
	Nulls float64    // share of cells that are null, 0 to 1
	When  string     // a condition: where it is not true, cells are null
	Pos   Pos
}

// PoolSpec names a pool of texts: one of its fields is set.
type PoolSpec struct {
	File   string   // one text a line; lines that begin with "# " are comments
	Dir    string   // a group of pools: each *.txt file is one, with an optional first line "# title: ..."
	Values []string // the texts themselves
	Pos    Pos
}

// Value is a scalar of the file, with its YAML type: nil, bool, int64, float64 or string.
type Value struct {
	V   any
	Pos Pos
}

// Pos is a place in a file. The zero Pos is nowhere.
type Pos struct {
	File         string
	Line, Column int // from 1
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
