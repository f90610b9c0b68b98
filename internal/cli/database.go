package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/sink"
)

// driver is a kind of database.
type driver uint8

const (
	noDriver driver = iota
	postgresDriver
	sqliteDriver
)

// driverOf chooses by the URL's scheme, which is as written: no driver takes it in other letters. Libpq's
// "key=value ..." form is PostgreSQL's.
func driverOf(url string) driver {
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"), isKeyValue(url):
		return postgresDriver
	case strings.HasPrefix(url, "sqlite:"):
		return sqliteDriver
	}
	return noDriver
}

// access is what a command does with a database.
type access uint8

const (
	readOnly access = iota
	readWrite
	create // write, and make a missing SQLite file
)

// openStore connects to a database. Nobody calls it for writing but with a name that the guard allows.
func (a *app) openStore(ctx context.Context, url string, how access) (sink.Store, error) {
	a.hideURL(url)
	if _, err := driverDatabaseOf(url); err != nil {
		return nil, err
	}
	if driverOf(url) == sqliteDriver {
		store, err := sqlite.Open(ctx, url, sqlite.Options{
			ReadOnly: how == readOnly, Create: how == create, BusyTimeout: a.waits.lock(), Log: a.log(),
		})
		if err != nil {
			if how != create && missingFile(url) {
				err = fmt.Errorf("%w%s", err, missingFileHint(url))
			}
			return nil, err
		}
		return store, nil
	}
	store, err := postgres.Open(ctx, url, postgres.Options{
		ApplicationName: "sower", ReadOnly: how == readOnly, LockTimeout: a.waits.lock(), TrustCodeOf: a.trusted, Log: a.log(),
	})
	if err != nil {
		if near := a.nearDatabases(ctx, url, err); near != "" {
			err = fmt.Errorf("%w%s", err, near)
		}
		return nil, err
	}
	return store, nil
}

// nearDatabases names what the server has in place of a database that is not there, where it tells.
func (a *app) nearDatabases(ctx context.Context, url string, err error) string {
	missing, names := postgres.OtherDatabases(ctx, url, err)
	if len(names) == 0 {
		return ""
	}
	if near := blueprint.Suggest(missing, names); near != "" {
		return fmt.Sprintf(": did you mean %q?", visible(near))
	}
	const most = 8
	text := ": there are " + visible(strings.Join(names[:min(len(names), most)], ", "))
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}

// databaseOf gives the name of the database that a URL names and the driver would connect to.
func databaseOf(url string) (string, error) {
	name, err := driverDatabaseOf(url)
	if err == nil && driverOf(url) == postgresDriver && !namesDatabase(url) {
		return "", usage("the database URL names no database, and none is written by default: postgres://user:password@host:port/NAME")
	}
	return name, err
}

// driverDatabaseOf gives the name of the database that the driver would connect to.
func driverDatabaseOf(url string) (name string, err error) {
	switch driverOf(url) {
	case postgresDriver:
		name, err = postgres.DatabaseOf(url)
	case sqliteDriver:
		name, err = sqlite.DatabaseOf(url)
	default:
		return "", unknownAddress(url, "--database-url")
	}
	return name, usageOf(err)
}

func usageOf(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err: err}
}

// namesDatabase tells whether a postgres URL itself has the database's name: it is not left to PGDATABASE,
// a service file or the user's name.
func namesDatabase(url string) bool {
	if isKeyValue(url) {
		return postgres.NamesDatabase(url)
	}
	_, rest, _ := strings.Cut(url, "://")
	rest, query, _ := strings.Cut(rest, "?")
	if _, path, ok := strings.Cut(rest, "/"); ok && strings.Trim(path, "/ ") != "" {
		return true
	}
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); (key == "dbname" || key == "database") && value != "" {
			return true
		}
	}
	return false
}

// missingFile tells whether a URL is that of an SQLite file that is not there.
func missingFile(url string) bool {
	if driverOf(url) != sqliteDriver {
		return false
	}
	_, err := os.Stat(sqlitePath(url))
	return errors.Is(err, fs.ErrNotExist)
}

// redact gives a database URL without its password.
func redact(url string) string {
	if driverOf(url) == sqliteDriver {
		return url
	}
	return postgres.Redact(url)
}
