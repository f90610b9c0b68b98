package postgres

import (
	"context"
	"fmt"
)

// unserved is a foreign key whose children no index finds by their parent.
type unserved struct {
	*referring
	columns string // quoted
}

// manyPages is how many pages of a child table may be read, for all deleted parents together, before an index
// is worth its price: a second's work.
const manyPages = 100_000

// unserved gives the keys to some tables for which an index is to be made before parents are deleted. The server
// looks for children of every deleted row: without an index it reads the whole child table each time, deleted rows
// of it too, so that the time grows with the product of both tables.
func (c *cleaning) unserved(ctx context.Context, roots []int) (list []unserved, err error) {
	const sql = `
select (select coalesce(sum(pg_catalog.pg_relation_size(f.oid)), 0) / pg_catalog.current_setting('block_size')::pg_catalog.int8
          from (select k.conrelid as oid union select relid from pg_catalog.pg_partition_tree(k.conrelid)) f)::pg_catalog.int8,
       (select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by x.i)
          from pg_catalog.unnest(k.conkey) with ordinality x (n, i) join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.n)
  from pg_catalog.pg_constraint k
 where k.oid = $1::pg_catalog.text::pg_catalog.oid
   and not exists (select 1 from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = c.relam
                    where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null and m.amname in ('btree', 'hash')
                      and i.indnkeyatts >= pg_catalog.cardinality(k.conkey)
                      and k.conkey <@ (i.indkey::pg_catalog.int2[])[0:pg_catalog.cardinality(k.conkey) - 1])`
	for _, root := range roots {
		if len(c.keys[root]) == 0 {
			continue
		}
		rows, err := c.s.number(ctx, "select count(*) from pg_temp.sower_mark where root = $1::int and not kept", int64(root))
		if err != nil {
			return nil, err
		}
		for _, k := range c.keys[root] {
			row, err := c.s.row(ctx, sql, k.oid)
			if err != nil {
				return nil, err
			}
			if row != nil && toInt(row[0]) > manyPages/max(rows, 1) {
				list = append(list, unserved{k, string(row[1])})
			}
		}
	}
	return list, nil
}

// serve makes the index within the transaction that deletes, so that no kill leaves it behind, and gives the statement
// that drops it before the commit. Others read the child table meanwhile, and wait with writing. Where the index
// cannot be made, the deletion is slow and right without it.
func (c *cleaning) serve(ctx context.Context, k unserved) (drop string, err error) {
	name := ident("sower_clean_" + k.oid)
	if err := c.s.run(ctx, "savepoint serve; set local lock_timeout = '3s'"); err != nil {
		return "", err
	}
	err = c.s.run(ctx, fmt.Sprintf("lock table %s in share mode; create index %s on %s (%s); set local lock_timeout = 0; release savepoint serve",
		k.rows, name, k.rows, k.columns))
	if err == nil {
		row, err := c.s.row(ctx, "select 'drop index ' || pg_catalog.quote_ident(n.nspname) || '.' || $2::pg_catalog.text from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace where k.oid = $1::pg_catalog.text::pg_catalog.oid", k.oid, name)
		if err == nil && row == nil {
			err = errNoRow
		}
		if err != nil {
			return "", err
		}
		return string(row[0]), nil
	}
	if code(err) == "" || passing(err) {
		return "", err
	}
	c.db.log().Info("rows are deleted without an index that finds what refers to them, which takes longer", "table", k.table, "columns", k.columns, "reason", err.Error())
	return "", c.s.run(ctx, "rollback to savepoint serve; release savepoint serve")
}
