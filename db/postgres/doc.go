// Package postgres is the PostgreSQL database (13 to 18): it reflects schemas, takes rows through
// COPY, and keeps the record of runs in a schema of its own, named sower.
//
// It is a last step of the path blueprint -> schema -> plan -> rows -> sink; a [DB] is a sink.Store.
// Connections are few: one for control, which also holds the lock of a live run, and one for each open
// Loader. All methods may be called from several goroutines: those that write take turns on the control
// connection, those that read use one of its own each, if Options.MaxConns allows.
//
// # Settings
//
// Every session gets the same fixed settings (UTC, ISO dates, shortest floats, hex bytea, UTF-8, read
// committed, no statement timeout), so that text means the same everywhere. The search path stays the
// user's. Reading also refuses to go through row-level security: a count or a key that a
// policy silently filters would be worse than an error.
//
// Loaders commit with synchronous_commit off, so a crash of the server may lose their last commits,
// whole and together with their ledger rows. Finish and SaveRun commit synchronously; what was
// committed before them is then safe on disk as well. After a lost connection only the ledger tells
// what stands.
//
// # Secrets
//
// No error text holds a password, and no error reachable by errors.As holds the URL. Connection
// settings of the driver are never part of an error.
package postgres
