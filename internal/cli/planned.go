package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// planned makes the plan of a command that writes nothing: of its blueprint, held against the database that
// --database-url names, or against none; without a blueprint, of what is inferred from the database. also, where it is not
// nil, may ask that database for more.
func (a *app) planned(cmd *cobra.Command, s *settings, f *inferFlags, also asking) (*plan.Plan, error) {
	if err := f.check(a.doc != nil); err != nil {
		return nil, err
	}
	if a.doc != nil && !cmd.Flags().Changed("database-url") {
		if cmd.Flags().Changed("load-strategy") {
			return nil, usageHelp("--load-strategy goes with --database-url: how tables are loaded depends on their indexes")
		}
		if s.fit != nil {
			return nil, usageHelp("%s goes with --database-url: what rows take depends on the database, its types and indexes", s.fit.flag)
		}
		return s.alone()
	}
	if a.doc == nil && !a.databaseNamed(cmd, nil) && !cmd.Flags().Changed("database-url") {
		return nil, usageHelp("BLUEPRINT is missing: without one, --database-url (or DATABASE_URL) names the " +
			"database to infer it from")
	}
	url, err := a.database(cmd, readOnly)
	if err != nil {
		return nil, err
	}
	return a.planAgainst(cmd.Context(), url, s, f, also)
}

// asking asks the database of a plan for more.
type asking func(store sink.Store, p *plan.Plan) error

// planAgainst plans against a database, which is read only.
func (a *app) planAgainst(ctx context.Context, url string, s *settings, f *inferFlags, also asking) (*plan.Plan, error) {
	store, err := a.openStore(ctx, url, readOnly)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if s.fit != nil {
		if err := a.fit(ctx, store, s, f); err != nil {
			return nil, err
		}
	}
	db, err := store.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	if s.fit != nil && s.fit.plan != nil {
		return a.besides(ctx, store, s.fit.plan, also)
	}
	build, err := a.request(s, f).Builder(ctx, store, db, false, false)
	if err != nil {
		return nil, err
	}
	p, err := build(0)
	if err != nil {
		return nil, err
	}
	return a.besides(ctx, store, p, also)
}

// besides adds to a plan what differs from the run that filled the database, and what else is asked.
func (a *app) besides(ctx context.Context, store sink.Store, p *plan.Plan, also asking) (*plan.Plan, error) {
	beside, err := run.Beside(ctx, store, p)
	if err != nil {
		return nil, err
	}
	a.beside = beside
	p.Notices = append(p.Notices, beside...)
	p.Notices = append(p.Notices, run.PartitionNotices(p.Partitions, "to be made")...)
	if also == nil {
		return p, nil
	}
	return p, also(store, p)
}

// noteBeside says what differs from the run that filled the database, in a command that shows rows alone.
func (a *app) noteBeside() {
	for _, n := range a.beside {
		a.ui.note("notice: %s", visible(n))
	}
}
