// Package infer writes the blueprint that nobody wrote: from a schema alone it chooses tables, row counts and
// a generator for every column, so that each constraint of the database holds.
//
// Its place on the path blueprint -> schema -> plan -> rows -> sink is before plan: Infer gives the text of a
// blueprint, with a reason beside each choice, and the plan that was built of it. `sower init` prints that
// text and `sower generate` without a blueprint runs it, so both make the same rows.
//
// How a column comes to its generator: foreign keys first (reference.go), then what the table's checks ask of
// it (domain.go), then what its name, type and comment say (one rule a file: rule_*.go). That gives a list of
// candidates, the most believable first and the one that satisfies every check by construction last. A draft of
// the whole blueprint is then planned and tried: sample rows are held against every check, by package check or,
// where a check calls a function of the database, by the server itself. A candidate that fails gives way to the
// next one; a table whose rows exceed what its keys allow gets fewer; what no candidate satisfies is reported with
// its constraint. All of it depends on the schema and the options only: no clock, no random choice.
package infer
