package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// Every command, with a password in every place where one may be, for every reason why it fails or does
// not: no output has it, in no form in which a URL writes it.
func TestNoPasswordIsPrinted(t *testing.T) {
	s := pgtest.Shared(t, 0)
	target := s.NewDatabase(t, "secret_test")
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	real, _ := u.User.Password()
	database := strings.TrimPrefix(u.Path, "/")
	const wrong = "hUsh p/ss@w:rd%?&=é"
	forms := []string{real, url.QueryEscape(real), wrong, url.QueryEscape(wrong), url.PathEscape(wrong), url.UserPassword("u", wrong).String()[2:], "hUsh"}

	with := func(user *url.Userinfo, host, path string) string {
		v := *u
		v.User, v.Host, v.Path = user, host, path
		return v.String()
	}
	addresses := map[string]string{
		"right":                target,
		"wrong password":       with(url.UserPassword("sower", wrong), u.Host, u.Path),
		"wrong host":           with(url.UserPassword("sower", wrong), "nowhere.invalid:5432", u.Path),
		"wrong port":           with(url.UserPassword("sower", wrong), "127.0.0.1:1", u.Path),
		"wrong database":       with(url.UserPassword("sower", real), u.Host, "/no_such_test"),
		"unguarded":            with(url.UserPassword("sower", real), u.Host, "/postgres"),
		"in the query":         with(url.User("sower"), u.Host, u.Path) + "&password=" + url.QueryEscape(wrong),
		"unescaped":            "postgres://sower:" + wrong + "@" + u.Host + u.Path,
		"half a URL":           "postgres://sower:" + wrong,
		"key and value":        "host=127.0.0.1 user=sower password='" + wrong + "' dbname=" + database,
		"another scheme":       "mysql://sower:hUsh@" + u.Host + u.Path,
		"bad sslmode":          strings.Replace(with(url.UserPassword("sower", wrong), u.Host, u.Path), "disable", "whatever", 1),
		"bad port":             "postgres://sower:hUsh@127.0.0.1:99999x/" + database,
		"from the environment": with(url.User("sower"), u.Host, u.Path),
	}
	env := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001", "HOME=" + t.TempDir()}
	a := &app{env: env, in: strings.NewReader(""), stop: newStopping()}
	a.ui = newUI(&strings.Builder{}, &strings.Builder{}, a.getenv)
	calls := 0
	for _, cmd := range a.rootCommand().Commands() {
		if cmd.Flags().Lookup("database-url") == nil {
			continue
		}
		for why, address := range addresses {
			for _, log := range []string{"text", "json"} {
				t.Run(cmd.Name()+" "+why+" "+log, func(t *testing.T) {
					if why == "from the environment" {
						t.Setenv("PGPASSWORD", wrong)
					}
					args := []string{cmd.Name()}
					if strings.Contains(cmd.Use, "BLUEPRINT") {
						args = append(args, "testdata/shop/shop.yaml")
					}
					args = append(args, "--database-url", address, "--verbose", "--log-format", log)
					if cmd.Flags().Lookup("dir") != nil {
						args = append(args, "--dir", t.TempDir())
					}
					if cmd.Flags().Lookup("create-schema") != nil {
						args = append(args, "--create-schema")
					}
					code, stdout, stderr := call(t, env, args...)
					if why != "right" && why != "unguarded" && code == 0 {
						t.Errorf("it ended well:\n%s", stderr)
					}
					for _, f := range forms {
						if strings.Contains(stdout+stderr, f) {
							t.Errorf("%q is printed:\n%s%s", f, stdout, stderr)
						}
					}
					calls++
				})
			}
		}
	}
	if calls < 8*len(addresses) {
		t.Errorf("only %d calls were made", calls)
	}
}

// A password file and a service file are used, and an sslmode that asks for TLS is never given up.
func TestPasswordAndServiceFiles(t *testing.T) {
	s := pgtest.Shared(t, 0)
	target := s.NewDatabase(t, "service_test")
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	database := strings.TrimPrefix(u.Path, "/")
	pass := write("pgpass", fmt.Sprintf("%s:%s:*:sower:%s\n", u.Hostname(), u.Port(), password))
	service := write("service.conf", fmt.Sprintf("[mine]\nhost=%s\nport=%s\nuser=sower\npassword=%s\nsslmode=disable\n", u.Hostname(), u.Port(), password))
	other := write("other.conf", fmt.Sprintf("[mine]\nhost=%s\nport=%s\nuser=sower\npassword=%s\nsslmode=disable\ndbname=postgres\n", u.Hostname(), u.Port(), password))
	env := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001"}
	bare := fmt.Sprintf("postgres://sower@%s/%s?sslmode=", u.Host, database)
	for _, c := range []struct {
		name, file, path, url string
		code                  int
		want                  string
	}{
		{"password file", "PGPASSFILE", pass, bare + "disable", 0, ""},
		{"none", "PGPASSFILE", filepath.Join(dir, "none"), bare + "disable", 1, "password"},
		{"service", "PGSERVICEFILE", service, "postgres:///" + database + "?service=mine", 0, ""},
		{"service with another database", "PGSERVICEFILE", other, "postgres:///?service=mine", 2, "names no database"},
		{"sslmode=require", "PGPASSFILE", pass, bare + "require", 1, "refused TLS"},
		{"sslmode=verify-full", "PGPASSFILE", pass, bare + "verify-full", 1, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.file, c.path)
			code, _, stderr := call(t, env, "generate", "testdata/shop/shop.yaml", "--database-url", c.url, "--create-schema", "--progress", "none")
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("ended with %d, want %d and %q:\n%s", code, c.code, c.want, stderr)
			}
		})
	}
	if n, err := s.RunPsql(context.Background(), database, "select count(*) from orders"); err != nil || n != "1000" {
		t.Errorf("%s orders, %v", n, err)
	}
}

// Environment and config file widen nothing: there is no name by which they reach a guard.
func TestGuardsAreFlagsAlone(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(config, []byte("allow_database: x\nallow-database: [x]\nallow_superuser: true\nyes: true\nseed_data_generator: {allow_database: x}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001", "SOWER_ALLOW_DATABASE=x", "SOWER_ALLOW_SUPERUSER=true", "SOWER_ALLOW_REPLICATED=true", "SOWER_YES=true", "SOWER_DATABASE_URL=sqlite:x_test.db"}
	for _, command := range []string{"generate", "clean"} {
		for _, more := range [][]string{nil, {"--config", config}} {
			args := append([]string{command, "testdata/shop/shop.yaml", "--database-url", "sqlite:" + filepath.Join(dir, "x.db")}, more...)
			if code, _, stderr := call(t, env, args...); code != exitUsage {
				t.Errorf("%v ended with %d:\n%s", args, code, stderr)
			}
		}
		if code, _, stderr := call(t, env, command, "testdata/shop/shop.yaml"); code != exitUsage || !strings.Contains(stderr, "--database-url is required") {
			t.Errorf("%s took an address from the environment (%d):\n%s", command, code, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.db")); err == nil {
		t.Error("the file was made")
	}
}

// Files without an end are refused, not read.
func TestEndlessFiles(t *testing.T) {
	env := []string{"SHOP_OWNER=5eed0000-0000-4000-8000-000000000001"}
	big := filepath.Join(t.TempDir(), "big.yaml")
	f, err := os.Create(big)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(1 << 30); err != nil { // a gigabyte that takes no room
		t.Fatal(err)
	}
	f.Close()
	for _, args := range [][]string{
		{"plan", big}, {"plan", "/dev/zero"}, {"plan", "testdata/shop/shop.yaml", "--config", big}, {"plan", "testdata/shop/shop.yaml", "--config", "/dev/zero"},
		{"plan", "testdata/shop/shop.yaml", "--env-file", big}, {"plan", "testdata/shop/shop.yaml", "--env-file", "/dev/zero"},
	} {
		if code, _, stderr := call(t, env, args...); code == 0 {
			t.Errorf("%v ended well:\n%s", args, stderr)
		}
	}
}
