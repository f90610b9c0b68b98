package cli

import (
	"time"

	"github.com/spf13/cobra"
)

// waits say how long a command waits for others.
type waits struct {
	lockTimeout time.Duration
}

// register declares the flags of commands that write.
func (w *waits) register(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&w.lockTimeout, "lock-timeout", time.Minute, "how long to wait for a lock that another session or program holds, which is said after two seconds; 0: without limit")
}

// lock gives the time as the drivers take it.
func (w *waits) lock() time.Duration {
	if w.lockTimeout == 0 {
		return -1
	}
	return w.lockTimeout
}
