package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sowerdata/sower/sink"
)

// Pieces gives the indexes and keys of tables that Strip could drop, those first to which foreign keys refer.
func (db *DB) Pieces(ctx context.Context, tables []*sink.Target) (out []sink.Piece, err error) {
	const uniques = "select case when k.oid is null then 0 else 2 end, i.indrelid, c.relname, case when k.oid is null then pg_get_indexdef(c.oid) else format('ALTER TABLE %s ADD CONSTRAINT %I %s', $1::text, k.conname, pg_get_constraintdef(k.oid)) end" +
		uniquesOf + " order by c.relname"
	const indexes = "select 0, i.indrelid, c.relname, pg_get_indexdef(c.oid)" + indexesOf + " order by c.relname"
	const keys = "select n.i - 1, k.conrelid, k.conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s', n.name, k.conname, pg_get_constraintdef(k.oid)) from unnest($1::text[]) with ordinality n (name, i) join pg_constraint k on k.conrelid = n.name::regclass where true" +
		plainKey + " order by n.i, k.conname"
	err = db.read(ctx, func(s *session) error {
		for _, sql := range []string{uniques, indexes} {
			for _, t := range tables {
				if t.Keys && sql == indexes || len(t.Uniques) == 0 && sql == uniques {
					continue
				}
				args := []any{tableSQL(t.Table)}
				if sql == uniques {
					args = append(args, nameArray(t.Uniques))
				}
				err := s.each(ctx, sql, func(r [][]byte) error {
					kind := toInt(r[0])
					out = append(out, sink.Piece{Unique: kind == 2, Table: t.Name, ID: toInt(r[1]), Name: string(r[2]), SQL: string(r[3])})
					return nil
				}, args...)
				if err != nil {
					return fmt.Errorf("%s: %w", t.Name, err)
				}
			}
		}
		var names []string
		for _, t := range tables {
			names = append(names, tableSQL(t.Table))
		}
		return s.each(ctx, keys, func(r [][]byte) error {
			out = append(out, sink.Piece{Key: true, Table: tables[toInt(r[0])].Name, ID: toInt(r[1]), Name: string(r[2]), SQL: string(r[3])})
			return nil
		}, nameArray(names))
	})
	return out, explain(ctx, "read the indexes and keys in "+db.where, err)
}

// Missing gives the indexes and keys that are not in place. A key that is there and not valid, though it was, is
// to be validated; of a constraint whose index alone is there, that goes first.
func (db *DB) Missing(ctx context.Context, pieces []sink.Piece) (out []sink.Piece, err error) {
	const gone = `
select p.n - 1, case when k.conname is not null then format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.oid::regclass, k.conname)
                      when p.uniq and x.oid is not null then format('DROP INDEX %s; ', x.oid::regclass) || p.sql else '' end
  from (select n, e->>'name' as name, coalesce((e->>'key')::boolean, false) as key, coalesce((e->>'unique')::boolean, false) as uniq, (e->>'id')::oid as id, e->>'sql' as sql
          from jsonb_array_elements($1::jsonb) with ordinality x (e, n)) p
  join pg_class t on t.oid = p.id left join pg_constraint k on (p.key or p.uniq) and k.conrelid = p.id and k.conname = p.name
  left join (pg_class x join pg_index i on i.indexrelid = x.oid) on i.indrelid = p.id and x.relname = p.name
 where case when p.key then k.conname is null or not k.convalidated and p.sql not like '%NOT VALID'
            when p.uniq then k.conname is null else x.oid is null end
 order by 1`
	if len(pieces) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(pieces)
	if err != nil {
		return nil, err
	}
	err = db.read(ctx, func(s *session) error {
		return s.each(ctx, gone, func(r [][]byte) error {
			p := pieces[toInt(r[0])]
			if len(r[1]) > 0 {
				p.SQL = string(r[1])
			}
			out = append(out, p)
			return nil
		}, string(text))
	})
	return out, explain(ctx, "look for indexes and keys in "+db.where, err)
}
