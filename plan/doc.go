// Package plan decides who fills what, in what order.
//
// It is the third step of the path blueprint -> schema -> plan -> rows -> sink: Build compiles a
// resolved blueprint, matched with a database's schema where there is one, into Tables of Columns with
// one gen.Filler for each part of a table, in an order in which parents come first. It is pure: no I/O
// but the blueprint's own files, no driver. Whatever can fail from blueprint and schema alone fails
// here, and all of it is reported at once.
package plan
