package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower"
)

// A run of the library is the program's, where both are asked for the same, and the other way round.
func TestLibraryAndProgramShareRuns(t *testing.T) {
	for _, first := range []string{"library", "program"} {
		url := "sqlite:" + filepath.Join(t.TempDir(), "shop_test.db")
		db, err := sower.Open(t.Context(), url, sower.CreateFile())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.CreateTables(t.Context(), "create table users (id integer primary key, email varchar(80) not null unique)"); err != nil {
			t.Fatal(err)
		}
		library := func() string {
			report, err := db.Fill(t.Context(), sower.Rows(30), sower.Seed(7))
			if err != nil {
				t.Fatal(err)
			}
			return report.State
		}
		program := func() string {
			_, stdout, stderr := call(t, nil, "generate", url, "--rows", "30", "--seed", "7", "--progress", "none")
			if strings.Contains(stdout, ": already complete: ") {
				return "already complete"
			}
			return stdout + stderr
		}
		second := program
		if first == "program" {
			program()
			second = library
		} else if state := library(); state != "complete" {
			t.Errorf("the first run is %s", state)
		}
		if state := second(); state != "already complete" {
			t.Errorf("after the %s: %s", first, state)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
