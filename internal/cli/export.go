package cli

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink/file"
)

func (a *app) exportCommand() *cobra.Command {
	var dir string
	var overwrite bool
	cmd := &cobra.Command{
		Use:     "export BLUEPRINT --dir DIR [FLAGS]",
		GroupID: groupLook,
		Short:   "write all rows to files",
		Long: `export writes the rows to files, one a table, and a manifest.json with their row counts and SHA-256.
The files appear whole, at the end, or not at all.`,
		Example: `  sower export genonaut --dir rows --target-rows-users 500
  sower export genonaut --dir rows --format csv --overwrite`,
		Args: exactly("BLUEPRINT"),
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`DIR`ectory of the files; it is made where it is missing (required)")
	format := wordFlag(cmd, "format", "format of the files", "csv")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace files that stand already")
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	mode := progressFlag(cmd)
	_ = cmd.MarkFlagDirname("dir")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if dir == "" {
			return usageHelp("--dir is required")
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		p, err := s.build(nil, 0)
		if err != nil {
			return err
		}
		options := file.Options{Overwrite: overwrite}
		if format.value == "csv" {
			options.Format = file.CSV{}
		}
		report, err := a.export(cmd.Context(), p, s, dir, options, a.progressView(mode.value))
		if errors.Is(err, file.ErrExists) {
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
		a.ui.print("The files are in %s.", filepath.Clean(dir))
		return nil
	}
	return cmd
}

func (a *app) export(ctx context.Context, p *plan.Plan, s *settings, dir string, o file.Options, view view) (report *run.Report, err error) {
	files, err := file.New(dir, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	defer view.done()
	return run.Export(ctx, p, files, run.Options{Workers: s.workers, BatchRows: s.batchRows, Version: version(), Progress: view.event, Log: a.log()})
}
