package sowertest_test

import (
	"database/sql"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sowertest"
)

// total is what an application computes from its database.
func total(db *sql.DB) (sum float64, err error) {
	err = db.QueryRow("select sum(amount) from t1").Scan(&sum)
	return sum, err
}

// A test as an application has it: TEST_DATABASE_URL would be the address of a migrated database.
func TestExampleSQL(t *testing.T) {
	t.Parallel()
	db := sowertest.Fill(t, sqliteSource(t), sowertest.Options{Rows: 50})
	if sum, err := total(db.SQL(t)); err != nil || sum <= 0 {
		t.Errorf("a total of %v: %v", sum, err)
	}
}

// Subtests that share a database, each in a transaction of its own.
func TestExampleTx(t *testing.T) {
	db := sowertest.Fill(t, postgresSource(t, pgtest.Shared(t, 0)), sowertest.Options{Tables: map[string]int64{"t1": 20}})
	for _, name := range []string{"cheap", "dear"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx := db.Tx(t)
			done, err := tx.Exec("update t1 set amount = amount * 2")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := done.RowsAffected(); err != nil || n != 20 {
				t.Errorf("%d rows: %v", n, err)
			}
		})
	}
}
