// Package sqlite makes a SQLite file a Store: it reflects the file's schema, loads rows, and keeps the
// records of runs in the file itself.
//
// It has the same files as the other db packages: open.go, inspect.go, types.go, ddl.go, encode.go,
// sink.go, store.go, dialect.go, journal.go; besides them sql.go, which reads the DDL text that SQLite
// keeps instead of a catalog, errors.go, and the run's lock.
//
// SQLite takes one writer at a time, and so does a DB: loaders encode their batches on their own
// goroutines, each into memory of its own, and take turns at Commit, on one connection that keeps its
// page cache. Reads wait for the transaction at hand. The file's journal mode and synchronous setting
// stay as they are; only where this process itself has made the file are its writes left to the
// operating system (synchronous = off), which no kill of the process can harm. No code here opens the
// database file but SQLite: closing a descriptor of it would drop SQLite's own locks.
//
// How cells are stored: booleans as 0 and 1, decimals as the number they are, UUIDs, dates, times,
// timestamps and JSON as their canonical text, which sorts and compares as it should.
package sqlite
