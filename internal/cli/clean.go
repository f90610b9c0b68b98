package cli

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/run"
)

type cleanFlags struct {
	url                 string
	append, all         bool
	dryRun, yes, forget bool
	guard               guard
}

func (a *app) cleanCommand() *cobra.Command {
	var f cleanFlags
	cmd := &cobra.Command{
		Use:     "clean [BLUEPRINT] --database-url URL [FLAGS]",
		GroupID: groupWork,
		Short:   "take the rows of a run away again",
		Long: `clean deletes exactly the rows that this blueprint and seed made (without a blueprint: the last run that had none): those whose key and cells are what would be
made today. Rows that someone has changed since stay, are listed, and so do the rows that they refer to. Rows
that stood before the run are never touched. Where rows of others refer to what is to go, they are named and
nothing is deleted. The last run's record goes with its rows. Sequences stay where they are.

Rows with cells that this version of sower makes otherwise than the one that filled the database go where the
digests that the run recorded prove them to be as they were made.

The same command again goes on with what was interrupted. On a terminal the database's name has to be typed
before anything is deleted; --yes says so beforehand, and where there is no terminal nothing is deleted without it.`,
		Example: `  sower clean genonaut --database-url postgres://me@localhost/genonaut_demo --dry-run
  sower clean genonaut --database-url sqlite:genonaut_demo.db --yes`,
		Args: between(0, "BLUEPRINT"),
	}
	databaseFlag(cmd, addressHelp)
	cmd.Flags().BoolVar(&f.append, "append", false, "clean the last run that generate --append added")
	cmd.Flags().BoolVar(&f.all, "all", false, "clean all runs of sower in this database, the last one first, whatever made them")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only count what would be deleted")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask for the database's name")
	cmd.Flags().BoolVar(&f.forget, "forget", false, "delete the run's record also where rows stay that someone changed: they are not sower's from then on")
	var inferred inferFlags
	inferred.register(cmd)
	f.guard.register(cmd)
	a.blueprintFlags(cmd, "max_workers", "batch_size")
	a.waits.register(cmd)
	mode := progressFlag(cmd)
	format := wordFlag(cmd, "format", "form of the output", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if f.url, err = a.database(cmd, readWrite); err != nil {
			return err
		}
		if err := errors.Join(f.guard.checkNames(), f.guard.checkURL(f.url)); err != nil {
			return err
		}
		if err := inferred.check(a.doc != nil); err != nil {
			return err
		}
		if f.all && (f.append || f.dryRun || a.doc != nil || inferred.set("rows") || inferred.set("total-rows") || inferred.set("seed")) {
			return usage("--all cleans every run, whatever made it: it goes without a blueprint, --append, --rows, --total-rows, --seed and --dry-run")
		}
		if !f.dryRun && !f.yes && !a.attended() {
			return usage("clean deletes rows, and no terminal is here on which that could be confirmed: say --yes if it is meant, or --dry-run to see what would go")
		}
		s, err := a.settings(cmd)
		if err != nil {
			return err
		}
		store, err := a.openStore(cmd.Context(), f.url, readWrite)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		if err := f.guard.checkServer(cmd.Context(), store); err != nil {
			return err
		}
		name, err := store.DatabaseName(cmd.Context())
		if err != nil {
			return err
		}
		if !f.dryRun && !f.yes {
			if err := a.confirm(cmd.Context(), name); err != nil {
				return err
			}
		}
		view := a.progressView(mode.value)
		o := run.CleanOptions{DryRun: f.dryRun, Forget: f.forget, Options: run.Options{Workers: s.workers, BatchRows: s.batchRows, Append: f.append, Replicated: f.guard.replicated, Version: version(), Who: request.Who(),
			Progress: view.event, Log: a.log()}}
		asked := a.request(s, &inferred)
		if f.all {
			err := a.cleanAll(cmd.Context(), store, asked, o, format.value == "json")
			view.done()
			return err
		}
		db, err := store.Inspect(cmd.Context())
		if err != nil {
			return err
		}
		build, err := asked.RecordedBuilder(cmd.Context(), store, db, f.append)
		if err != nil {
			return asRequested(err)
		}
		o.Replan = asked.Replan(cmd.Context(), store, db, nil)
		c, err := run.Clean(cmd.Context(), store, build, o)
		err = asRequested(err)
		view.done()
		if format.value == "json" {
			err = errors.Join(err, a.printJSON(cleanedOf(c, f.dryRun, err)))
		} else if err == nil || len(c.Tables) > 0 {
			a.printCleaned(c, f.dryRun, err)
		}
		return err
	}
	return cmd
}

// attended tells whether a person could answer a question: input comes from a terminal.
func (a *app) attended() bool {
	f, ok := a.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// confirm has a person at a terminal type the database's name.
func (a *app) confirm(ctx context.Context, name string) error {
	a.ui.note("rows of the database %s will be deleted; type its name to go on:", visible(name))
	typed := make(chan string, 1)
	go func() { // nothing ends a read from a terminal but the terminal, or the program's end
		line, _ := bufio.NewReader(a.in).ReadString('\n')
		typed <- line
	}()
	var line string
	select {
	case line = <-typed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if strings.TrimRight(line, "\r\n") != name {
		return usage("that is not its name: nothing is deleted")
	}
	return nil
}

func (a *app) printCleaned(c *run.Cleaned, dry bool, failed error) {
	verb := "deleted"
	if dry || errors.Is(failed, run.ErrDepended) {
		verb = "to delete"
	}
	var total int64
	for _, t := range c.Tables {
		if errors.Is(failed, run.ErrDepended) {
			break // nothing was
		}
		total += t.Deleted
		line := visible(t.Name) + ": " + count(t.Deleted, "row") + " " + verb
		for _, x := range []struct {
			n    int64
			text string
		}{{t.Missing, "gone before"}, {t.Changed, "changed since, left"}, {t.Spared, "left for those who refer to them"}, {t.Others, "changed meanwhile, left"}, {t.Untold, "not to be told from others"}, {t.Adopted, "that stood before the run"}} {
			if x.n > 0 {
				line += ", " + thousands(x.n) + " " + x.text
			}
		}
		if t.Reason != "" {
			line += "; left alone: " + visible(t.Reason)
		}
		a.ui.print("%s", line)
		for _, e := range t.Examples {
			a.ui.print("  %s", visible(e))
		}
		if n := t.Changed - int64(len(t.Examples)); n > 0 && len(t.Examples) > 0 {
			a.ui.print("  and %s more", thousands(n))
		}
	}
	if failed != nil {
		return
	}
	text := "run %d: %s %s"
	switch {
	case dry:
	case c.Left != "":
		text += "; its record is gone, but not the place of records: " + visible(c.Left)
	case c.Forgotten:
		text += "; its record is gone"
	default:
		text += "; its record stays as long as rows of it do (--forget deletes it)"
	}
	a.ui.print(strings.ReplaceAll(text, "%%", "%"), c.Run, count(total, "row"), verb)
}

// cleanedJSON is a cleaning as JSON. Keys are only ever added.
type cleanedJSON struct {
	Run        int64            `json:"run"`
	DryRun     bool             `json:"dry_run"`
	OK         bool             `json:"ok"`
	Forgotten  bool             `json:"forgotten"`
	Tables     []cleanTableJSON `json:"tables"`
	Dependents []dependentJSON  `json:"dependents"`
}

type cleanTableJSON struct {
	Name    string   `json:"name"`
	Deleted int64    `json:"deleted"`
	Missing int64    `json:"missing"`
	Changed int64    `json:"changed"`
	Left    int64    `json:"left"` // changed ones, their parents, and those that changed meanwhile
	Adopted int64    `json:"adopted"`
	Reason  string   `json:"reason,omitempty"`
	Sample  []string `json:"sample,omitempty"`
}

type dependentJSON struct {
	Table      string `json:"table"`
	Constraint string `json:"constraint"`
	Parent     string `json:"parent"`
	Rows       int64  `json:"rows"`
}

func cleanedOf(c *run.Cleaned, dry bool, err error) cleanedJSON {
	out := cleanedJSON{Run: c.Run, DryRun: dry, OK: err == nil, Forgotten: c.Forgotten, Tables: []cleanTableJSON{}, Dependents: []dependentJSON{}}
	for _, t := range c.Tables {
		if errors.Is(err, run.ErrDepended) {
			t.Deleted = 0
		}
		out.Tables = append(out.Tables, cleanTableJSON{t.Name, t.Deleted, t.Missing, t.Changed, t.Changed + t.Spared + t.Others + t.Untold, t.Adopted, t.Reason, t.Examples})
	}
	for _, d := range c.Dependents {
		out.Dependents = append(out.Dependents, dependentJSON{d.Table, d.Constraint, d.Parent, d.Rows})
	}
	return out
}
