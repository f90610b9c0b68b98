package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
)

// runSQLite fills a new file by sower, and by the sqlite3 shell's .import of the rows that sower made.
func runSQLite(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	f, err := b.newFile(ctx, r.Case, s)
	if err != nil {
		return err
	}
	if _, err := f.generate(ctx); err != nil {
		return err
	}
	if _, err := b.timedSower(ctx, s.command("verify", "--database-url", "sqlite:"+f.path)...); err != nil {
		return err
	}
	if err := f.prepareImport(ctx); err != nil {
		return err
	}
	_, err = b.compare(r, ".import", s.rows,
		func() (usage, error) { return f.generate(ctx) },
		func() (usage, error) { return f.importRows(ctx) })
	if err != nil {
		return err
	}
	r.note("the shell checks neither foreign keys nor check constraints and writes empty texts for nulls, which CSV cannot tell from them; its pragmas are sower's")
	return nil
}

// sqliteFile is a file that is filled again and again.
type sqliteFile struct {
	*bench
	scenario *scenario
	dir      string
	path     string
	script   string // that makes the schema and imports all rows
}

func (b *bench) newFile(ctx context.Context, name string, s *scenario) (*sqliteFile, error) {
	dir, err := b.folder(name)
	if err != nil {
		return nil, err
	}
	if b.versions["sqlite3"] == "" {
		out, err := exec.CommandContext(ctx, "sqlite3", "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("the sqlite3 shell: %w", err)
		}
		version, _, _ := strings.Cut(string(out), " ")
		b.versions["sqlite3"] = "sqlite3 shell " + version
	}
	return &sqliteFile{bench: b, scenario: s, dir: dir, path: filepath.Join(dir, "bench_test.db")}, nil
}

// remove removes the file with what SQLite puts beside it.
func (f *sqliteFile) remove() error {
	for _, end := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(f.path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// generate lets sower make the file anew.
func (f *sqliteFile) generate(ctx context.Context) (usage, error) {
	if err := f.remove(); err != nil {
		return usage{}, err
	}
	u, err := f.bench.generate(ctx, f.scenario, "sqlite:"+f.path, "--create-schema")
	if err != nil {
		return usage{}, err
	}
	return u, f.count(ctx)
}

// importRows lets the shell make the file anew.
func (f *sqliteFile) importRows(ctx context.Context) (usage, error) {
	if err := f.remove(); err != nil {
		return usage{}, err
	}
	cmd := f.shell(ctx, f.script)
	u, err := f.timed(cmd)
	if err != nil {
		return usage{}, err
	}
	return u, f.count(ctx)
}

// shell gives a command that runs a script of SQL and the shell's own commands.
func (f *sqliteFile) shell(ctx context.Context, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sqlite3", "-batch", "-bail", "-init", os.DevNull, f.path)
	cmd.Stdin = strings.NewReader(script)
	return cmd
}

// prepareImport writes the rows of the filled file as CSV, columns in the tables' order, and the script
// that imports them.
func (f *sqliteFile) prepareImport(ctx context.Context) error {
	tables, err := f.tables(ctx)
	if err != nil {
		return err
	}
	ddl, err := f.scenario.ddl("sqlite")
	if err != nil {
		return err
	}
	var dump, load strings.Builder
	load.WriteString("pragma synchronous = off;\npragma cache_size = -65536;\npragma ignore_check_constraints = on;\n")
	load.WriteString("begin;\n" + ddl + ";\ncommit;\n")
	dump.WriteString(".mode csv\n")
	for i, t := range tables {
		file := filepath.ToSlash(tableFile(f.dir, i))
		fmt.Fprintf(&dump, ".once '%s'\nselect * from %s order by %s;\n", file, t.name, t.key)
		fmt.Fprintf(&load, ".import --csv '%s' %s\n", file, t.name)
	}
	f.script = load.String()
	_, err = f.timed(f.shell(ctx, dump.String()))
	return err
}

// tables gives the filled file's tables, parents first.
func (f *sqliteFile) tables(ctx context.Context) (out []*table, err error) {
	db, err := sqlite.Open(ctx, "sqlite:"+f.path, sqlite.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	reflected, err := db.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	p, err := plan.Build(f.scenario.blueprint, reflected, plan.Options{Seed: 1, Scan: rows.Scan, Prove: rows.Prove})
	if err != nil {
		return nil, err
	}
	for _, t := range p.Tables {
		if t.Key == nil || len(t.Out) != len(t.Schema.Columns) {
			return nil, fmt.Errorf("%s has no key to order its rows by, or columns that are not filled", t.Name)
		}
		out = append(out, &table{name: db.Dialect().Ident(t.Schema.Name), key: db.Dialect().Ident(t.Key.Name), rows: t.Rows})
	}
	return out, nil
}

// count is an error where a table has other than its rows.
func (f *sqliteFile) count(ctx context.Context) error {
	var sql strings.Builder
	var want []string
	for _, t := range f.scenario.plan.Tables {
		fmt.Fprintf(&sql, "select count(*) from \"%s\";\n", t.Name)
		want = append(want, fmt.Sprint(t.Rows))
	}
	out, err := f.shell(ctx, sql.String()).Output()
	if err != nil {
		return fmt.Errorf("count the rows: %w", err)
	}
	if got := strings.Fields(string(bytes.TrimSpace(out))); strings.Join(got, " ") != strings.Join(want, " ") {
		return fmt.Errorf("the tables have %v rows, want %v", got, want)
	}
	return nil
}
