package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// URL returns the address of a database on this server, for its superuser.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(User, s.password),
		Host:     "127.0.0.1:" + strconv.Itoa(s.Port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase creates an empty database of exactly this name.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	return s.exec(ctx, "create database "+quote(name))
}

// DropDatabase drops a database, if it is there, and cuts the connections to
// it.
func (s *Server) DropDatabase(ctx context.Context, name string) error {
	return s.exec(ctx, "drop database if exists "+quote(name)+" with (force)")
}

// exec runs one statement in the database postgres.
func (s *Server) exec(ctx context.Context, sql string) error {
	config, err := pgconn.ParseConfig(s.URL("postgres"))
	if err != nil {
		return err
	}
	clear(config.RuntimeParams) // of the caller's environment
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

func quote(identifier string) string {
	return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"`
}

// PsqlCommand returns a command that runs psql on a database, given by name
// or by URL, with further arguments. It reads no psqlrc, asks for no password
// and ends at the first error. The password goes by the environment, out of
// the process list.
func (s *Server) PsqlCommand(ctx context.Context, database string, args ...string) (*exec.Cmd, error) {
	path, err := findPsql()
	if err != nil {
		return nil, err
	}
	if !strings.Contains(database, "://") {
		database = s.URL(database)
	}
	config, err := pgconn.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"-X", "-w", "-v", "ON_ERROR_STOP=1"}, args...)...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PG") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env,
		"PGHOST="+config.Host,
		"PGPORT="+strconv.Itoa(int(config.Port)),
		"PGUSER="+config.User,
		"PGPASSWORD="+config.Password,
		"PGDATABASE="+config.Database,
		"PGCLIENTENCODING=UTF8",
	)
	return cmd, nil
}

// RunPsql runs SQL (or psql's own commands) on a database, given by name or
// by URL, and returns the rows: one a line, fields parted by |, without
// headers and without the last newline.
func (s *Server) RunPsql(ctx context.Context, database, sql string) (string, error) {
	cmd, err := s.PsqlCommand(ctx, database, "-qAt", "-f", "-")
	if err != nil {
		return "", err
	}
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(sql), &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("psql: %w\n%s", err, bytes.TrimSpace(problems.Bytes()))
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
