package postgres_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/sink"
)

// cleanEnv hides libpq's variables of the machine.
func cleanEnv(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGSSLMODE"} {
		t.Setenv(name, "")
	}
}

func TestDatabaseOf(t *testing.T) {
	cleanEnv(t)
	for _, c := range []struct{ url, want, err string }{
		{url: "postgres://u:p@h:5432/app_test", want: "app_test"},
		{url: "postgresql://u:p@h/app_test?sslmode=disable", want: "app_test"},
		{url: "postgres://u@h/my%20app%2Ftest", want: "my app/test"},
		{url: "postgres://u@h?dbname=app_test", want: "app_test"},
		{url: "postgres://u@h/?database=app_test", want: "app_test"},
		{url: "postgres://u@h", want: "u"},
		{url: "postgres://u@h1:1,h2:2/app_test", want: "app_test"},
		{url: "postgres:///app_test?host=/tmp&user=u", want: "app_test"},
		{url: "host=h user=u dbname=app_test", want: "app_test"},
		{url: `host=h user=u dbname='it\'s'`, want: "it's"},
		{url: "postgres://u@h/a?dbname=a", want: "a"},
		{url: "postgres://u@h/a_test?dbname=b", err: "two databases"},
		{url: "postgres://u@h/a_test?database=b", err: "two databases"},
		{url: "postgres://u@h/a_test?d%62name=b", err: "two databases"},
		{url: "postgres://u@h/?dbname=a_test&dbname=b", err: "two databases"},
		{url: "postgres://u@h/?dbname=b&database=a_test", err: "two databases"},
		{url: "postgres://u@h/b?dbname=a_test&dbname=b", err: "two databases"},
		{url: "host=h user=u dbname=b dbname=a_test", err: "two databases"},
		{url: "host=h user=u dbname=b database=a_test", err: "two databases"},
		{url: "host=h user=u dbname = b  dbname='a_test'", err: "two databases"},
		{url: "mysql://u:p@h/a_test", err: "must begin with postgres://"},
		{url: "", err: "must begin with postgres://"},
		{url: "app_test", err: "must begin with postgres://"},
	} {
		got, err := postgres.DatabaseOf(c.url)
		switch {
		case c.err == "" && (err != nil || got != c.want):
			t.Errorf("%s: got %q, %v; want %q", c.url, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: got %q, %v; want an error with %q", c.url, got, err, c.err)
		}
	}
}

func TestDatabaseOfEnvironment(t *testing.T) {
	cleanEnv(t)
	t.Setenv("PGDATABASE", "from_env")
	check := func(url, want string) {
		t.Helper()
		if got, err := postgres.DatabaseOf(url); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", url, got, err, want)
		}
	}
	check("postgres://u@h", "from_env")
	check("postgres://u@h/named", "named")
	file := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(file, []byte("[one]\nhost=h\ndbname=from_service\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGSERVICEFILE", file)
	check("postgres://u@/?service=one", "from_service")
	check("postgres://u@/named?service=one", "named")
}

// secrets are the pieces that no text may hold.
var secrets = regexp.MustCompile(`s3cr|et1|et2|et3|p%73`)

var secretURLs = []string{
	"postgres://u:s3cret1@h/d",
	"postgres://u:s3cr@et1@h/d",
	"postgres://u:s3cr/et1@h/d",
	"postgres://u:12/et1@h/d",
	"postgres://u:12?et1@h/d",
	"postgres://u:s3cr?x=et1@h/d",
	"postgres://u:s3cr#et1@h/d",
	"postgres://u:s3cr:et1@h/d",
	"postgres://u:s3cr%zzet1@h/d",
	"postgres://u:s3cr et1@h/d",
	"postgres://u:s3cr%00et1@h/d",
	"postgres://u:s3cret1@h:port/d",
	"postgres://u:s3cret1@[::1/d",
	"postgres://u:s3cret1@h/d?sslmode=wrong",
	"postgres://u@h/d?password=s3cret1",
	"postgres://u@h/d?password=s3cr&et1",
	"postgres://u@h/d?password=s3cr=et1",
	"postgres://u@h/d?pass%77ord=s3cret1&sslmode=x",
	"postgres://u@h/d?sslpassword=s3cret1&sslmode=x",
	"postgresql://u:s3cret1@h1,h2:x/d",
	"host=h user=u password=s3cret1 sslmode=x",
	"host=h user=u password=s3cr et1",
	"host=h user=u password='s3cr et1' sslmode=x",
	`host=h user=u password='s3cr\' et1' port=x`,
	`host=h user=u password='s3cr et1`,
	`host=h user=u password=s3cr\ et1 port=x`,
	"host=h user=u password = s3cret1 port=x",
	"postgres:/u:s3cret1@h/d",
	"postgre://u:s3cret1@h/d",
	"u:s3cret1@h/d",
	"u:s3cret1@h/d?x=1",
}

func TestParseErrorsHoldNoPassword(t *testing.T) {
	cleanEnv(t)
	for _, url := range secretURLs {
		if _, err := postgres.DatabaseOf(url); err != nil {
			if secrets.MatchString(err.Error()) {
				t.Errorf("%s: the error shows the password: %v", url, err)
			}
			var pe *pgconn.ParseConfigError
			if errors.As(err, &pe) {
				t.Errorf("%s: the error carries the URL", url)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	for _, url := range secretURLs {
		if strings.Contains(url, "password=s3cr et1") || strings.Contains(url, "s3cr&et1") {
			continue // what stands behind the blank or the & is not of the password
		}
		if got := postgres.Redact(url); secrets.MatchString(got) {
			t.Errorf("%s: %s", url, got)
		}
	}
	for url, want := range map[string]string{
		"postgres://u:s3cret1@h:5432/d?sslmode=disable": "postgres://u:***@h:5432/d?sslmode=disable",
		"postgres://u@h/d":    "postgres://u@h/d",
		"postgres://h:5432/d": "postgres://h:5432/d",
		"postgres://u@h/d?password=s3cret1&sslmode=disable": "postgres://u@h/d?password=***&sslmode=disable",
		"host=h password='s3cr et1' dbname=d":               "host=h password=*** dbname=d",
		"host=h passfile=/x dbname=d":                       "host=h passfile=/x dbname=d",
		"":                                                  "",
	} {
		if got := postgres.Redact(url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("postgres://u:", "pw", "@h/d", true)
	f.Add("host=h password=", "pw", " dbname=d", false)
	f.Fuzz(func(t *testing.T, before, password, after string, url bool) {
		const mark = "S3CRET"
		if strings.ContainsAny(before+after, "S") {
			return
		}
		if url {
			if strings.ContainsAny(before, ":@?/") {
				return
			}
			password = "postgres://" + before + ":" + mark + password + mark + "@" + after
		} else {
			if strings.ContainsAny(password, `'\`) {
				return
			}
			password = "host=h password='" + mark + password + mark + "' dbname=d"
		}
		if got := postgres.Redact(password); strings.Contains(got, mark) {
			t.Errorf("%s: %s", password, got)
		}
		if _, err := postgres.DatabaseOf(password); err != nil && strings.Contains(err.Error(), mark) {
			t.Errorf("%s: %v", password, err)
		}
	})
}

func TestOpenErrors(t *testing.T) {
	cleanEnv(t)
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		good := s.NewDatabase(t, "open")
		password := regexp.MustCompile(`//[^:]+:([^@]*)@`).FindStringSubmatch(good)[1]
		user := strings.SplitN(strings.TrimPrefix(good, "postgres://"), ":", 2)[0]
		name, err := postgres.DatabaseOf(good)
		if err != nil {
			t.Fatal(err)
		}
		s.Psql(t, good, "create role nobody_"+name+" login password 's3cret2'; revoke connect on database "+name+" from public")
		t.Cleanup(func() { s.Psql(t, "postgres", "drop role nobody_"+name) })
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closed := free.Addr().String()
		free.Close()
		host := regexp.MustCompile(`@([^/]*)/`).FindStringSubmatch(good)[1]
		for what, c := range map[string]struct {
			url, code string
			words     []string
		}{
			"server down":    {url: strings.Replace(good, host, closed, 1), words: []string{"could not connect to postgres://" + user + ":***@" + closed + "/" + name, "is the server running"}},
			"no database":    {url: strings.Replace(good, name, "no_such_db", 1), code: "3D000", words: []string{"no_such_db", "create the database"}},
			"wrong password": {url: strings.Replace(good, password, "s3cret1", 1), code: "28P01", words: []string{"correct the user or the password"}},
			"no such host":   {url: strings.Replace(good, host, "no-such-host.invalid", 1), words: []string{"no-such-host.invalid", "is not known"}},
			"no connect":     {url: strings.Replace(good, user+":"+password, "nobody_"+name+":s3cret2", 1), code: "42501", words: []string{`grant connect on database "` + name}},
			"no TLS":         {url: strings.Replace(good, "sslmode=disable", "sslmode=require", 1), words: []string{"TLS", "sslmode="}},
			"no socket":      {url: "postgres://u:s3cret1@/d?host=/no/such/folder", words: []string{"/no/such/folder", "is the server running"}},
		} {
			_, err := postgres.Open(t.Context(), c.url, postgres.Options{})
			if err == nil {
				t.Errorf("%s: no error", what)
				continue
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%s: the error lacks %q: %v", what, w, err)
				}
			}
			if strings.Contains(err.Error(), password) || secrets.MatchString(err.Error()) {
				t.Errorf("%s: the error shows the password: %v", what, err)
			}
			if pe := (*pgconn.PgError)(nil); c.code != "" && (!errors.As(err, &pe) || pe.Code != c.code) {
				t.Errorf("%s: no server error %s in %v", what, c.code, err)
			}
			if ce := (*pgconn.ConnectError)(nil); errors.As(err, &ce) {
				t.Errorf("%s: the error carries the configuration", what)
			}
		}
	})
}

// What the user, the role or the database set does not change what text means.
func TestSessionSettings(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "settings")
		name, _ := postgres.DatabaseOf(url)
		s.Psql(t, url, `
create schema app; create table app.t (id int primary key, at timestamptz, f float8, b bytea, x text);
alter database `+name+` set timezone = 'Asia/Tokyo';
alter database `+name+` set datestyle = 'SQL, DMY';
alter database `+name+` set bytea_output = 'escape';
alter database `+name+` set extra_float_digits = -5;
alter database `+name+` set statement_timeout = '1ms';
alter database `+name+` set standard_conforming_strings = off;
alter database `+name+` set client_encoding = 'LATIN1';
alter database `+name+` set default_transaction_isolation = 'serializable';
alter database `+name+` set search_path = 'app';`)
		db := open(t, url, postgres.Options{})
		d := inspect(t, db)
		if d.Defaults != "app" {
			t.Errorf("unqualified names mean %q", d.Defaults)
		}
		tg := target(t, d, "t")
		b := batch(0, tg, vec(kindInt, 1), vec(kindTimestamp, 1_746_072_000_123_456), vec(kindFloat, 0.1+0.2), vec(kindBytes, "\x00\\\xff"), vec(kindText, `é\n'`))
		load(t, db, tg, b)
		same(t, tg, b, readAll(t, url+"&statement_timeout=0", tg))
		readBack(t, db, tg, "id", b)
		if n, err := db.QueryInt(t.Context(), "select count(*) from app.t where x = "+db.Dialect().Text(`é\n'`), nil); err != nil || n != 1 {
			t.Errorf("a literal with a backslash finds %d rows, %v", n, err)
		}
	})
}

func TestMaxConns(t *testing.T) {
	s := pgtest.Shared(t, 0)
	url := s.NewDatabase(t, "conns")
	s.Psql(t, url, "create table t (id int)")
	db := open(t, url, postgres.Options{MaxConns: 2, ApplicationName: "counted"})
	tg := target(t, inspect(t, db), "t")
	one, err := db.Loader(t.Context(), tg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Loader(t.Context(), tg); err == nil || !strings.Contains(err.Error(), "all 2 allowed connections") {
		t.Errorf("a third connection: %v", err)
	}
	for range 3 { // a closed loader's connection is used again
		if err := one.Close(); err != nil {
			t.Fatal(err)
		}
		if one, err = db.Loader(t.Context(), tg); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Psql(t, url, "select count(*) from pg_stat_activity where application_name = 'counted'"); n != "2" {
		t.Errorf("%s connections, want 2", n)
	}
	one.Close()
	// An idle one makes room.
	if err := db.CreateSchema(t.Context(), "create table u (id int)"); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Loader(t.Context(), tg); err == nil {
		t.Error("a closed database gave a loader")
	}
	if _, err := db.CountRows(t.Context(), tg.Table); err == nil {
		t.Error("a closed database counted")
	}
}

func TestReadOnly(t *testing.T) {
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		url := s.NewDatabase(t, "readonly")
		s.Psql(t, url, "create table t (id serial primary key)")
		whole := open(t, url, postgres.Options{})
		tg := target(t, inspect(t, whole), "t")
		load(t, whole, tg, batch(0, tg, numbers(1, 11)))
		if err := whole.SaveRun(t.Context(), newRun()); err != nil {
			t.Fatal(err)
		}

		db := open(t, url, postgres.Options{ReadOnly: true})
		expect := func(what string, err error) {
			t.Helper()
			var pe *pgconn.PgError
			if !errors.Is(err, sink.ErrReadOnly) || !errors.As(err, &pe) || pe.Code != "25006" {
				t.Errorf("%s: got %v, want ErrReadOnly", what, err)
			}
		}
		expect("load", tryLoad(t, db, tg, batch(0, tg, numbers(11, 20))))
		expect("create a schema", db.CreateSchema(t.Context(), "create table u ()"))
		expect("record a run", db.SaveRun(t.Context(), newRun()))
		expect("clear the ledger", db.ClearLedger(t.Context(), 1))
		_, err := db.Reserve(t.Context(), tg.Table, "id", 5)
		expect("reserve", err)
		inspect(t, db)
		if n, err := db.CountRows(t.Context(), tg.Table); err != nil || n != 10 {
			t.Errorf("%d rows, %v", n, err)
		}
		if runs, err := db.Runs(t.Context()); err != nil || len(runs) != 1 {
			t.Errorf("%d runs, %v", len(runs), err)
		}
		if stand, err := db.Standing(t.Context(), tg.Table, "id", numbers(10, 12)); err != nil || len(stand) != 1 {
			t.Errorf("standing: %v, %v", stand, err)
		}
		readBack(t, db, tg, "id", batch(0, tg, numbers(1, 11)))
	})
}
