// Package toy is a third database, as small as one can be: it holds its rows in memory. It is tests alone, and shows that
// a database is a folder here and an entry in the table of drivers: what CONTRIBUTING.md says of adding one.
package toy

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/sinktest"
)

const scheme = "toy:"

// Toy takes toy:NAME.
var Toy = &driver.Driver{
	Name:          dialect{}.Name(),
	Takes:         func(address string) bool { return strings.HasPrefix(address, scheme) },
	DatabaseOf:    func(address string) (string, error) { return strings.TrimPrefix(address, scheme), nil },
	NamesDatabase: func(string) bool { return true },
	Redact:        func(address string) string { return address },
	Secrets:       func(string) []string { return nil },
	Open: func(_ context.Context, address string, _ driver.Options) (sink.Store, error) {
		return open(strings.TrimPrefix(address, scheme)), nil
	},
	CreateTables: func(tables []*schema.Table) string {
		var b strings.Builder
		for _, t := range tables {
			var columns []string
			for _, c := range t.Columns {
				columns = append(columns, c.Name+" "+c.Type.Name)
			}
			fmt.Fprintf(&b, "create table %s (%s);\n", t.Name, strings.Join(columns, ", "))
		}
		return b.String()
	},
}

func TestMain(m *testing.M) {
	driver.All = append(driver.All, Toy) // the one line
	os.Exit(m.Run())
}

var opened atomic.Int64

func TestConformance(t *testing.T) {
	sinktest.Exercise(t, "toy", sinktest.Factory{
		Open: func(t *testing.T, tables []*schema.Table) sink.Sink {
			s := open(fmt.Sprintf("conformance_%d_test", opened.Add(1)))
			for _, table := range tables {
				if pk := table.PrimaryKey; pk != nil && !slices.Contains(table.Uniques, pk) {
					table.Uniques = append(table.Uniques, pk)
				}
				s.db.tables = append(s.db.tables, newTable(table))
			}
			return s
		},
		Reopen: func(_ *testing.T, s sink.Sink) sink.Sink { return open(s.(*Store).db.name) },
		Read: func(_ *testing.T, s sink.Sink, target *sink.Target) *column.Batch {
			t, err := s.(*Store).db.table(target.Table.Name)
			if err != nil || t.rows.N == 0 {
				t = newTable(target.Table)
			}
			by := t.rows.Col(target.Columns[0])
			rows := make([]int, t.rows.N)
			for i := range rows {
				rows[i] = i
			}
			slices.SortFunc(rows, func(a, b int) int { return int(by.Ints[a] - by.Ints[b]) })
			return t.pick(target, rows)
		},
	})
}

// What the program does with a database it does with this one: the schema is read, a blueprint inferred, rows are made and
// loaded, and what is there is what the same call without a database shows.
func TestFilled(t *testing.T) {
	const address = scheme + "shop_test"
	if err := open("shop_test").CreateSchema(t.Context(), `
		create table users (id bigint primary key, email text not null unique, created_at timestamp not null);
		create table orders (id bigint primary key, user_id bigint not null references users, placed_on date);`); err != nil {
		t.Fatal(err)
	}
	db, err := sower.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Fill(t.Context(), sower.TableRows("orders", 500)); err != nil {
		t.Fatal(err)
	}
	s := open("shop_test")
	orders, err := s.db.table("orders")
	if err != nil {
		t.Fatal(err)
	}
	users, err := s.db.table("users")
	if err != nil || orders.rows.N != 500 || users.rows.N != 100 {
		t.Fatalf("%d orders of %d users, %v", orders.rows.N, users.rows.N, err)
	}
	for i, user := range users.find("id", orders.rows.Col("user_id")) {
		if user < 0 {
			t.Fatalf("order %d is nobody's", i)
		}
	}
	if email := users.rows.Col("email").String(7); !strings.Contains(email, "@") {
		t.Errorf("an e-mail address: %q", email)
	}
	again, err := sower.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Fill(t.Context(), sower.TableRows("orders", 500)); err != nil || orders.rows.N != 500 {
		t.Errorf("the same once more: %d orders, %v", orders.rows.N, err)
	}
	if _, err := sower.Open(t.Context(), scheme+"production"); err == nil {
		t.Error("a database whose name is not that of a test was opened for writing")
	}
}
