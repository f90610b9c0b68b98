// Package sower fills relational databases with synthetic data that obeys every rule of their schema.
//
// It is the library's face: a few calls over the packages that do the work, in the order in which data
// flows through them:
//
//	blueprint  ->  schema  ->  plan  ->  rows  ->  sink
//
// Load reads a blueprint, Plan compiles it, Rows makes any rows of a table without a database, and Fill
// loads a database opened with db/postgres or db/sqlite. The program in cmd/sower does the same from
// the command line.
package sower
