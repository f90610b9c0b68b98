package run

import (
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/sowerdata/sower/internal/shard"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/sink"
)

// Options of a run. The zero value is useful.
type Options struct {
	Workers     int      // goroutines, each with a connection of its own; 0: one for each processor
	BatchRows   int      // rows a batch, which is a transaction; 0: about a megabyte of rows (BatchSize)
	Strategy    Strategy // how indexes and keys are dealt with; "" is Auto
	Connections int      // that build indexes, check keys and gather statistics at once; 0: as many as workers
	Stage       Stage    // Generate: the phase that this call is; "": the whole run
	Shard       Shard    // Export, and the stage Load: a part of the rows
	Replicated  bool     // also write tables whose changes are replicated to other databases
	Append      bool     // add a further run beside those that stand
	Replan      Replan   // makes plans of recorded runs again; nil: no run is grown
	Migrate     int64    // Generate: number of a recorded run that gets what its plan has besides; 0: the run that is asked for
	// SkipUnsatisfiable goes on without tables whose rows the database does not take, and those that need them:
	// Report.Skipped names them.
	SkipUnsatisfiable bool
	Version           string      // of the program, for the record
	Who               string      // names this run to one that finds the database taken: "pid 123 on host"
	Progress          func(Event) // called for every batch, from one goroutine at a time; may be nil
	Log               *slog.Logger
	Forget            []string // Repair: names of indexes and keys that are given up
	// Abandon, once it is closed, ends also the restoring of indexes and keys, which a run that is told to stop
	// waits for otherwise: they stay in the journal. It may be nil.
	Abandon <-chan struct{}

	frozen map[string]int64 // table -> rows of a batch, of a run that several load
}

// Stage is a phase of a run that several processes fill together.
type Stage string

// The stages. Prepare settles the run and takes indexes and keys away; Load loads a shard, beside other loaders; Finish
// completes the run once all shards are there. Each may be killed, repeated, and run twice.
const (
	Whole   Stage = "" // all of them
	Prepare Stage = "prepare"
	Load    Stage = "load"
	Finish  Stage = "finish"
)

// Shard is one of Count parts of every table's rows, counted from 1. The zero Shard is all rows.
type Shard = shard.Shard

func (o *Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o *Options) log() *slog.Logger {
	if o.Log != nil {
		return o.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Event is one step of a run's progress.
type Event struct {
	Phase      string        // "prepare", "load", "uniques", "indexes", "keys", "finish", "verify"
	Table      string        // the table that Rows speaks of; "" where the phase begins
	Rows       int64         // rows of the table that stand so far
	Total      int64         // rows that will
	Batch      int64         // rows of this batch
	Done       int64         // rows of all tables of the phase that stand so far
	All        int64         // rows that will
	Elapsed    time.Duration // since the run began
	Text       string        // what is being done, in a phase without tables
	Connection int           // that did it, from 1; 0 where no single one did, or it is not done yet
	Took       time.Duration // that what the Connection did has taken, up to now
}

// Report says what a run did. It is complete as far as the run came, also when it failed.
type Report struct {
	Run       int64         // number of the run in the record; 0 where it did not come that far
	State     string        // "complete", "already complete", "interrupted", "prepared", "loaded", of DryRun "dry run"
	Plan      *plan.Plan    // the resolved plan; nil where it did not come that far
	Tables    []TableReport // in load order
	Conflicts []Conflict    // cells that were drawn again because their value stood
	Adopted   []string      // "users admin": standing rows that took a fixed row's place
	Notices   []string
	Skipped   []plan.LeftOut
	Rebuilt   []string     // tables whose indexes and keys were taken away and built again
	Waiting   sink.Waiting // indexes and keys that the run left in the journal
	Phases    []Phase      // in order; what came before a failure
	Rows      int64        // rows made by this call
	Bytes     int64        // size of their cells
	Elapsed   time.Duration
}

// LeftOut gives the tables that the run was to fill and did not, those that were known before it first.
func (r *Report) LeftOut() []plan.LeftOut {
	if r.Plan == nil {
		return r.Skipped
	}
	return slices.Concat(r.Plan.Inferred.LeftOut, r.Skipped)
}

// TableReport is one table of a Report.
type TableReport struct {
	Name    string
	Made    int64 // rows that this call made
	Stood   int64 // rows of the run that stood before
	Total   int64 // rows that the plan asks for
	Elapsed time.Duration
}

// Conflict is a cell that was drawn again because its value already stood in the database.
type Conflict struct {
	Table, Column string
	Row           int64
	Old, New      string
}
