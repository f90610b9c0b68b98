package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
)

// planned makes the plan of a command that writes nothing: of its blueprint, held against the database that
// --database-url names, or against none; without a blueprint, of what is inferred from the database. With a strategy
// that is not "" it also tells how the tables would be loaded into the database.
func (a *app) planned(
	cmd *cobra.Command, s *settings, f *inferFlags, strategy run.Strategy,
) (*plan.Plan, []*run.Loading, error) {
	if err := f.check(a.doc != nil); err != nil {
		return nil, nil, err
	}
	if a.doc != nil && !cmd.Flags().Changed("database-url") {
		if cmd.Flags().Changed("load-strategy") {
			return nil, nil, usageHelp("--load-strategy goes with --database-url: how tables are loaded depends on their indexes")
		}
		p, err := s.alone()
		return p, nil, err
	}
	if a.doc == nil && !a.databaseNamed(cmd, nil) && !cmd.Flags().Changed("database-url") {
		return nil, nil, usageHelp("BLUEPRINT is missing: without one, --database-url (or DATABASE_URL) names the " +
			"database to infer it from")
	}
	url, err := a.database(cmd, readOnly)
	if err != nil {
		return nil, nil, err
	}
	return a.planAgainst(cmd.Context(), url, s, f, strategy)
}

// planAgainst plans against a database, which is read only, and tells how its tables would be loaded by a strategy
// that is not "".
func (a *app) planAgainst(
	ctx context.Context, url string, s *settings, f *inferFlags, strategy run.Strategy,
) (*plan.Plan, []*run.Loading, error) {
	store, err := a.openStore(ctx, url, readOnly)
	if err != nil {
		return nil, nil, err
	}
	defer store.Close()
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, nil, err
	}
	build, err := a.request(s, f).Builder(ctx, store, db, false, false)
	if err != nil {
		return nil, nil, err
	}
	p, err := build(0)
	if err != nil {
		return nil, nil, err
	}
	beside, err := run.Beside(ctx, store, p)
	if err != nil {
		return nil, nil, err
	}
	a.beside = beside
	p.Notices = append(p.Notices, beside...)
	p.Notices = append(p.Notices, run.PartitionNotices(p.Partitions, "to be made")...)
	if strategy == "" {
		return p, nil, nil
	}
	loads, err := run.Loadings(ctx, store, p, run.Options{Strategy: strategy})
	return p, loads, err
}

// noteBeside says what differs from the run that filled the database, in a command that shows rows alone.
func (a *app) noteBeside() {
	for _, n := range a.beside {
		a.ui.note("notice: %s", visible(n))
	}
}
