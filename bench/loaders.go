package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink/discard"
)

// runLoaders lets 1, 2, 4 and 8 processes fill one database by its phases, beside one process without phases. All of
// them, and the server, share this machine: what further machines would add, it cannot show; what sharing costs, it can.
func runLoaders(ctx context.Context, b *bench, r *Result) error {
	s, err := b.builtIn()
	if err != nil {
		return err
	}
	d, err := b.newDatabase(ctx, r.Case, s)
	if err != nil {
		return err
	}
	for _, n := range []int{1, 2, 4, 8} {
		kept, _, err := b.pairs(func() (usage, error) { return d.byPhases(ctx, n) }, func() (usage, error) { return d.generate(ctx) })
		if err != nil {
			return err
		}
		r.row(fmt.Sprintf("loaders: %d", n)).compared(kept, "generate", s.rows)
	}
	r.note("loaders, of two workers each, and the server share %d processors; the time is that of prepare, load and finish together", runtime.NumCPU())
	return d.drop(ctx)
}

// byPhases empties the tables and lets loaders fill them.
func (d *database) byPhases(ctx context.Context, loaders int) (all usage, err error) {
	if err := d.empty(ctx); err != nil {
		return usage{}, err
	}
	step := func(name string, args ...[]string) error {
		var cmds []*exec.Cmd
		for _, a := range args {
			cmd, err := d.sower(ctx, a...)
			if err != nil {
				return err
			}
			cmds = append(cmds, cmd)
		}
		u, err := d.timedAll([][]*exec.Cmd{cmds})
		all.wall, all.user, all.system, all.server = all.wall+u.wall, all.user+u.user, all.system+u.system, all.server+u.server
		all.others, all.peak = max(all.others, u.others), max(all.peak, u.peak)
		all.phases = append(all.phases, phase{name, u.wall.Seconds()})
		return err
	}
	to := []string{"--database-url", d.url, "--progress", "none"}
	if err := step("prepare", d.scenario.command("generate", append(to, "--phase", "prepare")...)); err != nil {
		return all, err
	}
	var loads [][]string
	for i := range loaders {
		loads = append(loads, append([]string{"generate", "--phase", "load", "--shard", fmt.Sprintf("%d/%d", i+1, loaders), "--max-workers", "2"}, to...))
	}
	if err := step("load", loads...); err != nil {
		return all, err
	}
	if err := step("finish", append([]string{"generate", "--phase", "finish"}, to...)); err != nil {
		return all, err
	}
	return all, d.count(ctx)
}

// runShards divides ten billion rows among a thousand processes: what each begins with, and how even the parts are.
func runShards(ctx context.Context, b *bench, r *Result) error {
	const shards = 1000
	began := time.Now()
	s, err := b.ofTable("random-keys", 909_090_909)
	if err != nil {
		return err
	}
	row := r.row(r.Case)
	row.add("M rows", float64(s.rows)/1e6)
	row.add("s until it is planned", time.Since(began).Seconds())
	least, most := s.rows, int64(0)
	for i := range shards {
		var own int64
		for _, t := range s.plan.Tables {
			_, n := run.Shard{Index: i + 1, Count: shards}.Rows(t.Rows)
			own += n
		}
		least, most = min(least, own), max(most, own)
	}
	row.add("rows of the smallest shard", float64(least))
	row.add("rows of the largest shard", float64(most))
	var took []float64
	for i := 1; i <= shards; i += shards / 9 {
		var sink discard.Sink
		began := time.Now()
		if _, err := run.Export(ctx, s.plan, &sink, run.Options{Shard: run.Shard{Index: i, Count: shards}}); err != nil {
			return err
		}
		took = append(took, time.Since(began).Seconds())
	}
	row.add("s to make a shard", took...)
	dir := filepath.Join(b.dir, "shard")
	u, err := b.timedSower(ctx, s.command("export", "--shard", fmt.Sprintf("%d/%d", shards/2, shards), "--dir", dir, "--format", "csv", "--progress", "none")...)
	if err != nil {
		return err
	}
	row.add("s to write a shard as CSV", u.wall.Seconds())
	row.add("peak MB of its process", float64(u.peak)/1e6).atMost(peakMB)
	r.note("of %d shards, every %d. was made; they use both processors", shards, shards/9)
	return os.RemoveAll(dir)
}

// runLedger loads the same rows in ever more batches, up to a million: what a batch's transaction, with its row in the
// ledger, costs, and what a run costs that finds all of them there.
func runLedger(ctx context.Context, b *bench, r *Result) error {
	s, err := b.ofTable("bare", 1_000_000)
	if err != nil {
		return err
	}
	d, err := b.newDatabase(ctx, r.Case, s)
	if err != nil {
		return err
	}
	for _, size := range []int64{10_000, 100, 10, 1} {
		if err := d.empty(ctx); err != nil {
			return err
		}
		rows := []string{"--batch-size", strconv.FormatInt(size, 10)}
		first, err := b.generate(ctx, s, d.url, rows...)
		if err != nil {
			return err
		}
		again, err := b.generate(ctx, s, d.url, rows...)
		if err != nil {
			return err
		}
		bytes, err := d.server.RunPsql(ctx, d.name, "select pg_total_relation_size('sower.ledger')")
		if err != nil {
			return err
		}
		held, err := strconv.ParseFloat(bytes, 64)
		if err != nil {
			return err
		}
		batches := float64((s.rows + size - 1) / size)
		row := r.row(fmt.Sprintf("rows a batch: %d", size))
		row.add("batches", batches)
		row.add("s", first.wall.Seconds())
		row.add("µs/batch", first.wall.Seconds()/batches*1e6)
		row.add("ledger MB", held/1e6)
		row.add("s of a second run", again.wall.Seconds())
		row.add("peak MB", float64(max(first.peak, again.peak))/1e6).atMost(peakMB)
		if err := d.count(ctx); err != nil {
			return err
		}
	}
	r.note("each once")
	return d.drop(ctx)
}
