package corpus

import (
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sowerdata/sower/internal/pgtest"
)

// allRuns is the environment variable that makes TestFill use every number of rows on every server.
const allRuns = "SOWER_CORPUS_ALL"

// sizes are the numbers of rows that are asked for. Each server has its own, so that together they are all there and
// the test stays short.
func sizes(version int) []int {
	switch {
	case os.Getenv(allRuns) != "":
		return []int{0, 1, 10, 1000}
	case version >= 18:
		return []int{1, 1000}
	default:
		return []int{0, 10}
	}
}

// TestFill fills every schema with nothing but its URL, and lets the server judge. A schema whose rules say that
// something is open must still have a complaint: when it has none, the rule goes.
func TestFill(t *testing.T) {
	all := entries(t)
	var sum summary
	t.Run("servers", func(t *testing.T) {
		pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
			for _, e := range all {
				if e.since > s.Version {
					continue
				}
				t.Run(e.name, func(t *testing.T) {
					t.Parallel()
					template := s.NewDatabase(t, "corpus_"+e.name)
					stands(t, template, e)
					for _, rows := range sizes(s.Version) {
						t.Run(strconv.Itoa(rows), func(t *testing.T) {
							sum.add(t, e, fillPostgres(t, copyDatabase(t, s, template), e, rows))
						})
					}
				})
			}
		})
		t.Run("sqlite", func(t *testing.T) {
			for _, e := range all {
				if e.sqlite == "" {
					continue
				}
				t.Run(e.name, func(t *testing.T) {
					t.Parallel()
					for _, rows := range []int{0, 1, 10, 1000} {
						t.Run(strconv.Itoa(rows), func(t *testing.T) {
							sum.add(t, e, fillSQLite(t, makeSQLite(t, e.sqlite), e, rows))
						})
					}
				})
			}
		})
	})
	open := 0
	for _, e := range all {
		if e.open == "" {
			continue
		}
		open++
		if sum.seen[e.name] && !sum.open[e.name] && !t.Failed() {
			t.Errorf("%s: nothing is open any more: remove the rule (%s)", e.name, e.open)
		}
	}
	t.Logf("%d schemas, %d of them with something open: %d of %d runs without a complaint, %d of %d tables hold what was asked for",
		len(all), open, sum.fine, sum.runs, sum.filled, sum.tables)
}

// factRows are as many rows of each table as the facts of a schema are true of.
const factRows = 10

// result is what one run gave.
type result struct {
	tables, filled int
	complaints     []string
}

func (r *result) complain(format string, args ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

// summary counts what the whole corpus gave.
type summary struct {
	sync.Mutex
	runs, fine     int
	tables, filled int
	seen, open     map[string]bool // by schema
}

func (s *summary) add(t *testing.T, e *entry, r *result) {
	s.Lock()
	defer s.Unlock()
	if s.seen == nil {
		s.seen, s.open = map[string]bool{}, map[string]bool{}
	}
	s.runs++
	s.tables += r.tables
	s.filled += r.filled
	s.seen[e.name] = true
	if len(r.complaints) == 0 {
		s.fine++
		return
	}
	s.open[e.name] = true
	say := t.Errorf
	if e.open != "" {
		say = t.Logf
	}
	for _, line := range r.complaints {
		say("%s", line)
	}
}

// copyDatabase makes a database like another, to which nobody is connected.
func copyDatabase(t *testing.T, s *pgtest.Server, template string) string {
	t.Helper()
	u, err := url.Parse(template)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(u.Path, "/")
	name = strings.TrimSuffix(name, "_test") + "_" + t.Name()[strings.LastIndex(t.Name(), "/")+1:] + "_test"
	if len(name) > 63 {
		name = name[len(name)-63:]
	}
	s.Psql(t, "postgres", fmt.Sprintf(`create database "%s" template "%s"`, name, strings.Trim(u.Path, "/")))
	t.Cleanup(func() { s.Psql(t, "postgres", fmt.Sprintf(`drop database "%s" with (force)`, name)) })
	return s.URL(name)
}

func fillPostgres(t *testing.T, url string, e *entry, rows int) *result {
	conn := connect(t, url)
	before := snapshot(t, conn)
	r := fill(url, e, rows, func() map[string]int { return counts(t, conn) })
	for _, line := range violations(t, conn) {
		r.complain("%s", line)
	}
	if rows >= factRows {
		r.complaints = append(r.complaints, amiss(t, conn, e.facts)...)
	}
	if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(snapshot(t, conn), "\n")); diff != "" {
		r.complain("the schema is another now (-before +after):\n%s", diff)
	}
	return r
}

func fillSQLite(t *testing.T, path string, e *entry, rows int) *result {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lines := func(query string) []string {
		t.Helper()
		out, err := readSQLite(db, query)
		if err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		return out
	}
	const own = ` and name not like 'sower\_%' escape '\' and tbl_name not like 'sower\_%' escape '\' and name not like 'sqlite\_%' escape '\' order by name`
	const schema = `select type, name, tbl_name, sql from sqlite_schema where true` + own
	before := lines(schema)
	r := fill("sqlite:"+path, e, rows, func() map[string]int {
		out := map[string]int{}
		for _, name := range lines(`select name from sqlite_schema where type = 'table'` + own) {
			n, err := strconv.Atoi(lines(`select count(*) from "` + strings.ReplaceAll(name, `"`, `""`) + `"`)[0])
			if err != nil {
				t.Fatal(err)
			}
			out[name] = n
		}
		return out
	})
	// The second finds broken checks, uniques and nulls.
	for _, line := range append(lines("pragma foreign_key_check"), lines("pragma integrity_check")...) {
		if line != "ok" {
			r.complain("%s", line)
		}
	}
	if diff := cmp.Diff(before, lines(schema)); diff != "" {
		r.complain("the schema is another now (-before +after):\n%s", diff)
	}
	return r
}

// readSQLite gives the rows of a query, their cells parted by |.
func readSQLite(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(sql.NullString)
		}
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		var line []string
		for _, c := range cells {
			line = append(line, c.(*sql.NullString).String)
		}
		out = append(out, strings.Join(line, "|"))
	}
	return out, rows.Err()
}

// fill runs the program on a database that holds the schema, and looks at what stands then: each table has the rows
// that were asked for, the program's own verification finds nothing, and the same command adds nothing.
func fill(url string, e *entry, rows int, counts func() map[string]int) *result {
	r := new(result)
	args := []string{"--database-url", url, "--rows", strconv.Itoa(rows)}
	if len(e.expect.skip) > 0 {
		args = append(args, "--skip-unsatisfiable")
	}
	run := func(command string) bool {
		code, out, errs := sower(append([]string{command}, args...)...)
		if code != 0 {
			r.complain("%s: exit code %d\n%s%s", command, code, out, errs)
		}
		return code == 0
	}
	done := run("generate")
	got := counts()
	for _, table := range slices.Sorted(maps.Keys(got)) {
		r.tables++
		if wrong := e.expect.wrong(table, rows, got[table]); wrong != "" {
			r.complain("%s: %s", table, wrong)
		} else {
			r.filled++
		}
	}
	if !done || rows == 0 {
		return r
	}
	run("verify")
	run("generate")
	if diff := cmp.Diff(got, counts()); diff != "" {
		r.complain("generate again adds rows (-first +second):\n%s", diff)
	}
	return r
}

// wrong says what is wrong with a table that holds got rows where asked were asked for; "" for nothing.
func (x *expectation) wrong(table string, asked, got int) string {
	want := asked
	if n, ok := x.rows[table]; ok {
		want = min(want, n)
	}
	if n, ok := x.exact[asked][table]; ok {
		want = n
	}
	if n, ok := x.standing[table]; ok {
		want = n
	}
	if n, ok := x.beside[table]; ok && asked > n {
		want += n
	} else if ok {
		want = n
	}
	if _, ok := x.free[table]; ok || got == want {
		return ""
	}
	if _, ok := x.skip[table]; ok && got == 0 {
		return ""
	}
	return fmt.Sprintf("%d rows, want %d", got, want)
}
