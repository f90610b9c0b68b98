package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sowerdata/sower/internal/driver"
)

// FuzzGuard: a URL that passes leads to a database whose name passes, as the driver itself reads it.
func FuzzGuard(f *testing.F) {
	for _, url := range []string{
		"postgres://u:p@h:1/a_demo", "postgresql:///a_demo", "postgres://h/a_demo?dbname=b", "postgres://h/b?dbname=a_demo",
		"postgres://h/?dbname=a_demo&dbname=b", "postgres://h/a_demo?database=b", "postgres://h/%61_demo", "postgres://h/b#/a_demo",
		"postgres://h/b?x=/a_demo", "postgres://h/a_demo/../b", "postgres://h/a_demo?service=b", "postgres://h/b%00_demo",
		"postgres://h1,h2:5/a_test?target_session_attrs=any", "postgres://h//a_demo", "postgres://h/a_demo?DBNAME=b", "postgres://h?dbname=a_demo",
		"postgres://h/a_demo?db%6eame=b", "postgres://h/ a_demo", "postgres://u@h/b?options=-c%20x=a_demo", "POSTGRES://h/a_demo",
		"host=h dbname=a_demo", "sqlite:a_demo.db", "sqlite:a_demo.db?x", "sqlite:b.db?/a_demo.db", "sqlite:file:b.db", "sqlite:a_demo.db/../b.db",
		"sqlite:a_demo", "sqlite:.a_demo", "sqlite:x/..", "sqlite:///tmp/a_test.db", "sqlite::memory:", "sqlite:a_demo.db\x00b",
	} {
		f.Add(url)
	}
	f.Setenv("PGDATABASE", "production")
	g := guard{}
	f.Fuzz(func(t *testing.T, url string) {
		if g.checkURL(url) != nil {
			return
		}
		name := ""
		switch driver.Of(url) {
		case driver.Postgres:
			cfg, err := pgconn.ParseConfig(url)
			if err != nil {
				return // the driver does not take it
			}
			name = cfg.Database
			if name == "production" {
				t.Fatalf("%q: the name comes from the environment", url)
			}
		case driver.SQLite:
			// What SQLite opens: the path up to a question mark, cleaned.
			path, _, _ := strings.Cut(strings.TrimPrefix(url, "sqlite:"), "?")
			base := filepath.Base(filepath.Clean(strings.TrimPrefix(path, "//")))
			name = strings.TrimSuffix(base, filepath.Ext(base))
			if name == "" {
				name = base
			}
		default:
			t.Fatalf("%q passes, and no driver takes it", url)
		}
		if !strings.HasSuffix(name, "_demo") && !strings.HasSuffix(name, "_test") {
			t.Fatalf("%q passes, and leads to %q", url, name)
		}
	})
}

// FuzzRedact: no password of a URL that a driver takes is shown.
func FuzzRedact(f *testing.F) {
	f.Add("secret")
	f.Add("p@ss/w?rd#:%")
	f.Fuzz(func(t *testing.T, password string) {
		if len(password) < 4 || strings.Contains("postgres://u:***@h/a_demo?password=***&sslpassword=***", password) {
			return
		}
		escaped := escape(password)
		for _, url := range []string{
			"postgres://u:" + escaped + "@h/a_demo", "postgres://h/a_demo?password=" + escaped, "postgres://h/a_demo?user=u&sslpassword=" + escaped,
		} {
			if shown := redact(url); strings.Contains(shown, escaped) {
				t.Errorf("%s is shown as %s", url, shown)
			}
			a := &app{}
			var out strings.Builder
			a.ui = newUI(&out, &out, func(string) string { return "" })
			a.hideURL(url)
			a.ui.note("cannot connect to %s", url)
			if strings.Contains(out.String(), escaped) {
				t.Errorf("%s is written as %s", url, out.String())
			}
		}
	})
}

// escape percent-escapes everything that is no letter or digit.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
