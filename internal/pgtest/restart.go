package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Restart ends the postmaster by a signal (SIGINT: fast, SIGQUIT: immediate, SIGKILL: as a crash of the
// machine would) and starts it again on the same port. It is for servers that a test has for itself, and
// one call at a time.
func (s *Server) Restart(ctx context.Context, signal os.Signal) error {
	if err := s.process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-s.exited:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		err := s.launch(ctx)
		// The children of a postmaster that was killed go a moment after it, and the port with them.
		if err == nil || ctx.Err() != nil || !errors.Is(err, errPortTaken) && !bytes.Contains(s.log(), []byte("is still in use")) {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Dumped is the newest version that was found with its pg_dump: [Server.DumpSchema] needs that.
func Dumped(tb testing.TB) int {
	tb.Helper()
	all, err := Installations()
	if err != nil {
		tb.Fatal(err)
	}
	for _, i := range slices.Backward(all) {
		if _, err := os.Stat(filepath.Join(i.BinDir, "pg_dump")); err == nil {
			return i.Version
		}
	}
	tb.Fatal("no installation of PostgreSQL has pg_dump")
	return 0
}

// DumpSchema gives what pg_dump says of a database's schema, without the schemas that are named.
func (s *Server) DumpSchema(ctx context.Context, database string, without ...string) (string, error) {
	args := []string{"-s", "-w", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User, "-d", database}
	for _, n := range without {
		args = append(args, "-N", n)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "pg_dump"), args...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+s.password)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("pg_dump: %w\n%s", err, bytes.TrimSpace(problems.Bytes()))
	}
	var lines [][]byte
	for line := range bytes.Lines(out) {
		if !bytes.HasPrefix(line, []byte(`\restrict`)) && !bytes.HasPrefix(line, []byte(`\unrestrict`)) { // drawn at random each time
			lines = append(lines, line)
		}
	}
	return string(bytes.Join(lines, nil)), nil
}
