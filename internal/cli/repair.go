package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

func (a *app) repairCommand() *cobra.Command {
	var url string
	var connections int
	var g guard
	cmd := &cobra.Command{
		Use:     "repair --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "bring back indexes and foreign keys that an interrupted load took away",
		Long: `repair restores what generate took away for a load and could not bring back since it was ended. What
that is stands in a journal inside the database. generate does the same when it completes the run; repair
is for a database that is to be used as it is.`,
		Example: `  sower repair --database-url postgres://me@localhost/genonaut_demo
  sower repair --database-url sqlite:genonaut_demo.db`,
		Args: exactly(),
	}
	cmd.Flags().StringVar(&url, "database-url", "", "`URL` of the database (required)")
	cmd.Flags().IntVar(&connections, "connections", 0, "`NUMBER` of connections that build indexes and check keys at once; 0: one for each processor")
	g.register(cmd)
	mode := progressFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if url == "" {
			return usageHelp("--database-url is required")
		}
		a.hideURL(url)
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
		unlock, err := store.Lock(cmd.Context(), who())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, unlock()) }()
		r, ok := store.(sink.Rebuilder)
		if !ok {
			a.ui.print("nothing to repair: loads into this kind of database leave indexes and keys in place")
			return nil
		}
		n, err := r.Journaled(cmd.Context())
		if err != nil {
			return err
		}
		if n == 0 {
			a.ui.print("nothing to repair: all indexes and foreign keys are in place")
			return nil
		}
		view := a.progressView(mode.value)
		err = run.Repair(cmd.Context(), r, run.Options{Connections: connections}, func(phase, text string) { view.event(run.Event{Phase: phase, Text: text}) })
		view.done()
		if err == nil {
			a.ui.print("%s restored", count(int64(n), "piece"))
		}
		return err
	}
	return cmd
}
