package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// keyParts are the key parts of the index x as texts, for those that have an expression among them.
const keyParts = `
case when x.indexprs is not null then
  (select array_to_string(array_agg(pg_get_indexdef(x.indexrelid, p, false) order by p), e'\x01') from generate_series(1, x.indnkeyatts) p)
end`

func (i *inspector) readIndexes(ctx context.Context) error {
	count := map[uint32]int{}
	err := i.s.each(ctx, "select indrelid, count(*) from pg_index where indislive group by 1", func(r [][]byte) error {
		count[toOID(r[0])] = int(toInt(r[1]))
		return nil
	})
	if err != nil {
		return err
	}
	for oid, t := range i.tables {
		t.Indexes = count[oid]
	}
	nulls := "false"
	if i.major >= 15 {
		nulls = "x.indnullsnotdistinct"
	}
	// A key WITHOUT OVERLAPS is unique too, but its index is one of an exclusion.
	sql := `
select x.indrelid, k.relname, x.indisprimary, (x.indkey::int2[])[0:x.indnkeyatts - 1], coalesce(pg_get_expr(x.indpred, x.indrelid), ''), ` + nulls + `, ` + keyParts + `,
       o.oid is not null, not x.indimmediate, (x.indkey::int2[])[x.indnkeyatts:],
       case when x.indexprs is not null or x.indpred is not null then
         (select array_agg(distinct d.refobjsubid) from pg_depend d
           where d.classid = 'pg_class'::regclass and d.objid = x.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = x.indrelid and d.refobjsubid > 0)
       end
  from pg_index x
  join pg_class k on k.oid = x.indexrelid
  join pg_class c on c.oid = x.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_constraint o on o.conindid = x.indexrelid and o.conrelid = x.indrelid and o.contype in ('p', 'u')
 where x.indisunique and not x.indisexclusion and x.indislive and c.relkind in ('r', 'p') and ` + userSchemas + `
 order by x.indrelid, not x.indisprimary, k.relname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t := i.tables[toOID(r[0])]
		if t == nil {
			return nil
		}
		u := &schema.Unique{Name: string(r[1]), Primary: toBool(r[2]), Where: string(r[4]), NullsNotDistinct: toBool(r[5]), Constraint: toBool(r[7]), Deferrable: toBool(r[8])}
		key, included := toInts(afterBounds(r[3])), toInts(afterBounds(r[9]))
		if r[6] != nil && slices.Contains(key, 0) {
			u.Expressions = strings.Split(string(r[6]), "\x01")
		} else {
			u.Columns = t.names(key)
		}
		u.Depends = t.names(key)
		for _, n := range toInts(r[10]) {
			if !slices.Contains(key, n) && !slices.Contains(included, n) {
				u.Depends = append(u.Depends, t.names([]int{n})...)
			}
		}
		t.Uniques = append(t.Uniques, u)
		if u.Primary {
			t.PrimaryKey = u
		}
		return nil
	})
}

// afterBounds leaves out the bounds of an array's text: "[0:1]={1,2}".
func afterBounds(b []byte) []byte {
	if _, rest, ok := strings.Cut(string(b), "="); ok {
		return []byte(rest)
	}
	return b
}

// readExclusions reads exclusion constraints, and keys WITHOUT OVERLAPS.
func (i *inspector) readExclusions(ctx context.Context) error {
	const sql = `
select k.conrelid, k.conname, m.amname, k.condeferrable, coalesce(pg_get_expr(x.indpred, x.indrelid), ''), (x.indkey::int2[])[0:x.indnkeyatts - 1],
       (select string_agg(o.oprname, ' ' order by u.n) from unnest(k.conexclop) with ordinality u (op, n) join pg_operator o on o.oid = u.op), ` + keyParts + `
  from pg_constraint k
  join pg_index x on x.indexrelid = k.conindid and x.indrelid = k.conrelid
  join pg_class c on c.oid = x.indexrelid
  join pg_am m on m.oid = c.relam
 where k.contype in ('x', 'p', 'u') and x.indisexclusion order by k.conrelid, k.conname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t := i.tables[toOID(r[0])]
		if t == nil {
			return nil
		}
		e := &schema.Exclusion{Name: string(r[1]), Method: string(r[2]), Deferrable: toBool(r[3]), Where: string(r[4])}
		ops, parts := strings.Split(string(r[6]), " "), strings.Split(string(r[7]), "\x01")
		for p, n := range toInts(afterBounds(r[5])) {
			var el schema.ExclusionElement
			if p < len(ops) {
				el.Operator = ops[p]
			}
			if c := t.byNumber[n]; c != nil {
				el.Column = c.Name
			} else if p < len(parts) {
				el.Expression = parts[p]
			}
			e.Elements = append(e.Elements, el)
		}
		t.Exclusions = append(t.Exclusions, e)
		return nil
	})
}

// readChecks reads the tables' check constraints. What is NOT ENFORCED binds nobody.
func (i *inspector) readChecks(ctx context.Context) error {
	enforced := ""
	if i.major >= 18 {
		enforced = " and conenforced"
	}
	sql := `
select conrelid, conname, pg_get_expr(conbin, conrelid), conkey, connoinherit, not convalidated, oid from pg_constraint
 where contype = 'c' and conrelid <> 0` + enforced + ` order by conrelid, conname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		if t := i.tables[toOID(r[0])]; t != nil {
			t.Checks = append(t.Checks, &schema.Check{Name: string(r[1]), Expression: string(r[2]), Columns: t.names(toInts(r[3])),
				NoInherit: toBool(r[4]), NotValid: toBool(r[5]), Functions: i.calls[toOID(r[6])]})
		}
		return nil
	})
}

// actions are the catalog's letters for what a foreign key does.
var actions = map[string]schema.Action{"c": "cascade", "r": "restrict", "n": "set null", "d": "set default"}

func (i *inspector) readForeignKeys(ctx context.Context) error {
	period := "false"
	if i.major >= 18 {
		period = "k.conperiod"
	}
	// A foreign key to a partitioned table has inner copies to each of its partitions: they are left out.
	sql := `
with recursive up (oid, top) as (
  select oid, oid from pg_constraint where contype = 'f' and conparentid = 0
  union all
  select k.oid, u.top from pg_constraint k join up u on k.conparentid = u.oid where k.contype = 'f'
)
select k.conrelid, k.conname, k.confrelid, k.conkey, k.confkey, k.condeferrable, k.confmatchtype = 'f', k.condeferred, not k.convalidated, k.confdeltype, k.confupdtype, ` + period + `
  from up join pg_constraint k on k.oid = up.oid join pg_constraint o on o.oid = up.top
 where k.confrelid = o.confrelid order by k.conrelid, k.conname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		t, ref := i.tables[toOID(r[0])], i.tables[toOID(r[2])]
		if t == nil || ref == nil {
			return nil
		}
		t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Name: string(r[1]), Columns: t.names(toInts(r[3])),
			RefSchema: ref.Schema, RefTable: ref.Name, RefColumns: ref.names(toInts(r[4])), Deferrable: toBool(r[5]), MatchFull: toBool(r[6]),
			Deferred: toBool(r[7]), NotValid: toBool(r[8]), OnDelete: actions[string(r[9])], OnUpdate: actions[string(r[10])], Period: toBool(r[11])})
		return nil
	})
}
