package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/internal/smalldisk"
)

// TestScripts runs what needs no server.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Cmds: scriptCommands(nil), Setup: setupShop, RequireUniqueNames: true,
	})
}

// TestPostgres runs the scripts that need a server. Each has a database of its own.
func TestPostgres(t *testing.T) {
	s := pgtest.Shared(t, 0)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/postgres", Cmds: scriptCommands(s), RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			if err := setupShop(env); err != nil {
				return err
			}
			return setupDatabase(env, s)
		},
	})
}

// TestDiskFull runs scripts on file systems that are too small. To make those, who is not root becomes
// it in a name space of his own.
func TestDiskFull(t *testing.T) {
	if !smalldisk.AsRoot(t) {
		return
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/disk", Cmds: scriptCommands(nil), Setup: setupShop, RequireUniqueNames: true,
	})
}

// setupShop puts the blueprint that scripts use into their folder.
func setupShop(env *testscript.Env) error {
	env.Setenv("SHOP_OWNER", "5eed0000-0000-4000-8000-000000000001")
	return os.CopyFS(env.WorkDir, os.DirFS("testdata/shop"))
}

// setupDatabase makes an empty database. $PGURL is its address, $PGNAME its name, $PGADDR the server's
// host and port; a role of the name of the database goes with it.
func setupDatabase(env *testscript.Env, s *pgtest.Server) error {
	name := "cli_" + strconv.FormatInt(int64(os.Getpid()), 36) + "_" + strings.ToLower(filepath.Base(env.WorkDir))
	name = strings.NewReplacer("-", "_", ".", "_").Replace(name) + "_test"
	if err := s.CreateDatabase(context.Background(), name); err != nil {
		return err
	}
	env.Defer(func() {
		err := s.DropDatabase(context.Background(), name)
		if err == nil {
			_, err = s.RunPsql(context.Background(), "postgres", fmt.Sprintf(`drop role if exists "%s"`, name))
		}
		if err != nil {
			env.T().Log(err)
		}
	})
	u, err := url.Parse(s.URL(name))
	if err != nil {
		return err
	}
	password, _ := u.User.Password()
	env.Setenv("PGURL", u.String())
	env.Setenv("PGNAME", name)
	env.Setenv("PGADDR", u.Host)
	env.Setenv("TEST_SECRET", password)
	return nil
}

// scriptCommands are the commands of scripts besides testscript's own.
func scriptCommands(s *pgtest.Server) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		// exits CODE PROGRAM ARGS...: runs a program that ends with this code.
		"exits": func(ts *testscript.TestScript, neg bool, args []string) {
			want, err := strconv.Atoi(args[0])
			ts.Check(err)
			code := 0
			var exit *exec.ExitError
			if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
				code = exit.ExitCode()
			} else {
				ts.Check(err)
			}
			if code != want || neg {
				ts.Fatalf("exit code %d, want %d", code, want)
			}
		},
		// sqlite FILE SQL [WANT]: runs SQL, whose rows, one a line and with | between cells, must be WANT.
		"sqlite": func(ts *testscript.TestScript, neg bool, args []string) {
			got, err := querySQLite(ts.MkAbs(args[0]), args[1])
			ts.Check(err)
			if len(args) > 2 && (got == args[2]) == neg {
				ts.Fatalf("%s\n gave %q, want %q", args[1], got, args[2])
			}
		},
		// psql SQL [WANT]: the same in the script's PostgreSQL database.
		"psql": func(ts *testscript.TestScript, neg bool, args []string) {
			got, err := s.RunPsql(context.Background(), ts.Getenv("PGNAME"), args[0])
			ts.Check(err)
			if len(args) > 1 && (got == args[1]) == neg {
				ts.Fatalf("%s\n gave %q, want %q", args[0], got, args[1])
			}
		},
		// tmpfs DIR SIZE: puts a file system of this size on a directory, or gives the one there this size.
		"tmpfs": func(ts *testscript.TestScript, neg bool, args []string) {
			dir, options := ts.MkAbs(args[0]), "size="+args[1]
			if ts.Getenv("MOUNTED") == dir {
				options = "remount," + options
			}
			out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput()
			if err != nil {
				ts.Fatalf("mount: %v: %s", err, out)
			}
			if ts.Getenv("MOUNTED") == "" {
				ts.Setenv("MOUNTED", dir)
				ts.Defer(func() { _ = exec.Command("umount", "-l", dir).Run() })
			}
		},
	}
}

func querySQLite(path, query string) (string, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines []string
	for rows.Next() {
		cells := make([]any, len(names))
		texts := make([]sql.NullString, len(names))
		for i := range cells {
			cells[i] = &texts[i]
		}
		if err := rows.Scan(cells...); err != nil {
			return "", err
		}
		var line []string
		for _, t := range texts {
			line = append(line, t.String)
		}
		lines = append(lines, strings.Join(line, "|"))
	}
	return strings.Join(lines, "\n"), rows.Err()
}
