package sqlite

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/smalldisk"
	"github.com/sowerdata/sower/sink"
)

func TestParseURL(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:app.db":              "app.db",
		"sqlite:./dir/app.db":        "./dir/app.db",
		"sqlite://dir/app.db":        "dir/app.db",
		"sqlite:///abs/app.db":       "/abs/app.db",
		"sqlite:/abs/app.db":         "/abs/app.db",
		"sqlite:a b%20c#d.db":        "a b%20c#d.db",
		"sqlite:app.db?mode=ro":      "app.db",
		"sqlite:app.db?":             "app.db",
		"sqlite:":                    "",
		"sqlite://":                  "",
		"sqlite::memory:":            "",
		"sqlite://:memory:":          "",
		"sqlite:file::memory:":       "",
		"sqlite:file:app.db":         "",
		"sqlite:app.db?mode=memory":  "",
		"sqlite:app.db?cache=shared": "",
		"sqlite:app.db?_pragma=x":    "",
		"sqlite:dir/":                "",
		"sqlite:a\x00b":              "",
		"postgres://localhost/x":     "",
		"app.db":                     "",
	} {
		got, _, err := parseURL(url)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", url, got, err, want)
		}
	}
	if _, ro, err := parseURL("sqlite:x.db?mode=ro"); !ro || err != nil {
		t.Errorf("mode=ro: %t, %v", ro, err)
	}
}

func TestDatabaseOf(t *testing.T) {
	dir := t.TempDir()
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "real"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", "prod.db"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	link("real/prod.db", "app_test.db")
	link("app_test.db", "twice_test.db")
	link(filepath.Join(dir, "nowhere", "gone_prod.db"), "dangling_test.db")
	link("dangling_test.db", "dangling2_test.db")
	link("real", "dir_test")
	link("loop_test.db", "loop_test.db")
	for path, want := range map[string]string{
		"app_test.db":               "prod",
		"twice_test.db":             "prod",
		"dangling_test.db":          "gone_prod",
		"dangling2_test.db":         "gone_prod",
		"dir_test/prod.db":          "prod",
		"dir_test/../real/x.sqlite": "x",
		"real/prod.db":              "prod",
		"new_demo.sqlite3":          "new_demo",
		"plain_demo":                "plain_demo",
		"two.endings_demo.db":       "two.endings_demo",
		"prod.db_test":              "prod",
		".db":                       ".db",
		"loop_test.db":              "",
	} {
		got, err := DatabaseOf("sqlite:" + filepath.Join(dir, path))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	// The server's own answer is the same.
	db := open(t, "sqlite:"+filepath.Join(dir, "twice_test.db"), Options{Create: true})
	if name, err := db.DatabaseName(t.Context()); name != "prod" || err != nil {
		t.Errorf("DatabaseName: %q, %v", name, err)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("the error does not say %q: %v", p, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 100)), 0o666); err != nil {
		t.Fatal(err)
	}
	for path, parts := range map[string][]string{
		"missing.db":        {"missing.db", "no such database file"},
		"text.db":           {"text.db", "no SQLite database"},
		"nowhere/x.db":      {"nowhere"},
		".":                 {"directory"},
		"text.db/inside.db": {"text.db"},
	} {
		for _, o := range []Options{{}, {ReadOnly: true}} {
			_, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, path), o)
			wantError(t, err, parts...)
		}
	}
	_, err := Open(t.Context(), "sqlite:"+filepath.Join(dir, "nowhere", "x.db"), Options{Create: true})
	wantError(t, err, "nowhere")
	_, err = Open(t.Context(), "sqlite:"+filepath.Join(dir, "missing.db"), Options{Create: true, ReadOnly: true})
	wantError(t, err, "no such database file")
	if got := files(t, dir); !slices.Equal(got, []string{"text.db"}) {
		t.Errorf("the directory has %v", got)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A file that was made and got nothing goes again; one that stood stays.
func TestCreateLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new.db")
	db := open(t, "sqlite:"+path, Options{Create: true})
	if _, err := db.Inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.CreateSchema(t.Context(), "create table wrong("); err == nil {
		t.Error("wrong DDL was taken")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("the directory has %v", got)
	}
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := open(t, "sqlite:"+path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the directory has %v", got)
	}
}

// Reading changes no byte and leaves no file behind, whatever the journal mode.
func TestReadOnly(t *testing.T) {
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app_test.db")
			db := open(t, "sqlite:"+path, Options{Create: true})
			if err := db.CreateSchema(t.Context(), "create table t (id integer primary key); insert into t values (1), (2)"); err != nil {
				t.Fatal(err)
			}
			sqlExec(t, db, "pragma journal_mode = "+journal)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if got := files(t, dir); !slices.Equal(got, []string{"app_test.db"}) {
				t.Fatalf("the directory has %v", got)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}

			db = open(t, "sqlite:"+path+"?mode=ro", Options{})
			s, err := db.Inspect(t.Context())
			if err != nil || len(s.Tables) != 1 || s.Tables[0].CanInsert {
				t.Fatalf("%+v, %v", s, err)
			}
			if n, err := db.CountRows(t.Context(), s.Tables[0]); n != 2 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			if runs, err := db.Runs(t.Context()); len(runs) != 0 || err != nil {
				t.Errorf("%v, %v", runs, err)
			}
			target := &sink.Target{Table: s.Tables[0], Name: "t", Columns: []string{"id"}}
			_, loader := db.Loader(t.Context(), target)
			_, lock := db.Lock(t.Context(), "me")
			_, reserve := db.Reserve(t.Context(), s.Tables[0], "id", 1)
			for _, err := range []error{loader, lock, reserve, db.SaveRun(t.Context(), &sink.Run{}), db.CreateSchema(t.Context(), "create table x(a)"), db.Finish(t.Context(), nil)} {
				if !errors.Is(err, sink.ErrReadOnly) {
					t.Errorf("a write: %v, want ErrReadOnly", err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if got := files(t, dir); !slices.Equal(got, []string{"app_test.db"}) {
				t.Errorf("after reading, the directory has %v", got)
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(before) {
				t.Errorf("reading changed the file (%v)", err)
			}
			if now, err := os.Stat(path); err != nil || !now.ModTime().Equal(info.ModTime()) {
				t.Errorf("reading changed the file's time: %v", err)
			}
		})
	}
}

// On a file system that takes no writes, writing is refused when the file is opened.
func TestReadOnlyFileSystem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions of directories mean something else there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "app_test.db")
	if os.Getuid() == 0 { // permissions do not bind root
		smalldisk.Mount(t, dir, "size=1m")
	}
	db := open(t, "sqlite:"+path, Options{Create: true})
	if err := db.CreateSchema(t.Context(), "create table t (id integer primary key)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
			t.Fatalf("remount: %v: %s", err, out)
		}
	} else {
		os.Chmod(path, 0o444)
		os.Chmod(dir, 0o555)
		t.Cleanup(func() { os.Chmod(dir, 0o777) })
	}
	_, err := Open(t.Context(), "sqlite:"+path, Options{})
	if !errors.Is(err, sink.ErrReadOnly) {
		t.Errorf("open for writing: %v, want ErrReadOnly", err)
	}
	db = open(t, "sqlite:"+path, Options{ReadOnly: true})
	if _, err := db.Inspect(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = Open(t.Context(), "sqlite:"+filepath.Join(dir, "other.db"), Options{Create: true})
	wantError(t, err, "other.db")
}

func TestDiskFull(t *testing.T) {
	if !smalldisk.AsRoot(t) {
		return
	}
	dir := t.TempDir()
	smalldisk.Mount(t, dir, "size=3m")
	expectFull(t, filepath.Join(dir, "app_test.db"), "")
}

func TestPageCountFull(t *testing.T) {
	expectFull(t, filepath.Join(t.TempDir(), "app_test.db"), "pragma max_page_count = 500")
}

func expectFull(t *testing.T, path, pragma string) {
	t.Helper()
	db := open(t, "sqlite:"+path, Options{Create: true})
	if err := db.CreateSchema(t.Context(), contentDDL); err != nil {
		t.Fatal(err)
	}
	if pragma != "" {
		if _, err := db.writer.ExecContext(t.Context(), pragma); err != nil {
			t.Fatal(err)
		}
	}
	target, batch := contentRows(0, 500)
	l, err := db.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Commit(t.Context()); n != 500 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	_, batch = contentRows(500, 5000)
	if err := l.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	_, err = l.Commit(t.Context())
	wantError(t, err, "content_items rows 500-5499", "no space left", path)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n := scalar(t, db, "select count(*) from content_items"); n != "500" {
		t.Errorf("%s rows stand, want the 500 that were committed", n)
	}
	if check := scalar(t, db, "pragma integrity_check"); check != "ok" {
		t.Error(check)
	}
	// The connection goes on.
	l, err = db.Loader(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	_, batch = contentRows(500, 5)
	if err := l.Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Commit(t.Context()); n != 5 || err != nil {
		t.Errorf("after the failure: %d, %v", n, err)
	}
	l.Close()
}
