package cli

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/infer"
)

func (a *app) initCommand() *cobra.Command {
	var url, out string
	var f inferFlags
	cmd := &cobra.Command{
		Use:     "init --database-url URL [FLAGS]",
		GroupID: groupLook,
		Short:   "write a blueprint of what is inferred from a database's schema",
		Long: `init reads the schema of a database and writes the blueprint that generate would run without one: every
table with its row count, every column with its generator, why it was chosen and how sure that is. Run as
it is, it makes the same rows; edit it and go on from there. Nothing is written to the database.`,
		Example: `  sower init --database-url postgres://me@localhost/shop_test --out shop.yaml
  sower init --database-url sqlite:shop_test.db --rows 1000 --out shop.yaml`,
		Args: exactly(),
	}
	cmd.Flags().StringVar(&url, "database-url", "", "`URL` of the database: postgres://user:password@host:port/name or sqlite:PATH (required); it is read only")
	cmd.Flags().StringVar(&out, "out", "", "write to `FILE`, which must not be there yet, in place of the standard output")
	f.register(cmd)
	ownFlag(cmd, "seed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("database-url") {
			return usageHelp("--database-url is required")
		}
		if err := f.check(false); err != nil {
			return err
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		r, err := a.inferFrom(cmd, url, s, &f)
		if err != nil {
			return err
		}
		for _, n := range r.Notices {
			a.ui.note("%s", n)
		}
		if out == "" {
			_, err := cmd.OutOrStdout().Write(r.Text)
			return err
		}
		err = writeNew(out, r.Text)
		if errors.Is(err, fs.ErrExist) {
			return usage("%s stands already and is not replaced: name another file", out)
		}
		return err
	}
	return cmd
}

// inferFrom infers a blueprint from a database, which is read only.
func (a *app) inferFrom(cmd *cobra.Command, url string, s *settings, f *inferFlags) (*infer.Result, error) {
	ctx := cmd.Context()
	store, err := a.openStore(ctx, url, readOnly)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	o, err := s.inferOptions(store, f)
	if err != nil {
		return nil, err
	}
	recorded, err := recordedRuns(ctx, store)
	if err != nil {
		return nil, err
	}
	o.Own = recorded.tables()
	return infer.Infer(ctx, db, o)
}
