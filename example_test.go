package sower_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sowerdata/sower"
)

// shop is an SQLite database with two tables, in a folder of its own.
func shop(ctx context.Context) (db *sower.DB, done func(), err error) {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		return nil, nil, err
	}
	if db, err = sower.Open(ctx, "sqlite:"+filepath.Join(dir, "shop_test.db"), sower.CreateFile()); err != nil {
		return nil, nil, err
	}
	err = db.CreateTables(ctx, `
		create table users (id integer primary key, email varchar(80) not null unique);
		create table orders (id integer primary key, user_id integer not null references users, quantity integer not null check (quantity between 1 and 9));`)
	return db, func() { _ = db.Close(); _ = os.RemoveAll(dir) }, err
}

func Example() {
	ctx := context.Background()
	db, done, err := shop(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer done()

	report, err := db.Fill(ctx, sower.Rows(50), sower.TableRows("orders", 200))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.State, report.Rows)

	verdict, err := db.Verify(ctx, sower.Rows(50), sower.TableRows("orders", 200))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("broken rules:", verdict.Broken())
	// Output:
	// complete 250
	// broken rules: 0
}

func ExampleDB_Rows() {
	ctx := context.Background()
	db, done, err := shop(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer done()

	// The last two of a billion orders. Nothing is written, and nothing is made before them.
	for row, err := range db.Rows(ctx, "orders", 999_999_998, sower.Rows(1000), sower.TableRows("orders", 1_000_000_000)) {
		if err != nil {
			log.Fatal(err)
		}
		id, _ := row.Text("id")
		fmt.Println(id, row.Columns())
	}
	// Output:
	// 999999999 [id user_id quantity]
	// 1000000000 [id user_id quantity]
}

func ExampleDB_Clean() {
	ctx := context.Background()
	db, done, err := shop(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer done()

	if _, err := db.Fill(ctx, sower.Rows(10)); err != nil {
		log.Fatal(err)
	}
	cleaned, err := db.Clean(ctx, sower.Rows(10))
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range cleaned.Tables {
		fmt.Println(t.Name, t.Deleted)
	}
	// Output:
	// orders 10
	// users 10
}

// A database that is not there for made rows is not written.
func ExampleOpen() {
	_, err := sower.Open(context.Background(), "postgres://localhost/production")
	fmt.Println(err)
	// Output:
	// the database "production" is not written: its name ends neither in _demo nor in _test. If it is meant, allow it by its exact name: sower.AllowDatabase("production")
}
