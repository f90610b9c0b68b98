package cli

import (
	"cmp"
	"errors"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/sink/file"
)

func (a *app) exportFinishCommand() *cobra.Command {
	var dir string
	var overwrite bool
	cmd := &cobra.Command{
		Use:   "finish --dir DIR [FLAGS]",
		Short: "check that all shards are there, and write the manifest of all",
		Long: `export finish comes behind the shards of an export. It holds their manifests against one another (of the same rows
and form, and together all rows of every table) and against the files, which it reads for their SHA-256 (not objects that
have the ETag with which they were written), and writes manifest.json, last: where that stands, everything is there.

Its exit code is 5 where shards are missing: they are named, and the same command again may find them. Files of other
rows are named, too, and are an error. Where everything is done already, it says so.`,
		Example: `  sower export finish --dir rows
  sower export finish --dir s3://my-bucket/rows
  sower export finish --dir /mnt/rows --check sizes`,
		Args: exactly(),
	}
	cmd.Flags().StringVar(&dir, "dir", "", dirHelp+" (required)")
	check := wordFlag(cmd, "check", "what is compared of each file; sizes: without reading any", "digests", "sizes")
	cmd.Flags().BoolVar(&overwrite, "overwrite", false, "replace a manifest.json that says otherwise")
	_ = cmd.MarkFlagDirname("dir")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if dir == "" {
			return usageHelp("--dir is required")
		}
		place, err := a.place(cmd.Context(), dir)
		if err != nil {
			return err
		}
		m, written, err := file.Merge(cmd.Context(), place, file.Merging{Overwrite: overwrite, Sizes: check.value == "sizes", Readers: runtime.GOMAXPROCS(0)})
		if errors.Is(err, file.ErrExists) {
			return usage("%w (--overwrite)", err)
		}
		if err != nil {
			return err
		}
		names := map[string]bool{}
		var rows, bytes int64
		for _, t := range m.Tables {
			names[t.Name] = true
			rows, bytes = rows+t.Rows, bytes+t.Bytes
		}
		state := "complete"
		if !written {
			state = "already complete"
		}
		a.ui.print("%s: %s: %s rows of %d tables in %d shards, %s", cmp.Or(m.Origin.Blueprint, "the export"), state, thousands(rows), len(names), m.Shards, size(float64(bytes)))
		a.ui.print("%s tells of all.", place.Path("manifest.json"))
		return nil
	}
	return cmd
}
