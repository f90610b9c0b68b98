package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// runFiles writes the scenario's rows in every format that needs no database.
func runFiles(ctx context.Context, b *bench, r *Result) error {
	s, err := atSize(times(1))
	if err != nil {
		return err
	}
	for _, f := range [][]string{{"csv"}, {"csv", "gzip"}, {"csv", "zstd"}, {"jsonl"}, {"copy-text"}, {"sql"}, {"parquet"}, {"parquet", "none"}} {
		name, args := f[0], []string{"--format", f[0]}
		if len(f) > 1 {
			name, args = name+" "+f[1], append(args, "--compress", f[1])
		}
		row := r.row(name)
		var seconds, cpu, peak []float64
		var size int64
		for range b.options.runs {
			dir := filepath.Join(b.dir, "files")
			u, err := b.timedSower(ctx, s.command("export", append(args, "--dir", dir, "--progress", "none")...)...)
			if err != nil {
				return err
			}
			if size, err = sizeOf(dir); err != nil {
				return err
			}
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			seconds, cpu, peak = append(seconds, u.wall.Seconds()), append(cpu, (u.user+u.system).Seconds()), append(peak, float64(u.peak)/1e6)
		}
		row.add("s", seconds...)
		row.add("CPU s", cpu...)
		row.add("rows/s", float64(s.rows)/median(seconds))
		row.add("MB", float64(size)/1e6)
		row.add("MB/s", float64(size)/1e6/median(seconds))
		row.add("peak MB", peak...).atMost(200)
	}
	r.note("from the start of the program to its exit: rows made, encoded, written, synced; %d rows", s.rows)
	return nil
}

// sizeOf is the size of a folder's files.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return fmt.Errorf("size of the files: %w", err)
		}
		size += info.Size()
		return nil
	})
	return size, err
}
