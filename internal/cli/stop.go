package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// stopping is what a signal makes of a command. The first one ends its work. Where that leaves something to restore, a
// second one, or the end of a time, ends this too; otherwise the second ends the program.
type stopping struct {
	restores  atomic.Bool   // the command restores what it dropped before it ends
	abandoned chan struct{} // closed when that is not to be waited for
	abandon   func()
	limit     time.Duration // of waiting for it; 0: none
}

func newStopping() *stopping {
	s := &stopping{abandoned: make(chan struct{})}
	s.abandon = sync.OnceFunc(func() { close(s.abandoned) })
	return s
}

// register declares the flag of a command that restores.
func (s *stopping) register(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&s.limit, "stop-timeout", 0,
		"how long a run that is told to stop may go on restoring indexes and keys that the load dropped, such as 8s where a container has 10; 0: as long as it takes")
}

// signals gives a context that ends with the first SIGINT or SIGTERM, or when the terminal is closed (SIGHUP, unless
// that is ignored, as by nohup). Of SIGHUP a terminal sends several: only its first counts.
func (a *app) signals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(ch, syscall.SIGHUP)
	}
	go func() {
		told := 0
		for s := range ch {
			if told > 0 && s == syscall.SIGHUP {
				continue
			}
			told++
			switch {
			case told == 1 && a.stop.restores.Load():
				a.ui.note("stopping; indexes and keys that the load dropped are restored first: press again to leave them to sower repair")
				if a.stop.limit > 0 {
					time.AfterFunc(a.stop.limit, a.stop.abandon)
				}
				cancel(errInterrupted)
			case told == 1:
				a.ui.note("stopping; press again to kill")
				cancel(errInterrupted)
			case told == 2 && a.stop.restores.Load():
				a.ui.note("leaving what is not restored yet to sower repair; press again to kill")
				a.stop.abandon()
			default:
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(ch)
		close(ch)
		cancel(nil)
	}
}
