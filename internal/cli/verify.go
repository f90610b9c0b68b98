package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// errBroken is the error of a verification that found broken rules. What they are has been printed.
var errBroken = errors.New("")

func (a *app) verifyCommand() *cobra.Command {
	var appended bool
	var reportFile string
	cmd := &cobra.Command{
		Use:     "verify [BLUEPRINT] --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "check every rule and every cell of a run's rows",
		Long: `verify asks the database each rule that the rows of a run must obey, makes the rows once more and
compares them with those that stand, cell by cell. It prints a line a rule, ok or BROKEN, and a summary;
its exit code is 1 where one is broken. It connects for reading only.

The parameters and the seed must be those of the run. Cells that this version of sower makes otherwise than the one
that filled the database are compared by the digests that the run recorded of its batches.`,
		Example: `  sower verify genonaut --database-url sqlite:genonaut_demo.db
  sower verify genonaut --database-url postgres://me@localhost/genonaut_test --target-rows-users 500
  sower verify --database-url postgres://me@localhost/shop_test --report-file verified.html`,
		Args: between(0, "BLUEPRINT"),
	}
	var inferred inferFlags
	databaseFlag(cmd, addressHelp)
	inferred.register(cmd)
	cmd.Flags().BoolVar(&appended, "append", false, "check the last run that generate --append added")
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	reportFileFlag(cmd, &reportFile, "what was found")
	format := wordFlag(cmd, "format", "form of the output", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		url, err := a.database(cmd, readOnly)
		if err != nil {
			return err
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		store, err := a.openStore(cmd.Context(), url, readOnly)
		if err != nil {
			return err
		}
		defer store.Close()
		db, err := store.Inspect(cmd.Context())
		if err != nil {
			return err
		}
		text := format.value == "text"
		if err := inferred.check(a.doc != nil); err != nil {
			return err
		}
		asked := a.request(s, &inferred)
		build, err := asked.RecordedBuilder(cmd.Context(), store, db, appended)
		if err != nil {
			return asRequested(err)
		}
		options := run.Options{Replan: asked.Replan(cmd.Context(), store, db, nil), Workers: s.workers, BatchRows: s.batchRows, Append: appended, Version: version(), Log: a.log()}
		var bars view = noView{}
		if text && a.barsFit() {
			bars = newBarView(a.ui.err)
			options.Progress = bars.event
		}
		each := func(f run.Finding) {
			if text {
				a.ui.print("%s", a.findingLine(f))
			}
		}
		v, err := run.Verify(cmd.Context(), store, build, options, each)
		bars.done()
		if err != nil {
			return asRequested(err)
		}
		if reportFile != "" {
			if err := a.writeVerdict(cmd.Context(), reportFile, store, v); err != nil {
				return err
			}
		}
		if text {
			a.printVerdict(v)
		} else if err := a.printJSON(verdictOf(v)); err != nil {
			return err
		}
		switch {
		case v.Broken() > 0:
			return errBroken
		case len(v.Rules) == 0:
			return fmt.Errorf("run %d has no rule and no row to check: %w", v.Run, plan.ErrNothing)
		}
		return nil
	}
	return cmd
}

// writeVerdict writes what a verification found to a file, as a page or as JSON.
func (a *app) writeVerdict(ctx context.Context, path string, store sink.Store, v *run.Verdict) error {
	var data []byte
	var err error
	if isPage(path) {
		data, err = a.verdictPage(ctx, store, v)
	} else if data, err = json.MarshalIndent(verdictOf(v), "", "  "); err == nil {
		data = []byte(shown.JSON(string(data) + "\n"))
	}
	if err != nil {
		return errors.New(fileProblem("write the report", path, err))
	}
	return writeReportFile(path, data)
}

func (a *app) findingLine(f run.Finding) string {
	verdict := a.ui.out.paint(green, "ok    ")
	if !f.OK {
		verdict = a.ui.out.paint(red, "BROKEN")
	}
	line := verdict + " " + visible(f.Text)
	if !f.OK && f.Detail != "" {
		line += ": " + visible(f.Detail)
	}
	return line
}

func (a *app) printVerdict(v *run.Verdict) {
	rules, broken := int64(len(v.Rules)), int64(v.Broken())
	what := fmt.Sprintf("run %d: %s and %s were checked", v.Run, count(rules, "rule"), count(v.Cells, "cell"))
	if rules == 0 {
		return
	}
	if broken == 0 {
		a.ui.print("%s: %s", what, a.ui.out.paint(green, "all hold"))
		return
	}
	a.ui.print("%s: %s", what, a.ui.out.paint(red, thousands(broken)+" BROKEN"))
}

// verdictJSON is a verdict as JSON. Keys are only ever added.
type verdictJSON struct {
	Run    int64         `json:"run"`
	OK     bool          `json:"ok"`
	Rules  []findingJSON `json:"rules"`
	Broken int           `json:"broken"`
	Cells  int64         `json:"cells"`
}

type findingJSON struct {
	Table  string `json:"table"`
	Text   string `json:"text"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

func verdictOf(v *run.Verdict) verdictJSON {
	out := verdictJSON{Run: v.Run, OK: v.Broken() == 0, Broken: v.Broken(), Cells: v.Cells, Rules: []findingJSON{}}
	for _, f := range v.Rules {
		out.Rules = append(out.Rules, findingJSON{f.Table, f.Text, f.OK, f.Detail})
	}
	return out
}
