package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
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
	meaning          *oneOf
	skip, strict     bool
	rehearse         bool // rows may be tried against triggers
	mayBeEmpty       bool // a schema without a table to fill is no error
	set              func(name string) bool
	own              map[string]bool // tables that runs had filled which were undone just now
	anew             bool            // what recorded runs inferred does not count
}

func (f *inferFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.rows, "rows", nil, "without a blueprint: `NUMBER` of rows of each table (default 100), TABLE=NUMBER (repeatable), "+
		"or auto: 10 for lookup tables, 300 for join tables, 100 for others")
	flags.Int64Var(&f.total, "total-rows", 0, "without a blueprint: `NUMBER` of rows of all tables together, more for children than for parents")
	flags.StringArrayVar(&f.include, "include", nil, "without a blueprint: fill the tables that this `GLOB` names, and the parents that they need (repeatable)")
	flags.StringArrayVar(&f.exclude, "exclude", nil, "without a blueprint: leave the tables alone that this `GLOB` names (repeatable)")
	flags.StringVar(&f.locale, "locale", "", "without a blueprint: the `LOCALE` of names and addresses: en_US (default), de_DE, fr_FR, es_ES or ja_JP")
	_ = cmd.RegisterFlagCompletionFunc("locale", cobra.FixedCompletions(locales, cobra.ShellCompDirectiveNoFileComp))
	f.meaning = meaningFlag(cmd)
	flags.BoolVar(&f.skip, "skip-unsatisfiable", false, "without a blueprint: tables that are left out, since their constraints cannot be satisfied, are no failure")
	flags.BoolVar(&f.strict, "strict", false, "without a blueprint: fail where a table would have to be left out, rather than fill the others")
	f.set = flags.Changed
}

// meaningFlag adds the flag that leaves out what columns mean together.
func meaningFlag(cmd *cobra.Command) *oneOf {
	return wordFlag(cmd, "meaning", "without a blueprint: whether columns are filled by what they mean together (totals, states with their times, copies), or each by itself", "on", "off")
}

// inferNames are the flags of inferFlags that decide rows, and the keys of the record's word of what was asked.
var inferNames = map[string]string{
	"rows": "rows", "total-rows": "total", "include": "include", "exclude": "exclude", "locale": "locale", "meaning": "meaning", "seed": "seed",
}

// plain tells whether each column is filled by itself.
func (f *inferFlags) plain() bool { return f.meaning != nil && f.meaning.value == "off" }

// check refuses these flags beside a blueprint, which says such things itself.
func (f *inferFlags) check(blueprint bool) error {
	for _, name := range []string{"rows", "total-rows", "include", "exclude", "locale", "meaning", "skip-unsatisfiable", "strict"} {
		if blueprint && f.set(name) {
			return usage("--%s goes without a blueprint: with one, its parameters say what is wanted", name)
		}
	}
	if f.skip && f.strict {
		return usage("--skip-unsatisfiable and --strict exclude each other")
	}
	if f.set("total-rows") && f.total < 0 {
		return usage("--total-rows is %d: at least 0", f.total)
	}
	if all, _, err := f.counts(); err == nil && all != nil && f.set("total-rows") {
		return usage("--rows %d and --total-rows %d: say one of them (--rows TABLE=NUMBER goes with both)", *all, f.total)
	}
	if f.locale != "" && !slices.Contains(locales, f.locale) {
		return unknownLocale(f.locale)
	}
	_, _, err := f.counts()
	return err
}

// locales are those of names and addresses.
var locales = []string{"en_US", "de_DE", "fr_FR", "es_ES", "ja_JP"}

// unknownLocale suggests the locale of the same language, or of the same country.
func unknownLocale(name string) error {
	language, country, _ := strings.Cut(strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name)), "_")
	country, _, _ = strings.Cut(country, "_")
	for _, l := range locales {
		its, where, _ := strings.Cut(strings.ToLower(l), "_")
		if its == language || where == language || where == country {
			return usage("--locale %q is unknown: did you mean %q?", name, l)
		}
	}
	if s := blueprint.Suggest(name, locales); s != "" {
		return usage("--locale %q is unknown: did you mean %q?", name, s)
	}
	return usage("--locale %q is unknown: there are %s", name, strings.Join(locales, ", "))
}

// autoRows lets each table have as many rows as one of its role usually has.
const autoRows = "auto"

// counts reads --rows.
func (f *inferFlags) counts() (all *int64, tables map[string]int64, err error) {
	tables = map[string]int64{}
	for _, text := range f.rows {
		if text == autoRows {
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
			return nil, nil, usage("--rows %q: want a number, TABLE=NUMBER, or auto", text)
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

// builder makes plans against a database: of the blueprint that was named, or else of one that is inferred. asMade leaves
// the columns open that are new since the run that the blueprint made.
func (a *app) builder(ctx context.Context, store sink.Store, db *schema.Database, s *settings, f *inferFlags, appended, asMade bool) (run.Builder, error) {
	o, err := s.inferOptions(store, f)
	if err != nil {
		return nil, err
	}
	o.Append = appended
	if s.blueprint != nil {
		return func(n int) (*plan.Plan, error) {
			o.AppendRun = n
			recorded, err := recordedRuns(ctx, store)
			if err != nil {
				return nil, err
			}
			return complete(ctx, s.blueprint, recorded, db, n, asMade, o)
		}, nil
	}
	recorded, err := recordedRuns(ctx, store)
	if err != nil {
		return nil, err
	}
	o.Own, o.Stood = recorded.tables(), recorded.stood()
	maps.Copy(o.Own, f.own)
	o.Beside = forMadeRows(db.Name)
	asked := f.asked(s.seed)
	return func(n int) (*plan.Plan, error) {
		o.AppendRun = n
		if r := recorded.find(asked, n); r != nil && !f.anew {
			if p, err := again(ctx, r, db, o); p != nil || err != nil {
				return p, err
			}
		}
		r, err := infer.Infer(ctx, db, o)
		if err != nil {
			return nil, err
		}
		r.Plan.Inferred = plan.Inferred{Text: string(r.Text), Asked: asked, LeftOut: r.Skipped}
		return r.Plan, nil
	}, nil
}

func (s *settings) inferOptions(store sink.Store, f *inferFlags) (infer.Options, error) {
	all, tables, err := f.counts()
	if err != nil {
		return infer.Options{}, err
	}
	o := infer.Options{
		Seed: s.seed, Rows: all, TableRows: tables, Include: f.include, Exclude: f.exclude, Locale: f.locale, Plain: f.plain(),
		Skip: s.blueprint == nil && !f.strict, MayBeEmpty: f.mayBeEmpty,
	}
	o.ByRole = all == nil && slices.Contains(f.rows, autoRows)
	if f.set("total-rows") {
		o.TotalRows = &f.total
	}
	if store != nil {
		o.Oracle, _ = store.(sink.Oracle)
		if f.rehearse {
			o.Rehearser, _ = store.(sink.Rehearser)
		}
	}
	return o, nil
}

// asked writes the options of an inference as the record of a run keeps them.
func (f *inferFlags) asked(seed uint64) string {
	options := map[string]any{"rows": f.rows, "total": f.total, "include": f.include, "exclude": f.exclude, "locale": f.locale, "skip": f.skip, "seed": seed}
	if f.set("total-rows") && f.total == 0 { // 0 stands for what was not said
		options["total"] = "none"
	}
	if f.plain() {
		options["meaning"] = f.meaning.value
	}
	b, err := json.Marshal(options)
	if err != nil {
		return "" // texts and numbers always encode
	}
	return string(b)
}

// given are those options that were said, as the record of a run keeps them.
func (f *inferFlags) given(s *settings) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal([]byte(f.asked(s.seed)), &all) // as it was written just now
	out := map[string]json.RawMessage{}
	for flag, key := range inferNames {
		if f.set(flag) || flag == "seed" && s.seedGiven {
			out[key] = all[key]
		}
	}
	return out
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
		p, err := run.Recorded(r)
		if err != nil {
			return nil, err
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

// stood are the tables whose rows served as parents of runs, or were made by their triggers.
func (rs records) stood() map[string]bool {
	out := map[string]bool{}
	for _, r := range rs {
		for _, t := range r.Tables {
			if t.Triggered || t.Standing != nil {
				out[t.Name] = true
			}
		}
	}
	return out
}

// find gives the last inferred run that was asked for the same.
func (rs records) find(asked string, n int) *plan.Resolved {
	return rs.last(n, func(r *plan.Resolved) bool { return sameRows(r.Inferred.Asked) == sameRows(asked) })
}

// sameRows is the record's word of what was asked without what decides no row: whether it is a failure that tables are
// left out.
func sameRows(asked string) string {
	return strings.Replace(asked, `"skip":true`, `"skip":false`, 1)
}

// findGiven gives the last inferred run with these of its options, whatever its others were.
func (rs records) findGiven(given map[string]json.RawMessage, n int) *plan.Resolved {
	return rs.last(n, func(r *plan.Resolved) bool {
		var asked map[string]json.RawMessage
		if json.Unmarshal([]byte(r.Inferred.Asked), &asked) != nil {
			return len(given) == 0
		}
		for key, value := range given {
			if !bytes.Equal(asked[key], value) {
				return false
			}
		}
		return true
	})
}

func (rs records) last(n int, fits func(*plan.Resolved) bool) *plan.Resolved {
	for i := len(rs) - 1; i >= 0; i-- {
		r := rs[i]
		switch {
		case r.Inferred == nil || !fits(r):
		case r.Growth == nil && r.Append == n:
			return r
		case r.Growth != nil && n == 0: // what all of it together is
			whole := *r
			whole.Growth, whole.Append = nil, 0
			return &whole
		}
	}
	return nil
}

// options tell what the inferred runs were asked for, as flags.
func (rs records) options() string {
	var out []string
	for _, r := range rs {
		if r.Inferred != nil {
			out = append(out, askedFlags(r.Inferred.Asked))
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), "; ")
}

// askedFlags writes the record's word of what was asked as the flags that ask for it.
func askedFlags(asked string) string {
	var o struct {
		Rows, Include, Exclude []string
		Total                  any
		Locale                 string
		Meaning                string
		Skip                   bool
		Seed                   uint64
	}
	_ = json.Unmarshal([]byte(asked), &o) // what cannot be read is not told
	var out []string
	add := func(flag string, values ...string) {
		for _, v := range values {
			out = append(out, "--"+flag+" "+shellQuote(v))
		}
	}
	add("rows", o.Rows...)
	switch total := o.Total.(type) {
	case string:
		add("total-rows", "0")
	case float64:
		if total > 0 {
			add("total-rows", strconv.FormatFloat(total, 'f', -1, 64))
		}
	}
	add("include", o.Include...)
	add("exclude", o.Exclude...)
	if o.Locale != "" {
		add("locale", o.Locale)
	}
	if o.Meaning != "" {
		add("meaning", o.Meaning)
	}
	if o.Skip {
		out = append(out, "--skip-unsatisfiable")
	}
	if o.Seed != 1 {
		add("seed", strconv.FormatUint(o.Seed, 10))
	}
	if len(out) == 0 {
		return "no options"
	}
	return strings.Join(out, " ")
}
