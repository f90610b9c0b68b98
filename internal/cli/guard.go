package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/sink"
)

// guard says which databases and tables may be written. Flags alone make a guard; nothing of the environment or of a config
// file reaches it.
type guard struct {
	driver.Guard
	replicated bool // tables may be written whose changes go on to other databases
}

// register declares the flags of commands that write.
func (g *guard) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&g.Allowed, "allow-database", nil, "also write the database of exactly this `NAME` (repeatable)")
	cmd.Flags().BoolVar(&g.Superuser, "allow-superuser", false, "write as a superuser also to a server on another machine")
	cmd.Flags().BoolVar(&g.replicated, "allow-replicated", false, "also write tables whose changes are replicated to other databases")
}

// trustFlag declares the flag of every command that connects. Like the guard's, nothing of the environment or of a config
// file reaches it.
func (a *app) trustFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.trusted, "trust-code-of", nil, "let code of this database `ROLE` run with the rights of the role that connects: its triggers, functions and records of runs (repeatable; PostgreSQL)")
}

// asGuarded says by which flag what a guard refuses is allowed.
func asGuarded(err error) error {
	var name *driver.NotAllowedError
	var role *driver.SuperuserError
	switch {
	case errors.As(err, &name):
		return usage("%w: --allow-database %s", err, shellQuote(name.Database))
	case errors.As(err, &role):
		return usage("%w: --allow-superuser", err)
	}
	return err
}

// checkURL checks the name of the database that a URL leads to, before anyone connects.
func (g guard) checkURL(url string) error {
	if driver.Of(url) == nil {
		return unknownAddress(url, "--database-url")
	}
	return usageOf(asGuarded(g.CheckAddress(url)))
}

// checkServer checks the name that the server itself gives the database, what the server is, and the role.
func (g guard) checkServer(ctx context.Context, s sink.Store) error {
	return asGuarded(g.CheckServer(ctx, s))
}

// checkNames refuses names that look like patterns: they would match nothing.
func (g guard) checkNames() error {
	for _, name := range g.Allowed {
		switch {
		case name == "":
			return usage("--allow-database: a name is missing")
		case strings.ContainsAny(name, "*?"):
			return usage("--allow-database %q: no patterns: name each database, with the flag repeated", name)
		}
	}
	return nil
}
