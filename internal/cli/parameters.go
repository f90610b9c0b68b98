package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sowerdata/sower/blueprint"
)

// parameterFlag is the flag of a blueprint's parameter. It keeps the text: settings.go checks all
// values alike, wherever they come from.
type parameterFlag struct {
	parameter *blueprint.Parameter
	text      string
}

func (f *parameterFlag) String() string     { return f.text }
func (f *parameterFlag) Type() string       { return f.parameter.Type }
func (f *parameterFlag) Set(s string) error { f.text = s; return nil }

// addParameter adds a parameter's flag to a set that has none of that name.
func addParameter(set *pflag.FlagSet, p *blueprint.Parameter) {
	if set.Lookup(p.Flag()) != nil {
		return
	}
	f := set.VarPF(&parameterFlag{parameter: p}, p.Flag(), "", p.Help)
	if p.Type == "boolean" {
		f.NoOptDefVal = "true"
	}
}

// addParameters makes the parameters of the blueprint flags of a command. A parameter whose flag some
// command has already is a mistake of the blueprint, so that all commands take the same.
func (a *app) addParameters(cmd *cobra.Command) error {
	reserved := map[string]bool{"help": true}
	for _, c := range a.root.Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) { reserved[f.Name] = true })
	}
	a.root.PersistentFlags().VisitAll(func(f *pflag.Flag) { reserved[f.Name] = true })
	cmd.Annotations[blueprintName] = a.docName
	var ps blueprint.Problems
	for _, p := range a.doc.Parameters() {
		if reserved[p.Flag()] {
			ps = append(ps, blueprint.Problem{
				Pos: p.Pos, Message: fmt.Sprintf("parameter %s: sower itself has the flag --%s", p.Name, p.Flag()), Suggestion: "take another name",
			})
			continue
		}
		addParameter(cmd.Flags(), p)
	}
	return ps.Err()
}

// parameterHelp lists the parameters among a command's flags: flag and type, help, default, bounds and
// environment variables. It is "" where there are none.
func parameterHelp(cmd *cobra.Command) string {
	var names, texts []string
	wide := 0
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if v, ok := f.Value.(*parameterFlag); ok {
			name := "      --" + f.Name + " " + f.Value.Type()
			names = append(names, name)
			texts = append(texts, describeParameter(v.parameter))
			wide = max(wide, len(name))
		}
	})
	if len(names) == 0 {
		if name := cmd.Annotations[blueprintName]; name != "" {
			return fmt.Sprintf("The blueprint %s has no parameters.", name)
		}
		if cmd.Annotations[takesBlueprint] != "" {
			return fmt.Sprintf("Parameters of a blueprint are flags too: %s BLUEPRINT --help", cmd.CommandPath())
		}
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Parameters of %s (also in the environment as SOWER_NAME, and in the file of --config):", cmd.Annotations[blueprintName])
	for i, n := range names {
		fmt.Fprintf(&b, "\n%-*s   %s", wide, n, texts[i])
	}
	return b.String()
}

// blueprintName is the annotation with the name of the blueprint whose parameters a command has.
const blueprintName = "name"

func describeParameter(p *blueprint.Parameter) string {
	var more []string
	switch {
	case p.Default != nil:
		more = append(more, "default "+shownValue(p.Default))
	case p.Required:
		more = append(more, "required")
	}
	switch {
	case p.Min != nil && p.Max != nil:
		more = append(more, fmt.Sprintf("%v to %v", p.Min, p.Max))
	case p.Min != nil:
		more = append(more, fmt.Sprintf("at least %v", p.Min))
	case p.Max != nil:
		more = append(more, fmt.Sprintf("at most %v", p.Max))
	}
	if p.Env != "" {
		more = append(more, "environment "+p.Env)
	}
	text := p.Help
	if len(more) > 0 {
		text = strings.TrimSpace(text + " (" + strings.Join(more, ", ") + ")")
	}
	return text
}

func shownValue(v any) string {
	if s, ok := v.(string); ok {
		return `"` + s + `"`
	}
	return fmt.Sprint(v)
}
