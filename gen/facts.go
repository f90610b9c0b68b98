package gen

import (
	"slices"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
)

// Facts are what is true of all cells of a Filler, whatever the row. Who plans asks for them, and knows no generator
// by its type. Further facts have interfaces of their own, since few generators know them: Indexed, Distinct, Bounded,
// Ranged, Scaled, Offsetable, Ruled. TestFacts holds all of them against cells.
type Facts struct {
	Drawn     bool        // another attempt may give another cell; where false, it never does
	Null      Nullness    // of cells whose inputs are not null
	NullShare float64     // with SomeNull: the share of rows, 0 where it is not known
	NullWith  []int       // indexes of inputs: where one of them is null, so is the cell
	Copies    *Input      // each cell is that of this input, or null; nil: it is no copy
	Values    *column.Vec // all cells that it may give, null among them; nil where they are not listed
	Weighted  bool        // the blueprint lets some values come more often than others
	Unbounded bool        // Bounds says nothing of the cells' size
	Floats    *FloatRange // of the kind Float; nil where it is not known
	Apart     string      // Fillers that name the same give one cell for no two rows of a table; "" says nothing
	Choice    *Choice     // each cell is one of another Filler
}

// Nullness says whether a Filler gives nulls of its own.
type Nullness uint8

// The kinds of Nullness.
const (
	NeverNull Nullness = iota
	MayBeNull          // nobody knows before the cells are made
	SomeNull           // by a share of the rows, or by one of its values
	OnlyNull           // in every row
)

// FloatRange is where floats lie.
type FloatRange struct{ Min, Max float64 }

// Choice is what a Filler does that lets others make its cells, by the text of an input.
type Choice struct {
	On    Input
	Cases []string
	At    []blueprint.Pos // of the cases
	Of    []Facts         // of the Filler of each case, and behind them of the one for all other rows
}

// Case gives the facts of the Filler that makes the cell where the input has a text.
func (c *Choice) Case(text string) *Facts {
	if i := slices.Index(c.Cases, text); i >= 0 {
		return &c.Of[i]
	}
	return c.Else()
}

// Else gives the facts of the Filler of all other rows, those in which the input is null among them.
func (c *Choice) Else() *Facts { return &c.Of[len(c.Cases)] }

// Steady is implemented by makers that may give the same cell at every draw, so that drawing again does not help.
// What is said here of arguments that are not compiled, Facts.Drawn says of the Filler.
type Steady interface{ Steady() bool }

// IsSteady tells whether a maker's generator gives the same cell at every draw.
func IsSteady(m Maker) bool {
	s, ok := m.(Steady)
	return ok && s.Steady()
}

// Grouped is implemented by makers whose cells columns of a table share by a name: those of one row are about the same
// person or place. Such a generator draws by the row's number in the table, whatever part the column is of.
type Grouped interface{ GroupName() string }

// IsGrouped tells whether a maker shares cells with other columns.
func IsGrouped(m Maker) bool {
	g, ok := m.(Grouped)
	return ok && g.GroupName() != ""
}

// AlwaysNull tells whether f gives nothing but null.
func AlwaysNull(f Filler) bool { return f.Facts().Null == OnlyNull }

// DrawnAgain gives the facts of a Filler whose values are dealt to rows: each draw deals another one.
func DrawnAgain(f Filler) Facts {
	facts := f.Facts()
	facts.Drawn, facts.Weighted = true, false
	return facts
}

// anyDrawn tells whether one of several Fillers is drawn.
func anyDrawn(fills ...Filler) bool {
	return slices.ContainsFunc(fills, func(f Filler) bool { return f.Facts().Drawn })
}

// listedFacts are those of a Filler of known cells: any of them, or those with a weight above 0.
func listedFacts(cells *column.Vec, comes func(i int) bool) Facts {
	f := Facts{Values: cells}
	for i := range cells.Len() {
		if cells.Null(i) && comes(i) {
			f.Null = SomeNull
		}
	}
	return f
}
