package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sowerdata/sower/blueprint"
)

// The groups that root help shows the commands in.
const (
	groupWork = "work"
	groupLook = "look"
	groupMore = "more"
)

// These mark commands by their arguments.
const (
	takesBlueprint = "blueprint" // the first is a blueprint
	takesTable     = "table"     // the last may be a table
	takesAddresses = "addresses" // they may be addresses of databases, and the command itself reads them
)

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sower",
		Short: "fill relational databases with synthetic data that obeys their rules",
		Long: `sower fills relational databases with synthetic data that obeys every rule of their schema.

A blueprint says what is wanted. It is the name of a built-in one (sower blueprints lists them) or the
path of a YAML or JSON file. Every parameter that it declares is a flag: see
'sower generate BLUEPRINT --help'.`,
		Example: `  sower preview genonaut users
  sower generate genonaut --database-url sqlite:genonaut_demo.db --create-schema
  sower verify genonaut --database-url sqlite:genonaut_demo.db`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		Version:       version(),
		RunE:          func(*cobra.Command, []string) error { a.printStart(); return nil },
	}
	root.SetVersionTemplate(versionText())
	root.SetIn(a.in)
	root.SetOut(a.ui.stdout())
	root.SetErr(a.ui.stderr())
	root.AddGroup(
		&cobra.Group{ID: groupWork, Title: "Fill and check:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
		&cobra.Group{ID: groupMore, Title: "More:"},
	)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	root.SetHelpTemplate(helpTemplate)
	a.fitHelp(root)
	root.PersistentFlags().SortFlags = false
	a.logger.register(root.PersistentFlags())
	for _, c := range []*cobra.Command{
		a.generateCommand(), a.verifyCommand(), a.cleanCommand(), a.repairCommand(), a.inspectCommand(), a.initCommand(), a.diffCommand(), a.planCommand(), a.previewCommand(), a.digestCommand(),
		a.exportCommand(), a.studioCommand(), a.mcpCommand(), a.blueprintsCommand(), a.versionCommand(), a.manCommand(),
	} {
		c.DisableFlagsInUseLine = true
		c.Flags().SortFlags = false
		if c.Flags().Lookup("database-url") != nil {
			a.trustFlag(c)
		}
		root.AddCommand(c)
	}
	root.SetHelpCommandGroupID(groupMore)
	root.SetCompletionCommandGroupID(groupMore)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = "show the help of a command"
		case "completion":
			c.Short = "print a script that completes commands for a shell"
		}
	}
	return root
}

// fitHelp makes help as wide as the terminal is.
func (a *app) fitHelp(root *cobra.Command) {
	whole := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if !a.ui.out.terminal {
			whole(c, args)
			return
		}
		long, out := c.Long, c.OutOrStdout()
		var b strings.Builder
		c.Long = reflow(long)
		c.SetOut(&b)
		whole(c, args)
		c.Long = long
		c.SetOut(out)
		fmt.Fprint(out, lay(b.String(), min(a.ui.out.room(), widestHelp)))
	})
}

// widestHelp is as wide as help gets: longer lines are hard to read.
const widestHelp = 110

// flagError explains a flag that is unknown or has no value.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		name := missing.GetSpecifiedName()
		text := "unknown flag --" + name
		if missing.GetSpecifiedShortnames() != "" {
			text = "unknown flag -" + name
		}
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if s := blueprint.Suggest(name, known); s != "" {
			return usageHelp("%s: did you mean --%s?", text, s)
		}
		return usageHelp("%s", text)
	}
	return usageHelp("%s", err)
}

// exactly checks the number of arguments; names are what they are called.
func exactly(names ...string) cobra.PositionalArgs { return between(len(names), names...) }

// between allows the arguments from the least number on to be left out.
func between(least int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageHelp("%s is missing", names[len(args)])
		case len(args) > len(names):
			return usageHelp("unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// oneOf is a flag that takes one of some words.
type oneOf struct {
	value string
	words []string
}

func (o *oneOf) String() string { return o.value }
func (o *oneOf) Type() string   { return strings.Join(o.words, "|") }
func (o *oneOf) Set(s string) error {
	for _, w := range o.words {
		if w == s {
			o.value = s
			return nil
		}
	}
	if m := blueprint.Suggest(s, o.words); m != "" {
		return fmt.Errorf("did you mean %q? There are %s", m, strings.Join(o.words, ", "))
	}
	return fmt.Errorf("there are %s", strings.Join(o.words, ", "))
}

// wordFlag declares a flag that takes one of some words, the first by default.
func wordFlag(cmd *cobra.Command, name, help string, words ...string) *oneOf {
	o := &oneOf{value: words[0], words: words}
	cmd.Flags().Var(o, name, help)
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return o
}

const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

const usageTemplate = `Usage:
  {{if and .Runnable .HasParent}}{{.UseLine}}{{else}}{{.CommandPath}} COMMAND [FLAGS]{{end}}
{{- if .HasExample}}

Example:
{{.Example}}{{end}}
{{- if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $cmds}}{{if (and (eq .GroupID $group.ID) (or .IsAvailableCommand (eq .Name "help")))}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{ownFlags . | trimTrailingWhitespaces}}{{end}}
{{- with parameterHelp .}}

{{.}}{{end}}
{{- if .HasAvailableInheritedFlags}}

Flags of all commands:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`

func init() {
	cobra.EnableCommandSorting = false
	cobra.AddTemplateFunc("ownFlags", ownFlags)
	cobra.AddTemplateFunc("parameterHelp", parameterHelp)
}

// ownFlags are a command's flags without the blueprint's parameters.
func ownFlags(cmd *cobra.Command) string {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.SortFlags = false
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, ok := f.Value.(*parameterFlag); !ok {
			own.AddFlag(f)
		}
	})
	return own.FlagUsages()
}
