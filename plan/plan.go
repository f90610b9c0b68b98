package plan

import (
	"errors"
	"sync/atomic"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/internal/rng"
	"github.com/sowerdata/sower/schema"
)

// OutputVersion changes whenever the same blueprint, parameters and seed give other bytes.
const OutputVersion = 1

// ErrNothing says that a plan would fill no table.
var ErrNothing = errors.New("there is nothing to fill")

// Plan is a compiled blueprint. It is immutable while rows are made from it; the calls of resolve.go,
// which settle what only the database knows, come before.
type Plan struct {
	Blueprint  *blueprint.Blueprint
	Database   *schema.Database // nil where no database takes part
	Seed       uint64
	Append     int                   // 0 for the first run in a database, n for the n-th appended one
	Tables     []*Table              // parents before children, but for those of one unit: see Units
	Notices    []string              // what the user should know and is no error
	Meanings   []string              // what columns mean together, as it was inferred: a sentence each, with how sure it is
	Partitions []schema.NewPartition // that its rows need and the database has not
	Inferred   Inferred              // of a blueprint that was inferred
	Growth     *Growth               // of a run that grows others; else nil

	options  Options
	revision atomic.Int64
	remade   atomic.Int64
}

// Inferred is a blueprint that no file holds: the record of a run keeps it, so that a resume and a
// verification go by it.
type Inferred struct {
	Text  string   `json:"text"`
	More  []string `json:"more,omitempty"` // what completed it since, as the schema grew: see blueprint.With
	Asked string   `json:"asked"`          // the options that it was inferred with
	// LeftOut are the tables that are not filled, since nothing that is known satisfies them, or since they need such.
	LeftOut []LeftOut `json:"left_out,omitempty"`
}

// LeftOut is a table that was to be filled and is not, and why.
type LeftOut struct {
	Table  string `json:"table"`
	Reason string `json:"reason"`
}

// Table is one table to fill.
type Table struct {
	Name       string        // as the blueprint writes it
	Schema     *schema.Table // nil where no database takes part
	Rows       int64
	Parts      []*Part
	Columns    []*Column        // every compiled column, virtual ones and links too
	Out        []*Column        // those that are written, in the table's order
	Key        *Column          // the single column of the primary key; nil where it has another form
	Named      map[string]int64 // row numbers of the fixed rows
	Parents    []*Table         // tables that must be loaded before, or together with it, without itself
	Unit       int              // tables that refer to one another in a circle have the same: see Plan.Units
	Sequential bool             // rows refer to earlier rows of the table: batches go one after another
	Adoptable  []string         // names of fixed rows that a standing row may take the place of
	Triggered  bool             // triggers make its rows: referred to, never written
	Standing   bool             // its rows stand in the database: referred to, never written; Out is empty
	Adopted    map[int64]bool   // rows that stood before the run: referred to, never written
	Filled     []Filled         // columns that came after rows of it were made
	Guards     []*Guard         // checks that are held by drawing again
	key        rng.Key
	byName     map[string]*Column
	spec       *blueprint.Table
	standing   *column.Batch // the rows of a standing table; nil where nobody has read them
	absent     bool          // the database lacks it, which is reported
	revision   *atomic.Int64 // of the plan: counts what changes cells after Build
	remade     *atomic.Int64 // of the plan: counts what may change which rows match
}

// Part is a run of rows that are counted together.
type Part struct {
	Name  string
	First int64 // row number of its first row
	Rows  int64
	Each  *Table        // it follows the rows of this table; nil where the part has a count of its own
	Among *gen.Siblings // how many rows for each of them; nil: one
	link  *Column
}

// Column is one column of a Table.
type Column struct {
	Table  *Table
	Name   string
	Index  int // place in Table.Columns
	Kind   column.Kind
	Scale  int32   // of Decimal cells: digits behind the point
	Single bool    // Float cells have single precision, as the database holds them
	Nodes  []*Node // one for each part of the table; the same pointer where parts do not differ
	Unique bool    // its cells are distinct
	Link   *Column // the column of parent row numbers, where this one refers to a parent
	Target *Table  // of a column of parent row numbers: the parent
	Why    string  // why it has this generator, where the blueprint does not say it; "" where it does
	Spec   *blueprint.Column
	Guard  *Guard // that settles its cells; nil for none

	state  state
	parts  []state                        // of Nodes, while compiling
	links  []*linkNode                    // the parents' row numbers by part, nil where it refers to none
	cases  map[string]blueprint.Generator // by part, where parts differ
	fixed  map[int64]*column.Vec          // row -> its given cell, a Vec of one
	redraw map[int64]uint32               // row -> attempt

	by        map[string]int // generators, and what is done with their cells -> version
	otherwise *Otherwise
}

// Node fills a column in one part.
type Node struct {
	Fill   gen.Filler
	Local  bool // rows are counted from the part's first row
	Inputs []Input
	When   *When // nil: none of its cells is null for that

	raw   gen.Filler // as the maker made it, before plan made it unique or null
	nulls float64    // share of null cells that the blueprint asks for

	nested *int32 // scale of the decimals of nested generators
	mixed  bool   // they have several

	distinct bool // its cells, those that are not null, are distinct
	derived  bool // they are computed from others, which is to be proved: see proveDerived

	// On, of row numbers of parents that match: the parent's columns whose cells equal those of Inputs, one
	// for one.
	On []*Column

	Fold *Fold // what it sums up, as its only input; nil where it sums up nothing

	kin    *kinship // of a Numbering: among whose rows it numbers
	match  *match   // of On
	needs  []need   // references that match cells of the rows that these numbers lead to
	remake func(live []uint32) (gen.Filler, error)
	ref    *gen.Reference              // of row numbers
	wrap   func(gen.Filler) gen.Filler // makes the share of nulls
	joint  *combination                // of which the cells are drawn together with others'
}

// Input is a cell that a Node reads: Column, in the row reached through Links (none: the same row).
type Input struct {
	Links  []*Column // columns of parent row numbers; the first of the Node's own table
	Column *Column
	path   string // as the blueprint writes it
}

type state uint8

const (
	untouched state = iota
	compiling
	compiled
	failed
)

// Table finds a table by name, or gives nil.
func (p *Plan) Table(name string) *Table {
	for _, t := range p.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Revision counts what changed cells of the plan since it was built.
func (t *Table) Revision() int64 { return t.revision.Load() }

// Column finds a column by name, or gives nil.
func (t *Table) Column(name string) *Column { return t.byName[name] }

// PartOf gives the index of the part that holds a row.
func (t *Table) PartOf(row int64) int {
	for i, p := range t.Parts {
		if row < p.First+p.Rows {
			return i
		}
	}
	return len(t.Parts) - 1
}

// Shared gives the Node that fills every part alike, or nil where parts differ.
func (c *Column) Shared() *Node {
	for _, n := range c.Nodes[1:] {
		if n != c.Nodes[0] {
			return nil
		}
	}
	return c.Nodes[0]
}

// Special tells whether any row of the column has a given or redrawn cell.
func (c *Column) Special() bool { return len(c.fixed) > 0 || len(c.redraw) > 0 }

// FixedCell gives the given cell of a row, as a Vec of one, or nil.
func (c *Column) FixedCell(row int64) *column.Vec { return c.fixed[row] }

// Attempt is the number of the draw that the row's cell comes from: 0 but for redrawn cells.
func (c *Column) Attempt(row int64) uint32 { return c.redraw[row] }

// Redrawn tells whether any cell was drawn again.
func (c *Column) Redrawn() bool { return len(c.redraw) > 0 }

// SpecialRows gives the rows of Special, unordered.
func (c *Column) SpecialRows() []int64 {
	var out []int64
	for r := range c.fixed {
		out = append(out, r)
	}
	for r := range c.redraw {
		if c.fixed[r] == nil {
			out = append(out, r)
		}
	}
	return out
}

// Names gives the names of columns.
func Names(cols []*Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}

// Kinds gives the kinds of columns.
func Kinds(cols []*Column) []column.Kind {
	out := make([]column.Kind, len(cols))
	for i, c := range cols {
		out[i] = c.Kind
	}
	return out
}
