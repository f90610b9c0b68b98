package cli

import (
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/pgtest"
)

// What plan says that filling a database takes, beside what it took: the benchmark's tables, smaller. SOWER_SPEED=1, on a
// machine with nothing else to do, wants them within a factor of 2; elsewhere nobody knows what other programs take.
func TestEstimate(t *testing.T) {
	s := pgtest.Shared(t, 0)
	factor := 30.0
	if os.Getenv("SOWER_SPEED") != "" {
		factor = 2
	}
	tables := "../../bench/tables/"
	users := []string{"--target-rows-users", "100", "--target-rows-content-items", "2000", "--target-rows-content-items-auto", "10000"}
	for _, c := range []struct {
		name, ddl, blueprint string
		args                 []string
	}{
		{"bare", tables + "bare.sql", tables + "bare.yaml", []string{"--number", "200000"}},
		{"accounts", tables + "accounts.sql", tables + "accounts.yaml", []string{"--number", "100000"}},
		{"wide", tables + "wide.sql", tables + "wide.yaml", []string{"--number", "20000"}},
		{"random-keys", tables + "random-keys.sql", tables + "random-keys.yaml", []string{"--number", "5000"}},
		{"genonaut", "../../blueprints/genonaut/postgres.sql", "genonaut", users},
		{"sqlite", "../../blueprints/genonaut/sqlite.sql", "genonaut", users},
	} {
		t.Run(c.name, func(t *testing.T) {
			ddl, err := os.ReadFile(c.ddl)
			if err != nil {
				t.Fatal(err)
			}
			name := "estimate_" + strings.ReplaceAll(c.name, "-", "_") + "_test"
			url := s.URL(name)
			if c.name == "sqlite" {
				path := filepath.Join(t.TempDir(), name+".db")
				url = "sqlite:" + path
				db, err := sql.Open("sqlite", path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(string(ddl)); errors.Join(err, db.Close()) != nil {
					t.Fatal(err)
				}
			} else {
				if err := s.CreateDatabase(t.Context(), name); err != nil {
					t.Fatal(err)
				}
				if _, err := s.RunPsql(t.Context(), name, string(ddl)); err != nil {
					t.Fatal(err)
				}
			}
			env := []string{"DB_USER_ADMIN_UUID=5eed0000-0000-4000-8000-000000000001"}
			args := append([]string{c.blueprint, "--database-url", url}, c.args...)
			code, out, errs := call(t, env, append([]string{"plan", "--format", "json"}, args...)...)
			var told planJSON
			if err := json.Unmarshal([]byte(out), &told); code != 0 || err != nil {
				t.Fatal(code, errs, err)
			}
			e := told.Estimate
			if e.LoadFrom <= 0 || e.LoadFrom >= e.LoadSeconds || e.LoadTo <= e.LoadSeconds || told.Tables[0].Estimate.DatabaseSeconds <= 0 {
				t.Errorf("%+v", e)
			}
			if code, out, errs := call(t, env, append([]string{"plan"}, args...)...); code != 0 || !strings.Contains(out, "To fill the database takes about ") ||
				!strings.Contains(out, "in the database") {
				t.Error(code, out, errs)
			}
			began := time.Now()
			if code, _, errs := call(t, env, append([]string{"generate", "--progress", "none"}, args...)...); code != 0 {
				t.Fatal(errs)
			}
			took := time.Since(began).Seconds()
			t.Logf("estimated %.2f s (%.2f to %.2f), took %.2f s: %.2f of it", e.LoadSeconds, e.LoadFrom, e.LoadTo, took, e.LoadSeconds/took)
			if e.LoadSeconds < took/factor || e.LoadSeconds > took*factor {
				t.Errorf("estimated %.2f s, took %.2f s", e.LoadSeconds, took)
			}
		})
	}
}

// What is asked of a database shows in what it is said to take: more rows, and indexes that are built after them.
func TestEstimateGrows(t *testing.T) {
	s := pgtest.Shared(t, 0)
	const name = "estimate_grows_test"
	if err := s.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunPsql(t.Context(), name, `create table plain (id integer primary key, body text not null);
		create table searched (id integer primary key, body text not null);
		create index on searched using gin (to_tsvector('english', body)); create index on searched (body)`); err != nil {
		t.Fatal(err)
	}
	// Of the same trial: one table beside the other. Trials differ with what else the machine does.
	ask := func(rows string) (plain, searched float64) {
		code, out, errs := call(t, nil, "plan", "--format", "json", "--database-url", s.URL(name), "--rows", rows)
		var told planJSON
		if err := json.Unmarshal([]byte(out), &told); code != 0 || err != nil {
			t.Fatal(code, errs, err)
		}
		return told.Tables[0].Estimate.DatabaseSeconds, told.Tables[1].Estimate.DatabaseSeconds
	}
	if plain, searched := ask("100000"); searched < 3*plain {
		t.Errorf("%v without an index, %v with an index for search", plain, searched)
	}
	few, _ := ask("1000")
	many, _ := ask("10000000")
	if many < 20*few {
		t.Errorf("%v for 1,000 rows, %v for 10,000,000", few, many)
	}
}
