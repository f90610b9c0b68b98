package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

// recordDDL makes the tables in which a database remembers the runs, of form sink.Form. Times are UTC texts.
const recordDDL = `
	create table main.sower_form (
		form  integer primary key,
		sower text not null
	);
	create table main.sower_run (
		number    integer primary key,
		blueprint text not null,
		state     text not null,
		identity  text not null,
		plan      blob,
		version   text not null,
		started   text not null,
		finished  text,
		shape     blob,
		grows     integer,
		shards    integer,
		batches   blob
	);
	create table main.sower_ledger (
		run    integer not null,
		name   text not null,
		first  integer not null,
		n      integer not null,
		part   integer not null default 0,
		digest blob,
		primary key (run, name, part, first)
	) without rowid`

// keyDDL makes the table of reserved keys. It is needed before a run is recorded.
const keyDDL = `
	create table if not exists main.sower_key (
		table_name  text not null,
		column_name text not null,
		last        integer not null,
		primary key (table_name, column_name)
	) without rowid`

// migrations bring the record from form i+1 to the next one.
var migrations = []string{`
	create table main.sower_form (
		form  integer primary key,
		sower text not null
	);
	alter table main.sower_run add column shape blob;
	alter table main.sower_run add column grows integer;
	alter table main.sower_run add column shards integer;
	alter table main.sower_run add column batches blob;
	alter table main.sower_ledger rename to sower_ledger_1;
	create table main.sower_ledger (
		run    integer not null,
		name   text not null,
		first  integer not null,
		n      integer not null,
		part   integer not null default 0,
		digest blob,
		primary key (run, name, part, first)
	) without rowid;
	insert into main.sower_ledger (run, name, first, n) select run, name, first, n from main.sower_ledger_1;
	drop table main.sower_ledger_1`}

// rower gives one row: a pool, or one connection.
type rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// recordForm gives the form of the record: 0 where there is none. A form that this version does not know is an
// error.
func recordForm(ctx context.Context, from rower) (form int64, err error) {
	var tables, forms int64
	const count = "select count(*) filter (where name in ('sower_run', 'sower_ledger')), count(*) filter (where name = 'sower_form') from main.sqlite_schema where type = 'table'"
	if err := from.QueryRowContext(ctx, count).Scan(&tables, &forms); err != nil {
		return 0, err
	}
	if forms == 0 {
		return min(tables, 1), nil
	}
	var by string
	err = from.QueryRowContext(ctx, "select form, sower from main.sower_form order by form desc limit 1").Scan(&form, &by)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, fmt.Errorf("the table sower_form, which says what form the record of runs has, is empty")
	case err == nil && form > sink.Form:
		err = sink.FormError(form, by)
	}
	return form, err
}

// readForm is recordForm for a caller who only reads.
func (db *DB) readForm(ctx context.Context) (int64, error) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return recordForm(ctx, db.reads)
}

// ensureRecord makes the tables of the record, or brings them to today's form, in the caller's transaction.
func (db *DB) ensureRecord(ctx context.Context, w execer, version string) error {
	form, err := recordForm(ctx, db.writer)
	if err != nil || form == sink.Form {
		return err
	}
	steps := []string{recordDDL}
	if form > 0 {
		steps = migrations[form-1:]
	}
	for _, ddl := range append(steps[:len(steps):len(steps)], "delete from main.sower_form") {
		if err := w.exec(ctx, ddl); err != nil {
			return fmt.Errorf("bring the record of runs from form %d to form %d: %w", form, sink.Form, err)
		}
	}
	return w.exec(ctx, "insert into main.sower_form (form, sower) values (?1, ?2)", sink.Form, version)
}

// ledgerRow adds a row to the ledger.
const ledgerRow = "insert into main.sower_ledger (run, name, first, n, part, digest) values (?1, ?2, ?3, ?4, ?5, ?6)"

// addEntry adds an entry to the ledger, in the caller's transaction.
func (w execer) addEntry(ctx context.Context, run int64, table string, e sink.Entry) error {
	var digest any
	if e.Digest != nil {
		digest = e.Digest.Bytes()
	}
	return w.exec(ctx, ledgerRow, run, table, e.First, e.N, e.Part, digest)
}

// Ledger gives what is committed of a run's table, in order.
func (db *DB) Ledger(ctx context.Context, run int64, table string) ([]sink.Entry, error) {
	what := "read the ledger of " + db.path
	form, err := db.readForm(ctx)
	if err != nil || form == 0 {
		return nil, db.failure(what, err)
	}
	more := "part, digest"
	if form < 2 {
		more = "0, null"
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	rows, err := db.reads.QueryContext(ctx, "select first, n, "+more+" from main.sower_ledger where run = ?1 and name = ?2 order by 3, 1", run, table)
	if err != nil {
		return nil, db.failure(what, err)
	}
	defer rows.Close()
	var entries []sink.Entry
	for rows.Next() {
		var e sink.Entry
		var sum []byte
		if err := rows.Scan(&e.First, &e.N, &e.Part, &sum); err != nil {
			return nil, db.failure(what, err)
		}
		if sum != nil {
			d, err := column.DigestOf(sum)
			if err != nil {
				return nil, fmt.Errorf("%s: run %d, %s from row %d on: %w", what, run, table, e.First, err)
			}
			e.Digest = &d
		}
		entries = append(entries, e)
	}
	return entries, db.failure(what, rows.Err())
}

// SaveLedger puts entries in the place of those of a run's table.
func (db *DB) SaveLedger(ctx context.Context, run int64, table string, entries []sink.Entry) error {
	return db.change(ctx, "correct the ledger of "+db.path, func(w execer) error {
		if err := w.exec(ctx, "delete from main.sower_ledger where run = ?1 and name = ?2", run, table); err != nil {
			return err
		}
		for _, e := range entries {
			if err := w.addEntry(ctx, run, table, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// ClearLedger forgets the ledger of a run.
func (db *DB) ClearLedger(ctx context.Context, run int64) error {
	what := "clear the ledger of " + db.path
	if form, err := db.readForm(ctx); err != nil || form == 0 {
		return db.failure(what, err)
	}
	return db.change(ctx, what, func(w execer) error {
		return w.exec(ctx, "delete from main.sower_ledger where run = ?1", run)
	})
}
