package sqlite

import (
	"context"
	"database/sql"

	"github.com/sowerdata/sower/sink"
)

// Pieces gives the secondary indexes of tables.
func (db *DB) Pieces(ctx context.Context, tables []*sink.Target) (out []sink.Piece, err error) {
	what := "read the indexes of " + db.path
	db.mu.RLock()
	defer db.mu.RUnlock()
	for _, t := range tables {
		if t.Keys {
			continue
		}
		err := each(ctx, db.reads, "select s.name, s.sql"+indexesOf+" order by s.rowid", func(rows *sql.Rows) error {
			p := sink.Piece{Table: t.Name}
			err := rows.Scan(&p.Name, &p.SQL)
			out = append(out, p)
			return err
		}, t.Table.Name)
		if err != nil {
			return nil, db.failure(what, err)
		}
	}
	return out, nil
}

// Missing gives the indexes that are not there, of tables that are.
func (db *DB) Missing(ctx context.Context, pieces []sink.Piece) (out []sink.Piece, err error) {
	const gone = `select not exists (select 1 from sqlite_schema where type = 'index' and name = ?1 collate nocase)
		and exists (select 1 from sqlite_schema where type = 'table' and name = ?2 collate nocase)`
	for _, p := range pieces {
		var missing bool
		if err := db.queryRow(ctx, &missing, gone, p.Name, p.Table); err != nil {
			return nil, db.failure("look for indexes in "+db.path, err)
		}
		if missing {
			out = append(out, p)
		}
	}
	return out, nil
}

// each calls f for every row of a query.
func each(ctx context.Context, pool *sql.DB, query string, f func(*sql.Rows) error, args ...any) error {
	rows, err := pool.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
