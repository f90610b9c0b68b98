package cli

import (
	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/shard"
)

const shardHelp = "auto: the number that Kubernetes, Slurm, AWS Batch or Cloud Run gave this process"

func shardFlag(cmd *cobra.Command, help string) *string {
	return cmd.Flags().String("shard", "", help)
}

// shard reads --shard. What auto has found is said.
func (a *app) shard(text string) (shard.Shard, error) {
	if text != "auto" {
		s, err := shard.Parse(text)
		if err != nil {
			return s, usage("--shard %q: %w", text, err)
		}
		return s, nil
	}
	s, by, err := shard.Find(a.getenv)
	if err != nil {
		return s, usage("--shard auto: %w", err)
	}
	a.ui.note("shard %s (%s)", s, by)
	return s, nil
}
