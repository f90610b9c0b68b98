package pgtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A watchdog is a small shell that outlives this process by a moment. It
// leads the process group in which a server's programs run, and waits on a
// pipe whose other end this process holds. A word on the pipe sends it home;
// the pipe's end without a word means that this process died (even by
// SIGKILL): then it stops what runs, and removes the server's folder.
//
// A second pipe tells it when that is done: every program of the server holds
// the write end, and so do their children, so that its end is their end.
type watchdog struct {
	cmd     *exec.Cmd
	leash   io.WriteCloser // the shell's standard input
	running *os.File       // write end of the second pipe
}

// The postmaster, whom the lock file names, is told to stop at once, in
// PostgreSQL's immediate mode. A number below zero there is a server within
// initdb: that one ends by itself within a second, and a signal would make it
// leave its shared memory behind. What does not obey for half a minute is
// killed; the last line also ends the shell's own helper.
const watchdogScript = `
trap '' HUP INT QUIT TERM
read -r word && exit 0
{
	tries=0
	while [ "$tries" -lt 300 ]; do
		pid=
		[ -e "$1/data/postmaster.pid" ] && read -r pid <"$1/data/postmaster.pid"
		case $pid in
		[1-9]*) kill -QUIT "$pid" ;;
		esac
		sleep 0.1
		tries=$((tries + 1))
	done
	rm -rf "$1"
	kill -KILL 0
} 3<&- &
read -r word <&3
rm -rf "$1"
kill -KILL 0
`

func startWatchdog(who account, dir string) (_ *watchdog, err error) {
	ended, running, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	defer ended.Close() // the shell has its own
	// Output is left unset: a pipe shared with the test binary would make
	// `go test` wait for the shell.
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "sower-test-watchdog", dir)
	cmd.Dir = "/"
	cmd.Env = serverEnv(dir)
	cmd.ExtraFiles = []*os.File{ended}
	who.attach(cmd, 0)
	leash, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		running.Close()
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	return &watchdog{cmd: cmd, leash: leash, running: running}, nil
}

// adopt makes cmd, which is yet to start, one of the programs that the
// watchdog looks after.
func (w *watchdog) adopt(who account, cmd *exec.Cmd) {
	who.attach(cmd, w.cmd.Process.Pid)
	cmd.ExtraFiles = []*os.File{w.running}
}

// dismiss ends the watchdog. By then none of its programs may run.
func (w *watchdog) dismiss() error {
	_, err := io.WriteString(w.leash, "done\n")
	w.leash.Close()
	w.running.Close()
	if err := errors.Join(err, w.cmd.Wait()); err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	return nil
}
