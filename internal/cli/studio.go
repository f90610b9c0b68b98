package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/internal/report"
	"github.com/sowerdata/sower/internal/request"
	"github.com/sowerdata/sower/internal/studio"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

func (a *app) studioCommand() *cobra.Command {
	var f generateFlags
	var port int
	cmd := &cobra.Command{
		Use:     "studio [BLUEPRINT] [FLAGS]",
		GroupID: groupLook,
		Short:   "see and edit a blueprint and its rows in a browser, before any is written",
		Long: `studio serves a page on this machine alone and prints its address. The page shows the tables of a blueprint or of a
database, any of their rows at once, what a cell is made of, how each column's cells are distributed, and a diagram; the
blueprint can be edited there, and every change is seen in the rows. Of a database it shows what it holds beside what is
asked for. Without a blueprint it is inferred from a database, which is only read.

Filling the database is offered on the page too, if its name ends in _demo or _test or is allowed with
--allow-database, as in generate. The page saves the blueprint to its file, or to a new one in this folder.
Ctrl-C ends it.`,
		Example: `  sower studio --database-url postgres://me@localhost/shop_test
  sower studio my.yaml --database-url sqlite:shop_demo.db
  sower studio my.yaml`,
		Args: between(0, "BLUEPRINT"),
	}
	a.blueprintFlags(cmd, "batch_size", "max_workers")
	databaseFlag(cmd, againstHelp)
	f.infer.register(cmd)
	f.guard.register(cmd)
	cmd.Flags().IntVar(&port, "port", 0, "`NUMBER` of the port; 0: any that is free")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if port < 0 || port > 65535 {
			return usage("--port is %d: want 0 to 65535", port)
		}
		if a.collects() {
			debug.SetGCPercent(40)
		}
		b, err := a.openBench(cmd, &f)
		if err != nil {
			return err
		}
		defer b.close()
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return fmt.Errorf("listen on this machine: %w (--port chooses another port)", err)
		}
		work := studio.New(cmd.Context(), b.options())
		server := studio.NewServer(cmd.Context(), work, l.Addr().String())
		go work.Watch(cmd.Context(), time.Second)
		a.ui.print("%s", server.URL())
		a.ui.note("the page is for this machine alone, and the address holds its key; Ctrl-C ends it")
		return server.Serve(l)
	}
	return cmd
}

// room is how many bytes the studio may use beside what it holds before they are collected.
const room = 20 << 20

// rested gives back what the studio does not need any more, and says when it collects next, unless the environment does:
// it runs beside other programs, and works for moments at a time. A limit would do for small schemas; where large ones
// come near it, edits would wait for the collector.
func (a *app) rested() {
	debug.FreeOSMemory()
	if a.collects() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		debug.SetGCPercent(int(min(100, 100*room/max(1, m.HeapAlloc))))
	}
}

// collects tells whether the environment leaves it to the studio when it collects.
func (a *app) collects() bool { return a.getenv("GOGC") == "" && a.getenv("GOMEMLIMIT") == "" }

// bench is what the studio's workbench works with: a blueprint's text, and a database where one takes part.
type bench struct {
	app      *app
	settings *settings
	flags    *generateFlags

	name  string // of the main file within files
	files fs.FS
	path  string // of the file on disk; "" for none
	text  []byte

	store sink.Store // nil for none

	mu      sync.Mutex // of what a run changes
	db      *schema.Database
	records request.Records
	read    resolved             // the last text
	whole   *blueprint.Blueprint // of the last text that was planned whole; nil for none

	choices map[[2]string]studio.Reason
	last    lastRun
}

// lastRun is what the last run that the page started came to.
type lastRun struct {
	report   *run.Report
	timeline *report.Timeline
	err      error
	stopped  bool
}

// openBench checks what a command was called with, and reads the blueprint and the database.
func (a *app) openBench(cmd *cobra.Command, f *generateFlags) (*bench, error) {
	if err := f.guard.checkNames(); err != nil {
		return nil, err
	}
	if err := f.infer.check(a.doc != nil); err != nil {
		return nil, err
	}
	s, err := a.settings(cmd)
	if err != nil {
		return nil, err
	}
	b := &bench{app: a, settings: s, flags: f}
	if err := b.open(cmd); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	if b.store != nil {
		_ = b.store.Close() // it was only read
	}
}

// open reads the blueprint, and the database where one is named.
func (b *bench) open(cmd *cobra.Command) error {
	a := b.app
	if a.doc != nil {
		if err := b.readFile(cmd.Flags().Arg(0)); err != nil {
			return err
		}
		if !cmd.Flags().Changed("database-url") {
			return nil
		}
	} else if !a.databaseNamed(cmd, nil) && !cmd.Flags().Changed("database-url") {
		return usageHelp("BLUEPRINT is missing: without one, --database-url (or DATABASE_URL) names the database to infer it from")
	}
	var err error
	if b.flags.url, err = a.database(cmd, readOnly); err != nil {
		return err
	}
	if b.store, err = a.openStore(cmd.Context(), b.flags.url, readOnly); err != nil {
		return err
	}
	b.flags.infer.mayBeEmpty = true // rows that stand can be looked at all the same
	if err := b.look(cmd.Context()); err != nil || a.doc != nil {
		return err
	}
	return b.infer(cmd.Context())
}

// look reads the database as it is now.
func (b *bench) look(ctx context.Context) error {
	db, err := b.store.Inspect(ctx)
	if err != nil {
		return err
	}
	recorded, err := request.ReadRecords(ctx, b.store)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.db, b.records = db, recorded
	return nil
}

// readFile takes the text of the blueprint that was named.
func (b *bench) readFile(name string) (err error) {
	if files, ok := blueprints.Open(name); ok {
		b.files, b.name = files, "blueprint.yaml"
	} else {
		b.path = filepath.Clean(name)
		folder, file := filepath.Split(b.path)
		root, err := os.OpenRoot(filepath.Clean(folder))
		if err != nil {
			return err
		}
		b.files, b.name = root.FS(), file // the runtime closes the root
	}
	b.text, err = fs.ReadFile(b.files, b.name)
	return err
}

// infer writes the blueprint that nobody wrote.
func (b *bench) infer(ctx context.Context) error {
	o, err := b.app.request(b.settings, &b.flags.infer).Options(b.store)
	if err != nil {
		return err
	}
	o.Own, o.Stood = b.records.Tables(), b.records.Stood()
	o.Beside = driver.ForMadeRows(b.db.Name)
	r, err := infer.Infer(ctx, b.db, o)
	if err != nil {
		return err
	}
	b.text, b.name = r.Text, "blueprint.yaml"
	b.choices = map[[2]string]studio.Reason{}
	for _, c := range r.Choices {
		b.choices[[2]string{c.Table, c.Column}] = studio.Reason{Why: c.Reason, Confidence: c.Confidence, Readings: readings(&c)}
	}
	return nil
}

// readings are the generators that a column might have, as a person may choose among them: those that failed come last.
func readings(c *infer.Choice) (out []studio.Reading) {
	if len(c.Alternatives) == 0 {
		return nil
	}
	out = append(out, studio.Reading{Generator: c.Generators[0], Why: c.Reason, Confidence: c.Confidence})
	for _, failed := range []bool{false, true} {
		for _, k := range c.Alternatives {
			if k.Failed == failed {
				out = append(out, studio.Reading{Generator: k.Generator, Why: k.Reason, Confidence: k.Confidence, Failed: failed})
			}
		}
	}
	return out
}

func (b *bench) options() studio.Options {
	o := studio.Options{
		Title: b.app.blueprintName(), Seed: b.settings.seed, Text: b.text, File: b.path, Reasons: b.choices, Plan: b.plan, Early: b.early, Given: map[string]bool{},
		Rested: b.app.rested,
		WhyNot: "no database is named: start with --database-url to fill one",
	}
	for name := range b.settings.given {
		o.Given[name] = true
	}
	if b.store != nil {
		o.Title, o.Database, o.Store = b.db.Name, diagram.New(b.db).System(), b.store
		if err := b.flags.guard.checkURL(b.flags.url); err != nil {
			o.WhyNot = err.Error()
		} else {
			o.Fill, o.Report = b.fill, b.report
		}
	}
	return o
}

// fill fills the database, by the same guards as generate.
func (b *bench) fill(ctx context.Context, text []byte, progress func(run.Event)) (*run.Report, error) {
	s, err := b.resolve(text)
	if err != nil {
		return nil, err
	}
	store, err := b.app.openForWriting(ctx, b.flags, s)
	if err != nil {
		return nil, err
	}
	last := lastRun{timeline: new(report.Timeline)}
	last.report, err = b.app.generate(ctx, store, s, b.flags, noting{eventView(progress), last.timeline})
	err = errors.Join(err, store.Close())
	err = errors.Join(err, b.look(context.WithoutCancel(ctx)))
	last.err, last.stopped = err, err != nil && ctx.Err() != nil
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = last
	return last.report, err
}

// report writes the page of the last run.
func (b *bench) report(ctx context.Context) ([]byte, error) {
	b.mu.Lock()
	last := b.last
	b.mu.Unlock()
	if last.report == nil {
		return nil, errors.New("the last run did not begin: nothing can be reported")
	}
	return b.app.runPage(ctx, b.store, last.report, last.timeline, last.err, last.stopped)
}

// eventView hands the events of a run on.
type eventView func(run.Event)

func (v eventView) event(e run.Event) { v(e) }
func (v eventView) done()             {}

// overlay is a folder in which one file has another text.
type overlay struct {
	files fs.FS // nil for none
	name  string
	text  []byte
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if name == o.name {
		return blueprint.TextFile(name, o.text), nil
	}
	if o.files == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.files.Open(name)
}
