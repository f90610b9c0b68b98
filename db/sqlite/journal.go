package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/sink"
)

var _ sink.Rebuilder = (*DB)(nil)

// journalDDL makes the journal: which indexes were dropped and how they come back. The place is an
// index's row in sqlite_schema, by which the schema is printed in the order in which it was made.
const journalDDL = `
	create table if not exists main.sower_journal (
		id         integer primary key,
		table_name text not null,
		name       text not null,
		place      integer not null,
		ddl        text not null
	)`

// Strip drops the secondary indexes of those tables that are empty, in the transaction that writes the
// journal. Unique ones stay, since presence and collisions rest on them, and so do foreign keys: SQLite
// cannot take those off a table.
func (db *DB) Strip(ctx context.Context, tables []*sink.Target) (stripped []string, kept map[string]string, err error) {
	kept = map[string]string{}
	err = db.change(ctx, "drop indexes in "+db.path, func(w execer) error {
		if err := w.exec(ctx, journalDDL); err != nil {
			return err
		}
		for _, t := range tables {
			if t.Keys {
				kept[t.Name] = keysStay
				continue
			}
			why, err := w.strip(ctx, t.Table.Name)
			if err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			if why == "" {
				stripped = append(stripped, t.Name)
			} else {
				kept[t.Name] = why
			}
		}
		if len(stripped) == 0 {
			return w.dropEmptyJournal(ctx)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return stripped, kept, nil
}

// Loadings tells how each table would be loaded now.
func (db *DB) Loadings(ctx context.Context, tables []*sink.Target) ([]sink.Loading, error) {
	out := make([]sink.Loading, len(tables))
	for i, t := range tables {
		l, full, what := &out[i], false, "look at how "+t.Name+" is loaded into "+db.path
		if t.Keys {
			l.Kept = keysStay
			continue
		}
		if err := db.queryRow(ctx, &full, "select exists (select 1 from main."+quoteIdent(t.Table.Name)+")"); err != nil {
			return nil, db.failure(what, err)
		}
		if full {
			l.Kept = holdsRows
			continue
		}
		if err := db.queryRow(ctx, &l.Indexes, "select count(*)"+indexesOf, t.Table.Name); err != nil {
			return nil, db.failure(what, err)
		}
		if l.Indexes == 0 {
			l.Kept = noIndex
		}
	}
	return out, nil
}

// Why a table stays as it is.
const (
	keysStay  = "SQLite cannot take foreign keys off a table"
	holdsRows = "it holds rows"
	noIndex   = "it has no secondary index"
)

// indexesOf are the secondary indexes of the table ?1.
const indexesOf = ` from main.sqlite_schema s join pragma_index_list(?1, 'main') l on l.name = s.name
	where s.type = 'index' and s.sql is not null and not l."unique"`

// dropped is an index as the journal has it.
type dropped struct {
	id, place        int64
	table, name, ddl string
}

// strip drops a table's secondary indexes, or says why they stay.
func (w execer) strip(ctx context.Context, table string) (why string, err error) {
	var full bool
	if err := w.db.writer.QueryRowContext(ctx, "select exists (select 1 from main."+quoteIdent(table)+")").Scan(&full); err != nil {
		return "", err
	}
	if full {
		return holdsRows, nil
	}
	indexes, err := w.read(ctx, `select s.rowid, s.rowid, s.tbl_name, s.name, s.sql`+indexesOf+` order by s.rowid`, table)
	if err != nil {
		return "", err
	}
	n := 0
	for _, x := range indexes {
		ok, err := w.comesBack(ctx, x)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		if err := w.exec(ctx, "insert into main.sower_journal (table_name, name, place, ddl) values (?1, ?2, ?3, ?4)", x.table, x.name, x.place, x.ddl); err != nil {
			return "", err
		}
		if err := w.exec(ctx, "drop index main."+quoteIdent(x.name)); err != nil {
			return "", err
		}
		n++
	}
	if n == 0 {
		return noIndex, nil
	}
	return "", nil
}

// comesBack tries whether an index can be made again from its own words, and says the same then: one
// whose expression calls another program's function cannot. The table is empty, so that trying costs little.
func (w execer) comesBack(ctx context.Context, x *dropped) (bool, error) {
	if err := w.exec(ctx, "savepoint trial"); err != nil {
		return false, err
	}
	err := w.exec(ctx, "drop index main."+quoteIdent(x.name))
	if err == nil {
		err = w.exec(ctx, x.ddl)
	}
	var again string
	if err == nil {
		err = w.db.writer.QueryRowContext(ctx, "select sql from main.sqlite_schema where type = 'index' and name = ?1", x.name).Scan(&again)
	}
	if e := w.exec(ctx, "rollback to trial; release trial"); e != nil {
		return false, errors.Join(e, err)
	}
	if err != nil && code(err) == 0 { // not SQLite's word on the statement: the context has ended
		return false, err
	}
	return err == nil && again == x.ddl, nil
}

// read gives the pieces that a query selects.
func (w execer) read(ctx context.Context, query string, args ...any) (out []*dropped, err error) {
	rows, err := w.db.writer.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x := new(dropped)
		if err := rows.Scan(&x.id, &x.place, &x.table, &x.name, &x.ddl); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// Journaled is the number of indexes that wait in the journal.
func (db *DB) Journaled(ctx context.Context) (n int, err error) {
	what := "read the journal of " + db.path
	var there bool
	if err := db.queryRow(ctx, &there, "select exists (select 1 from sqlite_schema where type = 'table' and name = 'sower_journal')"); err != nil || !there {
		return 0, db.failure(what, err)
	}
	err = db.queryRow(ctx, &n, "select count(*) from main.sower_journal")
	return n, db.failure(what, err)
}

// Restore makes the indexes again, each in the transaction that takes it from the journal. The number
// of connections does not matter: SQLite has one writer. Statistics are left to Finish.
func (db *DB) Restore(ctx context.Context, _ int, _ []*sink.Target, note func(sink.Restored)) error {
	if n, err := db.Journaled(ctx); err != nil || n == 0 {
		return err
	}
	var pieces []*dropped
	err := db.change(ctx, "read the journal of "+db.path, func(w execer) (err error) {
		pieces, err = w.read(ctx, "select id, place, table_name, name, ddl from main.sower_journal order by id")
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for i, x := range pieces {
		if err := db.change(ctx, fmt.Sprintf("restore the index %s of %s", x.name, x.table), func(w execer) error { return w.restore(ctx, x) }); err != nil {
			errs = append(errs, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		if note != nil {
			note(sink.Restored{Phase: "indexes", Name: x.name + " of " + x.table, Done: i + 1, Of: len(pieces)})
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return db.change(ctx, "remove the journal of "+db.path, func(w execer) error { return w.dropEmptyJournal(ctx) })
}

// restore makes one index again, at its old place among the statements of the schema where that is free.
func (w execer) restore(ctx context.Context, x *dropped) error {
	if err := w.exec(ctx, "delete from main.sower_journal where id = ?1", x.id); err != nil {
		return err
	}
	var at int64
	err := w.db.writer.QueryRowContext(ctx, "select rowid from main.sqlite_schema where type = 'index' and name = ?1 collate nocase", x.name).Scan(&at)
	switch {
	case err == nil: // someone has made it again
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	// The file may be a stranger's, and what stands in it is run here.
	if ts := tokens(x.ddl); len(ts) < 4 || !ts[0].is("create") || !ts[1].is("index") || slices.ContainsFunc(ts, func(t token) bool { return t.is(";") }) {
		return fmt.Errorf("the journal has a statement for it that sower does not write (%.200q): look at sower_journal, id %d", x.ddl, x.id)
	}
	if err := w.exec(ctx, x.ddl); err != nil {
		if strings.Contains(err.Error(), "no such table") {
			return fmt.Errorf("%w; if %s is gone for good, delete its rows from sower_journal", err, x.table)
		}
		return err
	}
	// The order is only how the schema prints; SQLite asks of it that a table comes before its indexes.
	if err := w.exec(ctx, "pragma writable_schema = on"); err != nil {
		return err
	}
	err = w.exec(ctx, `update main.sqlite_schema set rowid = ?1 where type = 'index' and name = ?2 and not exists (select 1 from main.sqlite_schema o where o.rowid = ?1)
		and ?1 > (select max(o.rowid) from main.sqlite_schema o where o.type = 'table' and o.name = sqlite_schema.tbl_name)`, x.place, x.name)
	return errors.Join(err, w.exec(context.WithoutCancel(ctx), "pragma writable_schema = off"))
}

func (w execer) dropEmptyJournal(ctx context.Context) error {
	var left bool
	if err := w.db.writer.QueryRowContext(ctx, "select exists (select 1 from main.sower_journal)").Scan(&left); err != nil || left {
		return err
	}
	return w.exec(ctx, "drop table main.sower_journal")
}
