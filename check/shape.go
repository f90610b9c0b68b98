package check

import "slices"

// comparison is a function of a column, compared with a constant: length(x) > 3.
type comparison struct {
	name string
	args []Expr // the column is in the first one
	op   string
	with Expr
}

// shape turns comparisons of some functions into what they ask of the column itself. Adding one is a file with its
// shapes and its name in init below. What no shape knows is held by drawing again.
type shape struct {
	functions []string
	narrow    func(*narrowing, comparison) outcome
}

var shapes = map[string]shape{}

func init() { // shapes call on narrowing, which asks for shapes
	for _, s := range slices.Concat(caseShapes, prefixShapes, sizeShapes, numberShapes, momentShapes, jsonShapes) {
		for _, f := range s.functions {
			shapes[f] = s
		}
	}
}
