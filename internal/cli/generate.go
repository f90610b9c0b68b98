package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/internal/report"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// generateFlags are what generate is asked for. A flag that run has to know of is bound to its field of run.Options.
type generateFlags struct {
	url          string
	createSchema bool
	fresh, yes   bool
	dryRun       bool
	guard        guard
	run          run.Options
	reportFile   string
	infer        inferFlags
	fit          fitFlags
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
complete one. Asked for more rows than before, with everything else as it was, it adds the difference as a
further run: what was made stays, and exact numbers hold in each run for itself. Asked for fewer, it says what to do.

--fresh first takes the rows of all runs of sower in this database away, as clean does, and then fills it anew with the
options given now. Rows that others made or changed stay and are named; where such rows refer to what is to go, nothing
is deleted and nothing filled. On a terminal the database's name has to be typed first; --yes says so beforehand.

--dry-run shows what the same command would do without it, as far as that can be known before rows are written: rows of
each table, columns to be filled, with --fresh also the rows to be deleted. Nothing is written, and it fails where the
command would.

--phase divides a run among processes on any machines: prepare, once; load, for each --shard; finish, once all of them
are there (docs/scale.md).

Only databases whose names end in _demo or _test are written; for SQLite that is the file's name without
its ending. Others are allowed one by one with --allow-database.`,
		Example: `  sower generate --database-url postgres://me@localhost/shop_test --rows 1000
  sower generate genonaut --database-url sqlite:genonaut_demo.db --create-schema
  sower generate genonaut --database-url postgres://me@localhost/genonaut_test --target-rows-users 500
  sower generate --database-url postgres://me@localhost/shop_test --rows 50 --fresh --yes
  sower generate my.yaml --database-url sqlite:my_dev.db --allow-database my_dev --report-file run.html`,
		Args: between(0, "BLUEPRINT"),
	}
	databaseFlag(cmd, addressHelp)
	f.infer.register(cmd)
	f.infer.partitionsFlag(cmd)
	f.fit.register(cmd)
	cmd.Flags().BoolVar(&f.createSchema, "create-schema", false, "first create the blueprint's tables, by its own DDL or else by what its generators make (and a missing SQLite file)")
	cmd.Flags().BoolVar(&f.run.Append, "append", false, "add a further run beside those that stand")
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "first undo all runs of sower in this database, then fill it anew")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "with --fresh: do not ask for the database's name")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only show what would be done: nothing is written")
	f.guard.register(cmd)
	stage := stageFlags(cmd)
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	strategy := strategyFlag(cmd)
	cmd.Flags().IntVar(&f.run.Connections, "connections", 0, "`NUMBER` of connections that build indexes, check keys and gather statistics at once; 0: as many as workers")
	a.waits.register(cmd)
	a.stop.register(cmd)
	mode := progressFlag(cmd)
	reportFileFlag(cmd, &f.reportFile, "the final report")
	traceFile := traceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		traced := traced(cmd, *traceFile)
		defer func() { err = errors.Join(err, traced()) }()
		done, timeline := &run.Report{State: "failed"}, new(report.Timeline)
		var store sink.Store
		defer func() {
			if f.reportFile != "" {
				err = errors.Join(err, a.writeReport(cmd.Context(), f.reportFile, store, done, timeline, err, interrupted(cmd.Context(), err)))
			}
			if store != nil {
				err = errors.Join(err, store.Close())
			}
		}()
		f.run.Strategy = run.Strategy(strategy.value)
		if f.run.Stage, f.run.Shard, err = a.stage(cmd, stage); err != nil {
			return err
		}
		s, err := a.generateInput(cmd, &f)
		if err != nil {
			return err
		}
		if store, err = a.openForWriting(cmd.Context(), &f, s); err != nil {
			return err
		}
		view := view(noting{a.progressView(mode.value), timeline})
		if f.fresh && !f.dryRun {
			if err := a.startAnew(cmd.Context(), store, s, &f, view); err != nil {
				view.done()
				return err
			}
		}
		if s.fit != nil {
			if err := a.fit(cmd.Context(), store, s, &f.infer); err != nil {
				view.done()
				return err
			}
			a.printFit(s.fit)
		}
		if f.dryRun {
			done, err = a.dryRun(cmd.Context(), store, s, &f, view)
			view.done()
			return err
		}
		done, err = a.generate(cmd.Context(), store, s, &f, view)
		view.done()
		err = asStaged(err)
		if err == nil || (done.Run > 0 || !isMistake(err)) && !errors.As(err, new(*run.NotYetError)) {
			a.printReport(a.blueprintName(), done, err, interrupted(cmd.Context(), err))
		}
		if err == nil {
			err = a.printFitted(cmd.Context(), store, s.fit, done)
		}
		switch {
		case err != nil:
		case f.run.Stage == run.Prepare && done.State != "already complete":
			address := strings.Join(a.addressWords(cmd, f.url), " ")
			a.ui.note("next, in as many processes as there are parts: sower generate --phase load --shard I/N %s; and once all of them have ended: sower generate --phase finish %[1]s", address)
		case f.run.Stage == run.Load:
		default:
			a.printCharts(done.Plan)
			if f.run.Stage == run.Whole {
				a.printNext(cmd, &f)
			}
		}
		if f.run.Stage == run.Load || f.run.Stage == run.Finish { // what is left out was said when the run was prepared
			return err
		}
		return f.infer.complete(done, err)
	}
	return cmd
}

func strategyFlag(cmd *cobra.Command) *oneOf {
	return wordFlag(cmd, "load-strategy", "whether indexes and keys of empty tables are taken away for the load and built again after it (SQLite: indexes alone); auto: where it pays", "auto", "in-place", "rebuild")
}

// isMistake tells whether err is for the user to correct: then nothing was done that a report could tell.
func isMistake(err error) bool {
	var ps blueprint.Problems
	var u *usageError
	return errors.As(err, &ps) || errors.As(err, &u)
}

// generateInput checks everything that can be checked before connecting.
func (a *app) generateInput(cmd *cobra.Command, f *generateFlags) (*settings, error) {
	var err error
	if f.url, err = a.database(cmd, readWrite); err != nil {
		return nil, err
	}
	if err := f.guard.checkNames(); err != nil {
		return nil, err
	}
	if err := errors.Join(checkStage(f.run.Stage, f.url), f.guard.checkURL(f.url)); err != nil {
		return nil, err
	}
	switch {
	case f.fresh && f.run.Append:
		return nil, usage("--fresh and --append exclude each other: the one undoes what stands, the other adds to it")
	case f.yes && !f.fresh:
		return nil, usage("--yes goes with --fresh: nothing else here deletes anything")
	case f.dryRun && f.createSchema:
		return nil, usage("--dry-run creates no tables: it goes without --create-schema (sower plan shows what the blueprint makes)")
	case f.fresh && !f.yes && !f.dryRun && !a.attended():
		return nil, usage("--fresh deletes rows, and no terminal is here on which that could be confirmed: say --yes if it is meant")
	}
	if f.run.Connections < 0 {
		return nil, usage("--connections is %d: at least 0", f.run.Connections)
	}
	if a.doc == nil && f.createSchema {
		return nil, usage("--create-schema makes the tables of a blueprint: name one")
	}
	if err := f.infer.check(a.doc != nil); err != nil {
		return nil, err
	}
	s, err := a.settings(cmd)
	if err != nil {
		return nil, err
	}
	if s.fit, err = f.fit.wanted(&f.infer, f.run.Strategy); s.fit != nil {
		if s.fit.further = f.run.Append; f.fresh && f.dryRun {
			return nil, usage("%s goes without --fresh --dry-run: what room the rows leave shows once they are gone", s.fit.flag)
		}
	}
	if err == nil && s.blueprint != nil && (f.createSchema || len(s.blueprint.DDL) > 0) { // it brings its own tables: what is impossible shows without a database
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
	ddl, err := ddlFor(ctx, s, store, f.url)
	if err != nil || ddl == "" {
		return store, err
	}
	return store, store.CreateSchema(ctx, ddl)
}

// maxDDL is the size of a blueprint's DDL, in bytes.
const maxDDL = 16 << 20

// ddlFor gives the DDL that makes the blueprint's tables: its own, or else that of the tables which the database lacks,
// in the database's types.
func ddlFor(ctx context.Context, s *settings, store sink.Store, url string) (string, error) {
	b, dialect := s.blueprint, store.Dialect().Name()
	name, ok := b.DDL[dialect]
	if !ok {
		return describedDDL(ctx, s, store, url)
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

// describedDDL makes the tables of what the generators are made for, with the checks that the blueprint holds by name and
// the schema that was saved with it has.
func describedDDL(ctx context.Context, s *settings, store sink.Store, url string) (string, error) {
	p, err := s.build(nil, 0)
	if err != nil {
		return "", err
	}
	db, err := store.Inspect(ctx)
	if err != nil {
		return "", err
	}
	saved, err := s.saved()
	if err != nil {
		return "", err
	}
	var missing []*schema.Table
	for _, t := range p.Describe().Tables {
		name := qualified(t.Schema, t.Name)
		if saved != nil && saved.Dialect == store.Dialect().Name() {
			t.Checks = heldChecks(s.blueprint, name, saved.Table(name))
		}
		switch {
		case db.Table(name) != nil:
		case len(t.Columns) == 0:
			return "", usage("--create-schema: the blueprint %s says nothing of the columns of %s, which is missing",
				visible(s.blueprint.Name), visible(name))
		default:
			missing = append(missing, t)
		}
	}
	return driver.Of(url).CreateTables(missing), nil
}

// heldChecks gives the checks of a table that a blueprint holds by drawing again.
func heldChecks(b *blueprint.Blueprint, name string, saved *schema.Table) (out []*schema.Check) {
	for _, t := range b.Tables {
		for _, k := range t.Checks {
			if t.Name != name || saved == nil {
				continue
			}
			i := slices.IndexFunc(saved.Checks, func(c *schema.Check) bool { return c.Name == k.Name })
			if i >= 0 {
				out = append(out, saved.Checks[i])
			}
		}
	}
	return out
}

func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "." + name
}

// generate fills the database by what a command asks for.
func (a *app) generate(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) (*run.Report, error) {
	return a.request(s, &f.infer).Generate(ctx, store, a.runOptions(s, f, view), func() { a.stop.restores.Store(true) })
}

// runOptions gives the options of a run: what flags are bound to, and what comes from elsewhere.
func (a *app) runOptions(s *settings, f *generateFlags, view view) run.Options {
	o := f.run
	o.Workers, o.BatchRows = s.workers, s.batchRows
	o.SkipUnsatisfiable = s.blueprint == nil && !f.infer.Strict
	o.Replicated = f.guard.replicated
	o.Version, o.Who = version(), request.Who()
	o.Abandon, o.Progress, o.Log = a.stop.abandoned, view.event, a.log()
	return o
}
