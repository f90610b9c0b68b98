package check

// Check is one condition of a row.
type Check struct {
	Name       string   // of the constraint, as errors name it
	Expression string   // as the database prints it
	Columns    []string // those that it reads
	Functions  []string // what in it this package does not know: only the server can tell
	Open       []string // of a Case's Rest: the columns on which it still hangs
}
