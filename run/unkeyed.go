package run

import (
	"context"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// unkeyedTables gives the tables of a plan of which a primary key or a unique waits in the journal. Their rows are known by
// the ledger alone: each would be found by a key only by reading the whole table.
func unkeyedTables(ctx context.Context, s sink.Store, p *plan.Plan) (map[*plan.Table]bool, error) {
	u, ok := s.(sink.Unkeyer)
	if !ok {
		return nil, nil
	}
	var targets []*sink.Target
	var tables []*plan.Table
	for _, t := range filled(p) {
		if t.Schema != nil {
			targets, tables = append(targets, Target(t)), append(tables, t)
		}
	}
	found, err := u.Unkeyed(ctx, targets)
	if err != nil {
		return nil, err
	}
	out := map[*plan.Table]bool{}
	for i, t := range tables {
		if found[i] {
			out[t] = true
		}
	}
	return out, nil
}

// rekeyed brings primary keys and uniques back that a load took away, where the rows of an unkeyed table are not as many as the ledger
// has: others have deleted some, or written some, and only keys tell which. True says that it did.
func (g *generation) rekeyed(ctx context.Context, t *plan.Table, ledger []sink.Range) (bool, error) {
	n, err := g.store.CountRows(ctx, t.Schema)
	if err != nil || n == sum(ledger) {
		return false, err
	}
	return true, g.uniquesBack(ctx)
}

// uniquesBack brings back the primary keys and uniques that a load took away.
func (g *generation) uniquesBack(ctx context.Context) error {
	r, ok := g.store.(sink.Rebuilder)
	if !ok {
		return nil
	}
	g.progress.phase("restore", "bringing primary keys and uniques back, by which rows are found")
	return r.Restore(ctx, sink.Restoring{Connections: g.options.connections(), Uniques: true, Note: g.progress.restored})
}

// keysBack brings them back before rows are looked up by them.
func (g *generation) keysBack(ctx context.Context) error {
	unkeyed, err := unkeyedTables(ctx, g.store, g.plan)
	if err != nil || len(unkeyed) == 0 {
		return err
	}
	return g.uniquesBack(ctx)
}
