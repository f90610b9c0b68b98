package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Joiner = (*DB)(nil)

// Edges gives the foreign keys between different ones of the tables. They all can wait: a transaction of
// this package checks keys at its COMMIT.
func (db *DB) Edges(ctx context.Context, tables []*sink.Target) (edges []sink.Edge, err error) {
	for i, t := range tables {
		for _, fk := range t.Table.ForeignKeys {
			for j, other := range tables {
				if i != j && strings.EqualFold(other.Table.Name, fk.RefTable) {
					edges = append(edges, sink.Edge{From: i, To: j, Deferrable: true})
				}
			}
		}
	}
	return edges, ctx.Err()
}

// circle loads several tables in one transaction, which begins with the first batch: from then on it holds
// db.mu.
type circle struct {
	db      *DB
	names   string
	loaders []*loader
	rows    []int64
	begun   bool
	ctx     context.Context // never canceled: for the rollback
	failed  error
}

// Join opens a group.
func (db *DB) Join(ctx context.Context, tables []*sink.Target) (sink.Group, error) {
	g := &circle{db: db, rows: make([]int64, len(tables)), ctx: context.WithoutCancel(ctx)}
	var names []string
	for _, t := range tables {
		names = append(names, t.Name)
		l, err := db.Loader(ctx, t)
		if err != nil {
			_ = g.Close()
			return nil, err
		}
		g.loaders = append(g.loaders, l.(*loader))
	}
	g.names = strings.Join(names, ", ")
	return g, nil
}

// Order is any order.
func (g *circle) Order() []int {
	order := make([]int, len(g.loaders))
	for i := range order {
		order[i] = i
	}
	return order
}

// Write inserts a batch, and notes it in the ledger.
func (g *circle) Write(ctx context.Context, table int, b *column.Batch) error {
	if g.failed != nil {
		return g.failed
	}
	l := g.loaders[table]
	if err := l.Write(ctx, b); err != nil || len(l.batches) == 0 {
		g.failed = err
		return err
	}
	if err := g.begin(ctx); err != nil {
		g.failed = g.db.failure("load "+g.names+" together", err)
		return g.failed
	}
	n, err := l.insert(ctx, l.batches[0])
	if err == nil {
		err = l.writeLedger(ctx)
	}
	if err != nil {
		g.failed = g.db.failure(l.place(b.First, b.N), err)
		return g.failed
	}
	g.rows[table] += n
	l.reset()
	return nil
}

func (g *circle) begin(ctx context.Context) error {
	if g.begun {
		return nil
	}
	g.db.mu.Lock()
	w := execer{g.db}
	err := g.db.patiently(ctx, func() error { return w.exec(ctx, "begin immediate") })
	if err != nil {
		g.db.mu.Unlock()
		return err
	}
	g.begun = true
	return w.exec(ctx, "pragma defer_foreign_keys = on")
}

// Commit makes everything stand.
func (g *circle) Commit(ctx context.Context) ([]int64, error) {
	if g.failed != nil {
		return nil, g.failed
	}
	if !g.begun {
		return g.rows, ctx.Err()
	}
	w := execer{g.db}
	err := g.db.patiently(ctx, func() error { return w.exec(ctx, "commit") })
	if err != nil {
		if code(err) == codeForeignKey {
			err = fmt.Errorf("%w%s", err, g.orphans(ctx))
		}
		g.failed = g.db.failure("load "+g.names+" together", err)
		return nil, g.failed
	}
	g.begun = false
	g.db.mu.Unlock()
	return g.rows, nil
}

// orphans names a key that does not hold, of which SQLite itself says nothing. The transaction is still
// open.
func (g *circle) orphans(ctx context.Context) string {
	for _, l := range g.loaders {
		var table, parent string
		var row *int64
		var key int
		name := l.target.Table.Name
		if g.db.writer.QueryRowContext(ctx, "pragma main.foreign_key_check("+quoteIdent(name)+")").Scan(&table, &row, &parent, &key) == nil {
			return fmt.Sprintf(": a row of %s refers to a row of %s that is not there", table, parent)
		}
	}
	return ""
}

// Close undoes what is not committed.
func (g *circle) Close() error {
	if g.begun {
		g.begun = false
		_ = execer{g.db}.exec(g.ctx, "rollback") // it may have been rolled back by itself
		g.db.mu.Unlock()
	}
	var first error
	for _, l := range g.loaders {
		if err := l.Close(); err != nil && first == nil {
			first = err
		}
	}
	g.loaders = nil
	if g.failed == nil {
		g.failed = fmt.Errorf("load %s: the group is closed", g.names)
	}
	return first
}
