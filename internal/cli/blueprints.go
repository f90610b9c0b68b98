package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/blueprints"
)

func (a *app) blueprintsCommand() *cobra.Command {
	var name, dir string
	cmd := &cobra.Command{
		Use:     "blueprints [FLAGS]",
		GroupID: groupLook,
		Short:   "list the built-in blueprints, or copy one to edit it",
		Long: `blueprints lists the built-in blueprints. With --copy it writes one with its DDL and word pools into a
folder, to be edited: the path of that folder, or of its blueprint.yaml, is then a blueprint too.`,
		Example: `  sower blueprints
  sower blueprints --copy genonaut --dir mine
  sower plan mine`,
		Args: exactly(),
	}
	cmd.Flags().StringVar(&name, "copy", "", "`NAME` of a built-in blueprint to copy")
	cmd.Flags().StringVar(&dir, "dir", "", "`DIR`ectory to copy to (default the blueprint's name); no file in it is replaced")
	_ = cmd.RegisterFlagCompletionFunc("copy", cobra.FixedCompletions(blueprints.Names(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagDirname("dir")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case name == "" && cmd.Flags().Changed("copy"):
			return usageHelp("--copy: a name is missing")
		case name == "" && dir != "":
			return usageHelp("--dir is for --copy NAME")
		case name == "":
			return a.listBlueprints()
		case dir == "":
			dir = name
		}
		return a.copyBlueprint(name, dir)
	}
	return cmd
}

func (a *app) listBlueprints() error {
	g := grid{header: []string{"", ""}}
	for _, name := range blueprints.Names() {
		doc, _, err := openBlueprint(name)
		if err != nil {
			return err
		}
		g.add(name, strings.Join(strings.Fields(doc.Description()), " "))
	}
	a.ui.print("%s", strings.TrimRight(g.String(), "\n"))
	return nil
}

// copyBlueprint writes the files of a built-in blueprint into a directory, none where one stands already.
func (a *app) copyBlueprint(name, dir string) error {
	files, ok := blueprints.Open(name)
	if !ok {
		if s := blueprint.Suggest(name, blueprints.Names()); s != "" {
			return usage("there is no built-in blueprint %q: did you mean %q?", name, s)
		}
		return usage("there is no built-in blueprint %q: there are %s", name, strings.Join(blueprints.Names(), ", "))
	}
	var paths []string
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range paths {
		to := filepath.Join(dir, filepath.FromSlash(p))
		switch _, err := os.Lstat(to); {
		case err == nil:
			return usage("%s stands already and is not replaced: choose another --dir", to)
		case !errors.Is(err, fs.ErrNotExist):
			return usage("%s", fileProblem("copy to", to, err))
		}
	}
	for _, p := range paths {
		data, err := fs.ReadFile(files, p)
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(p)), data); err != nil {
			return err
		}
	}
	a.ui.print("%s: %s in %s", name, count(int64(len(paths)), "file"), filepath.Clean(dir))
	a.ui.hint("edit "+filepath.Join(dir, builtInFile)+", then:", "sower plan "+shellQuote(filepath.Clean(dir)))
	return nil
}

// writeNew writes a file that does not stand yet.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
