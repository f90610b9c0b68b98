// Command bench measures sower: how fast rows are made, and how fast databases are filled beside their own
// loaders. It starts what servers it needs and removes them. docs/performance.md says what each case
// measures, and how to read it.
//
//	go run ./bench [-case NAME,...] [-runs N] [-quick] [-out FILE]
//	go run ./bench -profile FILE
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// benchCase is one thing to measure. A further case is a function and a line of cases.
type benchCase struct {
	name string
	what string
	run  func(ctx context.Context, b *bench, r *Result) error
}

var cases = []benchCase{
	{"prompts", "the scenario's prompts, nothing else", runPrompts},
	{"generators", "every generator, a column at a time", runGenerators},
	{"discard", "all rows of the scenario, taken by nobody", runDiscard},
	{"genonaut-default", "the scenario into PostgreSQL, beside psql \\copy of the same rows", runGenonautDefault},
	{"genonaut-10k", "the same with 10,000 rows each of users and items", runGenonaut10k},
	{"genonaut-binary", "the same as genonaut-default, beside psql \\copy in the binary format", runGenonautBinary},
	{"genonaut-1m", "the same with a million rows of items (with -full)", runGenonaut1M},
	{"accounts", "a million rows of four columns, beside psql \\copy and pgbench -i", runAccounts},
	{"wide", "200,000 rows of 51 columns, beside psql \\copy", runWide},
	{"bare", "a million rows without a key or an index, beside psql \\copy", runBare},
	{"random-keys", "100,000 accounts and a million events with uuid keys, beside psql \\copy and the best script by hand", runRandomKeys},
	{"random-keys-tenth", "the same at a tenth", runRandomKeysTenth},
	{"many-small-tables", "500 tables of 1,000 rows, beside psql \\copy of all", runManySmall},
	{"verify", "sower verify of the scenario, beside the load of the same rows", runVerify},
	{"clean", "sower clean of the scenario, beside the load of the same rows", runClean},
	{"schemas", "schemas with many tables, columns, triggers and values, read and planned", runSchemas},
	{"scale", "time and memory as rows grow", runScale},
	{"loaders", "the scenario by 1, 2, 4 and 8 processes at once, beside one", runLoaders},
	{"shards", "ten billion rows, divided among a thousand processes", runShards},
	{"ledger", "a million rows in up to a million batches", runLedger},
	{"files", "the scenario into files of every format", runFiles},
	{"sqlite", "the scenario into an SQLite file, beside .import of the same rows", runSQLite},
}

// options are the command line.
type options struct {
	cases []string
	runs  int  // pairs of runs
	quick bool // a look, no measurement
	full  bool // also what takes very long
	pg    int  // major version of PostgreSQL, 0: that of psql
	out   string
	pgo   string // file for a profile, instead of everything else
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if o.pgo != "" {
		return b.profile(ctx, o.pgo)
	}
	report := &Report{Date: time.Now().UTC().Truncate(time.Second), Machine: machine(), Versions: b.versions, Runs: o.runs, Cases: []*Result{}}
	if err := report.write(o.out); err != nil { // before hours of work
		return err
	}
	if b.versions["sower"], err = b.sowerVersion(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, report.Machine)
	for _, c := range cases {
		if !slices.Contains(o.cases, c.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s ...\n", c.name)
		r := &Result{Case: c.name, What: c.what, LoadBefore: loadAverage()}
		began := time.Now()
		if err := c.run(ctx, b, r); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		r.Seconds = time.Since(began).Seconds()
		report.Cases = append(report.Cases, r)
		if err := report.write(o.out); err != nil {
			return err
		}
		fmt.Fprint(out, "\n", r.text())
	}
	fmt.Fprintf(out, "\n%s\nThe figures are in %s.\n", report.versions(), o.out)
	return nil
}

func parse(args []string) (*options, error) {
	o := new(options)
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	list := f.String("case", strings.Join(names, ","), "cases to run")
	f.IntVar(&o.runs, "runs", 0, "pairs of runs where two programs are compared (default 7; 2 with -quick)")
	f.BoolVar(&o.quick, "quick", false, "few and short runs: to see that everything works")
	f.BoolVar(&o.full, "full", false, "scale: also fill databases at ten times the default")
	f.IntVar(&o.pg, "pg", 0, "major version of PostgreSQL (default that of psql)")
	f.StringVar(&o.pgo, "profile", "", "measure nothing, and write a CPU profile of loads and exports to this file")
	f.StringVar(&o.out, "out", "bench/results.json", "file for the figures, JSON")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	for name := range strings.SplitSeq(*list, ",") {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no case %q; there are %s", name, strings.Join(names, ", "))
		}
		o.cases = append(o.cases, name)
	}
	switch {
	case o.runs < 0:
		return nil, fmt.Errorf("-runs is %d: at least 1", o.runs)
	case o.runs == 0 && o.quick:
		o.runs = 2
	case o.runs == 0:
		o.runs = 7
	}
	return o, nil
}
