package blueprint

// Cause says to programs what a problem is, as its Message says it to people: nobody reads that but those who show it.
type Cause struct {
	Kind    CauseKind
	Columns []string // columns of the table that it is about, besides Problem.Column
	Counted []string // of a unique: those whose numbers of values are too small
	Repeats []string // of a unique: those that cannot be drawn without repetition
}

// CauseKind is a kind of cause that can be mended in a way of its own.
type CauseKind uint8

// The kinds of causes.
const (
	Other          CauseKind = iota
	NoDraw                   // a check that is held by drawing again is false at every draw
	PartsMeet                // two parts may give the same value to a column that is unique
	NullsEqual               // a unique takes nulls as equal, and a column of it is null in more than one row
	TooFewValues             // columns that are unique together have fewer combinations than there are rows
	SameTwice                // a column that is unique is computed from others, and is the same in two rows
	NoUnit                   // columns that are unique together cannot be numbered as pairs
	NothingMatches           // no row of a parent matches some rows that refer to it, or too few do
)
