// Package schema holds the relational model: what the database is.
//
// It is the second step of the path blueprint -> schema -> plan -> rows -> sink, and pure data with
// its graph: the db packages reflect a server's catalog into it, plan reads it. It imports nothing of
// sower but the kinds of column.
package schema
