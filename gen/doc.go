// Package gen makes values: one maker for each generator of the blueprint language.
//
// It stands on column, schema, blueprint and the keyed randomness of internal/rng; plan compiles a
// blueprint's columns into the Fillers made here, and package rows calls them.
//
// Three laws hold for every generator, each with a test:
//
//  1. A cell is a pure function of (seed, table name, column name, row number): never of batch size,
//     worker, machine, clock, map order, column position, or of which other tables and columns exist.
//  2. Parents are recomputed, not remembered. A reference picks the parent's row number and asks for
//     that row's cells; memory does not grow with rows.
//  3. What can fail from blueprint and schema alone fails in plan, before anything is written.
//
// A Filler is shared by all workers and keeps no state between calls; scratch memory comes with the
// Span. To add a generator, write one file: a struct of its arguments with a Make method, registered
// in registry.go.
package gen
