package sower_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower"
	"github.com/sowerdata/sower/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const tables = `
	create table users (id integer primary key, email varchar(80) not null unique);
	create table orders (id integer primary key, user_id integer not null references users, state varchar(10) not null check (state in ('open', 'paid')));`

// everywhere runs a test against an empty database of each kind, by its address.
func everywhere(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "shop_test.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Shared(t, 0).NewDatabase(t, "shop_test")) })
}

func open(t *testing.T, address string, options ...sower.OpenOption) *sower.DB {
	t.Helper()
	db, err := sower.Open(t.Context(), address, append(options, sower.CreateFile())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// What Rows shows is what Fill makes; the same call again adds nothing, one for more adds the difference; the rows
// verify, and go.
func TestFillVerifyClean(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		db := open(t, address)
		if err := db.CreateTables(t.Context(), tables); err != nil {
			t.Fatal(err)
		}
		shown := map[string]string{}
		for row, err := range db.Rows(t.Context(), "users", 10, sower.Rows(30)) {
			if err != nil {
				t.Fatal(err)
			}
			id, _ := row.Text("id")
			shown[id], _ = row.Text("email")
		}
		if len(shown) != 20 {
			t.Errorf("%d rows from the eleventh on", len(shown))
		}
		for _, c := range []struct {
			rows, made int64
			state      string
		}{{30, 60, "complete"}, {30, 0, "already complete"}, {40, 20, "complete"}} {
			report, err := db.Fill(t.Context(), sower.Rows(c.rows))
			if err != nil || report.Rows != c.made || report.State != c.state {
				t.Fatalf("%d rows each: %+v, %v", c.rows, report, err)
			}
		}
		verdict, err := db.Verify(t.Context(), sower.Rows(40))
		if err != nil || verdict.Broken() > 0 || verdict.Cells == 0 {
			t.Errorf("%+v, %v", verdict, err)
		}
		reading := open(t, address, sower.ReadOnly())
		if _, err := reading.Fill(t.Context()); err == nil {
			t.Error("a database that was opened for reading is written")
		}
		s, err := reading.Schema(t.Context())
		if err != nil || s.Table("users") == nil && s.Table("public.users") == nil {
			t.Errorf("%+v, %v", s, err)
		}
		if err := db.Repair(t.Context()); err != nil {
			t.Error(err)
		}
		cleaned, err := db.Clean(t.Context(), sower.Rows(40))
		if err != nil || len(cleaned.Tables) != 2 || cleaned.Tables[0].Deleted != 40 {
			t.Errorf("%+v, %v", cleaned, err)
		}
	})
}

// What nothing satisfies is named, and the rest is filled; Strict fills nothing.
func TestLeftOut(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		db := open(t, address)
		if err := db.CreateTables(t.Context(), tables+"create table rooms (id integer primary key, floor integer not null check (floor > 3 and floor < 2));"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Fill(t.Context(), sower.Strict()); err == nil || !strings.Contains(err.Error(), "floor") {
			t.Errorf("strict: %v", err)
		}
		report, err := db.Fill(t.Context(), sower.Rows(5))
		var left *sower.LeftOutError
		if !errors.As(err, &left) || len(left.Tables) != 1 || !strings.HasSuffix(left.Tables[0].Table, "rooms") || report.Rows != 10 {
			t.Errorf("%+v, %v", report, err)
		}
		if _, err := db.Fill(t.Context(), sower.Rows(5), sower.SkipUnsatisfiable()); err != nil {
			t.Error(err)
		}
	})
}

// Mistakes are errors, before anything is written.
func TestMistakes(t *testing.T) {
	for address, want := range map[string]string{
		"mysql://localhost/shop_test": "no database that sower fills", "postgres://localhost/": "names no database", "sqlite:shop.db": `sower.AllowDatabase("shop")`,
	} {
		if _, err := sower.Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "shop_test.db"))
	if err := db.CreateTables(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	for want, options := range map[string][]sower.Option{
		"at least 0": {sower.Rows(-1)}, "nobody": {sower.TableRows("nobody", 5)}, "xx_YY": {sower.Locale("xx_YY")}, "nothing": {sower.Include("nothing*")},
	} {
		if _, err := db.Fill(t.Context(), options...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := db.Verify(t.Context()); err == nil {
		t.Error("an empty database is verified")
	}
	for _, err := range db.Rows(t.Context(), "nobody", 0) {
		if err == nil {
			t.Error("rows of a table that is not there")
		}
	}
}
