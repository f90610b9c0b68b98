package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

func (a *app) repairCommand() *cobra.Command {
	var connections int
	var forget []string
	var g guard
	cmd := &cobra.Command{
		Use:     "repair --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "restore indexes and keys that an interrupted load dropped",
		Long: `repair restores what generate dropped for a load and could not restore since it was ended. What
that is stands in a journal inside the database. generate does the same when it completes the run; repair
is for a database that is to be used as it is.

Tables are followed where they were renamed or moved since. What belonged to tables that are gone is left out, and
said. What cannot be restored for another reason is named: change what is in the way and run repair again, or
give it up with --forget.`,
		Example: `  sower repair --database-url postgres://me@localhost/genonaut_demo
  sower repair --database-url sqlite:genonaut_demo.db`,
		Args: exactly(),
	}
	databaseFlag(cmd, addressHelp)
	cmd.Flags().IntVar(&connections, "connections", 0, "`NUMBER` of connections that build indexes and check keys at once; 0: one for each processor")
	cmd.Flags().StringArrayVar(&forget, "forget", nil, "give up the index or foreign key of this `NAME`, which cannot be restored any more (repeatable)")
	g.register(cmd)
	a.waits.register(cmd)
	mode := progressFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		url, err := a.database(cmd, readWrite)
		if err != nil {
			return err
		}
		if err := errors.Join(g.checkNames(), g.checkURL(url)); err != nil {
			return err
		}
		store, err := a.openStore(cmd.Context(), url, readWrite)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		if err := g.checkServer(cmd.Context(), store); err != nil {
			return err
		}
		unlock, err := store.Lock(cmd.Context(), request.Who())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, unlock()) }()
		if err := run.RefusePhases(cmd.Context(), store, "indexes and keys come back when it is complete"); err != nil {
			return err
		}
		r, ok := store.(sink.Rebuilder)
		if !ok {
			a.ui.print("nothing to repair: loads into this kind of database leave indexes and keys in place")
			return nil
		}
		n, err := r.Journaled(cmd.Context())
		if err != nil {
			return err
		}
		if err := run.Forget(cmd.Context(), store, forget); err != nil {
			return err
		}
		if n.Total() == 0 {
			if err := r.Restore(cmd.Context(), sink.Restoring{}); err != nil { // an empty journal goes
				return err
			}
			if err := run.Lost(cmd.Context(), store); err != nil {
				return err
			}
			return a.nothingToRepair(cmd.Context(), store)
		}
		view := a.progressView(mode.value)
		view.event(run.Event{Phase: "restore", Text: n.String()})
		err = run.Repair(cmd.Context(), r, run.Options{Connections: connections, Forget: forget}, func(phase, text string) { view.event(run.Event{Phase: phase, Text: text}) })
		view.done()
		if err == nil {
			err = run.Lost(cmd.Context(), store)
		}
		if err == nil {
			a.ui.print("restored: %s", n)
			return nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 5*time.Second)
		defer cancel()
		if left, lost := r.Journaled(ctx); lost == nil {
			a.ui.print("restored: %d of %d; not in place yet: %s: sower repair again goes on", n.Total()-left.Total(), n.Total(), left)
		}
		return err
	}
	return cmd
}

// nothingToRepair says what is known where nothing waits to be restored. Without a record that is little.
func (a *app) nothingToRepair(ctx context.Context, store sink.Store) error {
	runs, err := store.Runs(ctx)
	switch {
	case err != nil:
		return err
	case len(runs) == 0:
		a.ui.print("nothing to repair: no run is recorded in this database, and no journal of dropped indexes and keys (if the schema " +
			"sower was dropped after an interrupted load, what it knew is gone: compare the database with its migrations)")
	default:
		a.ui.print("nothing to repair: all indexes and keys that sower dropped are in place")
	}
	return nil
}
