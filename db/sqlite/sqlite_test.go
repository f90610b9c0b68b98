package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/sinktest"
)

func TestConformance(t *testing.T) {
	for _, journal := range []string{"delete", "wal", "of a new file"} {
		sinktest.Exercise(t, "sqlite journal "+journal, sinktest.Factory{
			Open: func(t *testing.T, tables []*schema.Table) sink.Sink {
				url := "sqlite:" + filepath.Join(t.TempDir(), "a b%20#c_test.db")
				db := open(t, url, Options{Create: true})
				if journal != "of a new file" {
					// A standing file, not one that this DB has made.
					if err := db.CreateSchema(t.Context(), "create table placeholder (id integer)"); err != nil {
						t.Fatal(err)
					}
					if err := db.Close(); err != nil {
						t.Fatal(err)
					}
					db = open(t, url, Options{})
					sqlExec(t, db, "drop table placeholder; pragma journal_mode = "+journal)
				}
				var ddl strings.Builder
				for _, table := range tables {
					fmt.Fprintf(&ddl, "%s;\n", CreateTable(table))
				}
				if err := db.CreateSchema(t.Context(), ddl.String()); err != nil {
					t.Fatal(err)
				}
				return db
			},
			Reopen: func(t *testing.T, s sink.Sink) sink.Sink {
				return open(t, "sqlite:"+s.(*DB).path, Options{})
			},
			Read: readAll,
		})
	}
}

func open(t testing.TB, url string, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// create opens a new file with the given DDL.
func create(t testing.TB, ddl string) *DB {
	t.Helper()
	db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "new_test.db"), Options{Create: true})
	if err := db.CreateSchema(t.Context(), ddl); err != nil {
		t.Fatal(err)
	}
	return db
}

// sqlExec runs statements outside of the package's own transactions.
func sqlExec(t testing.TB, db *DB, sql string) {
	t.Helper()
	if _, err := db.reads.Exec(sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// readAll reads a table with plain queries.
func readAll(t *testing.T, s sink.Sink, target *sink.Target) *column.Batch {
	t.Helper()
	db := s.(*DB)
	b := new(column.Batch)
	resetBatch(b, target)
	var list []string
	ptrs := make([]any, len(target.Columns))
	cells := make([]any, len(target.Columns))
	for k, name := range target.Columns {
		list = append(list, "+"+quoteIdent(name))
		ptrs[k] = &cells[k]
	}
	rows, err := db.reads.Query("select " + strings.Join(list, ", ") + " from " + quoteIdent(target.Table.Name) + " order by 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			t.Fatal(err)
		}
		for k, v := range b.Vecs {
			if err := appendStored(v, cells[k]); err != nil {
				t.Fatal(err)
			}
		}
		b.N++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

// scalar reads one value as text.
func scalar(t testing.TB, db *DB, query string, args ...any) string {
	t.Helper()
	var s any
	if err := db.reads.QueryRowContext(context.WithoutCancel(t.Context()), query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return fmt.Sprint(s)
}
