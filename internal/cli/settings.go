package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/internal/shard"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
)

// commonFlags are the flags of every command that takes a blueprint.
type commonFlags struct {
	config, envFile string
}

// ownSettings are the program's own parameters. They are read from the same places, by the same rules,
// as those of a blueprint.
var ownSettings = []*blueprint.Parameter{
	{Name: "seed", Type: "integer", Default: int64(1), Min: int64(0), Config: "seed_data_generator.seed",
		Help: "the same seed gives the same rows"},
	{Name: "batch_size", Type: "integer", Default: int64(run.UsualBatch), Min: int64(1), Max: int64(1_000_000), Config: "seed_data_generator.batch_size",
		Help: "rows a batch, which is a transaction; where not given, fewer of wide rows and more of narrow ones, about a megabyte"},
	{Name: "max_workers", Type: "integer", Default: int64(0), Min: int64(0), Max: int64(1024), Config: "seed_data_generator.max_workers",
		Help: "batches made at once, each on a connection of its own; 0 for one a processor"},
}

// settings are what a command runs with.
type settings struct {
	blueprint *blueprint.Blueprint // nil where none is named: it is inferred
	given     map[string]blueprint.Given
	seed      uint64
	seedGiven bool // it is not the default one
	batchRows int  // 0: not given
	workers   int
	fit       *fitting // nil: numbers of rows are as they are asked for
}

// ownFlag declares the flag of one of ownSettings.
func ownFlag(cmd *cobra.Command, name string) {
	for _, p := range ownSettings {
		if p.Name != name {
			continue
		}
		cmd.Flags().Var(&ownSetting{p, ""}, p.Flag(), describeParameter(p))
	}
}

// ownSetting is the flag of one of ownSettings; it keeps the text, as parameterFlag does.
type ownSetting struct {
	parameter *blueprint.Parameter
	text      string
}

func (f *ownSetting) String() string     { return f.text }
func (f *ownSetting) Type() string       { return f.parameter.Type }
func (f *ownSetting) Set(s string) error { f.text = s; return nil }

// blueprintFlags declares the flags of commands that take a blueprint.
func (a *app) blueprintFlags(cmd *cobra.Command, own ...string) {
	cmd.Annotations = map[string]string{takesBlueprint: "yes"}
	for _, name := range append([]string{"seed"}, own...) {
		ownFlag(cmd, name)
	}
	cmd.Flags().StringVar(&a.flags.config, "config", "", "`FILE` (YAML or JSON) with values of parameters")
	cmd.Flags().StringVar(&a.flags.envFile, "env-file", "", "`FILE` with environment variables (default .env and env/.env, where they are there)")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml", "json")
	_ = cmd.MarkFlagFilename("env-file")
	if cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = completeBlueprint
	}
}

// settings gathers the values of all parameters: flag, environment, config file, default. All mistakes
// are reported at once.
func (a *app) settings(cmd *cobra.Command) (*settings, error) {
	params := slices.Clone(ownSettings)
	if a.doc != nil {
		params = append(params, a.doc.Parameters()...)
	}
	src, err := a.sources(cmd, params)
	if err != nil {
		return nil, err
	}
	s := &settings{given: map[string]blueprint.Given{}}
	var ps blueprint.Problems
	log := a.log()
	values := map[string]any{}
	for _, p := range params {
		given, ok := src.lookup(p)
		if !ok {
			values[p.Name] = p.Default
			continue
		}
		v, err := p.Parse(given.Value)
		if err != nil {
			ps = append(ps, blueprint.Problem{Message: fmt.Sprintf("%s is %s (from %s): %v", p.Name, shownValue(given.Value), given.Source, err)})
			continue
		}
		values[p.Name] = v
		s.given[p.Name] = given
		log.Debug("parameter", "name", p.Name, "value", v, "from", given.Source)
	}
	_, batchGiven := s.given["batch_size"]
	_, s.seedGiven = s.given["seed"]
	for _, p := range ownSettings {
		delete(s.given, p.Name)
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	if a.doc != nil {
		if missing := a.doc.Missing(s.given); len(missing) > 0 {
			return nil, missingError(missing)
		}
	}
	s.seed = uint64(values["seed"].(int64))
	if batchGiven {
		s.batchRows = int(values["batch_size"].(int64))
	}
	s.workers = int(values["max_workers"].(int64))
	if a.doc != nil {
		s.blueprint, err = a.doc.Resolve(s.given, plan.Generators())
	}
	return s, err
}

// sources are the places that values come from, the first that has one wins.
type sources struct {
	flags   func(name string) (text string, ok bool)
	env     func(name string) string
	envFile envFiles
	config  *configFile
}

func (a *app) sources(cmd *cobra.Command, params []*blueprint.Parameter) (*sources, error) {
	src := &sources{env: a.getenv}
	src.flags = func(name string) (string, bool) {
		f := cmd.Flags().Lookup(name)
		if f == nil || !f.Changed {
			return "", false
		}
		return f.Value.String(), true
	}
	var err error
	if src.envFile, err = readEnvFiles(a.flags.envFile); err != nil {
		return nil, err
	}
	if src.config, err = readConfig(a.flags.config, params); err != nil {
		return nil, err
	}
	for _, n := range src.config.notices {
		a.ui.warn("%s", n)
	}
	a.warnUnusedEnv(params)
	return src, nil
}

// lookup finds a parameter's value. Variables of the environment that are empty count as not set.
func (s *sources) lookup(p *blueprint.Parameter) (blueprint.Given, bool) {
	if text, ok := s.flags(p.Flag()); ok {
		return blueprint.Given{Value: text, Source: "flag --" + p.Flag()}, true
	}
	names := envNames(p)
	for _, n := range names {
		if v := s.env(n); v != "" {
			return blueprint.Given{Value: v, Source: "environment " + n}, true
		}
	}
	for _, n := range names {
		if v, at := s.envFile.lookup(n); v != "" {
			return blueprint.Given{Value: v, Source: n + " in " + at}, true
		}
	}
	return s.config.lookup(p)
}

// envNames are the environment variables that set a parameter, the one that wins first.
func envNames(p *blueprint.Parameter) []string {
	names := []string{envPrefix + strings.ToUpper(p.Name)}
	if p.Env != "" {
		names = append(names, p.Env)
	}
	return names
}

const envPrefix = "SOWER_"

// getenv gives a variable of the environment.
func (a *app) getenv(name string) string {
	value := ""
	for _, kv := range a.env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v // the last one counts, as in os/exec
		}
	}
	return value
}

// warnUnusedEnv points out variables that look mistyped.
func (a *app) warnUnusedEnv(params []*blueprint.Parameter) {
	known := map[string]bool{shard.Total: true}
	var names []string
	for _, p := range params {
		n := envPrefix + strings.ToUpper(p.Name)
		known[n] = true
		names = append(names, n)
	}
	for _, kv := range a.env {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, envPrefix) || known[name] || value == "" {
			continue
		}
		if s := blueprint.Suggest(name, names); s != "" {
			a.ui.warn("environment %s is not used: did you mean %s?", name, s)
		}
	}
}

// missingError says where a value can be set, and has one ready where any will do.
func missingError(missing []*blueprint.Parameter) error {
	var errs []string
	for _, p := range missing {
		var b strings.Builder
		env := envNames(p)
		env = env[len(env)-1:]
		fmt.Fprintf(&b, "%s is required and not set (%s). Set it in one of these places:\n", p.Name, p.Help)
		value := "VALUE"
		if p.Type == "uuid" {
			value = newUUID()
		}
		fmt.Fprintf(&b, "  the environment       export %s=%s\n", env[0], value)
		fmt.Fprintf(&b, "  the file env/.env     %s=%s\n", env[0], value)
		fmt.Fprintf(&b, "  the flag              --%s %s\n", p.Flag(), value)
		fmt.Fprintf(&b, "  a --config file       %s: %s", configPath(p), value)
		if p.Type == "uuid" {
			fmt.Fprintf(&b, "\n%s is fresh: any UUID will do, as long as it stays the same", value)
		}
		errs = append(errs, b.String())
	}
	return &usageError{err: errors.New(strings.Join(errs, "\n"))}
}

// newUUID gives a random UUID of version 4.
func newUUID() string {
	var u [16]byte
	rand.Read(u[:])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
