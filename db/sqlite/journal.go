package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Rebuilder = (*DB)(nil)

// journalDDL makes the journal: which indexes were dropped and how they come back. The place is an index's row in
// sqlite_schema, by which the schema is printed in the order in which it was made. A table that was renamed is known by
// its first page and its columns.
const journalDDL = `
	create table main.sower_journal (
		id         integer primary key,
		table_name text not null,
		root       integer not null,
		columns    text not null,
		name       text not null,
		place      integer not null,
		ddl        text not null
	)`

// journalForm tells what journal there is: "" none, "old" that of earlier versions, which know a table by its name
// alone, "new".
func journalForm(ctx context.Context, from rower) (form string, err error) {
	const query = `select coalesce((select case when exists (select 1 from pragma_table_info('sower_journal', 'main') where name = 'root') then 'new' else 'old' end
		from main.sqlite_schema where type = 'table' and name = 'sower_journal'), '')`
	return form, from.QueryRowContext(ctx, query).Scan(&form)
}

// ensureJournal makes the journal where there is none; it gives why it cannot be used, "" where it can.
func (w execer) ensureJournal(ctx context.Context) (why string, err error) {
	form, err := journalForm(ctx, w.db.writer)
	if form == "old" && err == nil {
		if err = w.dropEmptyJournal(ctx); err == nil {
			form, err = journalForm(ctx, w.db.writer)
		}
	}
	switch {
	case err != nil || form == "new":
		return "", err
	case form == "old":
		return "the journal of an earlier version of sower is not done with: sower repair", nil
	}
	return "", w.exec(ctx, journalDDL)
}

// Strip drops the secondary indexes of those tables that are empty, in the transaction that writes the
// journal. Unique ones stay, since presence and collisions rest on them, and so do foreign keys: SQLite
// cannot take those off a table.
func (db *DB) Strip(ctx context.Context, tables []*sink.Target) (stripped []string, kept map[string]string, err error) {
	kept = map[string]string{}
	err = db.change(ctx, "drop indexes in "+db.path, func(w execer) error {
		unusable, err := w.ensureJournal(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if t.Keys {
				kept[t.Name] = keysStay
				continue
			}
			if unusable != "" {
				kept[t.Name] = unusable
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
		if len(stripped) == 0 && unusable == "" {
			return w.dropEmptyJournal(ctx)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return stripped, kept, nil
}

// Format tells that rows travel in one way.
func (db *DB) Format(*sink.Target) (string, error) { return "", nil }

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
	root             int64    // of its table: 0 in a journal of an earlier version
	columns          []string // of its table
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
	indexes, err := w.read(ctx, `select s.rowid, s.rowid, s.tbl_name, s.name, s.sql, (select rootpage from main.sqlite_schema where type = 'table' and name = s.tbl_name),
		(`+columnsOf+`)`+indexesOf+` order by s.rowid`, table)
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
		if err := w.exec(ctx, "insert into main.sower_journal (table_name, name, place, ddl, root, columns) values (?1, ?2, ?3, ?4, ?5, ?6)",
			x.table, x.name, x.place, x.ddl, x.root, strings.Join(x.columns, "\x01")); err != nil {
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

// columnsOf are the names of the columns of table s.tbl_name, in their order.
const columnsOf = "select group_concat(name, char(1)) from (select name from pragma_table_xinfo(s.tbl_name, 'main') order by cid)"

// comesBack tries whether an index can be made again from its own words, and says the same then: one
// whose expression calls another program's function cannot. The table is empty, so that trying costs little.
func (w execer) comesBack(ctx context.Context, x *dropped) (bool, error) {
	if text, err := readIndexText(x.ddl); err != nil || text.unknown(x.columns) != "" {
		return false, nil
	}
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
		x, columns := new(dropped), ""
		if err := rows.Scan(&x.id, &x.place, &x.table, &x.name, &x.ddl, &x.root, &columns); err != nil {
			return nil, err
		}
		x.columns = strings.Split(columns, "\x01")
		out = append(out, x)
	}
	return out, rows.Err()
}

// Journaled tells what waits in the journal.
func (db *DB) Journaled(ctx context.Context) (w sink.Waiting, err error) {
	what := "read the journal of " + db.path
	var there bool
	if err := db.queryRow(ctx, &there, "select exists (select 1 from sqlite_schema where type = 'table' and name = 'sower_journal')"); err != nil || !there {
		return w, db.failure(what, err)
	}
	err = db.queryRow(ctx, &w.Indexes, "select count(*) from main.sower_journal")
	return w, db.failure(what, err)
}

// Restore makes the indexes again, each in the transaction that takes it from the journal. The number
// of connections does not matter: SQLite has one writer. Statistics are left to Finish.
func (db *DB) Restore(ctx context.Context, how sink.Restoring) error {
	pieces, err := db.tidy(ctx, how.Forget)
	if err != nil {
		return err
	}
	var errs []error
	for i, x := range pieces {
		at := sink.Restored{Phase: "indexes", Name: x.name + " of " + x.table, Done: i, Of: len(pieces), Underway: true, Connection: 1}
		began := time.Now()
		stop := sink.Underway(func() {
			if how.Note != nil {
				how.Note(at)
			}
		})
		err := db.change(ctx, fmt.Sprintf("restore the index %s of %s", x.name, x.table), func(w execer) error {
			if err := w.restore(ctx, x); err != nil {
				return settle(x, err)
			}
			return w.dropEmptyJournal(ctx) // with its last piece, so that no kill leaves an empty one
		})
		stop()
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if at.Done, at.Underway, at.Took = i+1, false, time.Since(began); how.Note != nil {
			how.Note(at)
		}
	}
	return errors.Join(errs...)
}

// settle says how to go on where an index cannot be made.
func settle(x *dropped, err error) error {
	if c := code(err) & 0xff; c != 0 && c != codeError {
		return err // a full disk, a lock
	}
	return fmt.Errorf("%w: change what is in the way and run sower repair, or give it up: sower repair --forget %s", err, shown.ShellWord(x.name))
}

// tidy gives what the journal holds, without those that are given up and those whose table is gone, which it takes out. An
// empty journal goes, too: a kill of an earlier version may have left one.
func (db *DB) tidy(ctx context.Context, forget []string) (left []*dropped, err error) {
	what, form := "read the journal of "+db.path, ""
	if err := db.patiently(ctx, func() (err error) { form, err = journalForm(ctx, db.reads); return err }); err != nil {
		return nil, db.failure(what, err)
	}
	found := map[string]bool{}
	if form != "" {
		query := "select id, place, table_name, name, ddl, root, columns from main.sower_journal order by id"
		if form == "old" {
			query = "select id, place, table_name, name, ddl, 0, '' from main.sower_journal order by id"
		}
		err = db.change(ctx, what, func(w execer) error {
			pieces, err := w.read(ctx, query)
			if err != nil {
				return err
			}
			for _, x := range pieces {
				why := ""
				if slices.Contains(forget, x.name) {
					found[x.name], why = true, "it is given up"
				} else if gone, err := w.follow(ctx, x); err != nil {
					return err
				} else if gone {
					why = "its table is gone"
				}
				if why == "" {
					left = append(left, x)
					continue
				}
				if err := w.exec(ctx, "delete from main.sower_journal where id = ?1", x.id); err != nil {
					return err
				}
				db.log.Warn("not restored: "+why, "index", x.name, "table", x.table)
			}
			return w.dropEmptyJournal(ctx)
		})
	}
	for _, name := range forget {
		if err == nil && !found[name] {
			err = fmt.Errorf("nothing of the name %s waits to be restored", shown.ShellWord(name))
		}
	}
	return left, err
}

// follow puts the present name of its table into x: a renamed one has the first page and the columns that it had. Where
// that cannot be told (the file was vacuumed since), it keeps its name, and restoring says so. A table of which nothing is
// left is gone.
func (w execer) follow(ctx context.Context, x *dropped) (gone bool, err error) {
	const query = `
		select count(*) filter (where lower(s.name) = lower(?1)), count(*) filter (where alike), count(*) filter (where alike and s.rootpage = ?2), coalesce(max(s.name) filter (where alike and s.rootpage = ?2), '')
		  from (select s.*, (` + columnsOf + `) = ?3 as alike from main.sqlite_schema s where s.type = 'table' and s.rootpage > 0) s`
	var there, alike, same int
	var name string
	if err := w.db.writer.QueryRowContext(ctx, query, x.table, x.root, strings.Join(x.columns, "\x01")).Scan(&there, &alike, &same, &name); err != nil {
		return false, err
	}
	if there == 0 && same == 1 {
		x.table = name
	}
	return there == 0 && alike == 0 && x.root != 0, nil
}

// restore makes one index again, at its old place among the statements of the schema where that is free.
func (w execer) restore(ctx context.Context, x *dropped) error {
	if err := w.exec(ctx, "delete from main.sower_journal where id = ?1", x.id); err != nil {
		return err
	}
	text, err := w.proven(ctx, x)
	if err != nil {
		return err
	}
	var present string
	err = w.db.writer.QueryRowContext(ctx, "select coalesce(sql, '') from main.sqlite_schema where type = 'index' and name = ?1 collate nocase", x.name).Scan(&present)
	switch {
	case err == nil:
		if has, err := readIndexText(present); err != nil || !has.same(text) {
			return errors.New("one of that name is there, and it is another one")
		}
		return nil // someone has made it again
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if err := w.exec(ctx, text.sql); err != nil {
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

// proven gives the text of an index for its table by its present name. The file may be a stranger's, and the text is run:
// it has to be the making of this index on this table, and nothing else.
func (w execer) proven(ctx context.Context, x *dropped) (*indexText, error) {
	text, err := readIndexText(x.ddl)
	if err == nil && !strings.EqualFold(text.name.name(), x.name) {
		err = fmt.Errorf("the journal has the statement of another index for it, %.200q", x.ddl)
	}
	if err == nil && x.root == 0 && !strings.EqualFold(text.table.name(), x.table) {
		err = fmt.Errorf("the journal has the statement of an index of another table for it, %.200q", x.ddl)
	}
	if err != nil {
		return nil, err
	}
	if text, err = readIndexText(text.on(x.table)); err != nil || x.root == 0 {
		return text, err
	}
	s, err := w.db.writer.QueryContext(ctx, "select name from pragma_table_xinfo(?1, 'main')", x.table)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var columns []string
	for s.Next() {
		var name string
		if err := s.Scan(&name); err != nil {
			return nil, err
		}
		columns = append(columns, name)
	}
	if name := text.unknown(columns); name != "" && len(columns) > 0 {
		return nil, fmt.Errorf("its column %s is gone", name)
	}
	return text, s.Err()
}

func (w execer) dropEmptyJournal(ctx context.Context) error {
	var left bool
	if err := w.db.writer.QueryRowContext(ctx, "select exists (select 1 from main.sower_journal)").Scan(&left); err != nil || left {
		return err
	}
	return w.exec(ctx, "drop table main.sower_journal")
}
