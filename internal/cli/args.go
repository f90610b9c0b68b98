package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
	"github.com/sowerdata/sower/infer"
	"github.com/sowerdata/sower/plan"
)

// prepare finds the command and the blueprint in the arguments, and adds the blueprint's parameters to
// the command's flags: cobra can parse them only then. It gives the arguments with the command first,
// where cobra finds it in any case.
func (a *app) prepare(args []string) ([]string, error) {
	given, completing := args, false
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		args, completing = args[1:], true
		if len(args) > 0 {
			args = args[:len(args)-1] // the word that is being written
		}
	}
	helping := len(args) > 0 && args[0] == "help"
	if helping {
		args = args[1:]
	}
	words := scanArgs(args, a.root.PersistentFlags())
	if len(words) == 0 {
		return given, nil
	}
	name := words[0]
	var cmd *cobra.Command
	var known []string
	for _, c := range a.root.Commands() {
		known = append(known, c.Name())
		if c.Name() == name.text {
			cmd = c
		}
	}
	if cmd == nil {
		if completing {
			return given, nil
		}
		err := usageHelp("unknown command %q", name.text)
		if s := blueprint.Suggest(name.text, known); s != "" {
			err = usageHelp("unknown command %q: did you mean %q?", name.text, s)
		}
		return nil, located(err, a.root)
	}
	completing = completing || helping // what follows need not be right
	rest := slices.Delete(slices.Clone(args), name.at, name.at+1)
	path := []string{cmd.Name()}
	if below := scanArgs(rest, a.root.PersistentFlags(), cmd.Flags()); len(below) > 0 {
		for _, c := range cmd.Commands() {
			if c.Name() == below[0].text && !below[0].doubtful {
				cmd, path, rest = c, append(path, c.Name()), slices.Delete(rest, below[0].at, below[0].at+1)
			}
		}
	}
	if !completing {
		var err error
		if rest, err = a.takeAddress(cmd, rest); err != nil {
			return nil, err
		}
		given = append(path, rest...)
	}
	if cmd.Annotations[takesBlueprint] == "" {
		return given, nil
	}
	a.findBlueprint(cmd, rest)
	err := a.docErr
	if cmd.Annotations[takesTable] != "" && a.doc == nil && errors.Is(err, fs.ErrNotExist) && a.databaseNamed(cmd, rest) {
		err = nil // it may be a table of the database
	}
	if a.doc != nil {
		if bad := a.addParameters(cmd); err == nil {
			err = bad
		}
	}
	if completing || asksHelp(rest) {
		err = nil
	}
	return given, err
}

// takeAddress makes the flag --database-url of an argument that is the address of a database.
func (a *app) takeAddress(cmd *cobra.Command, args []string) ([]string, error) {
	if cmd.Flags().Lookup("database-url") == nil || cmd.Annotations[takesAddresses] != "" {
		return args, nil
	}
	_, taken := flagValue(args, "database-url")
	for _, w := range slices.Backward(scanArgs(args, a.root.PersistentFlags(), cmd.Flags())) {
		if w.doubtful || !isAddress(w.text) {
			continue
		}
		if taken {
			return nil, usage("two databases are named: leave one of them out")
		}
		taken = true
		args = append([]string{"--database-url=" + w.text}, slices.Delete(slices.Clone(args), w.at, w.at+1)...)
	}
	return args, nil
}

func asksHelp(args []string) bool {
	for _, w := range args {
		switch w {
		case "--help", "-h":
			return true
		case "--":
			return false
		}
	}
	return false
}

// findBlueprint opens the blueprint among the arguments of a command. What follows an unknown flag may
// be its value or the blueprint: the one is right with which all flags are parsed so that it is the
// first argument.
func (a *app) findBlueprint(cmd *cobra.Command, args []string) {
	words := scanArgs(args, a.root.PersistentFlags(), cmd.Flags())
	var sure, doubtful []word
	for _, w := range words {
		if w.doubtful {
			doubtful = append(doubtful, w)
		} else {
			sure = append(sure, w)
		}
	}
	for _, w := range append(sure, doubtful...) {
		doc, builtIn, err := openBlueprint(w.text)
		if doc == nil && (err == nil || errors.Is(err, fs.ErrNotExist) || w.doubtful) {
			continue
		}
		if doc != nil {
			own := pflag.NewFlagSet("", pflag.ContinueOnError)
			for _, p := range doc.Parameters() {
				addParameter(own, p)
			}
			first := scanArgs(args, a.root.PersistentFlags(), cmd.Flags(), own)
			if len(first) == 0 || first[0].at != w.at {
				continue
			}
		}
		if doc != nil && err != nil {
			err = doc.Check(plan.Generators()) // these mistakes, and those that lie behind them
		}
		a.doc, a.docName, a.docErr, a.builtIn = doc, w.text, err, builtIn
		return
	}
	if len(sure) > 0 {
		_, _, a.docErr = openBlueprint(sure[0].text)
	}
}

// word is an argument that is no flag.
type word struct {
	text     string
	at       int  // its index
	doubtful bool // it follows an unknown flag and may be its value
}

// scanArgs gives the arguments that are neither flags nor values of the known ones.
func scanArgs(args []string, known ...*pflag.FlagSet) []word {
	lookup := func(arg string) (f *pflag.Flag) {
		for _, set := range known {
			if name, ok := strings.CutPrefix(arg, "--"); ok {
				f = set.Lookup(name)
			} else if len(arg) == 2 {
				f = set.ShorthandLookup(arg[1:])
			}
			if f != nil {
				return f
			}
		}
		return nil
	}
	var out []word
	doubtful := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			for k := i + 1; k < len(args); k++ {
				out = append(out, word{text: args[k], at: k})
			}
			return out
		case len(arg) > 1 && arg[0] == '-':
			doubtful = false
			if strings.Contains(arg, "=") || arg == "--help" || arg == "-h" {
				continue
			}
			if f := lookup(arg); f == nil {
				doubtful = true
			} else if f.NoOptDefVal == "" {
				i++
			}
		default:
			out = append(out, word{text: arg, at: i, doubtful: doubtful})
			doubtful = false
		}
	}
	return out
}

// openBlueprint opens a built-in blueprint, a file, or the blueprint.yaml of a folder. The document may
// be there beside an error: then it has mistakes.
func openBlueprint(name string) (doc *blueprint.Document, builtIn bool, err error) {
	if files, ok := blueprints.Open(name); ok {
		doc, err = blueprint.Open(files, builtInFile)
		return doc, true, err
	}
	path := name
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		path = filepath.Join(name, builtInFile)
		_, err = os.Stat(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, unknownBlueprint(name, err)
	}
	doc, err = blueprint.OpenPath(path)
	if err != nil && doc == nil {
		var ps blueprint.Problems
		if !errors.As(err, &ps) {
			err = &usageError{err: err}
		}
	}
	return doc, false, err
}

// builtInFile is the name of a built-in blueprint's main file.
const builtInFile = "blueprint.yaml"

func unknownBlueprint(name string, err error) error {
	if s := blueprint.Suggest(name, blueprints.Names()); s != "" && !strings.ContainsAny(name, `/\`) {
		return usage("there is no blueprint %q: did you mean %q?%w", name, s, quiet{err})
	}
	return usage("there is no blueprint %q: neither a built-in one (%s) nor a file of that name%w",
		name, strings.Join(blueprints.Names(), ", "), quiet{err})
}

// quiet keeps an error reachable and shows nothing of it.
type quiet struct{ error }

func (q quiet) Error() string { return "" }
func (q quiet) Unwrap() error { return q.error }

// shownError names built-in blueprints in the places of problems, and no place in what was inferred: that is no file.
func (a *app) shownError(err error) error {
	var ps blueprint.Problems
	if !errors.As(err, &ps) {
		return err
	}
	out := make(blueprint.Problems, len(ps))
	for i, p := range ps {
		switch {
		case p.Pos.File == infer.FileName:
			p.Pos = blueprint.Pos{}
		case p.Pos.File != "" && a.builtIn:
			p.Pos.File = a.docName + "/" + p.Pos.File
		}
		out[i] = p
	}
	return out
}
