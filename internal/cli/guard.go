package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/sink"
)

// guard says which databases may be written: those whose names end in _demo or _test, and those that
// are allowed by their exact names. Flags alone make a guard; nothing of the environment or of a config
// file reaches it.
type guard struct {
	allowed    []string // exact names
	superuser  bool     // a superuser may write to another machine's server
	replicated bool     // tables may be written whose changes go on to other databases
}

// register declares the flags of commands that write.
func (g *guard) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&g.allowed, "allow-database", nil, "also write the database of exactly this `NAME` (repeatable)")
	cmd.Flags().BoolVar(&g.superuser, "allow-superuser", false, "write as a superuser also to a server on another machine")
	cmd.Flags().BoolVar(&g.replicated, "allow-replicated", false, "also write tables whose changes are replicated to other databases")
}

// trustFlag declares the flag of every command that connects. Like the guard's, nothing of the environment or of a config
// file reaches it.
func (a *app) trustFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.trusted, "trust-code-of", nil, "let code of this database `ROLE` run with the rights of the role that connects: its triggers, functions and records of runs (repeatable; PostgreSQL)")
}

// forMadeRows tells whether a database's name says that it is there for rows that are made.
func forMadeRows(name string) bool {
	return strings.HasSuffix(name, "_demo") || strings.HasSuffix(name, "_test")
}

// check is an error where a database of this name may not be written.
func (g guard) check(name string) error {
	if forMadeRows(name) || name != "" && slices.Contains(g.allowed, name) {
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

// checkServer checks the name that the server itself gives the database, what the server is, and the role.
func (g guard) checkServer(ctx context.Context, s sink.Store) error {
	name, err := s.DatabaseName(ctx)
	if err != nil {
		return err
	}
	if err := g.check(name); err != nil {
		return err
	}
	guarded, ok := s.(sink.Guarded)
	if !ok {
		return nil
	}
	risks, err := guarded.Risks(ctx, nil)
	if err != nil {
		return err
	}
	return g.checkRisks(risks)
}

// checkRisks refuses a standby, and a superuser who comes from afar: what nobody forbids him is more than
// filling a database needs, and the server is more likely one that others live on.
func (g guard) checkRisks(r *sink.Risks) error {
	switch {
	case r.Standby:
		return fmt.Errorf("%w: the server is a standby: give the address of its primary", sink.ErrReadOnly)
	case r.Superuser != "" && r.Remote != "" && !g.superuser:
		return usage("the role %q is a superuser, and the server (%s) is another machine's: use a role with fewer rights, or, if it is meant, say --allow-superuser", visible(r.Superuser), r.Remote)
	}
	return nil
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
