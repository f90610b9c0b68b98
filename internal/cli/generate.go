package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

type generateFlags struct {
	url          string
	createSchema bool
	append       bool
	guard        guard
	strategy     run.Strategy
	connections  int
	reportFile   string
	infer        inferFlags
}

func (a *app) generateCommand() *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:     "generate [BLUEPRINT] --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "fill a database",
		Long: `generate fills a database with the rows that a blueprint asks for. Without one it infers what every
table wants from the schema itself (sower init shows it). Each batch is a transaction, and what was done
is recorded in the database: the same command again completes an interrupted run, and adds nothing to a
complete one.

Only databases whose names end in _demo or _test are written; for SQLite that is the file's name without
its ending. Others are allowed one by one with --allow-database.`,
		Example: `  sower generate --database-url postgres://me@localhost/shop_test --rows 1000
  sower generate genonaut --database-url sqlite:genonaut_demo.db --create-schema
  sower generate genonaut --database-url postgres://me@localhost/genonaut_test --target-rows-users 500
  sower generate my.yaml --database-url sqlite:my_dev.db --allow-database my_dev --progress plain`,
		Args: between(0, "BLUEPRINT"),
	}
	cmd.Flags().StringVar(&f.url, "database-url", "", "`URL` of the database: postgres://user:password@host:port/name or sqlite:PATH (required)")
	f.infer.register(cmd)
	cmd.Flags().BoolVar(&f.createSchema, "create-schema", false, "first create the blueprint's tables (and a missing SQLite file)")
	cmd.Flags().BoolVar(&f.append, "append", false, "add a further run beside those that stand")
	f.guard.register(cmd)
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	strategy := strategyFlag(cmd)
	cmd.Flags().IntVar(&f.connections, "connections", 0, "`NUMBER` of connections that build indexes, check keys and gather statistics at once; 0: as many as workers")
	mode := progressFlag(cmd)
	cmd.Flags().StringVar(&f.reportFile, "report-file", "", "also write the final statistics to `FILE`, as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		report := &run.Report{State: "failed"}
		if f.reportFile != "" {
			defer func() {
				err = errors.Join(err, a.writeReport(f.reportFile, report, err, interrupted(cmd.Context(), err)))
			}()
		}
		f.strategy = run.Strategy(strategy.value)
		s, err := a.generateInput(cmd, &f)
		if err != nil {
			return err
		}
		store, err := a.openForWriting(cmd.Context(), &f, s)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		view := a.progressView(mode.value)
		report, err = a.generate(cmd.Context(), store, s, &f, view)
		view.done()
		if err == nil || report.Run > 0 || !isMistake(err) {
			a.printReport(a.blueprintName(), report, err, interrupted(cmd.Context(), err))
		}
		if err == nil {
			a.printNext(cmd, &f)
		}
		return err
	}
	return cmd
}

func strategyFlag(cmd *cobra.Command) *oneOf {
	return wordFlag(cmd, "load-strategy", "whether indexes and foreign keys of empty tables are taken away for the load and built again after it (SQLite: indexes alone); auto: where it pays", "auto", "in-place", "rebuild")
}

// isMistake tells whether err is for the user to correct: then nothing was done that a report could tell.
func isMistake(err error) bool {
	var ps blueprint.Problems
	var u *usageError
	return errors.As(err, &ps) || errors.As(err, &u)
}

// generateInput checks everything that can be checked before connecting.
func (a *app) generateInput(cmd *cobra.Command, f *generateFlags) (*settings, error) {
	if !cmd.Flags().Changed("database-url") {
		return nil, usageHelp("--database-url is required: nothing is ever written to a default database")
	}
	a.hideURL(f.url)
	if err := f.guard.checkNames(); err != nil {
		return nil, err
	}
	if err := f.guard.checkURL(f.url); err != nil {
		return nil, err
	}
	if f.connections < 0 {
		return nil, usage("--connections is %d: at least 0", f.connections)
	}
	if a.doc == nil && f.createSchema {
		return nil, usage("--create-schema makes the tables of a blueprint: name one")
	}
	if err := f.infer.check(a.doc != nil); err != nil {
		return nil, err
	}
	s, err := a.settings(cmd)
	if err == nil && s.blueprint != nil && len(s.blueprint.DDL) > 0 { // it brings its own tables: what is impossible shows without a database
		_, err = s.build(nil, 0)
	}
	return s, err
}

// openForWriting connects, checks the name once more, and creates the schema where that is asked for.
func (a *app) openForWriting(ctx context.Context, f *generateFlags, s *settings) (store sink.Store, err error) {
	how := readWrite
	if f.createSchema {
		how = create
	}
	if store, err = a.openStore(ctx, f.url, how); err != nil {
		if how == readWrite && missingFile(f.url) {
			err = fmt.Errorf("%w (--create-schema makes one)", err)
		}
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, store.Close())
			store = nil
		}
	}()
	if err := f.guard.checkServer(ctx, store); err != nil {
		return store, err
	}
	a.log().Debug("connected", "url", redact(f.url), "dialect", store.Dialect().Name())
	if !f.createSchema {
		return store, nil
	}
	ddl, err := ddlFor(s.blueprint, store.Dialect().Name())
	if err != nil {
		return store, err
	}
	return store, store.CreateSchema(ctx, ddl)
}

// maxDDL is the size of a blueprint's DDL, in bytes.
const maxDDL = 16 << 20

// ddlFor reads the blueprint's DDL for a dialect.
func ddlFor(b *blueprint.Blueprint, dialect string) (string, error) {
	name, ok := b.DDL[dialect]
	if !ok {
		return "", usage("--create-schema: the blueprint %s has no DDL for %s (its key ddl.%s)", b.Name, dialect, dialect)
	}
	var data []byte
	f, err := b.Files.Open(name)
	if err == nil {
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxDDL+1))
	}
	if err == nil && len(data) > maxDDL {
		err = fmt.Errorf("it is larger than %d MB", maxDDL>>20)
	}
	if err != nil {
		return "", usage("--create-schema: %s", fileProblem("read", name, err))
	}
	return string(data), nil
}

func (a *app) generate(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) (*run.Report, error) {
	db, err := store.Inspect(ctx)
	if err != nil {
		return &run.Report{State: "failed"}, err
	}
	a.log().Debug("schema inspected", "database", db.Name, "tables", len(db.Tables))
	build, err := a.builder(ctx, store, db, s, &f.infer, f.append)
	if err != nil {
		return &run.Report{State: "failed"}, err
	}
	return run.Generate(ctx, store, build, run.Options{
		Workers: s.workers, BatchRows: s.batchRows, Strategy: f.strategy, Connections: f.connections, Append: f.append, SkipUnsatisfiable: f.infer.skip, Replicated: f.guard.replicated, Version: version(), Who: who(),
		Progress: view.event, Log: a.log(),
	})
}

// who names this process to others that find the database taken.
func who() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return fmt.Sprintf("pid %d on %s", os.Getpid(), host)
}
