package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink/file"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1 // it failed, or a rule is broken
	exitUsage       = 2 // the command, a value, the blueprint or the database's name is wrong: nothing was done
	exitNothing     = 3 // there is no table to fill, or nothing to check: nothing was done
	exitPartial     = 4 // the database is filled, but for tables that were left out
	exitNotYet      = 5 // other processes have not done their part yet: nothing was done, and the same again may succeed
	exitInterrupted = 130
)

// errInterrupted is the cause of a context that a signal has cancelled.
var errInterrupted = errors.New("interrupted")

// app is one call of the program.
type app struct {
	ui      *ui
	in      io.Reader
	env     []string // NAME=value
	root    *cobra.Command
	doc     *blueprint.Document // nil where no blueprint is named
	docName string              // as it was named
	docErr  error               // why the named blueprint cannot be read
	builtIn bool                // doc is one of the built-in ones
	flags   commonFlags
	logger  loggerFlags
	waits   waits
	trusted []string // roles whose code may run with the rights of the URL's
	stop    *stopping
	beside  []string // how the run that filled the database differs from the plan of a command that only shows rows
}

// Main runs the program with its arguments (without the program's name) and gives its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	a := &app{in: stdin, env: env, stop: newStopping()}
	a.ui = newUI(stdout, stderr, a.getenv)
	ctx, stop := a.signals(context.Background())
	defer stop()
	return a.run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if a.ui.broken() && code == exitOK {
			code = exitFailed
		}
	}()
	a.root = a.rootCommand()
	progress, _ := flagValue(args, "progress")
	a.ui.json = progress == "json" // from the first message on
	args, err := a.prepare(args)
	if err != nil {
		return a.fail(ctx, err)
	}
	a.root.SetArgs(args)
	if err := a.execute(ctx); err != nil {
		return a.fail(ctx, err)
	}
	return exitOK
}

// execute runs the command. A panic becomes an error: it is shown as redacted as any other, and exits as a failure.
func (a *app) execute(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a mistake in sower itself: %v\nWhat was committed stands. Please report it, with the schema if you can, and with this:\n%s", r, debug.Stack())
		}
	}()
	cmd, err := a.root.ExecuteContextC(ctx)
	if err != nil {
		err = located(err, cmd)
	}
	return err
}

// fail prints an error and gives the exit code that belongs to it.
func (a *app) fail(ctx context.Context, err error) int {
	code := exitFailed
	switch {
	case errors.Is(err, plan.ErrNothing):
		code = exitNothing
	case isMistake(err):
		code = exitUsage
	case errors.As(err, new(*leftOutError)):
		code = exitPartial
	case errors.Is(err, file.ErrMissing), errors.As(err, new(*run.NotYetError)):
		code = exitNotYet
	}
	if interrupted(ctx, err) {
		a.log().Debug("interrupted", "error", err)
		a.ui.note("interrupted")
		return exitInterrupted
	}
	a.ui.error(a.shownError(err))
	var u *usageError
	if errors.As(err, &u) && u.command != "" {
		a.ui.note("Run '%s --help' for help.", u.command)
	}
	return code
}

// interrupted tells whether err is what a signal made of a command.
func interrupted(ctx context.Context, err error) bool {
	return errors.Is(err, errInterrupted) ||
		errors.Is(context.Cause(ctx), errInterrupted) && errors.Is(err, context.Canceled)
}

// usageError is a mistake in what the user wrote: nothing was done.
type usageError struct {
	err     error
	command string // whose help is worth a look, "" where it says nothing on this
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage makes an error of what the user wrote.
func usage(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

// located names the command in errors that its help explains.
func located(err error, cmd *cobra.Command) error {
	var u *usageError
	if errors.As(err, &u) && u.command == helpIsWorthIt {
		u.command = cmd.CommandPath()
	}
	return err
}

// helpIsWorthIt is replaced by the command's name.
const helpIsWorthIt = "?"

// usageHelp is usage, and points to the command's help.
func usageHelp(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...), command: helpIsWorthIt}
}
