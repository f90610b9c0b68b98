// Package duckdbtest reads Parquet files of sower by DuckDB, which shares no code with what writes them.
package duckdbtest

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

const blueprint = `
sower: 1
name: kinds
tables:
  kinds:
    rows: 25000
    columns:
      id: sequence
      flag: {boolean: 0.5}
      score: {float: {min: 0, max: 1, step: 0.01}}
      price: {decimal: {min: -9999.99, max: 9999.99}}
      day: {date: {from: "1950-01-01", to: "2025-12-31"}}
      hour: {time: {from: "08:00", to: "17:30"}}
      moment: {timestamp: {from: "1950-01-01", to: "2025-12-31"}}
      ref: uuid
      note: {text: {words: {min: 1, max: 9}}, nulls: 0.2}
      doc: {object: {a: {integer: {min: 1, max: 9}}, b: {constant: "é \"x\""}}}
`

const columns = "id BIGINT, flag BOOLEAN, score DOUBLE, price DECIMAL(18,2), day DATE, hour TIME, moment TIMESTAMP, ref UUID, note VARCHAR, doc JSON"

// The types are the logical ones, and every cell is that of the CSV file of the same rows.
func TestDuckDBReads(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "sower")
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = filepath.Join("..", "..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	run("go", "build", "-o", program, "./cmd/sower")
	file := filepath.Join(dir, "kinds.yaml")
	if err := os.WriteFile(file, []byte(blueprint), 0o666); err != nil {
		t.Fatal(err)
	}
	run(program, "export", file, "--dir", filepath.Join(dir, "csv"), "--format", "csv", "--progress", "none")
	// CSV gives texts, which DuckDB turns into the same types by itself.
	var names, casts []string
	for _, c := range strings.Split(columns, ", ") {
		name, typ, _ := strings.Cut(c, " ")
		names = append(names, name)
		casts = append(casts, fmt.Sprintf("%s::%s as %[1]s", name, typ))
	}
	csv := fmt.Sprintf("select %s from read_csv('%s', all_varchar = true, header = true)", strings.Join(casts, ", "), filepath.Join(dir, "csv", "kinds.csv"))
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, compress := range []string{"auto", "gzip", "none"} {
		out := filepath.Join(dir, compress)
		run(program, "export", file, "--dir", out, "--format", "parquet", "--compress", compress, "--progress", "none")
		from := "'" + filepath.Join(out, "kinds.parquet") + "'"
		var types string
		if err := db.QueryRow("select string_agg(column_name || ' ' || column_type, ', ') from (describe select * from " + from + ")").Scan(&types); err != nil {
			t.Fatal(err)
		}
		if types != columns {
			t.Errorf("%s: the types are\n%s\nwant\n%s", compress, types, columns)
		}
		rows := fmt.Sprintf("select %s from %s", strings.Join(names, ", "), from)
		for _, q := range []string{
			fmt.Sprintf("select count(*) from ((%s) except all (%s))", rows, csv),
			fmt.Sprintf("select count(*) from ((%s) except all (%s))", csv, rows),
			fmt.Sprintf("select count(*) - 25000 from %s", from),
			fmt.Sprintf("select (count(*) not between 4000 and 6000)::int from %s where note is null", from),
		} {
			var n int
			if err := db.QueryRow(q).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %s: %d, %v", compress, q, n, err)
			}
		}
	}
}
