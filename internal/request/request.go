// Package request is what is asked of a database: rows of a blueprint, or of what is inferred; and the recorded runs
// that it is about. It makes the plans of runs, new ones and recorded ones, for the program and the library alike.
package request

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Request is what a database is to be filled with.
type Request struct {
	Blueprint *blueprint.Blueprint // nil: all is inferred
	Document  *blueprint.Document  // that it was read from; nil for none
	Seed      uint64
	SeedGiven bool // somebody said it
	Wanted
	MayBeEmpty bool            // a schema without a table to fill is no error
	Partitions bool            // partitions that rows need will be made
	Rehearse   bool            // rows may be tried against triggers
	Anew       bool            // what recorded runs inferred does not count
	Own        map[string]bool // tables that runs had filled which were undone just now
	Fit        *Fit            // nil: numbers of rows are as they are asked for
}

// Wanted says what is wanted where no blueprint does. The record of a run keeps it.
type Wanted struct {
	Rows             []string // NUMBER of each table, TABLE=NUMBER, or Auto
	Total            *int64   // of all tables together; nil: not said
	Include, Exclude []string // globs of tables
	Locale           string
	Meaning          string // off: each column is filled by itself; on, "": by what columns mean together
	Skip             bool   // tables that are left out are no failure
	Strict           bool   // a table that would be left out is an error
}

// Auto, as a number of rows, lets each table have as many as one of its role usually has.
const Auto = "auto"

// Locales are those of names and addresses.
var Locales = []string{"en_US", "de_DE", "fr_FR", "es_ES", "ja_JP"}

// MistakeError is a mistake in what was asked: nothing was done.
type MistakeError struct{ Text string }

func (e *MistakeError) Error() string { return e.Text }

func mistake(format string, args ...any) error { return &MistakeError{fmt.Sprintf(format, args...)} }

// Counts reads Rows: of all tables, and of single ones.
func (w *Wanted) Counts() (all *int64, tables map[string]int64, err error) {
	tables = map[string]int64{}
	for _, text := range w.Rows {
		if text == Auto {
			all = nil
			continue
		}
		table, number := "", text
		if i := strings.LastIndexByte(text, '='); i >= 0 {
			table, number = text[:i], text[i+1:]
		}
		n, err := strconv.ParseInt(strings.ReplaceAll(number, "_", ""), 10, 64)
		switch {
		case err != nil:
			return nil, nil, mistake("rows %q: want a number, TABLE=NUMBER, or auto", text)
		case n < 0:
			return nil, nil, mistake("rows %q: at least 0", text)
		case table != "":
			tables[table] = n
		default:
			all = &n
		}
	}
	return all, tables, nil
}

// Builder makes plans against a database: of the blueprint that was named, or else of one that is inferred. asMade leaves
// the columns open that are new since the run that the blueprint made.
func (r *Request) Builder(ctx context.Context, store sink.Store, db *schema.Database, appended, asMade bool) (run.Builder, error) {
	build, err := r.builder(ctx, store, db, appended, asMade)
	if err != nil || !r.Partitions {
		return build, err
	}
	return func(n int) (*plan.Plan, error) {
		p, err := build(n)
		if err == nil {
			p.Partitions, err = run.MissingPartitions(p)
		}
		return p, err
	}, nil
}

func (r *Request) builder(ctx context.Context, store sink.Store, db *schema.Database, appended, asMade bool) (run.Builder, error) {
	o, err := r.Options(store)
	if err != nil {
		return nil, err
	}
	o.Append = appended
	if r.Blueprint != nil {
		return func(n int) (*plan.Plan, error) {
			o.AppendRun = n
			recorded, err := ReadRecords(ctx, store)
			if err != nil {
				return nil, err
			}
			return Complete(ctx, r.fitted(recorded, n, asMade), recorded, db, n, asMade, o)
		}, nil
	}
	recorded, err := ReadRecords(ctx, store)
	if err != nil {
		return nil, err
	}
	o.Own, o.Stood = recorded.Tables(), recorded.Stood()
	maps.Copy(o.Own, r.Own)
	o.Beside = driver.ForMadeRows(db.Name)
	asked := r.asked()
	return func(n int) (*plan.Plan, error) {
		o.AppendRun = n
		if was := recorded.find(asked, n); was != nil && !r.Anew {
			if p, err := again(ctx, was, db, o); p != nil || err != nil {
				return p, err
			}
		}
		made, err := infer.Infer(ctx, db, o)
		if err != nil {
			return nil, err
		}
		made.Plan.Inferred = plan.Inferred{Text: string(made.Text), Asked: asked, LeftOut: made.Skipped}
		return made.Plan, nil
	}, nil
}

// Options are those of an inference: for a database that may be nil.
func (r *Request) Options(store sink.Store) (infer.Options, error) {
	all, tables, err := r.Counts()
	if err != nil {
		return infer.Options{}, err
	}
	if r.Locale != "" && !slices.Contains(Locales, r.Locale) {
		return infer.Options{}, mistake("locale %q is unknown: there are %s", r.Locale, strings.Join(Locales, ", "))
	}
	o := infer.Options{
		Seed: r.Seed, Rows: all, TableRows: tables, TotalRows: r.Total, Include: r.Include, Exclude: r.Exclude,
		Locale: r.Locale, Plain: r.plain(), Skip: r.Blueprint == nil && !r.Strict, MayBeEmpty: r.MayBeEmpty,
	}
	o.CreatePartitions = r.Partitions
	o.ByRole = all == nil && (r.Fit != nil || slices.Contains(r.Rows, Auto))
	if r.Fit != nil {
		o.Scale = r.Fit.Scale
	}
	if store != nil {
		o.Oracle, _ = store.(sink.Oracle)
		if r.Rehearse {
			o.Rehearser, _ = store.(sink.Rehearser)
		}
	}
	return o, nil
}

// plain tells whether each column is filled by itself.
func (w *Wanted) plain() bool { return w.Meaning == "off" }

// asked writes what is asked of an inference as the record of a run keeps it.
func (r *Request) asked() string {
	total := int64(0)
	if r.Total != nil {
		total = *r.Total
	}
	options := map[string]any{"rows": r.Rows, "total": total, "include": r.Include, "exclude": r.Exclude, "locale": r.Locale, "skip": r.Skip, "seed": r.Seed}
	if r.Total != nil && total == 0 { // 0 stands for what was not said
		options["total"] = "none"
	}
	if r.Fit != nil {
		options["fit"] = r.Fit.Asked
	}
	if r.plain() {
		options["meaning"] = r.Meaning
	}
	b, err := json.Marshal(options)
	if err != nil {
		return "" // texts and numbers always encode
	}
	return string(b)
}

// given is the part of it that somebody said.
func (r *Request) given() map[string]json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal([]byte(r.asked()), &all) // as it was written just now
	out := map[string]json.RawMessage{}
	for key, said := range map[string]bool{
		"rows": len(r.Rows) > 0, "total": r.Total != nil, "include": len(r.Include) > 0, "exclude": len(r.Exclude) > 0,
		"locale": r.Locale != "", "meaning": r.Meaning != "", "seed": r.SeedGiven,
	} {
		if said {
			out[key] = all[key]
		}
	}
	return out
}

// RecordedBuilder makes the plan of a run that stands. Without a blueprint that is the last inferred one that was asked for
// with what is said here. The error is a *NoRunError where there is none.
func (r *Request) RecordedBuilder(ctx context.Context, store sink.Store, db *schema.Database, appended bool) (run.Builder, error) {
	if r.Blueprint != nil {
		return r.Builder(ctx, store, db, appended, true)
	}
	recorded, err := ReadRecords(ctx, store)
	if err != nil {
		return nil, err
	}
	o, err := r.Options(store)
	if err != nil {
		return nil, err
	}
	given := r.given()
	return func(n int) (*plan.Plan, error) {
		was := recorded.findGiven(given, n)
		if was == nil {
			return nil, &NoRunError{Runs: len(recorded), Asked: recorded.asked()}
		}
		p, err := infer.Again(ctx, was, db, o)
		if err != nil {
			err = cmp.Or(was.Changes(db).Err(), err)
		}
		return p, err
	}, nil
}
