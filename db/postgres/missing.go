package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sowerdata/sower/sink"
)

// Pieces gives the indexes and foreign keys of tables that Strip could drop.
func (db *DB) Pieces(ctx context.Context, tables []*sink.Target) (out []sink.Piece, err error) {
	const indexes = "select false, i.indrelid, c.relname, pg_get_indexdef(c.oid)" + indexesOf + " order by c.relname"
	const keys = "select true, k.conrelid, k.conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s', $1::text, k.conname, pg_get_constraintdef(k.oid))" + keysOf + " order by k.conname"
	err = db.read(ctx, func(s *session) error {
		for _, t := range tables {
			name := tableSQL(t.Table)
			for _, sql := range []string{indexes, keys} {
				if t.Keys && sql == indexes {
					continue
				}
				err := s.each(ctx, sql, func(r [][]byte) error {
					out = append(out, sink.Piece{Key: toBool(r[0]), Table: t.Name, ID: toInt(r[1]), Name: string(r[2]), SQL: string(r[3])})
					return nil
				}, name)
				if err != nil {
					return fmt.Errorf("%s: %w", t.Name, err)
				}
			}
		}
		return nil
	})
	return out, explain(ctx, "read the indexes and foreign keys in "+db.where, err)
}

// Missing gives the indexes and foreign keys that are not in place. A key that is there and not valid, though it was, is
// to be validated.
func (db *DB) Missing(ctx context.Context, pieces []sink.Piece) (out []sink.Piece, err error) {
	const gone = `
select p.n - 1, case when k.conname is not null then format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.oid::regclass, k.conname) else '' end
  from (select n, e->>'name' as name, coalesce((e->>'key')::boolean, false) as key, (e->>'id')::oid as id, e->>'sql' as sql
          from jsonb_array_elements($1::jsonb) with ordinality x (e, n)) p
  join pg_class t on t.oid = p.id left join pg_constraint k on p.key and k.conrelid = p.id and k.conname = p.name
 where case when p.key then k.conname is null or not k.convalidated and p.sql not like '%NOT VALID'
            else not exists (select 1 from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = p.id and c.relname = p.name) end
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
	return out, explain(ctx, "look for indexes and foreign keys in "+db.where, err)
}
