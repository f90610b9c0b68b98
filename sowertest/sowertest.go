// Package sowertest gives Go tests databases that are full of believable rows.
//
//	func TestOrders(t *testing.T) {
//		t.Parallel()
//		db := sowertest.Fill(t, os.Getenv("TEST_DATABASE_URL"), sowertest.Options{Rows: 100})
//		shop := NewShop(db.SQL(t)) // or db.Pool(t), db.Tx(t), db.URL
//		...
//	}
//
// The address names a database that has the schema, as migrations left it: it is read, and never written. Each call of
// Fill makes a copy of it (PostgreSQL: with it as the template, for which no other session may use it and the role
// needs CREATEDB; SQLite: a file in the test's folder), fills that and drops it when the test ends. So tests may run in
// parallel. Rows that migrations or people put there are copied; those that sower made there are taken out of the copy.
// Rows are a pure function of the schema, the options and the seed, which is the test's name unless given: a test sees the
// same rows each time it runs.
//
// Rows are inferred from the schema, or made by a blueprint. The copy also has sower's own record (PostgreSQL: the schema
// sower; SQLite: tables that begin with sower_).
package sowertest

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/run"
)

// Options of Fill. The zero value fills every table with 100 rows.
type Options struct {
	Rows       int64             // of each table whose rows are inferred; 0: 100
	Tables     map[string]int64  // rows of single tables, by name, in place of Rows
	Blueprint  string            // a file, or a built-in blueprint; "": all is inferred. What it leaves open is, too
	Parameters map[string]string // of the blueprint
	Locale     string            // of names and addresses, such as "de_DE"; "": en_US
	Seed       *uint64           // nil: one that is made of the test's name
}

// DB is a database of one test.
type DB struct {
	URL    string      // its address: postgres://... or sqlite:PATH
	Report *run.Report // what was made
	place  place
}

// place is a copy of a database, of which the test's end disposes.
type place interface {
	url() string
	sql(ctx context.Context) (*sql.DB, error)
	pool(ctx context.Context) (*pgxpool.Pool, error)
}

// Fill makes a copy of the database, fills it, and drops it when the test ends. What goes wrong ends the test.
func Fill(t testing.TB, url string, o Options) *DB {
	t.Helper()
	ctx := t.Context()
	var p place
	var err error
	if strings.HasPrefix(url, "sqlite:") {
		p, err = copyFile(ctx, t.TempDir(), url)
	} else {
		p, err = copyDatabase(ctx, t, url)
	}
	if err != nil {
		t.Fatalf("sowertest: %v", err)
	}
	db := &DB{URL: p.url(), place: p}
	if db.Report, err = fill(ctx, p.url(), seed(t, &o), &o); err != nil {
		t.Fatalf("sowertest: %v", err)
	}
	return db
}

// seed is the one that was given, or made of the test's name.
func seed(t testing.TB, o *Options) uint64 {
	if o.Seed != nil {
		return *o.Seed
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.Name()))
	return h.Sum64() >> 1 // as flags take it
}

func fill(ctx context.Context, address string, seed uint64, o *Options) (report *run.Report, err error) {
	options := []sower.Option{sower.Seed(seed), sower.Fresh()}
	if o.Rows > 0 {
		options = append(options, sower.Rows(o.Rows))
	}
	for _, table := range slices.Sorted(maps.Keys(o.Tables)) {
		options = append(options, sower.TableRows(table, o.Tables[table]))
	}
	if o.Locale != "" {
		options = append(options, sower.Locale(o.Locale))
	}
	if o.Blueprint != "" {
		b, err := sower.LoadBlueprint(o.Blueprint, o.Parameters)
		if err != nil {
			return nil, err
		}
		options = append(options, sower.Blueprint(b))
	}
	db, err := sower.Open(ctx, address, sower.AllowSuperuser()) // the copy is the test's own
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Fill(ctx, options...)
}

// SQL opens the database with database/sql. It is closed when the test ends.
func (db *DB) SQL(t testing.TB) *sql.DB {
	t.Helper()
	out, err := db.place.sql(t.Context())
	if err != nil {
		t.Fatalf("sowertest: %v", err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// Tx begins a transaction that is rolled back when the test ends: subtests may share a database so, each seeing only
// what it changed itself.
func (db *DB) Tx(t testing.TB) *sql.Tx {
	t.Helper()
	tx, err := db.SQL(t).BeginTx(context.WithoutCancel(t.Context()), nil)
	if err != nil {
		t.Fatalf("sowertest: %v", err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// Pool connects to the database by pgx; SQLite has no such pool. It is closed when the test ends.
func (db *DB) Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := db.place.pool(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatalf("sowertest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}
