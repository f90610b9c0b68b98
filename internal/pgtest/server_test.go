package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// wantGone waits a little until the process has ended and the folder is gone.
func wantGone(t *testing.T, pid int, dir string) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		running := alive(pid)
		_, err := os.Stat(dir)
		if !running && errors.Is(err, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d runs: %v; %s: %v", pid, running, dir, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive reports whether a process runs. An orphan that has ended may stay a
// zombie where the first process of a container collects nobody.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		_, after, _ := strings.Cut(string(stat), ") ")
		return !strings.HasPrefix(after, "Z")
	}
	p, _ := os.FindProcess(pid)
	return p.Signal(syscall.Signal(0)) == nil
}

func TestSettings(t *testing.T) {
	s := StartFor(t, Options{Settings: map[string]string{
		"fsync":            "on",
		"full_page_writes": "on",
		"search_path":      `"it's", public`,
	}})
	got := s.Psql(t, "postgres", "show fsync; show full_page_writes; show search_path")
	if want := "on\non\n\"it's\", public"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAWrongSettingShowsTheLog(t *testing.T) {
	_, err := Start(t.Context(), Options{Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), `"no_such_setting"`) {
		t.Fatalf("error %v", err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Setenv("TMPDIR", openDir(t))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Options{}); err == nil {
		t.Fatal("a server started within 20 ms")
	}
	if left, _ := filepath.Glob(os.Getenv("TMPDIR") + "/*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// openDir returns a folder in which servers can have theirs.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestALostPortIsReplaced(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) {
		lost, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer lost.Close()
		asked := 0
		port := func() (int, error) {
			asked++
			if asked == 1 {
				return lost.Addr().(*net.TCPAddr).Port, nil
			}
			return freePort()
		}
		own, err := start(t.Context(), Installation{s.Version, s.bin}, nil, port)
		if err != nil {
			t.Fatal(err)
		}
		defer own.Stop()
		if asked != 2 {
			t.Errorf("asked for %d ports, want 2", asked)
		}
		if got := own.Psql(t, "postgres", "show port"); got != fmt.Sprint(own.Port) {
			t.Errorf("the server is on port %s, Port is %d", got, own.Port)
		}
	})
}

func TestALastPortIsAnError(t *testing.T) {
	lost, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lost.Close()
	inst, err := installation(0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = start(t.Context(), inst, nil, func() (int, error) { return lost.Addr().(*net.TCPAddr).Port, nil })
	if !errors.Is(err, errPortTaken) {
		t.Errorf("error %v, want %v", err, errPortTaken)
	}
}

// The socket's path has room for 107 bytes only.
func TestALongTempFolderIsNotUsed(t *testing.T) {
	long := filepath.Join(openDir(t), strings.Repeat("x", 120))
	if err := os.Mkdir(long, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	s := StartFor(t, Options{})
	config, err := pgconn.ParseConfig(s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	config.Host = s.Dir
	conn, err := pgconn.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("by the Unix socket: %v", err)
	}
	conn.Close(t.Context())
}

// A test may stop a server under its own database.
func TestStopBeforeTheDatabaseIsDropped(t *testing.T) {
	s := StartFor(t, Options{})
	s.NewDatabase(t, "orphan")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

const victimVariable = "PGTEST_VICTIM"

// victim is this test binary run again, to be killed: it starts a server, or
// is still about to, and waits.
func victim() {
	go func() { // it does not outlive the test either
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	fmt.Println(os.Getpid())
	if os.Getenv(victimVariable) == "early" {
		go Start(context.Background(), Options{})
		time.Sleep(time.Minute)
	}
	s, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	conn, err := pgconn.Connect(context.Background(), s.URL("postgres"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.PID)
	fmt.Println(s.Dir)
	conn.Exec(context.Background(), "select pg_sleep(60)").ReadAll()
	os.Exit(1)
}

func runVictim(t *testing.T, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the victim did not start")
	}
	return cmd, lines
}

func TestAKilledBinaryLeavesNoServer(t *testing.T) {
	Each(t, func(t *testing.T, s *Server) { killLateVictim(t, s.Version, syscall.SIGKILL) })
}

func TestAnInterruptedBinaryLeavesNoServer(t *testing.T) {
	killLateVictim(t, Shared(t, 0).Version, syscall.SIGINT)
}

func killLateVictim(t *testing.T, version int, signal syscall.Signal) {
	t.Helper()
	cmd, lines := runVictim(t, victimVariable+"=late", fmt.Sprintf("SOWER_TEST_POSTGRES=%d", version))
	lines.Scan()
	var pid int
	if _, err := fmt.Sscan(lines.Text(), &pid); err != nil {
		t.Fatalf("the victim says %q", lines.Text())
	}
	lines.Scan()
	dir := lines.Text()
	if !alive(pid) {
		t.Fatal("the server does not run")
	}
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	wantGone(t, pid, dir)
}

// The worst moments are those in which the server is not yet there.
func TestABinaryKilledDuringTheStartLeavesNothing(t *testing.T) {
	for _, delay := range []time.Duration{0, 5, 50, 150, 300, 600} {
		delay *= time.Millisecond
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			dir := openDir(t)
			cmd, _ := runVictim(t, victimVariable+"=early", "TMPDIR="+dir)
			time.Sleep(delay)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			deadline := time.Now().Add(15 * time.Second)
			for {
				// Every process of the server names its folder.
				left, _ := filepath.Glob(dir + "/*")
				running := processesNaming(dir)
				if len(left) == 0 && len(running) == 0 {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("left: %v, processes %q", left, running)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
}

// processesNaming returns the command lines with the word in them.
func processesNaming(word string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), word) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}
