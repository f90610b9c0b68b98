package driver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/sink"
)

// Guard says which databases may be written: those whose names end in _demo or _test, and those that are allowed by
// their exact names.
type Guard struct {
	Allowed   []string // exact names
	Superuser bool     // a superuser may write to another machine's server
}

// NotAllowedError says that a database is not one that may be written.
type NotAllowedError struct{ Database string }

func (e *NotAllowedError) Error() string {
	return fmt.Sprintf("the database %q is not written: its name ends neither in _demo nor in _test. If it is meant, allow it by its exact name",
		shown.Text(e.Database))
}

// SuperuserError says that a superuser would write to another machine's server.
type SuperuserError struct{ Role, Server string }

func (e *SuperuserError) Error() string {
	return fmt.Sprintf("the role %q is a superuser, and the server (%s) is another machine's: use a role with fewer rights, or, if it is meant, say so",
		shown.Text(e.Role), e.Server)
}

// ForMadeRows tells whether a database's name says that it is there for rows that are made.
func ForMadeRows(name string) bool {
	return strings.HasSuffix(name, "_demo") || strings.HasSuffix(name, "_test")
}

// Check is an error where a database of this name may not be written.
func (g *Guard) Check(name string) error {
	if ForMadeRows(name) || name != "" && slices.Contains(g.Allowed, name) {
		return nil
	}
	return &NotAllowedError{name}
}

// CheckAddress checks the name of the database that an address leads to, before anyone connects.
func (g *Guard) CheckAddress(address string) error {
	name, err := DatabaseOf(address)
	if err != nil {
		return err
	}
	return g.Check(name)
}

// CheckServer checks the name that the server itself gives the database, what the server is, and the role.
func (g *Guard) CheckServer(ctx context.Context, s sink.Store) error {
	name, err := s.DatabaseName(ctx)
	if err != nil {
		return err
	}
	if err := g.Check(name); err != nil {
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

// checkRisks refuses a standby, and a superuser who comes from afar: what nobody forbids him is more than filling a
// database needs, and the server is more likely one that others live on.
func (g *Guard) checkRisks(r *sink.Risks) error {
	switch {
	case r.Standby:
		return fmt.Errorf("%w: the server is a standby: give the address of its primary", sink.ErrReadOnly)
	case r.Superuser != "" && r.Remote != "" && !g.Superuser:
		return &SuperuserError{r.Superuser, r.Remote}
	}
	return nil
}
