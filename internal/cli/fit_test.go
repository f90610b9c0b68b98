package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/pgtest"
)

// corpusDDL is the DDL of an entry of the corpus.
func corpusDDL(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../corpus/testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, ddl, _ := strings.Cut(string(data), "-- postgres.sql --\n")
	ddl, _, _ = strings.Cut(ddl, "\n-- ")
	return ddl
}

// rowsOfPlan reads the numbers of rows of a plan as JSON.
func rowsOfPlan(t *testing.T, out string) map[string]int64 {
	t.Helper()
	var told planJSON
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err, out)
	}
	rows := map[string]int64{}
	for _, table := range told.Tables {
		rows[table.Name] = table.Rows
	}
	return rows
}

// A database that is filled to a size has about that size, tables that are named have the rows that were named, and plan
// shows the same numbers beforehand.
func TestFitSize(t *testing.T) {
	s := pgtest.Shared(t, 0)
	for _, c := range []struct {
		corpus, named string
		rows          int64
	}{
		{"app_analytics", "fact.stock_snapshots", 77},
		{"app_metadata_engine", "engine.cron_events", 1234},
		{"app_shop", "", 0},
	} {
		t.Run(c.corpus, func(t *testing.T) {
			name := "fit_" + c.corpus + "_test"
			if err := s.CreateDatabase(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			if _, err := s.RunPsql(t.Context(), name, corpusDDL(t, c.corpus)); err != nil {
				t.Fatal(err)
			}
			const want = 40e6
			args := []string{"--database-url", s.URL(name), "--size", "40MB"}
			if c.named != "" {
				args = append(args, "--rows", c.named+"="+strconv.FormatInt(c.rows, 10))
			}
			code, planned, errs := call(t, nil, append([]string{"plan", "--format", "json"}, args...)...)
			if code != 0 {
				t.Fatal(errs)
			}
			rows := rowsOfPlan(t, planned)
			if c.named != "" && rows[c.named] != c.rows {
				t.Errorf("%d rows of %s, want %d", rows[c.named], c.named, c.rows)
			}
			code, out, errs := call(t, nil, append([]string{"generate", "--progress", "none"}, args...)...)
			if code != 0 {
				t.Fatal(out, errs)
			}
			text, err := s.RunPsql(t.Context(), name, "select pg_database_size(current_database())")
			if err != nil {
				t.Fatal(err)
			}
			got, err := strconv.ParseFloat(regexp.MustCompile(`\d{5,}`).FindString(text), 64)
			if err != nil {
				t.Fatal(err, text)
			}
			t.Logf("%.1f MB of 40 MB", got/1e6)
			if got < want*0.75 || got > want*1.25 {
				t.Errorf("%.1f MB, asked for 40 MB\n%s", got/1e6, out)
			}
			if !strings.Contains(out, "asked for: --size 40.0 MB; the database is ") {
				t.Error(out)
			}
			if again := strings.Count(out, thousands(rows["engine.action_log"])); c.corpus == "app_metadata_engine" && again < 2 {
				t.Errorf("plan: %v, generate:\n%s", rows, out)
			}
			// The record decides from here on.
			code, out, errs = call(t, nil, append([]string{"generate", "--progress", "none"}, args...)...)
			if code != 0 || !strings.Contains(out, "already complete") || !strings.Contains(errs, "its record has the numbers of rows") {
				t.Error(code, out, errs)
			}
			code, _, errs = call(t, nil, "generate", "--database-url", s.URL(name), "--size", "50MB")
			if code != 1 || !strings.Contains(errs, "run 1 filled this database with other numbers of rows") {
				t.Error(code, errs)
			}
		})
	}
}

const fitBlueprint = `sower: 1
name: fit
parameters:
  shops: {type: integer, default: 10, min: 0}
  orders: {type: integer, default: 100, min: 0}
tables:
  kinds:
    rows: 5
    columns: {id: sequence, name: {text: {words: 2}}}
  shops:
    rows: ${shops}
    columns: {id: sequence, name: {company: name}}
  orders:
    rows: ${orders * 3}
    columns: {id: sequence, shop_id: {reference: shops}, kind_id: {reference: kinds}, note: {text: {words: 12}}}
`

// Of a blueprint, numbers that its parameters give are scaled, but those that the command gives; the run is found again
// without the size. SQLite.
func TestFitBlueprint(t *testing.T) {
	dir := t.TempDir()
	file, db := filepath.Join(dir, "fit.yaml"), filepath.Join(dir, "fit_test.db")
	if err := os.WriteFile(file, []byte(fitBlueprint), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "sqlite:" + db
	code, out, errs := call(t, nil, "generate", file, "--database-url", url, "--create-schema", "--size", "3MB", "--shops", "12", "--progress", "none")
	if code != 0 {
		t.Fatal(out, errs)
	}
	info, err := os.Stat(db)
	if err != nil {
		t.Fatal(err)
	}
	if got := float64(info.Size()); got < 2.4e6 || got > 3.6e6 {
		t.Errorf("%v bytes\n%s", got, out)
	}
	counts, err := querySQLite(db, "select (select count(*) from kinds) || ' ' || (select count(*) from shops) || ' ' || (select count(*) > 10000 from orders)")
	if err != nil || counts != "5 12 1" {
		t.Error(counts, err)
	}
	if code, out, errs := call(t, nil, "verify", file, "--database-url", url, "--shops", "12"); code != 0 || !strings.Contains(out, "all hold") {
		t.Error(code, out, errs)
	}
	code, out, errs = call(t, nil, "plan", file, "--database-url", url, "--size", "3MB", "--shops", "12", "--format", "json")
	if rows := rowsOfPlan(t, out); code != 0 || rows["orders"] < 10000 || rows["shops"] != 12 {
		t.Error(rows, errs)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"plan", file, "--size", "3MB"}, "--size goes with --database-url"},
		{[]string{"export", file, "--dir", dir + "/out", "--size", "3MB"}, "--size goes with --database-url"},
		{[]string{"preview", file, "--database-url", url, "--size", "3"}, "want a number with a unit"},
		{[]string{"preview", file, "--database-url", url, "--size", "9MB", "--shops", "1", "--orders", "2"}, "none is left to scale"},
		{[]string{"plan", "--database-url", url, "--size", "3MB", "--rows", "7"}, "say one of them"},
	} {
		if code, _, errs := call(t, nil, c.args...); code != 2 || !strings.Contains(errs, c.says) {
			t.Errorf("%q: %d %s", c.args, code, errs)
		}
	}
	if code, out, errs := call(t, nil, "clean", file, "--database-url", url, "--shops", "12", "--yes"); code != 0 {
		t.Error(out, errs)
	}
	if code, _, errs := call(t, nil, "generate", file, "--database-url", url, "--size", "20kB"); code != 2 || !strings.Contains(errs, "one row in each table comes to") {
		t.Error(code, errs)
	}
}

// What can be loaded in a time takes about that, as far as nobody knows what else the machine does; and a longer time has
// more rows.
func TestFitTime(t *testing.T) {
	s := pgtest.Shared(t, 0)
	const name = "fit_time_test"
	if err := s.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunPsql(t.Context(), name, `create table kinds (id integer primary key, name text not null unique);
		create table events (id bigint primary key, kind_id integer not null references kinds, at timestamptz not null, note text);
		create index on events (at)`); err != nil {
		t.Fatal(err)
	}
	fill := []string{"--database-url", s.URL(name), "--rows", "kinds=7", "--for"}
	var rows [2]int64
	for i, within := range []string{"2s", "20s"} {
		code, out, errs := call(t, nil, append([]string{"plan", "--format", "json"}, append(fill, within)...)...)
		if code != 0 {
			t.Fatal(errs)
		}
		rows[i] = rowsOfPlan(t, out)["events"]
	}
	if rows[1] < 3*rows[0] || rows[0] < 1000 {
		t.Errorf("%d rows in 2 s, %d in 20 s", rows[0], rows[1])
	}
	began := time.Now()
	code, out, errs := call(t, nil, append([]string{"generate", "--progress", "none"}, append(fill, "4s")...)...)
	took := time.Since(began).Seconds()
	t.Logf("4 s took %.2f s\n%s", took, out)
	if code != 0 || !strings.Contains(out, "asked for: --for 4.00 s; it took ") {
		t.Fatal(code, out, errs)
	}
	if factor := 30.0; took < 4/factor || took > 4*factor {
		t.Errorf("%v s", took)
	}
	if text, err := s.RunPsql(t.Context(), name, "select count(*) from kinds"); err != nil || !strings.Contains(text, "7") {
		t.Error(text, err)
	}
}
