package gen

import "github.com/sowerdata/sower/column"

// Rule is something that is true of the cells that a Filler makes. Verification asks it of the
// database in SQL, and of recomputed cells in Go. One of SQL, Counts, Parents or Each is set; Cell goes
// with SQL.
type Rule struct {
	Text string // what is true, as a phrase: "is between 0 and 1"

	// SQL gives a predicate that is true or null for every legal cell. x is the SQL expression of the
	// cell, in those of the Filler's inputs, by index ("" where an input has no expression: it is no
	// column and stands in no column). "" says that this dialect cannot tell.
	SQL func(d Dialect, x string, in []string) string
	// Cell says the same of recomputed cells.
	Cell func(v *column.Vec, i int, in []*column.Vec) bool

	// Counts are exact numbers of rows by value, over the rows that the Filler fills.
	Counts []Count
	// Parents are exact numbers of rows by named parent row.
	Parents []ParentCount
}

// Count is an exact number of rows with one value.
type Count struct {
	Value any // nil, bool, int64, float64 or string
	Rows  int64
}

// ParentCount is an exact number of rows that refer to one row of another table.
type ParentCount struct {
	Table string
	Row   int64
	Name  string
	Rows  int64
}

// Ruled is a Filler with rules of its own.
type Ruled interface {
	Rules() []Rule
}

// Dialect writes the SQL that rules need. Expressions go in and come out as SQL text; only Ident and
// Text take raw names and texts, which they quote.
type Dialect interface {
	Name() string                              // "postgres" or "sqlite"
	Ident(names ...string) string              // quoted, with dots between them; empty names are left out
	Text(s string) string                      // a text literal
	Value(v any) string                        // a literal of nil, bool, int64, float64 or string
	Cell(v *column.Vec, i int) string          // a literal of a cell
	Prefix(x string, n int) string             // the first n characters of text x
	Length(x string) string                    // characters of text x
	JSONField(x, key string) string            // a field of object x as text; the literal value of a string
	JSONArray(x, key string) string            // a field of object x as JSON
	JSONEqual(a, b string) string              // predicate: two JSON documents are the same
	JSONLength(x string) string                // elements of array x
	JSONDistinct(x string) string              // predicate: array x has no element twice
	JSONWithin(x string, pool []string) string // predicate: every element of array x is one of pool's texts
	Greatest(xs ...string) string              // the largest, nulls left out
	AddMicros(x string, us int64) string       // timestamp x moved by us microseconds
	Matches(x, pattern string) string          // predicate: text x matches the RE2 pattern wholly; "" where the dialect has no regular expressions
	InKeys(x string) string                    // predicate: x is one of the keys given as the query's only parameter
}
