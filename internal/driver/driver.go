// Package driver is the one table of the databases that sower fills.
package driver

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Driver is a kind of database.
type Driver struct {
	Name string // of the database's dialect

	// Takes tells whether an address is one of this kind. Schemes are as written: no driver takes them in other letters.
	Takes func(address string) bool

	// DatabaseOf gives the name of the database that an address leads to.
	DatabaseOf func(address string) (string, error)

	// NamesDatabase tells whether the address itself has that name: it is not left to the environment or a default.
	NamesDatabase func(address string) bool

	// Redact gives an address without its secrets, and Secrets these.
	Redact  func(address string) string
	Secrets func(address string) []string

	Open func(ctx context.Context, address string, o Options) (sink.Store, error)

	// CreateTables is the DDL of tables, in the database's types.
	CreateTables func([]*schema.Table) string

	Shared bool // several processes fill one database together (sink.Shared)
}

// Options of a connection.
type Options struct {
	Application string // names the program to the server
	ReadOnly    bool
	Create      bool          // a missing SQLite file is made
	LockTimeout time.Duration // how long a lock is waited for; 0: the driver's own
	TrustCodeOf []string      // roles whose code may run with the rights of the one that connects
	Log         *slog.Logger  // may be nil
}

// All are the databases that there are. A new one is a package under db, and an entry here.
var All = []*Driver{Postgres, SQLite}

// Of gives the driver that takes an address; nil for none.
func Of(address string) *Driver {
	for _, d := range All {
		if d.Takes(address) {
			return d
		}
	}
	return nil
}

// DatabaseOf gives the name of the database that an address leads to and names itself.
func DatabaseOf(address string) (string, error) {
	d := Of(address)
	if d == nil {
		return "", errors.New("the address is of no database that sower fills: want postgres://user:password@host:port/name or sqlite:PATH")
	}
	name, err := d.DatabaseOf(address)
	if err == nil && !d.NamesDatabase(address) {
		return "", errors.New("the database URL names no database, and none is written by default: postgres://user:password@host:port/NAME")
	}
	return name, err
}

// Postgres takes URLs, and libpq's "key=value ..." form.
var Postgres = &Driver{
	Name: "postgres",
	Takes: func(address string) bool {
		return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") || postgres.IsKeyValue(address)
	},
	DatabaseOf:    postgres.DatabaseOf,
	NamesDatabase: postgres.NamesDatabase,
	Redact:        postgres.Redact,
	Secrets:       postgres.Secrets,
	CreateTables:  postgres.CreateTables,
	Shared:        true,
	Open: func(ctx context.Context, address string, o Options) (sink.Store, error) {
		return postgres.Open(ctx, address, postgres.Options{
			ApplicationName: o.Application, ReadOnly: o.ReadOnly, LockTimeout: o.LockTimeout, TrustCodeOf: o.TrustCodeOf, Log: o.Log,
		})
	},
}

// SQLite takes sqlite:PATH.
var SQLite = &Driver{
	Name:          "sqlite",
	Takes:         func(address string) bool { return strings.HasPrefix(address, "sqlite:") },
	DatabaseOf:    sqlite.DatabaseOf,
	NamesDatabase: func(string) bool { return true },
	Redact:        func(address string) string { return address },
	Secrets:       func(string) []string { return nil },
	CreateTables:  createSQLite,
	Open: func(ctx context.Context, address string, o Options) (sink.Store, error) {
		return sqlite.Open(ctx, address, sqlite.Options{ReadOnly: o.ReadOnly, Create: o.Create, BusyTimeout: o.LockTimeout, Log: o.Log})
	},
}

// createSQLite makes names with a dot of tables of other schemas: SQLite has none.
func createSQLite(tables []*schema.Table) string {
	qualified := func(namespace, name string) string {
		if namespace == "" {
			return name
		}
		return namespace + "." + name
	}
	for _, t := range tables {
		t.Schema, t.Name = "", qualified(t.Schema, t.Name)
		for _, fk := range t.ForeignKeys {
			fk.RefSchema, fk.RefTable = "", qualified(fk.RefSchema, fk.RefTable)
		}
	}
	return sqlite.CreateTables(tables)
}
