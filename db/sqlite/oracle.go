package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Oracle = (*DB)(nil)

// Rows that do not stand in the file are asked about in a temporary table of the same name, with the same
// columns under the same affinities and collations: so an expression means there what it means in the
// file. It lives in the memory of one connection, and its transaction is rolled back.

// Holds evaluates an expression over the rows.
func (db *DB) Holds(ctx context.Context, t *schema.Table, expression string, b *column.Batch) ([]sink.Truth, error) {
	holds := make([]sink.Truth, 0, b.N)
	err := db.ask(ctx, t, b, func(tx *sql.Tx, rowid string) error {
		insert, err := prepareRows(ctx, tx, t, b, "")
		if err != nil {
			return err
		}
		for i := range b.N {
			if _, err := insert(i); err != nil {
				return err
			}
		}
		order := ""
		if rowid != "" {
			order = " order by " + rowid
		}
		rows, err := tx.QueryContext(ctx, fmt.Sprintf("select case when (%s) then 1 when (%[1]s) is null then -1 else 0 end from temp.%s%s", expression, quoteIdent(t.Name), order))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var holding sink.Truth
			if err := rows.Scan(&holding); err != nil {
				return err
			}
			holds = append(holds, holding)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, db.failure(fmt.Sprintf("ask %s whether %.200s holds in %s", db.path, expression, t.Name), err)
	}
	return holds, nil
}

// Distinct puts the rows under a unique index of their own.
func (db *DB) Distinct(ctx context.Context, t *schema.Table, expressions []string, where string, b *column.Batch) (duplicates []int, err error) {
	list := strings.Join(expressions, ", ")
	err = db.ask(ctx, t, b, func(tx *sql.Tx, _ string) error {
		index := fmt.Sprintf("create unique index temp.sower_asked on %s (%s)", quoteIdent(t.Name), list)
		if where != "" {
			index += " where " + where
		}
		if _, err := tx.ExecContext(ctx, index); err != nil {
			return err
		}
		insert, err := prepareRows(ctx, tx, t, b, "or ignore")
		if err != nil {
			return err
		}
		for i := range b.N {
			n, err := insert(i)
			if err != nil {
				return err
			}
			if n == 0 {
				duplicates = append(duplicates, i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, db.failure(fmt.Sprintf("ask %s which rows for %s are alike in (%.200s)", db.path, t.Name, list), err)
	}
	return duplicates, nil
}

// ask makes the temporary table; rowid is the name that its row number has there, "" where columns have
// taken all of them.
func (db *DB) ask(ctx context.Context, t *schema.Table, b *column.Batch, do func(tx *sql.Tx, rowid string) error) error {
	rowid := ""
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(t.Columns, func(c *schema.Column) bool { return strings.EqualFold(c.Name, name) }) {
			rowid = name
			break
		}
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	tx, err := db.reads.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var columns []string
	for _, c := range t.Columns {
		def := quoteIdent(c.Name) + " " + affinityName(t, c)
		if c.Collation != "" {
			def += " collate " + quoteIdent(c.Collation)
		}
		if c.Generated && c.Computed != "" {
			def += " generated always as (" + c.Computed + ")"
		}
		columns = append(columns, def)
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("create temp table %s (%s)", quoteIdent(t.Name), strings.Join(columns, ", ")))
	if err == nil {
		err = do(tx, rowid)
	}
	return errors.Join(err, tx.Rollback())
}

// affinityName is a declaration that gives a column the affinity that it has in t.
func affinityName(t *schema.Table, c *schema.Column) string {
	if c.Type.Name == "any" && slices.Contains(t.Options, "strict") {
		return ""
	}
	return map[affinity]string{affBlob: "", affText: "text", affNumeric: "numeric", affInteger: "integer", affReal: "real"}[affinityOf(c.Type.Name)]
}

// prepareRows gives a function that inserts row i of b into the temporary table and tells how many rows came of it.
func prepareRows(ctx context.Context, tx *sql.Tx, t *schema.Table, b *column.Batch, conflict string) (insert func(i int) (int64, error), err error) {
	var names, params []string
	var affinities []affinity
	known := &column.Batch{First: b.First, N: b.N}
	for k, name := range b.Names {
		c := t.Column(name)
		if c == nil || c.Generated {
			continue
		}
		known.Names, known.Vecs = append(known.Names, name), append(known.Vecs, b.Vecs[k])
		names, params = append(names, quoteIdent(name)), append(params, "?"+strconv.Itoa(len(params)+1))
		affinities = append(affinities, affinityOf(c.Type.Name))
	}
	values := "default values"
	if len(names) > 0 {
		values = "(" + strings.Join(names, ", ") + ") values (" + strings.Join(params, ", ") + ")"
	}
	stmt, err := tx.PrepareContext(ctx, "insert "+conflict+" into temp."+quoteIdent(t.Name)+" "+values)
	if err != nil {
		return nil, err
	}
	e := new(encoded)
	if err := e.encode(known, affinities); err != nil {
		return nil, err
	}
	args := make([]any, len(e.cols))
	return func(i int) (int64, error) {
		for k := range e.cols {
			args[k] = e.cols[k].value(i)
		}
		res, err := stmt.ExecContext(ctx, args...)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	}, nil
}

// Keys reads rows by their primary key.
func (db *DB) Keys(ctx context.Context, t *schema.Table, columns []string, limit int64) (*column.Batch, error) {
	by := columns
	if t.PrimaryKey != nil {
		by = t.PrimaryKey.Columns
	}
	return db.keys(ctx, t, columns, quoteIdents(by), limit)
}

// Last implements sink.Tail.
func (db *DB) Last(ctx context.Context, t *schema.Table, columns []string) (*column.Batch, error) {
	return db.keys(ctx, t, columns, quoteIdent(columns[0])+" desc", 1)
}

// keys reads cells of the first rows in an order.
func (db *DB) keys(ctx context.Context, t *schema.Table, columns []string, order string, limit int64) (*column.Batch, error) {
	what := "read keys of " + t.Name
	target := &sink.Target{Table: t, Name: t.Name, Columns: columns}
	var list []string
	for _, name := range columns {
		c := t.Column(name)
		if c == nil {
			return nil, fmt.Errorf("%s: the table has no column %q", what, name)
		}
		target.Kinds = append(target.Kinds, c.Type.Kind)
		list = append(list, "+"+quoteIdent(name)) // the plus takes the declared type off, by which the driver would convert
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s: no columns are asked for", what)
	}
	b := new(column.Batch)
	resetBatch(b, target)
	query := fmt.Sprintf("select %s from main.%s order by %s limit %d", strings.Join(list, ", "), quoteIdent(t.Name), order, max(limit, 0))
	db.mu.RLock()
	defer db.mu.RUnlock()
	rows, err := db.reads.QueryContext(ctx, query)
	if err != nil {
		return nil, db.failure(what, err)
	}
	defer rows.Close()
	cells := make([][]any, len(columns))
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for k := range row {
			into[k] = &row[k]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, db.failure(what, err)
		}
		for k, x := range row {
			cells[k] = append(cells[k], x)
		}
		b.N++
	}
	if err := rows.Err(); err != nil {
		return nil, db.failure(what, err)
	}
	for k, v := range b.Vecs {
		if v.Kind == column.Decimal && t.Column(columns[k]).Type.Precision == 0 {
			v.Scale = longestFraction(cells[k])
		}
		for _, x := range cells[k] {
			if err := appendStored(v, x); err != nil {
				return nil, fmt.Errorf("%s: column %s: %w", what, columns[k], err)
			}
		}
	}
	return b, nil
}

// longestFraction is the number of digits behind the point of the number with most of them.
func longestFraction(cells []any) (scale int32) {
	for _, x := range cells {
		text := ""
		switch x := x.(type) {
		case float64:
			if !math.IsInf(x, 0) {
				text = strconv.FormatFloat(x, 'f', -1, 64)
			}
		case string:
			text = x
		}
		if _, fraction, ok := strings.Cut(text, "."); ok {
			scale = max(scale, int32(min(len(fraction), exactDigits)))
		}
	}
	return scale
}
