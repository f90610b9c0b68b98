package cli

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// SQLite takes names that no text can say: their tables are left alone, by every command and every time, and the others
// are filled.
func TestUnnameable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "names_test.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{`""`, "\"x\xff\xfe\"", `odd ("" text not null)`, "half (\"c\xff\" text not null)", "whole (id integer primary key, name text not null)"} {
		if !strings.Contains(table, "(") {
			table += " (id integer primary key)"
		}
		if _, err := db.Exec("create table " + table); err != nil {
			t.Fatalf("%q: %v", table, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"inspect", ""},
		{"inspect --format json", ""},
		{"inspect --format html", ""},
		{"plan", `left alone: "" (its name is empty`},
		{"preview", ""},
		{"init", ""},
		{"digest", ""},
		{"generate --rows 5", "the name of its column 1 is no UTF-8"},
		{"verify", "all hold"},
		{"generate --rows 5", "complete: 0 rows"},
		{"generate --rows 9", "complete: 4 rows"},
		{"verify", "all hold"},
		{"clean --yes", "9 rows deleted"},
	} {
		var out bytes.Buffer
		args := append(strings.Fields(c.args), "--database-url", "sqlite:"+file)
		code := Main(args, strings.NewReader(""), &out, &out, []string{"HOME=" + t.TempDir(), "TERM=dumb"})
		if code != 0 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s ended with %d, and not with %q:\n%s", c.args, code, c.want, out.String())
		}
	}
}
