package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sowerdata/sower/internal/pgtest"
)

// bench is what the cases share: the program under test, a folder, a server.
type bench struct {
	options  *options
	dir      string // temporary
	versions map[string]string
	program  string         // path of sower, once built
	server   *pgtest.Server // once started
}

func newBench(o *options) (*bench, error) {
	dir, err := os.MkdirTemp("", "sower-bench-")
	if err != nil {
		return nil, err
	}
	return &bench{options: o, dir: dir, versions: map[string]string{"go": runtime.Version()}}, nil
}

func (b *bench) close() error {
	var err error
	if b.server != nil {
		err = b.server.Stop()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// folder makes a folder of its own for a case.
func (b *bench) folder(name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	return dir, os.MkdirAll(dir, 0o777)
}

// sower gives a command that runs the program under test, built from the sources at hand as a release is.
// It sees nothing of the caller's settings.
func (b *bench) sower(ctx context.Context, args ...string) (*exec.Cmd, error) {
	if b.program == "" {
		path := filepath.Join(b.dir, "sower")
		if runtime.GOOS == "windows" {
			path += ".exe"
		}
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=auto", "-o", path, "github.com/sowerdata/sower/cmd/sower")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build sower: %w\n%s", err, out)
		}
		b.program = path
	}
	cmd := exec.CommandContext(ctx, b.program, args...)
	cmd.Dir = b.dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SOWER_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	return cmd, nil
}

// sowerVersion is the program's own word, which names the commit.
func (b *bench) sowerVersion(ctx context.Context) (string, error) {
	cmd, err := b.sower(ctx, "version")
	if err != nil {
		return "", err
	}
	out, err := cmd.Output()
	first, _, _ := strings.Cut(string(out), "\n")
	return first, err
}

// usage is what a run of a program took.
type usage struct {
	wall, user, system time.Duration
	server             time.Duration // CPU of the database server's sessions meanwhile
	others             float64       // share of the machine's CPU that other programs took meanwhile
	peak               int64         // bytes of memory
	phases             []phase       // of sower generate
}

// phase is a part of a run, as sower reports it.
type phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// timed runs a command and measures it from its start to its end.
func (b *bench) timed(cmd *exec.Cmd) (usage, error) { return b.timedAll([][]*exec.Cmd{{cmd}}) }

// timedAll runs commands in stages, those of a stage side by side, and measures all of it.
func (b *bench) timedAll(stages [][]*exec.Cmd) (usage, error) {
	shrink()
	server, all := b.serverCPU(), machineCPU()
	began := time.Now()
	for _, stage := range stages {
		errs := make([]error, len(stage))
		var wg sync.WaitGroup
		for i, cmd := range stage {
			wg.Go(func() {
				var out bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Run(); err != nil {
					errs[i] = fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, bytes.TrimSpace(out.Bytes()))
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return usage{}, err
		}
	}
	u := usage{wall: time.Since(began)}
	all = machineCPU() - all
	if b.server != nil {
		time.Sleep(100 * time.Millisecond) // until the sessions have ended
		u.server = b.serverCPU() - server
	}
	for _, stage := range stages {
		for _, cmd := range stage {
			p := cmd.ProcessState
			u.user, u.system, u.peak = u.user+p.UserTime(), u.system+p.SystemTime(), max(u.peak, peakMemory(p))
		}
	}
	cores := time.Duration(runtime.NumCPU())
	u.others = max(0, float64(all-u.user-u.system-u.server)/float64(u.wall*cores))
	return u, nil
}

func (b *bench) serverCPU() time.Duration {
	if b.server == nil {
		return 0
	}
	return treeCPU(b.server.PID)
}

// timedSower runs sower and measures it.
func (b *bench) timedSower(ctx context.Context, args ...string) (usage, error) {
	cmd, err := b.sower(ctx, args...)
	if err != nil {
		return usage{}, err
	}
	return b.timed(cmd)
}

// generate lets sower fill a database with a scenario, and measures it.
func (b *bench) generate(ctx context.Context, s *scenario, url string, more ...string) (usage, error) {
	path := filepath.Join(b.dir, "report.json")
	more = append(more, "--database-url", url, "--progress", "none", "--report-file", path)
	u, err := b.timedSower(ctx, s.command("generate", more...)...)
	if err != nil {
		return usage{}, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return usage{}, err
	}
	var report struct {
		Phases []phase `json:"phases"`
	}
	err = json.Unmarshal(data, &report)
	u.phases = report.Phases
	return u, err
}
