package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink/file"
)

func (a *app) exportCommand() *cobra.Command {
	var dir string
	var overwrite bool
	cmd := &cobra.Command{
		Use:     "export [BLUEPRINT] --dir DIR [FLAGS]",
		GroupID: groupLook,
		Short:   "write all rows to files",
		Long: `export writes the rows to files, one a table, and a manifest.json with their row counts, SHA-256, columns and
what the rows come from. The files appear whole, at the end, or not at all. In object storage (s3://, gs://) they are objects,
with the credentials that the tools of AWS and Google would find.

With --database-url the columns and their types are those of that database, which is only read: the binary
format of COPY needs them, and Parquet, SQL and the others say more with them. Without a blueprint the rows are
those that are inferred from the database.

With --shard the rows of every table are shared out, so that several machines make the rows of one run: the
shards' files, one behind the other, hold what the files of a single run hold. --shard auto goes by the number that
Kubernetes (an Indexed Job, with its completions in SOWER_SHARDS), Slurm, AWS Batch (array jobs) or Cloud Run gave this process.
A shard that is run again, or twice at once, gives the same files; where it stands already, nothing is done. Once all shards
are there, sower export finish checks them and writes the manifest of all.`,
		Example: `  sower export --database-url postgres://me@localhost/shop --dir rows
  sower export genonaut --dir rows --target-rows-users 500
  sower export genonaut --dir rows --format parquet
  sower export genonaut --dir rows --format csv --compress zstd --overwrite
  sower export genonaut --dir rows --format jsonl --shard 2/8
  sower export genonaut --dir rows --format parquet --shard auto
  sower export genonaut --dir s3://my-bucket/rows --format parquet --shard auto
  sower export finish --dir s3://my-bucket/rows
  sower export genonaut --dir rows --format copy-binary --database-url postgres://localhost/genonaut_demo`,
		Args: between(0, "BLUEPRINT"),
	}
	var inferred inferFlags
	var fit fitFlags
	cmd.Flags().StringVar(&dir, "dir", "", dirHelp+"; a directory is made where it is missing (required)")
	format := wordFlag(cmd, "format", "format of the files; copy-text and copy-binary are for psql's \\copy", file.FormatNames()...)
	compress := wordFlag(cmd, "compress", "compression of the files; auto: zstd for the pages of Parquet, none for the others", "auto", "none", "gzip", "zstd")
	dialect := wordFlag(cmd, "dialect", "SQL for this kind of database", "postgres", "sqlite")
	part := shardFlag(cmd, "write only part `I/N` of the rows of every table, counted from 1; files are named after it; "+shardHelp)
	databaseFlag(cmd, againstHelp)
	inferred.register(cmd)
	fit.register(cmd)
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace files that stand already")
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	mode := progressFlag(cmd)
	_ = cmd.MarkFlagDirname("dir")
	finish := a.exportFinishCommand()
	finish.DisableFlagsInUseLine, finish.Flags().SortFlags = true, false
	cmd.AddCommand(finish)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if dir == "" {
			return usageHelp("--dir is required")
		}
		if cmd.Flags().Changed("dialect") && format.value != "sql" {
			return usageHelp("--dialect goes with --format sql: %s files are the same for every database", format.value)
		}
		mine, err := a.shard(*part)
		if err != nil {
			return err
		}
		place, err := a.place(cmd.Context(), dir)
		if err != nil {
			return err
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		if s.fit, err = fit.wanted(&inferred, run.Auto); err != nil {
			return err
		}
		p, err := a.planned(cmd, s, &inferred, nil)
		if err != nil {
			return err
		}
		if format.value == "copy-binary" && !typedByPostgres(p) {
			return usage("--format copy-binary needs the types of the columns: give --database-url, the address of a PostgreSQL database that has the tables, or use copy-text")
		}
		options := file.Options{Overwrite: overwrite, Shard: mine, Compression: file.Compression(compress.value)}
		if compress.value == "auto" {
			options.Compression = file.Default
		}
		for _, t := range p.Tables {
			options.Tables = append(options.Tables, t.Name)
		}
		options.Origin = file.Origin{Blueprint: p.Blueprint.Name, Seed: p.Seed, Identity: p.Identity(), Version: version()}
		if options.Format, err = file.FormatOf(format.value, dialect.value); err != nil {
			return usage("%w", err)
		}
		report, err := a.export(cmd.Context(), p, s, place, options, a.progressView(mode.value))
		switch {
		case errors.Is(err, file.ErrWhole):
			a.ui.print("Shard %s stands in %s already: nothing is to be done.", mine, place.Path(""))
			return nil
		case errors.Is(err, file.ErrExists):
			return usage("%w (--overwrite)", err)
		}
		if report == nil {
			return err
		}
		a.printReport(p.Blueprint.Name, report, err, interrupted(cmd.Context(), err))
		if err != nil {
			a.ui.print("No file was written.")
			return err
		}
		a.ui.print("The files are in %s.", place.Path(""))
		return nil
	}
	return cmd
}

// typedByPostgres tells whether a plan knows its tables from a PostgreSQL database.
func typedByPostgres(p *plan.Plan) bool { return p.Database != nil && p.Database.Dialect == "postgres" }

func (a *app) export(ctx context.Context, p *plan.Plan, s *settings, place file.Place, o file.Options, view view) (report *run.Report, err error) {
	files, err := file.NewIn(place, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	defer view.done()
	return run.Export(ctx, p, files, run.Options{Workers: s.workers, BatchRows: s.batchRows, Shard: o.Shard, Version: version(), Progress: view.event, Log: a.log()})
}
