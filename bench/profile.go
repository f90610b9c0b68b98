package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/sowerdata/sower/db/postgres"
	"github.com/sowerdata/sower/db/sqlite"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
	"github.com/sowerdata/sower/sink/discard"
	"github.com/sowerdata/sower/sink/file"
)

// profile writes a CPU profile of what sower does for its users: loads into PostgreSQL and SQLite with their verification,
// files. All of it happens in this process, on the scenario at its default size.
func (b *bench) profile(ctx context.Context, path string) (err error) {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	d, err := b.newDatabase(ctx, "profile", s)
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".profile-*")
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err == nil {
			err = os.Rename(out.Name(), path)
		}
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	if err := out.Chmod(0o644); err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	if _, err := run.Export(ctx, s.plan, new(discard.Sink), run.Options{}); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, d.url, postgres.Options{ApplicationName: "bench"})
	if err != nil {
		return err
	}
	if err := fillAndVerify(ctx, db, s); err != nil {
		return err
	}
	for _, format := range []string{"csv", "jsonl", "parquet", "copy-text"} {
		if err := b.exportInProcess(ctx, s, format); err != nil {
			return err
		}
	}
	ddl, err := s.ddl("sqlite")
	if err != nil {
		return err
	}
	dir, err := b.folder("profile")
	if err != nil {
		return err
	}
	lite, err := sqlite.Open(ctx, "sqlite:"+filepath.Join(dir, "profile_test.db"), sqlite.Options{Create: true})
	if err != nil {
		return err
	}
	if err := lite.CreateSchema(ctx, ddl); err != nil {
		return errors.Join(err, lite.Close())
	}
	return fillAndVerify(ctx, lite, s)
}

// fillAndVerify fills a database that has the scenario's tables, and closes it.
func fillAndVerify(ctx context.Context, db sink.Store, s *scenario) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	reflected, err := db.Inspect(ctx)
	if err != nil {
		return err
	}
	build := func(n int) (*plan.Plan, error) {
		return plan.Build(s.blueprint, reflected, plan.Options{Seed: 1, Append: n, Scan: rows.Scan, Prove: rows.Prove})
	}
	if _, err := run.Generate(ctx, db, build, run.Options{}); err != nil {
		return err
	}
	v, err := run.Verify(ctx, db, build, run.Options{}, nil)
	if err == nil && v.Broken() > 0 {
		err = fmt.Errorf("%d rules are broken", v.Broken())
	}
	return err
}

// exportInProcess writes the scenario's files and removes them.
func (b *bench) exportInProcess(ctx context.Context, s *scenario, name string) (err error) {
	format, err := file.FormatOf(name, "postgres")
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "profile-"+name)
	f, err := file.New(dir, file.Options{Format: format})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.RemoveAll(dir)) }()
	_, err = run.Export(ctx, s.plan, f, run.Options{})
	return err
}
