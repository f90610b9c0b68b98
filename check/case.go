package check

// Case is one way to satisfy all checks of a table at once: what each column must be, what must be true
// between columns, and what is left. A row that has all of it satisfies every check that was given.
type Case struct {
	Name    string             // a short word for it, from the values that set it apart: "kind_user"; "" for the only one
	Columns map[string]*Domain // by column; a column that is missing is free
	Between []Relation         // over two columns, both not null (a null in one of them satisfies it too)
	Equal   []Equation         // columns that are made from others
	Rest    []*Check           // checks that are not implied by the above: to be held by redrawing, or asked of the server
}

// Equation says that a column equals what others give: after = before + delta, year = extract(year from day). A null
// in one of them satisfies it too.
type Equation struct {
	Column     string
	Expression string   // as the generator expression of a blueprint reads it
	Columns    []string // that the expression reads

	Inverse *Equation // the same the other way round: of a length of time, its end by its beginning and the length; nil for none
}

// Domain is what one column must be. All of its fields hold together.
type Domain struct {
	Null      Null
	In        []string // the only legal values, in the type's text form; nil for any
	NotIn     []string
	Min, Max  *Bound // for numbers and dates, in the type's text form
	Multiple  string // a number that it is a multiple of; "" for none
	MinLength int    // characters
	MaxLength int    // 0 for no limit
	Bytes     bool   // MinLength and MaxLength count bytes: of a bytea, or of the text in UTF-8
	Patterns  []Pattern
	Lower     bool // equals lower(itself)
	Upper     bool
	Trimmed   bool     // no white space at its ends
	Filled    bool     // something other than white space in it
	JSON      string   // jsonb: "object", "array", "string", "number", "boolean"
	Members   []Member // of a JSON object: what is asked of them
	Items     []Member // of a JSON array: those that it has, at the least
	Elements  *Domain  // of an array: what each element must be
	MinSize   int      // of an array, also of JSON: elements
	MaxSize   int      // 0 for no limit
	NoNulls   bool     // of an array
}

// Null says whether a column is null.
type Null uint8

// The states of Null.
const (
	Either  Null = iota
	NotNull      // never null
	IsNull       // always null
)

// Bound is one end of a range of values.
type Bound struct {
	Value string // "0", "2020-01-01", "now", "now - 18 years": a constant's text, or an offset to the time of the statement
	Open  bool   // the value itself is not in the range
}

// Pattern is a regular expression, in the syntax of package regexp, that the text must match, or not.
type Pattern struct {
	Regexp     string
	Not        bool
	IgnoreCase bool
}

// Relation is a comparison between two columns of one row: Left Op Right + Offset.
type Relation struct {
	Left, Right string
	Op          string // "<", "<=", "=", "<>", "starts", "ends", "contained"
	Offset      string // "" for none; a number, or an interval such as "1 day"; of starts and ends, a text behind Right or before it

	from int // index of the check that it comes from
}
