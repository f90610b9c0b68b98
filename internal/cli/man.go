package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:     "man --dir DIR",
		GroupID: groupMore,
		Short:   "write the manual pages",
		Long:    `man writes a manual page for each command: sower.1, sower-generate.1 and so on.`,
		Example: `  sower man --dir /usr/local/share/man/man1`,
		Args:    exactly(),
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`DIR`ectory of the pages; it is made where it is missing (required)")
	_ = cmd.MarkFlagDirname("dir")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if dir == "" {
			return usageHelp("--dir is required")
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return errors.New(fileProblem("write the pages", dir, err))
		}
		for _, c := range append([]*cobra.Command{a.root}, pagesOf(a.root)...) {
			path := filepath.Join(dir, pageName(c)+".1")
			if err := writeWhole(path, []byte(manPage(c))); err != nil {
				return errors.New(fileProblem("write", path, err))
			}
			a.ui.print("%s", path)
		}
		return nil
	}
	return cmd
}

// pagesOf gives the commands that have a page, completion's children on its own.
func pagesOf(root *cobra.Command) (out []*cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() == "help" || c.Hidden {
			continue
		}
		out = append(out, c)
		if c.Name() != "completion" {
			out = append(out, pagesOf(c)...)
		}
	}
	return out
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage writes a command's page in the man macros of roff.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"sower %s\" \"User Commands\"\n", strings.ToUpper(pageName(c)), roff(version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(c)), roff(c.Short))
	use := c.UseLine()
	if !c.HasParent() {
		use = c.Name() + " COMMAND [FLAGS]"
	}
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roff(use))
	b.WriteString(".SH DESCRIPTION\n")
	for i, p := range strings.Split(strings.TrimSpace(c.Long), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		b.WriteString(roff(p) + "\n")
	}
	flags := func(title string, set *pflag.FlagSet) {
		if !set.HasAvailableFlags() {
			return
		}
		fmt.Fprintf(&b, ".SH %s\n", title)
		set.VisitAll(func(f *pflag.Flag) {
			kind, help := pflag.UnquoteUsage(f)
			head := `\fB\-\-` + roff(f.Name) + `\fR`
			if f.Shorthand != "" {
				head = `\fB\-` + roff(f.Shorthand) + `\fR, ` + head
			}
			if kind != "" {
				head += ` \fI` + roff(kind) + `\fR`
			}
			fmt.Fprintf(&b, ".TP\n%s\n%s\n", head, roff(help))
		})
	}
	flags("OPTIONS", c.NonInheritedFlags())
	flags("OPTIONS OF ALL COMMANDS", c.InheritedFlags())
	if c.Annotations[takesBlueprint] != "" {
		b.WriteString(".PP\nEvery parameter that the blueprint declares is an option too: see\n" + roff(c.CommandPath()+" BLUEPRINT --help") + ".\n")
	}
	if c.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(strings.TrimRight(c.Example, "\n")))
	}
	if !c.HasParent() {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range pagesOf(c) {
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR(1)\n%s\n", roff(pageName(sub)), roff(sub.Short))
		}
	}
	b.WriteString(".SH EXIT STATUS\n.TP\n0\nit went well\n.TP\n1\nit failed, or a rule is broken\n" +
		".TP\n2\nthe command, a value or the blueprint is wrong; nothing was done\n" +
		".TP\n5\nother processes have not done their part yet; nothing was done, and the same again may succeed\n.TP\n130\nit was interrupted\n")
	return b.String()
}

// roff escapes a text.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
