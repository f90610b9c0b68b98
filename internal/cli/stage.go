package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/driver"
	"github.com/sowerdata/sower/run"
)

// stageWords are the flags of a run that several processes fill.
type stageWords struct {
	phase *oneOf
	shard *string
}

func stageFlags(cmd *cobra.Command) stageWords {
	w := stageWords{wordFlag(cmd, "phase", "one phase of a run that several processes fill together (PostgreSQL); whole: all of them", "whole", "prepare", "load", "finish"),
		shardFlag(cmd, "with --phase load: the part `I/N` of the rows; "+shardHelp)}
	return w
}

// ofPrepare are the flags that the later phases do not take: what they say is in the record of the run.
var ofPrepare = []string{"rows", "total-rows", "include", "exclude", "locale", "meaning", "skip-unsatisfiable", "strict", "create-partitions", "create-schema",
	"append", "fresh", "size", "for", "yes", "seed"}

// stage reads --phase and --shard.
func (a *app) stage(cmd *cobra.Command, w stageWords) (stage run.Stage, part run.Shard, err error) {
	if stage = run.Stage(w.phase.value); stage == "whole" {
		stage = run.Whole
	}
	given := cmd.Flags().Changed("shard")
	switch {
	case given && stage != run.Load:
		return stage, part, usage("--shard goes with --phase load")
	case stage == run.Whole:
		return stage, part, nil
	case stage == run.Load && *w.shard == "":
		return stage, part, usage("--phase load needs --shard: I/N, or auto")
	case cmd.Flags().Changed("dry-run"):
		return stage, part, usage("--dry-run goes without --phase: it shows what all phases together would do")
	}
	if stage == run.Prepare {
		return stage, part, nil
	}
	if a.doc != nil || a.docErr != nil {
		return stage, part, usage("--phase %s names no blueprint: it goes by the run that --phase prepare has recorded", stage)
	}
	for _, name := range ofPrepare {
		if cmd.Flags().Changed(name) {
			return stage, part, usage("--%s goes with --phase prepare: --phase %s goes by what that has recorded", name, stage)
		}
	}
	if stage == run.Load {
		part, err = a.shard(*w.shard)
	}
	return stage, part, err
}

// checkStage refuses phases where only one process can write the database.
func checkStage(stage run.Stage, url string) error {
	if d := driver.Of(url); stage != run.Whole && d != nil && !d.Shared {
		return usage("--phase %s: %w", stage, run.ErrOneMachine)
	}
	return nil
}

// asStaged makes mistakes of the command what they are.
func asStaged(err error) error {
	if errors.As(err, new(*run.ShardsError)) {
		return usage("%w", err)
	}
	return err
}
