package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/sowerdata/sower/sink"
)

// guard says which databases may be written: those whose names end in _demo or _test, and those that
// are allowed by their exact names. Flags alone make a guard; nothing of the environment or of a config
// file reaches it.
type guard struct {
	allowed []string // exact names
}

// check is an error where a database of this name may not be written.
func (g guard) check(name string) error {
	if strings.HasSuffix(name, "_demo") || strings.HasSuffix(name, "_test") || name != "" && slices.Contains(g.allowed, name) {
		return nil
	}
	return usage("the database %q is not written: its name ends neither in _demo nor in _test. If it is meant, allow it by its exact name: --allow-database %s",
		visible(name), shellQuote(name))
}

// checkURL checks the name of the database that a URL leads to, before anyone connects.
func (g guard) checkURL(url string) error {
	name, err := databaseOf(url)
	if err != nil {
		return err
	}
	return g.check(name)
}

// checkServer checks the name that the server itself gives the database.
func (g guard) checkServer(ctx context.Context, s sink.Store) error {
	name, err := s.DatabaseName(ctx)
	if err != nil {
		return err
	}
	return g.check(name)
}

// checkNames refuses names that look like patterns: they would match nothing.
func (g guard) checkNames() error {
	for _, name := range g.allowed {
		switch {
		case name == "":
			return usage("--allow-database: a name is missing")
		case strings.ContainsAny(name, "*?"):
			return usage("--allow-database %q: no patterns: name each database, with the flag repeated", name)
		}
	}
	return nil
}
