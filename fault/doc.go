// Package fault holds tests alone: the real program fills a real database while something breaks, and after
// that the same command again must end in exactly the right rows and an unharmed schema.
//
// `go test ./fault` takes a seeded selection. `make soak` (SOWER_SOAK=1) runs all of it, and writes the table
// in docs/reliability.md.
package fault
