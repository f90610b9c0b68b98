package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// inferFlags say what is wanted where no blueprint does.
type inferFlags struct {
	rows             []string
	total            int64
	include, exclude []string
	locale           string
	skip             bool
	set              func(name string) bool
}

func (f *inferFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.rows, "rows", nil, "without a blueprint: `NUMBER` of rows of each table (default 100), or TABLE=NUMBER (repeatable)")
	flags.Int64Var(&f.total, "total-rows", 0, "without a blueprint: `NUMBER` of rows of all tables together, more for children than for parents")
	flags.StringArrayVar(&f.include, "include", nil, "without a blueprint: fill the tables that this `GLOB` names, and the parents that they need (repeatable)")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "without a blueprint: leave the tables alone that this `GLOB` names (repeatable)")
	flags.StringVar(&f.locale, "locale", "", "without a blueprint: the `LOCALE` of names and addresses: en_US (default), de_DE, fr_FR, es_ES or ja_JP")
	flags.BoolVar(&f.skip, "skip-unsatisfiable", false, "without a blueprint: go on without the tables whose constraints cannot be satisfied")
	f.set = flags.Changed
}

// check refuses these flags beside a blueprint, which says such things itself.
func (f *inferFlags) check(blueprint bool) error {
	for _, name := range []string{"rows", "total-rows", "include", "exclude", "locale", "skip-unsatisfiable"} {
		if blueprint && f.set(name) {
			return usage("--%s goes without a blueprint: with one, its parameters say what is wanted", name)
		}
	}
	if f.set("total-rows") && f.total < 0 {
		return usage("--total-rows is %d: at least 0", f.total)
	}
	switch f.locale {
	case "", "en_US", "de_DE", "fr_FR", "es_ES", "ja_JP":
	default:
		return usage("--locale %q is unknown: there are en_US, de_DE, fr_FR, es_ES and ja_JP", f.locale)
	}
	_, _, err := f.counts()
	return err
}

// counts reads --rows.
func (f *inferFlags) counts() (all *int64, tables map[string]int64, err error) {
	tables = map[string]int64{}
	for _, text := range f.rows {
		table, number := "", text
		if i := strings.LastIndexByte(text, '='); i >= 0 {
			table, number = text[:i], text[i+1:]
		}
		n, err := strconv.ParseInt(strings.ReplaceAll(number, "_", ""), 10, 64)
		switch {
		case err != nil:
			return nil, nil, usage("--rows %q: want a number, or TABLE=NUMBER", text)
		case n < 0:
			return nil, nil, usage("--rows %q: at least 0", text)
		case table != "":
			tables[table] = n
		default:
			all = &n
		}
	}
	return all, tables, nil
}

// blueprintName is what the run is called: the blueprint's name, or that it was inferred.
func (a *app) blueprintName() string {
	if a.doc == nil {
		return "inferred"
	}
	return a.doc.Name()
}

// builder makes plans against a database: of the blueprint that was named, or else of one that is inferred.
func (a *app) builder(ctx context.Context, store sink.Store, db *schema.Database, s *settings, f *inferFlags, appended bool) (run.Builder, error) {
	o, err := s.inferOptions(store, f)
	if err != nil {
		return nil, err
	}
	o.Append = appended
	if s.blueprint != nil {
		return func(n int) (*plan.Plan, error) {
			o.AppendRun = n
			r, err := infer.Complete(ctx, s.blueprint, db, o)
			if err != nil {
				return nil, err
			}
			return r.Plan, nil
		}, nil
	}
	recorded, err := recordedRuns(ctx, store)
	if err != nil {
		return nil, err
	}
	o.Own = recorded.tables()
	asked := f.asked(s.seed)
	return func(n int) (*plan.Plan, error) {
		o.AppendRun = n
		if r := recorded.find(asked, n); r != nil {
			p, err := infer.Again(ctx, r, db, o)
			if err != nil {
				return nil, err
			}
			p.Inferred = *r.Inferred
			return p, nil
		}
		r, err := infer.Infer(ctx, db, o)
		if err != nil {
			return nil, err
		}
		r.Plan.Inferred = plan.Inferred{Text: string(r.Text), Asked: asked}
		return r.Plan, nil
	}, nil
}

func (s *settings) inferOptions(store sink.Store, f *inferFlags) (infer.Options, error) {
	all, tables, err := f.counts()
	if err != nil {
		return infer.Options{}, err
	}
	o := infer.Options{Seed: s.seed, Rows: all, TableRows: tables, TotalRows: f.total, Include: f.include, Exclude: f.exclude, Locale: f.locale, Skip: f.skip}
	if store != nil {
		o.Oracle, _ = store.(sink.Oracle)
	}
	return o, nil
}

// asked writes the options of an inference as the record of a run keeps them.
func (f *inferFlags) asked(seed uint64) string {
	b, err := json.Marshal(map[string]any{"rows": f.rows, "total": f.total, "include": f.include, "exclude": f.exclude, "locale": f.locale, "skip": f.skip, "seed": seed})
	if err != nil {
		return "" // texts and numbers always encode
	}
	return string(b)
}

// records are the resolved plans of the runs that count, in their order.
type records []*plan.Resolved

func recordedRuns(ctx context.Context, store sink.Store) (out records, err error) {
	runs, err := store.Runs(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.State == sink.Superseded {
			continue
		}
		p := new(plan.Resolved)
		if err := json.Unmarshal(r.Plan, p); err != nil {
			return nil, fmt.Errorf("the record of run %d is damaged: %w", r.Number, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// tables are those that runs filled: they are filled again, or completed, though they hold rows. Where triggers made
// the rows, they serve as parents, like rows of anybody.
func (rs records) tables() map[string]bool {
	own := map[string]bool{}
	for _, r := range rs {
		for _, t := range r.Tables {
			if !t.Triggered {
				own[t.Name] = true
			}
		}
	}
	return own
}

// find gives the last inferred run that was asked for the same; "" stands for whatever was asked.
func (rs records) find(asked string, n int) *plan.Resolved {
	for i := len(rs) - 1; i >= 0; i-- {
		if r := rs[i]; r.Inferred != nil && r.Append == n && (asked == "" || r.Inferred.Asked == asked) {
			return r
		}
	}
	return nil
}
