package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// dryRun is generate --dry-run.
func (a *app) dryRun(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) (*run.Report, error) {
	report := &run.Report{State: "failed"}
	if f.fresh {
		if err := a.dryUndo(ctx, store, s, f, view); err != nil {
			return report, err
		}
	}
	build, o, err := a.request(s, &f.infer).Prepare(ctx, store, a.runOptions(s, f, view), 0)
	if err != nil {
		return report, err
	}
	report, err = run.DryRun(ctx, store, build, o, f.fresh)
	var migrated *run.MigratedError
	if errors.As(err, &migrated) {
		if build, o, err = a.request(s, &f.infer).Prepare(ctx, store, a.runOptions(s, f, view), migrated.Run); err != nil {
			return report, err
		}
		if report, err = run.DryRun(ctx, store, build, o, false); err == nil {
			report.Notices = append(report.Notices, fmt.Sprintf("the further rows that are asked for come after that, beside those of run %d", migrated.Run))
		}
	}
	if err == nil {
		a.printDryRun(report)
	}
	return report, err
}

// dryUndo shows what --fresh would delete.
func (a *app) dryUndo(ctx context.Context, store sink.Store, s *settings, f *generateFlags, view view) error {
	f.infer.anew = true
	own, err := a.request(s, &f.infer).Undo(ctx, store, run.CleanOptions{DryRun: true, Forget: true, Options: a.runOptions(s, f, view)},
		func(c *run.Cleaned, failed error) {
			if failed == nil || len(c.Tables) > 0 {
				a.printCleaned(c, true, failed)
			}
			if errors.Is(failed, run.ErrDepended) {
				a.ui.print("run %d: rows refer to its rows, those of later runs, which go first, among them: %v", c.Run, failed)
			}
		})
	f.infer.own = own
	if err != nil {
		return fmt.Errorf("nothing would be filled: %w", err)
	}
	return nil
}

func (a *app) printDryRun(r *run.Report) {
	what := "a new run"
	switch {
	case r.State == "already complete":
		what = fmt.Sprintf("run %d is complete: nothing is to be done", r.Run)
	case r.Run > 0:
		what = fmt.Sprintf("run %d is to be completed", r.Run)
	}
	a.ui.print("%s: %s: %s to make; nothing was written", visible(r.Plan.Blueprint.Name), what, count(r.Rows, "row"))
	g := grid{header: []string{"table", ">to make", ">stood before", ">of"}, indent: "  "}
	for _, t := range r.Tables {
		g.add(visible(t.Name), thousands(t.Made), thousands(t.Stood), thousands(t.Total))
	}
	_, _ = a.ui.out.Write([]byte(g.String()))
	for _, adopted := range r.Adopted {
		a.ui.print("adopted: %s stood before; it is referred to, and stays as it is", visible(adopted))
	}
	if n := len(r.Conflicts); n > 0 {
		a.ui.print("conflicts: %s already in the database, to get another draw", count(int64(n), "value"))
	}
	for _, n := range run.PartitionNotices(r.Plan.Partitions, "to be made") {
		a.ui.print("notice: %s", visible(n))
	}
	for _, n := range r.Notices {
		a.ui.print("notice: %s", visible(n))
	}
}
