package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Empty takes all rows at once, by TRUNCATE, of those tables that hold nothing but marked rows that go, where a
// TRUNCATE is to others what the deletion of every row would be: nobody's code runs at either, no policy and
// no rule speaks of deletions, nobody receives them, and every table that refers to one of these is emptied too. What
// the tables hold is looked at once more under the lock that TRUNCATE takes. The ledger's rows go in the same
// transaction. Where the lock is not to be had, or the server refuses, no table is emptied so, and all is left to Delete.
func (c *cleaning) Empty(ctx context.Context) (emptied map[string]int64, err error) {
	const what = "empty tables that hold nothing but the run's rows"
	wanted := map[int]int64{}
	err = c.s.each(ctx, "select root, count(*) from pg_temp.sower_mark group by root having not bool_or(kept)", func(r [][]byte) error {
		wanted[int(toInt(r[0]))] = toInt(r[1])
		return nil
	})
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	roots, err := c.emptyable(ctx, wanted)
	if err != nil || len(roots) == 0 {
		return nil, explain(ctx, what, err)
	}
	err = c.s.transact(ctx, begin, func() error {
		emptied = map[string]int64{}
		return c.empty(ctx, roots, wanted, emptied)
	})
	switch {
	case err == nil:
		return emptied, nil
	case ctx.Err() != nil || code(err) == "" || ended(err):
		return nil, explain(ctx, what, err)
	}
	c.db.log().Info("tables are not emptied at once, and their rows are deleted one by one", "reason", err.Error())
	return nil, nil
}

// emptyable gives the tables, of those with rows to go, that may be emptied as far as the catalog and the numbers
// of their rows tell.
func (c *cleaning) emptyable(ctx context.Context, wanted map[int]int64) (roots []int, err error) {
	for root, t := range c.tables {
		if wanted[root] == 0 {
			continue
		}
		ok, err := c.s.row(ctx, plainToDelete, tableSQL(t.Table))
		if err != nil {
			return nil, err
		}
		if ok == nil || !toBool(ok[0]) {
			continue
		}
		n, err := c.s.number(ctx, "select count(*) from "+rowsSQL(t.Table))
		if err != nil {
			return nil, err
		}
		if n == wanted[root] {
			roots = append(roots, root)
		}
	}
	return c.closed(roots), nil
}

// plainToDelete tells whether a table, with its partitions, is one that this role may truncate, and in which a
// deletion starts nothing.
const plainToDelete = `
with part as (select $1::pg_catalog.text::pg_catalog.regclass::pg_catalog.oid as oid union select relid from pg_catalog.pg_partition_tree($1::pg_catalog.text::pg_catalog.regclass))
select pg_catalog.has_table_privilege($1::pg_catalog.text::pg_catalog.regclass::pg_catalog.oid, 'TRUNCATE')
   and not exists (select 1 from part join pg_catalog.pg_class c using (oid) where c.relkind not in ('r', 'p') or c.relrowsecurity)
   and not exists (select 1 from part join pg_catalog.pg_trigger t on t.tgrelid = part.oid where not t.tgisinternal and t.tgtype::pg_catalog.int4 & 40 <> 0)
   and not exists (select 1 from part join pg_catalog.pg_rewrite r on r.ev_class = part.oid where r.ev_type = '4')
   and not exists (select 1 from pg_catalog.pg_replication_slots where slot_type = 'logical' and database = pg_catalog.current_database())`

// closed takes those tables out to which any refers that is not among them.
func (c *cleaning) closed(roots []int) []int {
	roots = slices.Clone(roots)
	for {
		before := len(roots)
		roots = slices.DeleteFunc(roots, func(root int) bool {
			return slices.ContainsFunc(c.keys[root], func(k *referring) bool {
				return !c.among(k, roots)
			})
		})
		if len(roots) == before {
			return roots
		}
	}
}

// empty locks the tables, looks at them once more, and truncates those that hold their marked rows and no others.
func (c *cleaning) empty(ctx context.Context, roots []int, wanted map[int]int64, emptied map[string]int64) error {
	if err := c.lockAll(ctx, roots); err != nil {
		return err
	}
	var proved []int
	for _, root := range roots {
		plain, err := c.s.row(ctx, plainToDelete, tableSQL(c.tables[root].Table))
		if err != nil {
			return err
		}
		if !toBool(plain[0]) {
			continue
		}
		row, err := c.s.row(ctx, fmt.Sprintf("select count(*), count(m.n) from %s p left join pg_temp.sower_mark m on m.root = %d and not m.kept and %s",
			rowsSQL(c.tables[root].Table), root, onMark("m", "p")))
		if err != nil {
			return err
		}
		if toInt(row[0]) == wanted[root] && toInt(row[1]) == wanted[root] {
			proved = append(proved, root)
		}
	}
	if proved = c.closed(proved); len(proved) == 0 {
		return nil
	}
	for _, root := range proved {
		emptied[c.tables[root].Name] = wanted[root]
	}
	return c.truncate(ctx, proved)
}

// lockAll lets nobody else use tables until the transaction ends.
func (c *cleaning) lockAll(ctx context.Context, roots []int) error {
	return c.s.run(ctx, "set local lock_timeout = '3s'; lock table "+c.listed(roots)+" in access exclusive mode")
}

func (c *cleaning) listed(roots []int) string {
	var names []string
	for _, root := range roots {
		names = append(names, rowsSQL(c.tables[root].Table))
	}
	return strings.Join(names, ", ")
}

// truncate empties tables and forgets what the ledger has of them.
func (c *cleaning) truncate(ctx context.Context, roots []int) error {
	if err := c.s.run(ctx, "truncate table "+c.listed(roots)+" continue identity restrict"); err != nil {
		return err
	}
	var names []string
	for _, root := range roots {
		names = append(names, c.tables[root].Name)
	}
	_, err := c.s.exec(ctx, "delete from sower.ledger where run = $1 and table_name = any ($2::text[])", c.run, nameArray(names))
	return err
}
