// Package pgcopy writes rows in the two formats of PostgreSQL's COPY, for loads into a server and for
// files that psql's \copy reads.
//
// The kernel that writes a column's cells is chosen once, from the cells' kind and the column's type.
// Text takes every pair that the server converts; binary only those whose bytes are the type's own
// (https://www.postgresql.org/docs/current/sql-copy.html, and each type's receive function).
package pgcopy
