package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
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

// usage is what a process took.
type usage struct {
	wall, user, system time.Duration
	peak               int64 // bytes of memory
}

// timed runs a command and measures it from its start to its end.
func timed(cmd *exec.Cmd) (usage, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	shrink()
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, bytes.TrimSpace(out.Bytes()))
	}
	p := cmd.ProcessState
	return usage{wall: wall, user: p.UserTime(), system: p.SystemTime(), peak: peakMemory(p)}, nil
}

// timedSower runs sower and measures it.
func (b *bench) timedSower(ctx context.Context, args ...string) (usage, error) {
	cmd, err := b.sower(ctx, args...)
	if err != nil {
		return usage{}, err
	}
	return timed(cmd)
}

// pairs runs two things in turn, the other one first every time, so that what disturbs the machine
// disturbs both.
func pairs(n int, one, two func() (usage, error)) (ones, twos []usage, err error) {
	each := func(f func() (usage, error), to *[]usage) {
		if err != nil {
			return
		}
		var u usage
		if u, err = f(); err == nil {
			*to = append(*to, u)
		}
	}
	for i := range n {
		if i%2 == 0 {
			each(one, &ones)
			each(two, &twos)
		} else {
			each(two, &twos)
			each(one, &ones)
		}
	}
	return ones, twos, err
}

// compared adds the figures of pairs of runs of sower and of another program that loads the same rows.
func (r *Row) compared(ours, theirs []usage, other string, rows int64) (ratio *Figure) {
	var us, them, ratios, user, system, rate, peak []float64
	for i, u := range ours {
		us, them = append(us, u.wall.Seconds()), append(them, theirs[i].wall.Seconds())
		ratios = append(ratios, us[i]/them[i])
		user, system = append(user, u.user.Seconds()), append(system, u.system.Seconds())
		rate = append(rate, float64(rows)/us[i])
		peak = append(peak, float64(u.peak)/1e6)
	}
	ratio = r.add("sower / "+other, ratios...)
	r.add("sower s", us...)
	r.add(other+" s", them...)
	r.add("rows", float64(rows))
	r.add("rows/s", rate...)
	r.add("sower user CPU s", user...)
	r.add("sower system CPU s", system...)
	r.add("sower user CPU, % of its time", 100*median(user)/median(us))
	r.add("sower peak MB", peak...).atMost(200)
	return ratio
}
