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
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/sink"
)

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
	store, err := driver.Of(url).Open(ctx, url, driver.Options{
		Application: "sower", ReadOnly: how == readOnly, Create: how == create, LockTimeout: a.waits.lock(),
		TrustCodeOf: a.trusted, Log: a.log(),
	})
	if err == nil {
		return store, nil
	}
	if how != create && missingFile(url) {
		err = fmt.Errorf("%w%s", err, missingFileHint(url))
	}
	if near := a.nearDatabases(ctx, url, err); near != "" {
		err = fmt.Errorf("%w%s", err, near)
	}
	return nil, err
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

// driverDatabaseOf gives the name of the database that the driver would connect to.
func driverDatabaseOf(url string) (string, error) {
	d := driver.Of(url)
	if d == nil {
		return "", unknownAddress(url, "--database-url")
	}
	name, err := d.DatabaseOf(url)
	return name, usageOf(err)
}

func usageOf(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err: err}
}

// missingFile tells whether a URL is that of an SQLite file that is not there.
func missingFile(url string) bool {
	if driver.Of(url) != driver.SQLite {
		return false
	}
	_, err := os.Stat(sqlitePath(url))
	return errors.Is(err, fs.ErrNotExist)
}

// redact gives a database URL without its password.
func redact(url string) string {
	if d := driver.Of(url); d != nil {
		return d.Redact(url)
	}
	return postgres.Redact(url)
}
