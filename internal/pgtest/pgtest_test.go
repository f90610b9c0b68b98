package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		victim()
	}
	os.Exit(Main(m))
}

func TestEach(t *testing.T) {
	var seen []int
	Each(t, func(t *testing.T, s *Server) {
		if want := fmt.Sprintf("TestEach/postgres%d", s.Version); t.Name() != want {
			t.Errorf("the subtest's name is %s, want %s", t.Name(), want)
		}
		seen = append(seen, s.Version)
		if again := Shared(t, s.Version); again != s {
			t.Error("the second call of Shared returned another server")
		}
		for query, want := range map[string]string{
			"select current_setting('server_version_num')::int / 10000": fmt.Sprint(s.Version),
			"select current_user": User,
			"select rolsuper from pg_roles where rolname = current_user":                "t",
			"select pg_encoding_to_char(encoding), datcollate from pg_database limit 1": "UTF8|C",
			"show listen_addresses":     "127.0.0.1",
			"show port":                 fmt.Sprint(s.Port),
			"show fsync":                "off",
			"show full_page_writes":     "off",
			"show jit":                  "off",
			"show max_connections":      "100",
			"show shared_buffers":       "128MB",
			"show timezone":             "UTC",
			"show password_encryption":  "scram-sha-256",
			"select inet_server_addr()": "127.0.0.1",
		} {
			if got := s.Psql(t, "postgres", query); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
	if fmt.Sprint(seen) != fmt.Sprint(Versions()) {
		t.Errorf("Each ran for %v, found are %v", seen, Versions())
	}
}

func TestSharedZeroIsTheNewest(t *testing.T) {
	versions := Versions()
	if s := Shared(t, 0); s.Version != versions[len(versions)-1] {
		t.Errorf("version %d, want the newest of %v", s.Version, versions)
	}
}

func TestNewDatabase(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		var kept *pgconn.PgConn
		t.Run("use", func(t *testing.T) {
			first, second := s.NewDatabase(t, "orders"), s.NewDatabase(t, "orders")
			if first == second {
				t.Fatal("two databases have one URL: ", first)
			}
			s.Psql(t, first, "create table only_here (id int)")
			if got := s.Psql(t, first, "select to_regclass('only_here') is not null, current_database() ~ '^orders_.*_test$'"); got != "t|t" {
				t.Errorf("first database: %s", got)
			}
			if got := s.Psql(t, second, "select to_regclass('only_here') is null"); got != "t" {
				t.Error("the second database has the first one's table")
			}
			// A connection that a test forgot must not keep the database.
			var err error
			if kept, err = pgconn.Connect(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		})
		if kept != nil {
			kept.Close(t.Context())
		}
		if got := s.Psql(t, "postgres", "select count(*) from pg_database where datname like 'orders%'"); got != "0" {
			t.Errorf("%s databases are left", got)
		}
	})
}

func TestNewDatabaseAtTheSameTime(t *testing.T) {
	s := Shared(t, 0)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			url := s.NewDatabase(t, "crowd")
			if out, err := s.RunPsql(t.Context(), url, "select 1"); err != nil || out != "1" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	all.Wait()
}

func TestUniqueName(t *testing.T) {
	for word, prefix := range map[string]string{
		"orders":                 "orders_",
		"TestLoad/Wide_Rows é":   "testload_wide_rows__",
		"":                       "d_",
		"2nd":                    "d2nd_",
		strings.Repeat("a", 200): strings.Repeat("a", 40),
	} {
		name := uniqueName(word)
		if !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, "_test") || len(name) > 63 {
			t.Errorf("uniqueName(%q) = %q", word, name)
		}
	}
}

// Database names are data: quoted in SQL, escaped in URLs.
func TestOddDatabaseName(t *testing.T) {
	s := Shared(t, 0)
	const name = `odd "name"/é?%20_test`
	if err := s.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if got := s.Psql(t, name, "select current_database()"); got != name {
		t.Errorf("connected to %q", got)
	}
	if err := s.DropDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if err := s.DropDatabase(t.Context(), name); err != nil {
		t.Errorf("the second drop: %v", err)
	}
}

func TestPsqlStopsAtTheFirstError(t *testing.T) {
	s := Shared(t, 0)
	url := s.NewDatabase(t, "errors")
	_, err := s.RunPsql(t.Context(), url, "create table a ();\nselect 1/0;\ncreate table b ();")
	if err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Fatalf("error %v", err)
	}
	if got := s.Psql(t, url, "select to_regclass('a') is not null, to_regclass('b') is null"); got != "t|t" {
		t.Errorf("after the error: %s", got)
	}
}

func TestPsqlIgnoresTheCallersEnvironment(t *testing.T) {
	s := Shared(t, 0)
	t.Setenv("PGDATABASE", "elsewhere")
	t.Setenv("PGOPTIONS", "-c statement_timeout=7")
	if got := s.Psql(t, "postgres", "select current_database(); show statement_timeout"); got != "postgres\n0" {
		t.Errorf("%q", got)
	}
	t.Setenv("PGOPTIONS", "-c default_transaction_read_only=on")
	t.Setenv("PGTZ", "nowhere")
	s.NewDatabase(t, "unmoved")
}

func TestAPasswordIsNeeded(t *testing.T) {
	s := Shared(t, 0)
	wrong := strings.Replace(s.URL("postgres"), s.password, "wrong", 1)
	_, err := pgconn.Connect(t.Context(), wrong)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "28P01" {
		t.Errorf("error %v, want 28P01", err)
	}
}

// ending is a TB that records how a helper ends the test.
type ending struct {
	testing.TB
	text string
}

func (e *ending) Helper() {}
func (e *ending) Fatal(args ...any) {
	e.text = fmt.Sprint(args...)
	panic(e)
}

func fatal(t *testing.T, f func(testing.TB)) (text string) {
	t.Helper()
	e := &ending{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(e) {
			panic(r)
		}
		text = e.text
	}()
	f(e)
	return ""
}

func TestAMissingServerIsFatal(t *testing.T) {
	t.Setenv("SOWER_TEST_POSTGRES", "12")
	got := fatal(t, func(tb testing.TB) { Shared(tb, 0) })
	if !strings.Contains(got, "no PostgreSQL 12 found") {
		t.Errorf("Shared: %q", got)
	}
	t.Setenv("SOWER_TEST_POSTGRES", "")
	got = fatal(t, func(tb testing.TB) { StartFor(tb, Options{Version: 99}) })
	if !strings.Contains(got, "no PostgreSQL 99 found") || !strings.Contains(got, "run 'make test'") {
		t.Errorf("StartFor: %q", got)
	}
}

func TestNarrow(t *testing.T) {
	all := []Installation{{15, "/15"}, {17, "/17"}, {18, "/18"}}
	for _, c := range []struct {
		found  []Installation
		wanted string
		list   string
		err    string
	}{
		{all, "", "15, 17, 18", ""},
		{all, " 18 , 15,18", "15, 18", ""},
		{all, "16", "", `no PostgreSQL 16 found (there is 15, 17, 18)`},
		{all, "new", "", "want major versions"},
		{all, "15,", "", "want major versions"},
		{nil, "", "", "no PostgreSQL found: run 'make test'"},
		{nil, "15", "", "no PostgreSQL found: run 'make test'"},
	} {
		got, err := narrow(c.found, c.wanted)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("narrow(%q): error %v, want %q", c.wanted, err, c.err)
			}
			continue
		}
		if err != nil || list(got) != c.list {
			t.Errorf("narrow(%q): %s, %v; want %s", c.wanted, list(got), err, c.list)
		}
	}
	if _, err := narrow(nil, ""); !errors.Is(err, ErrNone) {
		t.Error("nothing found is not ErrNone")
	}
}

func TestStopStopsOnlyOnce(t *testing.T) {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Stop(), s.Stop()); err != nil {
		t.Fatal(err)
	}
	wantGone(t, s.PID, s.Dir)
}
