package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/gen"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Dialect writes SQL for SQLite.
func (db *DB) Dialect() gen.Dialect { return Dialect{} }

// DatabaseName gives the base name, without its ending, of the file that SQLite itself says it has open.
func (db *DB) DatabaseName(ctx context.Context) (string, error) {
	var file string
	if err := db.queryRow(ctx, &file, "select file from pragma_database_list where name = 'main'"); err != nil {
		return "", db.failure("name of "+db.path, err)
	}
	path, err := resolve(file, 0)
	if err != nil {
		return "", fmt.Errorf("name of %s: %w", file, err)
	}
	return nameOf(path), nil
}

// queryRow reads one value.
func (db *DB) queryRow(ctx context.Context, dst any, query string, args ...any) error {
	db.mu.RLock()
	defer db.mu.RUnlock()
	several, ok := dst.([]any)
	if !ok {
		several = []any{dst}
	}
	return db.patiently(ctx, func() error { return db.reads.QueryRowContext(ctx, query, args...).Scan(several...) })
}

// Runs gives the recorded runs.
func (db *DB) Runs(ctx context.Context) ([]*sink.Run, error) {
	what := "read the runs of " + db.path
	form, err := db.readForm(ctx)
	if err != nil || form == 0 {
		return nil, db.failure(what, err)
	}
	more := "shape, grows"
	if form < 2 {
		more = "null, null"
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	rows, err := db.reads.QueryContext(ctx, "select number, blueprint, state, identity, plan, version, started, finished, "+more+" from main.sower_run order by number")
	if err != nil {
		return nil, db.failure(what, err)
	}
	defer rows.Close()
	var runs []*sink.Run
	for rows.Next() {
		r := new(sink.Run)
		var started string
		var finished sql.NullString
		var grows sql.NullInt64
		if err := rows.Scan(&r.Number, &r.Blueprint, &r.State, &r.Identity, &r.Plan, &r.Version, &started, &finished, &r.Shape, &grows); err != nil {
			return nil, db.failure(what, err)
		}
		r.Grows = grows.Int64
		for _, p := range []struct {
			text string
			t    *time.Time
		}{{started, &r.Started}, {finished.String, &r.Finished}} {
			if p.text == "" {
				continue
			}
			us, ok := parseTimestamp(p.text)
			if !ok {
				return nil, fmt.Errorf("%s: sower_run, number %d: %q is no time", what, r.Number, p.text)
			}
			*p.t = time.UnixMicro(us).UTC()
		}
		runs = append(runs, r)
	}
	return runs, db.failure(what, rows.Err())
}

// SaveRun records a run.
func (db *DB) SaveRun(ctx context.Context, r *sink.Run) error {
	number := r.Number
	err := db.change(ctx, "record the run in "+db.path, func(w execer) error {
		if err := db.ensureRecord(ctx, w, r.Version); err != nil {
			return err
		}
		var finished, grows, shape any
		if !r.Finished.IsZero() {
			finished = timeText(r.Finished)
		}
		if r.Grows != 0 {
			grows = r.Grows
		}
		if r.Shape != nil {
			shape = r.Shape
		}
		args := []any{number, r.Blueprint, string(r.State), r.Identity, r.Plan, r.Version, timeText(r.Started), finished, shape, grows}
		if number == 0 {
			args[0] = nil
			return db.writer.QueryRowContext(ctx, `insert into main.sower_run (number, blueprint, state, identity, plan, version, started, finished, shape, grows)
				values (coalesce(?1, (select coalesce(max(number), 0) + 1 from main.sower_run)), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) returning number`, args...).Scan(&number)
		}
		res, err := db.writer.ExecContext(ctx, `update main.sower_run set blueprint = ?2, state = ?3, identity = ?4, plan = ?5, version = ?6, started = ?7, finished = ?8,
			shape = coalesce(?9, shape), grows = ?10 where number = ?1`, args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("no run has the number %d", number)
		}
		return nil
	})
	if err == nil {
		r.Number = number
	}
	return err
}

func timeText(t time.Time) string { return string(column.AppendTimestamp(nil, t.UnixMicro())) }

// UseRun names the run of the loaders to come.
func (db *DB) UseRun(number int64) { db.run.Store(number) }

// Reserve takes n keys beyond all that stand and all that were reserved before. It remembers them in a
// table of its own, and moves AUTOINCREMENT's count where the table has one.
func (db *DB) Reserve(ctx context.Context, t *schema.Table, col string, n int64) (first int64, err error) {
	what := fmt.Sprintf("reserve %d keys of %s.%s", n, t.Name, col)
	if n < 0 {
		return 0, fmt.Errorf("%s: the number is negative", what)
	}
	err = db.change(ctx, what, func(w execer) error {
		if err := w.exec(ctx, keyDDL); err != nil {
			return err
		}
		var last sql.NullInt64
		get := func(query string, args ...any) error {
			var x sql.NullInt64
			if err := db.writer.QueryRowContext(ctx, query, args...).Scan(&x); err != nil {
				return err
			}
			if x.Valid && (!last.Valid || x.Int64 > last.Int64) {
				last = x
			}
			return nil
		}
		if err := get("select max(" + quoteIdent(col) + ") from main." + quoteIdent(t.Name)); err != nil {
			return fmt.Errorf("the largest key: %w", err)
		}
		if err := get("select max(last) from main.sower_key where table_name = ?1 and column_name = ?2", t.Name, col); err != nil {
			return err
		}
		c := t.Column(col)
		sequence := c != nil && c.Sequence == sequenceTable
		if sequence {
			if err := get("select max(seq) from main.sqlite_sequence where name = ?1", t.Name); err != nil {
				return err
			}
		}
		first = max(last.Int64, 0) + 1
		if first <= 0 || n > math.MaxInt64-first {
			return fmt.Errorf("the largest key is %d: there is no room for more", last.Int64)
		}
		if n == 0 {
			return nil
		}
		end := first + n - 1
		if err := w.exec(ctx, "insert into main.sower_key values (?1, ?2, ?3) on conflict do update set last = excluded.last", t.Name, col, end); err != nil {
			return err
		}
		if !sequence {
			return nil
		}
		res, err := db.writer.ExecContext(ctx, "update main.sqlite_sequence set seq = ?2 where name = ?1", t.Name, end)
		if err != nil {
			return err
		}
		if k, err := res.RowsAffected(); err != nil || k > 0 {
			return err
		}
		return w.exec(ctx, "insert into main.sqlite_sequence (name, seq) values (?1, ?2)", t.Name, end)
	})
	return first, err
}

// keyValue is the SQL of a key in a row e of json_each, see keysOf.
const keyValue = "case e.type when 'object' then unhex(e.value ->> 'x') else e.value end"

// keyChunk is how many keys one query gets.
const keyChunk = 10_000

// Standing compares as the column does: under its own collation and affinity.
func (db *DB) Standing(ctx context.Context, t *schema.Table, col string, values *column.Vec) ([]int, error) {
	what := fmt.Sprintf("look for standing values of %s.%s", t.Name, col)
	// With IN, SQLite takes an index of the column, or makes one for the query where there is none. The
	// collation is that of the left side.
	value := "(" + keyValue + ")"
	if c := t.Column(col); c != nil && c.Collation != "" {
		value += " collate " + quoteIdent(c.Collation)
	}
	query := fmt.Sprintf("select e.key from json_each(?1) e where %s in (select r.%s from main.%s r) order by 1", value, quoteIdent(col), quoteIdent(t.Name))
	var found []int
	err := db.inChunks(t, col, values, func(from int, keys string) error {
		rows, err := db.reads.QueryContext(ctx, query, keys)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var i int
			if err := rows.Scan(&i); err != nil {
				return err
			}
			found = append(found, from+i)
		}
		return rows.Err()
	})
	return found, db.failure(what, err)
}

// inChunks calls do for some of the keys at a time, as JSON for json_each. Readers' turn is held.
func (db *DB) inChunks(t *schema.Table, col string, keys *column.Vec, do func(from int, keys string) error) error {
	asText := false
	if c := t.Column(col); c != nil && keys.Kind == column.Decimal {
		asText = !affinityOf(c.Type.Name).number()
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	for from := 0; from < keys.Len(); from += keyChunk {
		part := keys.View(from, min(from+keyChunk, keys.Len()))
		if err := do(from, keysOf(&part, asText)); err != nil {
			return err
		}
	}
	return nil
}

// ReadRows reads rows by key.
func (db *DB) ReadRows(ctx context.Context, t *sink.Target, key string, keys *column.Vec, dst *column.Batch) (found []bool, err error) {
	return db.readRows(ctx, db.reads, t, key, keys, dst, "", nil)
}

// querier is a pool, or one connection.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readRows reads rows by key. Where place is an expression that tells where row r stands, places gets it for each
// row that is found.
func (db *DB) readRows(ctx context.Context, from querier, t *sink.Target, key string, keys *column.Vec, dst *column.Batch, place string, places *[]sink.Place) (found []bool, err error) {
	what := fmt.Sprintf("read rows of %s by %s", t.Name, key)
	resetBatch(dst, t)
	found = make([]bool, keys.Len())
	cells := make([]any, len(t.Columns))
	var at int
	var stands string
	query := "select e.key"
	ptrs := []any{&at}
	for k, col := range t.Columns {
		query += ", +r." + quoteIdent(col) // the plus takes the declared type off, by which the driver would convert
		ptrs = append(ptrs, &cells[k])
	}
	if places != nil {
		query += ", " + place
		ptrs = append(ptrs, &stands)
	}
	query += fmt.Sprintf(" from json_each(?1) e cross join main.%s r on r.%s = %s", quoteIdent(t.Table.Name), quoteIdent(key), keyValue)
	err = db.inChunks(t.Table, key, keys, func(first int, text string) error {
		rows, err := from.QueryContext(ctx, query, text)
		if err != nil {
			return err
		}
		defer rows.Close()
		last := -1
		for rows.Next() {
			if err := rows.Scan(ptrs...); err != nil {
				return err
			}
			if at == last {
				continue // a key that is not unique: its first row is taken
			}
			if at < last {
				return fmt.Errorf("rows came out of the order of their keys")
			}
			last = at
			found[first+at] = true
			for k, v := range dst.Vecs {
				if err := appendStored(v, cells[k]); err != nil {
					return fmt.Errorf("column %s of the row with %s %s: %w", t.Columns[k], key, keys.String(first+at), err)
				}
			}
			if places != nil {
				*places = append(*places, sink.Place(stands))
			}
			dst.N++
		}
		return rows.Err()
	})
	return found, db.failure(what, err)
}

// resetBatch empties dst for the columns of t. A decimal without a declared scale keeps the scale that
// dst's Vec has.
func resetBatch(dst *column.Batch, t *sink.Target) {
	dst.First, dst.N, dst.Names = 0, 0, t.Columns
	for len(dst.Vecs) < len(t.Columns) {
		dst.Vecs = append(dst.Vecs, new(column.Vec))
	}
	dst.Vecs = dst.Vecs[:len(t.Columns)]
	for k, v := range dst.Vecs {
		scale := v.Scale
		if c := t.Table.Column(t.Columns[k]); c != nil && c.Type.Precision > 0 {
			scale = int32(c.Type.Scale)
		}
		v.Reset(t.Kinds[k])
		if t.Kinds[k] == column.Decimal {
			v.Scale = scale
		}
	}
}

// CountRows counts the rows.
func (db *DB) CountRows(ctx context.Context, t *schema.Table) (n int64, err error) {
	err = db.queryRow(ctx, &n, "select count(*) from main."+quoteIdent(t.Name))
	return n, db.failure("count the rows of "+t.Name, err)
}

// QueryInt runs a query that gives one integer.
func (db *DB) QueryInt(ctx context.Context, query string, keys *column.Vec) (int64, error) {
	n, err := db.QueryInts(ctx, query, keys, 1)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// QueryInts runs a query that gives one row of n integers.
func (db *DB) QueryInts(ctx context.Context, query string, keys *column.Vec, n int) ([]int64, error) {
	var args []any
	if keys != nil {
		args = []any{keysOf(keys, false)}
	}
	out, into := make([]int64, n), make([]any, n)
	for i := range out {
		into[i] = &out[i]
	}
	err := db.queryRow(ctx, into, query, args...)
	return out, db.failure(fmt.Sprintf("query %s: %s", db.path, query), err)
}
