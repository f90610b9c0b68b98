package postgres

import (
	"context"
	"fmt"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Partitioner = (*DB)(nil)

// isPartition tells whether a table is a partition of another one: both as quoted names.
const isPartition = `select exists (select from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid and c.relispartition
 where h.inhrelid = pg_catalog.to_regclass($1) and h.inhparent = pg_catalog.to_regclass($2))`

// MakePartitions implements sink.Partitioner.
func (db *DB) MakePartitions(ctx context.Context, list []schema.NewPartition) error {
	err := db.control(ctx, func(s *session) error {
		return s.transact(ctx, begin, func() error {
			for _, p := range list {
				name, of := ident(p.Schema, p.Name), ident(p.Schema, p.Table)
				is, err := s.row(ctx, isPartition, name, of)
				if err != nil {
					return err
				}
				if toBool(is[0]) {
					continue
				}
				if err := s.run(ctx, "create table "+name+" partition of "+of+" "+p.Bound); err != nil {
					return fmt.Errorf("create the partition %s of %s: %w", name, of, err)
				}
			}
			return nil
		})
	})
	return explain(ctx, "make partitions", err)
}

// DropPartitions implements sink.Partitioner. What the server does not let go stays.
func (db *DB) DropPartitions(ctx context.Context, list []schema.NewPartition) (dropped []string, err error) {
	for _, p := range list {
		gone := false
		err = db.control(ctx, func(s *session) error {
			return s.transact(ctx, begin, func() error {
				name, of := ident(p.Schema, p.Name), ident(p.Schema, p.Table)
				is, err := s.row(ctx, isPartition, name, of)
				if err != nil || !toBool(is[0]) {
					return err
				}
				if err := s.run(ctx, "lock table "+name+" in access exclusive mode"); err != nil {
					return err
				}
				if n, err := s.number(ctx, "select count(*) from (select from "+name+" limit 1) x"); err != nil || n > 0 {
					return err
				}
				if err := s.run(ctx, "alter table "+of+" detach partition "+name); err != nil { // a key that refers to all of them
					return err
				}
				if err := s.run(ctx, "drop table "+name+" restrict"); err != nil {
					return err
				}
				gone = true
				return nil
			})
		})
		if err != nil {
			if ctx.Err() != nil || code(err) == "" {
				return dropped, explain(ctx, "drop the partition "+p.Name, err)
			}
			db.log().Info("a partition that a run made stays", "partition", p.Name, "reason", err.Error())
			continue
		}
		if gone {
			dropped = append(dropped, p.Schema+"."+p.Name)
		}
	}
	return dropped, nil
}
