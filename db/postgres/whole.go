package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Emptier = (*cleaning)(nil)

// stampSQL sums up which version of which row stands in which place of a table p. Whatever is done to a row changes it.
const stampSQL = `select pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.hashtextextended(p.tableoid::pg_catalog.text || p.ctid::pg_catalog.text || p.xmin::pg_catalog.text, 0)), 0) from %s p`

// stamp is what stampSQL gives.
type stamp struct {
	rows int64
	sum  string
}

func (c *cleaning) stamp(ctx context.Context, root int) (st stamp, err error) {
	row, err := c.s.row(ctx, fmt.Sprintf(stampSQL, rowsSQL(c.tables[root].Table)))
	if err == nil {
		st = stamp{toInt(row[0]), string(row[1])}
	}
	return st, err
}

// Emptyable tells which tables may be taken as they are.
func (c *cleaning) Emptyable(ctx context.Context, tables []*sink.Target, rows []int64) ([]bool, error) {
	wanted := map[int]int64{}
	of := make([]int, len(tables))
	for i, t := range tables {
		root, err := c.root(ctx, t)
		if err != nil {
			return nil, err
		}
		wanted[root], of[i] = rows[i], root
	}
	roots, err := c.emptyable(ctx, wanted)
	out := make([]bool, len(tables))
	for i, root := range of {
		out[i] = slices.Contains(roots, root)
	}
	return out, explain(ctx, "look for tables that hold nothing but the run's rows", err)
}

// ScanWhole reads all rows over several connections.
func (c *cleaning) ScanWhole(ctx context.Context, t *sink.Target, connections int, each func(reader int, rows *column.Batch) error) error {
	root, err := c.root(ctx, t)
	if err != nil {
		return err
	}
	err = c.s.transact(ctx, readOnly, func() error {
		st, err := c.stamp(ctx, root)
		if err != nil {
			return err
		}
		if c.stamps == nil {
			c.stamps = map[int]stamp{}
		}
		c.stamps[root] = st
		return c.db.scanBeside(ctx, c.s, t, connections, each)
	})
	return explain(ctx, "read the rows of "+tableName(t.Table), err)
}

// Take settles which tables go whole.
func (c *cleaning) Take(tables []*sink.Target) []bool {
	c.taken = nil
	for root, t := range c.tables {
		if _, read := c.stamps[root]; read && slices.ContainsFunc(tables, func(o *sink.Target) bool { return o.Name == t.Name }) {
			c.taken = append(c.taken, root)
		}
	}
	c.taken = c.closed(c.taken)
	out := make([]bool, len(tables))
	for i, t := range tables {
		out[i] = slices.ContainsFunc(c.taken, func(root int) bool { return c.tables[root].Name == t.Name })
	}
	return out
}

// takes tells whether the table that has a foreign key goes whole.
func (c *cleaning) takes(k *referring) bool { return c.among(k, c.taken) }

// among tells whether the table that has a foreign key is one of some, or a partition of one.
func (c *cleaning) among(k *referring, roots []int) bool {
	return slices.ContainsFunc(roots, func(root int) bool { return slices.Contains(k.within, c.oids[root]) })
}

// notTaken is the condition under which a row is in none of the tables that go whole, be they partitions of its table.
func (c *cleaning) notTaken(row string) (sql string) {
	for _, root := range c.taken {
		sql += fmt.Sprintf("\n   and %s.tableoid not in (select %s::oid union select relid from pg_catalog.pg_partition_tree(%[2]s::oid::regclass))", row, c.oids[root])
	}
	return sql
}

// errMoved says that a table no longer holds what was read.
var errMoved = errors.New("its rows are others than those that were read")

// EmptyTaken truncates the tables that go whole.
func (c *cleaning) EmptyTaken(ctx context.Context) (bool, error) {
	if len(c.taken) == 0 {
		return true, nil
	}
	err := c.s.transact(ctx, begin, func() error {
		if err := c.lockAll(ctx, c.taken); err != nil {
			return err
		}
		for _, root := range c.taken {
			st, err := c.stamp(ctx, root)
			if err == nil && st != c.stamps[root] {
				err = fmt.Errorf("%s: %w", tableName(c.tables[root].Table), errMoved)
			}
			if err != nil {
				return err
			}
		}
		return c.truncate(ctx, c.taken)
	})
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil || ended(err) || code(err) == "" && !errors.Is(err, errMoved):
		return false, explain(ctx, "empty tables that hold nothing but the run's rows", err)
	}
	c.db.log().Info("tables are not emptied at once", "reason", err.Error())
	return false, nil
}
