package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/trace"
)

func traceFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("trace", "", "also write to `FILE` who made, encoded, sent and built what, and when, for chrome://tracing or Perfetto")
}

// traced notes what a command does. What it gives writes that to the file, whatever the command ends with.
func traced(cmd *cobra.Command, path string) (write func() error) {
	if path == "" {
		return func() error { return nil }
	}
	t := trace.New()
	cmd.SetContext(trace.With(cmd.Context(), t, "run"))
	return func() error {
		data, err := t.JSON()
		if err == nil {
			err = writeWhole(path, data)
		}
		if err != nil {
			err = errors.New(fileProblem("write the trace", path, err))
		}
		return err
	}
}
