package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestMain makes this binary the program itself where a script calls it sower.
func TestMain(m *testing.M) {
	testscript.Main(pgMain{m}, map[string]func(){
		"sower": func() {
			code := Main(os.Args[1:], os.Stdin, &leakCheck{w: os.Stdout}, &leakCheck{w: os.Stderr}, os.Environ())
			os.Exit(code)
		},
	})
}

type pgMain struct{ m *testing.M }

func (p pgMain) Run() int { return pgtest.Main(p.m) }

// leakCheck ends the program where it prints the secret that a script has told it.
type leakCheck struct {
	w    io.Writer
	last []byte
}

func (l *leakCheck) Write(p []byte) (int, error) {
	if secret := os.Getenv("TEST_SECRET"); secret != "" {
		l.last = append(l.last, p...)
		if bytes.Contains(l.last, []byte(secret)) {
			_, _ = os.Stderr.WriteString("LEAK: the password is printed\n")
			os.Exit(99)
		}
		l.last = l.last[max(0, len(l.last)-len(secret)):]
	}
	return l.w.Write(p)
}

// call runs the program in this process. One that serves a page is told to end as soon as it says where.
func call(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var errs bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &untilServed{cancel: cancel}
	a := &app{in: bytes.NewReader(nil), env: env, stop: newStopping()}
	a.ui = newUI(out, &errs, a.getenv)
	ctx, stop := a.signals(ctx)
	defer stop()
	code = a.run(ctx, args)
	return code, out.String(), errs.String()
}

// untilServed ends the program that prints the address of a page.
type untilServed struct {
	bytes.Buffer
	cancel context.CancelFunc
}

func (u *untilServed) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("http://127.0.0.1:")) {
		u.cancel()
	}
	return u.Buffer.Write(p)
}

// A panic is shown as redacted as any error, and is no exit code that says that nothing was done.
func TestPanic(t *testing.T) {
	var out strings.Builder
	a := new(app)
	a.ui = newUI(&out, &out, a.getenv)
	a.hideURL("postgres://me:s3cret@host/x_test")
	a.root = &cobra.Command{Use: "sower", RunE: func(*cobra.Command, []string) error { panic("postgres://me:s3cret@host/x_test") }}
	a.root.SetArgs(nil)
	err := a.execute(t.Context())
	if code := a.fail(t.Context(), err); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if text := out.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "a mistake in sower itself: postgres://me:") || !strings.Contains(text, "main_test.go") {
		t.Errorf("it prints:\n%s", text)
	}
}
