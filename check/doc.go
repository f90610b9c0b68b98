// Package check understands check constraints (trees of package sqlexpr): it finds what would make them
// true, and evaluates them over rows in three-valued logic, as the database would.
//
// It stands beside the path blueprint -> schema -> plan -> rows -> sink: package infer asks it for Cases, the
// ways to satisfy a table's checks, from which generators are chosen; package plan compiles Programs,
// which hold rows against those checks that no generator keeps by construction.
package check
