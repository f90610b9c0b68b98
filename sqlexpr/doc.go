// Package sqlexpr is the language of expressions in SQL, of PostgreSQL and of SQLite: a lexer, a parser and the tree that
// it gives. Nothing else in this module takes the text of an expression apart.
//
// It knows no types, columns or rows: package check says what an expression is for a row of a table.
package sqlexpr
