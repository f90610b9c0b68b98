package cli

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// testdata/last holds databases that a version of sower wrote which kept the record of runs in form 1, as dumps: a run that
// is complete, and one that was killed during the load, of the blueprint parts.yaml there, or of an inferred one.
type last struct {
	rows    func() string                 // those of all tables
	options []string                      // what the run was made with
	load    func(file string)             // puts the dump in the place of the database
	readers string                        // URL of one who only reads
	sower   func(args ...string) []string // with the URL of one who writes
	left    func() string                 // what is left of the record, without a run
	form    func() string                 // 0 where the record has form 1
}

// testLast resumes, verifies and cleans the runs of the dumps.
func testLast(t *testing.T, l *last, complete, interrupted string) {
	call := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := call(t, nil, args...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%q: %d, want %d with %q\n%s%s", args, code, want, says, out, errs)
		}
	}
	with := func(command string, more ...string) []string {
		return append(append(l.sower(command), l.options...), more...)
	}
	verify := append([]string{"verify", "--database-url", l.readers}, l.options...)

	l.load(complete)
	made := l.rows()
	call(0, "all hold", verify...)
	call(0, "already complete", with("generate")...)
	call(0, "all hold", verify...)
	if l.rows() != made {
		t.Errorf("%s: the rows have changed", complete)
	}
	call(0, "110 rows to delete", with("clean", "--dry-run")...)
	call(0, "110 rows deleted; its record is gone", with("clean", "--yes")...)
	if rows := l.rows(); rows != "" || l.left() != "0" {
		t.Errorf("%s: after clean there are %s, and %s tables of the record", complete, rows, l.left())
	}

	l.load(interrupted)
	if before := l.rows(); before == "" || before == made {
		t.Fatalf("%s is not the half of a run", interrupted)
	}
	call(1, "are not whole: ", verify...)
	before, missing := l.rows(), strings.Count(made, "\n")-strings.Count(l.rows(), "\n")
	call(0, fmt.Sprintf("run 1 is to be completed: %d rows to make; nothing was written", missing), with("generate", "--dry-run")...)
	if l.rows() != before || l.form() != "0" {
		t.Errorf("%s: a dry run wrote", interrupted)
	}
	call(0, "run 1: complete", with("generate")...)
	if l.rows() != made {
		t.Errorf("%s: resumed, it has\n%s\nand the complete run has\n%s", interrupted, l.rows(), made)
	}
	call(0, "all hold", verify...)
	call(0, "already complete", with("generate")...)
	call(0, "110 rows deleted; its record is gone", with("clean", "--yes")...)
	call(0, "a new run: 110 rows to make", with("generate", "--dry-run")...)
	if rows := l.rows(); rows != "" || l.left() != "0" {
		t.Errorf("%s: a dry run wrote %s, and %s tables of the record", interrupted, rows, l.left())
	}
	l.load(interrupted)
	call(0, "its record is gone", with("clean", "--yes")...)
	if rows := l.rows(); rows != "" || l.left() != "0" {
		t.Errorf("%s: after clean there are %s, and %s tables of the record", interrupted, rows, l.left())
	}
}

const (
	lastBlueprint = "testdata/last/parts.yaml"
	lastRows      = `select cast(id as text), name, email, cast(founded as text), '' from suppliers
union all select cast(supplier_id as text), cast(number as text), title, cast(price as text), cast(weight as text) from parts
union all select cast(supplier_id as text), cast(number as text), said, cast(at as text), 'remark' from remarks
order by 1, 2, 3, 4, 5`
)

func TestLastReleaseSQLite(t *testing.T) {
	for kind, options := range map[string][]string{
		"":          {lastBlueprint},
		"inferred-": {"--rows", "10", "--rows", "parts=40", "--rows", "remarks=60"},
	} {
		t.Run(kind+"run", func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "last_test.db") // runs of a blueprint that was inferred go by the database's name
			query := func(sql string) string {
				out, err := querySQLite(path, sql)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			l := &last{options: options, readers: "sqlite:" + path}
			l.rows = func() string { return query(lastRows) }
			l.left = func() string { return query("select count(*) from sqlite_schema where name like 'sower%'") }
			l.form = func() string { return query("select count(*) from sqlite_schema where name = 'sower_form'") }
			l.sower = func(args ...string) []string { return append(args, "--database-url", "sqlite:"+path) }
			l.load = func(file string) {
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
				query(string(readFile(t, filepath.Join("testdata/last", file))))
			}
			complete := "complete.sqlite.sql"
			if kind != "" {
				complete = "inferred.sqlite.sql"
			}
			testLast(t, l, complete, kind+"interrupted.sqlite.sql")
		})
	}
}

func TestLastReleasePostgres(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		s.Psql(t, "postgres", `do $$ begin create role last_reader login password 'reader'; exception when duplicate_object then null; end $$`)
		address := s.NewDatabase(t, "last")
		reader, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		reader.User = url.UserPassword("last_reader", "reader")
		l := &last{options: []string{lastBlueprint}, readers: reader.String()}
		l.rows = func() string { return s.Psql(t, address, lastRows) }
		l.left = func() string { return s.Psql(t, address, "select count(*) from pg_namespace where nspname = 'sower'") }
		l.form = func() string {
			return s.Psql(t, address, "select count(*) from pg_class where oid = to_regclass('sower.form')")
		}
		l.sower = func(args ...string) []string { return append(args, "--database-url", address) }
		l.load = func(file string) {
			s.Psql(t, address, "drop schema if exists sower cascade; drop table if exists remarks, parts, suppliers")
			s.Psql(t, address, string(readFile(t, filepath.Join("testdata/last", file))))
			s.Psql(t, address, `grant usage on schema public, sower to last_reader;
grant select on all tables in schema public, sower to last_reader`)
		}
		testLast(t, l, "complete.postgres.sql", "interrupted.postgres.sql")
	})
}
