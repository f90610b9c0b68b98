package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// errBroken is the error of a verification that found broken rules. What they are has been printed.
var errBroken = errors.New("")

func (a *app) verifyCommand() *cobra.Command {
	var url string
	var appended bool
	cmd := &cobra.Command{
		Use:     "verify [BLUEPRINT] --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "check every rule and every cell of a run's rows",
		Long: `verify asks the database each rule that the rows of a run must obey, makes the rows once more and
compares them with those that stand, cell by cell. It prints a line a rule, ok or BROKEN, and a summary;
its exit code is 1 where one is broken. It connects for reading only.

The parameters and the seed must be those of the run.`,
		Example: `  sower verify genonaut --database-url sqlite:genonaut_demo.db
  sower verify genonaut --database-url postgres://me@localhost/genonaut_test --target-rows-users 500`,
		Args: between(0, "BLUEPRINT"),
	}
	var inferred inferFlags
	cmd.Flags().StringVar(&url, "database-url", "", "`URL` of the database: postgres://user:password@host:port/name or sqlite:PATH (required)")
	inferred.register(cmd)
	cmd.Flags().BoolVar(&appended, "append", false, "check the last run that generate --append added")
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	format := wordFlag(cmd, "format", "form of the output", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("database-url") {
			return usageHelp("--database-url is required")
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
		build, err := a.verifyBuilder(cmd, store, db, s, &inferred, appended)
		if err != nil {
			return err
		}
		options := run.Options{Workers: s.workers, BatchRows: s.batchRows, Append: appended, Version: version(), Log: a.log()}
		var bars view = noView{}
		if text && a.ui.err.terminal {
			bars = &barView{screen: a.ui.err, width: a.ui.err.width, live: true}
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
			return err
		}
		if text {
			a.printVerdict(v)
		} else if err := a.printJSON(verdictOf(v)); err != nil {
			return err
		}
		if v.Broken() > 0 {
			return errBroken
		}
		return nil
	}
	return cmd
}

// verifyBuilder makes the plan of a run that stands. Without a blueprint and options that is the last one that
// was inferred.
func (a *app) verifyBuilder(cmd *cobra.Command, store sink.Store, db *schema.Database, s *settings, f *inferFlags, appended bool) (run.Builder, error) {
	if s.blueprint != nil || len(f.rows) > 0 || f.set("total-rows") || f.set("seed") {
		return a.builder(cmd.Context(), store, db, s, f, appended)
	}
	recorded, err := recordedRuns(cmd.Context(), store)
	if err != nil {
		return nil, err
	}
	o, err := s.inferOptions(store, f)
	if err != nil {
		return nil, err
	}
	return func(n int) (*plan.Plan, error) {
		r := recorded.find("", n)
		if r == nil {
			return nil, usage("no run without a blueprint is recorded in this database: name the blueprint of the run to check")
		}
		return infer.Again(cmd.Context(), r, db, o)
	}, nil
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
