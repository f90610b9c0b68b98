package corpus

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sowerdata/sower/internal/cli"
	"github.com/sowerdata/sower/internal/pgtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	os.Exit(pgtest.Main(m))
}

// programVariable makes this test binary the program itself.
const programVariable = "SOWER_CORPUS_PROGRAM"

// sower runs the program as its user would. It has a process of its own: a crash is a failure of one schema, not
// of all. What has not ended after two minutes is told to show where it is.
func sower(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = []string{programVariable + "=1", "HOME=/", "TERM=dumb"}
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		return -1, "", err.Error()
	}
	hurry := time.AfterFunc(2*time.Minute, func() { cmd.Process.Signal(syscall.SIGQUIT) })
	defer hurry.Stop()
	err := cmd.Wait()
	text := errs.String()
	if i := strings.Index(text, "goroutine "); i >= 0 {
		text = text[:min(len(text), i+3000)]
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), out.String(), text
	} else if err != nil {
		return -1, out.String(), err.Error()
	}
	return 0, out.String(), text
}
