package cli

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/request"
)

// inferFlags say what is wanted where no blueprint does.
type inferFlags struct {
	request.Wanted
	total      int64
	meaning    *oneOf
	mayBeEmpty bool // a schema without a table to fill is no error
	set        func(name string) bool
	own        map[string]bool // tables that runs had filled which were undone just now
	partitions bool            // partitions that rows need are made
	anew       bool            // what recorded runs inferred does not count
}

func (f *inferFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.Rows, "rows", nil, "without a blueprint: `NUMBER` of rows of each table (default 100), TABLE=NUMBER (repeatable), "+
		"or auto: 10 for lookup tables, 300 for join tables, 100 for others")
	flags.Int64Var(&f.total, "total-rows", 0, "without a blueprint: `NUMBER` of rows of all tables together, more for children than for parents")
	flags.StringArrayVar(&f.Include, "include", nil, "without a blueprint: fill the tables that this `GLOB` names, and the parents that they need (repeatable)")
	flags.StringArrayVar(&f.Exclude, "exclude", nil, "without a blueprint: leave the tables alone that this `GLOB` names (repeatable)")
	flags.StringVar(&f.Locale, "locale", "", "without a blueprint: the `LOCALE` of names and addresses: en_US (default), de_DE, fr_FR, es_ES or ja_JP")
	_ = cmd.RegisterFlagCompletionFunc("locale", cobra.FixedCompletions(request.Locales, cobra.ShellCompDirectiveNoFileComp))
	f.meaning = meaningFlag(cmd)
	flags.BoolVar(&f.Skip, "skip-unsatisfiable", false, "without a blueprint: tables that are left out, since their constraints cannot be satisfied, are no failure")
	flags.BoolVar(&f.Strict, "strict", false, "without a blueprint: fail where a table would have to be left out, rather than fill the others")
	f.set = flags.Changed
}

// partitionsFlag adds the flag that makes partitions.
func (f *inferFlags) partitionsFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.partitions, "create-partitions", false, "make the partitions that the rows need: by list one a value, by hash those that lack, by range as those that stand, or else a month each; clean drops them again once they are empty")
}

// meaningFlag adds the flag that leaves out what columns mean together.
func meaningFlag(cmd *cobra.Command) *oneOf {
	return wordFlag(cmd, "meaning", "without a blueprint: whether columns are filled by what they mean together (totals, states with their times, copies), or each by itself", "on", "off")
}

// check refuses these flags beside a blueprint, which says such things itself.
func (f *inferFlags) check(blueprint bool) error {
	for _, name := range []string{"rows", "total-rows", "include", "exclude", "locale", "meaning", "skip-unsatisfiable", "strict"} {
		if blueprint && f.set(name) {
			return usage("--%s goes without a blueprint: with one, its parameters say what is wanted", name)
		}
	}
	if f.Skip && f.Strict {
		return usage("--skip-unsatisfiable and --strict exclude each other")
	}
	if f.set("total-rows") && f.total < 0 {
		return usage("--total-rows is %d: at least 0", f.total)
	}
	if all, _, err := f.Counts(); err == nil && all != nil && f.set("total-rows") {
		return usage("--rows %d and --total-rows %d: say one of them (--rows TABLE=NUMBER goes with both)", *all, f.total)
	}
	if f.Locale != "" && !slices.Contains(request.Locales, f.Locale) {
		return unknownLocale(f.Locale)
	}
	_, _, err := f.Counts()
	return asRequested(err)
}

// unknownLocale suggests the locale of the same language, or of the same country.
func unknownLocale(name string) error {
	language, country, _ := strings.Cut(strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name)), "_")
	country, _, _ = strings.Cut(country, "_")
	for _, l := range request.Locales {
		its, where, _ := strings.Cut(strings.ToLower(l), "_")
		if its == language || where == language || where == country {
			return usage("--locale %q is unknown: did you mean %q?", name, l)
		}
	}
	if s := blueprint.Suggest(name, request.Locales); s != "" {
		return usage("--locale %q is unknown: did you mean %q?", name, s)
	}
	return usage("--locale %q is unknown: there are %s", name, strings.Join(request.Locales, ", "))
}

// blueprintName is what the run is called: the blueprint's name, or that it was inferred.
func (a *app) blueprintName() string {
	if a.doc == nil {
		return "inferred"
	}
	return a.doc.Name()
}

// request is what a command asks for.
func (a *app) request(s *settings, f *inferFlags) *request.Request {
	r := &request.Request{
		Blueprint: s.blueprint, Document: a.doc, Seed: s.seed, SeedGiven: s.seedGiven, Wanted: f.Wanted, MayBeEmpty: f.mayBeEmpty,
		Own: f.own, Anew: f.anew, Partitions: f.partitions,
	}
	if s.fit != nil {
		r.Fit = &s.fit.Fit
	}
	if f.set != nil && f.set("total-rows") {
		r.Total = &f.total
	}
	if f.meaning != nil && f.set("meaning") {
		r.Meaning = f.meaning.value
	}
	return r
}

// asRequested makes the mistakes of a request mistakes of what the user wrote, in the words of flags.
func asRequested(err error) error {
	var m *request.MistakeError
	var none *request.NoRunError
	switch {
	case errors.As(err, &m):
		return usage("--%s", m.Text)
	case !errors.As(err, &none):
		return err
	case len(none.Asked) > 0:
		var flags []string
		for _, asked := range none.Asked {
			flags = append(flags, askedFlags(asked))
		}
		slices.Sort(flags)
		return usage("no run without a blueprint is recorded with these options in this database; there are runs with: %s", strings.Join(slices.Compact(flags), "; "))
	case none.Runs == 0:
		return errors.New("no run is recorded in the database: fill it with sower generate first")
	}
	return usage("no run without a blueprint is recorded in this database: name the blueprint of the run to check")
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
