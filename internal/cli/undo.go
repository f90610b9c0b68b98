package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// cleanAll is clean --all.
func (a *app) cleanAll(ctx context.Context, store sink.Store, r *request.Request, o run.CleanOptions, json bool) error {
	out := struct {
		OK   bool          `json:"ok"`
		Runs []cleanedJSON `json:"runs"`
	}{Runs: []cleanedJSON{}}
	own, err := r.Undo(ctx, store, o, func(c *run.Cleaned, failed error) {
		out.Runs = append(out.Runs, cleanedOf(c, false, failed))
		if !json && (failed == nil || len(c.Tables) > 0) {
			a.printCleaned(c, false, failed)
		}
	})
	if own == nil && err == nil {
		err = errors.New("no run is recorded in the database: there is nothing to clean")
	}
	if out.OK = err == nil; json {
		err = errors.Join(err, a.printJSON(out))
	}
	return err
}

// startAnew is what generate --fresh does before it fills: once the new run is known to be possible, all recorded
// runs are undone. Of rows that stay the record goes too: they are not sower's from then on.
func (a *app) startAnew(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) error {
	if !f.yes {
		name, err := store.DatabaseName(ctx)
		if err != nil {
			return err
		}
		if err := a.confirm(ctx, name); err != nil {
			return err
		}
	}
	db, err := store.Inspect(ctx)
	if err != nil {
		return err
	}
	f.infer.anew = true
	build, err := a.request(s, &f.infer).Builder(ctx, store, db, false, false)
	if err == nil {
		_, err = build(0) // what is wrong with the new run shows before anything is deleted
	}
	if err != nil {
		return err
	}
	own, err := a.request(s, &f.infer).Undo(ctx, store, run.CleanOptions{Forget: true, Options: run.Options{Workers: s.workers, BatchRows: s.batchRows,
		Replicated: f.guard.replicated, Version: version(), Who: request.Who(), Progress: view.event, Log: a.log()}},
		func(c *run.Cleaned, failed error) {
			if failed == nil || len(c.Tables) > 0 {
				a.printCleaned(c, false, failed)
			}
		})
	f.infer.own = maps.Clone(own)
	switch {
	case errors.Is(err, run.ErrDepended):
		return fmt.Errorf("nothing was filled: %w", err)
	case err != nil:
		return fmt.Errorf("nothing was filled, and the same command again goes on: %w", err)
	}
	return nil
}
