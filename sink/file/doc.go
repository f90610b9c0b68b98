// Package file is the sink that writes files: one for each table in one directory, and a manifest.
//
// Files appear whole or not at all. Each is written under a temporary name in its own directory, and
// Finish gives all of them their names at once, after everything has reached the disk; manifest.json,
// with the number of rows and the SHA-256 of each file, comes last, so that its presence says that
// everything else is there. Without Finish nothing remains.
//
// A shard's files and manifest are named after it, and are the same bytes whenever and wherever they are made: it may be
// killed, repeated and run twice at once. Its manifest says that its files are there; Merge holds all shards against one
// another, and writes the manifest of all.
//
// A file holds its table's rows in the order of their numbers, from row 0 on and without gaps, whatever
// the order in which loaders commit them: what a loader has written it keeps in memory until Commit,
// and Commit waits for its turn. So memory is that of one transaction for each loader. It follows that
// rows must be handed out in order: when a Commit waits, the rows before its own must be with another
// goroutine's loader, or yet to come to one.
//
// To add a format, implement Format and Encoder (csv.go shows how).
package file
