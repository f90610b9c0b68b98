package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"

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

// driverOf chooses by the URL's scheme, which is as written: no driver takes it in other letters.
func driverOf(url string) driver {
	switch {
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
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
		return sqlite.Open(ctx, url, sqlite.Options{ReadOnly: how == readOnly, Create: how == create})
	}
	return postgres.Open(ctx, url, postgres.Options{ApplicationName: "sower", ReadOnly: how == readOnly, Log: a.log()})
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
		return "", unknownScheme(url)
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
	path, _, _ := strings.Cut(strings.TrimPrefix(url, "sqlite:"), "?")
	_, err := os.Stat(strings.TrimPrefix(path, "//"))
	return errors.Is(err, fs.ErrNotExist)
}

var schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// unknownScheme quotes nothing behind the scheme: it may be a password.
func unknownScheme(url string) error {
	const want = "want postgres://user:password@host:port/database or sqlite:PATH"
	scheme := schemeForm.FindString(url)
	switch lower := strings.ToLower(scheme); {
	case url == "":
		return usageHelp("--database-url is empty: %s", want)
	case scheme == "" || len(scheme) > 20:
		return usageHelp("--database-url has no scheme: %s", want)
	case lower == "sqlite:" || lower == "postgres:" || lower == "postgresql:":
		if lower != "sqlite:" {
			lower += "//"
		}
		return usageHelp("--database-url begins with %q: write it as %q", scheme, lower)
	default:
		return usageHelp("--database-url begins with %q, which is no database that sower knows: %s", scheme, want)
	}
}

// redact gives a database URL without its password.
func redact(url string) string {
	if driverOf(url) == sqliteDriver {
		return url
	}
	return postgres.Redact(url)
}

var passwordForms = []*regexp.Regexp{
	regexp.MustCompile(`://[^:/?#]*(:.+@)`),
	regexp.MustCompile(`(?i)[?&](?:ssl)?password=([^&]+)`),
}

// hideURL keeps the URL's password out of everything that is written from now on.
func (a *app) hideURL(url string) {
	a.ui.hide(url, redact(url))
	for _, m := range passwordForms[0].FindAllStringSubmatch(url, -1) {
		a.ui.hide(m[1], ":***@")
	}
	for _, m := range passwordForms[1].FindAllStringSubmatch(url, -1) {
		a.ui.hide("password="+m[1], "password=***")
	}
}
