package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// User is the name of every server's superuser.
const User = "sower"

// Options say which server to start. The zero value is the newest one found,
// with the settings for tests.
type Options struct {
	Version int // major version; 0: the newest found

	// Settings go into postgresql.conf, over the settings for tests. Those
	// differ from a stock server in the following: fsync, full_page_writes and
	// jit are off, the time zone is UTC, the locale C, and where the folder for
	// temporary files is not named (TMPDIR) the server is in memory if that has
	// room. A benchmark that wants a stock server sets them all to "on": with
	// fsync the server is on the disk.
	Settings map[string]string
}

// A Server is a running PostgreSQL server on 127.0.0.1. Its methods may be
// called from several goroutines.
type Server struct {
	Version int    // major version
	Port    int    // on 127.0.0.1
	Dir     string // data/, server.log, and the Unix socket; removed by Stop
	PID     int    // of the postmaster

	bin      string
	password string
	who      account
	guard    *watchdog
	process  *os.Process
	exited   chan struct{} // closed when the postmaster has ended

	stop     sync.Once
	stopErr  error
	stopping chan struct{} // closed when Stop begins
}

// Start makes and starts a server. ctx bounds the start, not the server's
// life: that ends with Stop, or with this process.
func Start(ctx context.Context, o Options) (*Server, error) {
	inst, err := installation(o.Version)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, inst, o.Settings, freePort)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL %d: %w", inst.Version, err)
	}
	return s, nil
}

// start is Start with the choice of ports in the caller's hand.
func start(ctx context.Context, inst Installation, settings map[string]string, port func() (int, error)) (_ *Server, err error) {
	s := &Server{
		Version:  inst.Version,
		bin:      inst.BinDir,
		password: rand.Text(),
		stopping: make(chan struct{}),
	}
	if s.who, err = serverAccount(); err != nil {
		return nil, err
	}
	if s.Dir, err = makeDir(s.who, settings["fsync"] != "on"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if s.guard, err = startWatchdog(s.who, s.Dir); err != nil {
		return nil, err
	}
	if err := s.initdb(ctx); err != nil {
		return nil, err
	}
	if err := s.configure(settings); err != nil {
		return nil, err
	}
	const tries = 5
	for try := 1; ; try++ {
		if s.Port, err = port(); err != nil {
			return nil, err
		}
		err = s.launch(ctx)
		if err == nil {
			return s, nil
		}
		// Between the choice of a port and its use another program may take it.
		if try == tries || !errors.Is(err, errPortTaken) {
			return nil, err
		}
	}
}

// makeDir makes the server's folder where the account can reach it, with a
// path short enough for a Unix socket (107 bytes in all); in memory, if it may
// be and there is room.
func makeDir(who account, memory bool) (string, error) {
	parent := os.TempDir()
	if memory && os.Getenv("TMPDIR") == "" && openToAll(inMemory) && free(inMemory) >= roomInMemory {
		parent = inMemory
	}
	if len(parent) > 60 || !filepath.IsAbs(parent) || (who.other && !openToAll(parent)) {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "sower-pg-")
	if err != nil {
		return "", err
	}
	if err := who.own(dir); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	return dir, nil
}

// inMemory is Linux's folder of files in memory, and roomInMemory the bytes that
// it has to have free: the servers of two packages hold less than 1 GiB.
const (
	inMemory     = "/dev/shm"
	roomInMemory = 4 << 30
)

func (s *Server) dataDir() string { return filepath.Join(s.Dir, "data") }
func (s *Server) logFile() string { return filepath.Join(s.Dir, "server.log") }

func (s *Server) initdb(ctx context.Context) error {
	pwfile := filepath.Join(s.Dir, "password")
	if err := os.WriteFile(pwfile, []byte(s.password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(pwfile)
	if err := s.who.own(pwfile); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"),
		"-D", s.dataDir(), "-U", User, "--pwfile", pwfile, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	s.prepare(cmd)
	// On this signal initdb lets its server end first.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

// prepare makes cmd one of the server's processes.
func (s *Server) prepare(cmd *exec.Cmd) {
	cmd.Dir = s.Dir
	cmd.Env = serverEnv(s.Dir)
	s.guard.adopt(s.who, cmd)
}

// serverEnv is all of the environment that the server's processes see:
// nothing of the caller's PG* or locale variables.
func serverEnv(dir string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C"}
	if libs := os.Getenv("LD_LIBRARY_PATH"); libs != "" {
		env = append(env, "LD_LIBRARY_PATH="+libs)
	}
	return env
}

// configure appends the settings to postgresql.conf, where the last word
// counts.
func (s *Server) configure(own map[string]string) error {
	settings := map[string]string{
		"cluster_name":            "sower_test",
		"fsync":                   "off",
		"full_page_writes":        "off",
		"jit":                     "off",
		"listen_addresses":        "127.0.0.1",
		"log_timezone":            "UTC",
		"logging_collector":       "off",
		"max_connections":         "100",
		"shared_buffers":          "128MB",
		"timezone":                "UTC",
		"unix_socket_directories": s.Dir,
	}
	maps.Copy(settings, own)
	var text strings.Builder
	text.WriteString("\n# pgtest\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	f, err := os.OpenFile(filepath.Join(s.dataDir(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text.String())
	return errors.Join(err, f.Close())
}

var errPortTaken = errors.New("the port was taken by another program")

// launch starts the postmaster on s.Port and waits until it answers.
func (s *Server) launch(ctx context.Context) error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.dataDir(), "-p", strconv.Itoa(s.Port))
	s.prepare(cmd)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		cmd.Wait() // how it ended is in the log
		close(exited)
	}()
	s.process, s.PID, s.exited = cmd.Process, cmd.Process.Pid, exited

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !s.ready() {
		select {
		case <-exited:
			if bytes.Contains(s.log(), []byte("Address already in use")) {
				return fmt.Errorf("%w: %d", errPortTaken, s.Port)
			}
			return fmt.Errorf("it ended at once; its log:\n%s", s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w; its log:\n%s", context.Cause(ctx), s.logTail())
		case <-tick.C:
		}
	}
	if err := s.exec(ctx, "select 1"); err != nil {
		return fmt.Errorf("it does not answer: %w", err)
	}
	return nil
}

// ready reports whether the postmaster says of itself, in the last line of
// its lock file, that it takes connections.
func (s *Server) ready() bool {
	text, err := os.ReadFile(filepath.Join(s.dataDir(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(s.PID) && strings.TrimSpace(lines[7]) == "ready"
}

func (s *Server) log() []byte {
	text, _ := os.ReadFile(s.logFile())
	return text
}

func (s *Server) logTail() string {
	lines := strings.Split(strings.TrimSpace(string(s.log())), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// Stop shuts the server down (fast: open connections are cut), and removes
// its folder. Calls after the first return what the first did.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		close(s.stopping)
		s.halt()
		if s.guard != nil {
			s.stopErr = s.guard.dismiss()
		}
		s.stopErr = errors.Join(s.stopErr, os.RemoveAll(s.Dir))
	})
	return s.stopErr
}

// halt ends the postmaster, if there is one, by ever stronger signals.
func (s *Server) halt() {
	if s.process == nil {
		return
	}
	for _, step := range []struct {
		signal os.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, 30 * time.Second},  // fast
		{syscall.SIGQUIT, 10 * time.Second}, // immediate
	} {
		// An error means that it has ended already, which the channel tells.
		_ = s.process.Signal(step.signal)
		select {
		case <-s.exited:
			return
		case <-time.After(step.wait):
		}
	}
	_ = s.process.Kill()
	<-s.exited
}

// stopped reports whether the server is gone: stopped, or dead by itself.
func (s *Server) stopped() bool {
	select {
	case <-s.stopping:
		return true
	case <-s.exited:
		return true
	default:
		return false
	}
}

// freePort returns a loopback port that nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
