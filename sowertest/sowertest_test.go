package sowertest_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sowertest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// tables are ten tables, each of which refers to the one before.
func tables() string {
	var b strings.Builder
	b.WriteString("create table t0 (id integer primary key, name varchar(40) not null unique);\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "create table t%d (id integer primary key, parent_id integer not null references t%d, "+
			"email varchar(80), created_at timestamp not null, amount numeric(8,2) check (amount > 0));\n", i, i-1)
	}
	return b.String()
}

func sqliteSource(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "shop 50%.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(tables()); err != nil {
		tb.Fatal(err)
	}
	return "sqlite:" + path
}

func postgresSource(tb testing.TB, s *pgtest.Server) string {
	tb.Helper()
	url := s.NewDatabase(tb, "shop")
	name := url[strings.LastIndex(url, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	s.Psql(tb, name, tables())
	return url
}

// names are the cells that tests compare.
func names(t testing.TB, db interface {
	QueryRow(string, ...any) *sql.Row
}) (n int, first string) {
	t.Helper()
	if err := db.QueryRow("select count(*), min(name) from t0").Scan(&n, &first); err != nil {
		t.Fatal(err)
	}
	return n, first
}

// Each test has rows of its own, which are the same each time; the database that is copied is not written; what
// subtests change in transactions is gone after them; nothing is left of the copies.
func TestFill(t *testing.T) {
	s := pgtest.Shared(t, 0)
	for dialect, url := range map[string]string{"sqlite": sqliteSource(t), "postgres": postgresSource(t, s)} {
		t.Run(dialect, func(t *testing.T) {
			var seen []string
			for range 2 { // the same name, the same rows
				db := sowertest.Fill(t, url, sowertest.Options{Rows: 30, Tables: map[string]int64{"t9": 7}})
				n, first := names(t, db.SQL(t))
				var last int
				if err := db.SQL(t).QueryRow("select count(*) from t9").Scan(&last); err != nil || n != 30 || last != 7 {
					t.Errorf("%d and %d rows: %v", n, last, err)
				}
				seen = append(seen, first)
				t.Run("transaction", func(t *testing.T) {
					tx := db.Tx(t)
					if _, err := tx.Exec("delete from t9"); err != nil {
						t.Fatal(err)
					}
				})
				if err := db.SQL(t).QueryRow("select count(*) from t9").Scan(&last); err != nil || last != 7 {
					t.Errorf("after a subtest %d rows: %v", last, err)
				}
			}
			t.Run("other", func(t *testing.T) {
				_, first := names(t, sowertest.Fill(t, url, sowertest.Options{Rows: 30}).SQL(t))
				seen = append(seen, first)
			})
			seed := uint64(7)
			t.Run("given", func(t *testing.T) {
				_, a := names(t, sowertest.Fill(t, url, sowertest.Options{Seed: &seed}).SQL(t))
				_, b := names(t, sowertest.Fill(t, url, sowertest.Options{Seed: &seed}).SQL(t))
				if a != b {
					t.Errorf("%q and %q by one seed", a, b)
				}
			})
			if seen[0] != seen[1] || seen[0] == seen[2] {
				t.Errorf("rows: %q", seen)
			}
		})
		t.Run(dialect+" in parallel", func(t *testing.T) {
			for i := range 6 {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					db := sowertest.Fill(t, url, sowertest.Options{})
					if _, err := db.SQL(t).Exec("delete from t9"); err != nil {
						t.Fatal(err)
					}
					if n, _ := names(t, db.SQL(t)); n != 100 {
						t.Errorf("%d rows", n)
					}
				})
			}
		})
	}
}

// A database that sower has filled before, by hand, is one with the schema as well: a test has the rows that it has
// without them.
func TestFilledBefore(t *testing.T) {
	s := pgtest.Shared(t, 0)
	for dialect, url := range map[string]string{"sqlite": sqliteSource(t), "postgres": postgresSource(t, s)} {
		t.Run(dialect, func(t *testing.T) {
			seed := uint64(7)
			_, before := names(t, sowertest.Fill(t, url, sowertest.Options{Seed: &seed}).SQL(t))
			db, err := sower.Open(t.Context(), url, sower.AllowSuperuser(), sower.AllowDatabase("shop 50%"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.Fill(t.Context(), sower.Rows(250))
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			n, after := names(t, sowertest.Fill(t, url, sowertest.Options{Seed: &seed}).SQL(t))
			if n != 100 || after != before {
				t.Errorf("%d rows, the first %q; without the rows that were there %q", n, after, before)
			}
		})
	}
}

// A pool of pgx, and an address with options.
func TestPool(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := postgresSource(t, s)
		db := sowertest.Fill(t, url, sowertest.Options{Rows: 5})
		var n int
		if err := db.Pool(t).QueryRow(t.Context(), "select count(*) from t3").Scan(&n); err != nil || n != 5 {
			t.Errorf("%d rows: %v", n, err)
		}
		var copies string
		t.Run("gone", func(t *testing.T) {
			copies = sowertest.Fill(t, url, sowertest.Options{Rows: 1}).URL
		})
		name := copies[strings.LastIndex(copies, "/")+1:]
		name, _, _ = strings.Cut(name, "?")
		if left := s.Psql(t, "postgres", "select count(*) from pg_database where datname = '"+name+"'"); strings.TrimSpace(left) != "0" {
			t.Errorf("the copy %s is still there", name)
		}
	})
}

// BenchmarkFill is how long 1,000 rows in ten tables take.
func BenchmarkFill(b *testing.B) {
	s := pgtest.Shared(b, 0)
	for dialect, url := range map[string]string{"sqlite": sqliteSource(b), "postgres": postgresSource(b, s)} {
		b.Run(dialect, func(b *testing.B) {
			sowertest.Fill(b, url, sowertest.Options{}) // the first
			began := time.Now()
			for b.Loop() {
				sowertest.Fill(b, url, sowertest.Options{})
			}
			b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(b.N), "ms/fill")
		})
	}
}
