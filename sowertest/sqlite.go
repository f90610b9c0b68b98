package sowertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// file is a copy of an SQLite file.
type file struct{ path string }

// copyFile copies a database as it is committed, with what its write-ahead log has.
func copyFile(ctx context.Context, dir, url string) (place, error) {
	path, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(url, "sqlite:"), "//"), "?")
	from, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	source, err := sql.Open("sqlite", (&file{from}).source()+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer source.Close()
	f := &file{filepath.Join(dir, "sowertest_test.db")}
	if _, err := source.ExecContext(ctx, "vacuum into ?", f.path); err != nil {
		return nil, fmt.Errorf("copying %s: %w", from, err)
	}
	return f, nil
}

func (f *file) url() string { return "sqlite:" + f.path }

// source is the path as the driver takes it.
func (f *file) source() string {
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(f.path)
}

func (f *file) sql(context.Context) (*sql.DB, error) {
	return sql.Open("sqlite", f.source()+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(60000)")
}

func (f *file) pool(context.Context) (*pgxpool.Pool, error) {
	return nil, errors.New("an SQLite database has no pool of pgx: use SQL")
}
