package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Cleaner = (*DB)(nil)

// cleaning is one transaction on a connection of its own: SQLite has one writer, so that nothing can
// change between the look at a row and its deletion, and a cleaning that is killed has done nothing. Its
// connection does not enforce foreign keys: that nothing is left which refers to a deleted row is what
// Dependents and Spare have found out, in the same transaction, and no action of a key may fire.
type cleaning struct {
	db     *DB
	pool   *sql.DB
	conn   *sql.Conn
	run    int64
	tables []*sink.Target
	all    *schema.Database
}

// Clean opens a cleaning.
func (db *DB) Clean(ctx context.Context, dry bool) (_ sink.Cleaning, err error) {
	what := "begin to clean " + db.path
	all, err := db.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	drv, err := newDriver(new(source))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	mode := "rw"
	if db.readOnly {
		mode = "ro"
	}
	c := &cleaning{db: db, all: all}
	c.pool = sql.OpenDB(&connector{drv: drv, dsn: db.dsn(mode), pragmas: []string{"foreign_keys=off", "temp_store=file", "busy_timeout=100", "cache_size=-24576"}})
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	if c.conn, err = c.pool.Conn(ctx); err != nil {
		return nil, db.failure(what, err)
	}
	if err := c.exec(ctx, "create temp table sower_mark (tab integer not null, id text not null, kept integer not null, primary key (tab, id)) without rowid"); err != nil {
		return nil, db.failure(what, err)
	}
	begin := "begin immediate"
	if dry {
		begin = "begin"
	}
	err = db.patiently(ctx, func() error { return c.exec(ctx, begin) })
	return c, db.failure(what, err)
}

// Close undoes what Finish did not make stand.
func (c *cleaning) Close() error {
	if c.conn != nil {
		_, _ = c.conn.ExecContext(context.Background(), "rollback") // fails where there is nothing to undo
		_ = c.conn.Close()
	}
	return c.pool.Close()
}

// Whole is true: all is one transaction.
func (c *cleaning) Whole() bool { return true }

// Finish commits.
func (c *cleaning) Finish(ctx context.Context) error {
	return c.db.failure("commit the cleaning of "+c.db.path, c.db.patiently(ctx, func() error { return c.exec(ctx, "commit") }))
}

func (c *cleaning) exec(ctx context.Context, query string, args ...any) error {
	_, err := c.conn.ExecContext(ctx, query, args...)
	return err
}

func (c *cleaning) change(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *cleaning) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = c.conn.QueryRowContext(ctx, query, args...).Scan(&n)
	return n, err
}

// place is an expression for the text that tells row r of t apart: its rowid, else its key.
func place(t *schema.Table, r string) (string, error) {
	if name := rowidName(t); name != "" {
		return "cast(" + r + "." + name + " as text)", nil
	}
	if !slices.Contains(t.Options, "without rowid") {
		return "", fmt.Errorf("%s: columns of its own are called rowid, _rowid_ and oid, so that its rows cannot be told apart", t.Name)
	}
	var parts []string
	for _, name := range t.PrimaryKey.Columns {
		parts = append(parts, "quote("+r+"."+quoteIdent(name)+")")
	}
	return strings.Join(parts, " || ',' || "), nil
}

// rowidName is what the rowid of t can be called by; "" where it has none, or columns of its own have all of its names.
func rowidName(t *schema.Table) string {
	if slices.Contains(t.Options, "without rowid") {
		return ""
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, name) }) {
			return name
		}
	}
	return ""
}

// Read reads rows by key, with their places.
func (c *cleaning) Read(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, places []sink.Place, err error) {
	at, err := place(t.Table, "r")
	if err != nil {
		return nil, nil, err
	}
	found, err = c.db.readRows(ctx, c.conn, t, key, keys, dst, at, &places)
	return found, places, err
}

// Scan reads all rows, with their places.
func (c *cleaning) Scan(ctx context.Context, t *sink.Target, each func(rows *column.Batch, places []sink.Place) error) error {
	at, err := place(t.Table, "r")
	if err != nil {
		return err
	}
	return c.db.scan(ctx, c.conn, t, at, table(t.Table)+" r", each)
}

// ScanRows reads all rows.
func (db *DB) ScanRows(ctx context.Context, t *sink.Target, each func(rows *column.Batch) error) error {
	return db.scanRows(ctx, t, table(t.Table)+" r", each)
}

// SampleRows reads one row of some, as they come.
func (db *DB) SampleRows(ctx context.Context, t *sink.Target, share float64, each func(rows *column.Batch) error) error {
	every := max(int64(1/share), 1)
	if name := rowidName(t.Table); name != "" { // a hash of it, so that what recurs in the table does not recur in the sample
		hash := fmt.Sprintf("((r.%s & 0x7fffffff) * 2654435761 >> 8 & 0xffffff) %% %d = 0", name, every)
		return db.scanRows(ctx, t, table(t.Table)+" r where "+hash, each)
	}
	number := "n"
	for t.Table.Column(number) != nil {
		number += "_"
	}
	numbered := fmt.Sprintf("(select *, row_number() over () as %s from %s)", quoteIdent(number), table(t.Table))
	return db.scanRows(ctx, t, fmt.Sprintf("%s r where r.%s %% %d = 0", numbered, quoteIdent(number), every), each)
}

func table(t *schema.Table) string { return "main." + quoteIdent(t.Name) }

func (db *DB) scanRows(ctx context.Context, t *sink.Target, from string, each func(rows *column.Batch) error) error {
	return db.scan(ctx, db.reads, t, "''", from, func(rows *column.Batch, _ []sink.Place) error { return each(rows) })
}

// scan reads the rows r of a FROM clause. at is an expression that tells where row r stands.
func (db *DB) scan(ctx context.Context, q querier, t *sink.Target, at, from string, each func(rows *column.Batch, places []sink.Place) error) error {
	what := "read the rows of " + t.Table.Name
	query := "select "
	for _, col := range t.Columns {
		query += "+r." + quoteIdent(col) + ", "
	}
	rows, err := q.QueryContext(ctx, query+at+" from "+from)
	if err != nil {
		return db.failure(what, err)
	}
	defer rows.Close()
	const atOnce = 5000
	cells := make([]any, len(t.Columns))
	var stands string
	var ptrs []any
	for k := range cells {
		ptrs = append(ptrs, &cells[k])
	}
	ptrs = append(ptrs, &stands)
	var dst column.Batch
	var places []sink.Place
	for more := true; more; {
		resetBatch(&dst, t)
		places = places[:0]
		for len(places) < atOnce {
			if more = rows.Next(); !more {
				break
			}
			if err := rows.Scan(ptrs...); err != nil {
				return db.failure(what, err)
			}
			for k, v := range dst.Vecs {
				if err := appendStored(v, cells[k]); err != nil {
					return fmt.Errorf("%s: column %s: %w", what, t.Columns[k], err)
				}
			}
			places = append(places, sink.Place(stands))
			dst.N++
		}
		if err := each(&dst, places); err != nil {
			return err
		}
	}
	return db.failure(what, rows.Err())
}

// root is a table's number in the marks; -1 of one that has none.
func (c *cleaning) root(name string) int {
	return slices.IndexFunc(c.tables, func(t *sink.Target) bool { return t.Table.Name == name })
}

// Mark notes rows as the run's.
func (c *cleaning) Mark(ctx context.Context, t *sink.Target, places []sink.Place, kept bool) error {
	if c.root(t.Table.Name) < 0 {
		c.tables = append(c.tables, t)
	}
	for _, p := range places {
		if err := c.exec(ctx, "insert into temp.sower_mark (tab, id, kept) values (?1, ?2, ?3)", c.root(t.Table.Name), string(p), kept); err != nil {
			return c.db.failure("mark rows of "+t.Table.Name, err)
		}
	}
	return nil
}

// reference is a foreign key that refers to a marked table.
type keyTo struct {
	child  *schema.Table
	name   string
	parent int
	same   string // the condition under which row c refers to row p
	atC    string // place of c
	atP    string
}

func (c *cleaning) keys() (all []keyTo, err error) {
	for _, child := range c.all.Tables {
		for _, fk := range child.ForeignKeys {
			parent := slices.IndexFunc(c.tables, func(t *sink.Target) bool { return strings.EqualFold(t.Table.Name, fk.RefTable) })
			if parent < 0 {
				continue
			}
			k := keyTo{child: child, name: fk.Name, parent: parent}
			refs := fk.RefColumns
			if len(refs) == 0 && c.tables[parent].Table.PrimaryKey != nil {
				refs = c.tables[parent].Table.PrimaryKey.Columns
			}
			if len(refs) != len(fk.Columns) {
				return nil, fmt.Errorf("%s: its foreign key to %s names other columns than that has: what refers to its rows cannot be told", child.Name, fk.RefTable)
			}
			var same []string
			for i := range refs {
				same = append(same, "p."+quoteIdent(refs[i])+" = c."+quoteIdent(fk.Columns[i]))
			}
			k.same = strings.Join(same, " and ")
			if k.name == "" {
				k.name = "the foreign key (" + strings.Join(fk.Columns, ", ") + ")"
			}
			if k.atP, err = place(c.tables[parent].Table, "p"); err != nil {
				return nil, err
			}
			if c.root(child.Name) >= 0 {
				if k.atC, err = place(child, "c"); err != nil {
					return nil, err
				}
			}
			all = append(all, k)
		}
	}
	return all, nil
}

// Spare keeps the parents of what is kept.
func (c *cleaning) Spare(ctx context.Context) (map[string]int64, error) {
	const what = "look for what kept rows refer to"
	spared := map[string]int64{}
	if n, err := c.number(ctx, "select exists (select 1 from temp.sower_mark where kept)"); err != nil || n == 0 {
		return spared, c.db.failure(what, err)
	}
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	if err := c.spare(ctx, keys, spared); err != nil {
		return nil, c.db.failure(what, err)
	}
	return spared, nil
}

// spare notes once which marked row refers to which, and follows that from the rows that are kept: however long
// the chains are, every reference is looked at once.
func (c *cleaning) spare(ctx context.Context, keys []keyTo, spared map[string]int64) error {
	const edges = "create temp table sower_edge (ctab integer not null, cid text not null, ptab integer not null, pid text not null, primary key (ctab, cid, ptab, pid)) without rowid"
	if err := c.exec(ctx, edges); err != nil {
		return err
	}
	for _, k := range keys {
		child := c.root(k.child.Name)
		if child < 0 {
			continue
		}
		err := c.exec(ctx, fmt.Sprintf(`insert or ignore into temp.sower_edge select m.tab, m.id, ?1, %s
	from main.%s c cross join temp.sower_mark m on m.tab = ?2 and m.id = %s cross join main.%s p on %s`,
			k.atP, quoteIdent(k.child.Name), k.atC, quoteIdent(c.tables[k.parent].Table.Name), k.same), k.parent, child)
		if err != nil {
			return err
		}
	}
	const follow = `
with recursive k (tab, id) as (select tab, id from temp.sower_mark where kept union select e.ptab, e.pid from k cross join temp.sower_edge e on e.ctab = k.tab and e.cid = k.id)
update temp.sower_mark set kept = 2 where not kept and (tab, id) in (select tab, id from k)`
	if err := c.exec(ctx, follow); err != nil {
		return err
	}
	for i, t := range c.tables {
		n, err := c.number(ctx, "select count(*) from temp.sower_mark where tab = ?1 and kept = 2", i)
		if err != nil {
			return err
		}
		if n > 0 {
			spared[t.Name] = n
		}
	}
	return c.exec(ctx, "drop table temp.sower_edge")
}

// MarkReferring marks rows that refer to rows that are to go.
func (c *cleaning) MarkReferring(ctx context.Context, t *sink.Target) (marked int64, err error) {
	if c.root(t.Table.Name) < 0 {
		c.tables = append(c.tables, t)
	}
	child := c.root(t.Table.Name)
	keys, err := c.keys()
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		if c.root(k.child.Name) != child {
			continue
		}
		n, err := c.change(ctx, fmt.Sprintf(`insert into temp.sower_mark (tab, id, kept) select ?2, %[1]s, 0 from main.%[2]s c
			where exists (select 1 from main.%[3]s p where %[4]s and exists (select 1 from temp.sower_mark m where m.tab = ?1 and m.id = %[5]s and not m.kept))
			and not exists (select 1 from temp.sower_mark m where m.tab = ?2 and m.id = %[1]s)`,
			k.atC, quoteIdent(k.child.Name), quoteIdent(c.tables[k.parent].Table.Name), k.same, k.atP), k.parent, child)
		if err != nil {
			return marked, c.db.failure(fmt.Sprintf("mark the rows of %s that refer to %s", k.child.Name, c.tables[k.parent].Name), err)
		}
		marked += n
	}
	return marked, nil
}

// Dependents counts what others hang on rows that are to go.
func (c *cleaning) Dependents(ctx context.Context) (all []sink.Dependent, err error) {
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		parent := c.tables[k.parent]
		query := fmt.Sprintf(`select count(*) from main.%s c where exists (select 1 from main.%s p where %s and exists (select 1 from temp.sower_mark m where m.tab = ?1 and m.id = %s and not m.kept))`,
			quoteIdent(k.child.Name), quoteIdent(parent.Table.Name), k.same, k.atP)
		args := []any{k.parent}
		if child := c.root(k.child.Name); child >= 0 {
			query += " and not exists (select 1 from temp.sower_mark m where m.tab = ?2 and m.id = " + k.atC + ")"
			args = append(args, child)
		}
		n, err := c.number(ctx, query, args...)
		if err != nil {
			return nil, c.db.failure(fmt.Sprintf("count the rows of %s that refer to %s", k.child.Name, parent.Name), err)
		}
		if n > 0 {
			all = append(all, sink.Dependent{Table: k.child.Name, Constraint: k.name, Parent: parent.Name, Rows: n})
		}
	}
	return all, nil
}

// Marked counts the rows that are to go.
func (c *cleaning) Marked(ctx context.Context, t *sink.Target) (int64, error) {
	n, err := c.number(ctx, "select count(*) from temp.sower_mark where tab = ?1 and not kept", c.root(t.Table.Name))
	return n, c.db.failure("count the marks", err)
}

// Begin records that the run is whole no more.
func (c *cleaning) Begin(ctx context.Context, r *sink.Run, counted map[string]int64) error {
	what := "record that the run is being cleaned in " + c.db.path
	n, err := c.change(ctx, "update main.sower_run set state = ?2, finished = null where number = ?1", r.Number, string(sink.Running))
	if err == nil && n == 0 {
		err = fmt.Errorf("there is no run %d any more", r.Number)
	}
	if err != nil {
		return c.db.failure(what, err)
	}
	if r.State == sink.Complete {
		for name, n := range counted { // of a run whose ledger was not kept
			if err := c.exec(ctx, `insert into main.sower_ledger (run, name, first, n)
				select ?1, ?2, 0, ?3 where not exists (select 1 from main.sower_ledger where run = ?1 and name = ?2)`, r.Number, name, n); err != nil {
				return c.db.failure(what, err)
			}
		}
	}
	r.State, c.run = sink.Running, r.Number
	return nil
}

// Empty leaves everything to Delete: no row is dearer there than here.
func (c *cleaning) Empty(context.Context) (map[string]int64, error) { return nil, nil }

// Delete deletes marked rows; all that a cleaning does is one transaction.
func (c *cleaning) Delete(ctx context.Context, t *sink.Target, _ int64, whole bool, each func(int64)) (int64, error) {
	what := "delete rows of " + t.Table.Name
	root := c.root(t.Table.Name)
	at, err := place(t.Table, quoteIdent(t.Table.Name))
	if err != nil {
		return 0, err
	}
	n, err := c.change(ctx, fmt.Sprintf("delete from main.%s where %s in (select id from temp.sower_mark where tab = ?1 and not kept)", quoteIdent(t.Table.Name), at), root)
	if err == nil && whole {
		err = c.exec(ctx, "delete from main.sower_ledger where run = ?1 and name = ?2", c.run, t.Name)
	}
	if err != nil {
		return 0, c.db.failure(what, err)
	}
	each(n)
	return n, nil
}

// DeleteTogether deletes from one table after the other: no key is enforced in between.
func (c *cleaning) DeleteTogether(ctx context.Context, tables []*sink.Target) (deleted []int64, err error) {
	for _, t := range tables {
		n, err := c.Delete(ctx, t, 0, false, func(int64) {})
		if err != nil {
			return nil, err
		}
		deleted = append(deleted, n)
	}
	return deleted, nil
}

// Forget deletes the record of a run, with the last one all tables of records.
func (c *cleaning) Forget(ctx context.Context, run int64) (left string, err error) {
	what := "forget the run in " + c.db.path
	for _, query := range []string{"delete from main.sower_ledger where run = ?1", "delete from main.sower_run where number = ?1"} {
		if err := c.exec(ctx, query, run); err != nil {
			return "", c.db.failure(what, err)
		}
	}
	if n, err := c.number(ctx, "select count(*) from main.sower_run where state <> 'superseded'"); err != nil || n > 0 {
		return "", c.db.failure(what, err)
	}
	var errs []error
	for _, name := range []string{"sower_ledger", "sower_run", "sower_form", "sower_key"} {
		errs = append(errs, c.exec(ctx, "drop table if exists main."+name))
	}
	return "", c.db.failure(what, errors.Join(errs...))
}
