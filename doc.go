// Package sower fills relational databases with rows that obey every rule of their schema.
//
//	db, err := sower.Open(ctx, "postgres://localhost/shop_test")
//	...
//	defer db.Close()
//	report, err := db.Fill(ctx, sower.Rows(1000))
//
// The same guards hold as for the program: only databases whose names end in _demo or _test are written, and those that
// AllowDatabase names; what was filled is recorded in the database, a fill that was interrupted is completed by the same
// call, and Verify and Clean go by the record. A run of the program is found by the library and the other way round, where
// both are asked for the same.
//
// Rows are a pure function of the seed, the schema or blueprint, and their number: db.Rows makes any of them without
// writing one. In tests, package sowertest gives each test a filled database of its own.
package sower
