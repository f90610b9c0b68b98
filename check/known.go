package check

import (
	"fmt"
	"slices"
	"strconv"
)

// known is what is known of a function of SQL, or of several that differ in little, beside its names. All of it but the names
// may be missing. Adding a function is an entry in the file of its family; what nobody knows the database is asked for, and
// held by drawing again.
type known struct {
	names  []string
	strict bool // null exactly where an argument is

	text   *ofText                                                         // PostgreSQL's, of texts, where its types are always the same
	sqlite *ofSQLite                                                       // SQLite's
	derive func(s *solver, x *Call) (derived, bool)                        // the same in a blueprint's language
	invert func(v *Inverse, x *Call, begins func(string, int) string) bool // how the column in it comes from its value
	narrow func(*narrowing, comparison) outcome                            // what a comparison with a constant asks of the column itself
}

// ofText is a function that is null where an argument is, and how it is evaluated where none is.
type ofText struct {
	takes []*typ
	gives *typ
	eval  func(m *machine, v []value) value
}

// firstType stands for the type of the first argument in an ofText, as a text that is compared as that one is.
var firstType = &typ{}

// ofSQLite is a function of SQLite that is null where an argument is, and how it is evaluated where none is.
type ofSQLite struct {
	least, most int // arguments
	eval        func(m *machine, v []value) value
}

// comparison is a function of a column, compared with a constant: length(x) > 3.
type comparison struct {
	name string
	args []Expr // the column is in the first one
	op   string
	with Expr
}

// functions holds everything that is known of functions, by their names.
var functions = map[string]*known{}

func init() { // what is known calls on what asks for it
	for _, k := range slices.Concat(textFunctions, sizeFunctions, numberFunctions, momentFunctions, jsonFunctions, anyFunctions) {
		for _, name := range k.names {
			if functions[name] != nil {
				panic(fmt.Sprintf("check: two entries for the function %s", name))
			}
			functions[name] = &k
		}
	}
}

// called writes a function as one of a blueprint's language, of its first argument.
func (s *solver) called(name string, of Expr, give kind, from ...kind) (derived, bool) {
	in, ok := s.derive(of)
	ok = ok && slices.Contains(from, in.kind)
	in.text, in.kind = name+"("+in.text+")", give
	return in, ok
}

// calledWith writes name(of, more), where more is a constant. What it gives is of the kind of its argument where give is
// kUnknown.
func (s *solver) calledWith(name string, of, more Expr, give kind, from ...kind) (derived, bool) {
	c, ok := s.deriveConstant(more)
	in, ok2 := s.derive(of)
	in.text, in.cols = name+"("+in.text+", "+c.text+")", slices.Clone(in.cols)
	ok = ok && ok2 && slices.Contains(from, in.kind)
	if give != kUnknown {
		in.kind = give
	}
	return in, ok
}

// invertSame is an inverse of functions that a value may well have been before: what they are of is the value itself.
func invertSame(v *Inverse, x *Call, begins func(string, int) string) bool {
	return len(x.Args) == 1 && v.back(x.Args[0], begins)
}

// constantInt gives an argument that is a whole number; 0 where it is none.
func constantInt(x *Call, i int) int {
	if len(x.Args) <= i {
		return 0
	}
	text, _ := numberOf(x.Args[i])
	n, _ := strconv.Atoi(text)
	return n
}
