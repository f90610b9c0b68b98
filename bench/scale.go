package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// runScale lets the rows grow by a hundred, from a tenth of the default, and looks at time and memory: a row's cost
// ought to stay as it is, and memory too.
func runScale(ctx context.Context, b *bench, r *Result) error {
	kinds := []struct {
		name  string
		large float64 // up to this size without -full
		run   func(ctx context.Context, b *bench, s *scenario) (usage, error)
	}{
		{"digest", 10, digestAtSize},
		{"export csv", 10, exportAtSize},
		{"generate sqlite", 1, fileAtSize},
		{"generate postgres", 1, databaseAtSize},
	}
	for _, k := range kinds {
		for _, n := range []float64{0.1, 1, 10} {
			if n > k.large && !b.options.full || n > 1 && b.options.quick {
				continue
			}
			s, err := atSize(func(rows int64) int64 { return int64(n * float64(rows)) })
			if err != nil {
				return err
			}
			u, err := k.run(ctx, b, s)
			if err != nil {
				return fmt.Errorf("%s at %gx: %w", k.name, n, err)
			}
			row := r.row(fmt.Sprintf("%s %gx", k.name, n))
			millions := float64(s.rows) / 1e6
			row.add("M rows", millions)
			row.add("s", u.wall.Seconds())
			row.add("s/M rows", u.wall.Seconds()/millions)
			row.add("CPU s/M rows", (u.user+u.system).Seconds()/millions)
			row.add("other programs, % of all CPU", 100*u.others)
			row.add("peak MB", float64(u.peak)/1e6).atMost(peakMB)
		}
	}
	r.note("each once; the CPU is that of sower alone")
	if !b.options.full {
		r.note("generate at ten times the default: -full")
	}
	return nil
}

func digestAtSize(ctx context.Context, b *bench, s *scenario) (usage, error) {
	return b.timedSower(ctx, s.command("digest")...)
}

func exportAtSize(ctx context.Context, b *bench, s *scenario) (u usage, err error) {
	dir := filepath.Join(b.dir, "export")
	u, err = b.timedSower(ctx, s.command("export", "--format", "csv", "--dir", dir, "--progress", "none")...)
	if err != nil {
		return u, err
	}
	return u, os.RemoveAll(dir)
}

func fileAtSize(ctx context.Context, b *bench, s *scenario) (usage, error) {
	f, err := b.newFile(ctx, "scale", s)
	if err != nil {
		return usage{}, err
	}
	u, err := f.generate(ctx)
	if err != nil {
		return usage{}, err
	}
	return u, f.remove()
}

func databaseAtSize(ctx context.Context, b *bench, s *scenario) (usage, error) {
	d, err := b.newDatabase(ctx, "scale", s)
	if err != nil {
		return usage{}, err
	}
	u, err := d.generate(ctx)
	if err != nil {
		return usage{}, err
	}
	return u, d.drop(ctx)
}
