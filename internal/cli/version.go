package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/plan"
)

// Version is set by the linker: -ldflags "-X github.com/sowerdata/sower/internal/cli.Version=v1.2.3".
var Version string

// version is the program's version: the linker's, else that of the module, else the commit.
func version() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if commit == "" {
		return "development"
	}
	return "commit " + commit + dirty
}

// versionText is what version and --version print.
func versionText() string {
	return fmt.Sprintf("sower %s\n%s %s/%s\noutput version %d\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, plan.OutputVersion)
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		GroupID: groupMore,
		Short:   "print the version",
		Long: `version prints the program's version, that of the Go it was built with, and the output version: with the
same output version, the same blueprint, parameters and seed give the same rows, but for generators whose own
output version was raised. The record of a run has these, and CHANGELOG.md names them under Output changes.`,
		Example: `  sower version`,
		Args:    exactly(),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, err := a.ui.out.Write([]byte(versionText()))
		return err
	}
	return cmd
}
