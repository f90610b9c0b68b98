package cli

import (
	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/run"
)

func (a *app) digestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "digest [BLUEPRINT] [FLAGS]",
		GroupID: groupLook,
		Short:   "print a digest of each table's rows",
		Long: `digest makes all rows and prints a line a table: digest, rows, name; and one for all of them. The
digests are the same whatever the machine, the batch size and the number of workers: compare them to see
whether two versions, or two machines, make the same rows. Without a blueprint they are those of the rows that
are inferred from a database, which is only read.`,
		Example: `  sower digest genonaut
  sower digest genonaut --seed 2 --max-workers 1
  sower digest --database-url postgres://me@localhost/shop`,
		Args: between(0, "BLUEPRINT"),
	}
	var inferred inferFlags
	a.blueprintFlags(cmd, "batch_size", "max_workers")
	databaseFlag(cmd, againstHelp)
	inferred.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		p, err := a.planned(cmd, s, &inferred, nil)
		if err != nil {
			return err
		}
		a.noteBeside()
		tables, all, err := run.Digest(cmd.Context(), p, run.Options{Workers: s.workers, BatchRows: s.batchRows, Log: a.log()})
		if err != nil {
			return err
		}
		var rows int64
		for _, t := range tables {
			a.ui.print("%s %12d  %s", t.Digest, t.Rows, visible(t.Table))
			rows += t.Rows
		}
		a.ui.print("%s %12d  all", all, rows)
		return nil
	}
	return cmd
}
