package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Joiner = (*DB)(nil)

// Edges gives the foreign keys between different ones of the tables that new rows are held to. Those that
// a load has taken away, and those that nobody enforces, are none.
func (db *DB) Edges(ctx context.Context, tables []*sink.Target) (edges []sink.Edge, err error) {
	if len(tables) == 0 {
		return nil, nil
	}
	var list []string
	for i, t := range tables {
		list = append(list, fmt.Sprintf("(%d, %s::regclass)", i, text(tableSQL(t.Table))))
	}
	sql := "with t (i, oid) as (values " + strings.Join(list, ", ") + `),
own (i, oid) as (select i, oid from t union select i, p.relid from t, pg_partition_tree(t.oid) p)
select distinct a.i, b.i, k.condeferrable from pg_constraint k join own a on a.oid = k.conrelid join t b on b.oid = k.confrelid
 where k.contype = 'f' and a.i <> b.i and coalesce(to_jsonb(k)->>'conenforced', 'true') = 'true'`
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, sql, func(r [][]byte) error {
			edges = append(edges, sink.Edge{From: int(toInt(r[0])), To: int(toInt(r[1])), Deferrable: toBool(r[2])})
			return nil
		})
	})
	return edges, explain(ctx, "read the foreign keys in "+db.where, err)
}

// group loads tables that refer to one another as one transaction. Keys that can wait for the commit do. Where
// the others do not go round in a circle, rows go into the tables at once, parents first. Where they do, rows
// go into temporary tables, and from there into all tables by a single statement: foreign keys are checked
// when a statement ends, so no row is written twice and no key is null meanwhile.
type group struct {
	db      *DB
	s       *session
	names   string
	loaders []*loader
	order   []int
	staged  bool
	broken  error
}

// Join opens a group.
func (db *DB) Join(ctx context.Context, tables []*sink.Target) (sink.Group, error) {
	g := &group{db: db}
	var names []string
	for _, t := range tables {
		l, err := db.newLoader(t)
		if err != nil {
			return nil, err
		}
		g.loaders = append(g.loaders, l)
		names = append(names, l.name)
	}
	g.names = strings.Join(names, ", ")
	edges, err := db.Edges(ctx, tables)
	if err != nil {
		return nil, again(err)
	}
	edges = slices.DeleteFunc(edges, func(e sink.Edge) bool { return e.Deferrable })
	var free bool
	if g.order, free = sink.Arrange(len(tables), edges); !free {
		g.staged = true
		for i := range tables {
			g.order = append(g.order, i)
		}
	}
	if g.s, err = db.dataSession(ctx); err != nil {
		return nil, again(fmt.Errorf("load %s: %w", g.names, err))
	}
	if err := g.begin(ctx, tables); err != nil {
		_ = g.Close()
		return nil, again(explain(ctx, "load "+g.names+" together", err))
	}
	return g, nil
}

func (g *group) begin(ctx context.Context, tables []*sink.Target) error {
	if err := g.s.run(ctx, begin+"; set constraints all deferred"); err != nil {
		return err
	}
	for i, l := range g.loaders {
		l.s = g.s
		if !g.staged {
			continue
		}
		stage := fmt.Sprintf("pg_temp.sower_stage_%d", i)
		err := g.s.run(ctx, fmt.Sprintf("create temporary table sower_stage_%d on commit drop as select %s from only %s with no data", i, identList(tables[i].Columns), l.table))
		if code(err) == noPrivilege {
			return &failure{text: fmt.Sprintf("the role may not make temporary tables, and foreign keys that form a cycle need them (%s): an owner must run: grant temporary on database %s to %s",
				err, ident(g.db.name), ident(g.db.user)), causes: []error{err}}
		}
		if err != nil {
			return err
		}
		l.copy = l.copyInto(stage)
	}
	return nil
}

// Order is the order to write in.
func (g *group) Order() []int { return g.order }

// Write copies a batch.
func (g *group) Write(ctx context.Context, table int, b *column.Batch) error {
	if err := g.usable(); err != nil {
		return err
	}
	err := g.loaders[table].Write(ctx, b)
	g.broken = err
	return err
}

func (g *group) usable() error {
	switch {
	case g.s == nil:
		return fmt.Errorf("load %s: the group is closed", g.names)
	case g.broken != nil:
		return fmt.Errorf("load %s: the group has failed before and can only be closed: %w", g.names, g.broken)
	}
	return nil
}

// Commit makes everything stand.
func (g *group) Commit(ctx context.Context) (rows []int64, err error) {
	if err := g.usable(); err != nil {
		return nil, err
	}
	if rows, err = g.commit(ctx); err != nil {
		g.broken = err
	}
	return rows, err
}

func (g *group) commit(ctx context.Context) ([]int64, error) {
	rows := make([]int64, len(g.loaders))
	var some *loader
	for i, l := range g.loaders {
		if rows[i] = l.pending; rows[i] > 0 {
			some = l
		}
	}
	what := "load " + g.names + " together"
	if some != nil && g.staged {
		if err := g.insert(ctx, rows); err != nil {
			e := explain(ctx, what, err)
			var f *failure
			if code(err) == uniqueViolation && errors.As(e, &f) {
				f.causes = append(f.causes, sink.ErrUnique)
			}
			var tables []*schema.Table
			for _, l := range g.loaders {
				tables = append(tables, l.schema)
			}
			refusing(ctx, e, what, tables...)
			return nil, again(e)
		}
	}
	if err := g.s.run(ctx, "commit"); err != nil {
		if some == nil {
			return nil, again(explain(ctx, what, err))
		}
		// Its ledger row speaks for all: they are of one transaction.
		if err := some.commitError(ctx, err); err != nil {
			return nil, err
		}
		g.s = some.s
	}
	return rows, nil
}

// insert moves the rows of all temporary tables by one statement, and holds their numbers against those
// that were written.
func (g *group) insert(ctx context.Context, rows []int64) error {
	var with, counts []string
	for i, l := range g.loaders {
		cols := l.columns
		with = append(with, fmt.Sprintf("t%d as (insert into %s (%s) overriding system value select %s from pg_temp.sower_stage_%d returning 1)", i, l.table, cols, cols, i))
		counts = append(counts, fmt.Sprintf("(select pg_catalog.count(*) from t%d)", i))
	}
	got, err := g.s.row(ctx, "with "+strings.Join(with, ", ")+" select "+strings.Join(counts, ", "))
	if err != nil {
		return err
	}
	for i, l := range g.loaders {
		if n := toInt(got[i]); n != rows[i] {
			return dropped(l.schema, l.name, n, rows[i])
		}
	}
	return nil
}

// Close undoes what is not committed.
func (g *group) Close() error {
	if g.s == nil {
		return nil
	}
	s := g.s
	g.s = nil
	for _, l := range g.loaders {
		l.s = nil
	}
	s.rollback()
	if err := g.db.giveSession(s); err != nil && g.broken == nil {
		return fmt.Errorf("close the loaders of %s: %w", g.names, err)
	}
	return nil
}
