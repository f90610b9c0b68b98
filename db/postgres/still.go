package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// What mayHappen has found may be another a moment later, where somebody who is not trusted may attach code to a table, or
// put another table in its place. Each transaction that writes to such a table locks it first, which keeps them from doing
// so until it ends, and looks again where anything of its definition has changed.

// noteExposed notes which of the tables that are so.
func (db *DB) noteExposed(ctx context.Context, s *session, tables []*schema.Table) error {
	roles, err := s.trustedRoles(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = tableSQL(t)
		db.code.exposed.Delete(names[i])
	}
	// Roles that may write some columns alone cannot lock a table by a statement.
	const sql = `select n, has_table_privilege(n::regclass::oid, 'insert, update, delete') from unnest($1::text[]) n where exists (
  select from (select n::regclass::oid as oid union select relid from pg_partition_tree(n::regclass)) x join pg_class c on c.oid = x.oid join pg_namespace s on s.oid = c.relnamespace
   where c.relowner <> all ($2::oid[]) or s.nspowner <> all ($2::oid[])
      or exists (select from aclexplode(c.relacl) a where a.privilege_type = 'TRIGGER' and a.grantee <> all ($2::oid[])))`
	return s.each(ctx, sql, func(r [][]byte) error {
		db.code.exposed.Store(string(r[0]), toBool(r[1]))
		return nil
	}, nameArray(names), roles.list())
}

// definitionSQL gives one text for all that a table and its partitions are, which changes with it.
const definitionSQL = `
with t as (select $1::regclass::oid as oid union select relid from pg_partition_tree($1::regclass))
select md5(string_agg(x, ' ' order by x)) from (
  select concat('c', c.oid, ':', c.xmin) as x from t join pg_class c on c.oid = t.oid
  union all select concat('a', a.attrelid, '.', a.attnum, ':', a.xmin) from t join pg_attribute a on a.attrelid = t.oid where a.attnum > 0
  union all select concat('d', d.oid, ':', d.xmin) from t join pg_attrdef d on d.adrelid = t.oid
  union all select concat('k', k.oid, ':', k.xmin) from t join pg_constraint k on k.conrelid = t.oid
  union all select concat('i', i.indexrelid, ':', i.xmin) from t join pg_index i on i.indrelid = t.oid
  union all select concat('g', g.oid, ':', g.xmin) from t join pg_trigger g on g.tgrelid = t.oid
  union all select concat('r', w.oid, ':', w.xmin) from t join pg_rewrite w on w.ev_class = t.oid
  union all select concat('p', p.oid, ':', p.xmin) from t join pg_policy p on p.polrelid = t.oid) x`

// seen is a table's definition in which no code of strangers was found that these happenings would run.
type seen struct {
	table   string
	happens happening
}

// mayNow is mayHappen for the rest of the session's transaction, which it begins: where it looks, the control path is that
// of the transaction after it.
func (db *DB) mayNow(ctx context.Context, s *session, tables []*schema.Table, happens happening) error {
	var exposed, locked []string
	for _, t := range tables {
		if may, ok := db.code.exposed.Load(tableSQL(t)); ok {
			exposed = append(exposed, tableSQL(t))
			if may.(bool) {
				locked = append(locked, tableSQL(t))
			}
		}
	}
	if len(exposed) == 0 {
		return nil
	}
	if len(locked) > 0 { // before the first question: what a transaction reads may be as of then
		if err := s.run(ctx, "lock table "+strings.Join(locked, ", ")+" in row exclusive mode"); err != nil {
			return err
		}
	}
	if err := s.useHere(ctx, db.basePath()); err != nil {
		return err
	}
	for _, name := range exposed {
		row, err := s.row(ctx, definitionSQL, name)
		if err != nil {
			return err
		}
		key := seen{name, happens}
		if was, ok := db.code.seen.Load(key); ok && was == string(row[0]) {
			continue
		}
		at := slices.IndexFunc(tables, func(t *schema.Table) bool { return tableSQL(t) == name })
		if err := mayHappen(ctx, s, tables[at:at+1], happens); err != nil {
			return err
		}
		db.code.seen.Store(key, string(row[0]))
	}
	return nil
}
